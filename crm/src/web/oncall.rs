//! `/oncall`: who is on call this week, who is paged now, and the same as a calendar feed.

use std::cmp::Ordering;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, Days, NaiveDate, TimeDelta, TimeZone};
use serde::Deserialize;

use super::Web;
use super::error::Problem;
use super::guard::Me;
use super::page::{Page, html};
use super::posted::{Nothing, Posted};
use super::ticket::staff_names;
use super::words;
use crate::clock::Moment;
use crate::domain::ids::StaffId;
use crate::domain::person::Right;
use crate::domain::rota::{Rota, Shift};
use crate::roster::may_end;
use crate::store::Tx;
use crate::text::{ZONE, clock_time, date};

/// Days that a calendar feed looks ahead.
const AHEAD: TimeDelta = TimeDelta::days(60);

/// A shift in the calendar.
struct Cell {
    name: String,
    span: String,
    now: bool,
    mine: bool,
}

/// Somebody on call out of turn.
struct Turn {
    queue: String,
    name: String,
    span: String,
    /// Where it is taken back, by whom who may.
    end: Option<String>,
}

/// One department's week.
struct Week {
    word: &'static str,
    queue: String,
    /// Whether the one who looks is not on call here, and could be.
    may_take: bool,
    /// Seven days: the date, `past`, `today` or nothing, and who is on call.
    days: Vec<(String, &'static str, Vec<Cell>)>,
    /// Who is called, in order.
    chain: Vec<String>,
}

/// A page that is out.
struct Paged {
    number: String,
    kind: String,
    name: String,
    until: String,
}

#[derive(Template)]
#[template(path = "oncall.html")]
struct OncallPage {
    p: Page,
    days: Vec<(String, bool)>,
    weeks: Vec<Week>,
    paged: Vec<Paged>,
    turns: Vec<Turn>,
    /// Who can be put on call: id and name.
    people: Vec<(String, String)>,
    before: String,
    after: String,
    feed: Option<String>,
}

/// Which week.
#[derive(Debug, Default, Deserialize)]
pub struct Address {
    #[serde(default)]
    week: String,
    #[serde(default)]
    done: String,
}

/// Every department's rota, with whoever covers.
async fn rotas(tx: &mut Tx) -> Result<Vec<Rota>, Problem> {
    let mut rotas = Vec::new();
    for plain in tx.rota_list().await? {
        rotas.extend(tx.rota_of(plain.queue).await?);
    }
    Ok(rotas)
}

fn monday(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))).unwrap_or(day)
}

fn midnight(day: NaiveDate) -> Moment {
    let local = day.and_hms_opt(0, 0, 0).unwrap_or_default();
    ZONE.from_local_datetime(&local).earliest().map_or_else(|| local.and_utc(), |t| t.to_utc())
}

/// The calendar of a week.
pub async fn page(
    State(web): State<Web>,
    me: Me,
    Query(address): Query<Address>,
) -> Result<Response, Problem> {
    show(&web, &me, &address, None).await
}

async fn show(web: &Web, me: &Me, address: &Address, feed: Option<String>) -> Result<Response, Problem> {
    let mut p = Page::mine(web, me);
    if matches!(address.done.as_str(), "turn" | "turn-ended") {
        p.done = Some(p.t(&format!("web-done-{}", address.done)));
    }
    let today = p.now.with_timezone(&ZONE).date_naive();
    let asked = address.week.parse::<NaiveDate>().ok().filter(|d| (2000..2200).contains(&d.year()));
    let monday = monday(asked.unwrap_or(today));
    let day = |n: u64| monday.checked_add_days(Days::new(n)).unwrap_or(monday);
    let mut tx = web.db.read().await?;
    let names = staff_names(&mut tx).await?;
    let name = |id: &StaffId| names.get(id.as_str()).cloned().unwrap_or_else(|| id.to_string());
    let managers: Vec<StaffId> = tx
        .staff_with_role(crate::domain::person::Role::DutyManager)
        .await?
        .into_iter()
        .map(|s| s.id)
        .collect();
    let mut weeks = Vec::new();
    for rota in rotas(&mut tx).await? {
        let cells = |n: u64| {
            let (from, until) = (midnight(day(n)), midnight(day(n + 1)));
            let cell = |s: Shift| Cell {
                now: s.starts <= p.now && p.now < s.until,
                mine: s.staff == me.staff.id,
                name: name(&s.staff),
                span: format!("{}–{}", clock_time(s.starts.max(from)), clock_time(s.until.min(until))),
            };
            let class = match day(n).cmp(&today) {
                Ordering::Less => "past",
                Ordering::Equal => "today",
                Ordering::Greater => "",
            };
            (date(from, p.lang), class, rota.turns(from, until).into_iter().map(cell).collect())
        };
        let first = rota.chain(p.now, &managers).into_iter().next();
        weeks.push(Week {
            word: rota.queue.as_str(),
            may_take: me.may(Right::Handle) && first.as_ref() != Some(&me.staff.id),
            queue: words::queue(&p, rota.queue),
            days: (0..7).map(cells).collect(),
            chain: rota.chain(p.now, &managers).iter().map(&name).collect(),
        });
    }
    let mut paged = Vec::new();
    for ticket in tx.tickets_by_due(None, 500).await? {
        let Some(paging) = ticket.paging.as_ref().filter(|paging| paging.is_live()) else { continue };
        paged.push(Paged {
            number: ticket.number.to_string(),
            kind: words::kind(&p, ticket.kind),
            name: paging.staff.as_ref().map_or_else(|| "…".to_owned(), &name),
            until: paging.until.map_or_else(String::new, |until| p.when(&until)),
        });
    }
    let turns = tx.covers_ahead(p.now).await?;
    let turns = turns.iter().map(|row| Turn {
        queue: words::queue(&p, row.queue),
        name: name(&row.cover.staff),
        span: format!("{} – {}", p.when(&row.cover.starts), p.when(&row.cover.until)),
        end: may_end(&me.staff, row).then(|| format!("/oncall/cover/{}/end", row.pair)),
    });
    let turns = turns.collect();
    let people = if me.may(Right::Roster) { tx.staff_all().await? } else { Vec::new() };
    let people = people.into_iter().filter(|s| s.role.may(Right::Handle)).map(|s| (s.id.0, s.name)).collect();
    let days = (0..7).map(|n| (date(midnight(day(n)), p.lang), day(n) == today)).collect();
    let (before, after) = (monday - Days::new(7), monday + Days::new(7));
    html(&OncallPage {
        days,
        weeks,
        paged,
        turns,
        people,
        before: before.to_string(),
        after: after.to_string(),
        feed,
        p,
    })
}

