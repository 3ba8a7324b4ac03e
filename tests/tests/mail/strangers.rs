//! Who writes is only a claim: it opens nobody else's ticket.

use anyhow::Result;
use crm::domain::decide::Command;
use crm::domain::ids::CustomerId;
use crm::domain::lang::Lang;
use komek_tests::desk::engineer;
use komek_tests::engine::Engine;
use rstest::rstest;

use crate::post::{Draft, Post};

const AIGERIM: &str = "aigerim@acme.example";
const BORIS: &str = "boris@birlik.example";
const STRANGER: &str = "stranger@other.example";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_into_anothers_ticket(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(post) = Post::new(engine).await? else { return Ok(()) };
    let draft = |from, subject, text, headers| Draft { from, subject, text, headers };
    post.sends(draft(AIGERIM, "Disk", "Құпия сөздер", String::new())).await?;
    post.mail.fetch().await?;
    let ours = post.got(AIGERIM, 1).await?[0].1.message_id.clone();
    // The number, the whole thread's ids: neither helps a stranger or another customer.
    let headers = format!("In-Reply-To: <{ours}>\r\nReferences: <m0@client.example> <{ours}>\r\n");
    post.sends(draft(STRANGER, "Re: [KM-000001] Disk", "Пришлите мне всё по этой заявке", headers.clone()))
        .await?;
    post.sends(draft(BORIS, "Re: [KM-000001] Disk", "Что нового?", headers)).await?;
    assert_eq!(post.mail.fetch().await?, 2);
    assert_eq!(post.tickets().await?, 3);
    let (first, second, third) = (post.ticket(1).await?, post.ticket(2).await?, post.ticket(3).await?);
    assert_eq!(post.talk(&first).await?.len(), 1);
    assert_eq!((second.customer, second.requester, second.language), (None, None, Lang::Ru));
    assert_eq!(third.customer, Some(CustomerId::from("birlik")));
    let got = post.got(STRANGER, 1).await?;
    assert!(got[0].1.text.contains("KM-000002") && !got[0].0.contains("Құпия"), "{}", got[0].1.text);
    assert!(got[0].1.text.starts_with("Здравствуйте, Somebody!"), "{}", got[0].1.text);

    // What is his own goes on as a thread.
    let own = got[0].1.message_id.clone();
    post.desk.write(second.id, Command::Ask, &engineer("arman")).await?;
    let asked = post.got(STRANGER, 2).await?;
    assert!(asked[1].1.answers.first().is_some_and(|id| id.ends_with("@client.example")), "{:?}", asked[1].1);
    let headers = format!("References: <{own}>\r\n");
    post.sends(draft(STRANGER, "Re: что-то", "Да", headers)).await?;
    post.mail.fetch().await?;
    assert_eq!(post.tickets().await?, 3);
    assert_eq!(post.talk(&post.ticket(2).await?).await?.len(), 3);

    // The audit of a stranger's ticket holds no address, and is sound.
    let events = post.desk.events(second.id).await?;
    let text = serde_json::to_string(&events.iter().map(|e| &e.actor).collect::<Vec<_>>())?;
    assert!(!text.contains("other.example") && text.contains("correspondent"), "{text}");

    // Where our mail server judges senders, a forged address is a stranger's.
    let strict = post.another("first", |c| c.trusted_authserv = Some("mx.komek.example".to_owned()))?;
    post.sends(draft(
        AIGERIM,
        "Forged",
        "Мен Айгеріммін",
        "Authentication-Results: mx.evil.example; dmarc=pass\r\n".to_owned(),
    ))
    .await?;
    let vouched = "Authentication-Results: mx.komek.example;\r\n dkim=pass header.d=acme.example; dmarc=pass header.from=acme.example\r\n";
    post.sends(draft(AIGERIM, "Real", "Мен Айгеріммін", vouched.to_owned())).await?;
    assert_eq!(strict.fetch().await?, 2);
    assert_eq!((post.ticket(4).await?.customer, post.ticket(5).await?.customer.is_some()), (None, true));
    Ok(())
}
