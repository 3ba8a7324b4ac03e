//! `[mail]`: where mail comes from and goes to. Off while there is no address.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::MailError;

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (IMAP 993, SMTP 465).
    Tls,
    /// TLS after a word in the clear (IMAP 143, SMTP 587).
    Starttls,
    /// None: for a server on this machine only.
    None,
}

/// `[mail]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// Our own address, such as `support@example.kz`. Without it no mail is read or sent.
    pub address: Option<String>,
    /// The server of incoming mail; without it only answers go out.
    pub imap_host: Option<String>,
    /// Its port.
    pub imap_port: u16,
    /// How the connection is protected.
    pub imap_security: Security,
    /// The mailbox's user.
    pub imap_user: Option<String>,
    /// His password.
    pub imap_password: Option<SecretString>,
    /// The folder that is read.
    pub imap_folder: String,
    /// The server that takes outgoing mail.
    pub smtp_host: Option<String>,
    /// Its port.
    pub smtp_port: u16,
    /// How the connection is protected.
    pub smtp_security: Security,
    /// The user, if the server wants one.
    pub smtp_user: Option<String>,
    /// His password.
    pub smtp_password: Option<SecretString>,
    /// A certificate authority of one's own, PEM, beside the public ones.
    pub ca_file: Option<PathBuf>,
    /// How often the mailbox is looked at, seconds.
    pub poll_seconds: u64,
    /// The largest attachment that is kept, MiB.
    pub attachment_limit_mb: u64,
    /// How many mails of one sender are answered by themselves in an hour, and open tickets of their own.
    pub answers_per_hour: u32,
    /// The name under which our own mail server writes `Authentication-Results`. With it, a mail opens or continues a contact's ticket only
    /// if that server found `dmarc=pass`; any other is a stranger's.
    pub trusted_authserv: Option<String>,
}

/// The defaults.
#[derive(Serialize)]
pub struct MailDefaults {
    imap_port: u16,
    imap_security: Security,
    imap_folder: &'static str,
    smtp_port: u16,
    smtp_security: Security,
    poll_seconds: u64,
    attachment_limit_mb: u64,
    answers_per_hour: u32,
}

impl Default for MailDefaults {
    fn default() -> Self {
        Self {
            imap_port: 993,
            imap_security: Security::Tls,
            imap_folder: "INBOX",
            smtp_port: 465,
            smtp_security: Security::Tls,
            poll_seconds: 15,
            attachment_limit_mb: 20,
            answers_per_hour: 10,
        }
    }
}

impl MailConfig {
    /// Whether mail is read.
    pub const fn reads(&self) -> bool {
        self.address.is_some() && self.imap_host.is_some()
    }

    /// Our address, if mail can be sent.
    pub fn sends_as(&self) -> Option<&str> {
        self.smtp_host.as_ref().and(self.address.as_deref())
    }

    /// The largest attachment that is kept, bytes.
    pub fn attachment_limit(&self) -> usize {
        usize::try_from(self.attachment_limit_mb << 20).unwrap_or(usize::MAX)
    }

    /// Fails if these settings cannot work, and says what to do.
    pub fn check(&self) -> Result<(), MailError> {
        let wrong = |what: &str| Err(MailError::Settings(what.to_owned()));
        let Some(address) = &self.address else {
            if self.imap_host.is_some() || self.smtp_host.is_some() {
                return wrong("a server is named, but no address; set KOMEK_MAIL_ADDRESS");
            }
            return Ok(());
        };
        if !address.contains('@') {
            return wrong("KOMEK_MAIL_ADDRESS is not a mail address; it looks like support@example.kz");
        }
        if self.imap_host.is_none() && self.smtp_host.is_none() {
            return wrong(
                "KOMEK_MAIL_ADDRESS is set, but neither KOMEK_MAIL_IMAP_HOST nor KOMEK_MAIL_SMTP_HOST",
            );
        }
        if self.imap_host.is_some() && (self.imap_user.is_none() || self.imap_password.is_none()) {
            return wrong("KOMEK_MAIL_IMAP_HOST needs KOMEK_MAIL_IMAP_USER and KOMEK_MAIL_IMAP_PASSWORD");
        }
        if self.smtp_user.is_some() != self.smtp_password.is_some() {
            return wrong("KOMEK_MAIL_SMTP_USER and KOMEK_MAIL_SMTP_PASSWORD belong together");
        }
        if self.poll_seconds == 0 || self.attachment_limit_mb == 0 || self.attachment_limit_mb > 1024 {
            return wrong("poll_seconds must be at least 1, attachment_limit_mb between 1 and 1024");
        }
        let servers = [
            (&self.imap_host, self.imap_security, self.imap_password.is_some(), "IMAP"),
            (&self.smtp_host, self.smtp_security, self.smtp_password.is_some(), "SMTP"),
        ];
        for (host, security, password, which) in servers {
            let near =
                host.as_deref().is_none_or(|h| h == "localhost" || h.starts_with("127.") || h == "::1");
            if security == Security::None && password && !near {
                let what = format!(
                    "KOMEK_MAIL_{which}_SECURITY=none would send the password in the clear; use tls or starttls"
                );
                return wrong(&what);
            }
        }
        Ok(())
    }
}
