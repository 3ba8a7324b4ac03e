//! Alerts become tickets: the same alert never twice, a burst one ticket, and what is well again solved.
//!
//! Which ticket an alert joins: one that is still owed and was opened for the same Alertmanager group within [`AlertRules::join_seconds`],
//! or that is about the same service. When a storm opens more than [`AlertRules::storm`] tickets in that time, the rest joins
//! the newest of them. A critical alert never hides in a ticket with a lesser promise.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::decide::Command;
use crate::domain::event::Origin;
use crate::domain::form::Form;
use crate::domain::ids::{ServiceId, TicketId, TicketNumber};
use crate::domain::kind::{Channel, Kind};
use crate::domain::lang::Lang;
use crate::domain::refusal::Refusal;
use crate::domain::ticket::Ticket;
use crate::incidents::monitoring::{Seen, presumed, saw};
use crate::service::{NewTicket, Service, ServiceError, Words};
use crate::store::{Labels, Side, StoredAlert, Tx};

/// Up to so many alerts of a ticket get a note each time; what more there is can be listed, and would only push the talk out of sight.
const NOTED: i64 = 20;
/// Alerts that a note names.
const NAMED: usize = 10;

/// What alerts mean, `[alerts]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlertRules {
    /// Labels whose value may be a service's id in the directory, or a VM's domain name; the first that fits counts.
    pub service_labels: Vec<String>,
    /// The label that holds the availability zone, for domains.
    pub zone_label: String,
    /// The label that says how bad it is.
    pub severity_label: String,
    /// Severities that are a critical fault (T5); all others are minor (T6).
    pub critical: Vec<String>,
    /// The label that may hold an outage's cause, in a word of the policy file (C13).
    pub cause_label: String,
    /// Severities that are accepted and forgotten.
    pub ignore: Vec<String>,
    /// How long after its last new alert a ticket takes in others of its group, seconds.
    pub join_seconds: i64,
    /// Most tickets that alerts open in that time.
    pub storm: usize,
}

impl Default for AlertRules {
    fn default() -> Self {
        let words = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        Self {
            service_labels: words(&["komek_service", "service_id", "vm", "domain", "instance"]),
            zone_label: "zone".to_owned(),
            severity_label: "severity".to_owned(),
            cause_label: "komek_cause".to_owned(),
            critical: words(&["critical", "page", "emergency", "disaster"]),
            ignore: words(&["none", "info"]),
            join_seconds: 300,
            storm: 5,
        }
    }
}

/// One alert as it was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Alertmanager's name for this set of labels.
    pub fingerprint: String,
    /// Whether it still fires.
    pub firing: bool,
    /// What identifies it.
    pub labels: Labels,
    /// What describes it.
    pub annotations: Labels,
    /// Since when.
    pub starts_at: Moment,
    /// Until when, if it is well again.
    pub ends_at: Option<Moment>,
    /// Where to look at it.
    pub source: String,
    /// Whether its beginning and end are an interval of its service (C8). Our own probes keep their intervals themselves.
    pub measures: bool,
}

impl Alert {
    fn name(&self) -> &str {
        self.labels.get("alertname").map_or("alert", String::as_str)
    }

    /// One line about it.
    fn line(&self) -> String {
        let said = ["summary", "description", "message"].iter().find_map(|key| self.annotations.get(*key));
        match said {
            Some(said) => format!("{}: {said}", self.name()),
            None => self.name().to_owned(),
        }
    }

    /// All that is known, as the desk reads it.
    fn text(&self) -> String {
        let labels: Vec<_> = self.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let mut text = format!("{}\n{}", self.line(), labels.join(", "));
        if !self.source.is_empty() {
            text.push('\n');
            text.push_str(&self.source);
        }
        cut(&text, 4_000)
    }
}

/// At most `limit` characters.
fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What became of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// Tickets that were opened.
    pub opened: Vec<TicketNumber>,
    /// Alerts that joined a ticket which was there.
    pub joined: usize,
    /// Alerts that were known and still fire.
    pub repeated: usize,
    /// Alerts that are well again.
    pub resolved: usize,
    /// Alerts of no account: an ignored severity, or the end of something that was never reported.
    pub ignored: usize,
    /// Tickets that were solved because all their alerts are well again.
    pub solved: Vec<TicketNumber>,
}

/// A ticket that alerts may join.
struct Open {
    ticket: Ticket,
    groups: Vec<String>,
    added: Vec<String>,
}

/// One report at work.
struct Intake<'a> {
    service: &'a Service,
    rules: &'a AlertRules,
    actor: &'a Actor,
    group: &'a str,
    now: Moment,
    open: Vec<Open>,
    of_service: HashMap<ServiceId, Option<TicketId>>,
    services: HashMap<String, Option<ServiceId>>,
    received: Received,
    save: Vec<StoredAlert>,
}

