//! What customers' quotas are: read now and then and written down, so that a customer who asks for more sees what he has.

use crm::directory::Place;
use crm::domain::action::ActionSpec;
use crm::domain::form::QuotaResource;
use crm::domain::ids::{ActionId, ClusterId, CustomerId, ServiceId};
use crm::domain::kind::Terms;
use crm::service::Service;
use crm::store::Tx;

use crate::failure::{Failure, Kind};
use crate::quota::{Limited, OfNamespace, OfProject};
use crate::systems::Systems;

/// A customer's place in a cluster.
struct Namespace {
    customer: CustomerId,
    service: ServiceId,
    cluster: ClusterId,
    name: String,
}

/// Reads all customers' quotas. A system that cannot be reached is reported once and left until the next time.
pub async fn observe(systems: &Systems, service: &Service) -> anyhow::Result<()> {
    let (customers, mut namespaces) = {
        let mut tx = systems.db.read().await?;
        let customers = tx.customer_list().await?;
        let mut namespaces = Vec::new();
        for customer in &customers {
            for rented in tx.services_of_customer(&customer.id).await? {
                if let Place::Kubernetes { cluster, namespace: name } = rented.place {
                    namespaces.push(Namespace {
                        customer: customer.id.clone(),
                        service: rented.id,
                        cluster,
                        name,
                    });
                }
            }
        }
        (customers, namespaces)
    };
    if let Ok(cabinet) = systems.cabinet() {
        for customer in customers {
            let Some(account) = customer.cabinet else { continue };
            let of = |resource| OfProject { cabinet: cabinet.as_ref(), project: &account.project, resource };
            if let Err(failure) = keep(systems, service, (&customer.id, None), Terms::Vm, of).await?
                && failure.kind == Kind::Passing
            {
                tracing::warn!(error = failure.text, "the Cabinet's quotas cannot be read; later again");
                break;
            }
        }
    }
    namespaces.sort_by(|a, b| a.cluster.cmp(&b.cluster));
    for places in namespaces.chunk_by(|a, b| a.cluster == b.cluster) {
        let id = &places[0].cluster;
        let cluster = match systems.cluster(id).await {
            Ok(cluster) => cluster,
            Err(failure) => {
                tracing::warn!(cluster = %id, error = failure.text, "the quotas of a cluster cannot be read");
                continue;
            }
        };
        for place in places {
            let of = |resource| OfNamespace { cluster: cluster.as_ref(), namespace: &place.name, resource };
            let whose = (&place.customer, Some(&place.service));
            if let Err(failure) = keep(systems, service, whose, Terms::Kubernetes, of).await?
                && failure.kind == Kind::Passing
            {
                tracing::warn!(cluster = %id, error = failure.text, "the quotas of a cluster cannot be read");
                break;
            }
        }
    }
    Ok(())
}

/// Reads every quota of one place and writes them down together.
async fn keep<'r, L: Limited + 'r>(
    systems: &Systems,
    service: &Service,
    (customer, rented): (&CustomerId, Option<&ServiceId>),
    terms: Terms,
    of: impl Fn(QuotaResource) -> L,
) -> anyhow::Result<Result<(), Failure>> {
    let mut read = Vec::new();
    for resource in QuotaResource::of(terms) {
        match of(resource).read().await {
            Ok(seen) => read.push((resource, seen.limit)),
            Err(error) => return Ok(Err(error.failure("look"))),
        }
    }
    let now = service.now();
    let mut tx = systems.db.begin().await?;
    for (resource, limit) in read {
        tx.quota_fact_save(customer, rented, resource, limit, now).await?;
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// What a finished action has set and read back is known at once, together with its proof.
pub async fn done(tx: &mut Tx, service: &Service, action: ActionId) -> crm::store::Result<()> {
    let now = service.now();
    match tx.action_fetch(action).await?.and_then(|a| a.spec) {
        Some(ActionSpec::QuotaCabinet { customer, resource, wanted, .. }) => {
            tx.quota_fact_save(&customer, None, resource, Some(wanted), now).await
        }
        Some(ActionSpec::QuotaNamespace { service: rented, resource, wanted, .. }) => {
            let Some(of) = tx.rented_fetch(&rented).await? else { return Ok(()) };
            tx.quota_fact_save(&of.customer, Some(&rented), resource, Some(wanted), now).await
        }
        _ => Ok(()),
    }
}
