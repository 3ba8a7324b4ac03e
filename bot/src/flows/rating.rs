//! Rating the help from 1 to 5, and a few words to it. The words are asked for by a button of their own: what somebody writes next by
//! himself may be the next trouble, and must not end as a comment.

use crm::domain::decide::Command;
use crm::domain::ids::TicketNumber;
use crm::domain::lang::Lang;
use crm::domain::ticket::{State as TicketState, Ticket};
use crm::service::ServiceError;
use crm::store::Side;
use crm::t;
use serde::{Deserialize, Serialize};

use super::State;
use super::mine;
use super::talk::Talk;
use super::tap::{Act, Choice, Place, Tap};
use super::tickets;
use super::wizard::{Draft, Input, Page, Run, Step};
use crate::context::Result;
use crate::say::{Button, Say};
use crate::view;

/// A comment is awaited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// To the rating of which ticket.
    pub to: TicketNumber,
    /// The rating.
    pub score: u8,
}

impl From<Rating> for State {
    fn from(rating: Rating) -> Self {
        Self::Rating(rating)
    }
}

impl Rating {
    /// The next step.
    pub fn step(self, input: Input) -> Step {
        match input {
            Input::Wrote(draft) => Step::Run(Run::Rate { ticket: self.to, score: self.score, draft }),
            Input::Chosen(Choice::Back) => Step::Leave,
            Input::Chosen(_) => Step::Stale(self.into()),
        }
    }

    /// What is shown.
    pub fn page(&self, lang: Lang) -> Page {
        Page::new(t!(lang, "rate-comment", number = self.to.to_string()))
    }
}

/// One button per mark.
pub fn buttons(number: TicketNumber) -> Vec<Button> {
    (1..=5).map(|score| Button::tap(format!("{score} ⭐"), Tap::Rate(score, number))).collect()
}

/// Whether `ticket` may still be asked to be rated.
pub const fn is_wanted(ticket: &Ticket) -> bool {
    matches!(ticket.state, TicketState::Closed) && ticket.rating.is_none()
}

/// A mark was pressed, or a comment to it written.
pub async fn rate(talk: &mut Talk, number: TicketNumber, score: u8, draft: Draft) -> Result<()> {
    let Some((ticket, actor)) = mine::by_number(&talk.ctx, number).await? else {
        return tickets::unknown(talk).await;
    };
    let ctx = talk.ctx.clone();
    let commented = !draft.is_empty();
    let outcome = {
        let mut work = ctx.work().await;
        if commented {
            let words = (Side::Customer, draft.words());
            let rate = |message| Command::Rate { score, message: Some(message) };
            ctx.service.write(&mut work.tx, ticket.id, words, rate, &actor).await
        } else {
            let rate = Command::Rate { score, message: None };
            ctx.service.execute(&mut work.tx, ticket.id, rate, &actor).await
        }
    };
    match outcome {
        Ok(ticket) => {
            let lang = ctx.lang;
            talk.album_went_to_ticket();
            if commented {
                let say = Say::html(t!(lang, "rate-thanks")).about(ticket.id).row([view::menu_button(lang)]);
                talk.show(Place::Here, &say).await;
            } else {
                let key = if score > 3 { "rated" } else { "rated-low" };
                let say = Say::html(t!(lang, key, score = score)).about(ticket.id).row([
                    Button::tap(t!(lang, "button-comment"), Tap::Act(Act::Comment, number)),
                    view::menu_button(lang),
                ]);
                talk.show(Place::Here, &say).await;
            }
            Ok(())
        }
        Err(ServiceError::Refused(refusal)) => tickets::refused(talk, &ticket, &refusal).await,
        Err(error) => Err(error),
    }
}

/// Asks for the words.
pub async fn ask(talk: &mut Talk, ticket: &Ticket) -> Result<()> {
    let Some(score) = ticket.rating else {
        return tickets::detail(talk, ticket.number, Place::Below).await;
    };
    let unsent = talk.leave();
    let state = Rating { to: ticket.number, score }.into();
    let facts = talk.facts(&state).await?;
    talk.ask(state, unsent, Place::Below, &facts).await;
    Ok(())
}
