//! A recovered password reaches the customer through a link that works once, and lies open nowhere.

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use crm::clock::Clock;
use crm::domain::action::ActionSpec;
use crm::domain::form::Form;
use crm::domain::ids::ContactId;
use crm::domain::kind::Kind;
use crm::domain::plan::Plan;
use crm::domain::policy::{Policy, Quorum};
use crm::domain::ticket::State;
use crm::once::{Once, router};
use crm::seal::{LinkToken, bot_key};
use crm::step_up::{self, Answer};
use crm::worker::Worker;
use komek_tests::desk::{Desk, contact};
use komek_tests::engine::Engine;
use provisioner::cabinet::builtin::Builtin;
use provisioner::cabinet::{Cabinet, Login};
use reqwest::Client;
use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{ask, desk, new, telegram_token, to_the_end};

/// Every table that could hold a secret, as one text.
async fn everything(desk: &Desk) -> Result<String> {
    let mut all = String::new();
    for sql in [
        "SELECT CAST(payload AS TEXT) FROM outbox",
        "SELECT CAST(payload AS TEXT) FROM job",
        "SELECT CAST(event AS TEXT) FROM event",
        "SELECT CAST(doc AS TEXT) FROM ticket",
        "SELECT CAST(progress AS TEXT) FROM action",
        "SELECT CAST(spec AS TEXT) FROM action",
        "SELECT COALESCE(sealed, '') || token_hash FROM secret",
        "SELECT sealed FROM secret_link",
        "SELECT CAST(id AS TEXT) || COALESCE(digest, '') || COALESCE(salt, '') FROM step_up",
        "SELECT COALESCE(password_digest, '') FROM simulated_account",
        "SELECT body FROM message",
    ] {
        all.push_str(&desk.test.texts(sql).await?.concat());
    }
    Ok(all)
}

/// The crm's page, served; its address.
async fn page(desk: &Desk) -> Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/once", listener.local_addr()?);
    let once = router(Once { db: desk.test.db.clone(), clock: desk.clock.clone() });
    tokio::spawn(async move { axum::serve(listener, once).await });
    Ok(address)
}

/// What stands in the page's box.
fn shown(html: &str) -> Option<String> {
    let (_, rest) = html.split_once("class=\"secret\">")?;
    rest.split_once("</").map(|(secret, _)| secret.to_owned())
}

#[rstest]
#[tokio::test]
async fn a_recovered_password_is_seen_once_by_the_holder_of_the_link(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some((desk, _working)) = desk(engine).await? else { return Ok(()) };
    let ticket = ask(&desk, Kind::PasswordRecovery, Form::PasswordRecovery { service: None }).await?;
    let ticket = to_the_end(&desk, ticket.id).await?;
    ensure!(ticket.state == State::Solved, "{:?}", desk.events(ticket.id).await?);
    let action = ticket.action.as_ref().context("an action")?;
    ensure!(!action.approved_by.is_empty(), "an engineer is the step-up");
    let waiting = desk.waiting(ticket.id).await?;
    ensure!(
        waiting.get("secret_link") == Some(&1) && waiting.get("other_contacts") == Some(&1),
        "{waiting:?}"
    );

    let sealed =
        desk.test.db.read().await?.secret_link(action.id, desk.clock.now()).await?.context("a link")?;
    let token = bot_key(&telegram_token()).open(&sealed)?;
    let (page, http) = (page(&desk).await?, Client::new());
    let url = format!("{page}/{}", token.expose_secret());
    // Whoever merely fetches the address (a preview, a scanner) takes nothing out, however often.
    for _ in 0..2 {
        let seen = http.get(&url).header("Accept-Language", "ru").send().await?;
        ensure!(seen.status() == 200 && seen.headers()["cache-control"] == "no-store");
        ensure!(seen.headers()["referrer-policy"] == "no-referrer");
        let html = seen.text().await?;
        ensure!(shown(&html).is_none() && html.contains("Показать"), "{html}");
    }
    let before = everything(&desk).await?;
    let opened = http.post(&url).send().await?;
    ensure!(opened.status() == 200);
    let password = shown(&opened.text().await?).context("the password")?;
    let cabinet = Builtin::new(desk.test.db.clone());
    let login = cabinet.try_password("aigerim", &SecretString::from(password.clone())).await?;
    ensure!(login == Login::MustChange, "{login:?}");
    ensure!(cabinet.account("aigerim").await?.signed_out_before.is_some(), "the old sessions live");
    for _ in 0..2 {
        let again = http.post(&url).send().await?;
        ensure!(again.status() == 410 && shown(&again.text().await?).is_none(), "a second time");
    }
    ensure!(http.get(&url).send().await?.status() == 410);
    for database in [before, everything(&desk).await?] {
        ensure!(!database.contains(&password), "the password lies open");
        ensure!(!database.contains(token.expose_secret()), "the token lies open");
    }
    for wrong in ["x", "00000000000000000000000000000000", "..%2f..%2fetc%2fpasswd"] {
        ensure!(http.post(format!("{page}/{wrong}")).send().await?.status() == 410, "{wrong}");
    }
    Ok(())
}

