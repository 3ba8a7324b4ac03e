//! Webhooks out: other programs hear of events by signed HTTP, at least once, and never by way of our own network.
//!
//! A delivery is a row written with its event; it is leased, sent, and tried again with growing pauses until it is given up and listed.

pub mod address;
mod send;

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

pub use send::Webhooks;

/// `[webhooks]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookConfig {
    /// From which the secret of each webhook is derived; without it there are none. At least 32 characters that nobody can guess.
    pub key: Option<SecretString>,
    /// Whether addresses of private networks and this machine may be told, and `http://`.
    pub allow_private: bool,
}

/// The defaults.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct WebhookDefaults {
    allow_private: bool,
}

impl WebhookConfig {
    /// The secret of a webhook, if there is a key worth the name.
    pub fn secret(&self, webhook: Uuid) -> Option<SecretString> {
        let key = self.key.as_ref().filter(|key| key.expose_secret().len() >= 32)?;
        Some(signature(key, format!("komek webhook\0{webhook}").as_bytes()).into())
    }
}

/// HMAC-SHA256 in hexadecimal digits.
fn signature(secret: &SecretString, text: &[u8]) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
        return String::new();
    };
    mac.update(text);
    hex::encode(mac.finalize().into_bytes())
}

/// The value of `Komek-Signature`: seconds since 1970, and the HMAC of these, a dot and the body.
pub fn sign(secret: &SecretString, seconds: i64, body: &str) -> String {
    format!("t={seconds},v1={}", signature(secret, format!("{seconds}.{body}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_follows_from_key_and_id_and_a_short_key_is_none() {
        let config = |key: &str| WebhookConfig { key: Some(key.into()), allow_private: false };
        let long = config("0123456789abcdef0123456789abcdef");
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let shown = |s: Option<SecretString>| s.map(|s| s.expose_secret().to_owned());
        assert_eq!(shown(long.secret(one)), shown(long.secret(one)));
        assert_ne!(shown(long.secret(one)), shown(long.secret(two)));
        assert!(config("short").secret(one).is_none() && WebhookConfig::default().secret(one).is_none());
    }

    #[test]
    fn the_signature_is_the_documented_one() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac secret
        let documented = "b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163";
        assert_eq!(sign(&"secret".into(), 1_700_000_000, "{}"), format!("t=1700000000,v1={documented}"));
    }
}
