//! The forms of `/oncall`: taking over, putting somebody on call for a while, and taking that back.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{NaiveDateTime, TimeDelta, TimeZone};
use serde::Deserialize;
use uuid::Uuid;

use super::Web;
use super::error::Problem;
use super::guard::Me;
use super::posted::{Nothing, Posted};
use crate::clock::Moment;
use crate::domain::ids::StaffId;
use crate::domain::kind::Queue;
use crate::domain::person::Right;
use crate::domain::rota::Cover;
use crate::roster;
use crate::store::Tx;
use crate::text::ZONE;

/// The longest cover: a month's leave.
const LONGEST: TimeDelta = TimeDelta::days(31);

/// What the form says.
#[derive(Debug, Deserialize)]
pub struct Turn {
    queue: String,
    /// Who; nobody for oneself.
    #[serde(default)]
    staff: String,
    /// From when, in Almaty; empty for now.
    #[serde(default)]
    from: String,
    /// Until when; empty for the end of the present shift.
    #[serde(default)]
    until: String,
}

fn moment(text: &str) -> Result<Option<Moment>, Problem> {
    let wrong = Problem::Wrong("web-wrong-turn");
    if text.trim().is_empty() {
        return Ok(None);
    }
    let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text.trim(), form).ok())
        .ok_or(wrong.clone())?;
    ZONE.from_local_datetime(&local).earliest().map(|at| Some(at.to_utc())).ok_or(wrong)
}

impl Turn {
    /// Who is to be on call where and when.
    async fn cover(&self, tx: &mut Tx, who: &StaffId, now: Moment) -> Result<(Queue, Cover), Problem> {
        let queue: Queue = self.queue.parse().map_err(|_| Problem::Wrong("web-wrong-queue"))?;
        let rota = tx.rota_of(queue).await?.ok_or(Problem::Wrong("web-wrong-queue"))?;
        let known = tx.staff_member(who).await?.filter(|staff| staff.role.may(Right::Handle));
        let staff = known.ok_or(Problem::Wrong("web-wrong-turn"))?.id;
        let starts = moment(&self.from)?.filter(|from| *from > now).unwrap_or(now);
        let shift = rota.shift(starts).map(|s| if starts < s.starts { s.starts } else { s.until });
        let until = moment(&self.until)?.or(shift).ok_or(Problem::Wrong("web-wrong-turn"))?;
        if until <= starts || until - starts > LONGEST || starts - now > LONGEST * 12 {
            return Err(Problem::Wrong("web-wrong-turn"));
        }
        Ok((queue, Cover { staff, starts, until }))
    }
}

async fn put(web: &Web, me: &Me, turn: &Turn, who: &StaffId) -> Result<Response, Problem> {
    let mut tx = web.db.begin().await?;
    let (queue, cover) = turn.cover(&mut tx, who, web.now()).await?;
    roster::put(&mut tx, &web.service, queue, cover, &me.staff.id, me.actor()).await?;
    tx.commit().await?;
    Ok(Redirect::to("/oncall?done=turn").into_response())
}

/// I am on call from now until the shift ends.
pub async fn take(State(web): State<Web>, me: Me, Posted(turn): Posted<Turn>) -> Result<Response, Problem> {
    let plain = Turn { queue: turn.queue, staff: String::new(), from: String::new(), until: String::new() };
    put(&web, &me, &plain, &me.staff.id).await
}

/// Somebody else is on call for a while.
pub async fn cover(State(web): State<Web>, me: Me, Posted(turn): Posted<Turn>) -> Result<Response, Problem> {
    put(&web, &me, &turn, &StaffId(turn.staff.clone())).await
}

/// What was arranged counts no more.
pub async fn end(
    State(web): State<Web>,
    me: Me,
    Path(pair): Path<String>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Problem> {
    let pair: Uuid = pair.parse().map_err(|_| Problem::NotFound)?;
    let mut tx = web.db.begin().await?;
    let rows = tx.covers_of(pair).await?;
    if rows.is_empty() {
        return Err(Problem::NotFound);
    }
    if !rows.iter().any(|row| roster::may_end(&me.staff, row)) {
        return Err(Problem::Forbidden);
    }
    roster::end(&mut tx, pair, &rows, &me.actor(), web.now()).await?;
    tx.commit().await?;
    Ok(Redirect::to("/oncall?done=turn-ended").into_response())
}
