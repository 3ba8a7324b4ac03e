//! `incidents import`: intervals from a CSV file (DESIGN 6, `examples/incidents.csv`). Every line is checked before any is stored, and what
//! is wrong is said with its line. A file that was imported before changes nothing.

use std::collections::HashMap;

use chrono::DateTime;
use serde::Deserialize;

use super::intervals::whole_ms;
use super::stable_id;
use crate::clock::Moment;
use crate::credits;
use crate::directory::ControlPlane;
use crate::domain::actor::Actor;
use crate::domain::audit::sha256_hex;
use crate::domain::credit::Cause;
use crate::domain::event::Event;
use crate::domain::ids::ServiceId;
use crate::domain::incident::{Downtime, DowntimeState};
use crate::domain::kind::Terms;
use crate::input::suggest;
use crate::service::Service;
use crate::store::{StoreError, Tx};

/// Most mistakes that are listed; more are counted.
const LISTED: usize = 100;

/// The columns, in any order.
pub const COLUMNS: [&str; 7] =
    ["service", "started_at", "ended_at", "cause", "confirmed_by", "seconded_by", "evidence"];

#[derive(Deserialize)]
struct Line {
    service: String,
    started_at: String,
    ended_at: String,
    cause: String,
    confirmed_by: String,
    seconded_by: String,
    evidence: String,
}

/// The services that intervals may be of, with what decides which causes fit.
pub type Known = HashMap<String, (Terms, Option<ControlPlane>)>;

/// Mistakes of a file, each with its line; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(pub Vec<(u64, String)>);

impl std::fmt::Display for Mistakes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (line, problem) in self.0.iter().take(LISTED) {
            writeln!(f, "line {line}: {problem}")?;
        }
        match self.0.len().saturating_sub(LISTED) {
            0 => Ok(()),
            more => writeln!(f, "… and {more} more"),
        }
    }
}

impl std::error::Error for Mistakes {}

fn moment(column: &str, text: &str) -> Result<Moment, String> {
    let read = DateTime::parse_from_rfc3339(text.trim());
    read.map(|at| whole_ms(at.to_utc())).map_err(|_| {
        format!("{column}: «{text}» is no moment; write 2026-10-03T02:10:00+05:00, with the offset from UTC")
    })
}

fn read_line(line: &Line, known: &Known, now: Moment) -> Result<Downtime, String> {
    let service = line.service.trim();
    let Some((terms, control_plane)) = known.get(service) else {
        let hint = suggest(service, known.keys().map(String::as_str));
        return Err(format!("service: there is no service «{service}» in the directory{hint}"));
    };
    let (starts, ends) = (moment("started_at", &line.started_at)?, moment("ended_at", &line.ended_at)?);
    if ends < starts {
        return Err(format!(
            "it ends ({}) before it begins ({})",
            line.ended_at.trim(),
            line.started_at.trim()
        ));
    }
    let cause: Cause = line.cause.trim().parse().map_err(|problem: String| {
        let hint = suggest(&line.cause, Cause::ALL.iter().map(|c| c.as_str()));
        format!("cause: {problem}{hint}")
    })?;
    cause.fits(*terms, *control_plane).map_err(|problem| format!("cause: {problem}"))?;
    // Works may lie ahead; what was not there yet cannot have been confirmed.
    if cause != Cause::PlannedWorks && ends > now {
        return Err(format!("it ends in the future ({}); import it once it is over", line.ended_at.trim()));
    }
    let (by, second) = (line.confirmed_by.trim(), line.seconded_by.trim());
    for (column, name) in [("confirmed_by", by), ("seconded_by", second)] {
        if name.is_empty() {
            return Err(format!("{column}: nobody is named; two people confirm an interval"));
        }
    }
    if by.eq_ignore_ascii_case(second) {
        return Err(format!("seconded_by: {second} cannot second himself; a second person must confirm it"));
    }
    let evidence = line.evidence.trim();
    if evidence.is_empty() {
        return Err(
            "evidence: say what shows it, such as a record of monitoring or a ticket's number".to_owned()
        );
    }
    Ok(Downtime {
        id: stable_id(&[service, cause.as_str(), by, second, evidence], starts, ends),
        service: ServiceId::from(service),
        incident: None,
        state: DowntimeState::Confirmed,
        cause: Some(cause),
        starts,
        ends,
        evidence: evidence.to_owned(),
        announced_at: None,
        proposed_by: by.to_owned(),
        proposed_at: now,
        seconded_by: Some(second.to_owned()),
        seconded_at: Some(now),
        disputed_by: None,
    })
}

