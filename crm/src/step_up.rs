//! Step-up: before a password or a key is handed over without an engineer, a code of six digits goes to another registered channel of
//! the contact, his e-mail, and comes back through the chat (T2).
//!
//! The crm draws the code when it sends it and keeps a digest of it, keyed with a salt that only the bot can open: whoever reads the
//! database cannot find the code by trying a million. The bot counts the tries; a few wrong ones, or ten minutes, end a code.

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::clock::Moment;
use crate::domain::ids::ContactId;
use crate::seal::{Closed, Key, LinkToken, seal};
use crate::store::{Result, Tx};

/// How long a code works, from its sending.
pub const VALID: TimeDelta = TimeDelta::minutes(10);
/// How often it may be typed.
pub const TRIES: i64 = 5;
/// Codes for one contact within an hour, and within a day: with five tries each, nobody guesses one of a million.
const LIMITS: [(TimeDelta, i64); 2] = [(TimeDelta::hours(1), 3), (TimeDelta::hours(24), 6)];
/// The setting that says whether the crm sends codes; it knows whether there is a mail server.
pub const BY_MAIL: &str = "codes_by_mail";
/// Digits of a code.
const DIGITS: usize = 6;

/// A code as the database has it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Of salt and code.
    pub digest: String,
    /// Closed for the bot.
    pub salt: String,
}

/// Draws a code: what is sent, and what is kept. `bot` is the public half of the bot's key.
pub fn draw(bot: &str) -> Result<(SecretString, Kept), Closed> {
    let code = SecretString::from(format!("{:06}", rand::random_range(0..1_000_000u32)));
    let kept = keep(&code, bot)?;
    Ok((code, kept))
}

/// What is kept of `code`.
pub fn keep(code: &SecretString, bot: &str) -> Result<Kept, Closed> {
    let salt = LinkToken::random();
    Ok(Kept { digest: digest(salt.secret(), code.expose_secret()), salt: seal(bot, salt.secret())? })
}

fn digest(salt: &SecretString, code: &str) -> String {
    hex::encode(Sha256::digest(format!("komek code\0{}\0{code}", salt.expose_secret())))
}

/// The code in what somebody typed, whatever spaces his mail program has put into it.
pub fn typed(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (plain.len() == DIGITS && plain.bytes().all(|b| b.is_ascii_digit())).then_some(plain)
}

/// An address as it may be shown in a chat: `a•••@acme.kz`.
pub fn masked(address: &str) -> String {
    let (name, domain) = address.split_once('@').unwrap_or((address, ""));
    format!("{}•••@{domain}", name.chars().next().unwrap_or('•'))
}

/// Where a code for this contact would go, masked; `None` where there is no other channel.
pub async fn channel(tx: &mut Tx, contact: &ContactId) -> Result<Option<String>> {
    if tx.setting::<bool>(BY_MAIL).await? != Some(true) {
        return Ok(None);
    }
    let address = tx.contact_fetch(contact).await?.and_then(|c| c.email);
    Ok(address.map(|address| masked(&address)))
}

/// Asks for a code as `id`; earlier ones of the contact end. `false`: he had too many lately.
pub async fn ask(tx: &mut Tx, id: Uuid, contact: &ContactId, account: i64, now: Moment) -> Result<bool> {
    for (span, most) in LIMITS {
        if tx.step_ups_since(contact, now - span).await? >= most {
            return Ok(false);
        }
    }
    tx.step_up_add(id, contact, account, now, now + VALID).await?;
    Ok(true)
}

/// What a typed code turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is he.
    Right,
    /// Another number; he may try so many times more.
    Wrong(i64),
    /// This code does not work any more, whatever is typed.
    Over,
    /// It could not be sent.
    NotSent,
}

/// Tries `code` against what was asked for as `id`, by the account and the contact that asked.
pub async fn check(
    tx: &mut Tx,
    key: &Key,
    (id, contact, account): (Uuid, &ContactId, i64),
    code: &str,
    now: Moment,
) -> Result<Answer> {
    let Some(tried) = tx.step_up_try(id, contact, account, TRIES, now).await? else {
        let failed = tx.step_up_failed(id).await?;
        return Ok(if failed { Answer::NotSent } else { Answer::Over });
    };
    let salt = key.open(&tried.salt).ok();
    let right = salt.is_some_and(|salt| digest(&salt, code).as_bytes().ct_eq(tried.digest.as_bytes()).into());
    if right {
        tx.step_up_passed(id, now).await?;
        return Ok(Answer::Right);
    }
    let left = TRIES - tried.tries;
    if left <= 0 {
        tx.step_up_end(id).await?;
        return Ok(Answer::Over);
    }
    Ok(Answer::Wrong(left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::bot_key;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for (text, code) in [
            ("012345", Some("012345")),
            (" 012 345 ", Some("012345")),
            ("012-345", Some("012345")),
            ("012\u{a0}345", Some("012345")),
            ("12345", None),
            ("1234567", None),
            ("code 012345", None),
            ("٠١٢٣٤٥", None),
            ("", None),
        ] {
            assert_eq!(typed(text).as_deref(), code, "{text}");
        }
    }

    #[test]
    fn an_address_is_hinted_at_and_not_told() {
        assert_eq!(masked("aigerim@acme.kz"), "a•••@acme.kz");
        assert_eq!(masked("ә@қазақ.kz"), "ә•••@қазақ.kz");
        assert_eq!(masked("@x"), "••••@x");
    }

    #[test]
    fn what_is_kept_opens_with_the_bots_key_alone() {
        let bot = bot_key(&SecretString::from("42:TEST".to_owned()));
        let (code, kept) = draw(&bot.public()).expect("drawn");
        assert_eq!(typed(code.expose_secret()).as_deref(), Some(code.expose_secret()));
        let salt = bot.open(&kept.salt).expect("opened");
        assert_eq!(digest(&salt, code.expose_secret()), kept.digest);
        // Without the salt none of the million fits.
        let guess = |n: u32| digest(&SecretString::from(kept.salt.clone()), &format!("{n:06}"));
        assert!((0..1000).all(|n| guess(n) != kept.digest));
        assert!(draw("no key").is_err());
    }
}
