//! What README promises of `make demo`: quota, password and zone link are asked for in the chat, approved at the desk, executed by the
//! provisioner, proved, and told. Everything runs as the demo starts it; the Cabinet is the built-in one.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use crm::clock::{Clock, SystemClock};
use crm::credits::words;
use crm::domain::downtime::Month;
use crm::domain::lang::Lang;
use crm::text::ZONE;
use komek_tests::demo::{AIGERIM, DESK, Demo, EMMA, ENGINEERS, SERGEY, buttons};
use komek_tests::services::{Programs, free_port};
use reqwest::Method;

#[tokio::test]
async fn quota_password_and_link_complete_in_the_chat() -> Result<()> {
    let Some(demo) = Demo::start().await? else { return Ok(()) };
    let (quota, password, link) = tokio::join!(quota(&demo), password(&demo), link(&demo));
    quota.context("quota")?;
    password.context("password")?;
    link.context("link")?;
    outage(&demo).await.context("outage")?;
    restarted(demo).await.context("stop and start")
}

/// Ctrl-C ends it at once, though consoles are open; it says what the next start does not go on with.
async fn restarted(demo: Demo) -> Result<()> {
    let said = demo.said();
    ensure!(said.contains("the simulated machines and networks"), "{said}");
    let console = demo.browser("nurlan").await?;
    let mut streams = Vec::new();
    for path in ["/queue/live", "/tickets/KM-000001/live"] {
        let asked =
            reqwest::Client::new().get(format!("{}{path}", demo.web)).header("cookie", &console.cookies);
        let mut stream = asked.send().await?.error_for_status()?;
        let first = stream.chunk().await?.context("the first event")?;
        ensure!(first.starts_with(b"event: ready"), "{first:?}");
        streams.push(stream);
    }
    let begun = Instant::now();
    tokio::task::spawn_blocking(move || demo.stop()).await?;
    let took = begun.elapsed();
    ensure!(took < Duration::from_secs(5), "stopping took {took:?}");
    Ok(())
}

/// What stands in the way of a start is said in a line that says what to do.
#[tokio::test]
async fn without_its_zones_it_says_where_to_start_it() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let Some(programs) = Programs::new(folder.path(), &[("RUST_BACKTRACE", "1".to_owned())])? else {
        return Ok(());
    };
    let (page, web) = (format!("127.0.0.1:{}", free_port()?), format!("127.0.0.1:{}", free_port()?));
    let said = programs.run("komek-sandbox", &["demo", "--page", &page, "--web", &web]).await?;
    let error = said.badly()?;
    let lines: Vec<&str> = error.trim().lines().collect();
    ensure!(lines.len() == 1 && lines[0].contains("start the demo from the project's folder"), "{error}");
    ensure!(!folder.path().join(".demo").exists(), "nothing is left behind");
    Ok(())
}

