//! Every route with every role and with none: the table of `crm::web::routes`, held against the running console.

use anyhow::Result;
use crm::domain::kind::Kind;
use crm::domain::person::{Right, Role};
use crm::web::routes::{Need, ROUTES};
use komek_tests::console::{Console, PEOPLE};
use komek_tests::engine::Engine;

/// A path of the table with something in its places.
fn path(pattern: &str, number: &str) -> String {
    pattern
        .replace("{number}", number)
        .replace("{id}", "01890000-0000-7000-8000-000000000000")
        .replace("{message}", "01890000-0000-7000-8000-000000000000")
        .replace("{place}", "0")
        .replace("{lang}", "en")
        .replace("{name}", "nothing")
        .replace("{code}", "nothing")
        .replace("{token}", "nothing")
        .replace("{month}", "2026-10")
        .replace("{service}", "acme-web")
}

#[tokio::test]
async fn every_route_with_every_role_and_with_none() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let number = console.desk.open("aigerim", Kind::Question).await?.number.to_string();
    let stranger = console.stranger()?;
    let mut looked = 0;
    for route in ROUTES {
        let path = path(route.path, &number);
        let is_post = route.method == "POST";
        let none = if is_post { stranger.send(&path, "").await? } else { stranger.get(&path).await? };
        match (route.need, is_post) {
            (Need::Nothing, _) => {
                assert!(!matches!(none.status, 401 | 403), "{} {}", route.path, none.status);
            }
            (_, true) => assert_eq!(none.status, 401, "{}", route.path),
            (_, false) => {
                assert_eq!(none.status, 303, "{}", route.path);
                assert!(none.to().starts_with("/sign-in?next="), "{}", route.path);
            }
        }
        for (staff, role) in PEOPLE {
            // A fresh session each time: signing out is one of the routes.
            let browser = console.browser(staff).await?;
            let answer = if is_post { browser.post(&path, &[]).await? } else { browser.get(&path).await? };
            let may = match route.need {
                Need::Nothing | Need::Session => true,
                Need::Right(right) => role.may(right),
            };
            let refused = matches!(answer.status, 401 | 403);
            assert_eq!(refused, !may, "{role} {} {}: {}", route.method, route.path, answer.status);
            assert!(answer.status < 500, "{role} {} {}: {}", route.method, route.path, answer.status);
            looked += 1;
        }
    }
    assert_eq!(looked, ROUTES.len() * Role::ALL.len());
    Ok(())
}

#[test]
fn what_changes_something_needs_a_right_to_change() {
    for route in ROUTES.iter().filter(|r| r.method == "POST") {
        let own = [
            "/ask",
            "/sign-in/{code}",
            "/sign-out",
            "/sessions/{id}/end",
            "/oncall/feed",
            "/oncall/cover/{id}/end",
        ];
        match route.need {
            Need::Right(right) => {
                assert!(!matches!(right, Right::Read | Right::Oversee), "{} lets readers write", route.path);
            }
            _ => assert!(own.contains(&route.path), "{} needs a right", route.path),
        }
    }
}
