//! One update's talk with a person: the dialogue as it was stored, what is shown, and the conversation that steps.

use chrono::TimeDelta;
use crm::clock::Moment;
use crm::domain::ids::TicketId;
use crm::domain::kind::{Channel, Kind, Terms};
use crm::service::Emergency;
use crm::store::{Call, Trial};
use crm::t;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::tap::{Choice, Place, Tap, Topic};
use super::wizard::{Draft, Facts, Input, KnownNetwork, Needs, Page, Promises, Run, Step};
use super::{State, menu, mine, opened, rating, step_up, tickets, write};
use crate::context::{Context, Result};
use crate::say::{Button, Say, escape};
use crate::update::{What, Written};
use crate::view;

/// How long a conversation waits for an answer.
const EXPIRES: TimeDelta = TimeDelta::hours(24);
/// How long after a word to a ticket the next one goes there too.
const NEAR: TimeDelta = TimeDelta::minutes(10);
/// A quota that was read longer ago may be another by now: then the conversation says that it does not know.
const QUOTAS_KNOWN_FOR: TimeDelta = TimeDelta::hours(1);

/// What is stored between updates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialogue {
    /// The number of the question that was asked last: grows for ever, as it is a moment in seconds or one more.
    #[serde(default)]
    turn: i64,
    /// The conversation in the middle.
    #[serde(default)]
    state: Option<State>,
    /// The ticket this person wrote to last, and when.
    #[serde(default)]
    near: Option<(TicketId, Moment)>,
    /// The album that came last; whether it went to the ticket that is near, or into the conversation.
    #[serde(default)]
    album: Option<(String, bool)>,
}

/// One update's talk.
pub struct Talk {
    /// What everything works with.
    pub ctx: Context,
    dialogue: Dialogue,
    stored: Dialogue,
    expired: bool,
    answered: bool,
}

impl Talk {
    /// Loads the dialogue; one that waited too long has ended.
    pub async fn open(ctx: Context) -> Result<Self> {
        let (stored, touched) = ctx.dialogue::<Dialogue>().await?.unwrap_or((Dialogue::default(), ctx.now));
        let mut dialogue = stored.clone();
        let expired = stored.state.is_some() && ctx.now - touched > EXPIRES;
        if expired {
            dialogue.state = None;
        }
        let mut talk = Self { ctx, dialogue, stored, expired, answered: false };
        if expired {
            talk.tell_expired().await;
        }
        Ok(talk)
    }

    /// Stores the dialogue if it changed, and answers the press if nothing has.
    pub async fn close(mut self) -> Result<()> {
        if !self.answered {
            self.toast("").await;
        }
        if self.dialogue != self.stored {
            self.ctx.dialogue_save(&self.dialogue).await?;
        }
        Ok(())
    }

    /// The conversation in the middle.
    pub fn state(&self) -> Option<State> {
        self.dialogue.state.clone()
    }

    /// A word that appears for a moment.
    pub async fn toast(&mut self, text: &str) {
        self.answered = true;
        self.ctx.toast(text, false).await;
    }

    /// Shows a message here or below.
    pub async fn show(&mut self, place: Place, say: &Say) {
        match place {
            Place::Here => self.ctx.replace(say).await,
            Place::Below => self.ctx.send(say).await,
        }
    }

    /// Takes the buttons off the message that was pressed: what it offered is done.
    pub async fn strip(&mut self) {
        let chat = self.ctx.incoming.chat;
        if let What::Press { message_id: Some(message), .. } = self.ctx.incoming.what {
            let params =
                json!({ "chat_id": chat, "message_id": message, "reply_markup": { "inline_keyboard": [] } });
            let call =
                Call { method: "editMessageReplyMarkup".to_owned(), params, ticket: None, remember: None };
            self.ctx.queue(chat, call).await;
        }
    }

    /// Remembers which ticket the person is at.
    pub fn came_near(&mut self, ticket: TicketId) {
        self.dialogue.near = Some((ticket, self.ctx.now));
    }

    /// The ticket the person wrote to a moment ago.
    pub fn near(&self) -> Option<TicketId> {
        self.dialogue.near.filter(|(_, at)| self.ctx.now - *at <= NEAR).map(|(ticket, _)| ticket)
    }

    /// Ends the conversation. What was written for it and not sent is said, so that nobody thinks it was.
    pub fn leave(&mut self) -> Option<String> {
        let state = self.dialogue.state.take()?;
        let draft = state.draft().filter(|d| !d.is_empty())?;
        Some(view::unsent(self.ctx.lang, draft))
    }

    /// What a step of `state` may know. The tickets are read only where they matter.
    pub async fn facts(&self, state: &State) -> Result<Facts> {
        self.gather(Needs::of(state)).await
    }

