//! `/broadcast`: telling customers of planned works or an outage, by the duty manager; and how such a message is worded.

use crm::admin::broadcast::{self as admin, Problem};
use crm::domain::actor::Actor;
use crm::domain::lang::Lang;
use crm::domain::person::Right;
use crm::store::{About, Audience, Bodies, Call, StoreError, Tx};
use crm::t;
use crm::text::when;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::tap::{BroadcastTap, DeskTap, Tag};
use crate::context::{Context, Result, Settings};
use crate::say::{Button, Say, escape};
use crate::update::Written;

/// A broadcast that is being written, in a duty manager's private chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Draft {
    about: About,
    audience: Option<Audience>,
    body: Bodies,
}

/// How it is stored: the key tells it from other dialogues.
#[derive(Serialize, Deserialize)]
struct Stored {
    broadcast: Draft,
}

/// What a customer reads.
pub async fn word(
    tx: &mut Tx,
    settings: &Settings,
    id: Uuid,
    chat: i64,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let Some(broadcast) = tx.broadcast_fetch(id).await? else { return Ok(Vec::new()) };
    let person = tx.person_fetch(chat).await?;
    let lang = person.chosen.or_else(|| person.contact.map(|c| c.language)).unwrap_or_default();
    let say = worded(broadcast.about, &broadcast.body, lang, settings);
    Ok(vec![(chat, say.send(chat, 0))])
}

fn worded(about: About, body: &Bodies, lang: Lang, settings: &Settings) -> Say {
    let words = body.get(&lang).or_else(|| body.get(&Lang::default())).map_or("", String::as_str);
    let head = t!(lang, &format!("broadcast-{about}"), provider = escape(&settings.support.provider));
    let foot = t!(lang, "broadcast-foot", phone = escape(&settings.support.phone));
    Say::html(format!("{head}\n\n{}\n\n{foot}", escape(words)))
}

/// `/broadcast`: the latest ones, and a new one.
pub async fn command(ctx: &Context) -> Result<()> {
    if !allowed(ctx) {
        ctx.send(&Say::html(t!(ctx.lang, "desk-broadcast-forbidden"))).await;
        return Ok(());
    }
    let lang = ctx.lang;
    let latest = ctx.work().await.tx.broadcasts(5).await?;
    let mut say = Say::html(t!(lang, "desk-broadcast-title"));
    for about in About::ALL {
        let label = t!(lang, &format!("desk-button-broadcast-{about}"));
        say = say.row([Button::tap(label, DeskTap::Broadcast(BroadcastTap::Begin(*about)))]);
    }
    for one in latest {
        let kind = t!(lang, &format!("desk-broadcast-about-{}", one.about));
        let label = format!("{kind} · {}", when(one.made_at, ctx.now, lang));
        say = say.row([Button::tap(label, DeskTap::Broadcast(BroadcastTap::Status(one.id)))]);
    }
    ctx.replace(&say).await;
    Ok(())
}

fn allowed(ctx: &Context) -> bool {
    ctx.person.staff.as_ref().is_some_and(|s| s.role.may(Right::Emergency))
}

async fn draft(ctx: &Context) -> Result<Option<Draft>> {
    let Some((value, _)) = ctx.dialogue::<Value>().await? else { return Ok(None) };
    Ok(serde_json::from_value::<Stored>(value).ok().map(|stored| stored.broadcast))
}

async fn save(ctx: &Context, draft: Draft) -> Result<()> {
    ctx.dialogue_save(&Stored { broadcast: draft }).await
}

