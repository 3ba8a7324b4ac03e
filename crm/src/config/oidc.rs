//! `[oidc]`: an `OpenID` Connect issuer through which staff may sign in to the web console.

use secrecy::SecretString;
use serde::Deserialize;

/// `[oidc]`: an `OpenID` Connect issuer through which staff may sign in to the web console.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// Its address, exactly as its own document writes it.
    pub issuer: String,
    /// What this console is called there.
    pub client_id: String,
    /// And what proves it; none for a public client.
    pub client_secret: Option<SecretString>,
    /// What is asked for.
    #[serde(default = "scopes")]
    pub scopes: String,
    /// Which claim says who somebody is.
    #[serde(default)]
    pub claim: OidcClaim,
    /// What of the directory it is held against.
    #[serde(default)]
    pub matches: OidcMatch,
}

fn scopes() -> String {
    "openid profile".to_owned()
}

/// The claims of an issuer that can say who somebody is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OidcClaim {
    /// The issuer's own id.
    Sub,
    /// The name he signs in with.
    #[default]
    PreferredUsername,
    /// His mail address, if the issuer has checked it.
    Email,
}

/// What a claim is held against.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OidcMatch {
    /// The id in the directory.
    #[default]
    Id,
    /// The Telegram account in the directory.
    Telegram,
}

impl Oidc {
    /// The issuer's host, for people.
    pub fn host(&self) -> String {
        let host = url::Url::parse(&self.issuer).ok().and_then(|url| url.host_str().map(str::to_owned));
        host.unwrap_or_else(|| self.issuer.clone())
    }
}
