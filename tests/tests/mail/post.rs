//! A desk with a mailbox, and people who write to it.

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};
use crm::config::Support;
use crm::domain::ids::TicketNumber;
use crm::domain::ticket::Ticket;
use crm::mail::letter::{self, Letter};
use crm::mail::{Mail, MailConfig, Security};
use crm::store::Message;
use komek_tests::desk::Desk;
use komek_tests::engine::Engine;
use komek_tests::lab::mail::{DESK, MailServers, PASSWORD};

static MAILS: AtomicU32 = AtomicU32::new(1);

/// A mail that a person writes.
pub struct Draft<'a> {
    /// The envelope's and the header's sender.
    pub from: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// The words.
    pub text: &'a str,
    /// More header fields, each with its line end.
    pub headers: String,
}

impl Draft<'_> {
    /// The mail as it travels, under a new Message-ID.
    pub fn raw(&self) -> String {
        let n = MAILS.fetch_add(1, Ordering::Relaxed);
        let Self { from, subject, text, headers } = self;
        format!(
            "From: Somebody <{from}>\r\nTo: <{DESK}>\r\nSubject: {subject}\r\nMessage-ID: <m{n}@client.example>\r\n{headers}\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
        )
    }
}

/// A desk, its mail servers, and the part of the crm between them.
pub struct Post {
    /// The desk.
    pub desk: Desk,
    /// The servers.
    pub servers: MailServers,
    /// What is tested.
    pub mail: Mail,
}

impl Post {
    /// All of it; `None` without the engine or the servers.
    pub async fn new(engine: Engine) -> Result<Option<Self>> {
        let Some(desk) = Desk::new(engine).await? else { return Ok(None) };
        let Some(servers) = MailServers::start()? else { return Ok(None) };
        let mail = mail(&desk, &servers, "first", |_| ())?;
        Ok(Some(Self { desk, servers, mail }))
    }

    /// Another process on the same database and mailbox, with other settings.
    pub fn another(&self, name: &str, change: impl FnOnce(&mut MailConfig)) -> Result<Mail> {
        mail(&self.desk, &self.servers, name, change)
    }

    /// Sends a mail to the desk and waits until it lies in the mailbox.
    pub async fn sends(&self, draft: Draft<'_>) -> Result<()> {
        self.sends_raw(draft.from, draft.raw().as_bytes()).await
    }

    /// The same with any bytes.
    pub async fn sends_raw(&self, from: &str, raw: &[u8]) -> Result<()> {
        let before = self.servers.mailbox(DESK)?.len();
        self.servers.deliver(from, raw)?;
        self.servers.wait_for(DESK, before + 1).await?;
        Ok(())
    }

    /// A ticket by number.
    pub async fn ticket(&self, number: i64) -> Result<Ticket> {
        let mut tx = self.desk.test.db.read().await?;
        tx.ticket_by_number(TicketNumber(number)).await?.with_context(|| format!("KM-{number}"))
    }

    /// What was said on a ticket.
    pub async fn talk(&self, ticket: &Ticket) -> Result<Vec<Message>> {
        Ok(self.desk.test.db.begin().await?.messages(ticket.id, true).await?)
    }

    /// How many tickets there are.
    pub async fn tickets(&self) -> Result<i64> {
        self.desk.test.number("SELECT COUNT(*) FROM ticket").await
    }

    /// Everything is sent; returns what somebody has got, taken apart.
    pub async fn got(&self, address: &str, count: usize) -> Result<Vec<(String, Letter)>> {
        self.mail.send_due().await?;
        let mails = self.servers.wait_for(address, count).await?;
        assert_eq!(mails.len(), count, "{address}: {mails:#?}");
        Ok(mails
            .into_iter()
            .map(|raw| (raw.clone(), letter::read(raw.as_bytes(), "nobody@nowhere")))
            .collect())
    }
}

fn mail(
    desk: &Desk,
    servers: &MailServers,
    name: &str,
    change: impl FnOnce(&mut MailConfig),
) -> Result<Mail> {
    let mut config = MailConfig {
        address: Some(DESK.to_owned()),
        imap_host: Some("localhost".to_owned()),
        imap_port: servers.imaps,
        imap_security: Security::Tls,
        imap_user: Some(DESK.to_owned()),
        imap_password: Some(PASSWORD.into()),
        imap_folder: "INBOX".to_owned(),
        smtp_host: Some("localhost".to_owned()),
        smtp_port: servers.submission,
        smtp_security: Security::Tls,
        smtp_user: Some(DESK.to_owned()),
        smtp_password: Some(PASSWORD.into()),
        ca_file: Some(servers.authority()),
        poll_seconds: 1,
        attachment_limit_mb: 10,
        answers_per_hour: 5,
        trusted_authserv: None,
    };
    change(&mut config);
    let support = Support { phone: "+7 (747) 507 3022".to_owned(), provider: "PRO DATA".to_owned() };
    Ok(Mail::new(desk.service.clone(), desk.test.db.clone(), config, support, name.to_owned())?)
}
