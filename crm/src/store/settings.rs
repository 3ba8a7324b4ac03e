//! Switches of the whole desk, and the versions of the terms.

use serde::{Serialize, de::DeserializeOwned};
use sqlx::types::Json;

use super::{Result, StoreError, Tx, sql, unreadable};
use crate::clock::Moment;

impl Tx {
    /// A setting, if it was ever set.
    pub async fn setting<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>> {
        let value = match self.ahead.settings.get(key) {
            Some(value) => value.clone(),
            None => {
                // As text: SQLite keeps a JSON document that is a mere number as a number.
                let value = sql!(self, fetch_optional scalar String, "SELECT CAST(value AS TEXT) FROM setting WHERE key = $1", key)?;
                self.ahead.settings.insert(key.to_owned(), value.clone());
                value
            }
        };
        value.map(|v| serde_json::from_str(&v).map_err(|e| unreadable("setting", key, e))).transpose()
    }

    /// Changes a setting.
    pub async fn setting_save<T: Serialize + Sync>(
        &mut self,
        key: &str,
        value: &T,
        now: Moment,
    ) -> Result<()> {
        let value = serde_json::to_value(value).map_err(|e| unreadable("setting", key, e))?;
        sql!(
            self,
            execute,
            "INSERT INTO setting (key, value, changed_at) VALUES ($1, $2, $3)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
            key,
            Json(value),
            now
        )?;
        self.ahead.settings.remove(key);
        Ok(())
    }

    /// Stores a version of the terms. The same text again changes nothing; another text under a known name is refused, for tickets
    /// are pinned to it.
    pub async fn policy_save(
        &mut self,
        (name, terms): (&str, &str),
        in_force_from: Moment,
        digest: &str,
        body: &str,
        now: Moment,
    ) -> Result<()> {
        sql!(self, execute,
            "INSERT INTO policy (name, terms, in_force_from, digest, body, loaded_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (name) DO NOTHING", name, terms, in_force_from, digest, body, now)?;
        let stored = sql!(self, fetch_one scalar String, "SELECT digest FROM policy WHERE name = $1", name)?;
        if stored == digest {
            return Ok(());
        }
        Err(StoreError::Inconsistent {
            table: "policy",
            row: name.to_owned(),
            problem: "its text differs from what was loaded before; tickets are pinned to that text, so give the changed \
                      terms a new version and in_force_from"
                .to_owned(),
        })
    }

    /// The text of every version of the terms.
    pub async fn policies(&mut self) -> Result<Vec<(String, String)>> {
        Ok(sql!(
            self,
            fetch_all as (String, String),
            "SELECT name, body FROM policy ORDER BY in_force_from, name"
        )?)
    }
}
