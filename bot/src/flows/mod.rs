//! The customers' conversations, one file each.
//!
//! - [`tap`]: what buttons mean. [`wizard`], [`talk`]: how conversations that ask questions go.
//! - [`reboot`], [`unlock`], [`fault`], [`question`], [`quota`], [`password`], [`link`], [`order`], [`cabinet`], [`claim`]: asking for
//!   something; [`opened`]: the acknowledgement.
//! - [`tickets`], [`writing`], [`write`], [`stray`], [`rating`]: what becomes of it, and words that go to it.
//! - [`step_up`]: a code proves who asks for a password.
//! - [`availability`]: a month's figures and their sheets.
//! - [`start`], [`binding`], [`language`], [`menu`], [`info`]: coming in; [`mine`]: what this person may see.
//! - [`account`], [`amount`], [`phone`], [`since`], [`courtesy`]: what people type, understood.
//!
//! A new kind of request is one file with `begin`, `step` and `page`, a variant of [`State`] and of [`Topic`], and its words.

pub mod account;
pub mod amount;
pub mod availability;
pub mod binding;
pub mod cabinet;
pub mod claim;
pub mod courtesy;
pub mod fault;
pub mod info;
pub mod language;
pub mod link;
pub mod menu;
pub mod mine;
pub mod opened;
pub mod order;
pub mod password;
pub mod phone;
pub mod question;
pub mod quota;
pub mod rating;
pub mod reboot;
pub mod since;
pub mod start;
pub mod step_up;
#[cfg(test)]
mod steps_tests;
pub mod stray;
pub mod talk;
pub mod tap;
pub mod tickets;
mod twice;
pub mod unlock;
pub mod wizard;
pub mod write;
pub mod writing;

use crm::domain::lang::Lang;
use crm::t;
use serde::{Deserialize, Serialize};

use crate::context::{Context, Result};
use crate::update::{What, Written};
use talk::Talk;
use tap::{Info, Place, Tap, Topic};
use wizard::{Draft, Facts, Input, Page, Step};

/// A conversation in the middle: one sub-state per conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "flow", rename_all = "snake_case")]
pub enum State {
    /// Rebooting a VM.
    Reboot(reboot::Reboot),
    /// Unlocking a VM.
    Unlock(unlock::Unlock),
    /// Reporting a fault.
    Fault(fault::Fault),
    /// Asking a question.
    Question(question::Question),
    /// More of what a quota limits.
    Quota(quota::Quota),
    /// A new password.
    Password(password::Password),
    /// An order, or a trial.
    Order(order::Order),
    /// A new Cabinet.
    Cabinet(cabinet::Cabinet),
    /// A claim.
    Claim(claim::Claim),
    /// A connection between two zones.
    Link(link::Link),
    /// Words to a rating.
    Rating(rating::Rating),
    /// Writing to a ticket.
    Writing(writing::Writing),
    /// Finding the place of words that came by themselves.
    Stray(stray::Stray),
}

impl State {
    /// Where the conversation about `topic` begins.
    pub fn begin(topic: Topic, facts: &Facts) -> Self {
        match topic {
            Topic::Reboot => reboot::Reboot::begin(facts).into(),
            Topic::Unlock => unlock::Unlock::default().into(),
            Topic::Fault => fault::Fault::begin(facts, Draft::default()).into(),
            Topic::Question => question::Question::default().into(),
            Topic::Quota => quota::Quota::begin(facts).into(),
            Topic::Password => password::Password::begin(facts).into(),
            Topic::Link => link::Link::default().into(),
            Topic::Order => order::Order::begin(false).into(),
            Topic::Trial => order::Order::begin(true).into(),
            Topic::Cabinet => cabinet::Cabinet::default().into(),
            Topic::Credit => claim::Claim::begin(false, facts).into(),
            Topic::Loss => claim::Claim::begin(true, facts).into(),
        }
    }

