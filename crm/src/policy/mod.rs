//! The contract as data (DESIGN 4): the policy files that are built in, those of a directory, and those that the store remembers.
//!
//! A ticket is pinned to the version it was opened under (T11), so a [`PolicyBook`] holds every version it can find, and a version
//! whose text changed after it was stored is refused: the terms of open tickets never change under them.

pub mod file;
pub mod terms;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rust_embed::RustEmbed;

use crate::clock::Moment;
use crate::domain::audit::sha256_hex;
use crate::domain::downtime::Month;
use crate::domain::kind::Terms;
use crate::domain::policy::Policy;
use crate::input::Problems;

/// The shipped files.
#[derive(RustEmbed)]
#[folder = "policies"]
struct Shipped;

/// One version of one service's terms, with the text it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyFile {
    /// What the text says.
    pub policy: Arc<Policy>,
    /// Where it came from, for messages: a file name, or `database`.
    pub origin: String,
    /// The text, word for word.
    pub text: String,
    /// SHA-256 of the text, hexadecimal.
    pub digest: String,
}

impl PolicyFile {
    /// Reads and checks a policy file's text.
    pub fn read(origin: &str, text: &str) -> Result<Self, Problems> {
        Ok(Self::of(file::read(origin, text)?, origin, text))
    }

    /// Reads terms that newer ones have followed: they need not know what the program has learnt since.
    fn read_followed(origin: &str, text: &str) -> Result<Self, Problems> {
        Ok(Self::of(file::read_followed(origin, text)?, origin, text))
    }

    fn of(policy: Policy, origin: &str, text: &str) -> Self {
        Self {
            policy: Arc::new(policy),
            origin: origin.to_owned(),
            text: text.to_owned(),
            digest: sha256_hex(text.as_bytes()),
        }
    }
}

/// Why the policies cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Mistakes in files, all of them, each with its line.
    #[error("{0}")]
    Files(Problems),
    /// A file or the directory could not be read.
    #[error("{path}: {source}; KOMEK_POLICY_DIR must name a readable directory of *.toml files")]
    Unreadable {
        /// What.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The directory has no policy for a service.
    #[error("{place} has no policy for {terms}: copy crm/policies/{terms}.toml there and adapt it")]
    Missing {
        /// Where was looked.
        place: String,
        /// Whose terms.
        terms: Terms,
    },
    /// Two files call themselves the same.
    #[error("{second} and {first} both say that they are {name}: give one of them another `version`")]
    Twice {
        /// The policy's name.
        name: String,
        /// The first file.
        first: String,
        /// The second file.
        second: String,
    },
    /// The text under a stored version was changed.
    #[error(
        "{origin}: {name} is stored with another text, and tickets rely on it: put the old text back, or raise the version \
         (`version` and `in_force_from`) and keep the old file beside the new one"
    )]
    Changed {
        /// The file.
        origin: String,
        /// The policy's name.
        name: String,
    },
}

/// Every version of the terms that is known.
#[derive(Debug, Clone, Default)]
pub struct PolicyBook {
    by_name: BTreeMap<String, PolicyFile>,
}

impl PolicyBook {
    /// The policies of `dir`, or those that are built in.
    pub fn load(dir: Option<&Path>) -> Result<Self, PolicyError> {
        let (place, texts) = match dir {
            Some(dir) => (dir.display().to_string(), read_dir(dir)?),
            None => ("the program".to_owned(), shipped()),
        };
        Self::of_texts(&place, &texts)
    }

    /// The policies that are built in; a test holds that they are sound.
    pub fn shipped() -> Result<Self, PolicyError> {
        Self::load(None)
    }

