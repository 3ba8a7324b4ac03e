//! Groups: forum topics, privacy, membership, becoming a supergroup, the commands people are offered.

use crate::bench::{Bench, fails};
use sandbox::{ChatKey, GroupSpec, MemberStatus, Person, Phone};
use serde_json::json;

const DESK: i64 = -1_001_000_000_001;

async fn desk() -> anyhow::Result<(Bench, Phone)> {
    let bench = Bench::start().await?;
    let nurlan = bench.sandbox.add_person(Person::new(100_001, "Нұрлан"))?;
    bench.sandbox.add_group(&GroupSpec::forum(DESK, "Desk", &[100_001]))?;
    bench.updates(-1, 0).await;
    Ok((bench, nurlan.at(DESK)))
}

#[tokio::test]
async fn a_topic_lives() -> anyhow::Result<()> {
    let (bench, nurlan) = desk().await?;
    let topic = bench.call("createForumTopic", json!({"chat_id": DESK, "name": "KM-000001"})).await;
    let thread = topic["result"]["message_thread_id"].clone();
    let post = |text: &str| json!({"chat_id": DESK, "message_thread_id": thread, "text": text});
    let sent = bench.call("sendMessage", post("жаңа")).await;
    assert_eq!(sent["result"]["is_topic_message"], true);
    assert_eq!(sent["result"]["reply_to_message"]["forum_topic_created"]["name"], "KM-000001");

    let here = nurlan.wait_for_topic("KM-000001").await?;
    assert_eq!(
        here.wait_for_text("жаңа").await?.json.get("reply_to_message"),
        None,
        "people see no such answer"
    );
    here.send("алдым")?;
    let update = bench.updates(0, 0).await.pop().expect("an update");
    assert_eq!(update["message"]["message_thread_id"], thread);

    let manage = json!({"chat_id": DESK, "message_thread_id": thread});
    assert_eq!(bench.call("closeForumTopic", manage.clone()).await["result"], true);
    fails(&bench.call("closeForumTopic", manage.clone()).await, 400, "Bad Request: TOPIC_NOT_MODIFIED");
    assert_eq!(bench.call("sendMessage", post("жабық")).await["ok"], true, "an administrator may");
    assert_eq!(bench.call("reopenForumTopic", manage.clone()).await["result"], true);
    assert_eq!(bench.call("deleteForumTopic", manage.clone()).await["result"], true);
    fails(&bench.call("sendMessage", post("x")).await, 400, "Bad Request: message thread not found");
    fails(&bench.call("closeForumTopic", manage).await, 400, "Bad Request: message thread not found");
    Ok(())
}

#[tokio::test]
async fn a_closed_topic_takes_administrators_alone() -> anyhow::Result<()> {
    let (bench, nurlan) = desk().await?;
    let olga = bench.sandbox.add_person(Person::new(100_002, "Ольга"))?.at(DESK);
    bench.sandbox.with(|w| w.set_member(100_001, DESK, 100_002, MemberStatus::Member))?;
    bench.call("createForumTopic", json!({"chat_id": DESK, "name": "T"})).await;
    let topic = nurlan.wait_for_topic("T").await?;
    let thread = topic.messages()[0].thread.expect("a thread");
    bench.call("closeForumTopic", json!({"chat_id": DESK, "message_thread_id": thread})).await;
    assert!(topic.send("владелец").is_ok());
    assert_eq!(olga.topic(thread).send("x").map_err(|e| e.to_string()), Err("the topic is closed".into()));
    Ok(())
}

#[tokio::test]
async fn a_bot_without_rights_is_told_so() -> anyhow::Result<()> {
    let (bench, _) = desk().await?;
    bench.sandbox.with(|w| w.set_member(100_001, DESK, bench.bot.id, MemberStatus::Member))?;
    let create = bench.call("createForumTopic", json!({"chat_id": DESK, "name": "x"})).await;
    fails(&create, 400, "Bad Request: not enough rights to create a topic");
    bench.sandbox.with(|w| w.set_member(100_001, DESK, bench.bot.id, MemberStatus::Kicked))?;
    let send = bench.call("sendMessage", json!({"chat_id": DESK, "text": "x"})).await;
    fails(&send, 403, "Forbidden: bot was kicked from the supergroup chat");
    Ok(())
}

#[tokio::test]
async fn privacy_hides_small_talk_from_plain_members() -> anyhow::Result<()> {
    let (bench, nurlan) = desk().await?;
    bench.sandbox.with(|w| {
        w.set_member(100_001, DESK, bench.bot.id, MemberStatus::Member)?;
        w.bots.entry(bench.bot.id).and_modify(|bot| bot.privacy = true);
        Ok::<_, sandbox::ActError>(())
    })?;
    nurlan.send("әңгіме")?;
    nurlan.send("/help")?;
    nurlan.send("@komek_bot қалайсың")?;
    let updates = bench.updates(0, 0).await;
    let heard: Vec<_> = updates.iter().filter_map(|u| u["message"]["text"].as_str()).collect();
    assert_eq!(heard, ["/help", "@komek_bot қалайсың"]);
    Ok(())
}

#[tokio::test]
async fn a_group_that_became_a_supergroup_says_where_it_went() -> anyhow::Result<()> {
    let (bench, _) = desk().await?;
    bench.sandbox.add_group(&GroupSpec::basic(-55, "Ескі", &[100_001]))?;
    assert_eq!(bench.call("sendMessage", json!({"chat_id": -55, "text": "x"})).await["ok"], true);
    bench.sandbox.with(|w| w.migrate(-55, -1_000_000_000_055, true))?;
    let refused = bench.call("sendMessage", json!({"chat_id": -55, "text": "x"})).await;
    fails(&refused, 400, "Bad Request: group chat was upgraded to a supergroup chat");
    assert_eq!(refused["parameters"]["migrate_to_chat_id"], -1_000_000_000_055_i64);
    assert_eq!(
        bench.call("sendMessage", json!({"chat_id": -1_000_000_000_055_i64, "text": "x"})).await["ok"],
        true
    );
    let updates = bench.updates(0, 0).await;
    assert!(updates.iter().any(|u| u["message"]["migrate_to_chat_id"] == -1_000_000_000_055_i64));
    assert!(updates.iter().any(|u| u["message"]["migrate_from_chat_id"] == -55));
    Ok(())
}

#[tokio::test]
async fn people_are_offered_the_narrowest_commands_in_their_language() -> anyhow::Result<()> {
    let (bench, _) = desk().await?;
    let set = |text: &str, more: serde_json::Value| {
        let mut params = json!({"commands": [{"command": "x", "description": text}]});
        params.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        bench.call("setMyCommands", params)
    };
    let offered = |chat: ChatKey| {
        bench
            .sandbox
            .with(|w| w.commands_for(200_001, chat, "kk")[0]["description"].as_str().map(str::to_owned))
    };
    let private = ChatKey::Private { bot: bench.bot.id, person: 200_001 };
    set("default", json!({})).await;
    assert_eq!(offered(private).as_deref(), Some("default"));
    set("қазақша", json!({"language_code": "kk"})).await;
    assert_eq!(offered(private).as_deref(), Some("қазақша"));
    set("жеке", json!({"scope": {"type": "all_private_chats"}})).await;
    assert_eq!(offered(private).as_deref(), Some("жеке"));
    assert_eq!(offered(ChatKey::Group { id: DESK }).as_deref(), Some("қазақша"));
    let bad =
        bench.call("setMyCommands", json!({"commands": [{"command": "Bad!", "description": "x"}]})).await;
    fails(&bad, 400, "Bad Request: BOT_COMMAND_INVALID");
    Ok(())
}
