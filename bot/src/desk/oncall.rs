//! `/oncall`: whom a page would wake now, by department; taking over, swapping, putting somebody on call.
//!
//! A swap counts once both have agreed. A duty manager may put anybody on call. Everything is written into the desk's audit.

use crm::domain::actor::Actor;
use crm::domain::ids::StaffId;
use crm::domain::kind::Queue;
use crm::domain::person::{Right, Role};
use crm::domain::rota::{Cover, Rota};
use crm::roster::{self, changed, may_end};
use crm::store::{CoverRow, Staff};
use crm::t;
use crm::text::when;
use uuid::Uuid;

use super::facts::staff_name;
use super::page::reachable;
use super::tap::{DeskTap, ShiftTap, Tag};
use super::words;
use crate::context::{Context, Result};
use crate::say::{Button, Say, escape};
use crate::update::ChatKind;

/// Shows the chain of each department that has a rota, what was arranged, and the duty managers.
pub async fn show(ctx: &Context) -> Result<()> {
    let say = view(ctx).await?;
    ctx.replace(&say).await;
    Ok(())
}

async fn view(ctx: &Context) -> Result<Say> {
    let lang = ctx.lang;
    let mut lines = vec![t!(lang, "desk-oncall-title")];
    let mut buttons = Vec::new();
    let me = ctx.person.staff.as_ref();
    let tx = &mut ctx.work().await.tx;
    let managers: Vec<StaffId> =
        tx.staff_with_role(Role::DutyManager).await?.into_iter().map(|s| s.id).collect();
    for queue in Queue::ALL {
        let Some(rota) = tx.rota_of(*queue).await? else { continue };
        let chain = rota.chain(ctx.now, &managers);
        let mut names = Vec::new();
        for staff in &chain {
            names.push(escape(&staff_name(tx, staff).await?));
        }
        let name = words::queue(*queue, lang);
        lines.push(t!(lang, "desk-oncall-line", queue = name.as_str(), names = names.join(" → ")));
        if let Some(change) = rota.next_change(ctx.now) {
            let next = rota.chain(change, &managers).into_iter().next();
            let next = match next {
                Some(next) => escape(&staff_name(tx, &next).await?),
                None => String::new(),
            };
            lines.push(t!(lang, "desk-oncall-next", at = when(change, ctx.now, lang), name = next));
        }
        if let Some(me) = me.filter(|s| s.role.may(Right::Handle)) {
            buttons.extend(offers(me, *queue, &rota, &chain, &name, lang));
        }
    }
    if lines.len() == 1 {
        let mut names = Vec::new();
        for staff in &managers {
            names.push(escape(&staff_name(tx, staff).await?));
        }
        lines.push(t!(lang, "desk-oncall-none", names = names.join(", ")));
    }
    for row in tx.covers_ahead(ctx.now).await? {
        let name = staff_name(tx, &row.cover.staff).await?;
        lines.push(t!(
            lang,
            "desk-oncall-cover",
            queue = words::queue(row.queue, lang),
            name = escape(&name),
            from = when(row.cover.starts, ctx.now, lang),
            until = when(row.cover.until, ctx.now, lang)
        ));
        if me.is_some_and(|me| may_end(me, &row)) {
            let label = t!(lang, "desk-button-oncall-end", name = name);
            buttons.push(vec![Button::tap(label, DeskTap::Shift(ShiftTap::End(row.pair)))]);
        }
    }
    let mut say = Say::html(lines.join("\n"));
    // The group would not know whose buttons these are.
    if ctx.incoming.chat_kind == ChatKind::Private {
        say.buttons = buttons;
    }
    Ok(say)
}

fn offers(
    me: &Staff,
    queue: Queue,
    rota: &Rota,
    chain: &[StaffId],
    name: &str,
    lang: crm::domain::lang::Lang,
) -> Vec<Vec<Button>> {
    let button = |key: &str, tap| vec![Button::tap(t!(lang, key, queue = name), DeskTap::Shift(tap))];
    let mut rows = Vec::new();
    if chain.first() != Some(&me.id) {
        rows.push(button("desk-button-oncall-take", ShiftTap::TakeOver(queue)));
    }
    if rota.order.contains(&me.id) && rota.order.len() > 1 {
        rows.push(button("desk-button-oncall-swap", ShiftTap::Choose(queue)));
    }
    if me.role.may(Right::Emergency) {
        rows.push(button("desk-button-oncall-put", ShiftTap::Put(queue)));
    }
    rows
}

