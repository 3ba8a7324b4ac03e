//! Tickets that do not come by Telegram: telephone, web form, API, mail, monitoring. One way in for all of them.

pub mod alerts;
pub mod phone;

use crate::clock::Moment;
use crate::directory::Contact;
use crate::domain::actor::Actor;
use crate::domain::event::Origin;
use crate::domain::form::{Form, RebootMode};
use crate::domain::ids::{ContactId, ServiceId};
use crate::domain::kind::{Channel, Kind, Terms};
use crate::domain::lang::Lang;
use crate::domain::refusal::Refusal;
use crate::domain::ticket::Ticket;
use crate::service::{NewTicket, Service, ServiceError, Words};
use crate::store::Tx;

/// What somebody at a desk, a form or a program knows of a new request.
#[derive(Debug, Clone)]
pub struct Request {
    /// How it came.
    pub channel: Channel,
    /// What is asked.
    pub kind: Kind,
    /// Who asks, if the directory knows him.
    pub contact: Option<ContactId>,
    /// How he is called, if it does not.
    pub name: String,
    /// The language to answer somebody in whom the directory does not know.
    pub language: Lang,
    /// About which rented service.
    pub service: Option<ServiceId>,
    /// For a reboot: how.
    pub reboot: RebootMode,
    /// For a fault or a claim: since when, by the customer's account (C8).
    pub since: Option<Moment>,
    /// The words.
    pub words: Words,
}

/// Why a request did not become a ticket.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The directory does not know this contact.
    #[error("the directory has no contact «{0}»")]
    NoContact(ContactId),
    /// The kind needs a service, and none was named.
    #[error("a request of the kind {0} must name the service it is about")]
    ServiceMissing(Kind),
    /// The rules or the store did not allow it.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The form of a kind, from what is known.
fn form(request: &Request) -> Result<Form, IntakeError> {
    let service = request.service.clone();
    let vm = || service.clone().ok_or(IntakeError::ServiceMissing(request.kind));
    Ok(match request.kind {
        Kind::VmReboot => Form::VmReboot { vm: vm()?, mode: request.reboot },
        // Why it is locked is read from the hypervisor, not asked.
        Kind::VmUnlock => Form::VmUnlock { vm: vm()?, lock_reason: None },
        Kind::FaultCritical | Kind::FaultMinor => Form::Fault { service, since: request.since },
        Kind::CreditClaim | Kind::DataLossClaim => Form::Claim { service, since: request.since },
        Kind::PasswordRecovery => Form::PasswordRecovery { service },
        Kind::Order | Kind::Trial => Form::Order { terms: Terms::Vm },
        // What these need beyond words (amounts, networks, a company) an engineer asks for, or the bot's dialogue.
        Kind::QuotaIncrease | Kind::ZoneLink | Kind::Question | Kind::NewCabinet => Form::Plain,
    })
}

/// Opens a ticket from a request, for `actor`. A customer with a bound Telegram account hears of it there.
pub async fn open(
    service: &Service,
    tx: &mut Tx,
    request: Request,
    actor: &Actor,
) -> Result<Ticket, IntakeError> {
    let mut form = form(&request)?;
    let contact: Option<Contact> = match &request.contact {
        None => None,
        Some(id) => {
            let found = tx.contact_fetch(id).await?;
            Some(found.ok_or_else(|| IntakeError::NoContact(id.clone()))?)
        }
    };
    if let Form::VmUnlock { vm, lock_reason } = &mut form {
        *lock_reason = tx.rented_fetch(vm).await?.and_then(|r| r.lock_reason);
    }
    let chat = match &contact {
        Some(contact) => tx.contact_chat(&contact.id).await?,
        None => None,
    };
    let new = NewTicket {
        kind: request.kind,
        form,
        language: contact.as_ref().map_or(request.language, |c| c.language),
        requester_name: contact.as_ref().map_or(request.name, |c| c.name.clone()),
        requester: contact.map(|c| (c.id, c.customer)),
        origin: Origin { channel: request.channel, chat },
        words: request.words,
    };
    Ok(service.open(tx, new, actor).await?)
}

impl From<crate::store::StoreError> for IntakeError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<Refusal> for IntakeError {
    fn from(refusal: Refusal) -> Self {
        Self::Service(refusal.into())
    }
}