/// Makes the secret address of one's own calendar feed and shows it, this once.
pub async fn feed(
    State(web): State<Web>,
    me: Me,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Problem> {
    let mut tx = web.db.begin().await?;
    let token = tx.calendar_feed_create(&me.staff.id, web.now()).await?;
    tx.commit().await?;
    let address = format!("{}/oncall/{token}/shifts.ics", web.address.as_str().trim_end_matches('/'));
    show(&web, &me, &Address::default(), Some(address)).await
}

/// A person's shifts of the next two months, for a calendar program. The address is the key.
pub async fn calendar(State(web): State<Web>, Path(token): Path<String>) -> Result<Response, Problem> {
    let mut tx = web.db.read().await?;
    let owner = tx.calendar_feed_owner(&token).await?.ok_or(Problem::NotFound)?;
    let lang = tx.staff_member(&owner).await?.map_or_else(Default::default, |s| s.language);
    let now = web.now();
    let mut text =
        String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Komek//on call//EN\r\nMETHOD:PUBLISH\r\n");
    for rota in rotas(&mut tx).await? {
        let queue = crate::t!(lang, &format!("desk-queue-{}", rota.queue));
        let title = crate::t!(lang, "web-oncall-event", queue = queue);
        let turns = rota.turns(now - TimeDelta::days(7), now + AHEAD);
        for shift in turns.iter().filter(|s| s.staff == owner) {
            text.push_str(&event(rota.queue.as_str(), &title, shift, now));
        }
    }
    text.push_str("END:VCALENDAR\r\n");
    Ok(([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response())
}

fn event(queue: &str, title: &str, shift: &Shift, now: Moment) -> String {
    let stamp = |moment: Moment| moment.format("%Y%m%dT%H%M%SZ").to_string();
    let title = title.replace('\\', "\\\\").replace([',', ';'], " ");
    [
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{queue}-{}@komek", shift.starts.timestamp()),
        format!("DTSTAMP:{}", stamp(now)),
        format!("DTSTART:{}", stamp(shift.starts)),
        format!("DTEND:{}", stamp(shift.until)),
        format!("SUMMARY:{title}"),
        "END:VEVENT".to_owned(),
    ]
    .iter()
    .map(|line| fold(line) + "\r\n")
    .collect::<Vec<_>>()
    .concat()
}

/// Lines of at most 75 bytes, the next beginning with a space (RFC 5545 3.1); letters stay whole.
fn fold(line: &str) -> String {
    let mut folded = String::with_capacity(line.len() + 8);
    let mut length = 0;
    for letter in line.chars() {
        if length + letter.len_utf8() > 74 {
            folded.push_str("\r\n ");
            length = 1;
        }
        folded.push(letter);
        length += letter.len_utf8();
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn lines_are_short_and_letters_whole() {
        let long = fold(&"ұ".repeat(200));
        assert!(long.split("\r\n").all(|line| line.len() <= 75), "{long}");
        assert_eq!(long.replace("\r\n ", ""), "ұ".repeat(200));
    }
}
