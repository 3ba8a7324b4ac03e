//! The code that proves who asks for a new password: it goes to the contact's e-mail and is typed here (`crm/src/step_up.rs`).

use crm::domain::kind::Kind;
use crm::step_up::{self, Answer};
use crm::t;

use super::password::Password;
use super::talk::Talk;
use super::tap::Place;
use super::{State, menu, mine, opened, write};
use crate::context::Result;
use crate::say::escape;
use crate::view;

/// Has a code sent and waits for it. Who has asked for the same already hears of that request instead.
pub async fn send(talk: &mut Talk, password: Password) -> Result<()> {
    let ctx = talk.ctx.clone();
    let Some(contact) = &ctx.person.contact else { return menu::show(talk, Place::Here).await };
    let form = password.form();
    let waiting = mine::unfinished(&ctx).await?.into_iter().find(|t| t.form == form && t.state.is_active());
    if let Some(ticket) = waiting {
        if !password.draft().is_empty() {
            return write::to(talk, ticket.number, password.draft()).await;
        }
        talk.show(Place::Here, &view::already_open(ctx.lang, ticket.number)).await;
        return Ok(());
    }
    let (id, me) = (ctx.service.clock().id(), ctx.incoming.from.id);
    let asked = step_up::ask(&mut ctx.work().await.tx, id, &contact.id, me, ctx.now).await?;
    if asked {
        wait(talk, password.waiting_for(Some(id)), None).await
    } else {
        let note = t!(ctx.lang, "code-too-often");
        wait(talk, password.waiting_for(None), Some(note)).await
    }
}

/// A code was typed: with the right one the ticket is opened, and needs no engineer to say who asks.
pub async fn check(talk: &mut Talk, password: Password, code: &str) -> Result<()> {
    let ctx = talk.ctx.clone();
    let Some(contact) = &ctx.person.contact else { return menu::show(talk, Place::Here).await };
    let Some(id) = password.code() else { return wait(talk, password, None).await };
    let asked = (id, &contact.id, ctx.incoming.from.id);
    let key = &ctx.settings.key;
    let answer = step_up::check(&mut ctx.work().await.tx, key, asked, code, ctx.now).await?;
    let phone = escape(&ctx.settings.support.phone);
    match answer {
        Answer::Right => {
            let asked = (Kind::PasswordRecovery, password.form());
            let what_next = Some(t!(ctx.lang, "code-right"));
            if let Some(ticket) = opened::open(talk, asked, password.into_draft(), what_next).await? {
                ctx.work().await.tx.step_up_use(id, ticket).await?;
            }
            Ok(())
        }
        Answer::Wrong(left) => wait(talk, password, Some(t!(ctx.lang, "code-wrong", left = left))).await,
        Answer::Over => {
            let note = t!(ctx.lang, "code-over");
            wait(talk, password.waiting_for(None), Some(note)).await
        }
        Answer::NotSent => {
            let note = t!(ctx.lang, "code-not-sent", phone = phone);
            wait(talk, password.waiting_for(None), Some(note)).await
        }
    }
}

async fn wait(talk: &mut Talk, password: Password, note: Option<String>) -> Result<()> {
    let state = State::from(password);
    let facts = talk.facts(&state).await?;
    talk.ask(state, note, Place::Here, &facts).await;
    Ok(())
}
