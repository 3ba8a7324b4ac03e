//! A person: somebody with a phone in the page.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A text in several languages, or one text for all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// The same for everybody.
    One(String),
    /// By language code.
    Each(BTreeMap<String, String>),
}

/// One user account that the control API and the page act as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The user id.
    pub id: i64,
    /// First name.
    #[serde(alias = "name")]
    pub first_name: String,
    /// Last name.
    #[serde(default)]
    pub last_name: Option<String>,
    /// @name without the at sign.
    #[serde(default)]
    pub username: Option<String>,
    /// The language of the person's Telegram.
    #[serde(default, alias = "language")]
    pub language_code: Option<String>,
    /// The phone number that "share contact" sends.
    #[serde(default)]
    pub phone: Option<String>,
    /// A label for the page: customer, engineer…
    #[serde(default)]
    pub role: Option<Words>,
    /// A hint for the page, shown under the header.
    #[serde(default)]
    pub note: Option<Words>,
    /// A deep link the person was given, shown as something to tap.
    #[serde(default)]
    pub link: Option<String>,
    /// Its place on the page; given when the person is added.
    #[serde(default)]
    pub place: usize,
    /// The account was deleted.
    #[serde(default)]
    pub deactivated: bool,
}

impl Person {
    /// A person with a first name alone.
    pub fn new(id: i64, first_name: &str) -> Self {
        Self {
            id,
            first_name: first_name.to_owned(),
            last_name: None,
            username: None,
            language_code: None,
            phone: None,
            role: None,
            note: None,
            link: None,
            place: 0,
            deactivated: false,
        }
    }

    /// The same person with a phone language.
    #[must_use]
    pub fn language(mut self, code: &str) -> Self {
        self.language_code = Some(code.to_owned());
        self
    }

    /// The same person with a phone number.
    #[must_use]
    pub fn phone(mut self, number: &str) -> Self {
        self.phone = Some(number.to_owned());
        self
    }

    /// First and last name.
    pub fn full_name(&self) -> String {
        match &self.last_name {
            Some(last) => format!("{} {last}", self.first_name),
            None => self.first_name.clone(),
        }
    }
}
