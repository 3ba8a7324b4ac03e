//! The report as one picture for a telephone: how the promises were kept, kind by kind and day by day. SVG, which the bot makes a photo of.

use chrono::Datelike;

use super::chart::{Words, cut, escape, frame};
use super::{Figures, SlaReport};
use crate::domain::lang::Lang;
use crate::t;
use crate::text::{decimal, span};

/// Most kinds that are shown; those with the most tickets.
const KINDS: usize = 12;
/// Most days that are shown as columns.
pub const DAYS: i64 = 31;

const WIDE: i64 = 720;
const MARGIN: i64 = 32;
const PAPER: &str = "#ffffff";
const INK: &str = "#18222d";
const FAINT: &str = "#5b6875";
const GROUND: &str = "#eef2f6";
/// What was kept, and what was not: told apart without colour too, by place and by the numbers beside them.
const GOOD: &str = "#2f7fb8";
const BAD: &str = "#b3402f";

/// A picture that grows downwards.
struct Sheet {
    body: String,
    y: i64,
}

/// How words look.
#[derive(Clone, Copy)]
struct Type {
    size: i64,
    bold: bool,
    colour: &'static str,
    anchor: &'static str,
}

const PLAIN: Type = Type { size: 20, bold: false, colour: INK, anchor: "start" };
const SMALL: Type = Type { size: 17, bold: false, colour: FAINT, anchor: "start" };
const HEAD: Type = Type { size: 22, bold: true, colour: INK, anchor: "start" };

impl Type {
    const fn at(self, anchor: &'static str) -> Self {
        Self { anchor, ..self }
    }

    /// Smaller where the words need more than `width`: a letter is about 0.62 of its size wide.
    fn within(self, words: &str, width: i64) -> Self {
        let letters = i64::try_from(words.chars().count()).unwrap_or(i64::MAX).max(1);
        Self { size: (width * 100 / letters.saturating_mul(62)).clamp(12, self.size), ..self }
    }
}

impl Sheet {
    fn text(&mut self, x: i64, y: i64, kind: Type, words: &str) {
        let Type { size, bold, colour, anchor } = kind;
        let weight = if bold { " font-weight=\"bold\"" } else { "" };
        self.body.push_str(&format!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{weight} fill=\"{colour}\" text-anchor=\"{anchor}\">{}</text>",
            escape(words)
        ));
    }

    fn block(&mut self, (x, y): (i64, i64), (width, height): (i64, i64), colour: &str) {
        if width > 0 && height > 0 {
            self.body.push_str(&format!(
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\" fill=\"{colour}\"/>"
            ));
        }
    }
}

/// Per cent with its sign.
pub fn percent(value: Option<&String>, lang: Lang) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{}\u{a0}%", decimal(value, lang)))
}

/// The share of `part` of `whole`, in pixels of `length`.
fn share(part: i64, whole: i64, length: i64) -> i64 {
    part.clamp(0, whole).saturating_mul(length).checked_div(whole).unwrap_or(0)
}

/// One of the chief figures: its name, its value, and the value before.
struct Tile {
    name: String,
    value: String,
    before: String,
}

fn tiles(report: &SlaReport, lang: Lang) -> Vec<Tile> {
    let (now, before) = (&report.total, &report.before);
    let tile = |key: &str, write: &dyn Fn(&Figures) -> String| Tile {
        name: t!(lang, key),
        value: write(now),
        before: write(before),
    };
    vec![
        tile("web-sla-first-reply-kept", &|f| percent(f.first_reply.compliance.as_ref(), lang)),
        tile("web-sla-resolution-kept", &|f| percent(f.resolution.compliance.as_ref(), lang)),
        tile("web-sla-first-reply-broken", &|f| f.first_reply.breached.to_string()),
        tile("web-sla-resolution-broken", &|f| f.resolution.breached.to_string()),
        tile("web-sla-opened", &|f| f.opened.to_string()),
        tile("web-sla-automated", &|f| percent(f.automated_percent.as_ref(), lang)),
    ]
}

