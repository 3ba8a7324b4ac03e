//! What keeps messages from going out: Telegram does not answer, or the desk's group is lost. Said once when it begins and once when
//! it ends: to the log, to the figures, to `/readyz`, and about a lost group to the duty managers in private.

use crm::clock::Moment;
use crm::domain::person::Role;
use crm::store::{Call, OutboxItem, StoreError, Tx};
use crm::t;
use crm::telemetry::{DELIVERY, Delivery};
use uuid::Uuid;

use crate::outcome::Sending;
use crate::say::Say;

/// What is known to be wrong.
#[derive(Debug, Default)]
pub struct Trouble {
    now: Delivery,
}

impl Trouble {
    /// What these answers say of Telegram and of the desk's group. `None`: nothing new.
    pub fn seen(&mut self, done: &[Sending], now: Moment) -> Option<Delivery> {
        let before = self.now.clone();
        for sending in done {
            let problem = sending.result.as_ref().err().map(ToString::to_string);
            let since = |old: &Option<(Moment, String)>| old.as_ref().map_or(now, |old| old.0);
            if sending.lost_telegram() {
                self.now.telegram = problem.map(|p| (since(&self.now.telegram), p));
                continue;
            }
            // Whatever it answered, it answered.
            self.now.telegram = None;
            if sending.lost_group() {
                self.now.desk = problem.map(|p| (since(&self.now.desk), p));
            } else if sending.told.is_some() && sending.result.is_ok() {
                self.now.desk = None;
            }
        }
        let begun =
            |old: &Option<(Moment, String)>, new: &Option<(Moment, String)>| old.is_some() != new.is_some();
        let changed = begun(&before.telegram, &self.now.telegram) || begun(&before.desk, &self.now.desk);
        changed.then(|| self.now.clone())
    }
}

/// Says what is wrong now, or that it is right again.
pub async fn say(
    tx: &mut Tx,
    delivery: &Delivery,
    id: impl Fn() -> Uuid,
    now: Moment,
) -> Result<(), StoreError> {
    let gauge = |ok: bool| if ok { 1.0 } else { 0.0 };
    metrics::gauge!("komek_telegram_reachable").set(gauge(delivery.telegram.is_none()));
    metrics::gauge!("komek_desk_reachable").set(gauge(delivery.desk.is_none()));
    match &delivery.telegram {
        Some((since, problem)) => tracing::error!(%since, problem, "Telegram does not answer; messages wait"),
        None => tracing::info!("Telegram answers"),
    }
    let before = tx.setting::<Delivery>(DELIVERY).await?.unwrap_or_default();
    tx.setting_save(DELIVERY, delivery, now).await?;
    let Some((_, problem)) = &delivery.desk else { return Ok(()) };
    if before.desk.is_some() {
        return Ok(());
    }
    tracing::error!(
        problem,
        "the desk's group cannot be written to: nobody sees tickets; add the bot to it again"
    );
    for staff in tx.staff_with_role(Role::DutyManager).await? {
        let Some(chat) = staff.telegram else { continue };
        let lang = tx.person_fetch(chat).await?.chosen.unwrap_or(staff.language);
        let call: Call = Say::html(t!(lang, "desk-group-lost")).send(chat, 0);
        tx.outbox_add(OutboxItem { priority: 1, ..OutboxItem::call(id(), chat, call, now) });
    }
    Ok(())
}
