//! A press on one of the desk's buttons. Who presses is looked up at this moment, what he may do the rules decide.

use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::event::{Event, MessageRef};
use crm::domain::form::Form;
use crm::domain::ids::{MessageId, TicketNumber};
use crm::domain::kind::Kind;
use crm::domain::lang::Lang;
use crm::domain::person::Right;
use crm::domain::refusal::Refusal;
use crm::domain::ticket::{State, Ticket};
use crm::service::ServiceError;
use crm::t;
use uuid::Uuid;

use super::dialogue::{self, Wanted};
use super::facts::Facts;
use super::reply::{attempt, refresh};
use super::tap::{Claim, DeskTap};
use super::{broadcast, buttons, canned, card, figures, history, more, oncall, page, queue, refusal};
use crate::context::{Context, Result};
use crate::say::Button;
use crate::update::ChatKind;

/// Carries out a press and answers it.
pub async fn press(ctx: &Context, data: &str) -> Result<()> {
    let Some(actor) = ctx.staff_actor() else {
        ctx.toast(&t!(ctx.lang, "desk-refused-not-staff"), true).await;
        return Ok(());
    };
    let Ok(tap) = data.parse::<DeskTap>() else {
        ctx.toast(&t!(ctx.lang, "desk-refused-old-button"), true).await;
        return Ok(());
    };
    match tap {
        DeskTap::Queue | DeskTap::Mine => {
            ctx.toast("", false).await;
            queue::show(ctx, if tap == DeskTap::Mine { queue::Which::Mine } else { queue::Which::All }).await
        }
        DeskTap::Cancel(number) => cancel(ctx, number).await,
        DeskTap::Close(_) => {
            ctx.toast("", false).await;
            dialogue::forget_prompt(ctx).await;
            Ok(())
        }
        DeskTap::Take(n) => command(ctx, n, Command::Take, &actor, "desk-done-taken").await,
        DeskTap::Acknowledge(n) => {
            command(ctx, n, Command::Acknowledge, &actor, "desk-done-acknowledged").await
        }
        DeskTap::HandTo(n, to) => command(ctx, n, Command::HandOver(to), &actor, "desk-done-handed").await,
        DeskTap::SolveSilently(n) => silently(ctx, n, &actor).await,
        DeskTap::Approve(n, claim) => approve(ctx, n, claim, &actor).await,
        DeskTap::Ask(n) => ask(ctx, n, &actor, Wanted::Question, Command::Ask(placeholder())).await,
        DeskTap::Solve(n) => ask(ctx, n, &actor, Wanted::Closing, Command::Solve(None)).await,
        DeskTap::Decline(n, claim) => decline(ctx, n, claim, &actor).await,
        DeskTap::Bind(n) => bind(ctx, n, &actor).await,
        DeskTap::HandOver(n) => departments(ctx, n, &actor).await,
        DeskTap::Escalate(n) => {
            ask(ctx, n, &actor, Wanted::Escalation, Command::Escalate(placeholder())).await
        }
        DeskTap::Note(n) => ask(ctx, n, &actor, Wanted::Note, Command::Note(placeholder())).await,
        DeskTap::Severity(n) => severity(ctx, n, &actor).await,
        DeskTap::More(n) => more::show(ctx, n).await,
        DeskTap::Assign(n) => more::people(ctx, n, &actor).await,
        DeskTap::AssignTo(n, who, from) => more::assign(ctx, n, (who, from), &actor).await,
        DeskTap::Attach(n) => more::others(ctx, n, &actor).await,
        DeskTap::AttachWith(n, other) => more::how(ctx, n, other).await,
        DeskTap::AttachTo(n, other, link) => more::attach(ctx, n, (other, link), &actor).await,
        DeskTap::Canned(n) => canned::choose(ctx, n).await,
        DeskTap::CannedPick(n, name) => canned::preview(ctx, n, name).await,
        DeskTap::CannedSend(n, name, lang) => canned::send(ctx, n, (name, lang), &actor).await,
        DeskTap::History(n) => history::show(ctx, n).await,
        DeskTap::AcknowledgeAll => acknowledge_all(ctx, &actor).await,
        DeskTap::Breaches => {
            ctx.toast("", false).await;
            figures::breaches(ctx).await
        }
        DeskTap::Shift(tap) => oncall::press(ctx, tap, &actor).await,
        DeskTap::Broadcast(tap) => broadcast::press(ctx, tap, &actor).await,
        DeskTap::Back(n) | DeskTap::Open(n) => {
            let Some(ticket) = load(ctx, n).await? else { return Ok(()) };
            ctx.toast("", false).await;
            show(ctx, &ticket).await
        }
    }
}