/// Reads a whole file; all its mistakes at once, by line.
pub fn read(text: &[u8], known: &Known, now: Moment) -> Result<Vec<Downtime>, Mistakes> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_reader(text);
    let at_top = |problem: String| Mistakes(vec![(1, problem)]);
    let headers = reader.headers().cloned().map_err(|e| at_top(format!("this is not CSV: {e}")))?;
    let missing: Vec<&str> = COLUMNS
        .into_iter()
        .filter(|c| !headers.iter().any(|h| h.trim_start_matches('\u{feff}') == *c))
        .collect();
    if !missing.is_empty() {
        let known = COLUMNS.join(",");
        return Err(at_top(format!(
            "the column {} is missing; the first line must name {known}",
            missing.join(", ")
        )));
    }
    let headers: csv::StringRecord = headers.iter().map(|h| h.trim_start_matches('\u{feff}')).collect();
    let (mut list, mut mistakes) = (Vec::new(), Vec::new());
    let mut record = csv::StringRecord::new();
    loop {
        let before = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                let line = error.position().map_or(before, csv::Position::line);
                mistakes.push((line, what_is_broken(&error)));
                // After bytes that are no text the reader goes on with the next line; it cannot after anything else.
                if matches!(error.kind(), csv::ErrorKind::Io(_)) {
                    break;
                }
                continue;
            }
        }
        let number = record.position().map_or(before, csv::Position::line);
        let read = record
            .deserialize::<Line>(Some(&headers))
            .map_err(|e| what_is_broken(&e))
            .and_then(|line| read_line(&line, known, now));
        match read {
            Ok(downtime) => list.push(downtime),
            Err(problem) => mistakes.push((number, problem)),
        }
    }
    if mistakes.is_empty() { Ok(list) } else { Err(Mistakes(mistakes)) }
}

/// A broken line in words; the line's number stands before it.
fn what_is_broken(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields where {expected_len} are needed")
        }
        csv::ErrorKind::Utf8 { .. } => "these bytes are no UTF-8 text; save the file as UTF-8".to_owned(),
        _ => format!("this line cannot be read: {error}"),
    }
}

/// The services that there are or were.
pub async fn known(tx: &mut Tx) -> Result<Known, StoreError> {
    let planes = tx.control_planes().await?;
    let services = tx.services_ever().await?.into_iter().map(|past| past.service);
    Ok(services.map(|s| (s.id.0.clone(), (s.place.terms(), credits::plane_of(&s, &planes)))).collect())
}

/// Stores the intervals of a file that was read, and corrects closed periods that they change. Returns how many were new.
pub async fn store(
    tx: &mut Tx,
    desk: &Service,
    (list, text): (&[Downtime], &[u8]),
    actor: &Actor,
) -> Result<u64, super::IncidentError> {
    let new = tx.downtime_add(list).await?;
    if new > 0 {
        let event = Event::IncidentsImported {
            digest: sha256_hex(text),
            intervals: u32::try_from(new).unwrap_or(u32::MAX),
        };
        tx.desk_event(actor.clone(), event, desk.now()).await?;
        credits::correct_all(tx, desk, list, "imported intervals").await?;
    }
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_no_time_and_what_ends_this_moment_may_be_imported() {
        let known = Known::from([("web".to_owned(), (Terms::Vm, None))]);
        let now: Moment = "2026-10-03T03:00:00+05:00".parse().expect("a moment");
        let line = |from: &str, until: &str| {
            let day = |time: &str| format!("2026-10-03T{time}+05:00");
            let line = format!("web,{},{},provider,nurlan,dana,monitoring 4711\n", day(from), day(until));
            let text = format!("{}\n{line}", COLUMNS.join(","));
            read(text.as_bytes(), &known, now).map(|list| list.len()).map_err(|m| m.to_string())
        };
        assert_eq!(line("02:10:00", "02:10:00"), Ok(1));
        assert!(line("02:10:00", "02:09:59.999").expect_err("backwards").contains("before it begins"));
        assert_eq!(line("02:10:00", "03:00:00"), Ok(1));
        assert!(line("02:10:00", "03:00:00.001").expect_err("too early").contains("in the future"));
    }
}
