//! The simulated Cabinet of the demo.

use super::{Result, Tx, sql};
use crate::clock::Moment;
use crate::domain::form::QuotaResource;

/// An account of the simulated Cabinet.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SimulatedAccount {
    /// Its name.
    pub name: String,
    /// A salted digest of its password, if it ever had one here.
    pub password_digest: Option<String>,
    /// The password opens nothing but its own change.
    pub must_change: bool,
    /// Sessions from before are dead.
    pub signed_out_before: Option<Moment>,
}

impl Tx {
    /// A project's quota and how much of it is in use, once it was ever set.
    pub async fn simulated_quota(
        &mut self,
        project: &str,
        resource: QuotaResource,
    ) -> Result<Option<(i64, i64)>> {
        Ok(sql!(
            self,
            fetch_optional as (i64, i64),
            "SELECT value, in_use FROM simulated_quota WHERE project = $1 AND resource = $2",
            project,
            resource.as_str()
        )?)
    }

    /// Sets a project's quota.
    pub async fn simulated_quota_save(
        &mut self,
        project: &str,
        resource: QuotaResource,
        value: i64,
        in_use: i64,
    ) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO simulated_quota (project, resource, value, in_use) VALUES ($1, $2, $3, $4)
             ON CONFLICT (project, resource) DO UPDATE SET value = excluded.value, in_use = excluded.in_use",
            project,
            resource.as_str(),
            value,
            in_use
        )?;
        Ok(())
    }

    /// Whether a customer of the directory has this project.
    pub async fn is_cabinet_project(&mut self, project: &str) -> Result<bool> {
        Ok(self.cabinets().await?.iter().any(|c| c.0 == project))
    }

    /// An account, if a customer of the directory has it.
    pub async fn simulated_account(&mut self, name: &str) -> Result<Option<SimulatedAccount>> {
        let known = sql!(
            self,
            fetch_optional as SimulatedAccount,
            "SELECT name, password_digest, must_change, signed_out_before FROM simulated_account WHERE name = $1",
            name
        )?;
        if known.is_some() || !self.cabinets().await?.iter().any(|c| c.1 == name) {
            return Ok(known);
        }
        let name = name.to_owned();
        Ok(Some(SimulatedAccount {
            name,
            password_digest: None,
            must_change: false,
            signed_out_before: None,
        }))
    }

    /// Changes an account.
    pub async fn simulated_account_save(&mut self, account: &SimulatedAccount) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO simulated_account (name, password_digest, must_change, signed_out_before) VALUES ($1, $2, $3, $4)
             ON CONFLICT (name) DO UPDATE SET password_digest = excluded.password_digest,
                must_change = excluded.must_change, signed_out_before = excluded.signed_out_before",
            account.name.as_str(),
            account.password_digest.as_deref(),
            account.must_change,
            account.signed_out_before
        )?;
        Ok(())
    }

    /// The projects and accounts of the customers.
    async fn cabinets(&mut self) -> Result<Vec<(String, String)>> {
        let cabinets = self.customer_list().await?.into_iter().filter_map(|c| c.cabinet);
        Ok(cabinets.map(|c| (c.project, c.user)).collect())
    }
}
