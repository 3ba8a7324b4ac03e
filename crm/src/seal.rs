//! Sealed boxes: what only one service, or the holder of a one-time link, may read lies in the database closed.
//!
//! A [`Key`] opens what was sealed with its public half (X25519 and XSalsa20-Poly1305, libsodium's sealed box). A service derives its key
//! from a secret that it has anyway; a link's key is derived from the token in the link, so that whoever has the whole database and no link
//! reads nothing.

use crypto_box::aead::OsRng;
use crypto_box::{PublicKey, SecretKey};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// Opens what was sealed for it.
pub struct Key(SecretKey);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

/// The box does not open with this key: another secret, or a changed box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it does not open with this key")]
pub struct Closed;

impl Key {
    /// The key that `secret` makes for `purpose`; the same both times. The secret must not be guessable: 128 random bits or more.
    pub fn derive(purpose: &str, secret: &SecretString) -> Self {
        let text = format!("komek {purpose}\0{}", secret.expose_secret());
        Self(SecretKey::from(<[u8; 32]>::from(Sha256::digest(text.as_bytes()))))
    }

    /// The half that anybody may know, in hexadecimal digits.
    pub fn public(&self) -> String {
        hex::encode(self.0.public_key().as_bytes())
    }

    /// Seals `secret` for this key.
    pub fn seal(&self, secret: &SecretString) -> Result<String, Closed> {
        seal(&self.public(), secret)
    }

    /// Opens a box.
    pub fn open(&self, sealed: &str) -> Result<SecretString, Closed> {
        let sealed = hex::decode(sealed).map_err(|_| Closed)?;
        let opened = self.0.unseal(&sealed).map_err(|_| Closed)?;
        String::from_utf8(opened).map(SecretString::from).map_err(|_| Closed)
    }
}

/// Seals `secret` for whoever has the key with this public half. Hexadecimal digits.
pub fn seal(public: &str, secret: &SecretString) -> Result<String, Closed> {
    let bytes = hex::decode(public).map_err(|_| Closed)?;
    let key = PublicKey::from_slice(&bytes).map_err(|_| Closed)?;
    let sealed = key.seal(&mut OsRng, secret.expose_secret().as_bytes()).map_err(|_| Closed)?;
    Ok(hex::encode(sealed))
}

/// The key of the bot, which alone puts links into chats: from its Telegram token.
pub fn bot_key(telegram_token: &SecretString) -> Key {
    Key::derive("bot", telegram_token)
}

/// The token of a one-time link.
pub struct LinkToken(SecretString);

impl LinkToken {
    /// A new one: 128 random bits.
    pub fn random() -> Self {
        Self(SecretString::from(hex::encode(rand::random::<[u8; 16]>())))
    }

    /// What stood in an address; `None` if it is no token.
    pub fn read(text: &str) -> Option<Self> {
        let plain = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        plain.then(|| Self(SecretString::from(text.to_owned())))
    }

    /// The token as it stands in the link. Never to be stored or logged.
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }

    /// By what the database finds it.
    pub fn hash(&self) -> String {
        let text = format!("komek link hash\0{}", self.0.expose_secret());
        hex::encode(Sha256::digest(text.as_bytes()))
    }

    /// The key to what the link leads to.
    pub fn key(&self) -> Key {
        Key::derive("link", &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_opens_for_its_key_alone() {
        let secret = SecretString::from("temp-password".to_owned());
        let token = LinkToken::random();
        let sealed = token.key().seal(&secret).expect("sealed");
        assert!(!sealed.contains(&hex::encode("temp-password")));
        assert_eq!(token.key().open(&sealed).expect("opened").expose_secret(), "temp-password");
        assert_eq!(LinkToken::random().key().open(&sealed).err(), Some(Closed));
        // Neither the hash nor the bot's key helps.
        assert_eq!(Key::derive("link", &SecretString::from(token.hash())).open(&sealed).err(), Some(Closed));
        assert_eq!(bot_key(token.secret()).open(&sealed).err(), Some(Closed));
        let changed = format!("{}00", &sealed[..sealed.len() - 2]);
        assert!(sealed == changed || token.key().open(&changed).is_err());
    }

    #[test]
    fn a_token_is_read_only_as_it_was_made() {
        let token = LinkToken::random();
        let read = LinkToken::read(token.secret().expose_secret()).expect("a token");
        assert_eq!(read.hash(), token.hash());
        for wrong in ["", "short", "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ", "../../../../etc/passwd-aaaaaaaaaa"] {
            assert!(LinkToken::read(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_key_seals_nothing() {
        assert!(seal("", &SecretString::from("x".to_owned())).is_err());
        assert!(seal("zz", &SecretString::from("x".to_owned())).is_err());
    }
}
