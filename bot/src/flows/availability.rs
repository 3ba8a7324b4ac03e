//! «What was my availability in October?»: a month's services with their availability and discount, the sheet of each with every interval,
//! formula and rule, and the incidents that go on.

use crm::clock::Moment;
use crm::credits::{Judged, of_service, replay, words};
use crm::domain::credit::{Sheet, judge};
use crm::domain::downtime::Month;
use crm::domain::ids::{CustomerId, ServiceId};
use crm::domain::incident::{Incident, IncidentState};
use crm::domain::lang::Lang;
use crm::policy::PolicyBook;
use crm::store::{CreditState, StoreError, Tx};
use crm::t;
use crm::text::{ZONE, when};

use super::talk::Talk;
use super::tap::{Place, Tap};
use crate::context::Result;
use crate::say::{Button, Say, escape};
use crate::view;

/// Intervals on one page of a sheet.
const ROWS: usize = 20;
/// Services on the page of a month.
const SERVICES: usize = 20;

/// How final a month's figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Preliminary,
    Computed,
    Frozen(CreditState),
}

/// A service's figures of a month: the frozen ones where there are any, else what is confirmed by now. `None` where they cannot be
/// computed; nothing at all if the service did not exist.
async fn figures(
    tx: &mut Tx,
    policies: &PolicyBook,
    (service, month): (&ServiceId, Month),
    now: Moment,
) -> Result<Option<(Option<Sheet>, Standing)>, StoreError> {
    if let Some(record) = tx.credit_revisions(service, month).await?.pop() {
        return Ok(Some((replay(&record, policies).ok(), Standing::Frozen(record.state))));
    }
    let over = month.span(ZONE).to() <= now.timestamp_millis();
    let standing = if over { Standing::Computed } else { Standing::Preliminary };
    match of_service(tx, policies, service, month).await {
        Ok(Some(Judged { sheet, .. })) => Ok(Some((sheet.ok(), standing))),
        Ok(None) => Ok(None),
        Err(crm::credits::CreditsError::Store(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// What goes on at this customer's.
fn going_on(incident: &Incident, own: &[ServiceId], lang: Lang, now: Moment) -> String {
    let services = incident.services.iter().filter(|s| own.contains(s)).map(|s| escape(s.as_str()));
    let services = services.collect::<Vec<_>>().join(", ");
    let number = incident.number.to_string();
    match (incident.state, incident.ended_at) {
        (IncidentState::Restored, Some(ended)) => {
            t!(
                lang,
                "availability-restored",
                number = number,
                services = services,
                since = when(ended, now, lang)
            )
        }
        _ => {
            let since = when(incident.started_at, now, lang);
            t!(lang, "availability-incident", number = number, services = services, since = since)
        }
    }
}

/// A month's services of the customer for whom this person speaks; the month before this one unless one is named.
pub async fn month(talk: &mut Talk, month: Option<Month>, place: Place) -> Result<()> {
    let Some(customer) = talk.ctx.person.contact.as_ref().map(|c| c.customer.clone()) else {
        return super::menu::show(talk, place).await;
    };
    let unsent = talk.leave();
    let lang = talk.ctx.lang;
    let this = Month::of(talk.ctx.now, ZONE);
    let month = month.filter(|m| *m <= this).unwrap_or_else(|| this.before());
    let (html, services) = page(talk, &customer, month).await?;
    let mut say = Say::html(view::noted(unsent, html));
    for id in services {
        let label = t!(lang, "button-sheet", service = id.as_str());
        say = say.row([Button::tap(label, Tap::Sheet(id, month, 0))]);
    }
    let turn = |key: &str, to: Month| {
        Button::tap(t!(lang, key, month = words::month(to, lang)), Tap::Availability(Some(to)))
    };
    let mut turns = vec![turn("button-month-before", month.before())];
    if month < this {
        turns.push(turn("button-month-after", month.next()));
    }
    let say = say.row(turns).row([Button::tap(t!(lang, "button-menu"), Tap::Menu(Place::Here))]);
    talk.show(place, &say).await;
    Ok(())
}

async fn page(talk: &Talk, customer: &CustomerId, month: Month) -> Result<(String, Vec<ServiceId>)> {
    let (lang, now) = (talk.ctx.lang, talk.ctx.now);
    let policies = talk.ctx.service.policies();
    let mut html = t!(lang, "availability-title", month = words::month(month, lang));
    let mut work = talk.ctx.work().await;
    let own: Vec<ServiceId> =
        work.tx.services_of_customer(customer).await?.into_iter().map(|s| s.id).collect();
    for incident in work.tx.incidents_of_customer(customer).await? {
        html.push_str("\n\n");
        html.push_str(&going_on(&incident, &own, lang, now));
    }
    let (mut shown, mut standings) = (Vec::new(), Vec::new());
    for id in own.into_iter().take(SERVICES) {
        let Some((sheet, standing)) = figures(&mut work.tx, policies, (&id, month), now).await? else {
            continue;
        };
        html.push_str("\n\n");
        html.push_str(&line(&id, sheet.as_ref(), standing, lang));
        standings.push(standing);
        if sheet.is_some() {
            shown.push(id);
        }
    }
    drop(work);
    let foot = if standings.is_empty() {
        "availability-none"
    } else if standings.contains(&Standing::Preliminary) {
        "availability-preliminary"
    } else if standings.contains(&Standing::Computed) {
        "availability-computed"
    } else {
        "availability-final"
    };
    html.push_str("\n\n");
    html.push_str(&t!(lang, foot));
    Ok((html, shown))
}

fn line(service: &ServiceId, sheet: Option<&Sheet>, standing: Standing, lang: Lang) -> String {
    let name = escape(service.as_str());
    let Some(sheet) = sheet else { return t!(lang, "availability-unknown", service = name) };
    let percent = words::percent(sheet.percent(), lang);
    let mut line = if sheet.down.is_empty() {
        t!(lang, "availability-line-whole", service = name, percent = percent)
    } else {
        let down = words::length(sheet.downtime_ms(), lang);
        t!(lang, "availability-line", service = name, percent = percent, down = down)
    };
    if !sheet.credit.is_zero() {
        line.push_str(" · ");
        let key = match standing {
            Standing::Frozen(CreditState::Declined) => "availability-credit-declined",
            Standing::Frozen(CreditState::Approved) => "availability-credit",
            _ => "availability-credit-waiting",
        };
        line.push_str(&t!(lang, key, amount = words::amount(sheet.credit, lang)));
    }
    line
}

/// The whole sheet of one service; a name from a button is only a claim.
pub async fn sheet(talk: &mut Talk, service: ServiceId, month: Month, page: u16) -> Result<()> {
    let own = talk.ctx.person.contact.as_ref().map(|c| c.customer.clone());
    let (lang, now) = (talk.ctx.lang, talk.ctx.now);
    let found = {
        let mut work = talk.ctx.work().await;
        let rented = work.tx.service_ever(&service).await?.map(|s| s.service.customer);
        if rented.is_some() && rented == own {
            figures(&mut work.tx, talk.ctx.service.policies(), (&service, month), now).await?
        } else {
            None
        }
    };
    let Some((Some(sheet), standing)) = found else {
        return self::month(talk, Some(month), Place::Below).await;
    };
    let unsent = talk.leave();
    let (html, pages) = worded(&sheet, talk.ctx.service.policies(), standing, usize::from(page), lang);
    let mut say = Say::html(view::noted(unsent, html));
    let turn = |to: usize, key: &str| {
        let tap = Tap::Sheet(sheet.service.clone(), month, u16::try_from(to).unwrap_or(0));
        Button::tap(t!(lang, key), tap)
    };
    let (page, mut turns) = (usize::from(page).min(pages - 1), Vec::new());
    if page > 0 {
        turns.push(turn(page - 1, "button-newer"));
    }
    if page + 1 < pages {
        turns.push(turn(page + 1, "button-older"));
    }
    if !turns.is_empty() {
        say = say.row(turns);
    }
    let say = say
        .row([Button::tap(t!(lang, "button-availability"), Tap::Availability(Some(month)))])
        .row([Button::tap(t!(lang, "button-menu"), Tap::Menu(Place::Here))]);
    talk.show(Place::Here, &say).await;
    Ok(())
}

/// The sheet in words, one page of its intervals; and how many pages there are.
fn worded(
    sheet: &Sheet,
    policies: &PolicyBook,
    standing: Standing,
    page: usize,
    lang: Lang,
) -> (String, usize) {
    let title = t!(
        lang,
        "sheet-title",
        service = escape(sheet.service.as_str()),
        month = words::month(sheet.month, lang)
    );
    let pages = sheet.rows.len().div_ceil(ROWS).max(1);
    let page = page.min(pages - 1);
    let mut rows = Vec::new();
    for row in sheet.rows.iter().skip(page * ROWS).take(ROWS) {
        let text = t!(
            lang,
            "sheet-row",
            when = words::stretch(row.span, lang),
            length = words::length(row.span.ms(), lang),
            cause = words::cause(row.cause, lang),
            effect = words::effect(row, lang)
        );
        rows.push(format!("• {text}"));
    }
    let left = sheet.rows.len().saturating_sub((page + 1) * ROWS);
    if left > 0 {
        rows.push(t!(lang, "sheet-more", n = left));
    }
    let happened = if rows.is_empty() {
        t!(lang, "sheet-no-intervals")
    } else {
        format!("{}\n{}", t!(lang, "sheet-intervals"), rows.join("\n"))
    };
    let promised = policies.pinned(&sheet.policy).map_or_else(Default::default, |p| p.availability.promised);
    let figures = [
        t!(lang, "sheet-downtime", length = words::length(sheet.downtime_ms(), lang)),
        t!(lang, "sheet-formula", formula = words::formula(sheet, lang)),
        words::tier(sheet, promised, lang),
    ];
    let mut parts = vec![title, happened, figures.join("\n"), money(sheet, standing, lang)];
    parts.push(match standing {
        Standing::Preliminary => t!(lang, "availability-preliminary"),
        Standing::Computed => t!(lang, "availability-computed"),
        Standing::Frozen(_) => t!(lang, "availability-final"),
    });
    parts.push(words::sources(sheet, lang));
    (parts.join("\n\n"), pages)
}

fn money(sheet: &Sheet, standing: Standing, lang: Lang) -> String {
    if sheet.credit.is_zero() {
        return t!(lang, "sheet-none");
    }
    let mut lines = vec![t!(lang, "sheet-base", base = words::amount(sheet.base, lang))];
    lines.extend(sheet.lines.iter().map(|line| words::line(line, lang)));
    if sheet.capped {
        lines.push(t!(lang, "sheet-capped"));
    }
    lines.push(t!(lang, "sheet-credit", amount = words::amount(sheet.credit, lang)));
    match standing {
        Standing::Frozen(CreditState::Waiting) => lines.push(t!(lang, "sheet-waiting")),
        Standing::Frozen(CreditState::Approved) => lines.push(t!(lang, "sheet-approved")),
        Standing::Frozen(CreditState::Declined) => lines.push(t!(lang, "sheet-declined")),
        _ => {}
    }
    if !matches!(standing, Standing::Frozen(CreditState::Declined)) {
        lines.push(t!(lang, "sheet-discount-only", month = words::month(sheet.month, lang)));
    }
    lines.join("\n")
}

/// What a customer is told when a credit is approved: the sheet as it was frozen.
pub(crate) async fn approved(
    tx: &mut Tx,
    policies: &PolicyBook,
    (service, month, revision): (&ServiceId, Month, i64),
    lang: Lang,
) -> Result<Option<Say>, StoreError> {
    let records = tx.credit_revisions(service, month).await?;
    let record = records.into_iter().find(|r| r.revision == revision && r.state == CreditState::Approved);
    let Some(record) = record else { return Ok(None) };
    let sheet = policies.pinned(&record.policy).and_then(|policy| judge(&record.inputs, policy).ok());
    let Some(sheet) = sheet else { return Ok(None) };
    let amount = words::amount(sheet.credit, lang);
    let head = t!(lang, "credit-approved", month = words::month(month, lang), amount = amount);
    let (html, pages) = worded(&sheet, policies, Standing::Frozen(record.state), 0, lang);
    let mut say = Say::html(format!("{head}\n\n{html}"));
    if pages > 1 {
        let more = Tap::Sheet(service.clone(), month, 1);
        say = say.row([Button::tap(t!(lang, "button-older"), more)]);
    }
    Ok(Some(say.row([view::menu_button(lang)])))
}

/// The month that somebody asks for in words, if it is his availability that he asks for: `What was my availability in October?`. A report
/// of a fault has no question mark and names no month.
pub fn asked(text: &str, lang: Lang, now: Moment) -> Option<Option<Month>> {
    if text.chars().count() > 120 {
        return None;
    }
    let text = text.to_lowercase();
    let beginnings = t!(lang, "typed-availability");
    let word = |beginning: &str| {
        text.match_indices(beginning.trim()).any(|(at, _)| !text[..at].ends_with(char::is_alphabetic))
    };
    if !beginnings.split(',').any(word) {
        return None;
    }
    let this = Month::of(now, ZONE);
    let named = std::iter::successors(Some(this), |m| Some(m.before())).take(12).find(|month| {
        let name = t!(lang, &format!("month-name-{}", month.month())).to_lowercase();
        // Endings hang on names: «в октябре», «қазанда».
        let stem: String = name.chars().take(name.chars().count().saturating_sub(1).max(3)).collect();
        word(&stem)
    });
    match named {
        Some(month) => Some(Some(month)),
        None => text.contains('?').then_some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_ask_for_their_availability_in_words() {
        let now: Moment = "2026-11-23T05:00:00Z".parse().expect("a moment");
        let month = |text: &str| text.parse::<Month>().ok();
        for (lang, text, expected) in [
            (Lang::En, "What was my availability in October?", Some(month("2026-10"))),
            (Lang::Ru, "Какая у меня была доступность в октябре?", Some(month("2026-10"))),
            (Lang::Kk, "Қазан айында қолжетімділік қандай болды?", Some(month("2026-10"))),
            (Lang::Ru, "доступность за май", Some(month("2026-05"))),
            (Lang::En, "uptime?", Some(None)),
            (Lang::Ru, "Сервер недоступен", None),
            (Lang::Ru, "пропала доступность сайта", None),
            (Lang::En, "What was my bill in October?", None),
        ] {
            assert_eq!(asked(text, lang, now), expected, "{text}");
        }
    }
}