#[tokio::test]
async fn a_link_that_nobody_opened_dies_after_a_quarter_of_an_hour() -> Result<()> {
    let Some((desk, _working)) = desk(Engine::Sqlite).await? else { return Ok(()) };
    let ticket = ask(&desk, Kind::PasswordRecovery, Form::PasswordRecovery { service: None }).await?;
    let ticket = to_the_end(&desk, ticket.id).await?;
    let action = ticket.action.as_ref().context("an action")?;
    let sealed =
        desk.test.db.read().await?.secret_link(action.id, desk.clock.now()).await?.context("a link")?;
    let token = bot_key(&telegram_token()).open(&sealed)?;
    let token = LinkToken::read(token.expose_secret()).context("a token")?;
    desk.clock.advance(TimeDelta::minutes(15));
    let url = format!("{}/{}", page(&desk).await?, token.secret().expose_secret());
    ensure!(Client::new().post(&url).send().await?.status() == 410);
    // The crm's worker forgets what it led to.
    let stop = CancellationToken::new();
    let _working = stop.clone().drop_guard();
    let worker = Worker::new(desk.service.clone(), desk.test.db.clone(), "the crm".to_owned());
    tokio::spawn(worker.run(stop));
    let kept = "SELECT COUNT(*) FROM secret WHERE sealed IS NOT NULL";
    desk.test.until(kept, 0, std::time::Duration::from_secs(20)).await?;
    ensure!(desk.test.number("SELECT COUNT(*) FROM secret_link").await? == 0, "its token is kept");
    Ok(())
}

/// A code that Aigerim has typed right, before she asks.
async fn confirmed(desk: &Desk, contact: &ContactId) -> Result<Uuid> {
    let (id, now, account) = (desk.clock.id(), desk.clock.now(), 200_001);
    let bot = bot_key(&telegram_token());
    let mut tx = desk.test.db.begin().await?;
    ensure!(step_up::ask(&mut tx, id, contact, account, now).await?);
    let (code, kept) = step_up::draw(&bot.public())?;
    ensure!(tx.step_up_drawn(id, &kept).await?);
    let typed = step_up::check(&mut tx, &bot, (id, contact, account), code.expose_secret(), now).await?;
    ensure!(typed == Answer::Right, "{typed:?}");
    tx.commit().await?;
    Ok(id)
}

#[rstest]
#[tokio::test]
async fn a_code_takes_the_place_of_the_engineer_for_its_own_ticket_alone(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some((desk, _working)) = desk(engine).await? else { return Ok(()) };
    let (hers, his) = (ContactId::from("aigerim"), ContactId::from("boris"));
    let code = confirmed(&desk, &hers).await?;
    // Until the ticket is planned its code must be on record: as in the bot, both are one transaction.
    let mut tx = desk.test.db.begin().await?;
    let form = Form::PasswordRecovery { service: None };
    let wanted = new(Kind::PasswordRecovery, form);
    let ticket = desk.service.open(&mut tx, wanted, &contact("aigerim")).await?;
    tx.step_up_use(code, ticket.id).await?;
    tx.commit().await?;
    let ticket = to_the_end(&desk, ticket.id).await?;
    ensure!(ticket.state == State::Solved, "{:?}", desk.events(ticket.id).await?);
    let action = ticket.action.context("an action")?;
    ensure!(action.approved_by.is_empty() && action.quorum == Quorum::Auto, "{action:?}");
    ensure!(action.plan.notes.iter().any(|n| n.key == "plan-note-code"), "the desk must see why");

    // Used once: for the next ticket, and for another's, it proves nothing.
    let next = ask(&desk, Kind::PasswordRecovery, Form::PasswordRecovery { service: None }).await?;
    let mut tx = desk.test.db.begin().await?;
    tx.step_up_use(code, next.id).await?;
    ensure!(tx.step_up_of(next.id).await?.is_none());
    tx.commit().await?;
    let next = to_the_end(&desk, next.id).await?;
    ensure!(!next.action.context("an action")?.approved_by.is_empty(), "an engineer was needed");
    desk.clock.advance(TimeDelta::minutes(5));
    let foreign = confirmed(&desk, &his).await?;
    let third = ask(&desk, Kind::PasswordRecovery, Form::PasswordRecovery { service: None }).await?;
    let mut tx = desk.test.db.begin().await?;
    tx.step_up_use(foreign, third.id).await?;
    let third = tx.ticket_fetch(third.id).await?.context("the ticket")?;
    ensure!(!provisioner::step_up::confirmed(&mut tx, &third).await?, "another contact's code");
    Ok(())
}

#[test]
fn no_terms_hand_out_a_password_without_an_engineer() -> Result<()> {
    let book = crm::policy::PolicyBook::shipped()?;
    for file in book.iter() {
        let mut policy = Policy::clone(&file.policy);
        let kind = policy.kinds.get_mut(&Kind::PasswordRecovery).context("the kind")?;
        kind.approval.as_mut().context("a rule")?.default = Quorum::Auto;
        let password = ActionSpec::CabinetPassword { customer: "acme".into(), user: "aigerim".to_owned() };
        let credentials = ActionSpec::ClusterCredentials {
            service: "acme-k8s".into(),
            cluster: "ala-k8s".into(),
            namespace: "acme".to_owned(),
        };
        for spec in [password, credentials] {
            let quorum = policy.quorum(Kind::PasswordRecovery, &spec, &Plan::default());
            ensure!(quorum == Quorum::One, "{}: {quorum:?}", spec.kind());
            // A code is as good, but not where the terms want two people.
            let mut plan = Plan::default();
            plan.facts.stepped_up = true;
            for (default, after) in [(Quorum::One, Quorum::Auto), (Quorum::Two, Quorum::Two)] {
                let kind = policy.kinds.get_mut(&Kind::PasswordRecovery).context("the kind")?;
                kind.approval.as_mut().context("a rule")?.default = default;
                ensure!(policy.quorum(Kind::PasswordRecovery, &spec, &plan) == after, "{default}");
            }
            let kind = policy.kinds.get_mut(&Kind::PasswordRecovery).context("the kind")?;
            kind.approval.as_mut().context("a rule")?.default = Quorum::Auto;
        }
    }
    Ok(())
}
