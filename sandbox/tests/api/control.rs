//! The control API over HTTP: what the page and foreign test suites use.

use crate::bench::{Bench, PNG};
use serde_json::{Value, json};

impl Bench {
    async fn control(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let method = method.parse().expect("a method");
        let url = format!("{}/sandbox/api{path}", self.sandbox.url());
        let answer = self.http.request(method, url).json(&body).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }
}

#[tokio::test]
async fn a_world_is_made_and_lived_in() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let person = json!({"id": 200_002, "name": "Ерлан", "language": "ru", "phone": "+77010000002", "role": {"ru": "клиент"}});
    assert_eq!(bench.control("POST", "/people", person).await, (200, json!({"id": 200_002})));
    let group = json!({"id": -1001, "title": "Desk", "forum": true, "members": [200_002]});
    assert_eq!(bench.control("POST", "/groups", group).await.0, 200);

    let chat = "/people/200002/chats/bot";
    assert_eq!(bench.control("POST", &format!("{chat}/start"), json!({"code": "C0DE"})).await.0, 200);
    let sent = bench.control("POST", &format!("{chat}/send"), json!({"text": "привет"})).await.1;
    assert_eq!(sent["messages"][0]["waiting"], true, "no bot has taken it yet");
    assert_eq!(bench.control("POST", &format!("{chat}/send"), json!({"contact": true})).await.0, 200);
    assert_eq!(bench.control("POST", &format!("{chat}/send"), json!({"kind": "voice"})).await.0, 200);
    let place = json!({"latitude": 43.2, "longitude": 76.9});
    assert_eq!(bench.control("POST", &format!("{chat}/send"), place).await.0, 200);
    let updates = bench.updates(0, 0).await;
    let kinds: Vec<_> = updates
        .iter()
        .filter_map(|u| {
            ["text", "contact", "voice", "location"].into_iter().find(|k| !u["message"][*k].is_null())
        })
        .collect();
    assert_eq!(kinds, ["text", "text", "contact", "voice", "location"]);
    let contact = &updates.iter().find(|u| u["message"]["contact"].is_object()).expect("a contact")["message"]
        ["contact"];
    assert_eq!(contact, &json!({"phone_number": "+77010000002", "first_name": "Ерлан", "user_id": 200_002}));

    assert_eq!(bench.control("PATCH", "/people/200002", json!({"language_code": "kk"})).await.0, 200);
    let world = bench.control("GET", "/world", json!(null)).await.1;
    let people: Vec<_> =
        world["people"].as_array().into_iter().flatten().map(|p| p["language_code"].as_str()).collect();
    assert_eq!(people, [Some("kk"), Some("kk")]);
    Ok(())
}

#[tokio::test]
async fn several_files_are_an_album() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let url = format!("{}/sandbox/api/people/200001/chats/bot/send", bench.sandbox.url());
    let part = || reqwest::multipart::Part::bytes(PNG.to_vec()).file_name("a.png");
    let form = reqwest::multipart::Form::new().text("kind", "photo").text("caption", "екеуі");
    let form = form.part("file0", part()).part("file1", part());
    assert_eq!(bench.http.post(url).multipart(form).send().await?.status(), 200);
    let updates = bench.updates(0, 0).await;
    let groups: Vec<_> = updates.iter().map(|u| u["message"]["media_group_id"].as_str()).collect();
    assert!(groups[0].is_some() && groups[0] == groups[1]);
    assert_eq!(
        (&updates[0]["message"]["caption"], &updates[1]["message"]["caption"]),
        (&json!("екеуі"), &json!(null))
    );
    Ok(())
}

