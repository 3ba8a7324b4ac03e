//! Bad input on every form and address: missing, huge, hostile, wrongly typed. Never a crash, never markup, nothing lost.

use anyhow::Result;
use crm::domain::kind::Kind;
use crm::web::routes::ROUTES;
use komek_tests::console::Console;
use komek_tests::engine::Engine;

const HOSTILE: [&str; 9] = [
    "<script>alert(1)</script>",
    "\"><svg onload=alert(1)>",
    "'; DROP TABLE ticket; --",
    "%00",
    "../../etc/passwd",
    "=HYPERLINK(\"http://evil\")",
    "{{7*7}}",
    "\u{202e}\u{0}\u{fffd}",
    "9999999999999999999999",
];

#[tokio::test]
async fn every_address_survives_hostile_words() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let browser = console.browser("marat").await?;
    let quote = |text: &str| {
        let mut url = reqwest::Url::parse("http://x/").expect("a URL");
        url.query_pairs_mut().append_pair("q", text);
        url.query().unwrap_or_default()[2..].replace('+', "%20")
    };
    for hostile in HOSTILE {
        let quoted = quote(hostile);
        for route in ROUTES.iter().filter(|r| r.method == "GET" && !r.path.ends_with("/live")) {
            let path = route.path.split('/').map(|s| if s.starts_with('{') { quoted.as_str() } else { s });
            let path = path.collect::<Vec<_>>().join("/");
            let fields = [
                "q", "queue", "state", "kind", "holder", "customer", "service", "due", "after", "done",
                "canned", "next", "from", "to", "week",
            ];
            let query: Vec<String> = fields.iter().map(|f| format!("{f}={quoted}")).collect();
            let answer = browser.get(&format!("{path}?{}", query.join("&"))).await?;
            assert!(answer.status < 500, "{} {hostile}: {}", route.path, answer.status);
            for raw in ["<script>alert", "<svg onload"] {
                assert!(!answer.body.contains(raw), "{} shows {hostile} as markup", route.path);
            }
            assert!(!answer.to().contains("evil"), "{}", answer.to());
        }
    }
    Ok(())
}

#[tokio::test]
async fn forms_with_missing_huge_and_wrongly_typed_fields_say_what_is_wrong() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let browser = console.browser("nurlan").await?;
    let number = console.desk.open("aigerim", Kind::Question).await?.number.to_string();
    for (what, fields, status) in [
        ("answer", vec![], 422),
        ("answer", vec![("text", "   \n ")], 422),
        ("hand-over", vec![("queue", "moon")], 422),
        ("explode", vec![], 422),
        ("acknowledge", vec![], 409),
    ] {
        let answer = browser.command(&number, what, &fields).await?;
        assert_eq!(answer.status, status, "{what} {fields:?}: {}", answer.body);
    }
    let long = "ұ".repeat(5000);
    let answer = browser.command(&number, "answer", &[("text", &long)]).await?;
    assert!(answer.status == 422 && answer.body.contains(&long), "what was written is shown again");
    let huge = "x".repeat(300_000);
    assert_eq!(browser.command(&number, "answer", &[("text", &huge)]).await?.status, 413);
    let path = format!("/tickets/{number}");
    let csrf = browser.csrf().await?;
    for body in [format!("csrf={csrf}"), format!("csrf={csrf}&do=take&once=nonsense"), "%ff%fe=%".to_owned()]
    {
        let answer = browser.send(&path, &body).await?;
        assert!(matches!(answer.status, 403 | 422), "{body}: {}", answer.status);
    }
    Ok(())
}

#[tokio::test]
async fn markup_in_what_people_write_stays_words() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let browser = console.browser("nurlan").await?;
    let number = console.desk.open("aigerim", Kind::Question).await?.number.to_string();
    for hostile in HOSTILE {
        let answer = browser.command(&number, "note", &[("text", hostile)]).await?;
        assert_eq!(answer.status, 303, "{hostile}: {}", answer.body);
    }
    let page = browser.get(&format!("/tickets/{number}")).await?.body;
    assert!(!page.contains("<script>alert") && !page.contains("<svg onload"), "{page}");
    Ok(())
}
