//! Out: the codes that prove who asks ([`crate::step_up`]). They wait behind no other mail.
//!
//! A code is drawn and its digest committed before it is sent, and what was drawn is sent once: after a crash in between the customer
//! asks for another. Only a clear no of the mail server is tried again, with a new code.

use std::str::FromStr;
use std::time::Duration;

use chrono::TimeDelta;
use lettre::message::Mailbox;
use lettre::{Address, Message};
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

use super::send::AutoSubmitted;
use super::{Mail, MailError, letter};
use crate::domain::lang::Lang;
use crate::step_up::{self, VALID};
use crate::store::{StoreError, WantedCode};
use crate::t;

/// How often a code is tried; the customer is waiting, so not for long.
const ATTEMPTS: i64 = 4;
/// The pause in between.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

impl Mail {
    /// Sends the codes that are wanted until `stop`, and lets the bot know that it can be done.
    pub(super) async fn codes(&self, stop: CancellationToken) {
        let mut told = false;
        let mut wakeups = self.db.wakeups();
        while !stop.is_cancelled() {
            let round = async {
                if !told {
                    self.tell_whether().await?;
                    told = true;
                }
                self.send_codes().await
            };
            if let Err(error) = round.await {
                tracing::error!(%error, "codes could not be sent; trying again in a second");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = wakeups.changed(Duration::from_secs(1)) => {}
            }
        }
    }

    /// Writes down whether codes can be sent from here.
    pub async fn tell_whether(&self) -> Result<(), MailError> {
        let can = self.config.sends_as().is_some();
        if self.db.read().await?.setting::<bool>(step_up::BY_MAIL).await?.unwrap_or_default() == can {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        tx.setting_save(step_up::BY_MAIL, &can, self.service.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Sends every code that is wanted. Returns how many were taken up.
    pub async fn send_codes(&self) -> Result<usize, MailError> {
        let Some(own) = self.config.sends_as() else { return Ok(0) };
        let mut count = 0;
        loop {
            let wanted = self.db.read().await?.step_up_due(self.service.now()).await?;
            let Some(wanted) = wanted else { return Ok(count) };
            self.send_code(own, &wanted).await?;
            count += 1;
        }
    }

    async fn send_code(&self, own: &str, wanted: &WantedCode) -> Result<(), MailError> {
        let mut tx = self.db.begin().await?;
        let contact = tx.contact_fetch(&wanted.contact).await?;
        let address = contact.as_ref().and_then(|c| c.email.clone());
        let (Some(contact), Some(address), Some(bot)) = (contact, address, tx.bot_key().await?) else {
            tx.step_up_unsent(wanted.id, None).await?;
            tx.commit().await?;
            return Ok(());
        };
        let lang = tx.person_fetch(wanted.account).await?.chosen.unwrap_or(contact.language);
        let drawn = step_up::draw(&bot).map_err(|_| StoreError::Inconsistent {
            table: "bot_key",
            row: bot.clone(),
            problem: "it is no key: start komek-bot again".to_owned(),
        })?;
        let (code, kept) = drawn;
        if !tx.step_up_drawn(wanted.id, &kept).await? {
            return Ok(());
        }
        tx.commit().await?;
        let refused = match self.code_mail(own, (&contact.name, &address), wanted, lang, &code) {
            Ok(message) => self.hand_over(message).await?.err(),
            Err(why) => Some(super::send::Refused { why, for_good: true }),
        };
        let now = self.service.now();
        let mut tx = self.db.begin().await?;
        match refused {
            None => tx.step_up_sent(wanted.id, now + VALID).await?,
            Some(refused) => {
                let again = !refused.for_good && wanted.attempts + 1 < ATTEMPTS;
                tracing::warn!(code = %wanted.id, why = refused.why, again, "a code could not be sent");
                metrics::counter!("komek_mail_failures_total", "way" => "out").increment(1);
                tx.step_up_unsent(wanted.id, again.then_some(now + PAUSE)).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    fn code_mail(
        &self,
        own: &str,
        (name, address): (&str, &str),
        wanted: &WantedCode,
        lang: Lang,
        code: &SecretString,
    ) -> Result<Message, String> {
        let parse = |address: &str| Address::from_str(address).map_err(|e| e.to_string());
        let (provider, phone) = (self.support.provider.as_str(), self.support.phone.as_str());
        let text = [
            t!(lang, "mail-greeting", name = name),
            t!(lang, "mail-code", code = code.expose_secret(), minutes = VALID.num_minutes()),
            t!(lang, "mail-code-not-you", phone = phone),
            t!(lang, "mail-signature", provider = provider, phone = phone),
        ];
        Message::builder()
            .from(Mailbox::new(Some(provider.to_owned()), parse(own)?))
            .to(Mailbox::new(Some(name.to_owned()), parse(address)?))
            // Without the code: subjects stand on locked screens.
            .subject(t!(lang, "mail-code-subject"))
            .message_id(Some(format!("<{}>", letter::message_id(wanted.id, own))))
            .header(AutoSubmitted("auto-generated"))
            .body(format!("{}\n", text.join("\n\n")))
            .map_err(|e| e.to_string())
    }
}
