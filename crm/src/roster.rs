//! Who is on call out of turn: putting somebody on, and taking it back. Bot and console do the same, and the audit says so.

use uuid::Uuid;

use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::event::Event;
use crate::domain::ids::StaffId;
use crate::domain::kind::Queue;
use crate::domain::person::Right;
use crate::domain::reactions::Outgoing;
use crate::domain::rota::Cover;
use crate::service::Service;
use crate::store::{CoverRow, OutboxItem, Staff, StoreError, Tx};

/// Whether `me` may take back what was arranged: who arranged it, whom it concerns, and whoever keeps the roster.
pub fn may_end(me: &Staff, row: &CoverRow) -> bool {
    row.made_by == me.id || row.cover.staff == me.id || me.role.may(Right::Roster)
}

/// The fact for the audit.
pub fn changed(row: &CoverRow, ended: bool) -> Event {
    Event::RotaChanged {
        queue: row.queue,
        staff: row.cover.staff.clone(),
        starts: row.cover.starts,
        until: row.cover.until,
        ended,
    }
}

/// Puts somebody on call. If that begins now he is told how things stand; otherwise the clock tells him when it does. The caller commits.
pub async fn put(
    tx: &mut Tx,
    service: &Service,
    queue: Queue,
    cover: Cover,
    by: &StaffId,
    actor: Actor,
) -> Result<(), StoreError> {
    let (id, now) = (service.clock().id(), service.now());
    let (staff, starts) = (cover.staff.clone(), cover.starts);
    let row =
        CoverRow { id, pair: id, queue, cover, made_by: by.clone(), agreed_at: Some(now), ended_at: None };
    tx.cover_add(&row, now).await?;
    tx.desk_event(actor, changed(&row, false), now).await?;
    if starts <= now {
        let told = Outgoing::Shift { staff, queue, starts: now };
        tx.outbox_add(OutboxItem::tell(service.clock().id(), told, now));
    }
    Ok(())
}

/// Takes back what was arranged together. `false`: it did not count any more. The caller has asked [`may_end`], and commits.
pub async fn end(
    tx: &mut Tx,
    pair: Uuid,
    rows: &[CoverRow],
    actor: &Actor,
    now: Moment,
) -> Result<bool, StoreError> {
    let ended = tx.covers_end(pair, now).await?;
    if ended {
        for row in rows {
            tx.desk_event(actor.clone(), changed(row, true), now).await?;
        }
    }
    Ok(ended)
}
