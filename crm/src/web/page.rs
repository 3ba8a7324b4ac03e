//! What every page has: language and words, who is signed in, the token for its forms.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use chrono::{SecondsFormat, TimeDelta};
use rand::RngCore;
use serde::Deserialize;

use super::Web;
use super::error::Problem;
use super::guard::{Me, Visitor};
use crate::clock::Moment;
use crate::domain::lang::Lang;
use crate::domain::person::{Right, Role};
use crate::text::{FluentArgs, Texts, length};

/// The menu: address, name, the right that it needs.
const MENU: &[(&str, &str, &str)] = &[
    ("/queue", "web-queue", "read"),
    ("/approvals", "web-approvals", "read"),
    ("/incidents", "web-incidents", "read"),
    ("/credits", "web-credits-menu", "read"),
    ("/phone", "web-phone", "handle"),
    ("/oncall", "web-oncall", "read"),
    ("/reports/sla", "web-sla", "read"),
    ("/directory", "web-directory", "read"),
    ("/audit", "web-audit", "oversee"),
];

/// What an address says was just done.
#[derive(Debug, Default, Deserialize)]
pub struct Done {
    /// Which command; empty: none.
    #[serde(default)]
    pub done: String,
}

/// The frame of a page.
#[derive(Debug, Clone)]
pub struct Page {
    /// The language.
    pub lang: Lang,
    /// Who is signed in: name and role.
    pub who: Option<(String, Role)>,
    /// The token of this page's forms, masked anew each time so that compression gives nothing away.
    pub csrf: String,
    /// This page's address.
    pub here: String,
    /// What was just done, to be said once.
    pub done: Option<String>,
    /// The present moment.
    pub now: Moment,
    /// The provider's name.
    pub provider: String,
    /// Whether htmx asks for a part of it.
    pub part: bool,
}

impl Page {
    /// The frame for a visitor.
    pub fn of(web: &Web, visitor: &Visitor) -> Self {
        Self {
            lang: visitor.lang,
            who: visitor.session.as_ref().map(|s| (s.staff.name.clone(), s.staff.role)),
            csrf: mask(&visitor.csrf),
            here: visitor.here.clone(),
            done: None,
            now: web.now(),
            provider: web.support.provider.clone(),
            part: visitor.part,
        }
    }

    /// The frame for somebody who is signed in.
    pub fn mine(web: &Web, me: &Me) -> Self {
        Self::of(web, &me.visitor)
    }

    /// The words of `key`.
    pub fn t(&self, key: &str) -> String {
        Texts::get().say(self.lang, key, &FluentArgs::new())
    }

    /// The words of `key` with a number `n`.
    pub fn n(&self, key: &str, n: impl Into<i64>) -> String {
        let mut args = FluentArgs::new();
        args.set("n", n.into());
        Texts::get().say(self.lang, key, &args)
    }

    /// The words of `key` with one argument.
    pub fn a(&self, key: &str, name: &'static str, value: impl std::fmt::Display) -> String {
        let mut args = FluentArgs::new();
        args.set(name, value.to_string());
        Texts::get().say(self.lang, key, &args)
    }