    /// The next step. Pure.
    pub fn step(self, input: Input, facts: &Facts) -> Step {
        match self {
            Self::Reboot(it) => it.step(input, facts),
            Self::Unlock(it) => it.step(input, facts),
            Self::Fault(it) => it.step(input, facts),
            Self::Question(it) => it.step(input, facts),
            Self::Quota(it) => it.step(input, facts),
            Self::Password(it) => it.step(input, facts),
            Self::Order(it) => it.step(input, facts),
            Self::Cabinet(it) => it.step(input, facts),
            Self::Claim(it) => it.step(input, facts),
            Self::Link(it) => it.step(input, facts),
            Self::Rating(it) => it.step(input),
            Self::Writing(it) => it.step(input),
            Self::Stray(it) => it.step(input, facts),
        }
    }

    /// What is shown.
    pub fn page(&self, facts: &Facts) -> Page {
        match self {
            Self::Reboot(it) => it.page(facts),
            Self::Unlock(it) => it.page(facts),
            Self::Fault(it) => it.page(facts),
            Self::Question(it) => it.page(facts),
            Self::Quota(it) => it.page(facts),
            Self::Password(it) => it.page(facts),
            Self::Order(it) => it.page(facts),
            Self::Cabinet(it) => it.page(facts),
            Self::Claim(it) => it.page(facts),
            Self::Link(it) => it.page(facts),
            Self::Rating(it) => it.page(facts.lang),
            Self::Writing(it) => it.page(facts.lang),
            Self::Stray(it) => it.page(facts),
        }
    }

    /// What is written but not sent.
    pub const fn draft(&self) -> Option<&Draft> {
        match self {
            Self::Unlock(it) => it.draft(),
            Self::Fault(it) => Some(&it.draft),
            Self::Stray(it) => Some(&it.draft),
            Self::Quota(it) => Some(it.draft()),
            Self::Password(it) => Some(it.draft()),
            Self::Order(it) => Some(it.draft()),
            Self::Cabinet(it) => Some(it.draft()),
            Self::Claim(it) => Some(it.draft()),
            Self::Link(it) => Some(it.draft()),
            Self::Reboot(_) | Self::Question(_) | Self::Writing(_) | Self::Rating(_) => None,
        }
    }

    /// The same, to put right what was edited meanwhile.
    pub const fn draft_mut(&mut self) -> Option<&mut Draft> {
        match self {
            Self::Unlock(it) => it.draft_mut(),
            Self::Fault(it) => Some(&mut it.draft),
            Self::Stray(it) => Some(&mut it.draft),
            Self::Quota(it) => Some(it.draft_mut()),
            Self::Password(it) => Some(it.draft_mut()),
            Self::Order(it) => Some(it.draft_mut()),
            Self::Cabinet(it) => Some(it.draft_mut()),
            Self::Claim(it) => Some(it.draft_mut()),
            Self::Link(it) => Some(it.draft_mut()),
            Self::Reboot(_) | Self::Question(_) | Self::Writing(_) | Self::Rating(_) => None,
        }
    }
}

/// The commands of the menu, with their descriptions.
pub fn commands(lang: Lang) -> Vec<(&'static str, String)> {
    ["menu", "tickets", "lang", "help", "cancel"]
        .into_iter()
        .map(|command| (command, t!(lang, &format!("command-{command}"))))
        .collect()
}

/// Anything a person does in his private chat with the bot.
pub async fn private(ctx: Context) -> Result<()> {
    match &ctx.incoming.what {
        What::Membership { active } => {
            let blocked_at = (!active).then_some(ctx.now);
            ctx.work().await.tx.account_blocked(ctx.incoming.from.id, blocked_at).await?;
            if *active { start::back(&ctx).await } else { Ok(()) }
        }
        What::Migrated { .. } => Ok(()),
        What::Edited(written) => write::edited(&ctx, written).await,
        What::Press { data, .. } => {
            let tap = data.parse();
            let mut talk = Talk::open(ctx).await?;
            match tap {
                Ok(tap) => pressed(&mut talk, tap).await?,
                Err(tap::Foreign) => talk.stale().await?,
            }
            talk.close().await
        }
        What::Message(written) => {
            let written = written.clone();
            let mut talk = Talk::open(ctx).await?;
            Box::pin(said(&mut talk, written)).await?;
            talk.close().await
        }
    }
}

