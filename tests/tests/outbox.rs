//! The sender against a Telegram that keeps its limits: topics that come and go, a group that is lost, who is served first.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use bot::context::Settings;
use bot::desk::{page, place};
use bot::outbox::{MEMORY, Sender};
use bot::telegram::Api;
use chrono::TimeDelta;
use crm::clock::Clock;
use crm::config::Support;
use crm::domain::decide::Command;
use crm::domain::kind::{Kind, Queue};
use crm::domain::lang::Lang;
use crm::domain::reactions::Outgoing;
use crm::store::{Call, OutboxItem, Remember};
use crm::telemetry::Delivery;
use komek_tests::desk::{ACCOUNTS, Desk, engineer};
use komek_tests::engine::Engine;
use komek_tests::town::{DESK, STAFF, TOKEN};
use sandbox::{ChatKey, Config, GroupSpec, MemberStatus, Person, Sandbox, Seen};
use secrecy::SecretString;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A desk, a Telegram, and the sender between them; the clock runs a hundred times as fast as usual.
struct Post {
    desk: Arc<Desk>,
    sandbox: Sandbox,
    bot: i64,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Post {
    async fn new(limits: bool) -> Result<Option<Self>> {
        let Some(desk) = Desk::new(Engine::Sqlite).await? else { return Ok(None) };
        let desk = Arc::new(desk);
        let config = Config { patience: Duration::from_mins(1), ..Config::default() };
        let sandbox = Sandbox::start(config).await?;
        let bot = sandbox.add_bot(TOKEN, "komek_town_bot")?.id;
        for (telegram, name) in ACCOUNTS.map(|a| (a.0, a.1)).into_iter().chain(STAFF) {
            sandbox.add_person(Person::new(telegram, name))?;
            sandbox.phone(telegram).start("")?;
        }
        sandbox.add_group(&GroupSpec::forum(DESK, "Кезекшілер", &STAFF.map(|s| s.0)))?;
        let settings = Settings {
            desk_chat: Some(DESK),
            desk_language: Lang::En,
            bot_username: "komek_town_bot".to_owned(),
            support: Support { phone: "+7".to_owned(), provider: "PRO DATA".to_owned() },
            key: Arc::new(crm::seal::bot_key(&secrecy::SecretString::from("42:OUTBOX".to_owned()))),
            address: "https://help.example".parse()?,
        };
        let mut tx = desk.test.db.begin().await?;
        place::observed(&mut tx, DESK, true, desk.clock.now()).await?;
        tx.commit().await?;
        let api = Api::new(&sandbox.url().parse()?, &SecretString::from(TOKEN))?;
        let (sender, outlet) =
            Sender::new(api, desk.test.db.clone(), desk.service.clone(), Arc::new(settings), limits);
        let stop = CancellationToken::new();
        let (clock, ticking) = (desk.clock.clone(), stop.clone());
        let time = tokio::spawn(async move {
            while !ticking.is_cancelled() {
                clock.advance(TimeDelta::milliseconds(500));
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let run = sender.run(stop.clone());
        let sending = tokio::spawn(async move {
            // Its way in stays open.
            let _outlet = outlet;
            run.await;
        });
        Ok(Some(Self { desk, sandbox, bot, stop, tasks: vec![time, sending] }))
    }

    fn call(&self, chat: i64, text: &str, priority: i64) -> OutboxItem {
        let params = json!({ "chat_id": chat, "text": text });
        let call = Call { method: "sendMessage".to_owned(), params, ticket: None, remember: None };
        OutboxItem { priority, ..OutboxItem::call(self.desk.clock.id(), chat, call, self.desk.clock.now()) }
    }

    async fn end(self) -> Result<()> {
        self.stop.cancel();
        for task in self.tasks {
            task.await?;
        }
        self.sandbox.stop().await;
        Ok(())
    }
}

#[tokio::test]
async fn a_topic_is_made_for_a_department_and_made_anew_when_it_is_lost() -> Result<()> {
    let Some(post) = Post::new(false).await? else { return Ok(()) };
    let ticket = post.desk.open("aigerim", Kind::Question).await?;
    let nurlan = post.sandbox.phone(100_001).at(DESK);
    let topic = nurlan.wait_for_topic("Support").await?;
    let card = topic.wait_for_text("KM-000001").await?;
    assert!(card.thread.is_some(), "{card:?}");
    assert_eq!(post.sandbox.calls("createForumTopic").len(), 1);

    // Somebody deletes the topic, and with it the card.
    let gone = card.thread.context("a topic")?;
    assert!(post.sandbox.with(|world| world.delete_topic(ChatKey::Group { id: DESK }, gone)));
    post.desk.write(ticket.id, Command::Write, &komek_tests::desk::contact("aigerim")).await?;
    let again = nurlan
        .wait_for(|seen| seen.text.contains("KM-000001") && seen.thread.is_some_and(|t| t != gone))
        .await?;
    let stands = post.desk.test.db.read().await?.topic_of(DESK, Queue::Support).await?;
    assert_eq!(stands, again.thread, "linked again");
    // Handed over, it stands in the other department's topic.
    post.desk.run(ticket.id, Command::HandOver(Queue::Network), &engineer("nurlan")).await?;
    nurlan.wait_for_topic("Network").await?.wait_for_text("KM-000001").await?;
    post.end().await
}

#[tokio::test]
async fn a_lost_group_is_told_and_gets_what_waited_when_it_is_back() -> Result<()> {
    let Some(post) = Post::new(false).await? else { return Ok(()) };
    let db = post.desk.test.db.clone();
    post.sandbox.with(|world| world.set_member(100_001, DESK, post.bot, MemberStatus::Kicked))?;
    post.desk.open("aigerim", Kind::FaultCritical).await?;
    post.desk.look().await?;
    // The page does not wait for the group, and the duty manager hears that it is lost.
    post.sandbox.phone(100_001).wait_for_text("KM-000001").await?;
    post.sandbox.phone(100_003).wait_for_text("⚠️").await?;
    assert!(Delivery::read(&db).await.desk.is_some());
    post.sandbox.with(|world| world.set_member(100_001, DESK, post.bot, MemberStatus::Administrator))?;
    let group = post.sandbox.phone(100_001).at(DESK);
    group.wait_for_text("KM-000001").await?;
    for _ in 0..600 {
        if Delivery::read(&db).await.desk.is_none() {
            return post.end().await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    anyhow::bail!("the group is back, and still said to be lost")
}

/// Five hundred lower messages wait for the same group; an urgent one does not wait for them.
#[tokio::test]
async fn the_urgent_goes_first() -> Result<()> {
    let Some(post) = Post::new(true).await? else { return Ok(()) };
    let call = |text: &str, priority| post.call(DESK, text, priority);
    let mut tx = post.desk.test.db.begin().await?;
    for n in 0..500 {
        tx.outbox_add(call(&format!("card {n}"), 5));
    }
    tx.commit().await?;
    post.sandbox.phone(100_001).at(DESK).wait_for_text("card ").await?;
    let mut tx = post.desk.test.db.begin().await?;
    tx.outbox_add(call("urgent", 0));
    tx.commit().await?;
    let group = post.sandbox.phone(100_001).at(DESK);
    group.wait_for_text("urgent").await?;
    let before = group.messages().iter().take_while(|seen| seen.text != "urgent").count();
    assert!(before <= 60, "{before} of 500 lower ones went before it");
    post.end().await
}

/// Taken elsewhere, a page says so in its place, also one that was on its way at that moment and nobody could find.
#[tokio::test]
async fn a_page_that_calls_nobody_any_more_says_so() -> Result<()> {
    let Some(post) = Post::new(false).await? else { return Ok(()) };
    let ticket = post.desk.open("aigerim", Kind::FaultCritical).await?.id;
    let nurlan = post.sandbox.phone(STAFF[0].0);
    post.desk.worker("one").run_jobs().await?;
    let page = nurlan.wait_for(|m| m.text.contains("KM-000001") && !m.buttons().is_empty()).await?;
    post.desk.run(ticket, Command::Take, &engineer("dana")).await?;
    let over = |m: &Seen| m.text.contains("шақыру аяқталды") && m.buttons().is_empty();
    nurlan.wait_for(|m| m.id == page.id && over(m)).await?;

    let chat = STAFF[0].0;
    let buttons = json!({ "inline_keyboard": [[{ "text": "Accept", "callback_data": "x" }]] });
    let params = json!({ "chat_id": chat, "text": "a page on its way", "reply_markup": buttons });
    let remember = Some(Remember::Words(page::remembered(ticket)));
    let call = Call { method: "sendMessage".to_owned(), params, ticket: Some(ticket), remember };
    let mut tx = post.desk.test.db.begin().await?;
    tx.outbox_add(OutboxItem::call(post.desk.clock.id(), chat, call, post.desk.clock.now()));
    tx.commit().await?;
    nurlan.wait_for(|m| m.id > page.id && over(m)).await?;
    post.end().await
}

/// More waits for a lost group than the sender remembers: everybody else is served all the same, and nothing is given up.
#[tokio::test]
async fn a_lost_group_fills_no_memory() -> Result<()> {
    let Some(post) = Post::new(false).await? else { return Ok(()) };
    let db = post.desk.test.db.clone();
    post.sandbox.with(|world| world.set_member(100_001, DESK, post.bot, MemberStatus::Kicked))?;
    let ticket = post.desk.open("aigerim", Kind::Question).await?.id;
    let many = MEMORY + 1_000;
    let mut tx = db.begin().await?;
    for _ in 0..many {
        let news = Outgoing::Desk { ticket, seq: 1 };
        tx.outbox_add(OutboxItem::tell(post.desk.clock.id(), news, post.desk.clock.now()));
    }
    tx.outbox_add(post.call(100_002, "the last in line", 6));
    tx.commit().await?;
    post.sandbox.phone(100_002).wait_for_text("the last in line").await?;
    let waits = db.read().await?.outbox_pending().await?;
    assert!(waits >= i64::try_from(many)?, "{waits} of {many}");
    post.end().await
}
