//! One outage, four ways in: monitoring, a telephone call, a mail and a message to the bot end in one incident with four tickets, each with the
//! promise of its own way.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::TimeDelta;
use crm::domain::event::Link;
use crm::domain::form::RebootMode;
use crm::domain::ids::{ContactId, ServiceId};
use crm::domain::kind::{Channel, Kind};
use crm::domain::lang::Lang;
use crm::intake::alerts::{self, Alert, AlertRules};
use crm::intake::{self, Request};
use crm::service::Words;
use komek_tests::desk::{engineer, manager};
use komek_tests::engine::Engine;
use rstest::rstest;

use crate::post::{Draft, Post};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_outage_four_ways_in_one_incident(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(post) = Post::new(engine).await? else { return Ok(()) };
    let desk = &post.desk;
    // 10:00: monitoring sees it first.
    let labels: BTreeMap<String, String> =
        [("alertname", "VmDown"), ("severity", "critical"), ("vm", "birlik-web")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
    let alert = Alert {
        fingerprint: "f1".to_owned(),
        firing: true,
        labels,
        annotations: BTreeMap::new(),
        starts_at: desk.service.now(),
        ends_at: None,
        source: String::new(),
    };
    let mut tx = desk.test.db.begin().await?;
    let monitoring = engineer("arman");
    alerts::receive(&desk.service, &AlertRules::default(), &mut tx, "g", &[alert], &monitoring).await?;
    tx.commit().await?;
    // 10:02: a customer calls; the duty manager writes it down.
    desk.clock.advance(TimeDelta::minutes(2));
    let call = Request {
        channel: Channel::Phone,
        kind: Kind::FaultCritical,
        contact: Some(ContactId::from("boris")),
        name: String::new(),
        language: Lang::Ru,
        service: Some(ServiceId::from("birlik-web")),
        reboot: RebootMode::Graceful,
        since: None,
        words: Words::text("Сайт не открывается"),
    };
    let mut tx = desk.test.db.begin().await?;
    intake::open(&desk.service, &mut tx, call, &manager()).await?;
    tx.commit().await?;
    // 10:05: another writes a mail; 10:06: a third writes to the bot.
    desk.clock.advance(TimeDelta::minutes(3));
    let draft = Draft {
        from: "aigerim@acme.example",
        subject: "Сайт ашылмайды",
        text: "Бәрі тұрып қалды",
        headers: String::new(),
    };
    post.sends(draft).await?;
    assert_eq!(post.mail.fetch().await?, 1);
    desk.clock.advance(TimeDelta::minutes(1));
    desk.open("nora", Kind::FaultCritical).await?;

    // The engineer joins them: one incident, led by the first.
    let lead = post.ticket(1).await?;
    for number in 2..=4 {
        let other = post.ticket(number).await?;
        let mut tx = desk.test.db.begin().await?;
        desk.service.attach(&mut tx, other.id, lead.number, Link::Incident, &engineer("arman")).await?;
        tx.commit().await?;
    }
    let lead = post.ticket(1).await?;
    assert_eq!(lead.joined.iter().map(|j| j.number.0).collect::<Vec<_>>(), [2, 3, 4]);
    assert!(lead.joined.iter().all(|j| j.link == Link::Incident));
    let mut ways = Vec::new();
    for number in 1..=4 {
        let ticket = post.ticket(number).await?;
        assert!(ticket.state.is_active(), "each lives on with its own customer and promise");
        let minutes = (ticket.first_reply.due_at - ticket.opened_at).num_minutes();
        ways.push((ticket.origin.channel, (ticket.opened_at - lead.opened_at).num_minutes(), minutes));
    }
    let (way, opened): (Vec<_>, Vec<_>) = ways.iter().map(|w| (w.0, w.1)).unzip();
    assert_eq!(way, [Channel::Alert, Channel::Phone, Channel::Email, Channel::Telegram]);
    assert_eq!(opened, [0, 2, 5, 6], "the minutes are those of each way in");
    assert_eq!((ways[2].2, ways[3].2), (24 * 60, 10), "T8: by mail 24 h, by messenger 10 min");
    Ok(())
}
