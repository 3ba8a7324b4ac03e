//! The Cabinet's accounts in an LDAP directory: one Modify sets the temporary password and `pwdReset`, so that there is no moment with one
//! and not the other.
//!
//! The provisioner's entry needs to write `userPassword` and `pwdReset` of customers' entries, and to read neither password.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use crm::config::CabinetConfig;
use crm::domain::form::QuotaResource;
use ldap3::{Ldap as Connection, LdapConnAsync, LdapConnSettings, LdapError, Mod, Scope, SearchEntry};
use secrecy::{ExposeSecret, SecretString};

use super::{Account, Cabinet, Login, ProjectQuota};
use crate::system::{SystemError, Trouble};

/// Its name for people.
const NAME: &str = "LDAP";

/// A directory with the Cabinet's accounts.
pub struct Ldap {
    url: String,
    bind_dn: String,
    password: SecretString,
    /// Where an account stands; `{user}` is its name.
    user_dn: String,
    patience: Duration,
}

impl Ldap {
    /// The directory of the configuration.
    pub fn new(config: &CabinetConfig) -> anyhow::Result<Self> {
        let need = |key: &str| {
            anyhow::anyhow!(
                "the Cabinet in LDAP needs [cabinet] {key} (KOMEK_CABINET_{})",
                key.to_uppercase()
            )
        };
        let user_dn = config.ldap_user_dn.clone().ok_or_else(|| need("ldap_user_dn"))?;
        anyhow::ensure!(
            user_dn.contains("{user}"),
            "[cabinet] ldap_user_dn must contain {{user}}: where an account stands"
        );
        Ok(Self {
            url: config.ldap_url.clone().ok_or_else(|| need("ldap_url"))?,
            bind_dn: config.ldap_bind_dn.clone().ok_or_else(|| need("ldap_bind_dn"))?,
            password: config.ldap_password.clone().ok_or_else(|| need("ldap_password"))?,
            user_dn,
            patience: Duration::from_secs(config.timeout_seconds),
        })
    }

    fn dn(&self, user: &str) -> String {
        self.user_dn.replace("{user}", &ldap3::dn_escape(user))
    }

    async fn connect(&self, during: &str) -> Result<Connection, SystemError> {
        let settings = LdapConnSettings::new().set_conn_timeout(self.patience);
        let (connection, mut ldap) = LdapConnAsync::with_settings(settings, &self.url)
            .await
            .map_err(|e| SystemError::new(Trouble::Unreachable, NAME, during, e.to_string()))?;
        ldap3::drive!(connection);
        ldap.with_timeout(self.patience);
        Ok(ldap)
    }

    /// A connection as the provisioner.
    async fn bound(&self, during: &str) -> Result<Connection, SystemError> {
        let mut ldap = self.connect(during).await?;
        let bound = ldap.simple_bind(&self.bind_dn, self.password.expose_secret()).await;
        bound.and_then(ldap3::LdapResult::success).map_err(|e| match translate(during, &e) {
            // A refused bind is about us, not about the customer.
            error if error.trouble == Trouble::Missing || rc(&e) == Some(49) => {
                SystemError { trouble: Trouble::Unauthenticated, ..error }
            }
            error => error,
        })?;
        ldap.with_timeout(self.patience);
        Ok(ldap)
    }
}

fn rc(error: &LdapError) -> Option<u32> {
    if let LdapError::LdapResult { result } = error { Some(result.rc) } else { None }
}

fn translate(during: &str, error: &LdapError) -> SystemError {
    let trouble = match rc(error) {
        Some(32) => Trouble::Missing,
        Some(50) => Trouble::Forbidden,
        Some(49) => Trouble::Unauthenticated,
        // busy, unavailable; timeLimitExceeded; noSuchAttribute, which we never delete: the overlay of password rules found that another
        // change of the same account had been quicker
        Some(51 | 52 | 3 | 16) => Trouble::Busy,
        // constraintViolation (a password rule), unwillingToPerform, invalidAttributeSyntax
        Some(19 | 53 | 21) => Trouble::Refused,
        Some(_) => Trouble::Failed,
        None => Trouble::Lost,
    };
    SystemError::new(trouble, NAME, during, error.to_string())
}

#[async_trait]
impl Cabinet for Ldap {
    fn name(&self) -> &str {
        NAME
    }

    async fn quota(&self, project: &str, resource: QuotaResource) -> Result<ProjectQuota, SystemError> {
        let during = format!("{} quota of project {project}", resource.as_str());
        Err(SystemError::new(Trouble::Unsupported, NAME, &during, "LDAP has accounts and no quotas"))
    }

    async fn set_quota(&self, project: &str, resource: QuotaResource, _: i64) -> Result<(), SystemError> {
        self.quota(project, resource).await.map(drop)
    }

    async fn account(&self, user: &str) -> Result<Account, SystemError> {
        let during = format!("account {user}");
        let mut ldap = self.bound(&during).await?;
        let attributes = vec!["pwdAccountLockedTime", "pwdChangedTime"];
        let found = ldap.search(&self.dn(user), Scope::Base, "(objectClass=*)", attributes).await;
        let (entries, _) =
            found.and_then(ldap3::SearchResult::success).map_err(|e| translate(&during, &e))?;
        let _ = ldap.unbind().await;
        let Some(entry) = entries.into_iter().next().map(SearchEntry::construct) else {
            return Err(SystemError::new(Trouble::Missing, NAME, &during, "no such entry"));
        };
        // This value means "until an administrator lifts it"; any other is a pause after wrong passwords.
        let shut =
            entry.attrs.get("pwdAccountLockedTime").is_some_and(|v| v.iter().any(|v| v == "000001010000Z"));
        Ok(Account { id: entry.dn, enabled: !shut, signed_out_before: None })
    }

    async fn reset_password(&self, user: &str, password: &SecretString) -> Result<(), SystemError> {
        let during = format!("new password of {user}");
        let mut ldap = self.bound(&during).await?;
        let changes = vec![
            Mod::Replace("userPassword", HashSet::from([password.expose_secret()])),
            Mod::Replace("pwdReset", HashSet::from(["TRUE"])),
        ];
        let done = ldap.modify(&self.dn(user), changes).await;
        done.and_then(ldap3::LdapResult::success).map_err(|e| translate(&during, &e))?;
        let _ = ldap.unbind().await;
        Ok(())
    }

    /// Binds with the password. Who must change it may do nothing else, and is told so when he searches.
    async fn try_password(&self, user: &str, password: &SecretString) -> Result<Login, SystemError> {
        let during = format!("login of {user}");
        let dn = self.dn(user);
        let mut ldap = self.connect(&during).await?;
        let bound = ldap.simple_bind(&dn, password.expose_secret()).await;
        match bound.and_then(ldap3::LdapResult::success) {
            Ok(_) => {}
            Err(e) if rc(&e) == Some(49) => return Ok(Login::Refused),
            Err(e) => return Err(translate(&during, &e)),
        }
        ldap.with_timeout(self.patience);
        let seen = ldap.search(&dn, Scope::Base, "(objectClass=*)", vec!["1.1"]).await;
        let login = match seen.and_then(ldap3::SearchResult::success) {
            Ok(_) => Login::Free,
            Err(e) if rc(&e) == Some(50) => Login::MustChange,
            Err(e) => return Err(translate(&during, &e)),
        };
        let _ = ldap.unbind().await;
        Ok(login)
    }
}
