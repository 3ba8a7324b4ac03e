//! The words: Fluent files in `locales/{kk,ru,en}`, compiled in; and times, dates and lengths as people say them.

use std::collections::HashMap;
use std::sync::OnceLock;

use chrono::{Datelike, NaiveDate, TimeDelta, Timelike};
use chrono_tz::Tz;
pub use fluent_bundle::FluentArgs;
use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;
use rust_embed::RustEmbed;

use crate::clock::Moment;
use crate::domain::lang::Lang;

#[derive(RustEmbed)]
#[folder = "../locales"]
struct Locales;

/// The zone in which times are shown: Almaty (UTC+5, RULES.md "reporting period").
pub const ZONE: Tz = chrono_tz::Asia::Almaty;

/// All words of all languages.
pub struct Texts {
    bundles: HashMap<Lang, FluentBundle<FluentResource>>,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Texts")
    }
}

/// One sentence, with arguments: `t!(lang, "ticket-acknowledged", number = "KM-000042", minutes = 10)`.
#[macro_export]
macro_rules! t {
    ($lang:expr, $key:expr $(, $name:ident = $value:expr)* $(,)?) => {{
        #[allow(unused_mut, clippy::allow_attributes, reason = "without arguments nothing is set")]
        let mut args = $crate::text::FluentArgs::new();
        $(args.set(stringify!($name).replace('_', "-"), $value);)*
        $crate::text::Texts::get().say($lang, $key, &args)
    }};
}

impl Texts {
    /// The compiled-in words. A file that does not read is a bug that a test finds; here it is logged and its words are missing.
    pub fn get() -> &'static Self {
        static TEXTS: OnceLock<Texts> = OnceLock::new();
        TEXTS.get_or_init(|| {
            let (texts, problems) = Self::read();
            for problem in problems {
                tracing::error!("{problem}");
            }
            texts
        })
    }

    /// Reads the words; also lists what does not read.
    pub fn read() -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let mut bundles = HashMap::new();
        for lang in Lang::ALL {
            let id = lang.as_str().parse().unwrap_or_default();
            let mut bundle = FluentBundle::new_concurrent(vec![id]);
            // The isolation marks around arguments would be copied with numbers and names.
            bundle.set_use_isolating(false);
            for name in Locales::iter().filter(|n| n.starts_with(lang.as_str()) && n.ends_with(".ftl")) {
                let source = Locales::get(&name)
                    .map(|f| String::from_utf8_lossy(&f.data).into_owned())
                    .unwrap_or_default();
                let resource = FluentResource::try_new(source).unwrap_or_else(|(resource, errors)| {
                    problems.extend(errors.iter().map(|e| format!("locales/{name}: {e}")));
                    resource
                });
                if let Err(errors) = bundle.add_resource(resource) {
                    problems.extend(errors.iter().map(|e| format!("locales/{name}: {e}")));
                }
            }
            bundles.insert(*lang, bundle);
        }
        (Self { bundles }, problems)
    }

    /// The sentence `key` in `lang`. A key that is missing shows as itself.
    pub fn say(&self, lang: Lang, key: &str, args: &FluentArgs<'_>) -> String {
        let Some(bundle) = self.bundles.get(&lang) else { return key.to_owned() };
        let Some(pattern) = bundle.get_message(key).and_then(|m| m.value()) else {
            tracing::error!(%lang, key, "no such text");
            return key.to_owned();
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        for error in errors {
            tracing::error!(%lang, key, %error, "text does not fit its arguments");
        }
        text
    }

    /// Whether there is such a text.
    pub fn has(&self, lang: Lang, key: &str) -> bool {
        self.bundles.get(&lang).is_some_and(|b| b.has_message(key))
    }
}

