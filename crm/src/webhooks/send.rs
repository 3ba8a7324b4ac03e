//! Sends what waits: each webhook has a task of its own, which sends its deliveries one after the other. A slow or dead receiver
//! holds nobody up but itself.

use std::collections::HashSet;
use std::time::Duration;

use chrono::TimeDelta;
use futures::future::try_join_all;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use super::{WebhookConfig, address, sign};
use crate::api::TicketView;
use crate::domain::ids::TicketId;
use crate::service::Service;
use crate::store::{ClaimedDelivery, Db, DeliveryEnd, StoreError, Webhook};

/// Deliveries that are leased at a time, and for how long: longer than all of them may take.
const BATCH: i64 = 20;
const LEASE: TimeDelta = TimeDelta::minutes(8);
/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// After so many attempts (about a day and a half) a delivery has failed.
const ATTEMPTS: i64 = 15;

/// Tells other programs of events.
#[derive(Clone)]
pub struct Webhooks {
    service: Service,
    db: Db,
    config: WebhookConfig,
    /// Distinguishes this process from others on the same database.
    name: String,
}

/// What came of one attempt.
#[derive(Debug, Clone)]
enum Attempt {
    /// The receiver answered with this status.
    Answered(u16),
    /// It did not answer, or could not be asked; why. What waits behind it would fare no better.
    Unanswered(String),
    /// There is nothing to tell any more, and never will be; why.
    Pointless(&'static str),
}

impl Webhooks {
    /// A sender; `name` is unique among the processes on this database.
    pub const fn new(service: Service, db: Db, config: WebhookConfig, name: String) -> Self {
        Self { service, db, config, name }
    }

    /// Sends until `stop`, and ends what is under way. What a process that dies had leased is sent once the lease has run out.
    pub async fn run(self, stop: CancellationToken) {
        let mut wakeups = self.db.wakeups();
        let mut busy = HashSet::new();
        let mut tasks = JoinSet::new();
        while !stop.is_cancelled() {
            match self.due().await {
                Ok(webhooks) => {
                    for id in webhooks.into_iter().filter(|id| busy.insert(*id)) {
                        let this = self.clone();
                        tasks.spawn(async move { (id, this.serve(id).await) });
                    }
                }
                Err(error) => tracing::error!(%error, "webhooks could not be told; trying again in a second"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                Some(ended) = tasks.join_next() => match ended {
                    Ok((id, told)) => {
                        busy.remove(&id);
                        if let Err(error) = told {
                            tracing::error!(webhook = %id, %error, "a webhook could not be told; trying again");
                            tokio::time::sleep(Duration::from_secs(1)).await;
                        }
                    }
                    // A panic: which webhook it was is not known, so all are looked at again.
                    Err(_) => busy.clear(),
                },
                () = wakeups.changed(Duration::from_secs(1)) => {}
            }
        }
        // What is under way is sent and written down, as far as the process is given the time.
        while tasks.join_next().await.is_some() {}
    }

    /// Sends everything that is due. Returns how many deliveries were looked at.
    pub async fn send_due(&self) -> Result<usize, StoreError> {
        let mut count = 0;
        loop {
            let webhooks = self.due().await?;
            let served = try_join_all(webhooks.into_iter().map(|id| self.serve(id))).await?;
            match served.into_iter().sum::<usize>() {
                0 => return Ok(count),
                more => count += more,
            }
        }
    }

    /// A look costs nothing; a writing transaction would wake everybody, this loop too, for nothing.
    async fn due(&self) -> Result<Vec<Uuid>, StoreError> {
        self.db.read().await?.webhooks_due(self.service.now()).await
    }

    /// Tells one webhook of the events that wait longest, a batch of them. If it does not answer once, the rest waits as well.
    async fn serve(&self, id: Uuid) -> Result<usize, StoreError> {
        let now = self.service.now();
        let mut tx = self.db.begin().await?;
        let claimed = tx.delivery_claim(id, &self.name, (now, now + LEASE), BATCH).await?;
        let webhook = tx.webhook_fetch(id).await?;
        tx.commit().await?;
        let mut rest = claimed.iter();
        while let Some(delivery) = rest.next() {
            let attempt = match &webhook {
                Some(webhook) => self.attempt(webhook, delivery).await?,
                None => Attempt::Pointless("the webhook was deleted"),
            };
            let mut told = vec![delivery];
            if matches!(attempt, Attempt::Unanswered(_)) {
                told.extend(rest.by_ref());
            }
            self.settle(&told, &attempt).await?;
        }
        Ok(claimed.len())
    }

    /// Writes down how an attempt ended, for all deliveries that it decides about.
    async fn settle(&self, deliveries: &[&ClaimedDelivery], attempt: &Attempt) -> Result<(), StoreError> {
        let now = self.service.now();
        let told = matches!(attempt, Attempt::Answered(200..=299));
        metrics::counter!("komek_webhook_attempts_total", "outcome" => if told { "sent" } else { "failed" })
            .increment(1);
        let (status, why) = match attempt {
            Attempt::Answered(code) => (Some(i64::from(*code)), format!("it answered {code}")),
            Attempt::Unanswered(why) => (None, why.clone()),
            Attempt::Pointless(why) => (None, (*why).to_owned()),
        };
        // Gone (410) is a receiver's own word that it wants no more.
        let over = matches!(attempt, Attempt::Pointless(_) | Attempt::Answered(410));
        let mut tx = self.db.begin().await?;
        for delivery in deliveries {
            let end = if told {
                DeliveryEnd::Sent(status)
            } else if over || delivery.attempts + 1 >= ATTEMPTS {
                tracing::warn!(delivery = %delivery.id, why, "a webhook was not told of an event; it is listed as failed");
                DeliveryEnd::Failed(status, why.clone())
            } else {
                DeliveryEnd::Again(status, why.clone(), now + pause(delivery.attempts))
            };
            tx.delivery_settle(delivery.id, &self.name, &end, now).await?;
        }
        tx.commit().await.map(drop)
    }

    /// One attempt to tell one event.
    async fn attempt(&self, to: &Webhook, delivery: &ClaimedDelivery) -> Result<Attempt, StoreError> {
        let now = self.service.now();
        let mut tx = self.db.read().await?;
        let event = tx.event_fetch(delivery.stream, delivery.seq).await?;
        let ticket = tx.ticket_fetch(TicketId(delivery.stream)).await?;
        drop(tx);
        let (Some(event), Some(ticket)) = (event, ticket) else {
            return Ok(Attempt::Pointless("its ticket is gone"));
        };
        let Some(secret) = self.config.secret(to.id) else {
            let why = "there is no KOMEK_WEBHOOKS_KEY of 32 characters or more to sign with";
            return Ok(Attempt::Unanswered(why.to_owned()));
        };
        let body = json!({
            "id": delivery.id,
            "webhook": to.id,
            "event": event.event.word(),
            "at": event.at,
            "seq": event.seq,
            "ticket": TicketView::of(&ticket, now),
        })
        .to_string();
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("komek-event", event.event.word().to_owned()),
            ("komek-delivery", delivery.id.to_string()),
            ("komek-signature", sign(&secret, now.timestamp(), &body)),
        ];
        Ok(match self.post(&to.url, headers, body).await {
            Ok(status) => Attempt::Answered(status),
            Err(why) => Attempt::Unanswered(why),
        })
    }