/// Takes in one report of `group`. In the caller's transaction; other reports wait for it.
pub async fn receive(
    service: &Service,
    rules: &AlertRules,
    tx: &mut Tx,
    group: &str,
    alerts: &[Alert],
    actor: &Actor,
) -> Result<Received, ServiceError> {
    tx.alerts_lock().await?;
    let now = service.now();
    let fingerprints: Vec<String> = alerts.iter().map(|a| a.fingerprint.clone()).collect();
    let known = tx.alerts_fetch(&fingerprints).await?;
    let mut known: BTreeMap<String, StoredAlert> =
        known.into_iter().map(|alert| (alert.fingerprint.clone(), alert)).collect();
    let mut intake = Intake {
        service,
        rules,
        actor,
        group,
        now,
        open: Vec::new(),
        of_service: HashMap::new(),
        services: HashMap::new(),
        received: Received::default(),
        save: Vec::new(),
    };
    intake.find_open(tx).await?;
    let mut ended: Vec<TicketId> = Vec::new();
    for alert in alerts {
        let before = known.remove(&alert.fingerprint);
        match (alert.firing, before) {
            (true, Some(before))
                if before.resolved_at.is_none() && intake.owed(tx, before.ticket).await? =>
            {
                intake.received.repeated += 1;
                intake.save.push(StoredAlert { seen_at: now, ..before });
            }
            (true, before) => intake.fires(tx, alert, before.map_or(0, |b| b.times)).await?,
            (false, Some(before)) if before.resolved_at.is_none() => {
                intake.received.resolved += 1;
                ended.push(before.ticket);
                let resolved_at = alert.ends_at.unwrap_or(now);
                intake.measured(tx, alert, &before, resolved_at.min(now)).await?;
                intake.save.push(StoredAlert { resolved_at: Some(resolved_at), seen_at: now, ..before });
            }
            (false, _) => intake.received.ignored += 1,
        }
    }
    tx.alerts_save(&intake.save).await?;
    intake.tell_joined(tx).await?;
    intake.recover(tx, ended).await?;
    Ok(intake.received)
}