/// Clock time in Almaty, `14:20`.
pub fn clock_time(moment: Moment) -> String {
    let local = moment.with_timezone(&ZONE);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// The date in Almaty, `22 қараша` / `22 ноября` / `22 November`.
pub fn date(moment: Moment, lang: Lang) -> String {
    let local = moment.with_timezone(&ZONE);
    format!("{} {}", local.day(), t!(lang, &format!("month-{}", local.month())))
}

/// Days as people say them, with the year: `16 November – 22 November 2026`, or one day.
pub fn span(from: NaiveDate, to: NaiveDate, lang: Lang) -> String {
    let day = |date: NaiveDate| format!("{} {}", date.day(), t!(lang, &format!("month-{}", date.month())));
    match (from == to, from.year() == to.year()) {
        (true, _) => format!("{} {}", day(to), to.year()),
        (false, true) => format!("{} – {} {}", day(from), day(to), to.year()),
        (false, false) => format!("{} {} – {} {}", day(from), from.year(), day(to), to.year()),
    }
}

/// A number with decimals, `97.20`, as readers of the language write it.
pub fn decimal(number: &str, lang: Lang) -> String {
    if lang == Lang::En { number.to_owned() } else { number.replace('.', ",") }
}

/// A moment as people say it at `now`: the clock time today, otherwise date and time; of another year, the year too.
pub fn when(moment: Moment, now: Moment, lang: Lang) -> String {
    let (day, today) = (moment.with_timezone(&ZONE).date_naive(), now.with_timezone(&ZONE).date_naive());
    if day == today {
        return clock_time(moment);
    }
    let mut date = date(moment, lang);
    if day.year() != today.year() {
        date = t!(lang, "date-of-year", date = date, year = day.year().to_string());
    }
    format!("{date}, {}", clock_time(moment))
}

/// A length of time as people say it: `7 minutes`, `3 hours 20 minutes`, `2 days`; under a minute, seconds. Rounded down, so that
/// no promise looks longer than it is; the sign is ignored.
pub fn length(length: TimeDelta, lang: Lang) -> String {
    let seconds = length.num_seconds().abs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let part = |key: &str, n: i64| t!(lang, key, n = n);
    match (days, hours, minutes) {
        (0, 0, 0) if seconds == 0 => t!(lang, "length-instant"),
        (0, 0, 0) => part("length-seconds", seconds),
        (0, 0, m) => part("length-minutes", m),
        (0, h, 0) => part("length-hours", h),
        (0, h, m) => format!("{} {}", part("length-hours", h), part("length-minutes", m)),
        (d, 0, _) => part("length-days", d),
        (d, h, _) => format!("{} {}", part("length-days", d), part("length-hours", h)),
    }
}

/// What is left of a length of time, as a sentence says it: `7 minutes left`.
pub fn left(left: TimeDelta, lang: Lang) -> String {
    let minutes = left.num_minutes().max(0);
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => t!(lang, "left-moments"),
        (0, 0, n) => t!(lang, "left-minutes", n = n),
        (0, n, 0) => t!(lang, "left-hours", n = n),
        (0, n, m) => t!(lang, "left-hours-and", n = n, rest = length(TimeDelta::minutes(m), lang)),
        (n, 0, _) => t!(lang, "left-days", n = n),
        (n, h, _) => t!(lang, "left-days-and", n = n, rest = length(TimeDelta::hours(h), lang)),
    }
}

/// A moment to the second in Almaty, as a table of facts has it.
pub fn exactly(moment: &Moment) -> String {
    let local = moment.with_timezone(&ZONE);
    format!(
        "{:02}.{:02}.{} {:02}:{:02}:{:02}",
        local.day(),
        local.month(),
        local.year(),
        local.hour(),
        local.minute(),
        local.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_said_as_shortly_as_it_is_clear() {
        let moment = |text: &str| text.parse::<Moment>().expect("a moment");
        let now = moment("2026-11-23T10:00:00+05:00");
        let said = |text: &str, lang| when(moment(text), now, lang);
        assert_eq!(said("2026-11-23T00:05:00+05:00", Lang::Kk), "00:05");
        assert_eq!(said("2026-11-22T23:55:00+05:00", Lang::Ru), "22 ноября, 23:55");
        assert_eq!(said("2025-11-23T10:00:00+05:00", Lang::Kk), "2025 ж. 23 қараша, 10:00");
        assert_eq!(said("2025-11-23T10:00:00+05:00", Lang::En), "23 November 2025, 10:00");
    }
}
