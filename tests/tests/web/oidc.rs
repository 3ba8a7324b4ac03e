//! Signing in through an issuer: the right person comes in, and nothing forged, stale or replayed does.

use anyhow::Result;
use chrono::TimeDelta;
use crm::config::{Oidc, OidcClaim, OidcMatch};
use komek_tests::console::{Answer, Browser, Console};
use komek_tests::engine::Engine;
use komek_tests::issuer::{CLIENT, Issuer};
use secrecy::SecretString;

fn settings(issuer: &Issuer) -> Oidc {
    Oidc {
        issuer: issuer.url().to_owned(),
        client_id: CLIENT.0.to_owned(),
        client_secret: Some(SecretString::from(CLIENT.1)),
        scopes: "openid profile".to_owned(),
        claim: OidcClaim::PreferredUsername,
        matches: OidcMatch::Id,
    }
}

async fn console(username: &str) -> Result<Option<(Console, Issuer)>> {
    let Some(desk) = komek_tests::desk::Desk::new(Engine::Sqlite).await? else { return Ok(None) };
    let issuer = Issuer::new(username, desk.service.now()).await?;
    let console = Console::on(desk, Some(settings(&issuer))).await?;
    Ok(Some((console, issuer)))
}

/// What the issuer says otherwise than it should.
type Change = fn(&mut komek_tests::issuer::Says);

/// Goes to the issuer and comes back with what it says: the path of the way back.
async fn round(browser: &mut Browser, console: &Console) -> Result<String> {
    let begun = browser.get("/sign-in/oidc?next=/approvals").await?;
    assert_eq!(begun.status, 303, "{}", begun.body);
    browser.keep(&begun)?;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let sent = client.get(begun.to()).send().await?;
    let back = sent.headers()["location"].to_str()?.to_owned();
    Ok(back.strip_prefix(&console.url).expect("back to the console").to_owned())
}

async fn sign_in(console: &Console) -> Result<(Browser, Answer)> {
    let mut browser = console.stranger()?;
    let back = round(&mut browser, console).await?;
    let answer = browser.get(&back).await?;
    browser.keep(&answer)?;
    Ok((browser, answer))
}

#[tokio::test]
async fn whom_the_issuer_names_comes_in_where_he_wanted_to_go() -> Result<()> {
    let Some((console, _issuer)) = console("nurlan").await? else { return Ok(()) };
    assert!(console.stranger()?.get("/sign-in").await?.body.contains("/sign-in/oidc"));
    let (browser, answer) = sign_in(&console).await?;
    assert_eq!((answer.status, answer.to()), (303, "/approvals"), "{}", answer.body);
    assert_eq!(browser.get("/queue").await?.status, 200);
    let audit = console.browser("marat").await?.get("/audit").await?.body;
    assert!(audit.contains("signed in to the web console"), "{audit}");
    Ok(())
}

#[tokio::test]
async fn nobody_else_comes_in() -> Result<()> {
    let Some((console, issuer)) = console("mallory").await? else { return Ok(()) };
    let (browser, answer) = sign_in(&console).await?;
    assert!(answer.status == 403 && answer.body.contains("directory"), "{}", answer.body);
    assert_eq!(browser.get("/queue").await?.status, 303);
    issuer.says(|says| says.username = "nurlan".to_owned());
    let changes: [(&str, Change); 4] = [
        ("another's token", |says| says.audience = "another".to_owned()),
        ("an old token", |says| says.at -= TimeDelta::hours(1)),
        ("a replayed token", |says| says.nonce = false),
        ("a forged token", |says| says.forged = true),
    ];
    for (what, change) in changes {
        let mut before = None;
        issuer.says(|says| {
            before = Some(says.clone());
            change(says);
        });
        let (browser, answer) = sign_in(&console).await?;
        assert_eq!(answer.status, 403, "{what}: {}", answer.body);
        assert_eq!(browser.get("/queue").await?.status, 303, "{what}");
        issuer.says(|says| *says = before.expect("what it said"));
    }
    assert_eq!(sign_in(&console).await?.1.status, 303, "and without any of that he does");
    Ok(())
}

#[tokio::test]
async fn a_way_back_is_good_once_in_the_browser_that_began_it() -> Result<()> {
    let Some((console, _issuer)) = console("nurlan").await? else { return Ok(()) };
    let mut browser = console.stranger()?;
    let back = round(&mut browser, &console).await?;
    let victim = console.stranger()?;
    assert_eq!(victim.get(&back).await?.status, 403, "somebody else is not signed in by a link");
    let other = back.replace("state=", "state=x");
    assert_eq!(browser.get(&other).await?.status, 403);
    assert_eq!(browser.get(&back).await?.status, 303);
    assert_eq!(browser.get(&back).await?.status, 403, "the code was used");
    assert_eq!(browser.get("/sign-in/oidc/callback?error=access_denied").await?.status, 403);
    Ok(())
}

#[tokio::test]
async fn without_an_issuer_there_is_no_such_door() -> Result<()> {
    let Some(console) = Console::new(Engine::Sqlite).await? else { return Ok(()) };
    let stranger = console.stranger()?;
    for path in ["/sign-in/oidc", "/sign-in/oidc/callback?code=1&state=2"] {
        assert_eq!(stranger.get(path).await?.status, 404, "{path}");
    }
    assert!(!stranger.get("/sign-in").await?.body.contains("oidc"));
    Ok(())
}
