//! Quotas as they were last read, by customer.

use super::{Result, Tx, sql};
use crate::clock::Moment;
use crate::domain::form::QuotaResource;
use crate::domain::ids::{CustomerId, ServiceId};

/// A quota that was read from the Cabinet or a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaFact {
    /// The place in a cluster; `None` for the Cabinet.
    pub service: Option<ServiceId>,
    /// Of what.
    pub resource: QuotaResource,
    /// How much; memory in MiB.
    pub value: i64,
}

impl Tx {
    /// Writes down what was read; `None` as the value: nothing limits it, so there is nothing to show.
    pub async fn quota_fact_save(
        &mut self,
        customer: &CustomerId,
        service: Option<&ServiceId>,
        resource: QuotaResource,
        value: Option<i64>,
        now: Moment,
    ) -> Result<()> {
        let service = service.map_or("", |s| s.0.as_str());
        match value {
            Some(value) => sql!(
                self,
                execute,
                "INSERT INTO quota_fact (customer_id, service_id, resource, value, seen_at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (customer_id, service_id, resource) DO UPDATE SET value = excluded.value, seen_at = excluded.seen_at",
                customer.0.as_str(),
                service,
                resource.as_str(),
                value,
                now
            )?,
            None => sql!(
                self,
                execute,
                "DELETE FROM quota_fact WHERE customer_id = $1 AND service_id = $2 AND resource = $3",
                customer.0.as_str(),
                service,
                resource.as_str()
            )?,
        };
        Ok(())
    }

    /// A customer's quotas that were read after `since`: older ones may long be others.
    pub async fn quota_facts(&mut self, customer: &CustomerId, since: Moment) -> Result<Vec<QuotaFact>> {
        let rows = sql!(
            self,
            fetch_all as (String, String, i64),
            "SELECT service_id, resource, value FROM quota_fact WHERE customer_id = $1 AND seen_at > $2
             ORDER BY service_id, resource",
            customer.0.as_str(),
            since
        )?;
        let fact = |(service, resource, value): (String, String, i64)| {
            let service = (!service.is_empty()).then(|| ServiceId::from(service.as_str()));
            Some(QuotaFact { service, resource: resource.parse().ok()?, value })
        };
        Ok(rows.into_iter().filter_map(fact).collect())
    }
}