/// A press; rights as of this moment.
pub async fn press(ctx: &Context, tap: BroadcastTap, actor: &Actor) -> Result<()> {
    if !allowed(ctx) {
        ctx.toast(&t!(ctx.lang, "desk-broadcast-forbidden"), true).await;
        return Ok(());
    }
    if let BroadcastTap::Status(id) = tap {
        return status(ctx, id).await;
    }
    if let BroadcastTap::Begin(about) = tap {
        ctx.toast("", false).await;
        save(ctx, Draft { about, audience: None, body: Bodies::new() }).await?;
        return audiences(ctx, about).await;
    }
    let Some(mut draft) = draft(ctx).await? else {
        ctx.toast(&t!(ctx.lang, "desk-refused-old-button"), true).await;
        return Ok(());
    };
    let audience = match tap {
        BroadcastTap::Send => return send(ctx, draft, actor).await,
        BroadcastTap::Cancel => {
            ctx.dialogue_end().await?;
            ctx.toast(&t!(ctx.lang, "desk-done-cancelled"), false).await;
            ctx.replace(&Say::html(t!(ctx.lang, "desk-done-cancelled"))).await;
            return Ok(());
        }
        BroadcastTap::Zone(tag) => {
            let zones = ctx.work().await.tx.zone_uris().await?;
            let zone = zones.into_iter().map(|z| z.0).find(|zone| Tag::of(zone) == tag);
            zone.map(|zone| Audience { zone: Some(zone), ..Audience::default() })
        }
        BroadcastTap::Cluster(tag) => {
            let clusters = ctx.work().await.tx.directory_load().await?.clusters;
            let cluster = clusters.into_iter().map(|c| c.id.0).find(|cluster| Tag::of(cluster) == tag);
            cluster.map(|cluster| Audience { cluster: Some(cluster), ..Audience::default() })
        }
        _ => Some(Audience::default()),
    };
    let Some(audience) = audience else {
        ctx.toast(&t!(ctx.lang, "desk-refused-old-button"), true).await;
        return Ok(());
    };
    ctx.toast("", false).await;
    draft.audience = Some(audience);
    save(ctx, draft.clone()).await?;
    next(ctx, &draft).await
}

async fn audiences(ctx: &Context, about: About) -> Result<()> {
    let lang = ctx.lang;
    let (zones, clusters) = {
        let tx = &mut ctx.work().await.tx;
        (tx.zone_uris().await?, tx.directory_load().await?.clusters)
    };
    let about = t!(lang, &format!("desk-broadcast-about-{about}"));
    let mut say = Say::html(t!(lang, "desk-broadcast-audience", about = about));
    let mut buttons: Vec<Button> = zones
        .iter()
        .map(|(zone, _)| {
            Button::tap(format!("🖥 {zone}"), DeskTap::Broadcast(BroadcastTap::Zone(Tag::of(zone))))
        })
        .collect();
    buttons.extend(clusters.iter().map(|c| {
        Button::tap(format!("☸️ {}", c.id), DeskTap::Broadcast(BroadcastTap::Cluster(Tag::of(c.id.as_str()))))
    }));
    say.buttons = buttons.chunks(2).map(<[Button]>::to_vec).collect();
    let say = say
        .row([Button::tap(
            t!(lang, "desk-button-broadcast-all"),
            DeskTap::Broadcast(BroadcastTap::Everybody),
        )])
        .row([Button::tap(t!(lang, "desk-button-cancel"), DeskTap::Broadcast(BroadcastTap::Cancel))]);
    ctx.replace(&say).await;
    Ok(())
}

/// Asks for the words of the next language, or shows everything before it is sent.
async fn next(ctx: &Context, draft: &Draft) -> Result<()> {
    let lang = ctx.lang;
    let cancel = Button::tap(t!(lang, "desk-button-cancel"), DeskTap::Broadcast(BroadcastTap::Cancel));
    if let Some(missing) = Lang::ALL.iter().find(|l| !draft.body.contains_key(l)) {
        let language = t!(lang, &format!("desk-broadcast-in-{missing}"));
        let say = Say::html(t!(lang, "desk-broadcast-words", language = language)).row([cancel]);
        ctx.replace(&say).await;
        return Ok(());
    }
    let audience = draft.audience.clone().unwrap_or_default();
    let found = ctx.work().await.tx.audience(&audience).await?;
    let (reached, missed): (Vec<_>, Vec<_>) = found.into_iter().partition(|r| r.chat.is_some());
    let mut html = t!(lang, "desk-broadcast-preview", n = reached.len(), audience = named(&audience, lang));
    for language in Lang::ALL {
        let say = worded(draft.about, &draft.body, *language, &ctx.settings);
        html.push_str(&format!("\n<blockquote>{}</blockquote>", say.html));
    }
    if !missed.is_empty() {
        let names: Vec<String> = missed.iter().take(20).map(|r| escape(&r.customer)).collect();
        html.push('\n');
        html.push_str(&t!(lang, "desk-broadcast-missed", n = missed.len(), names = names.join(", ")));
    }
    let mut say = Say::html(html);
    if !reached.is_empty() {
        let label = t!(lang, "desk-button-broadcast-send", n = reached.len());
        say = say.row([Button::tap(label, DeskTap::Broadcast(BroadcastTap::Send))]);
    }
    ctx.send(&say.row([cancel])).await;
    Ok(())
}