async fn pressed(talk: &mut Talk, tap: Tap) -> Result<()> {
    match tap {
        Tap::Menu(place) => menu::show(talk, place).await,
        Tap::Languages => language::ask(talk, Place::Here).await,
        Tap::Language(lang) => language::choose(talk, lang).await,
        Tap::Begin(topic, place) => talk.begin(topic, place).await,
        Tap::Tickets(page, place) => tickets::list(talk, page, place).await,
        Tap::Ticket(number, place) => tickets::detail(talk, number, place).await,
        Tap::Act(act, number) => tickets::act(talk, act, number).await,
        Tap::Rate(score, number) => rating::rate(talk, number, score, Draft::default()).await,
        Tap::More => menu::more(talk).await,
        Tap::Info(what) => info::show(talk, what, Place::Here).await,
        Tap::Share => binding::ask(talk).await,
        Tap::Companies => binding::companies(talk).await,
        Tap::Speak(contact) => binding::speak(talk, contact).await,
        Tap::Availability(month) => availability::month(talk, month, Place::Here).await,
        Tap::Sheet(service, month, page) => availability::sheet(talk, service, month, page).await,
        Tap::Answer { turn, choice } => talk.chosen(turn, choice).await,
    }
}

async fn said(talk: &mut Talk, written: Written) -> Result<()> {
    if let Some((word, rest)) = command(&written.text) {
        return commanded(talk, &word, rest).await;
    }
    let draft = match &written.contact {
        // The number to call back is asked for: a card is an answer.
        Some((phone, _)) if matches!(talk.state(), Some(State::Cabinet(_))) => {
            Draft { text: phone.clone(), ..Draft::of(&written) }
        }
        Some((phone, owner)) if binding::claims(talk, *owner) => {
            let (phone, owner) = (phone.clone(), *owner);
            return binding::shared(talk, &phone, owner).await;
        }
        _ => Draft::of(&written),
    };
    talk.warn_of_big_files(&draft).await;
    if talk.continues_album(&written, &draft).await? {
        return Ok(());
    }
    if let Some(replied) = written.reply_to
        && write::reply(talk, replied, &draft).await?
    {
        return Ok(());
    }
    match talk.state() {
        // A message without any content that we can keep: a poll, a game, something new.
        _ if draft.is_empty() => start::nothing_readable(talk).await,
        Some(state) => talk.input(state, Input::Wrote(draft)).await,
        None if draft.files.is_empty()
            && talk.ctx.person.contact.is_some()
            && let Some(month) = availability::asked(&draft.text, talk.ctx.lang, talk.ctx.now) =>
        {
            availability::month(talk, month, Place::Below).await
        }
        None => stray::arrived(talk, draft).await,
    }
}

/// A command's word and what follows it. Words that happen to begin with a slash, such as a path, are none and not thrown away.
fn command(text: &str) -> Option<(String, &str)> {
    let text = text.strip_prefix('/')?;
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    // In groups and in some apps a command carries the bot's name.
    let word = word.split('@').next().unwrap_or_default().to_lowercase();
    let looks_like_one = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let ours =
        matches!(word.as_str(), "start" | "menu" | "tickets" | "lang" | "language" | "help" | "cancel");
    (ours || looks_like_one && rest.trim().is_empty()).then(|| (word, rest.trim()))
}

async fn commanded(talk: &mut Talk, word: &str, rest: &str) -> Result<()> {
    match word {
        "start" => start::start(talk, rest).await,
        "menu" => menu::show(talk, Place::Below).await,
        "tickets" => tickets::list(talk, 0, Place::Below).await,
        "lang" | "language" => language::ask(talk, Place::Below).await,
        "help" => info::show(talk, Info::Help, Place::Below).await,
        "cancel" => talk.cancel().await,
        _ => start::no_such_command(talk).await,
    }
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn commands_are_told_from_words_with_a_slash() {
        let word = |text| command(text).map(|c| c.0);
        assert_eq!(command("/start CODE"), Some(("start".to_owned(), "CODE")));
        assert_eq!(word("/Menu@komek_bot"), Some("menu".to_owned()));
        assert_eq!(word("/reboot"), Some("reboot".to_owned()));
        assert_eq!(word("/var/log is full"), None);
        assert_eq!(word("/reboot acme-web please"), None);
        assert_eq!(word("hello /menu"), None);
        assert_eq!(word("/"), None);
    }
}