    async fn gather(&self, needs: Needs) -> Result<Facts> {
        let ctx = &self.ctx;
        let emergency = ctx.work().await.tx.setting::<Emergency>("emergency").await?.unwrap_or_default().on;
        let services = match &ctx.person.contact {
            Some(contact) => ctx.work().await.tx.rented_by(&contact.customer).await?,
            None => Vec::new(),
        };
        let tickets = if needs == Needs::Tickets { mine::unfinished(ctx).await? } else { Vec::new() };
        let customer = ctx.person.contact.as_ref().map(|contact| &contact.customer);
        let mut cabinet = None;
        let mut mail = None;
        let mut networks = Vec::new();
        let mut quotas = Vec::new();
        let mut trials_had = Vec::new();
        match (needs, customer) {
            (Needs::Accounts, Some(customer)) => {
                let stored = ctx.work().await.tx.customer_fetch(customer).await?;
                cabinet = stored.and_then(|c| c.cabinet).map(|c| c.user);
                if let Some(contact) = &ctx.person.contact {
                    mail = crm::step_up::channel(&mut ctx.work().await.tx, &contact.id).await?;
                }
                quotas = ctx.work().await.tx.quota_facts(customer, ctx.now - QUOTAS_KNOWN_FOR).await?;
            }
            (Needs::Trials, Some(customer)) => {
                for terms in Terms::ALL {
                    if ctx.work().await.tx.trial_of(customer, *terms).await? == Trial::Had {
                        trials_had.push(*terms);
                    }
                }
            }
            (Needs::Networks, Some(customer)) => {
                let stored = ctx.work().await.tx.networks_of_customer(customer).await?;
                networks = stored.into_iter().map(KnownNetwork::from).collect();
            }
            _ => {}
        }
        let promises =
            ctx.service.policies().current(Terms::Vm, ctx.now).map_or_else(Promises::default, |p| {
                let of = |kind| p.kinds.get(&kind).map_or(0, |k| k.resolution_ms);
                Promises {
                    first_reply: TimeDelta::milliseconds(p.first_reply_ms(Channel::Telegram, emergency)),
                    critical: TimeDelta::milliseconds(of(Kind::FaultCritical)),
                    minor: TimeDelta::milliseconds(of(Kind::FaultMinor)),
                    graceful_wait: TimeDelta::milliseconds(p.graceful_wait_ms),
                }
            });
        Ok(Facts {
            lang: ctx.lang,
            now: ctx.now,
            services,
            tickets,
            cabinet,
            mail,
            quotas,
            networks,
            trials_had,
            bound: customer.is_some(),
            phone: escape(&ctx.settings.support.phone),
            promises,
        })
    }

    /// Begins a conversation.
    pub async fn begin(&mut self, topic: Topic, place: Place) -> Result<()> {
        if self.ctx.person.contact.is_none() && !matches!(topic, Topic::Question | Topic::Cabinet) {
            // A button from before the account was unbound, or a forged one.
            return menu::show(self, place).await;
        }
        let unsent = self.leave();
        let facts = self.gather(Needs::to_begin(topic)).await?;
        let state = State::begin(topic, &facts);
        self.ask(state, unsent, place, &facts).await;
        Ok(())
    }

    /// Shows the question of `state` and waits for the answer.
    pub async fn ask(&mut self, state: State, note: Option<String>, place: Place, facts: &Facts) {
        self.dialogue.turn = (self.dialogue.turn + 1).max(self.ctx.now.timestamp());
        let mut page = state.page(facts);
        if let Some(note) = note {
            page.html = format!("{note}\n\n{}", page.html);
        }
        let say = self.paged(page);
        self.dialogue.state = Some(state);
        self.show(place, &say).await;
    }

    fn paged(&self, page: Page) -> Say {
        let (turn, lang) = (self.dialogue.turn, self.ctx.lang);
        let button = |(label, choice): (String, Choice)| Button::tap(label, Tap::Answer { turn, choice });
        let mut say = Say::html(page.html);
        for row in page.rows {
            say = say.row(row.into_iter().map(button));
        }
        say.row([
            button((t!(lang, "button-back"), Choice::Back)),
            button((t!(lang, "button-cancel"), Choice::Cancel)),
        ])
    }

    /// A button of a question was pressed.
    pub async fn chosen(&mut self, turn: i64, choice: Choice) -> Result<()> {
        match self.state() {
            Some(state) if turn == self.dialogue.turn => match choice {
                Choice::Cancel => self.cancel().await,
                choice => self.input(state, Input::Chosen(choice)).await,
            },
            // The same button twice: the first press did it.
            None if turn == self.dialogue.turn && !self.expired => {
                let text = t!(self.ctx.lang, "toast-already");
                self.toast(&text).await;
                Ok(())
            }
            _ => self.stale().await,
        }
    }