/// From the report in the chat to the credit on the bill: what a customer says of last month becomes an incident, two people confirm the
/// interval, the month is closed, the credit is approved, and she reads its sheet.
async fn outage(demo: &Demo) -> Result<()> {
    let month = Month::of(SystemClock.now(), ZONE).before();
    let day = |time: &str| format!("{month}-10T{time}");
    let knows = |text: String| {
        move |m: &serde_json::Value| m["text"].as_str().filter(|t| t.contains(&text)).map(str::to_owned)
    };
    let earlier = demo.ticket(AIGERIM).await?;
    demo.say(AIGERIM, "/menu").await?;
    demo.press(AIGERIM, "bot", ":fault").await?;
    demo.press(AIGERIM, "bot", ":vacme-web").await?;
    demo.press(AIGERIM, "bot", ":s1").await?;
    demo.say(AIGERIM, &format!("10.{:02} 02:00", month.month())).await?;
    demo.say(AIGERIM, "Дүкен сол түні ашылмады").await?;
    // Her last ticket waits for a yes, too.
    demo.until(AIGERIM, "bot", "a last look", knows("Тексеріп, жіберіңіз".to_owned())).await?;
    demo.press(AIGERIM, "bot", ":y").await?;
    let ticket = demo.next_ticket(AIGERIM, &earlier).await?;

    let (nurlan, olga, saule) =
        (demo.browser("nurlan").await?, demo.browser("olga").await?, demo.browser("saule").await?);
    let page = nurlan.get("/incidents").await?.body;
    ensure!(page.contains("IN-000001") && page.contains(&ticket) && page.contains("acme-web"), "{page}");
    let (from, until) = (day("02:00:00"), day("03:30:00"));
    let interval = [
        ("do", "propose"),
        ("incident", "IN-000001"),
        ("service", "acme-web"),
        ("cause", "provider"),
        ("from", &from),
        ("until", &until),
        ("text", "Prometheus: up == 0"),
    ];
    ensure!(nurlan.incident(&interval).await?.status == 303);
    let page = olga.get("/incidents").await?.body;
    let rest = page.split("name=\"interval\" value=\"").nth(1).context("an interval to confirm")?;
    let id: String = rest.chars().take(36).collect();
    ensure!(nurlan.incident(&[("do", "second"), ("interval", &id)]).await?.status == 422, "himself");
    ensure!(olga.incident(&[("do", "second"), ("interval", &id)]).await?.status == 303);
    let answer = [("do", "answer"), ("incident", "IN-000001"), ("text", "Ақау жойылды, өтемақы есептеледі.")];
    ensure!(olga.incident(&answer).await?.status == 303);
    demo.until(AIGERIM, "bot", "the answer", knows("Ақау жойылды".to_owned())).await?;

    let period = month.to_string();
    let close = [("do", "close"), ("period", period.as_str())];
    ensure!(nurlan.post("/credits", &close).await?.status == 403, "an engineer closes no month");
    ensure!(saule.close_month(&period).await?.to().ends_with("&done=yes"));
    let page = saule.get(&format!("/credits?period={period}")).await?.body;
    ensure!(page.contains("99.7") && page.contains("2\u{a0}250.00\u{a0}₸"), "{page}");
    let approve = [("do", "approve"), ("period", &period), ("service", "acme-web"), ("revision", "1")];
    ensure!(saule.post("/credits", &approve).await?.status == 303);

    let told = demo.until(AIGERIM, "bot", "the credit", knows("Өтемақыңыз мақұлданды".to_owned())).await?;
    for words in ["2\u{a0}250,00\u{a0}₸", "біздің платформаның ақауы", "(C12)", "02:00:00 – 03:30:00"]
    {
        ensure!(told.contains(words), "{words}: {told}");
    }
    let name = words::month(month, Lang::Kk);
    demo.say(AIGERIM, &format!("{name} айында қолжетімділік қандай болды?")).await?;
    demo.press(AIGERIM, "bot", &format!("c:h:{period}:0:acme-web")).await?;
    demo.until(AIGERIM, "bot", "the sheet", knows("Ол мақұлданды".to_owned())).await?;

    let export = saule.get(&format!("/credits/{period}/export.csv")).await?.body;
    let row = export.lines().find(|l| l.starts_with("acme-web,")).context("a row")?;
    ensure!(row.contains(",approved,1,") && row.contains(",2250.00,"), "{row}");
    let made = demo.programs.run("komek-crm", &["token", "create", "--role", "auditor"]).await?.well()?;
    let bill = format!("{}/api/v1/credits?period={period}&approved=true", demo.web);
    let bill: serde_json::Value =
        reqwest::Client::new().get(bill).bearer_auth(made.trim()).send().await?.json().await?;
    let items = bill["items"].as_array().context("a bill")?;
    ensure!(
        items.len() == 1 && items[0]["service"] == "acme-web" && items[0]["credit"] == "2250.00",
        "{bill}"
    );
    let note = saule.get(&format!("/credits/{period}/acme-web/note?lang=kk")).await?.body;
    ensure!(note.contains("Өтемақы туралы құжат"), "{note}");
    Ok(())
}

/// Cores from 16 to 24: what he has stands beside what he wants, and what was read back is his answer.
async fn quota(demo: &Demo) -> Result<()> {
    demo.join(AIGERIM).await?;
    let knows = |text: &'static str| {
        move |m: &serde_json::Value| m["text"].as_str().filter(|t| t.contains(text)).map(str::to_owned)
    };
    demo.press(AIGERIM, "bot", ":quota").await?;
    demo.press(AIGERIM, "bot", ":c").await?;
    demo.press(AIGERIM, "bot", ":rcores").await?;
    demo.until(AIGERIM, "bot", "what he has", knows("Қазір: 16")).await?;
    demo.say(AIGERIM, "+8").await?;
    demo.press(AIGERIM, "bot", ":o").await?;
    let review = demo.until(AIGERIM, "bot", "both numbers", knows("24")).await?;
    ensure!(review.contains("16"), "{review}");
    demo.press(AIGERIM, "bot", ":y").await?;
    let ticket = demo.ticket(AIGERIM).await?;
    demo.approve(&ticket, 1).await?;
    let proof = |m: &serde_json::Value| {
        m["text"].as_str().filter(|t| t.contains(&ticket) && t.contains("16 → 24")).map(str::to_owned)
    };
    demo.until(AIGERIM, "bot", "the proof", proof).await?;
    // The next time he begins from what he has now.
    demo.say(AIGERIM, "/menu").await?;
    demo.press(AIGERIM, "bot", ":quota").await?;
    demo.press(AIGERIM, "bot", ":c").await?;
    demo.press(AIGERIM, "bot", ":rcores").await?;
    demo.until(AIGERIM, "bot", "the new quota", knows("Қазір: 24")).await.map(drop)
}

