//! What README promises of `make demo`: quota, password and zone link are asked for in the chat, approved at the desk, executed by the
//! provisioner, proved, and told. Everything runs as the demo starts it; the Cabinet is the built-in one.

use anyhow::{Context, Result, ensure};
use komek_tests::demo::{AIGERIM, DESK, Demo, EMMA, ENGINEERS, SERGEY, buttons};
use reqwest::Method;

#[tokio::test]
async fn quota_password_and_link_complete_in_the_chat() -> Result<()> {
    let Some(demo) = Demo::start().await? else { return Ok(()) };
    let (quota, password, link) = tokio::join!(quota(&demo), password(&demo), link(&demo));
    quota.context("quota")?;
    password.context("password")?;
    link.context("link")
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