/// Draws a report by kind, with the same period by day.
pub fn draw(report: &SlaReport, by_day: &SlaReport, provider: &str, lang: Lang) -> String {
    let mut sheet = Sheet { body: String::new(), y: MARGIN };
    let title = format!("{}: {}", cut(provider, 24), t!(lang, "web-sla"));
    let period = span(report.from, report.to, lang);
    sheet.text(MARGIN, sheet.y + 26, Type { size: 30, bold: true, ..PLAIN }, &title);
    sheet.text(MARGIN, sheet.y + 60, Type { size: 22, ..SMALL }, &period);
    sheet.y += 84;
    sheet.tiles(&tiles(report, lang), lang);
    sheet.kinds(report, lang);
    sheet.days(by_day, lang);
    sheet.text(MARGIN, sheet.y + 14, SMALL, &t!(lang, "report-rule"));
    let height = sheet.y + 14 + MARGIN;
    let body = format!("<rect width=\"{WIDE}\" height=\"{height}\" fill=\"{PAPER}\"/>{}", sheet.body);
    frame(Words { id: "report", title: &title, description: &period }, WIDE, height, &body)
}

impl Sheet {
    /// The chief figures, two in a row.
    fn tiles(&mut self, tiles: &[Tile], lang: Lang) {
        const GAP: i64 = 16;
        const HIGH: i64 = 118;
        let width = (WIDE - 2 * MARGIN - GAP) / 2;
        for pair in tiles.chunks(2) {
            for (column, tile) in (0i64..).zip(pair) {
                let (x, y) = (MARGIN + column * (width + GAP), self.y);
                self.block((x, y), (width, HIGH), GROUND);
                let name = cut(&tile.name, 40);
                self.text(x + 16, y + 32, PLAIN.within(&name, width - 32), &name);
                self.text(x + 16, y + 74, Type { size: 36, bold: true, ..PLAIN }, &tile.value);
                let before = format!("{} {}", t!(lang, "web-sla-before"), tile.before);
                self.text(x + 16, y + 102, SMALL, &before);
            }
            self.y += HIGH + GAP;
        }
        self.y += 8;
    }

    /// The resolution promise, kind by kind: the bar is what was kept, the number beside it how many of how many.
    fn kinds(&mut self, report: &SlaReport, lang: Lang) {
        const ROW: i64 = 40;
        const LEFT: i64 = 330;
        const LONG: i64 = 150;
        let mut kinds: Vec<_> = report.groups.iter().filter(|g| g.figures.opened > 0).collect();
        kinds.sort_by_key(|group| std::cmp::Reverse(group.figures.opened));
        if kinds.is_empty() {
            self.text(MARGIN, self.y + 22, PLAIN, &t!(lang, "web-sla-nothing"));
            self.y += 48;
            return;
        }
        self.text(MARGIN, self.y + 22, HEAD, &t!(lang, "report-by-kind"));
        self.y += 40;
        for group in kinds.into_iter().take(KINDS) {
            let resolution = &group.figures.resolution;
            let decided = resolution.met + resolution.breached;
            let y = self.y;
            let kind = cut(&t!(lang, &format!("kind-{}", group.key)), 36);
            self.text(MARGIN, y + 22, PLAIN.within(&kind, LEFT - MARGIN - 12), &kind);
            // Nothing is decided yet: neither kept nor broken.
            let ground = if decided == 0 { GROUND } else { BAD };
            self.block((LEFT, y + 4), (LONG, 22), ground);
            self.block((LEFT, y + 4), (share(resolution.met, decided, LONG), 22), GOOD);
            let value = percent(resolution.compliance.as_ref(), lang);
            let of = format!("{} / {decided}", resolution.met);
            self.text(LEFT + LONG + 12, y + 22, PLAIN, &value);
            self.text(WIDE - MARGIN, y + 22, SMALL.at("end"), &of);
            self.y += ROW;
        }
        self.y += 20;
    }