/// The ticket of a button; tells the presser if there is none.
pub async fn load(ctx: &Context, number: TicketNumber) -> Result<Option<Ticket>> {
    let ticket = ctx.work().await.tx.ticket_by_number(number).await?;
    if ticket.is_none() {
        ctx.toast(&t!(ctx.lang, "desk-refused-not-found"), true).await;
    }
    Ok(ticket)
}

/// Answers every page that waits for the presser.
async fn acknowledge_all(ctx: &Context, actor: &Actor) -> Result<()> {
    let Some(staff) = &ctx.person.staff else { return Ok(()) };
    let waiting = page::unanswered(&mut ctx.work().await.tx, &staff.id, None, ctx.now).await?;
    let mut done = 0;
    for ticket in waiting {
        done += usize::from(attempt(ctx, ticket, Command::Acknowledge, actor).await?.is_ok());
    }
    ctx.toast(&t!(ctx.lang, "desk-done-acknowledged-all", n = done), false).await;
    queue::show(ctx, queue::Which::All).await
}

/// The other of the two kinds of faults; the reason follows.
async fn severity(ctx: &Context, number: TicketNumber, actor: &Actor) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    let to = match ticket.kind {
        Kind::FaultCritical => Kind::FaultMinor,
        _ => Kind::FaultCritical,
    };
    let rehearsed = Command::Reclassify { to, reason: placeholder() };
    ask_about(ctx, ticket, actor, Wanted::Severity(to), rehearsed).await
}

/// A command that needs no words.
async fn command(
    ctx: &Context,
    number: TicketNumber,
    command: Command,
    actor: &Actor,
    done: &str,
) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    match attempt(ctx, ticket.clone(), command, actor).await? {
        Ok(after) => {
            ctx.toast(&t!(ctx.lang, done, number = number.to_string()), false).await;
            shown_in_private(ctx, &after).await
        }
        Err(why) => refused(ctx, &ticket, &why).await,
    }
}

/// Agrees to the proposal that the button showed: its claim must fit the one that waits now.
async fn approve(ctx: &Context, number: TicketNumber, claim: Claim, actor: &Actor) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    let Some(action) = ticket.action.clone().filter(|a| claim.fits(&a.digest)) else {
        return refused(ctx, &ticket, &Refusal::StaleAction).await;
    };
    let approve = Command::Approve { id: action.id, digest: action.digest };
    match attempt(ctx, ticket.clone(), approve, actor).await? {
        Ok(after) => {
            let given = after.action.as_ref().map_or(0, |a| a.approved_by.len());
            let text = if after.state == State::Executing {
                t!(ctx.lang, "desk-done-approved", number = number.to_string())
            } else {
                t!(ctx.lang, "desk-done-approved-first", given = given, needed = action.quorum.people())
            };
            ctx.toast(&text, false).await;
            shown_in_private(ctx, &after).await
        }
        Err(why) => refused(ctx, &ticket, &why).await,
    }
}

