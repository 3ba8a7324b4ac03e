//! The mailbox: what is new in it, one mail after the other, and how far we have come.
//!
//! The place (UIDVALIDITY and last UID) is stored with what a mail did. In a mailbox that is new to us only what is unread counts, so that
//! a first start files no old mail.

use std::fmt::Debug;
use std::time::Duration;

use async_imap::{Client, Session};
use futures::TryStreamExt;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::letter::{self, Letter};
use super::{Mail, MailError, Security, tls};
use crate::domain::audit::sha256_hex;
use crate::store::MailOutcome;

/// Up to this size a mail is read whole, bytes; of a larger one, the beginning.
const WHOLE: u32 = 64 << 20;
/// How much of a larger one, bytes: its words are in there.
const BEGINNING: u32 = 2 << 20;
/// How long one exchange with the server may take; a large mail over a slow line included.
const PATIENCE: Duration = Duration::from_mins(3);

/// A connection, protected or not.
trait Wire: AsyncRead + AsyncWrite + Unpin + Debug + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Debug + Send> Wire for T {}

type Mailbox = Session<Box<dyn Wire>>;

/// How far we have come in a mailbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The mailbox's UIDVALIDITY: with another one all UIDs are new.
    validity: u32,
    /// The last UID that was taken in.
    last: u32,
}

fn broken(error: impl std::fmt::Display) -> MailError {
    MailError::Mailbox(error.to_string())
}

/// Waits for the server, but not for ever.
async fn patiently<T, E: std::fmt::Display>(
    what: &str,
    work: impl Future<Output = Result<T, E>> + Send,
) -> Result<T, MailError> {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done.map_err(|error| broken(format!("{what}: {error}"))),
        Err(_) => Err(broken(format!("{what}: no answer within {} s", PATIENCE.as_secs()))),
    }
}

impl Mail {
    /// Takes in what is new. Returns how many mails there were.
    pub(super) async fn read_mailbox(&self) -> Result<usize, MailError> {
        let mut mailbox = self.log_in().await?;
        let folder = &self.config.imap_folder;
        let selected = patiently("opening the folder", mailbox.select(folder)).await?;
        let validity = selected.uid_validity.unwrap_or_default();
        let known: Option<Place> = self.db.read().await?.setting(&self.place_key()).await?;
        let known = known.filter(|place| place.validity == validity);
        // «n:*» names the last mail even if it is older.
        let query = known
            .map_or_else(|| "UNSEEN".to_owned(), |place| format!("UID {}:*", place.last.saturating_add(1)));
        let found = patiently("looking for new mail", mailbox.uid_search(query)).await?;
        let mut new: Vec<u32> =
            found.into_iter().filter(|uid| known.is_none_or(|place| *uid > place.last)).collect();
        new.sort_unstable();
        for uid in &new {
            if !self.leads().await? {
                return Ok(0);
            }
            let Some((letter, cut)) = self.one(&mut mailbox, *uid).await? else { continue };
            // In a mailbox that is new to us, older mails that were read before may stand above this one.
            let place = known.map(|_| Place { validity, last: *uid });
            let outcome =
                self.take_in(&letter, cut, place.as_ref().map(|place| (self.place_key(), place))).await?;
            let flags = match outcome {
                // A machine's mail waits for somebody who looks into the mailbox.
                Some(MailOutcome::Automatic | MailOutcome::Nobody) => "+FLAGS.SILENT (\\Seen \\Flagged)",
                _ => "+FLAGS.SILENT (\\Seen)",
            };
            let marked =
                async { mailbox.uid_store(uid.to_string(), flags).await?.try_collect::<Vec<_>>().await };
            // The place and the Message-ID say what was taken in; the mark is for people.
            if let Err(error) = patiently("marking a mail as read", marked).await {
                tracing::warn!(%error, uid, "a mail that was taken in is not marked as read");
            }
        }
        if known.is_none() {
            let last = selected.uid_next.unwrap_or(1).saturating_sub(1).max(new.last().copied().unwrap_or(0));
            let mut tx = self.db.begin().await?;
            tx.setting_save(&self.place_key(), &Place { validity, last }, self.service.now()).await?;
            tx.commit().await?;
        }
        // It has done its work; whether it says good-bye does not matter.
        let _ = tokio::time::timeout(Duration::from_secs(5), mailbox.logout()).await;
        Ok(new.len())
    }