    /// What was opened each day, and how many of these were solved late.
    fn days(&mut self, report: &SlaReport, lang: Lang) {
        const HIGH: i64 = 150;
        let first = report.from;
        let count = (report.to - first).num_days() + 1;
        if !(2..=DAYS).contains(&count) {
            return;
        }
        let figures = |day: chrono::NaiveDate| {
            let group = report.groups.iter().find(|g| g.key == day.to_string());
            group.map_or((0, 0), |g| (g.figures.opened, g.figures.resolution.breached))
        };
        let days: Vec<_> = first.iter_days().take(usize::try_from(count).unwrap_or(0)).collect();
        let most = days.iter().map(|day| figures(*day).0).max().unwrap_or(0).max(1);
        self.text(MARGIN, self.y + 22, HEAD, &t!(lang, "report-by-day"));
        self.legend(
            self.y + 54,
            &[(GOOD, t!(lang, "web-sla-opened")), (BAD, t!(lang, "web-sla-resolution-broken"))],
        );
        self.y += 100;
        let step = (WIDE - 2 * MARGIN) / count;
        let roomy = count <= 10;
        let bar = if roomy { 30 } else { (step - 4).max(2) };
        let base = self.y + HIGH;
        for (n, day) in (0i64..).zip(&days) {
            let (opened, late) = figures(*day);
            let middle = MARGIN + n * step + step / 2;
            let (high, low) = (share(opened, most, HIGH), share(late, most, HIGH));
            if roomy {
                // Side by side, each with its number.
                for (x, height, colour, value) in
                    [(middle - bar - 1, high, GOOD, opened), (middle + 1, low, BAD, late)]
                {
                    self.block((x, base - height), (bar, height), colour);
                    if value > 0 {
                        self.text(x + bar / 2, base - height - 8, SMALL.at("middle"), &value.to_string());
                    }
                }
                let name = t!(lang, &format!("web-day-{}", day.weekday().number_from_monday()));
                self.text(middle, base + 24, PLAIN.at("middle"), &name);
                self.text(middle, base + 48, SMALL.at("middle"), &day.format("%d.%m").to_string());
            } else {
                self.block((middle - bar / 2, base - high), (bar, high), GOOD);
                self.block((middle - bar / 2, base - low), (bar, low), BAD);
                if day.day() == 1 || n % 5 == 0 {
                    self.text(middle, base + 24, SMALL.at("middle"), &day.format("%d.%m").to_string());
                }
            }
        }
        self.block((MARGIN, base), (WIDE - 2 * MARGIN, 2), FAINT);
        self.y = base + 80;
    }

    fn legend(&mut self, y: i64, entries: &[(&str, String)]) {
        let mut x = MARGIN;
        for (colour, name) in entries {
            self.block((x, y - 15), (18, 18), colour);
            self.text(x + 26, y, SMALL, name);
            // Wide enough for any of the languages at this size.
            x += 60 + i64::try_from(name.chars().count()).unwrap_or(0) * 11;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::{Cell, GroupBy};
    use crate::reports::{Backlog, Group};

    fn empty(from: &str, to: &str) -> SlaReport {
        let day = |text: &str| text.parse().expect("a date");
        SlaReport {
            from: day(from),
            to: day(to),
            before_from: day(from),
            before_to: day(to),
            at: "2026-11-23T04:00:00Z".parse().expect("a moment"),
            group_by: GroupBy::Kind,
            total: (&Cell::default()).into(),
            before: (&Cell::default()).into(),
            groups: Vec::new(),
            heat: vec![vec![0; 24]; 7],
            backlog: Backlog { now: 0, points: Vec::new(), ages: vec![0; 8] },
            staff: Vec::new(),
            emergencies: Vec::new(),
            breaches: Vec::new(),
        }
    }

    #[test]
    fn whatever_there_is_to_show_it_is_a_sound_picture_within_its_width() {
        let hard = "Қызмет <script>&\"\u{1b}";
        for lang in Lang::ALL {
            for (from, to) in
                [("2026-11-16", "2026-11-22"), ("2026-11-01", "2026-11-30"), ("2026-01-01", "2026-12-31")]
            {
                let mut report = empty(from, to);
                for opened in [0, 1, i64::MAX / 100_000] {
                    let mut cell = Cell { opened, ..Cell::default() };
                    cell.resolution.met = opened / 2;
                    cell.resolution.breached = opened - opened / 2;
                    report.total = (&cell).into();
                    report.groups.push(Group {
                        key: "vm_reboot".to_owned(),
                        figures: (&cell).into(),
                        before: None,
                    });
                    report.groups.push(Group { key: from.to_owned(), figures: (&cell).into(), before: None });
                    let svg = draw(&report, &report, hard, *lang);
                    let document = roxmltree::Document::parse(&svg).unwrap_or_else(|e| panic!("{e}: {svg}"));
                    for block in document.descendants().filter(|n| n.tag_name().name() == "rect") {
                        let number =
                            |name: &str| block.attribute(name).map_or(0, |v| v.parse::<i64>().expect(name));
                        assert!(number("x") >= 0 && number("x") + number("width") <= WIDE, "{block:?}");
                    }
                }
            }
        }
    }
}
