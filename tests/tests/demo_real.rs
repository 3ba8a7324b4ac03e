//! What README promises of `make demo-real`: a reboot, quotas, a password and links are asked for in the chat, approved at the desk, and done on
//! QEMU guests, a Kubernetes API server, Keystone and Nova; curl, virsh and kubectl see it; and Ctrl-C leaves nothing running.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use komek_tests::demo::{AIGERIM, Demo, EMMA, SERGEY, buttons};
use komek_tests::lab;
use komek_tests::lab::kubernetes::kubectl;
use reqwest::Method;
use serde_json::Value;

#[tokio::test]
async fn everything_completes_in_the_chat_on_real_systems() -> Result<()> {
    if !komek_tests::lab::kvm::possible()? {
        return Ok(());
    }
    let Some(demo) = Demo::real().await? else { return Ok(()) };
    reboot(&demo).await.context("reboot")?;
    for person in [SERGEY, EMMA] {
        demo.join(person).await?;
    }
    let (quota, password, link) = tokio::join!(quotas(&demo), password(&demo), links(&demo));
    quota.context("quotas")?;
    password.context("password")?;
    link.context("links")?;

    let folder = demo.folder.path().to_owned();
    let logged = demo.stop();
    ensure!(logged.contains("Stopping"), "{logged}");
    nothing_is_left(&folder)
}

