//! A customer writes, is answered in the thread, and writes again.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use crm::domain::decide::Command;
use crm::domain::ids::CustomerId;
use crm::domain::kind::{Channel, Kind};
use crm::domain::ticket::State;
use komek_tests::desk::engineer;
use komek_tests::engine::Engine;
use rstest::rstest;

use crate::post::{Draft, Post};

const AIGERIM: &str = "aigerim@acme.example";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_a_ticket_and_everything_after_it_stays_in_its_thread(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(post) = Post::new(engine).await? else { return Ok(()) };
    let first = Draft {
        from: "Aigerim@ACME.example",
        subject: "Диск",
        text: "Диск толып қалды",
        headers: String::new(),
    };
    let raw = first.raw();
    post.sends_raw(AIGERIM, raw.as_bytes()).await?;
    assert_eq!(post.mail.fetch().await?, 1);
    let ticket = post.ticket(1).await?;
    assert_eq!(
        (ticket.kind, ticket.origin.channel, ticket.state),
        (Kind::Question, Channel::Email, State::New)
    );
    assert_eq!(ticket.customer, Some(CustomerId::from("acme")));
    assert_eq!(ticket.first_reply.due_at - ticket.opened_at, TimeDelta::hours(24), "T8");
    assert_eq!(post.talk(&ticket).await?[0].body, "Диск\n\nДиск толып қалды");

    // The acknowledgement: number and promised time, in her language, in the thread, marked as a machine's.
    let got = post.got(AIGERIM, 1).await?;
    let (source, acknowledgement) = &got[0];
    assert!(source.contains("Auto-Submitted: auto-replied"), "{source}");
    assert_eq!(acknowledgement.number, Some(ticket.number));
    assert_eq!(acknowledgement.subject, "Диск");
    assert_eq!(acknowledgement.from.as_deref(), Some("support@komek.example"));
    for words in ["KM-000001", "24 қараша, 10:00", "Сәлеметсіз бе, Айгерім", "+7 (747) 507 3022"]
    {
        assert!(acknowledgement.text.contains(words), "{words}: {}", acknowledgement.text);
    }
    let asked = crm::mail::letter::read(raw.as_bytes(), "").message_id;
    assert_eq!(acknowledgement.answers, [asked], "it stands in her thread");

    // Seen again, after a crash or by another way: not a second ticket.
    post.sends_raw(AIGERIM, raw.as_bytes()).await?;
    assert_eq!(post.mail.fetch().await?, 1);
    assert_eq!((post.tickets().await?, post.talk(&ticket).await?.len()), (1, 1));

    // An engineer answers: a person's mail, and the first reply is met.
    post.desk.write(ticket.id, Command::Answer, &engineer("arman")).await?;
    let got = post.got(AIGERIM, 2).await?;
    let (source, answer) = &got[1];
    assert!(!source.contains("Auto-Submitted"), "a person wrote it: {source}");
    assert!(answer.text.contains("Қараймыз 🔧"), "{}", answer.text);
    let ticket = post.ticket(1).await?;
    assert!(
        ticket.first_reply.outcome == crm::domain::sla::Outcome::Met { at: ticket.opened_at },
        "{:?}",
        ticket.first_reply
    );
    let mut tx = post.desk.test.db.begin().await?;
    let sent = tx.outbox_deliveries(ticket.id).await?;
    assert!(
        sent.iter().all(|d| d.state == "sent") && sent.len() == 2,
        "the engineer sees that it arrived: {sent:?}"
    );
    drop(tx);

    // She replies; her program drops the number, but names what it answers.
    let headers = format!("In-Reply-To: <{}>\r\n", answer.message_id);
    let text = "Рахмет, бірақ әлі толы\r\n\r\n2026 ж. 23 қараша, PRO DATA:\r\n> Қараймыз\r\n> KM-000001";
    post.sends(Draft { from: AIGERIM, subject: "Re: disk", text, headers }).await?;
    // She writes once more, with the number alone.
    post.sends(Draft {
        from: AIGERIM,
        subject: "Re: [KM-000001] Диск",
        text: "Тағы да толды",
        headers: String::new(),
    })
    .await?;
    assert_eq!(post.mail.fetch().await?, 2);
    let said: Vec<String> = post.talk(&ticket).await?.into_iter().map(|m| m.body).collect();
    assert_eq!(said[2..], ["Рахмет, бірақ әлі толы", "Тағы да толды"], "without what they quote");
    assert_eq!(post.tickets().await?, 1);

    // Solved. Thanks leave it solved, anything else opens it again.
    post.desk.write(ticket.id, |m| Command::Solve(Some(m)), &engineer("arman")).await?;
    let got = post.got(AIGERIM, 3).await?;
    assert!(got[2].1.text.contains("шешілді"), "{}", got[2].1.text);
    let reply = |text| Draft { from: AIGERIM, subject: "Re: [KM-000001]", text, headers: String::new() };
    post.sends(reply("Рахмет!")).await?;
    post.mail.fetch().await?;
    assert_eq!(post.ticket(1).await?.state, State::Solved);
    post.sends(reply("Жоқ, әлі істемейді")).await?;
    post.mail.fetch().await?;
    let ticket = post.ticket(1).await?;
    assert_eq!((ticket.cycle, ticket.state.is_active()), (2, true));

    // Whatever Telegram customers hear of, she hears of by mail: here, that a promise is broken.
    post.desk.pass(TimeDelta::hours(30)).await?;
    let before = post.servers.mailbox(AIGERIM)?.len();
    post.mail.send_due().await?;
    let mails = post.servers.wait_for(AIGERIM, before + 1).await?;
    let last = crm::mail::letter::read(mails.last().context("one")?.as_bytes(), "");
    assert!(last.text.contains("уәде еткен уақытта (10:00)"), "{}", last.text);
    Ok(())
}