impl Intake<'_> {
    /// The tickets that alerts opened or joined lately, and still owed.
    async fn find_open(&mut self, tx: &mut Tx) -> Result<(), ServiceError> {
        let since = self.now - TimeDelta::seconds(self.rules.join_seconds);
        for (ticket, group, ..) in tx.alerts_recent(since, 1_000).await? {
            if let Some(open) = self.open.iter_mut().find(|open| open.ticket.id.0 == ticket) {
                open.groups.push(group);
            } else if let Some(ticket) = tx.ticket_fetch(TicketId(ticket)).await?
                && ticket.state.is_active()
            {
                self.open.push(Open { ticket, groups: vec![group], added: Vec::new() });
            }
        }
        Ok(())
    }

    async fn owed(&self, tx: &mut Tx, ticket: TicketId) -> Result<bool, ServiceError> {
        if self.open.iter().any(|open| open.ticket.id == ticket) {
            return Ok(true);
        }
        Ok(tx.ticket_fetch(ticket).await?.is_some_and(|ticket| ticket.state.is_active()))
    }

    fn kind(&self, alert: &Alert) -> Option<Kind> {
        let severity = alert.labels.get(&self.rules.severity_label).map(String::as_str).unwrap_or_default();
        let is = |list: &[String]| list.iter().any(|word| word.eq_ignore_ascii_case(severity));
        if is(&self.rules.ignore) {
            return None;
        }
        Some(if is(&self.rules.critical) { Kind::FaultCritical } else { Kind::FaultMinor })
    }

    /// The rented service that the labels name.
    async fn service_of(&mut self, tx: &mut Tx, alert: &Alert) -> Result<Option<ServiceId>, ServiceError> {
        let zone = alert.labels.get(&self.rules.zone_label).map(String::as_str);
        for label in &self.rules.service_labels {
            let Some(value) = alert.labels.get(label).filter(|v| v.len() <= 200) else { continue };
            // `instance` is usually an address with a port.
            let name =
                value.rsplit_once(':').filter(|p| p.1.parse::<u16>().is_ok()).map_or(value.as_str(), |p| p.0);
            let key = format!("{}\n{name}", zone.unwrap_or_default());
            let found = match self.services.get(&key) {
                Some(found) => found.clone(),
                None => {
                    let id = ServiceId::from(name);
                    let found = match tx.rented_fetch(&id).await? {
                        Some(rented) => Some(rented.id),
                        None => tx.service_by_domain(zone, name).await?,
                    };
                    self.services.insert(key, found.clone());
                    found
                }
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The ticket that a new alert joins.
    async fn join(
        &mut self,
        tx: &mut Tx,
        kind: Kind,
        about: Option<&ServiceId>,
    ) -> Result<Option<usize>, ServiceError> {
        let fits = |open: &Open| kind != Kind::FaultCritical || open.ticket.kind == Kind::FaultCritical;
        let same_group = |open: &&Open| fits(open) && open.groups.iter().any(|g| g == self.group);
        if let Some(at) = self.open.iter().position(|open| same_group(&open)) {
            return Ok(Some(at));
        }
        if let Some(service) = about {
            let same = |open: &Open| open.ticket.form.service() == Some(service);
            if let Some(at) = self.open.iter().position(|open| fits(open) && same(open)) {
                return Ok(Some(at));
            }
            if !self.of_service.contains_key(service) {
                let found = tx.alert_ticket_of(service).await?.pop();
                self.of_service.insert(service.clone(), found);
            }
            if let Some(id) = self.of_service.get(service).copied().flatten() {
                if let Some(at) = self.open.iter().position(|open| open.ticket.id == id) {
                    return Ok(fits(&self.open[at]).then_some(at));
                }
                if let Some(ticket) = tx.ticket_fetch(id).await?.filter(|t| t.state.is_active()) {
                    let open = Open { ticket, groups: Vec::new(), added: Vec::new() };
                    if fits(&open) {
                        self.open.push(open);
                        return Ok(Some(self.open.len() - 1));
                    }
                }
            }
        }
        let storm = self.open.len() >= self.rules.storm.max(1);
        Ok(if storm { self.open.iter().rposition(fits) } else { None })
    }

    async fn fires(&mut self, tx: &mut Tx, alert: &Alert, times: i64) -> Result<(), ServiceError> {
        let Some(kind) = self.kind(alert) else {
            self.received.ignored += 1;
            return Ok(());
        };
        let about = self.service_of(tx, alert).await?;
        let ticket = match self.join(tx, kind, about.as_ref()).await? {
            Some(at) => {
                self.received.joined += 1;
                let open = &mut self.open[at];
                open.added.push(alert.line());
                open.groups.push(self.group.to_owned());
                open.ticket.id
            }
            None => self.opens(tx, alert, kind, about.clone()).await?,
        };
        self.save.push(StoredAlert {
            fingerprint: alert.fingerprint.clone(),
            ticket,
            group: self.group.to_owned(),
            service: about,
            name: alert.name().to_owned(),
            labels: alert.labels.clone(),
            annotations: alert.annotations.clone(),
            starts_at: alert.starts_at,
            resolved_at: None,
            seen_at: self.now,
            times: times + 1,
        });
        Ok(())
    }

    async fn opens(
        &mut self,
        tx: &mut Tx,
        alert: &Alert,
        kind: Kind,
        service: Option<ServiceId>,
    ) -> Result<TicketId, ServiceError> {
        let new = NewTicket {
            kind,
            form: Form::Fault { service, since: Some(alert.starts_at) },
            requester: None,
            requester_name: alert.name().to_owned(),
            language: Lang::default(),
            origin: Origin { channel: Channel::Alert, chat: None },
            words: Words::text(alert.text()),
        };
        let ticket = self.service.open(tx, new, self.actor).await?;
        self.received.opened.push(ticket.number);
        let id = ticket.id;
        self.open.push(Open { ticket, groups: vec![self.group.to_owned()], added: Vec::new() });
        Ok(id)
    }

    /// Notes what joined, as long as there is little of it.
    async fn tell_joined(&mut self, tx: &mut Tx) -> Result<(), ServiceError> {
        for open in std::mem::take(&mut self.open) {
            let many = open.added.len();
            if many == 0
                || tx.alerts_count(open.ticket.id).await?.0 > NOTED + i64::try_from(many).unwrap_or(0)
            {
                continue;
            }
            let mut lines: Vec<String> =
                open.added.iter().take(NAMED).map(|line| format!("+ {}", cut(line, 300))).collect();
            if many > NAMED {
                lines.push(format!("+ {}", many - NAMED));
            }
            let words = (Side::Note, Words::text(lines.join("\n")));
            match self.service.write(tx, open.ticket.id, words, Command::Note, self.actor).await {
                Ok(_) | Err(ServiceError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// A critical alert that is over is an interval of its service, for people to confirm.
    async fn measured(
        &self,
        tx: &mut Tx,
        alert: &Alert,
        before: &StoredAlert,
        ends: Moment,
    ) -> Result<(), ServiceError> {
        let Some(service) = &before.service else { return Ok(()) };
        if !alert.measures || self.kind(alert) != Some(Kind::FaultCritical) {
            return Ok(());
        }
        let said = alert.labels.get(&self.rules.cause_label).and_then(|word| word.parse().ok());
        let presumed = tx.service_ever(service).await?.and_then(|past| presumed(&past.service));
        let seen = Seen {
            service,
            incident: tx.incident_of_ticket(before.ticket).await?.map(|i| i.id),
            starts: before.starts_at,
            ends,
            cause: said.or(presumed),
            evidence: cut(&format!("{} ({})", alert.line(), alert.fingerprint), 500),
        };
        Ok(saw(tx, self.service, seen, self.actor).await?)
    }

    /// Solves tickets of which nothing fires any more.
    async fn recover(&mut self, tx: &mut Tx, mut ended: Vec<TicketId>) -> Result<(), ServiceError> {
        ended.sort_unstable();
        ended.dedup();
        for id in ended {
            let (all, firing) = tx.alerts_count(id).await?;
            if firing > 0 {
                continue;
            }
            let alerts = u32::try_from(all).unwrap_or(u32::MAX);
            match self.service.execute(tx, id, Command::Recover { alerts }, self.actor).await {
                Ok(ticket) => self.received.solved.push(ticket.number),
                // A human was quicker.
                Err(ServiceError::Refused(Refusal::WrongState(_) | Refusal::NotFound)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
