//! Which change to a real system a form asks for, complete with the names it has there. Looked up when the ticket is opened; the
//! provisioner's guard looks again before it acts.

use crate::directory::{Network, Place};
use crate::domain::action::{ActionSpec, LinkEnd};
use crate::domain::form::Form;
use crate::domain::ids::{CustomerId, NetworkId};
use crate::domain::policy::Policy;
use crate::store::{Rented, Result, Tx};

impl From<Network> for LinkEnd {
    fn from(network: Network) -> Self {
        Self { network: network.id, place: network.place, cidr: network.cidr }
    }
}

/// What `form` wants for `customer`; `None` where nothing can be executed and a human does it.
pub async fn action(
    tx: &mut Tx,
    form: &Form,
    customer: &CustomerId,
    rented: Option<&Rented>,
    policy: &Policy,
) -> Result<Option<ActionSpec>> {
    let customer = customer.clone();
    Ok(match form {
        Form::VmReboot { .. } | Form::VmUnlock { .. } => rented.and_then(|r| machine(form, r, policy)),
        Form::QuotaIncrease { service: None, resource, wanted, .. } => {
            tx.customer_fetch(&customer).await?.and_then(|c| c.cabinet).map(|cabinet| {
                let (project, resource, wanted) = (cabinet.project, *resource, *wanted);
                ActionSpec::QuotaCabinet { customer, project, resource, wanted }
            })
        }
        Form::PasswordRecovery { service: None } => tx
            .customer_fetch(&customer)
            .await?
            .and_then(|c| c.cabinet)
            .map(|cabinet| ActionSpec::CabinetPassword { customer, user: cabinet.user }),
        Form::QuotaIncrease { service: Some(_), .. }
        | Form::PasswordRecovery { service: Some(_) }
        | Form::Fault { service: Some(_), .. } => match rented {
            Some(rented) => place(tx, form, rented).await?,
            None => None,
        },
        Form::ZoneLink { from, to, remove } => {
            let ends = (end(tx, from, &customer).await?, end(tx, to, &customer).await?);
            match ends {
                (Some(from), Some(to)) if *remove => Some(ActionSpec::ZoneUnlink { customer, from, to }),
                (Some(from), Some(to)) => Some(ActionSpec::ZoneLink { customer, from, to }),
                _ => None,
            }
        }
        Form::Fault { service: None, .. }
        | Form::NewCabinet { .. }
        | Form::Binding { .. }
        | Form::Order { .. }
        | Form::Claim { .. }
        | Form::Plain => None,
    })
}

fn machine(form: &Form, rented: &Rented, policy: &Policy) -> Option<ActionSpec> {
    let (zone, domain) = rented.domain.clone()?;
    let vm = rented.id.clone();
    Some(if let Form::VmReboot { mode, .. } = form {
        let graceful_wait_ms = policy.graceful_wait_ms;
        ActionSpec::VmReboot { vm, zone, domain, mode: *mode, graceful_wait_ms }
    } else {
        let (lock_reason, lock_ticket) = (rented.lock_reason.clone(), rented.lock_ticket.clone());
        ActionSpec::VmUnlock { vm, zone, domain, lock_reason, lock_ticket }
    })
}

/// What is done to a place in a cluster.
async fn place(tx: &mut Tx, form: &Form, rented: &Rented) -> Result<Option<ActionSpec>> {
    let found = tx.service_fetch(&rented.id).await?.map(|s| (s.id, s.place));
    let Some((service, Place::Kubernetes { cluster, namespace })) = found else { return Ok(None) };
    Ok(match form {
        Form::QuotaIncrease { resource, wanted, .. } => {
            let (resource, wanted) = (*resource, *wanted);
            Some(ActionSpec::QuotaNamespace { service, cluster, namespace, resource, wanted })
        }
        Form::PasswordRecovery { .. } => Some(ActionSpec::ClusterCredentials { service, cluster, namespace }),
        Form::Fault { .. } => Some(ActionSpec::ControlPlaneCheck { service, cluster }),
        _ => None,
    })
}

async fn end(tx: &mut Tx, network: &NetworkId, customer: &CustomerId) -> Result<Option<LinkEnd>> {
    let found = tx.network_fetch(network).await?;
    Ok(found.filter(|n| n.customer == *customer).map(LinkEnd::from))
}