#[tokio::test]
async fn mistakes_are_explained() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let cases = [
        ("/people/1/chats/bot/send", json!({"text": "x"}), 404, "there is no person 1"),
        ("/people/200001/chats/-5/send", json!({"text": "x"}), 404, "the person has no chat -5"),
        ("/people/200001/chats/bot/send", json!({"text": " "}), 422, "a text has 1 to 4096 characters"),
        ("/people/200001/chats/bot/press", json!({"button": "x"}), 404, "no message has a button \"x\""),
        ("/groups", json!({"id": 5, "title": "x"}), 422, "a group has a negative id"),
    ];
    for (path, body, status, error) in cases {
        assert_eq!(bench.control("POST", path, body).await, (status, json!({"error": error})), "{path}");
    }
    bench.aigerim.start("")?;
    bench.aigerim.block(true)?;
    let blocked = bench.control("POST", "/people/200001/chats/bot/send", json!({"text": "x"})).await;
    assert_eq!(blocked, (409, json!({"error": "the bot is blocked by this person"})));
    Ok(())
}

#[tokio::test]
async fn events_calls_faults_and_limits_are_there() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let seq = bench.control("GET", "/world", json!(null)).await.1["seq"].clone();
    bench.aigerim.start("")?;
    let events = bench.control("GET", &format!("/events?after={seq}&timeout=5"), json!(null)).await.1;
    let message = events["events"].as_array().into_iter().flatten().find(|e| e["event"] == "message");
    assert_eq!(message.map(|e| &e["message"]["text"]), Some(&json!("/start")));

    let fault = json!({"kind": "http_error", "status": 500, "method": "getMe", "count": 1});
    let id = bench.control("POST", "/faults", fault).await.1["id"].clone();
    assert_eq!(bench.http.get(bench.method("getMe")).send().await?.status(), 500);
    assert_eq!(bench.control("GET", "/faults", json!(null)).await.1[0]["struck"], 1);
    assert_eq!(bench.control("DELETE", &format!("/faults/{id}"), json!(null)).await.0, 200);
    let calls = bench.control("GET", "/calls?method=GETME", json!(null)).await.1;
    assert_eq!((&calls[0]["status"], &calls[0]["faults"][0]), (&json!(500), &json!("http_error")));

    let limits = bench.control("PUT", "/limits", json!({"enabled": true, "chat_burst": 1})).await.1;
    assert_eq!((&limits["enabled"], &limits["chat_interval_ms"]), (&json!(true), &json!(1000)));
    assert_eq!(bench.send(json!({"text": "1"})).await["ok"], true);
    assert_eq!(bench.send(json!({"text": "2"})).await["error_code"], 429);
    assert_eq!(bench.control("POST", "/reset", json!(null)).await.0, 200);
    assert_eq!(bench.control("GET", "/world", json!(null)).await.1["people"], json!([]));
    Ok(())
}

#[tokio::test]
async fn other_pages_may_not_act() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let url = format!("{}/sandbox/api/people/200001/chats/bot/send", bench.sandbox.url());
    for (origin, status) in [("http://evil.example".to_owned(), 403), (bench.sandbox.url(), 200)] {
        let request = bench.http.post(&url).header("origin", origin).form(&[("text", "x")]);
        assert_eq!(request.send().await?.status(), status);
    }
    Ok(())
}

#[tokio::test]
async fn the_page_is_strict_and_complete() -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let page = bench.http.get(bench.sandbox.url()).send().await?;
    let policy = page.headers()["content-security-policy"].to_str()?.to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    // Every file that a file of the page names is served.
    let mut found = vec![String::new()];
    let mut next = 0;
    while let Some(path) = found.get(next).cloned() {
        next += 1;
        let answer = bench.http.get(format!("{}/{path}", bench.sandbox.url())).send().await?;
        assert_eq!(answer.status(), 200, "{path}");
        let text = answer.text().await?;
        assert!(
            !text.contains("https://") || text.contains("t.me") || path.contains("words"),
            "{path} names another host"
        );
        for part in text.split(['"', '\'']) {
            let name = part.trim_start_matches("./");
            let file =
                [".js", ".css", ".svg"].iter().any(|tail| name.ends_with(tail)) && !name.contains([' ', '/']);
            if file && !found.contains(&name.to_owned()) {
                found.push(name.to_owned());
            }
        }
    }
    assert!(found.len() > 12, "{found:?}");
    Ok(())
}
