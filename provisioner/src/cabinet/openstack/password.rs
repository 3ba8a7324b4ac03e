//! Accounts in Keystone: an administrative reset ends every token of the account, and with `change_password_upon_first_use` the new
//! password opens nothing but its own change.

use chrono::{DateTime, Utc};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::session::{read, text};
use super::{OpenStack, trouble};
use crate::cabinet::{Account, Login};
use crate::system::{SystemError, Trouble};

impl OpenStack {
    pub(super) async fn account_read(&self, user: &str) -> Result<Account, SystemError> {
        let during = format!("account {user}");
        let found = self.session.find("users", user, &during).await?;
        let id = text(&found["id"]);
        let signed_out_before = self.revoked_before(&id, &during).await?;
        Ok(Account { id, enabled: found["enabled"].as_bool().unwrap_or(true), signed_out_before })
    }

    pub(super) async fn password_reset(
        &self,
        user: &str,
        password: &SecretString,
    ) -> Result<(), SystemError> {
        let during = format!("new password of {user}");
        let found = self.session.find("users", user, &during).await?;
        // Nothing would demand that the temporary password be changed. Seen before anything is touched.
        if found["options"]["ignore_password_expiry"] == true {
            let text = format!(
                "passwords of {user} never expire (its option ignore_password_expiry), so a change at the first login cannot be \
                 demanded: take the option away, or set the password by hand"
            );
            return Err(trouble(Trouble::Refused, &during, text));
        }
        let path = format!("/users/{}", text(&found["id"]));
        // Whoever need not change passwords otherwise must change this one.
        let body = json!({ "user": {
            "password": password.expose_secret(),
            "options": { "ignore_change_password_upon_first_use": false },
        } });
        self.session.identity(&during, Method::PATCH, &path, Some(&body)).await.map(drop)
    }

    pub(super) async fn password_try(
        &self,
        user: &str,
        password: &SecretString,
    ) -> Result<Login, SystemError> {
        let during = format!("login of {user}");
        let domain = self.session.domain(&during).await?;
        let body = json!({ "auth": { "identity": { "methods": ["password"], "password": { "user": {
            "name": user, "password": password.expose_secret(), "domain": { "id": domain } } } } } });
        let answer = self.session.post_token(&during, &body).await?;
        if answer.status() == StatusCode::CREATED {
            let token = answer.headers().get("x-subject-token").and_then(|t| t.to_str().ok());
            if let Some(token) = token {
                self.session.end_token(&SecretString::from(token.to_owned())).await;
            }
            return Ok(Login::Free);
        }
        match read(&during, answer).await {
            Ok(_) => {
                Err(trouble(Trouble::Failed, &during, "Keystone's answer is neither a login nor a refusal"))
            }
            // Keystone says it in words alone.
            Err(e) if e.trouble == Trouble::Unauthenticated && e.cause.contains("expired") => {
                Ok(Login::MustChange)
            }
            Err(e) if e.trouble == Trouble::Unauthenticated => Ok(Login::Refused),
            Err(e) => Err(e),
        }
    }

    /// Tokens of an account that were issued before this moment are dead: the latest of Keystone's revocations that name it.
    async fn revoked_before(&self, id: &str, during: &str) -> Result<Option<DateTime<Utc>>, SystemError> {
        let seen = self.session.identity(during, Method::GET, "/OS-REVOKE/events", None).await?;
        let events = seen["events"].as_array().into_iter().flatten();
        let of_account = events.filter(|e| e["user_id"] == id && e["audit_id"].is_null());
        Ok(of_account.filter_map(|e| moment(&e["issued_before"])).max())
    }
}

fn moment(value: &Value) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|m| m.to_utc())
}
