//! Incidents and credits in the console: two people confirm, a manager closes and approves, and the note is printed by a real browser.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use crm::domain::ids::ServiceId;
use crm::domain::kind::Kind;
use crm::domain::lang::Lang;
use komek_tests::console::Console;
use komek_tests::engine::Engine;
use komek_tests::lab::absent;
use rstest::rstest;

/// The id of the first interval with a button on the page.
pub(crate) fn waiting(page: &str) -> Result<String> {
    let rest = page.split("name=\"interval\" value=\"").nth(1).context("an interval with a button")?;
    Ok(rest.chars().take(36).collect())
}

pub(crate) const PROPOSAL: [(&str, &str); 6] = [
    ("do", "propose"),
    ("service", "acme-web"),
    ("cause", "provider"),
    ("from", "2026-11-10T02:00:00"),
    ("until", "2026-11-10T03:00"),
    ("text", "monitoring 4711"),
];

/// An hour of downtime that two have confirmed, in a month that is closed and approved.
pub(crate) async fn closed(console: &Console) -> Result<()> {
    let (nurlan, marat, gulnar) =
        (console.browser("nurlan").await?, console.browser("marat").await?, console.browser("gulnar").await?);
    assert_eq!(nurlan.incident(&PROPOSAL).await?.to(), "/incidents?done=yes");
    let own = nurlan.get("/incidents").await?.body;
    assert!(own.contains("monitoring 4711") && !own.contains("value=\"second\""), "nobody seconds himself");
    let interval = waiting(&marat.get("/incidents").await?.body)?;
    let himself = nurlan.incident(&[("do", "second"), ("interval", &interval)]).await?;
    assert_eq!(himself.status, 422);
    assert!(himself.body.contains("A second person must confirm it"), "{}", himself.body);

    console.desk.clock.set("2026-12-02T09:00:00+05:00".parse()?);
    let nurlan = console.browser("nurlan").await?;
    let (marat, gulnar_before) = (console.browser("marat").await?, gulnar);
    drop(gulnar_before);
    let gulnar = console.browser("gulnar").await?;
    let page = gulnar.get("/credits?period=2026-11").await?.body;
    assert!(
        page.contains("1 interval waits for a second person") && !page.contains("/2026-11/close\""),
        "{page}"
    );
    let early = gulnar.post("/credits", &[("do", "close"), ("period", "2026-11")]).await?;
    assert_eq!(early.status, 422, "not before everything is decided");
    assert_eq!(gulnar.get("/credits/2026-11/close").await?.status, 422, "nor is it asked");
    marat.incident(&[("do", "second"), ("interval", &interval)]).await?;
    assert_eq!(nurlan.post("/credits", &[("do", "close"), ("period", "2026-11")]).await?.status, 403);
    // Once more before what nobody can take back: with the sums, which must be those of the moment.
    assert!(gulnar.get("/credits?period=2026-11").await?.body.contains("href=\"/credits/2026-11/close\""));
    let question = gulnar.get("/credits/2026-11/close").await?.body;
    for words in
        ["This cannot be undone", "<dd>7</dd>", "<dd>1 hour</dd>", "<dd>1</dd>", "2\u{a0}250.00\u{a0}₸"]
    {
        assert!(question.contains(words), "{words}: {question}");
    }
    let sums = question.split("name=\"sums\" value=\"").nth(1).and_then(|s| s.split('"').next());
    let sums = sums.context("the sums")?;
    let close = |sums| [("do", "close"), ("period", "2026-11"), ("sums", sums)];
    let unasked = gulnar.post("/credits", &[("do", "close"), ("period", "2026-11")]).await?;
    assert_eq!(unasked.to(), "/credits/2026-11/close", "nobody closes a month without having been asked");
    let stale = gulnar.post("/credits", &close("7-0-0-0-0")).await?;
    assert_eq!(stale.to(), "/credits/2026-11/close?changed=yes");
    assert!(gulnar.get(stale.to()).await?.body.contains("The figures have changed"));
    let done = gulnar.post("/credits", &close(sums)).await?;
    assert_eq!(done.to(), "/credits?period=2026-11&done=yes", "{}", done.body);
    let page = gulnar.get("/credits?period=2026-11").await?.body;
    for words in
        ["99.861%", "1 hour", "−16 minutes 48 s", "2\u{a0}250.00\u{a0}₸", "to be approved", "43 minutes 12 s"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    // The bar shows what is left: nothing of an overspent budget, all of one that nothing was taken from.
    assert!(
        page.contains("value=\"0\" aria-label=\"43 minutes 12 s allowed, overspent by 16 minutes 48 s\""),
        "{page}"
    );
    assert_eq!(
        page.matches("value=\"100\" aria-label=\"43 minutes 12 s of 43 minutes 12 s left\"").count(),
        6
    );
    let approve = [("do", "approve"), ("period", "2026-11"), ("service", "acme-web"), ("revision", "1")];
    assert_eq!(gulnar.post("/credits", &approve).await?.status, 303);
    assert_eq!(gulnar.post("/credits", &approve).await?.status, 422, "once");
    let csv = gulnar.get("/credits/2026-11/export.csv").await?.body;
    assert!(
        csv.contains("acme-web,acme,2026-11,approved,1,vm@2025-09-10,2592000000,3600000,99.861111,5,"),
        "{csv}"
    );
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_month_from_the_proposal_to_the_note(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(console) = Console::new(engine).await? else { return Ok(()) };
    closed(&console).await?;
    let auditor = console.browser("timur").await?;
    for (lang, title, discount) in [
        (Lang::Kk, "Өтемақы туралы құжат", "2\u{a0}250,00\u{a0}₸"),
        (Lang::Ru, "Документ о компенсации", "2\u{a0}250,00\u{a0}₸"),
        (Lang::En, "Credit note", "2\u{a0}250.00\u{a0}₸"),
    ] {
        let note = auditor.get(&format!("/credits/2026-11/acme-web/note?lang={lang}")).await?;
        assert_eq!(note.status, 200);
        for words in [title, discount, "C12", "acme-web/2026-11/1"] {
            assert!(note.body.contains(words), "{lang} {words}: {}", note.body);
        }
    }
    // The list leads to the note in the language of the customer's first contact, and to all three.
    let page = auditor.get("/credits?period=2026-11").await?.body;
    let own = "/credits/2026-11/acme-web/note?lang=kk\" hreflang=\"kk\">credit note</a>";
    assert!(page.contains(own) && page.contains("acme-web/note.pdf?lang=kk\""), "{page}");
    for lang in Lang::ALL {
        let link = format!("/credits/2026-11/acme-web/note?lang={lang}\" hreflang=\"{lang}\" title");
        assert!(page.contains(&link), "{link}: {page}");
    }
    // Where nothing is owed there is none.
    assert!(!page.contains("/acme-db/note"), "{page}");
    for file in ["note", "note.pdf"] {
        assert_eq!(auditor.get(&format!("/credits/2026-11/acme-db/{file}")).await?.status, 404, "{file}");
    }
    assert_eq!(auditor.get("/credits/2026-11/nothing/note.pdf").await?.status, 404);
    assert_eq!(auditor.get("/credits/2026-11/nothing/note").await?.status, 404);
    assert_eq!(auditor.get("/credits/October/export.csv").await?.status, 404);
    assert_eq!(auditor.get("/credits?period=October").await?.status, 422);
    assert_eq!(auditor.post("/credits", &[("do", "approve-all"), ("period", "2026-11")]).await?.status, 403);
    Ok(())
}

#[tokio::test]
async fn an_incident_is_told_confirmed_and_answered_from_its_page() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let ticket = console.desk.open("aigerim", Kind::FaultCritical).await?;
    let other = console.desk.open("boris", Kind::FaultMinor).await?;
    let marat = console.browser("marat").await?;
    let page = marat.get("/incidents").await?.body;
    assert!(page.contains("IN-000001") && page.contains(&ticket.number.to_string()), "{page}");
    let card = marat.get(&format!("/tickets/{}", ticket.number)).await?.body;
    assert!(card.contains("href=\"/incidents/IN-000001\""), "the ticket leads to it: {card}");
    let own = marat.get("/incidents/IN-000001").await?;
    assert!(own.status == 200 && own.body.contains("name=\"back\" value=\"IN-000001\""), "{}", own.body);
    for nothing in ["IN-000099", "moon", "KM-000001"] {
        assert_eq!(marat.get(&format!("/incidents/{nothing}")).await?.status, 404, "{nothing}");
    }
    let number = ("incident", "IN-000001");
    let attach = [("do", "attach"), number, ("ticket", &other.number.to_string())];
    let from_own_page = [&attach[..], &[("back", "IN-000001")]].concat();
    assert_eq!(marat.incident(&from_own_page).await?.to(), "/incidents/IN-000001?done=yes");
    assert_eq!(marat.incident(&attach).await?.status, 422, "attached already");
    let words =
        [("do", "announce"), number, ("kk", "Жөндеп жатырмыз"), ("ru", "Чиним"), ("en", "We are on it")];
    let elsewhere = [&words[..], &[("back", "//example.org/")]].concat();
    assert_eq!(marat.incident(&elsewhere).await?.to(), "/incidents?done=yes", "nowhere else");
    let told = console.desk.test.db.read().await?.broadcasts(1).await?.pop().context("told")?;
    assert_eq!(told.chats, 2, "the two customers whom it affects");
    let silent = [("do", "answer"), number, ("text", " ")];
    assert_eq!(marat.incident(&silent).await?.status, 422);
    assert_eq!(
        marat.incident(&[("do", "answer"), number, ("text", "A switch was replaced.")]).await?.status,
        303
    );
    for id in [ticket.id, other.id] {
        assert_eq!(console.desk.ticket(id).await?.state, crm::domain::ticket::State::Solved);
    }
    assert_eq!(marat.incident(&[("do", "dismiss"), number]).await?.status, 422, "it is closed");
    for (fields, status) in [
        (vec![("do", "open"), ("service", "acme-wob"), ("from", "2026-11-10T02:00")], 422),
        (vec![("do", "open"), ("service", "acme-web"), ("from", "yesterday")], 422),
        (vec![("do", "second"), ("interval", "01890000-0000-7000-8000-000000000000")], 404),
        (vec![("do", "nonsense")], 404),
    ] {
        assert_eq!(marat.incident(&fields).await?.status, status, "{fields:?}");
    }
    assert!(console.desk.test.db.read().await?.service_ever(&ServiceId::from("acme-web")).await?.is_some());
    Ok(())
}

/// The words of a PDF as poppler finds them, on one line.
fn words_of(pdf: &Path) -> Result<Option<String>> {
    match Command::new("pdftotext").args(["-layout", "-enc", "UTF-8"]).arg(pdf).arg("-").output() {
        Ok(read) if read.status.success() => {
            let text = String::from_utf8(read.stdout)?;
            Ok(Some(text.split_whitespace().collect::<Vec<_>>().join(" ")))
        }
        Ok(read) => anyhow::bail!("{}", String::from_utf8_lossy(&read.stderr)),
        Err(_) => Ok(absent("pdftotext", "apt-get install poppler-utils")?),
    }
}

/// The note as a file that can be sent: its words are words, in each language, with the Kazakh letters and the tenge.
#[tokio::test]
async fn the_note_is_a_pdf_whose_words_can_be_found() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    closed(&console).await?;
    let auditor = console.browser("timur").await?;
    let folder = tempfile::tempdir()?;
    let keep = std::env::var("KOMEK_KEEP_NOTES").ok();
    let out = keep.as_deref().map_or(folder.path(), Path::new);
    for (lang, title, discount) in [
        (Lang::Kk, "Өтемақы туралы құжат", "2 250,00 ₸"),
        (Lang::Ru, "Документ о компенсации", "2 250,00 ₸"),
        (Lang::En, "Credit note", "2 250.00 ₸"),
    ] {
        let (kind, bytes) = auditor.file(&format!("/credits/2026-11/acme-web/note.pdf?lang={lang}")).await?;
        assert_eq!(kind, "application/pdf");
        let pdf = out.join(format!("own-{lang}.pdf"));
        std::fs::write(&pdf, bytes)?;
        let Some(said) = words_of(&pdf)? else { return Ok(()) };
        for words in [title, discount, "C12", "acme-web/2026-11/1", "1/1"] {
            assert!(said.contains(words), "{lang} {words}: {said}");
        }
    }
    Ok(())
}

