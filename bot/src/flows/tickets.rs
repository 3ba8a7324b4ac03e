//! «My requests»: the list, one of them with its time left, and what can be done to it.

use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::ids::TicketNumber;
use crm::domain::refusal::Refusal;
use crm::domain::ticket::{State, Ticket};
use crm::service::ServiceError;
use crm::store::Side;
use crm::t;

use super::mine;
use super::rating;
use super::stray;
use super::talk::Talk;
use super::tap::{Act, Place, Tap};
use super::wizard::Draft;
use super::writing::Writing;
use crate::context::Result;
use crate::say::{Button, Say};
use crate::{view, view_ticket};

/// Tickets on a page.
const PAGE: usize = 6;

/// The person's tickets, what is under way first.
pub async fn list(talk: &mut Talk, page: u16, place: Place) -> Result<()> {
    let unsent = talk.leave();
    let lang = talk.ctx.lang;
    let mut all = mine::all(&talk.ctx).await?;
    all.sort_by_key(|ticket| (ticket.state.is_terminal(), std::cmp::Reverse(ticket.number)));
    let pages = all.len().div_ceil(PAGE).max(1);
    let page = usize::from(page).min(pages - 1);
    let mut html = if all.is_empty() { t!(lang, "tickets-none") } else { t!(lang, "tickets-head") };
    let mut say = Say::default();
    for ticket in all.iter().skip(page * PAGE).take(PAGE) {
        html.push_str("\n\n");
        html.push_str(&view_ticket::summary(lang, ticket, talk.ctx.now));
        let label = view_ticket::line(lang, ticket);
        say = say.row([Button::tap(label, Tap::Ticket(ticket.number, Place::Here))]);
    }
    let turn = |to: usize, key| {
        Button::tap(t!(lang, key), Tap::Tickets(u16::try_from(to).unwrap_or(0), Place::Here))
    };
    let mut turns = Vec::new();
    if page > 0 {
        turns.push(turn(page - 1, "button-newer"));
    }
    if page + 1 < pages {
        turns.push(turn(page + 1, "button-older"));
    }
    if !turns.is_empty() {
        say = say.row(turns);
    }
    say.html = view::noted(unsent, html);
    say = say.row([Button::tap(t!(lang, "button-menu"), Tap::Menu(Place::Here))]);
    talk.show(place, &say).await;
    Ok(())
}

/// One ticket.
pub async fn detail(talk: &mut Talk, number: TicketNumber, place: Place) -> Result<()> {
    let unsent = talk.leave();
    let Some((ticket, _)) = mine::by_number(&talk.ctx, number).await? else { return unknown(talk).await };
    let (lang, now) = (talk.ctx.lang, talk.ctx.now);
    let mut work = talk.ctx.work().await;
    let messages = work.tx.messages(ticket.id, false).await?;
    let holder = match &ticket.assignee {
        Some(staff) => work.tx.staff_member(staff).await?.map(|s| s.name),
        None => None,
    };
    drop(work);
    let html = view_ticket::detail(lang, &ticket, holder.as_deref(), &messages, now);
    let mut say = Say::html(view::noted(unsent, html)).about(ticket.id);
    let act = |key: &str, act| Button::tap(t!(lang, key), Tap::Act(act, number));
    match ticket.state {
        State::Solved => {
            say = say.row([act("button-solved", Act::Confirm), act("button-reopen", Act::Reopen)]);
            say = say.row([act("button-write", Act::Write)]);
        }
        State::Executing => say = say.row([act("button-write", Act::Write)]),
        state if state.is_active() => {
            say = say.row([act("button-write", Act::Write), act("button-withdraw", Act::Cancel)]);
        }
        State::Closed if rating::is_wanted(&ticket) => say = say.row(rating::buttons(number)),
        _ => {}
    }
    say = say.row([
        Button::tap(t!(lang, "button-tickets"), Tap::Tickets(0, Place::Here)),
        Button::tap(t!(lang, "button-menu"), Tap::Menu(Place::Here)),
    ]);
    talk.show(place, &say).await;
    Ok(())
}

/// Another customer's ticket, or none at all: the same answer.
pub async fn unknown(talk: &mut Talk) -> Result<()> {
    let lang = talk.ctx.lang;
    let say = Say::html(view::no_such_ticket(lang)).row([
        Button::tap(t!(lang, "button-tickets"), Tap::Tickets(0, Place::Here)),
        view::menu_button(lang),
    ]);
    talk.show(Place::Below, &say).await;
    Ok(())
}