    /// Under which key the place in this mailbox is stored.
    fn place_key(&self) -> String {
        let config = &self.config;
        let of = format!("{:?} {:?} {}", config.imap_host, config.imap_user, config.imap_folder);
        format!("mail_place/{}", &sha256_hex(of.as_bytes())[..16])
    }

    /// One mail, and whether it is only its beginning. `None`: somebody deleted it meanwhile.
    async fn one(&self, mailbox: &mut Mailbox, uid: u32) -> Result<Option<(Letter, bool)>, MailError> {
        let uid = uid.to_string();
        let size = async { mailbox.uid_fetch(&uid, "RFC822.SIZE").await?.try_collect::<Vec<_>>().await };
        let Some(size) = patiently("asking for a size", size).await?.first().and_then(|f| f.size) else {
            return Ok(None);
        };
        let cut = size > WHOLE;
        let part = if cut { format!("BODY.PEEK[]<0.{BEGINNING}>") } else { "BODY.PEEK[]".to_owned() };
        let fetched =
            async { mailbox.uid_fetch(&uid, format!("({part})")).await?.try_collect::<Vec<_>>().await };
        let fetched = patiently("reading a mail", fetched).await?;
        let Some(raw) = fetched.iter().find_map(|f| f.body()).map(<[u8]>::to_vec) else { return Ok(None) };
        drop(fetched);
        let own = self.config.address.clone().unwrap_or_default();
        let digest = sha256_hex(&raw);
        // A mail that breaks the reader must not stop all mail: it is noted under its digest, and people find it in the mailbox.
        let letter =
            tokio::task::spawn_blocking(move || letter::read(&raw, &own)).await.unwrap_or_else(|error| {
                tracing::error!(%error, uid, "a mail could not be taken apart; it is flagged in the mailbox");
                Letter { message_id: digest.clone(), digest, ..letter::read(b"", "") }
            });
        Ok(Some((letter, cut)))
    }

    async fn log_in(&self) -> Result<Mailbox, MailError> {
        let config = &self.config;
        let (Some(host), Some(user), Some(password)) =
            (&config.imap_host, &config.imap_user, &config.imap_password)
        else {
            return Err(MailError::Settings(
                "the mailbox's server, user and password must be set".to_owned(),
            ));
        };
        let tcp = patiently("connecting", TcpStream::connect((host.as_str(), config.imap_port))).await?;
        let ca = config.ca_file.as_deref();
        let mut client: Client<Box<dyn Wire>> = match config.imap_security {
            Security::None => Client::new(Box::new(tcp)),
            Security::Tls => {
                let (tls, name) = tls::connector(ca, host)?;
                Client::new(Box::new(patiently("TLS", tls.connect(name, tcp)).await?))
            }
            Security::Starttls => {
                let mut plain = Client::new(tcp);
                greeting(&mut plain).await?;
                patiently("STARTTLS", plain.run_command_and_check_ok("STARTTLS", None)).await?;
                let (tls, name) = tls::connector(ca, host)?;
                Client::new(Box::new(patiently("TLS", tls.connect(name, plain.into_inner())).await?))
            }
        };
        if config.imap_security != Security::Starttls {
            greeting(&mut client).await?;
        }
        let login = async { client.login(user, password.expose_secret()).await.map_err(|(error, _)| error) };
        patiently("logging in; are KOMEK_MAIL_IMAP_USER and KOMEK_MAIL_IMAP_PASSWORD right?", login).await
    }
}

/// The server speaks first.
async fn greeting<T: AsyncRead + AsyncWrite + Unpin + Debug + Send>(
    client: &mut Client<T>,
) -> Result<(), MailError> {
    match patiently("the greeting", client.read_response()).await? {
        Some(_) => Ok(()),
        None => Err(broken("the server closed the connection")),
    }
}