/// The password is seen once, behind the link, and nowhere else: not in a chat, a log, a figure or the database's file.
async fn password(demo: &Demo) -> Result<()> {
    demo.join(EMMA).await?;
    demo.press(EMMA, "bot", ":password").await?;
    demo.press(EMMA, "bot", ":y").await?;
    let ticket = demo.ticket(EMMA).await?;
    demo.approve(&ticket, 1).await?;
    let url = demo
        .until(EMMA, "bot", "the one-time link", |m| {
            buttons(m).find_map(|b| b["url"].as_str().filter(|u| u.contains("/once/")).map(str::to_owned))
        })
        .await?;
    ensure!(url.starts_with(&demo.web), "{url}");
    let (status, page) = demo.web(Method::GET, &url).await?;
    ensure!(status == 200 && !page.contains("class=\"secret\""), "{page}");
    let (status, page) = demo.web(Method::POST, &url).await?;
    ensure!(status == 200, "{page}");
    let secret = page.split_once("class=\"secret\">").context("the password")?.1;
    let secret = secret.split_once('<').context("its end")?.0.to_owned();
    ensure!(secret.len() == 23, "{secret}");
    ensure!(demo.web(Method::POST, &url).await?.0 == 410, "a second time");

    let token = url.rsplit_once('/').context("a token")?.1;
    let (_, figures) = demo.web(Method::GET, &format!("{}/metrics", demo.web)).await?;
    let mut chats = String::new();
    for person in [EMMA, AIGERIM, SERGEY, ENGINEERS[0], ENGINEERS[1]] {
        chats.push_str(&serde_json::to_string(&demo.messages(person, "bot").await?)?);
    }
    chats.push_str(&serde_json::to_string(&demo.messages(ENGINEERS[0], DESK).await?)?);
    let mut database = String::new();
    for file in ["komek.db", "komek.db-wal"] {
        let bytes = std::fs::read(demo.folder.path().join("demo").join(file)).unwrap_or_default();
        database.push_str(&String::from_utf8_lossy(&bytes));
    }
    ensure!(
        database.contains("secret_link") && figures.contains("komek_"),
        "the wrong places were looked at"
    );
    for (place, text) in
        [("figures", &figures), ("logs", &demo.logs()?), ("chats", &chats), ("database", &database)]
    {
        ensure!(!text.contains(&secret), "the password lies open in the {place}");
        // The link itself is in its owner's chat, where it is worth nothing any more.
        ensure!(place == "chats" || !text.contains(token), "the link lies open in the {place}");
    }
    Ok(())
}

/// Networks of two zones: both hosts are changed and read back.
async fn link(demo: &Demo) -> Result<()> {
    demo.join(SERGEY).await?;
    demo.press(SERGEY, "bot", "c:o").await?;
    demo.press(SERGEY, "bot", ":link").await?;
    demo.press(SERGEY, "bot", ":wdala-net-1").await?;
    let second = |m: &serde_json::Value| m["text"].as_str()?.contains("С какой сетью").then_some(());
    demo.until(SERGEY, "bot", "the question for the second network", second).await?;
    demo.press(SERGEY, "bot", ":wdala-net-2").await?;
    let why = |m: &serde_json::Value| m["text"].as_str()?.contains("Для чего").then_some(());
    demo.until(SERGEY, "bot", "the question for the reason", why).await?;
    demo.say(SERGEY, "Репликация базы").await?;
    demo.press(SERGEY, "bot", ":y").await?;
    let ticket = demo.ticket(SERGEY).await?;
    demo.approve(&ticket, 1).await?;
    let solved = |m: &serde_json::Value| {
        let text = m["text"].as_str()?;
        (text.contains(&ticket) && text.contains("✅")).then(|| text.to_owned())
    };
    let told = demo.until(SERGEY, "bot", "the end of it", solved).await?;
    ensure!(told.contains("ala-1") || told.contains("dala-net"), "{told}");
    Ok(())
}