    /// The words of `key` with two arguments.
    pub fn aa(
        &self,
        key: &str,
        (first, one): (&'static str, impl std::fmt::Display),
        (second, two): (&'static str, impl std::fmt::Display),
    ) -> String {
        let mut args = FluentArgs::new();
        args.set(first, one.to_string());
        args.set(second, two.to_string());
        Texts::get().say(self.lang, key, &args)
    }

    /// A moment as people say it: the clock time today, otherwise with the date.
    pub fn when(&self, moment: &Moment) -> String {
        crate::text::when(*moment, self.now, self.lang)
    }

    /// A moment to the second, as a table of facts has it.
    #[expect(clippy::unused_self, reason = "templates call it like the rest")]
    pub fn exactly(&self, moment: &Moment) -> String {
        crate::text::exactly(moment)
    }

    /// A moment for programs.
    #[expect(clippy::unused_self, reason = "templates call it like the rest")]
    pub fn iso(&self, moment: &Moment) -> String {
        moment.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// A length of time as people say it, from milliseconds.
    pub fn long(&self, ms: i64) -> String {
        length(TimeDelta::milliseconds(ms), self.lang)
    }

    /// A number with decimals, `97.20`, as readers of the language write it.
    pub fn decimal(&self, number: &str) -> String {
        crate::text::decimal(number, self.lang)
    }

    /// Whether the one who is signed in holds `right`.
    pub fn may(&self, right: &str) -> bool {
        right.parse::<Right>().is_ok_and(|right| self.who.as_ref().is_some_and(|w| w.1.may(right)))
    }

    /// The role of the one who is signed in.
    pub fn role(&self) -> String {
        self.who.as_ref().map_or_else(String::new, |who| super::words::role(self, who.1))
    }

    /// The pages of the menu: address and name.
    pub fn nav(&self) -> Vec<(&'static str, String)> {
        MENU.iter().filter(|m| self.may(m.2)).map(|m| (m.0, self.t(m.1))).collect()
    }

    /// Whether this page is below `path`.
    pub fn at(&self, path: &str) -> bool {
        self.here.starts_with(path)
    }

    /// A fresh id for a form that counts once.
    pub fn once(&self) -> uuid::Uuid {
        crate::clock::id_at(self.now)
    }

    /// The languages to choose from: word, own name, and the address that chooses it.
    pub fn languages(&self) -> [(Lang, &'static str, String); 3] {
        let here: String = url::form_urlencoded::byte_serialize(self.here.as_bytes()).collect();
        [(Lang::Kk, "Қазақша"), (Lang::Ru, "Русский"), (Lang::En, "English")]
            .map(|(lang, name)| (lang, name, format!("/language/{lang}?next={here}")))
    }
}

/// A rendered template as an answer.
pub fn html(template: &impl Template) -> Result<Response, Problem> {
    let text = template.render().map_err(|error| {
        tracing::error!(%error, "a template could not be filled in");
        Problem::Broken
    })?;
    Ok(Html(text).into_response())
}

/// Hides a token behind a random mask: `mask` and `mask XOR token`, in hexadecimal.
pub fn mask(token: &str) -> String {
    let Ok(token) = hex::decode(token) else { return String::new() };
    let mut mask = vec![0u8; token.len()];
    rand::rng().fill_bytes(&mut mask);
    let hidden: Vec<u8> = mask.iter().zip(&token).map(|(m, t)| m ^ t).collect();
    hex::encode([mask, hidden].concat())
}

/// The token behind a mask.
pub fn unmask(masked: &str) -> Option<String> {
    let bytes = hex::decode(masked).ok().filter(|b| b.len() == 64)?;
    let (mask, hidden) = bytes.split_at(32);
    Some(hex::encode(mask.iter().zip(hidden).map(|(m, h)| m ^ h).collect::<Vec<u8>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_a_page_names_is_in_every_language() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut named = 0;
        for folder in ["templates", "src/web", "src/web/sla"] {
            for entry in std::fs::read_dir(root.join(folder)).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    continue;
                }
                let text = std::fs::read_to_string(&path).expect("text");
                for word in text.split('"').filter(|w| w.starts_with("web-") && !w.ends_with('-')) {
                    if !word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
                        continue;
                    }
                    named += 1;
                    for lang in Lang::ALL {
                        assert!(Texts::get().has(*lang, word), "{}: {word} in {lang}", path.display());
                    }
                }
            }
        }
        assert!(named > 200, "the words are found at all");
    }

    #[test]
    fn a_masked_token_reads_back_and_never_looks_the_same() {
        let token = "ab".repeat(32);
        assert_ne!(mask(&token), mask(&token));
        assert_eq!(unmask(&mask(&token)), Some(token));
        for hostile in ["", "00", "zz", &"0".repeat(4096)] {
            assert_eq!(unmask(hostile), None, "{hostile}");
        }
    }
}
