//! What a mail to a customer says: the same news that the bot tells, as plain text, in his language.

use crate::clock::Moment;
use crate::domain::audit::EventRecord;
use crate::domain::event::{Event, MessageRef};
use crate::domain::kind::Kind;
use crate::domain::lang::Lang;
use crate::domain::sla::{Outcome, Target};
use crate::domain::ticket::{State, Ticket};
use crate::news::{answered_at_once, author, owed};
use crate::service::Service;
use crate::store::{Message, StoreError, Tx};
use crate::t;
use crate::text::{left, when};

/// What a mail is worded from.
pub struct Told<'a> {
    /// For the terms.
    pub service: &'a Service,
    /// The ticket, as it is now.
    pub ticket: &'a Ticket,
    /// The language of whoever reads it.
    pub lang: Lang,
    /// Now.
    pub now: Moment,
}

/// What a mail says.
#[derive(Debug, Default)]
pub struct Said {
    /// The paragraphs.
    pub lines: Vec<String>,
    /// The words of a person that it brings, with their files.
    pub words: Option<Message>,
}

impl Said {
    #[expect(clippy::unnecessary_wraps, reason = "each news is said, or is not worth saying any more")]
    fn of(lines: impl IntoIterator<Item = String>) -> Option<Self> {
        Some(Self { lines: lines.into_iter().filter(|line| !line.is_empty()).collect(), words: None })
    }
}

impl Told<'_> {
    /// What is said of an event, if it is still worth saying.
    pub async fn event(
        &self,
        tx: &mut Tx,
        record: &EventRecord,
        phone: &str,
    ) -> Result<Option<Said>, StoreError> {
        let lang = self.lang;
        let number = self.ticket.number.to_string();
        let name = author(tx, record).await?;
        let name = if name.is_empty() { t!(lang, "support") } else { name };
        let active = self.ticket.state.is_active();
        Ok(match &record.event {
            Event::Opened(_) => Said::of([
                t!(lang, "mail-opened", number = number),
                self.promises(),
                t!(lang, "mail-opened-more", phone = phone),
            ]),
            Event::Taken { .. } if !active || answered_at_once(tx, record).await? => None,
            Event::Taken { .. } => Said::of([t!(lang, "notice-taken-by", name = name), self.promises()]),
            Event::Asked(message) => {
                self.quoting(
                    tx,
                    t!(lang, "notice-asked-by", name = name),
                    message,
                    [t!(lang, "mail-asked-how")],
                )
                .await?
            }
            Event::Answered(message) => {
                self.quoting(tx, t!(lang, "notice-answered-by", name = name), message, []).await?
            }
            Event::Solved { message: Some(message) } => {
                self.quoting(tx, t!(lang, "notice-answered-by", name = name), message, self.solved()).await?
            }
            Event::Solved { message: None } => Said::of(self.solved()),
            Event::Declined { message } => {
                let head =
                    format!("{} {}", t!(lang, "mail-declined"), t!(lang, "notice-answered-by", name = name));
                self.quoting(tx, head, message, [t!(lang, "mail-declined-next")]).await?
            }
            Event::Corrected { message, .. } => {
                let Some(words) = tx.message_fetch(message.id).await? else { return Ok(None) };
                Said::of([
                    t!(lang, "notice-answered-by", name = name),
                    t!(lang, "message-edited", text = words.body),
                ])
            }
            Event::ActionApproved { .. } if active => {
                Said::of([t!(lang, "mail-approved", number = number), self.promises()])
            }
            Event::ActionFailed { .. } if active => {
                Said::of([t!(lang, "mail-failed", number = number), self.promises()])
            }
            Event::Reclassified { to, .. } if active => {
                let head = match to {
                    Kind::FaultCritical => "mail-reclassified-critical",
                    _ => "mail-reclassified-minor",
                };
                Said::of([t!(lang, head, number = number), self.promises()])
            }
            Event::Merged { number: other, .. } => {
                Said::of([t!(lang, "mail-merged", number = number, other = other.to_string())])
            }
            Event::MarkReached { target, .. } if owed(self.ticket, *target) => self.at_risk(*target),
            Event::TargetBreached { target, .. } if owed(self.ticket, *target) => self.broken(*target),
            _ => None,
        })
    }

    /// Files that were too large to be taken.
    pub fn refused(&self, files: &[String], limit: i64) -> Said {
        let (names, limit) = (files.join(", "), limit >> 20);
        let line = t!(self.lang, "mail-refused", n = files.len(), names = names, limit = limit);
        Said { lines: vec![line, t!(self.lang, "mail-refused-how")], words: None }
    }

    /// A person's words under a line that says whose they are.
    async fn quoting(
        &self,
        tx: &mut Tx,
        head: String,
        message: &MessageRef,
        after: impl IntoIterator<Item = String> + Send,
    ) -> Result<Option<Said>, StoreError> {
        let Some(words) = tx.message_fetch(message.id).await? else { return Ok(None) };
        let lines = [head, words.body.clone()].into_iter().chain(after).filter(|line| !line.is_empty());
        Ok(Some(Said { lines: lines.collect(), words: Some(words) }))
    }

    /// The promises that are still owed, a line each.
    fn promises(&self) -> String {
        let Ticket { first_reply, resolution, .. } = self.ticket;
        let mut lines = Vec::new();
        // The result is an answer too: a first reply that is due no earlier says nothing more.
        if owed(self.ticket, Target::FirstReply) && first_reply.due_at < resolution.due_at {
            lines.push(t!(
                self.lang,
                "mail-promise-reply",
                time = when(first_reply.due_at, self.now, self.lang)
            ));
        }
        if owed(self.ticket, Target::Resolution) {
            lines.push(t!(
                self.lang,
                "mail-promise-result",
                time = when(resolution.due_at, self.now, self.lang)
            ));
        }
        lines.join("\n")
    }

    fn solved(&self) -> Vec<String> {
        let mut lines = vec![t!(self.lang, "mail-solved", number = self.ticket.number.to_string())];
        if matches!(self.ticket.resolution.outcome, Outcome::Breached { .. }) {
            lines.push(t!(self.lang, "notice-late"));
        }
        if let (State::Solved, Some(at), Ok(policy)) =
            (self.ticket.state, self.ticket.solved_at, self.service.policy_of(self.ticket))
        {
            let closes = at + chrono::TimeDelta::milliseconds(policy.close_after_ms);
            lines.push(t!(self.lang, "mail-solved-how", when = when(closes, self.now, self.lang)));
        }
        lines
    }

    fn at_risk(&self, target: Target) -> Option<Said> {
        let due = self.ticket.clock(target).due_at;
        if due <= self.now {
            return None;
        }
        let (time, left) = (when(due, self.now, self.lang), left(due - self.now, self.lang));
        let promise = match target {
            Target::FirstReply => t!(self.lang, "risk-reply", time = time, left = left),
            Target::Resolution => t!(self.lang, "risk-result", time = time, left = left),
        };
        Said::of([promise, t!(self.lang, "risk-next")])
    }

    fn broken(&self, target: Target) -> Option<Said> {
        let time = when(self.ticket.clock(target).due_at, self.now, self.lang);
        let promise = match target {
            Target::FirstReply => t!(self.lang, "broken-reply", time = time),
            Target::Resolution => t!(self.lang, "broken-result", time = time),
        };
        Said::of([promise, t!(self.lang, "broken-next")])
    }
}
