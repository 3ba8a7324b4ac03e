//! The sentences of notices: news about a ticket, in plain words.

use crm::clock::Moment;
use crm::domain::action::{ActionSpec, Proof};
use crm::domain::form::RebootMode;
use crm::domain::ids::TicketNumber;
use crm::domain::kind::Kind;
use crm::domain::lang::Lang;
use crm::domain::sla::{Outcome, Target};
use crm::domain::ticket::{State, Ticket};
use crm::plan_text;
use crm::store::Message;
use crm::t;
use crm::text::{length, when};

use crate::flows::tap::{Act, Place, Tap};
use crate::say::{Button, Say, escape};
use crate::{view, view_ticket};

/// What a notice is made from.
pub struct Told<'a> {
    /// The language it is told in.
    pub lang: Lang,
    /// The ticket, as it is now.
    pub ticket: &'a Ticket,
    /// Now.
    pub now: Moment,
    /// The name of whoever holds it.
    pub holder: Option<String>,
}

impl Told<'_> {
    fn say(&self, head: &str, lines: &[String]) -> Say {
        let number = self.ticket.number.to_string();
        let what = view_ticket::title(self.lang, self.ticket);
        let mut html = t!(self.lang, head, number = number, what = what);
        for line in lines.iter().filter(|line| !line.is_empty()) {
            html.push_str("\n\n");
            html.push_str(line);
        }
        Say::html(html)
    }

    fn act(&self, key: &str, act: Act) -> Button {
        Button::tap(t!(self.lang, key), Tap::Act(act, self.ticket.number))
    }

    /// The button that shows the ticket.
    pub fn open(&self) -> Button {
        view::ticket_button(self.lang, self.ticket.number, Place::Below)
    }

    /// The promises that are still owed.
    fn promises(&self) -> String {
        view_ticket::promises(self.lang, self.ticket, self.now).trim_start().to_owned()
    }

    fn named(&self, name: &str) -> String {
        if name.is_empty() { t!(self.lang, "support") } else { escape(name) }
    }

    fn quoted(&self, words: Option<&Message>) -> String {
        let Some(words) = words else { return String::new() };
        let mut html = String::new();
        if !words.body.is_empty() {
            html.push_str(&format!("<blockquote>{}</blockquote>", escape(&words.body)));
        }
        if !words.attachments.is_empty() {
            if !html.is_empty() {
                html.push('\n');
            }
            html.push_str(&t!(self.lang, "draft-files", n = words.attachments.len()));
        }
        html
    }

    /// An engineer works on it.
    pub fn taken(&self) -> Say {
        let name = self.named(self.holder.as_deref().unwrap_or_default());
        self.say("notice-taken", &[t!(self.lang, "notice-taken-by", name = name), self.promises()])
            .row([self.open()])
    }

    /// An engineer asks.
    pub fn asked(&self, name: &str, words: Option<&Message>) -> Say {
        let asks = t!(self.lang, "notice-asked-by", name = self.named(name));
        let lines = [format!("{asks}\n{}", self.quoted(words)), t!(self.lang, "notice-asked-how")];
        self.say("notice-asked", &lines).row([self.act("button-answer", Act::Write), self.open()])
    }

    /// An engineer writes.
    pub fn answered(&self, name: &str, words: Option<&Message>) -> Say {
        let writes = t!(self.lang, "notice-answered-by", name = self.named(name));
        self.say("notice-answered", &[format!("{writes}\n{}", self.quoted(words))])
            .row([self.act("button-write", Act::Write), self.open()])
    }

    /// People agreed to it; it is being done.
    pub fn approved(&self) -> Say {
        self.say("notice-approved", &[t!(self.lang, "next-executing"), self.promises()]).row([self.open()])
    }

    /// The machine could not do it; a person takes over.
    pub fn failed(&self) -> Say {
        let who = match &self.holder {
            Some(name) => t!(self.lang, "notice-held", name = escape(name)),
            None => t!(self.lang, "notice-failed-next"),
        };
        self.say("notice-failed", &[who, self.promises()]).row([self.open()])
    }

    /// Done, and read back.
    pub fn proved(&self, spec: &ActionSpec, proof: &Proof, closes_at: Option<Moment>) -> Say {
        let vm = escape(&spec.subject());
        let key = format!("proof-{}-{}", spec.kind(), method(spec, proof));
        let mut what = t!(self.lang, &key, vm = vm);
        // What was read back says everything there is to say of other things than machines. How our hosts reach each other is ours.
        let machine = matches!(spec, ActionSpec::VmReboot { .. } | ActionSpec::VmUnlock { .. });
        for change in proof.read_back.iter().filter(|c| !machine && c.what.key != "plan-what-route") {
            what.push_str(&format!("\n• {}", escape(&plan_text::change(change, self.lang))));
        }
        let checked = t!(
            self.lang,
            "proof-checked",
            time = when(proof.at, self.now, self.lang),
            took = length(chrono::TimeDelta::milliseconds(proof.took_ms), self.lang)
        );
        self.finished(vec![format!("{what}\n{checked}")], closes_at)
    }

    /// An engineer says that it is done; with or without words.
    pub fn solved(&self, name: Option<&str>, words: Option<&Message>, closes_at: Option<Moment>) -> Say {
        let line = match name {
            Some(name) => {
                let writes = t!(self.lang, "notice-answered-by", name = self.named(name));
                format!("{writes}\n{}", self.quoted(words))
            }
            None => String::new(),
        };
        self.finished(vec![line], closes_at)
    }

    /// The account is bound: the person speaks for this customer from now on.
    pub fn bound(&self, customer: &str) -> Say {
        let line = t!(self.lang, "notice-bound", customer = escape(customer));
        self.say("notice-solved", &[line]).row([view::menu_button(self.lang)])
    }

    fn finished(&self, mut lines: Vec<String>, closes_at: Option<Moment>) -> Say {
        if matches!(self.ticket.resolution.outcome, Outcome::Breached { .. }) {
            lines.push(t!(self.lang, "notice-late"));
        }
        // Whoever reads this late may find it confirmed, closed or open again.
        if self.ticket.state != State::Solved {
            return self.say("notice-solved", &lines).row([self.open()]);
        }
        if let Some(at) = closes_at {
            lines.push(t!(self.lang, "notice-closes", when = when(at, self.now, self.lang)));
        }
        self.say("notice-solved", &lines)
            .row([self.act("button-solved", Act::Confirm), self.act("button-reopen", Act::Reopen)])
    }

    /// A fault is worse, or less bad, than was reported; the promise follows.
    pub fn reclassified(&self, to: Kind) -> Say {
        let head = match to {
            Kind::FaultCritical => "notice-reclassified-critical",
            _ => "notice-reclassified-minor",
        };
        self.say(head, &[self.promises(), t!(self.lang, "notice-reclassified-next")]).row([self.open()])
    }

    /// The same was asked twice: it goes on under the other number.
    pub fn merged(&self, other: TicketNumber) -> Say {
        let (number, what) = (self.ticket.number.to_string(), view_ticket::title(self.lang, self.ticket));
        let html = t!(self.lang, "notice-merged", number = number, what = what, other = other.to_string());
        Say::html(html).row([view::ticket_button(self.lang, other, Place::Below)])
    }

    /// The desk will not do it.
    pub fn declined(&self, name: &str, words: Option<&Message>) -> Say {
        let writes = t!(self.lang, "notice-answered-by", name = self.named(name));
        let lines = [format!("{writes}\n{}", self.quoted(words)), t!(self.lang, "notice-declined-next")];
        self.say("notice-declined", &lines).row([self.open(), view::menu_button(self.lang)])
    }

    /// Who has it, or how it stands when nobody has.
    fn who(&self) -> String {
        match (&self.holder, self.ticket.state) {
            (_, State::Executing) => t!(self.lang, "who-executing"),
            (Some(name), State::WaitingApproval) => t!(self.lang, "who-approval-held", name = escape(name)),
            (None, State::WaitingApproval) => t!(self.lang, "who-approval"),
            (Some(_), State::WaitingCustomer) => t!(self.lang, "who-waiting"),
            (Some(name), _) => t!(self.lang, "notice-held", name = escape(name)),
            (None, _) => t!(self.lang, "who-nobody"),
        }
    }

    /// A promise is about to break: the customer hears it first, from us.
    pub fn at_risk(&self, target: Target) -> Say {
        let key = match target {
            Target::FirstReply => "risk-reply",
            Target::Resolution => "risk-result",
        };
        let promise = view_ticket::promise(self.lang, key, self.ticket.clock(target), self.now);
        self.say("notice-risk", &[promise, self.who(), t!(self.lang, "risk-next")]).row([self.open()])
    }

    /// A promise is broken.
    pub fn broken(&self, target: Target) -> Say {
        let time = when(self.ticket.clock(target).due_at, self.now, self.lang);
        let promise = match target {
            Target::FirstReply => t!(self.lang, "broken-reply", time = time),
            Target::Resolution => t!(self.lang, "broken-result", time = time),
        };
        self.say("notice-broken", &[promise, self.who(), t!(self.lang, "broken-next")]).row([self.open()])
    }
}

/// How it was done, as a part of a key; words that the provisioner may learn later are told in general.
fn method(spec: &ActionSpec, proof: &Proof) -> &'static str {
    match (spec, proof.method.as_str()) {
        (ActionSpec::VmReboot { mode: RebootMode::Graceful, .. }, "hard") => "forced",
        (ActionSpec::VmReboot { .. }, "graceful") => "graceful",
        (ActionSpec::VmReboot { .. }, "hard") => "hard",
        (ActionSpec::VmReboot { .. } | ActionSpec::VmUnlock { .. }, "started") => "started",
        (ActionSpec::VmUnlock { .. }, "resumed") => "resumed",
        _ => "done",
    }
}