/// Confirms that whoever shared a contact's telephone number is that contact: he speaks for the customer from now on.
async fn bind(ctx: &Context, number: TicketNumber, actor: &Actor) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    let (Form::Binding { contact }, Some(telegram)) = (&ticket.form, ticket.origin.chat) else {
        return refused(ctx, &ticket, &Refusal::NotFound).await;
    };
    if asked_himself(ctx, &ticket) {
        return refused(ctx, &ticket, &Refusal::AnotherPersonNeeded).await;
    }
    if ctx.work().await.tx.contact_fetch(contact).await?.is_none() {
        // He left the directory meanwhile.
        return refused(ctx, &ticket, &Refusal::NotFound).await;
    }
    let waits = ticket.state.is_active();
    if !waits {
        return refused(ctx, &ticket, &Refusal::WrongState(ticket.state)).await;
    }
    match attempt(ctx, ticket.clone(), Command::Solve(None), actor).await? {
        Ok(after) => {
            {
                let tx = &mut ctx.work().await.tx;
                tx.account_bind(telegram, contact, &ticket.requester_name, ctx.now).await?;
                let event = Event::Bound { contact: contact.clone(), telegram };
                tx.desk_event(actor.clone(), event, ctx.now).await?;
            }
            ctx.toast(&t!(ctx.lang, "desk-done-bound", number = number.to_string()), false).await;
            shown_in_private(ctx, &after).await
        }
        Err(why) => refused(ctx, &ticket, &why).await,
    }
}

/// Whether the presser also speaks for the customer who asked, or is who asked: nobody confirms himself.
fn asked_himself(ctx: &Context, ticket: &Ticket) -> bool {
    ctx.person.contacts.iter().any(|c| ticket.customer.as_ref() == Some(&c.customer))
        || (ticket.requester.is_none() && ticket.origin.chat == Some(ctx.incoming.from.id))
}

async fn decline(ctx: &Context, number: TicketNumber, claim: Option<Claim>, actor: &Actor) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    let message = placeholder();
    let (wanted, rehearsed) = match claim {
        None => (Wanted::Reason(None), Command::Decline(message)),
        Some(claim) => match ticket.action.as_ref().filter(|a| claim.fits(&a.digest)) {
            Some(action) => {
                let id = action.id;
                (Wanted::Reason(Some(id)), Command::DeclineAction { id, message })
            }
            None => return refused(ctx, &ticket, &Refusal::StaleAction).await,
        },
    };
    ask_about(ctx, ticket, actor, wanted, rehearsed).await
}

async fn ask(
    ctx: &Context,
    number: TicketNumber,
    actor: &Actor,
    wanted: Wanted,
    rehearsed: Command,
) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    ask_about(ctx, ticket, actor, wanted, rehearsed).await
}

/// Asks for words, unless the command they are for would be refused anyway: nobody writes in vain.
async fn ask_about(
    ctx: &Context,
    ticket: Ticket,
    actor: &Actor,
    wanted: Wanted,
    rehearsed: Command,
) -> Result<()> {
    if let Err(why) = rehearse(ctx, &ticket, rehearsed, actor)? {
        return refused(ctx, &ticket, &why).await;
    }
    ctx.toast("", false).await;
    dialogue::begin(ctx, &ticket, wanted).await
}

/// Decides a command without carrying it out.
pub fn rehearse(
    ctx: &Context,
    ticket: &Ticket,
    command: Command,
    actor: &Actor,
) -> Result<std::result::Result<(), Refusal>, ServiceError> {
    let policy = ctx.service.policy_of(ticket)?;
    Ok(ticket.decide(command, actor, ctx.now, policy).map(|_| ()))
}

/// Stands for words that are not written yet; only ever rehearsed.
pub const fn placeholder() -> MessageRef {
    MessageRef { id: MessageId(Uuid::nil()), digest: String::new() }
}