/// What is done to a ticket by a button.
pub async fn act(talk: &mut Talk, act: Act, number: TicketNumber) -> Result<()> {
    let Some((ticket, actor)) = mine::by_number(&talk.ctx, number).await? else { return unknown(talk).await };
    match act {
        Act::Write => await_words(talk, &ticket, false).await,
        Act::Reopen => await_words(talk, &ticket, true).await,
        Act::Comment => rating::ask(talk, &ticket).await,
        Act::Confirm => {
            let done = execute(talk, &ticket, Command::Confirm, &actor).await?;
            if done {
                talk.strip().await;
                let html = t!(talk.ctx.lang, "confirmed", number = number.to_string());
                let say = Say::html(html)
                    .about(ticket.id)
                    .row(rating::buttons(number))
                    .row([view::menu_button(talk.ctx.lang)]);
                talk.show(Place::Below, &say).await;
            }
            Ok(())
        }
        Act::Cancel => {
            let lang = talk.ctx.lang;
            if ticket.state == State::Executing || !ticket.state.is_active() {
                return refused(talk, &ticket, &Refusal::WrongState(ticket.state)).await;
            }
            let what = view_ticket::title(lang, &ticket);
            let say = Say::html(t!(lang, "withdraw-sure", number = number.to_string(), what = what)).row([
                Button::tap(t!(lang, "button-withdraw-sure"), Tap::Act(Act::CancelSure, number)),
                Button::tap(t!(lang, "button-back"), Tap::Ticket(number, Place::Here)),
            ]);
            talk.show(Place::Here, &say).await;
            Ok(())
        }
        Act::CancelSure => {
            if execute(talk, &ticket, Command::Cancel, &actor).await? {
                let html = t!(talk.ctx.lang, "withdrawn", number = number.to_string());
                let say = Say::html(html).about(ticket.id).row([view::menu_button(talk.ctx.lang)]);
                talk.show(Place::Here, &say).await;
            }
            Ok(())
        }
    }
}

async fn await_words(talk: &mut Talk, ticket: &Ticket, reopens: bool) -> Result<()> {
    let fits = if reopens { ticket.state == State::Solved } else { !ticket.state.is_terminal() };
    if !fits {
        return refused(talk, ticket, &Refusal::WrongState(ticket.state)).await;
    }
    let unsent = talk.leave();
    let state = Writing { to: ticket.number, reopens }.into();
    let facts = talk.facts(&state).await?;
    talk.ask(state, unsent, Place::Below, &facts).await;
    Ok(())
}

/// Carries a command out; tells why not, where the rules do not allow it any more.
async fn execute(talk: &mut Talk, ticket: &Ticket, command: Command, actor: &Actor) -> Result<bool> {
    let ctx = talk.ctx.clone();
    let outcome = {
        let mut work = ctx.work().await;
        ctx.service.execute(&mut work.tx, ticket.id, command, actor).await
    };
    match outcome {
        Ok(_) => Ok(true),
        Err(ServiceError::Refused(refusal)) => {
            refused(talk, ticket, &refusal).await?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Not possible any more: says so in passing and shows how the ticket is now.
pub async fn refused(talk: &mut Talk, ticket: &Ticket, refusal: &Refusal) -> Result<()> {
    let lang = talk.ctx.lang;
    let text = match (refusal, ticket.state) {
        (Refusal::WrongState(_), State::Executing) => t!(lang, "toast-executing"),
        _ => t!(lang, "toast-not-now", state = view_ticket::state(lang, ticket)),
    };
    talk.toast(&text).await;
    talk.strip().await;
    detail(talk, ticket.number, Place::Below).await
}

/// Opens a solved ticket again, with or without words.
pub async fn reopen(talk: &mut Talk, number: TicketNumber, draft: &Draft) -> Result<()> {
    let Some((ticket, actor)) = mine::by_number(&talk.ctx, number).await? else { return unknown(talk).await };
    let ctx = talk.ctx.clone();
    let mut work = ctx.work().await;
    let outcome = if draft.is_empty() {
        ctx.service.execute(&mut work.tx, ticket.id, Command::Reopen(None), &actor).await
    } else {
        let words = (Side::Customer, draft.words());
        ctx.service.write(&mut work.tx, ticket.id, words, |m| Command::Reopen(Some(m)), &actor).await
    };
    match outcome {
        Ok(ticket) => {
            for message in &draft.messages {
                work.tx.message_link(ctx.incoming.chat, *message, ticket.id);
            }
            drop(work);
            talk.came_near(ticket.id);
            talk.album_went_to_ticket();
            let say = Say::html(view_ticket::reopened(ctx.lang, &ticket, ctx.now))
                .about(ticket.id)
                .row([view::ticket_button(ctx.lang, number, Place::Below), view::menu_button(ctx.lang)]);
            talk.show(Place::Here, &say).await;
            Ok(())
        }
        // Closed meanwhile: the words wait until the person says where they belong.
        Err(ServiceError::Refused(Refusal::WrongState(_))) if !draft.is_empty() => {
            drop(work);
            stray::ask(talk, draft.clone(), Some(number)).await
        }
        Err(ServiceError::Refused(refusal)) => {
            drop(work);
            refused(talk, &ticket, &refusal).await
        }
        Err(error) => Err(error),
    }
}

/// A kind answer to thanks; where a solved ticket waits for it, with the button that closes it.
pub async fn courtesy(talk: &mut Talk, solved: Option<&Ticket>) -> Result<()> {
    let lang = talk.ctx.lang;
    let say = match solved {
        Some(ticket) => {
            Say::html(t!(lang, "courtesy-solved", number = ticket.number.to_string())).about(ticket.id).row([
                Button::tap(t!(lang, "button-solved"), Tap::Act(Act::Confirm, ticket.number)),
                Button::tap(t!(lang, "button-reopen"), Tap::Act(Act::Reopen, ticket.number)),
            ])
        }
        None => Say::html(t!(lang, "courtesy")).row([view::menu_button(lang)]),
    };
    talk.show(Place::Below, &say).await;
    Ok(())
}
