//! The intervals of a service's month: whoever closes it sees what it rests on and may say that it is wrong; and forms that are shown again
//! with what was typed.

use anyhow::{Context, Result};
use crm::domain::kind::Kind;
use komek_tests::console::Console;
use komek_tests::engine::Engine;
use rstest::rstest;

use crate::credits::{PROPOSAL, closed, waiting};

#[rstest]
#[tokio::test]
async fn a_manager_sees_what_a_month_rests_on_and_says_that_it_is_wrong(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(console) = Console::new(engine).await? else { return Ok(()) };
    let own = "/credits/2026-11/acme-web/intervals";
    let (nurlan, marat, gulnar, timur) = (
        console.browser("nurlan").await?,
        console.browser("marat").await?,
        console.browser("gulnar").await?,
        console.browser("timur").await?,
    );
    nurlan.incident(&PROPOSAL).await?;
    let interval = waiting(&marat.get(own).await?.body)?;
    let seconded = [("do", "second"), ("interval", &interval), ("back", "2026-11/acme-web")];
    assert_eq!(marat.incident(&seconded).await?.to(), format!("{own}?done=yes"));
    // It belongs to no incident and waits for nobody: the list of incidents has it no more, the open month does.
    assert!(!marat.get("/incidents").await?.body.contains("monitoring 4711"));
    let list = gulnar.get("/credits?period=2026-11").await?.body;
    assert!(list.contains(&format!("<a href=\"{own}\">1 interval</a>")), "{list}");
    let page = gulnar.get(own).await?.body;
    for words in
        ["monitoring 4711", "proposed by Нұрлан", "confirmed by Марат", "confirmed by two", "99.861%"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!timur.get(own).await?.body.contains("value=\"dispute\""), "an auditor presses nothing");
    // The shift's door is closed to a manager, her own is not.
    assert!(page.contains("action=\"/credits/intervals\""), "{page}");
    let once = uuid::Uuid::from_u128(11).to_string();
    let wrong = [
        ("do", "dispute"),
        ("interval", interval.as_str()),
        ("once", &once),
        ("back", "2026-11/acme-web"),
        ("text", "It was the customer"),
    ];
    assert_eq!(gulnar.post("/incidents", &wrong).await?.status, 403);
    assert_eq!(gulnar.post("/credits/intervals", &wrong).await?.to(), format!("{own}?done=yes"));
    assert_eq!(timur.post("/credits/intervals", &wrong).await?.status, 403);
    let page = marat.get(own).await?.body;
    assert!(page.contains("disputed by Гүлнар") && page.contains("It was the customer"), "{page}");
    marat.incident(&seconded).await?;
    let page = gulnar.get(own).await?.body;
    assert!(page.contains("withdrawal confirmed by Марат") && page.contains("100.000%"), "{page}");
    for nothing in ["/credits/2026-11/nothing/intervals", "/credits/October/acme-web/intervals"] {
        assert_eq!(gulnar.get(nothing).await?.status, 404, "{nothing}");
    }
    Ok(())
}

#[tokio::test]
async fn a_closed_month_is_corrected_from_its_intervals() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    closed(&console).await?;
    let (marat, gulnar) = (console.browser("marat").await?, console.browser("gulnar").await?);
    let own = "/credits/2026-11/acme-web/intervals";
    let page = gulnar.get(own).await?.body;
    assert!(page.contains("approved") && page.contains("/acme-web/note.pdf?lang=kk"), "{page}");
    let interval = waiting(&page)?;
    let once = uuid::Uuid::from_u128(12).to_string();
    let id = ("interval", interval.as_str());
    let wrong = [("do", "dispute"), id, ("once", once.as_str()), ("text", "A false alarm")];
    assert_eq!(gulnar.post("/credits/intervals", &wrong).await?.status, 303);
    assert_eq!(marat.incident(&[("do", "second"), id]).await?.status, 303);
    let page = gulnar.get(own).await?.body;
    // What was approved already is not taken back in silence.
    for words in ["100.000%", "to be approved", "A false alarm"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    Ok(())
}

#[tokio::test]
async fn a_form_that_must_be_mended_keeps_what_was_typed_and_names_the_field() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    console.desk.open("aigerim", Kind::FaultCritical).await?;
    let marat = console.browser("marat").await?;
    let incident = marat.get("/incidents/IN-000001").await?.body;
    // The form of an incident begins with what is known of it.
    assert!(incident.contains("maxlength=\"100\" value=\"acme-web\""), "{incident}");
    assert!(incident.contains("name=\"from\" required value=\"2026-11-23T10:00:00\""), "{incident}");
    let change = |name: &'static str, value: &'static str| {
        PROPOSAL.map(|field| if field.0 == name { (name, value) } else { field })
    };
    for (name, value, said) in [
        ("cause", "ha_master_unreachable", "This cause does not fit the service. Choose another."),
        ("service", "acme-wob", "There is no such service in the directory."),
        ("from", "yesterday", "A time cannot be read."),
        ("until", "2026-11-10T01:00", "It ends before it begins."),
        ("text", " ", "Say what shows it."),
    ] {
        let typed = change(name, value);
        for incident in ["", "IN-000001"] {
            let answer = marat.incident(&[&typed[..], &[("incident", incident)]].concat()).await?;
            assert!(answer.status == 422 && answer.body.contains(said), "{name}: {}", answer.body);
            let begin = format!("name=\"incident\" value=\"{incident}\">");
            let form = answer.body.split(&begin).nth(1).context("the form")?;
            for (field, value) in typed.iter().filter(|f| f.0 != "do" && f.0 != "cause") {
                assert!(form.contains(&format!("value=\"{value}\"")), "{name}: {field} {value}: {form}");
            }
            let chosen = format!("<option value=\"{}\" selected>", typed[2].1);
            assert!(form.contains(&chosen), "{name}: {form}");
            let marked = answer.body.split("aria-invalid").next().unwrap_or_default();
            let tag = &marked[marked.rfind('<').unwrap_or(0)..];
            assert!(tag.contains(&format!("name=\"{name}\"")), "{name} is marked, not {tag}");
        }
    }
    let open =
        [("do", "open"), ("service", "acme-wob"), ("from", "2026-11-10T02:00"), ("text", "All is dark")];
    let answer = marat.incident(&open).await?;
    for kept in ["value=\"acme-wob\"", "value=\"2026-11-10T02:00\"", "value=\"All is dark\""] {
        assert!(answer.body.contains(kept), "{kept}: {}", answer.body);
    }
    // What is said to customers in three languages is long to write.
    let told = [("kk", "Жөндеп жатырмыз"), ("ru", "Чиним"), ("en", " ")];
    let announce = [&[("do", "announce"), ("incident", "IN-000001")], &told[..]].concat();
    let answer = marat.incident(&announce).await?;
    assert!(answer.status == 422 && answer.body.contains(">Жөндеп жатырмыз</textarea>"), "{}", answer.body);
    Ok(())
}

/// «Your» on a customer's sheet is the customer; in the console it would be whoever reads.
#[tokio::test]
async fn the_desk_reads_causes_in_its_own_words() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let page = console.browser("nurlan").await?.get("/incidents").await?.body;
    assert!(page.contains(">an action of the customer<"), "{page}");
    assert!(!page.contains("your own routing rules") && !page.contains("on your side"), "{page}");
    Ok(())
}