    /// The policies in these `(file name, text)`; each service must have one.
    pub fn of_texts(place: &str, texts: &[(String, String)]) -> Result<Self, PolicyError> {
        let mut book = Self::default();
        let (mut problems, mut incomplete) = (Vec::new(), Vec::new());
        for (origin, text) in texts {
            match PolicyFile::read(origin, text) {
                Ok(file) => book.add(file)?,
                Err(Problems(more)) => match PolicyFile::read_followed(origin, text) {
                    Ok(file) => incomplete.push((file, more)),
                    Err(_) => problems.extend(more),
                },
            }
        }
        // What lacks a kind alone is in order where complete terms follow it.
        for (file, more) in incomplete {
            let (terms, from) = (file.policy.terms, file.policy.in_force_from);
            if book.iter().any(|it| it.policy.terms == terms && it.policy.in_force_from > from) {
                book.add(file)?;
            } else {
                problems.extend(more);
            }
        }
        if !problems.is_empty() {
            return Err(PolicyError::Files(Problems(problems)));
        }
        for terms in Terms::ALL {
            if !book.iter().any(|file| file.policy.terms == *terms) {
                return Err(PolicyError::Missing { place: place.to_owned(), terms: *terms });
            }
        }
        Ok(book)
    }

    fn add(&mut self, file: PolicyFile) -> Result<(), PolicyError> {
        let name = file.policy.name();
        if let Some(first) = self.by_name.get(&name) {
            return Err(PolicyError::Twice { name, first: first.origin.clone(), second: file.origin });
        }
        self.by_name.insert(name, file);
        Ok(())
    }

    /// Adds the versions that the store remembers, so that tickets opened under them keep their terms though the file is gone.
    /// `stored` are names and texts. A text that differs from the file of the same name is refused.
    pub fn remember<'s>(
        &mut self,
        stored: impl IntoIterator<Item = (&'s str, &'s str)>,
    ) -> Result<(), PolicyError> {
        for (name, text) in stored {
            match self.by_name.get(name) {
                Some(file) if file.text == text => {}
                Some(file) => {
                    return Err(PolicyError::Changed { origin: file.origin.clone(), name: name.to_owned() });
                }
                None => {
                    let origin = format!("database, {name}");
                    self.add(PolicyFile::read_followed(&origin, text).map_err(PolicyError::Files)?)?;
                }
            }
        }
        Ok(())
    }

    /// The terms that a ticket opened at `now` gets: the latest that is in force by then.
    pub fn current(&self, terms: Terms, now: Moment) -> Option<&Arc<Policy>> {
        self.iter()
            .map(|file| &file.policy)
            .filter(|policy| policy.terms == terms && policy.in_force_from <= now)
            .max_by_key(|policy| (policy.in_force_from, &policy.version))
    }

    /// The terms under which a month is judged: the latest that were in force when it began, or else the first that came into force
    /// while it lasted (C12).
    pub fn of_month(&self, terms: Terms, month: Month) -> Option<&Arc<Policy>> {
        let begins = |policy: &Policy| month.span(policy.time_zone).from();
        let own = || self.iter().map(|file| &file.policy).filter(|policy| policy.terms == terms);
        let order = |policy: &&Arc<Policy>| (policy.in_force_from, policy.version.clone());
        own().filter(|p| p.in_force_from.timestamp_millis() <= begins(p)).max_by_key(order).or_else(|| {
            let ends = |policy: &Policy| month.span(policy.time_zone).to();
            own().filter(|p| p.in_force_from.timestamp_millis() < ends(p)).min_by_key(order)
        })
    }

    /// The terms called `name` (`vm@2025-09-10`), whether in force or not.
    pub fn pinned(&self, name: &str) -> Option<&Arc<Policy>> {
        self.by_name.get(name).map(|file| &file.policy)
    }

    /// Every version, by name.
    pub fn iter(&self) -> impl Iterator<Item = &PolicyFile> {
        self.by_name.values()
    }
}

fn shipped() -> Vec<(String, String)> {
    let text = |name: &str| Shipped::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned());
    // The folder also holds the worked examples, which are no terms.
    Shipped::iter()
        .filter(|name| !name.contains('/'))
        .filter_map(|name| Some((name.to_string(), text(&name)?)))
        .collect()
}

fn read_dir(dir: &Path) -> Result<Vec<(String, String)>, PolicyError> {
    let unreadable = |path: &Path| {
        let path = path.display().to_string();
        move |source| PolicyError::Unreadable { path, source }
    };
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(unreadable(dir))? {
        let path = entry.map_err(unreadable(dir))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path).map_err(unreadable(&path))?;
            texts.push((path.display().to_string(), text));
        }
    }
    // The order of a directory is accidental; problems come in the order of the names.
    texts.sort();
    Ok(texts)
}

#[cfg(test)]
mod examples_tests;
#[cfg(test)]
mod tests;