/// The note as Chromium prints it: one page of PDF in each language.
#[tokio::test]
async fn chromium_prints_the_note() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    if Command::new("chromium").arg("--version").output().is_err() {
        absent::<()>("Chromium", "apt-get install chromium")?;
        return Ok(());
    }
    closed(&console).await?;
    let auditor = console.browser("timur").await?;
    let folder = tempfile::tempdir()?;
    let keep = std::env::var("KOMEK_KEEP_NOTES").ok();
    let out = keep.as_deref().map_or(folder.path(), Path::new);
    for lang in Lang::ALL {
        let note = auditor.get(&format!("/credits/2026-11/acme-web/note?lang={lang}")).await?.body;
        // A page from a file may not load our stylesheet: it comes along inside.
        let link =
            note.split_inclusive('>').find(|tag| tag.contains("rel=\"stylesheet\"")).context("its look")?;
        let link = &link[link.find('<').context("a tag")?..];
        let path = link.split("href=\"").nth(1).and_then(|h| h.split('"').next()).context("an address")?;
        let look = auditor.get(path).await?.body;
        let html = note.replace(link, &format!("<style>{look}</style>"));
        let (page, pdf) = (out.join(format!("note-{lang}.html")), out.join(format!("note-{lang}.pdf")));
        std::fs::write(&page, html)?;
        let arguments = [
            "--headless".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--no-pdf-header-footer".to_owned(),
            format!("--user-data-dir={}", folder.path().join("profile").display()),
            format!("--print-to-pdf={}", pdf.display()),
            format!("file://{}", page.display()),
        ];
        let run = tokio::task::spawn_blocking(move || Command::new("chromium").args(arguments).output());
        let run = run.await?.context("chromium starts")?;
        let printed =
            std::fs::read(&pdf).with_context(|| String::from_utf8_lossy(&run.stderr).into_owned())?;
        assert!(printed.starts_with(b"%PDF-") && printed.len() > 5_000, "{lang}: {} bytes", printed.len());
        let text =
            Command::new("pdftotext").arg("-layout").arg(&pdf).arg("-").output().context("poppler-utils")?;
        let text = String::from_utf8(text.stdout)?;
        assert_eq!(text.matches('\u{c}').count(), 1, "{lang}: one page\n{text}");
        assert!(text.contains("acme-web/2026-11/") && text.contains("861"), "{lang}: {text}");
        assert!(note.contains(">PDF<") && !text.contains("PDF"), "{lang}: links are for the screen\n{text}");
    }
    Ok(())
}