    /// One POST; its status, or why there is none.
    async fn post<const N: usize>(
        &self,
        url: &str,
        headers: [(&'static str, String); N],
        body: String,
    ) -> Result<u16, String> {
        // Looked up anew each time, and connected to exactly what was found: no second look-up can lead elsewhere.
        let url: Url = address::check(url, self.config.allow_private)?;
        let looked_up = tokio::time::timeout(PATIENCE, address::resolve(&url, self.config.allow_private));
        let at = looked_up.await.map_err(|_| "its name could not be looked up in time".to_owned())??;
        let client = reqwest::Client::builder()
            .resolve_to_addrs(url.host_str().unwrap_or_default(), &at)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("komek/", env!("CARGO_PKG_VERSION")))
            .timeout(PATIENCE)
            .build()
            .map_err(|e| told(&e))?;
        let request =
            headers.into_iter().fold(client.post(url).body(body), |r, (name, value)| r.header(name, value));
        // A path may hold a secret of the receiver's: errors come without it.
        let answer = request.send().await.map_err(|e| told(&e.without_url()))?;
        Ok(answer.status().as_u16())
    }
}

/// 10 s, 30 s, 90 s … four hours.
fn pause(attempts: i64) -> TimeDelta {
    let times = u32::try_from(attempts.clamp(0, 7)).unwrap_or(7);
    TimeDelta::seconds((10 * 3_i64.pow(times)).min(14_400))
}

/// An error with its causes.
fn told(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attempts_of_a_delivery_take_about_a_day_and_a_half() {
        let all: TimeDelta = (0..ATTEMPTS - 1).map(pause).sum();
        assert!((30..40).contains(&all.num_hours()), "{all}");
        // A name is looked up and a receiver waited for.
        let longest = PATIENCE * 2 * u32::try_from(BATCH).expect("a few");
        assert!(longest < LEASE.to_std().expect("positive"));
    }
}
