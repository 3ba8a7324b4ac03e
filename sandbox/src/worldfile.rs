//! The world file: bots, people and groups to begin with, and the words of the page's help box.

use crate::model::{ChatKey, Person, Words};
use crate::world::{GroupSpec, World};
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Words of the page.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PageWords {
    /// The sentence in the top bar; without it, the page's own.
    pub intro: Option<Words>,
    /// The steps of the "what to try" box.
    pub tries: Vec<Words>,
}

/// A bot to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BotSpec {
    /// `100000:secret`.
    pub token: String,
    /// Without the at sign.
    pub username: String,
    /// Its display name.
    pub name: String,
}

/// The whole file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorldFile {
    /// Words of the page.
    pub page: PageWords,
    /// Bots.
    pub bot: Vec<BotSpec>,
    /// People.
    pub person: Vec<Person>,
    /// Groups.
    pub group: Vec<GroupSpec>,
}

impl WorldFile {
    /// Reads a file; errors name the line.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("in {}", path.display()))
    }

    /// The small world of a start without a file: one bot, a customer, two engineers and their desk.
    pub fn built_in() -> Self {
        toml::from_str(include_str!("../assets/world.toml")).unwrap_or_default()
    }

    /// Puts all of it into the world. What is there already keeps its messages and people their chosen language.
    pub fn apply(&self, world: &mut World) -> anyhow::Result<()> {
        world.page = self.page.clone();
        for bot in &self.bot {
            world.add_bot(&bot.token, &bot.username, &bot.name).with_context(|| bot.username.clone())?;
        }
        for person in &self.person {
            let mut person = person.clone();
            if let Some(known) = world.people.get(&person.id) {
                person.language_code.clone_from(&known.language_code);
            }
            world.add_person(person)?;
        }
        for group in &self.group {
            // A group that became a supergroup stays one.
            let moved = world.chats.get(&ChatKey::Group { id: group.id }).and_then(|chat| chat.migrated_to);
            if moved.is_none() {
                world.add_group(group).with_context(|| group.title.clone())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::WorldFile;

    #[test]
    fn the_built_in_world_is_well_formed() {
        let text = include_str!("../assets/world.toml");
        let world: WorldFile = toml::from_str(text).unwrap();
        assert_eq!(world.bot.len(), 1);
        assert!(world.person.len() >= 2);
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = toml::from_str::<WorldFile>("[[bot]]\ntokn = 'x'").unwrap_err().to_string();
        assert!(error.contains("tokn"), "{error}");
    }
}