/// A press about the rota; rights as of this moment.
pub async fn press(ctx: &Context, tap: ShiftTap, actor: &Actor) -> Result<()> {
    let Some(me) = ctx.person.staff.clone().filter(|_| actor.staff_with(Right::Handle).is_some()) else {
        ctx.toast(&t!(ctx.lang, "desk-refused-forbidden"), true).await;
        return Ok(());
    };
    match tap {
        ShiftTap::Show => {
            ctx.toast("", false).await;
            show(ctx).await
        }
        ShiftTap::TakeOver(queue) => put(ctx, queue, &me, &me, actor).await,
        ShiftTap::Choose(queue) => people(ctx, queue, &me, ShiftTap::Swap).await,
        ShiftTap::Swap(queue, who) => swap(ctx, queue, &me, who).await,
        ShiftTap::Put(queue) if me.role.may(Right::Emergency) => {
            people(ctx, queue, &me, ShiftTap::PutOn).await
        }
        ShiftTap::PutOn(queue, who) if me.role.may(Right::Emergency) => {
            let all = ctx.work().await.tx.staff_all().await?;
            match all.into_iter().find(|s| Tag::of(s.id.as_str()) == who && s.role.may(Right::Handle)) {
                Some(staff) => put(ctx, queue, &staff, &me, actor).await,
                None => stale(ctx).await,
            }
        }
        ShiftTap::Put(_) | ShiftTap::PutOn(..) => {
            ctx.toast(&t!(ctx.lang, "desk-refused-forbidden"), true).await;
            Ok(())
        }
        ShiftTap::Agree(pair) => agree(ctx, pair, &me, actor).await,
        ShiftTap::Refuse(pair) => refuse(ctx, pair, &me).await,
        ShiftTap::End(pair) => end(ctx, pair, &me, actor).await,
    }
}

async fn stale(ctx: &Context) -> Result<()> {
    ctx.toast(&t!(ctx.lang, "desk-refused-old-button"), true).await;
    show(ctx).await
}

/// With whom, or whom.
async fn people(ctx: &Context, queue: Queue, me: &Staff, tap: fn(Queue, Tag) -> ShiftTap) -> Result<()> {
    let (all, rota) = {
        let tx = &mut ctx.work().await.tx;
        (tx.staff_all().await?, tx.rota_of(queue).await?)
    };
    let Some(rota) = rota else { return stale(ctx).await };
    let swapping = matches!(tap(queue, Tag::of("")), ShiftTap::Swap(..));
    let fits = |s: &&Staff| {
        s.role.may(Right::Handle) && s.id != me.id && (!swapping || rota.order.contains(&s.id))
            || (!swapping && s.id == me.id)
    };
    let rows: Vec<Button> = all
        .iter()
        .filter(fits)
        .map(|s| Button::tap(&s.name, DeskTap::Shift(tap(queue, Tag::of(s.id.as_str())))))
        .collect();
    ctx.toast("", false).await;
    let key = if swapping { "desk-oncall-swap-with" } else { "desk-oncall-put-whom" };
    let mut say = Say::html(t!(ctx.lang, key, queue = words::queue(queue, ctx.lang)));
    say.buttons = rows.chunks(2).map(<[Button]>::to_vec).collect();
    let back = Button::tap(t!(ctx.lang, "desk-button-back"), DeskTap::Shift(ShiftTap::Show));
    ctx.replace(&say.row([back])).await;
    Ok(())
}

/// Puts somebody on call from now until the shift ends.
async fn put(ctx: &Context, queue: Queue, staff: &Staff, by: &Staff, actor: &Actor) -> Result<()> {
    let Some(rota) = ctx.work().await.tx.rota_of(queue).await? else { return stale(ctx).await };
    let before = rota.chain(ctx.now, &[]).into_iter().next();
    if before.as_ref() == Some(&staff.id) {
        ctx.toast(&t!(ctx.lang, "desk-oncall-already", name = staff.name.as_str()), true).await;
        return show(ctx).await;
    }
    let Some(until) = rota.shift(ctx.now).map(|s| if ctx.now < s.starts { s.starts } else { s.until }) else {
        return stale(ctx).await;
    };
    let cover = Cover { staff: staff.id.clone(), starts: ctx.now, until };
    roster::put(&mut ctx.work().await.tx, &ctx.service, queue, cover, &by.id, actor.clone()).await?;
    ctx.toast(&t!(ctx.lang, "desk-oncall-done", name = staff.name.as_str()), false).await;
    if let Some(before) = before.filter(|b| *b != by.id) {
        tell(ctx, &before, "desk-oncall-relieved", queue, &staff.name, None).await?;
    }
    show(ctx).await
}

/// Tells somebody in private; nobody else needs to know. Returns whether he can be told.
async fn tell(
    ctx: &Context,
    to: &StaffId,
    key: &str,
    queue: Queue,
    name: &str,
    ask: Option<(Uuid, &[CoverRow])>,
) -> Result<bool> {
    let Some((chat, staff)) = reachable(&mut ctx.work().await.tx, to).await? else { return Ok(false) };
    let lang = staff.language;
    let mut html = t!(lang, key, queue = words::queue(queue, lang), name = escape(name));
    let mut say = Say::default();
    if let Some((pair, rows)) = ask {
        for row in rows {
            let who = staff_name(&mut ctx.work().await.tx, &row.cover.staff).await?;
            let (from, until) = (when(row.cover.starts, ctx.now, lang), when(row.cover.until, ctx.now, lang));
            html.push('\n');
            html.push_str(&t!(
                lang,
                "desk-oncall-swap-line",
                name = escape(&who),
                from = from,
                until = until
            ));
        }
        say = say.row([
            Button::tap(t!(lang, "desk-button-agree"), DeskTap::Shift(ShiftTap::Agree(pair))),
            Button::tap(t!(lang, "desk-button-disagree"), DeskTap::Shift(ShiftTap::Refuse(pair))),
        ]);
    }
    say.html = html;
    ctx.queue(chat, say.send(chat, 0)).await;
    Ok(true)
}