/// A text that has all of these.
fn with<'p>(parts: &'p [&'p str]) -> impl Fn(&Value) -> Option<String> + 'p {
    |m| m["text"].as_str().filter(|t| parts.iter().all(|part| t.contains(part))).map(str::to_owned)
}

/// Presses the «yes» of the conversation, once it asks; solved requests have a «yes» of their own.
async fn send(demo: &Demo, person: i64) -> Result<()> {
    let yes = |m: &Value| {
        let mut all = buttons(m).filter_map(|b| b["callback_data"].as_str());
        all.find(|d| d.starts_with("c:a:") && d.ends_with(":y")).map(str::to_owned)
    };
    let data = demo.until(person, "bot", "the button that sends", yes).await?;
    demo.press(person, "bot", &data).await
}

async fn reboot(demo: &Demo) -> Result<()> {
    demo.join(AIGERIM).await?;
    demo.press(AIGERIM, "bot", ":reboot").await?;
    demo.press(AIGERIM, "bot", ":vacme-web").await?;
    demo.press(AIGERIM, "bot", ":mgraceful").await?;
    send(demo, AIGERIM).await?;
    let ticket = demo.ticket(AIGERIM).await?;
    // Its own boot, or the announcement where the guest was still on its way up.
    demo.until(AIGERIM, "bot", "the proof", with(&[&ticket, "Тексердік"])).await.map(drop)
}

async fn quotas(demo: &Demo) -> Result<()> {
    // Of the project: 20 is what Nova gives to begin with.
    demo.say(AIGERIM, "/menu").await?;
    demo.press(AIGERIM, "bot", ":quota").await?;
    demo.press(AIGERIM, "bot", ":c").await?;
    demo.press(AIGERIM, "bot", ":rcores").await?;
    demo.until(AIGERIM, "bot", "what he has", with(&["20"])).await?;
    demo.say(AIGERIM, "28").await?;
    let known = demo.ticket(AIGERIM).await?;
    demo.press(AIGERIM, "bot", ":o").await?;
    send(demo, AIGERIM).await?;
    let ticket = demo.next_ticket(AIGERIM, &known).await?;
    demo.approve(&ticket, 1).await?;
    demo.until(AIGERIM, "bot", "the proof", with(&[&ticket, "20 → 28"])).await?;
    // Of the namespace.
    demo.say(AIGERIM, "/menu").await?;
    demo.press(AIGERIM, "bot", ":quota").await?;
    demo.press(AIGERIM, "bot", ":vacme-k8s").await?;
    demo.press(AIGERIM, "bot", ":rcpu").await?;
    demo.say(AIGERIM, "12").await?;
    demo.press(AIGERIM, "bot", ":o").await?;
    send(demo, AIGERIM).await?;
    let known = ticket;
    let ticket = demo.next_ticket(AIGERIM, &known).await?;
    demo.approve(&ticket, 1).await?;
    demo.until(AIGERIM, "bot", "the proof", with(&[&ticket, "8 → 12"])).await?;
    let admin = demo.folder.path().join("kubernetes/kubeconfig");
    let read = ["-n", "acme", "get", "quota", "komek", "-o", "jsonpath={.status.hard.requests\\.cpu}"];
    ensure!(kubectl(&admin, &read)? == "12");
    Ok(())
}

/// The password behind the link opens nothing but its own change, says Keystone to curl.
async fn password(demo: &Demo) -> Result<()> {
    demo.press(EMMA, "bot", ":password").await?;
    demo.press(EMMA, "bot", ":c").await?;
    send(demo, EMMA).await?;
    let ticket = demo.ticket(EMMA).await?;
    demo.approve(&ticket, 1).await?;
    let link = |m: &Value| {
        buttons(m).find_map(|b| b["url"].as_str().filter(|u| u.contains("/once/")).map(str::to_owned))
    };
    let url = demo.until(EMMA, "bot", "the one-time link", link).await?;
    let (status, page) = demo.web(Method::POST, &url).await?;
    ensure!(status == 200, "{page}");
    let secret = page.split_once("class=\"secret\">").context("the password")?.1;
    let secret = secret.split_once('<').context("its end")?.0;
    let identity = std::fs::read_to_string(demo.folder.path().join("openstack/identity"))?;
    let body = format!(
        r#"{{"auth":{{"identity":{{"methods":["password"],"password":{{"user":{{"name":"acme-admin","domain":{{"name":"customers"}},"password":"{secret}"}}}}}}}}}}"#
    );
    let said = Command::new("curl")
        .args(["-sS", "-H", "Content-Type: application/json", "-d", &body])
        .arg(format!("{}/auth/tokens", identity.trim()))
        .output()?;
    let said = String::from_utf8(said.stdout)?;
    ensure!(said.contains("needs to be changed"), "{said}");
    Ok(())
}

async fn links(demo: &Demo) -> Result<()> {
    let mut known = String::new();
    for (from, to) in [("acme-net-1", "acme-net-2"), ("acme-pods", "acme-test-pods")] {
        demo.say(SERGEY, "/menu").await?;
        demo.press(SERGEY, "bot", "c:o").await?;
        demo.press(SERGEY, "bot", ":link").await?;
        demo.press(SERGEY, "bot", &format!(":w{from}")).await?;
        demo.until(SERGEY, "bot", "the question for the other end", with(&["С как"])).await?;
        demo.press(SERGEY, "bot", &format!(":w{to}")).await?;
        demo.until(SERGEY, "bot", "the question for the reason", with(&["Для чего", to])).await?;
        demo.say(SERGEY, "Репликация базы").await?;
        send(demo, SERGEY).await?;
        let ticket = demo.next_ticket(SERGEY, &known).await?;
        demo.approve(&ticket, 1).await?;
        demo.until(SERGEY, "bot", "the end of it", with(&[&ticket, "Проверено"])).await?;
        known = ticket;
    }
    let admin = demo.folder.path().join("kubernetes/kubeconfig");
    let rules = kubectl(&admin, &["get", "netpol", "-A", "-l", "komek/link", "-o", "name"])?;
    ensure!(rules.lines().count() == 2, "{rules}");
    let bridges =
        Command::new(lab::file("kvm/zone.sh")).args(["inside", "demo-ala-1", "ip", "-o", "link"]).output()?;
    ensure!(String::from_utf8_lossy(&bridges.stdout).contains("kmvx"), "no tunnel on the host");
    Ok(())
}

/// No process works in the folder, or on the zones, any more.
fn nothing_is_left(folder: &Path) -> Result<()> {
    let folder = folder.to_string_lossy();
    for entry in std::fs::read_dir("/proc")? {
        let path = entry?.path();
        let Ok(line) = std::fs::read(path.join("cmdline")) else { continue };
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        ensure!(!line.contains(&*folder) && !line.contains("zones/demo-ala-"), "it still runs: {line}");
    }
    Ok(())
}