fn named(audience: &Audience, lang: Lang) -> String {
    let parts = [&audience.zone, &audience.cluster, &audience.customer];
    let parts: Vec<String> = parts.into_iter().flatten().map(|p| escape(p)).collect();
    if parts.is_empty() { t!(lang, "desk-broadcast-everybody") } else { parts.join(", ") }
}

/// The words of the next language came. Returns whether they were for a broadcast.
pub async fn words(ctx: &Context, written: &Written) -> Result<bool> {
    let Some(mut draft) = draft(ctx).await?.filter(|d| d.audience.is_some()) else { return Ok(false) };
    let Some(missing) = Lang::ALL.iter().find(|l| !draft.body.contains_key(l)) else { return Ok(false) };
    let text = written.text.trim();
    if !allowed(ctx) || text.is_empty() {
        return Ok(false);
    }
    if text.chars().count() > admin::LONGEST {
        let n = admin::LONGEST;
        ctx.send(&Say::html(t!(ctx.lang, "desk-broadcast-long", n = n))).await;
        return Ok(true);
    }
    draft.body.insert(*missing, text.to_owned());
    save(ctx, draft.clone()).await?;
    next(ctx, &draft).await?;
    Ok(true)
}

async fn send(ctx: &Context, draft: Draft, actor: &Actor) -> Result<()> {
    let audience = draft.audience.clone().unwrap_or_default();
    let clock = ctx.service.clock().clone();
    let sent = {
        let mut work = ctx.work().await;
        admin::send(&mut work.tx, clock.as_ref(), (draft.about, draft.body, audience), actor).await
    };
    match sent {
        Ok(broadcast) => {
            ctx.dialogue_end().await?;
            ctx.toast("", false).await;
            status(ctx, broadcast.id).await
        }
        Err(Problem::Store(error)) => Err(error.into()),
        Err(problem) => {
            ctx.toast(&problem.to_string(), true).await;
            Ok(())
        }
    }
}

/// How far it has got.
async fn status(ctx: &Context, id: Uuid) -> Result<()> {
    let lang = ctx.lang;
    let (found, progress) = {
        let tx = &mut ctx.work().await.tx;
        (tx.broadcast_fetch(id).await?, tx.broadcast_progress(id).await?)
    };
    let Some(broadcast) = found else {
        ctx.toast(&t!(lang, "desk-refused-old-button"), true).await;
        return Ok(());
    };
    ctx.toast("", false).await;
    let count = |states: &[&str]| states.iter().filter_map(|s| progress.get(*s)).sum::<i64>();
    // Rows of what was sent long ago are gone.
    let (waiting, failed) = (count(&["ready", "claimed"]), count(&["failed"]));
    let sent = broadcast.chats - waiting - failed;
    let about = t!(lang, &format!("desk-broadcast-about-{}", broadcast.about));
    let mut html = t!(
        lang,
        "desk-broadcast-status",
        about = about,
        at = when(broadcast.made_at, ctx.now, lang),
        audience = named(&broadcast.audience, lang),
        n = broadcast.chats,
        sent = sent,
        waiting = waiting,
        failed = failed
    );
    if !broadcast.unreachable.is_empty() {
        let names: Vec<String> = broadcast.unreachable.iter().take(20).map(|n| escape(n)).collect();
        html.push('\n');
        let n = broadcast.unreachable.len();
        html.push_str(&t!(lang, "desk-broadcast-missed", n = n, names = names.join(", ")));
    }
    let again = Button::tap(t!(lang, "desk-button-refresh"), DeskTap::Broadcast(BroadcastTap::Status(id)));
    ctx.replace(&Say::html(html).row([again])).await;
    Ok(())
}