/// Asks a colleague to take my next shift for his.
async fn swap(ctx: &Context, queue: Queue, me: &Staff, who: Tag) -> Result<()> {
    let (all, rota) = {
        let tx = &mut ctx.work().await.tx;
        (tx.staff_all().await?, tx.rota_of(queue).await?)
    };
    let other = all.into_iter().find(|s| Tag::of(s.id.as_str()) == who && s.id != me.id);
    let (Some(other), Some(rota)) = (other, rota) else { return stale(ctx).await };
    let (Some(mine), Some(his)) = (rota.shift_of(&me.id, ctx.now), rota.shift_of(&other.id, ctx.now)) else {
        return stale(ctx).await;
    };
    let pair = ctx.service.clock().id();
    let row = |shift: &crm::domain::rota::Shift, staff: &StaffId| CoverRow {
        id: ctx.service.clock().id(),
        pair,
        queue,
        cover: Cover { staff: staff.clone(), starts: shift.starts.max(ctx.now), until: shift.until },
        made_by: me.id.clone(),
        agreed_at: None,
        ended_at: None,
    };
    let rows = [row(&mine, &other.id), row(&his, &me.id)];
    if !tell(ctx, &other.id, "desk-oncall-swap-asked", queue, &me.name, Some((pair, &rows))).await? {
        ctx.toast(&t!(ctx.lang, "desk-oncall-unreachable", name = other.name.as_str()), true).await;
        return Ok(());
    }
    {
        let tx = &mut ctx.work().await.tx;
        for row in &rows {
            tx.cover_add(row, ctx.now).await?;
        }
    }
    ctx.toast(&t!(ctx.lang, "desk-oncall-swap-waits", name = other.name.as_str()), true).await;
    show(ctx).await
}

/// The one who was asked agrees: from now on it counts.
async fn agree(ctx: &Context, pair: Uuid, me: &Staff, actor: &Actor) -> Result<()> {
    let rows = ctx.work().await.tx.covers_of(pair).await?;
    let asked = rows.iter().find(|row| row.made_by != me.id && row.cover.staff == me.id);
    let (Some(asked), true) = (asked, rows.iter().all(|r| r.agreed_at.is_none() && r.ended_at.is_none()))
    else {
        ctx.toast(&t!(ctx.lang, "desk-refused-old-button"), true).await;
        return Ok(());
    };
    // One of the shifts is over: there is nothing to swap any more.
    if rows.iter().any(|row| row.cover.until <= ctx.now) {
        return refuse(ctx, pair, me).await;
    }
    let (maker, queue) = (asked.made_by.clone(), asked.queue);
    {
        let tx = &mut ctx.work().await.tx;
        if !tx.covers_agree(pair, ctx.now).await? {
            return Ok(());
        }
        for row in &rows {
            tx.desk_event(actor.clone(), changed(row, false), ctx.now).await?;
        }
    }
    ctx.toast(&t!(ctx.lang, "desk-oncall-swapped"), false).await;
    tell(ctx, &maker, "desk-oncall-swap-agreed", queue, &me.name, None).await?;
    show(ctx).await
}

async fn refuse(ctx: &Context, pair: Uuid, me: &Staff) -> Result<()> {
    let rows = ctx.work().await.tx.covers_of(pair).await?;
    let open = rows.iter().find(|r| r.cover.staff == me.id && r.agreed_at.is_none() && r.ended_at.is_none());
    let Some(asked) = open else {
        ctx.toast(&t!(ctx.lang, "desk-refused-old-button"), true).await;
        return Ok(());
    };
    ctx.work().await.tx.covers_end(pair, ctx.now).await?;
    ctx.toast(&t!(ctx.lang, "desk-oncall-swap-off"), false).await;
    tell(ctx, &asked.made_by, "desk-oncall-swap-refused", asked.queue, &me.name, None).await?;
    show(ctx).await
}

/// Takes back what was arranged.
async fn end(ctx: &Context, pair: Uuid, me: &Staff, actor: &Actor) -> Result<()> {
    let rows = ctx.work().await.tx.covers_of(pair).await?;
    if !rows.iter().any(|row| may_end(me, row)) {
        ctx.toast(&t!(ctx.lang, "desk-refused-forbidden"), true).await;
        return Ok(());
    }
    roster::end(&mut ctx.work().await.tx, pair, &rows, actor, ctx.now).await?;
    ctx.toast(&t!(ctx.lang, "desk-oncall-ended"), false).await;
    for row in rows.iter().filter(|row| row.cover.staff != me.id) {
        tell(ctx, &row.cover.staff, "desk-oncall-ended-told", row.queue, &me.name, None).await?;
    }
    show(ctx).await
}