/// «Solve without words», under the prompt for closing words.
async fn silently(ctx: &Context, number: TicketNumber, actor: &Actor) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    match attempt(ctx, ticket.clone(), Command::Solve(None), actor).await? {
        Ok(_) => {
            ctx.toast(&t!(ctx.lang, "desk-done-solved", number = number.to_string()), false).await;
            dialogue::end(ctx, number).await?;
            dialogue::forget_prompt(ctx).await;
            Ok(())
        }
        Err(why) => {
            say_why(ctx, &why).await?;
            refresh(ctx, ticket.id).await;
            Ok(())
        }
    }
}

/// Another's prompt stays: only who was asked can cancel.
async fn cancel(ctx: &Context, number: TicketNumber) -> Result<()> {
    if dialogue::end(ctx, number).await? {
        ctx.toast(&t!(ctx.lang, "desk-done-cancelled"), false).await;
        dialogue::forget_prompt(ctx).await;
    } else if dialogue::is_his(ctx).await? {
        ctx.toast(&t!(ctx.lang, "desk-refused-answered"), false).await;
        instead(ctx, |_| Vec::new()).await;
    } else {
        ctx.toast(&t!(ctx.lang, "desk-refused-not-asked"), true).await;
    }
    Ok(())
}

/// Puts the departments in place of the card's buttons.
async fn departments(ctx: &Context, number: TicketNumber, actor: &Actor) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    if let Err(why) = rehearse(ctx, &ticket, Command::HandOver(ticket.queue), actor)? {
        return refused(ctx, &ticket, &why).await;
    }
    ctx.toast(&t!(ctx.lang, "desk-choose-department"), false).await;
    instead(ctx, |lang| buttons::departments(&ticket, lang)).await;
    Ok(())
}

/// Puts other buttons in place of those under the pressed message.
pub async fn instead(ctx: &Context, rows: impl FnOnce(Lang) -> Vec<Vec<Button>>) {
    let Some(message) = dialogue::pressed(ctx) else { return };
    let lang = if ctx.incoming.chat_kind == ChatKind::Group { super::lang(&ctx.settings) } else { ctx.lang };
    let chat = ctx.incoming.chat;
    ctx.queue(chat, dialogue::keyboard(chat, message, rows(lang))).await;
}

/// Tells why not, and brings what the presser sees up to date: it was out of date, or he would not have pressed.
pub async fn refused(ctx: &Context, ticket: &Ticket, why: &Refusal) -> Result<()> {
    say_why(ctx, why).await?;
    if *why == Refusal::Forbidden {
        return Ok(());
    }
    show(ctx, ticket).await
}

async fn say_why(ctx: &Context, why: &Refusal) -> Result<()> {
    let text = refusal::sentence(&mut ctx.work().await.tx, why, ctx.lang).await?;
    ctx.toast(&text, true).await;
    Ok(())
}

/// In private the present state in place of the pressed message.
pub async fn shown_in_private(ctx: &Context, ticket: &Ticket) -> Result<()> {
    // In the group the change itself refreshes the card.
    if ctx.incoming.chat_kind == ChatKind::Group { Ok(()) } else { show(ctx, ticket).await }
}

/// The present state: the group's card refreshed, in private the pressed message replaced.
pub async fn show(ctx: &Context, ticket: &Ticket) -> Result<()> {
    if ctx.incoming.chat_kind == ChatKind::Group {
        refresh(ctx, ticket.id).await;
        return Ok(());
    }
    let may_read = ctx.person.staff.as_ref().is_some_and(|s| s.role.may(Right::Read));
    if !may_read {
        return Ok(());
    }
    if let Some(message) = dialogue::pressed(ctx) {
        // A page becomes a card, which is not taken back when somebody answers the call.
        let words = page::remembered(ticket.id);
        ctx.work().await.tx.message_unlink_words(ctx.incoming.chat, message, words).await?;
    }
    let facts = Facts::gather(&mut ctx.work().await.tx, ticket).await?;
    let say = card::say(ticket, &facts, ctx.now, ctx.lang)
        .row([Button::tap(t!(ctx.lang, "desk-button-queue"), DeskTap::Queue)]);
    ctx.replace(&say).await;
    Ok(())
}
