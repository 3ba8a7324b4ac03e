//! Replies that are written often: by name, in each language.

use super::{Result, Tx, sql, unreadable};
use crate::clock::Moment;
use crate::domain::ids::StaffId;
use crate::domain::lang::Lang;

/// One canned reply in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canned {
    /// What staff call it.
    pub name: String,
    /// In which language the words are.
    pub language: Lang,
    /// The words, with places such as `{name}`.
    pub body: String,
}

impl Tx {
    /// All of them, by name.
    pub async fn canned_all(&mut self) -> Result<Vec<Canned>> {
        sql!(
            self,
            fetch_all as (String, String, String),
            "SELECT name, language, body FROM canned ORDER BY name, language"
        )?
        .into_iter()
        .map(|(name, language, body)| {
            let language = language.parse().map_err(|e: String| unreadable("canned", &name, e))?;
            Ok(Canned { name, language, body })
        })
        .collect()
    }

    /// Writes one, or changes it.
    pub async fn canned_save(&mut self, canned: &Canned, by: &StaffId, now: Moment) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO canned (name, language, body, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (name, language) DO UPDATE SET body = excluded.body, changed_by = excluded.changed_by,
                changed_at = excluded.changed_at",
            &canned.name,
            canned.language.as_str(),
            &canned.body,
            &by.0,
            now
        )?;
        Ok(())
    }

    /// Takes one out, in every language. Returns in how many it was there.
    pub async fn canned_delete(&mut self, name: &str) -> Result<u64> {
        Ok(sql!(self, execute, "DELETE FROM canned WHERE name = $1", name)?)
    }
}
