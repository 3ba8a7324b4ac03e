//! The form for a telephone call: the caller is found, and nothing that was typed is lost or stands in an address.

use anyhow::Result;
use komek_tests::console::Console;
use komek_tests::engine::Engine;

const CALL: [(&str, &str); 6] = [
    ("once", "01890000-0000-7000-8000-000000000001"),
    ("phone", "8 701 000 00 02"),
    ("name", "Борис"),
    ("language", "ru"),
    ("kind", "fault_minor"),
    ("text", "Пароль в журнале"),
];

#[tokio::test]
async fn a_caller_is_found_without_an_address_that_says_what_he_said() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let nurlan = console.browser("nurlan").await?;
    let page = nurlan.get("/phone").await?.body;
    assert!(page.contains("<option value=\"\">– choose –</option>"), "nothing is chosen for him: {page}");
    // No form and no button of the page sends it by its address, but the search in the head.
    assert!(!page.contains("method=\"get\"") && !page.contains("formaction"), "{page}");
    let found = nurlan.post("/phone", &[&[("do", "find")], &CALL[..]].concat()).await?;
    assert_eq!(found.status, 200);
    for kept in [
        "Борис Ким",
        "value=\"8 701 000 00 02\"",
        "value=\"Борис\"",
        "value=\"ru\" selected",
        "value=\"fault_minor\" selected",
        ">Пароль в журнале</textarea>",
    ] {
        assert!(found.body.contains(kept), "{kept}: {}", found.body);
    }
    let count = console.desk.test.number("SELECT COUNT(*) FROM ticket").await?;
    assert_eq!(count, 0, "finding opens nothing");
    Ok(())
}

#[tokio::test]
async fn a_call_that_must_be_mended_keeps_what_was_typed() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let nurlan = console.browser("nurlan").await?;
    for (name, value, said) in [
        ("kind", "", "Choose what is asked."),
        ("name", "", "Choose who calls, or write the name."),
        ("contact", "nobody", "Choose who calls, or write the name."),
    ] {
        let typed: Vec<_> = CALL.into_iter().filter(|f| f.0 != name).chain([(name, value)]).collect();
        let answer = nurlan.post("/phone", &typed).await?;
        assert!(answer.status == 422 && answer.body.contains(said), "{name}: {}", answer.body);
        for kept in ["value=\"8 701 000 00 02\"", ">Пароль в журнале</textarea>", "aria-invalid=\"true\""]
        {
            assert!(answer.body.contains(kept), "{name}, {kept}: {}", answer.body);
        }
    }
    let contact = [&CALL[..], &[("contact", "boris"), ("service", "acme-web")]].concat();
    let answer = nurlan.post("/phone", &contact).await?;
    assert!(
        answer.status == 422 && answer.body.contains("Choose a service of this customer."),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("value=\"boris\" checked"), "{}", answer.body);
    let right = [&CALL[..], &[("contact", "boris"), ("service", "birlik-web")]].concat();
    assert_eq!(nurlan.post("/phone", &right).await?.to(), "/tickets/KM-000001?done=opened");
    assert_eq!(nurlan.post("/phone", &right).await?.status, 409, "the same form twice opens one ticket");
    Ok(())
}
