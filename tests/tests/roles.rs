//! `deploy/postgres/roles.sql` on a real PostgreSQL: every service works with its own role, and none reads what is not its business.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use komek_tests::engine::Engine;
use komek_tests::lab::testvirt::TestVirt;
use komek_tests::town::{ACCOUNTS_OF_VMS, Asker, DESK, STAFF, Town, press_ending};
use sqlx::{Connection, Executor, PgConnection};

const SERVICES: [(&str, &str, &[&str]); 3] =
    [("crm", "komek-crm", &["serve"]), ("bot", "komek-bot", &[]), ("provisioner", "komek-provisioner", &[])];

/// Makes the three roles, as an administrator would, and runs the shipped script.
async fn roles(town: &Town) -> Result<()> {
    let mut owner = PgConnection::connect(&town.test.url).await?;
    for (role, ..) in SERVICES {
        let sql = format!("CREATE ROLE roles_{role} LOGIN PASSWORD 'password-of-{role}'");
        owner.execute(sqlx::AssertSqlSafe(sql)).await?;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/postgres/roles.sql");
    // Twice: it is run again after each new version.
    for _ in 0..2 {
        let mut psql = Command::new("psql");
        psql.arg(&town.test.url).args(["--no-psqlrc", "--quiet"]);
        for (role, ..) in SERVICES {
            psql.args(["-v", &format!("{role}=roles_{role}")]);
        }
        let ran = psql.args(["-f", script]).output().context("psql")?;
        ensure!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
    Ok(())
}

/// The address of the database for a role.
fn address(town: &Town, role: &str) -> Result<String> {
    let (_, place) = town.test.url.split_once('@').context("an address with a user")?;
    Ok(format!("postgres://roles_{role}:password-of-{role}@{place}"))
}

/// What a role may not do is refused by PostgreSQL itself.
async fn refused(town: &Town) -> Result<()> {
    for (role, sql) in [
        ("bot", "SELECT sealed FROM secret"),
        ("bot", "SELECT token_hash FROM secret"),
        ("bot", "SELECT * FROM api_token"),
        ("bot", "SELECT * FROM web_session"),
        ("bot", "SELECT password_digest FROM simulated_account"),
        ("bot", "INSERT INTO secret_link VALUES ('018f0000-0000-7000-8000-000000000001', 'x', now())"),
        ("bot", "SELECT url FROM webhook"),
        ("provisioner", "UPDATE webhook_delivery SET state = 'sent'"),
        ("bot", "UPDATE staff SET role = 'administrator'"),
        ("bot", "UPDATE event SET prev_hash = 'x'"),
        ("bot", "CREATE TABLE mine (a TEXT)"),
        ("provisioner", "SELECT body FROM message"),
        ("provisioner", "SELECT * FROM dialogue"),
        ("provisioner", "SELECT * FROM inbox"),
        ("provisioner", "SELECT * FROM invite"),
        ("provisioner", "SELECT * FROM api_token"),
        ("provisioner", "SELECT * FROM file"),
        ("provisioner", "UPDATE staff SET role = 'administrator'"),
        ("provisioner", "DELETE FROM event"),
        ("provisioner", "INSERT INTO bot_key VALUES ('mine', now())"),
        // It says what it saw of a control plane; what counts is decided elsewhere.
        ("provisioner", "SELECT * FROM downtime"),
        ("provisioner", "UPDATE incident SET state = 'closed'"),
        ("provisioner", "DELETE FROM probe"),
        ("bot", "UPDATE probe SET health = 'healthy'"),
        ("crm", "SELECT * FROM secret_link"),
        ("crm", "INSERT INTO bot_key VALUES ('mine', now())"),
        ("crm", "DELETE FROM event"),
        ("crm", "DROP TABLE event"),
    ] {
        let mut connection = PgConnection::connect(&address(town, role)?).await?;
        let Err(error) = connection.execute(sql).await else { anyhow::bail!("{role} may {sql}") };
        let text = error.to_string();
        ensure!(
            text.contains("permission denied") || text.contains("must be owner"),
            "{role}, {sql}: {text}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn every_service_works_with_its_own_role_and_reads_nothing_else() -> Result<()> {
    let machines: Vec<&str> = ACCOUNTS_OF_VMS.iter().flat_map(|(_, vms)| vms.iter().copied()).collect();
    let Some(lab) = TestVirt::start(&machines).await? else { return Ok(()) };
    let Some(town) = Town::new(Engine::Postgres, &lab.uri()).await? else { return Ok(()) };
    roles(&town).await?;
    refused(&town).await?;
    let mut services = Vec::new();
    for (role, program, arguments) in SERVICES {
        let programs = town.programs.with("KOMEK_DATABASE_URL", &address(&town, role)?);
        services.push(programs.start(program, arguments)?);
    }
    services[1].says("is at work", Duration::from_mins(1)).await?;

    // A reboot that needs nobody, a question that a human answers, a password that is approved and fetched.
    let customer = town.phone(200_001);
    let mut asker = Asker::new(customer.clone());
    let reboot = asker.reboot("acme-web").await?;
    customer.wait_for(|m| m.text.contains(&reboot) && m.text.contains("✅")).await.context("the proof")?;
    let question = asker.ask("How do I order a backup?").await?;
    let desk = town.phone(STAFF[0].0).at(DESK);
    let card = desk.wait_for(|m| m.text.contains(&question)).await.context("the card")?;
    desk.reply(card.id, "In the Cabinet, under Backups.")?;
    customer.wait_for(|m| m.text.contains("under Backups")).await.context("the answer")?;
    customer.send("/menu")?;
    press_ending(&customer, ":password").await?;
    press_ending(&customer, ":c").await?;
    press_ending(&customer, ":y").await?;
    let ticket = asker.acknowledged().await?;
    let number = ticket.trim_start_matches("KM-").trim_start_matches('0').to_owned();
    let approve = format!("d:y:{number}:");
    let found = |m: &sandbox::Seen| {
        m.json["reply_markup"]["inline_keyboard"].as_array().and_then(|rows| {
            let all = rows.iter().filter_map(|r| r.as_array()).flatten();
            all.filter_map(|b| b["callback_data"].as_str())
                .find(|d| d.starts_with(&approve))
                .map(str::to_owned)
        })
    };
    let card = desk.wait_for(|m| found(m).is_some()).await.context("the approval")?;
    desk.press_data(card.id, &found(&card).context("it was there")?)?;
    let link = |m: &sandbox::Seen| {
        let url = m.json["reply_markup"]["inline_keyboard"][0][0]["url"].as_str()?;
        url.contains("/once/").then(|| url.to_owned())
    };
    let seen = customer.wait_for(|m| link(m).is_some()).await.context("the link")?;
    let opened = reqwest::Client::new().post(link(&seen).context("it was there")?).send().await?;
    ensure!(opened.status() == 200 && opened.text().await?.contains("class=\"secret\""));

    for service in &mut services {
        let status = service.stop().await?;
        let log = service.logged();
        ensure!(status.success(), "{}: {status}", service.name);
        let denied: Vec<&str> = log.lines().filter(|l| l.contains("permission denied")).collect();
        ensure!(denied.is_empty(), "{}: {denied:#?}", service.name);
    }
    Ok(())
}