    /// The conversation takes a step.
    pub async fn input(&mut self, state: State, input: Input) -> Result<()> {
        let mut facts = self.facts(&state).await?;
        let writing = match &state {
            State::Writing(w) => Some(w.to),
            State::Rating(r) => Some(r.to),
            _ => None,
        };
        let step = state.step(input, &facts);
        if let Step::Ask(next @ State::Stray(_)) = &step {
            facts = self.facts(next).await?;
        }
        match step {
            Step::Ask(next) => self.ask(next, None, Place::Here, &facts).await,
            Step::Note(next, note) => self.ask(next, Some(note), Place::Here, &facts).await,
            Step::Run(run) => {
                self.dialogue.state = None;
                Box::pin(self.run(run)).await?;
            }
            Step::Leave => match writing {
                Some(number) => {
                    self.dialogue.state = None;
                    tickets::detail(self, number, Place::Here).await?;
                }
                None => menu::show(self, Place::Here).await?,
            },
            Step::Stale(_) => self.stale().await?,
        }
        Ok(())
    }

    async fn run(&mut self, run: Run) -> Result<()> {
        match run {
            Run::Open { kind, form, draft } => opened::open(self, (kind, form), draft, None).await.map(drop),
            Run::Write { to, draft } => write::to(self, to, &draft).await,
            Run::Reopen { ticket, draft } => tickets::reopen(self, ticket, &draft).await,
            Run::Rate { ticket, score, draft } => rating::rate(self, ticket, score, draft).await,
            Run::SendCode(password) => step_up::send(self, password).await,
            Run::CheckCode(password, code) => step_up::check(self, password, &code).await,
        }
    }

    /// A button that does not fit what is going on now: says so and shows what is.
    pub async fn stale(&mut self) -> Result<()> {
        let text = t!(self.ctx.lang, "toast-stale");
        self.toast(&text).await;
        self.strip().await;
        match self.state() {
            Some(state) => {
                let facts = self.facts(&state).await?;
                self.ask(state, None, Place::Below, &facts).await;
                Ok(())
            }
            None => menu::show(self, Place::Below).await,
        }
    }

    /// Leaves the conversation, by command or button.
    pub async fn cancel(&mut self) -> Result<()> {
        let lang = self.ctx.lang;
        let html = if self.dialogue.state.take().is_some() {
            t!(lang, "cancelled")
        } else {
            t!(lang, "nothing-to-cancel")
        };
        let say = Say::html(html).row([view::menu_button(lang)]);
        self.show(Place::Here, &say).await;
        Ok(())
    }

    async fn tell_expired(&mut self) {
        let lang = self.ctx.lang;
        let mut html = t!(lang, "expired");
        html.push(' ');
        let draft = self.stored.state.as_ref().and_then(State::draft).filter(|d| !d.is_empty());
        html.push_str(&match draft {
            Some(draft) => view::unsent(lang, draft),
            None => t!(lang, "nothing-sent"),
        });
        self.ctx.send(&Say::html(html)).await;
    }

    /// Says what to do about a file that is too big to be handed on outside Telegram.
    pub async fn warn_of_big_files(&self, draft: &Draft) {
        // What a bot may download.
        const MOST: i64 = 20 * 1024 * 1024;
        let big = draft.files.iter().find(|file| file.size.is_some_and(|size| size > MOST));
        if let Some(file) = big {
            let name = file.name.clone().unwrap_or_else(|| t!(self.ctx.lang, "file"));
            let mut say = Say::html(t!(self.ctx.lang, "file-too-big", name = escape(&name)));
            say.reply_to = draft.messages.last().copied();
            self.ctx.send(&say).await;
        }
    }

    /// A message of the conversation's draft was edited: `false` if there is none such.
    pub async fn edited(&mut self, message: i64, text: &str) -> Result<bool> {
        let Some(mut state) = self.state() else { return Ok(false) };
        if !state.draft_mut().is_some_and(|draft| draft.edit(message, text)) {
            return Ok(false);
        }
        let facts = self.facts(&state).await?;
        let note = t!(self.ctx.lang, "draft-edited");
        self.ask(state, Some(note), Place::Below, &facts).await;
        Ok(true)
    }

    /// Photos that were sent together come one by one: the first is handled as a message, the others follow it without a word.
    pub async fn continues_album(&mut self, written: &Written, draft: &Draft) -> Result<bool> {
        let Some(album) = &written.album else { return Ok(false) };
        let known = self.dialogue.album.as_ref().is_some_and(|(id, _)| id == album);
        if !known {
            // Where the first one goes shows when it has been handled: see `album_went`.
            self.dialogue.album = Some((album.clone(), false));
            return Ok(false);
        }
        match (self.dialogue.album.as_ref().is_some_and(|a| a.1), self.dialogue.near, self.state()) {
            (true, Some((ticket, _)), _) => write::quietly(self, ticket, draft).await?,
            (_, _, Some(state)) => {
                let facts = self.facts(&state).await?;
                match state.step(Input::Wrote(draft.clone()), &facts) {
                    Step::Ask(next) | Step::Note(next, _) => self.dialogue.state = Some(next),
                    Step::Run(_) | Step::Leave | Step::Stale(_) => {}
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Notes that the album's first photo went to the ticket that is near, so that the others follow it.
    pub fn album_went_to_ticket(&mut self) {
        if let (Some(album), What::Message(Written { album: Some(_), .. })) =
            (&mut self.dialogue.album, &self.ctx.incoming.what)
        {
            album.1 = true;
        }
    }
}
