//! How control planes were: stretches of time, one open for each cluster.

use uuid::Uuid;

use super::{Result, Tx, sql, unreadable};
use crate::clock::Moment;
use crate::domain::ids::{ClusterId, ServiceId};
use crate::domain::probe::{Handled, Stretch};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    cluster_id: String,
    health: String,
    starts: Moment,
    seen_at: Moment,
    ends: Option<Moment>,
    findings: String,
    handled: String,
}

impl Row {
    fn read(self) -> Result<Stretch> {
        let wrong = |e: String| unreadable("probe", self.id, e);
        Ok(Stretch {
            health: self.health.parse().map_err(wrong)?,
            handled: self.handled.parse().map_err(wrong)?,
            id: self.id,
            cluster: ClusterId(self.cluster_id),
            starts: self.starts,
            seen_at: self.seen_at,
            ends: self.ends,
            findings: self.findings,
        })
    }
}

fn all(rows: Vec<Row>) -> Result<Vec<Stretch>> {
    rows.into_iter().map(Row::read).collect()
}

impl Tx {
    /// Begins a stretch; `false` if another prober has begun one for this cluster meanwhile.
    pub async fn probe_begin(&mut self, stretch: &Stretch) -> Result<bool> {
        let rows = sql!(
            self,
            execute,
            "INSERT INTO probe (id, cluster_id, health, starts, seen_at, ends, findings, handled)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (cluster_id) WHERE ends IS NULL DO NOTHING",
            stretch.id,
            stretch.cluster.as_str(),
            stretch.health.as_str(),
            stretch.starts,
            stretch.seen_at,
            stretch.ends,
            &stretch.findings,
            stretch.handled.as_str()
        )?;
        Ok(rows == 1)
    }

    /// The stretch of a cluster goes on, or ends at `ends`; `false` if another prober has written since it was read (`before`).
    pub async fn probe_seen(
        &mut self,
        before: &Stretch,
        seen_at: Moment,
        ends: Option<Moment>,
    ) -> Result<bool> {
        let rows = sql!(
            self,
            execute,
            "UPDATE probe SET seen_at = $2, ends = $3 WHERE id = $1 AND seen_at = $4 AND ends IS NULL",
            before.id,
            seen_at,
            ends,
            before.seen_at
        )?;
        Ok(rows == 1)
    }

    /// What is seen of every cluster now, by cluster: the stretches that go on.
    pub async fn probes_open(&mut self) -> Result<Vec<Stretch>> {
        all(sql!(self, fetch_all as Row, "SELECT * FROM probe WHERE ends IS NULL ORDER BY cluster_id")?)
    }

    /// Control planes with customers' places that nobody has looked at since before `moment`: what they were seen as last.
    pub async fn probes_blind(&mut self, moment: Moment) -> Result<Vec<Stretch>> {
        all(sql!(
            self,
            fetch_all as Row,
            "SELECT * FROM probe WHERE ends IS NULL AND seen_at < $1 AND EXISTS (
                SELECT 1 FROM service s WHERE s.cluster_id = probe.cluster_id AND s.until IS NULL AND s.retired_at IS NULL)
             ORDER BY cluster_id",
            moment
        )?)
    }

    /// Stretches from which something follows that has not been done yet: faults that nobody raised, and whatever has ended. Oldest first.
    pub async fn probes_waiting(&mut self, limit: i64) -> Result<Vec<Stretch>> {
        all(sql!(
            self,
            fetch_all as Row,
            "SELECT * FROM probe WHERE handled <> 'done' AND (ends IS NOT NULL OR (health <> 'healthy' AND handled = 'no'))
             ORDER BY starts, id LIMIT $1",
            limit
        )?)
    }

    /// The stretch of a cluster that follows one that ended at `ends`.
    pub async fn probe_after(&mut self, cluster: &ClusterId, ends: Moment) -> Result<Option<Stretch>> {
        sql!(
            self,
            fetch_optional as Row,
            "SELECT * FROM probe WHERE cluster_id = $1 AND starts >= $2 AND (ends IS NULL OR ends > $2) ORDER BY starts LIMIT 1",
            cluster.as_str(),
            ends
        )?
        .map(Row::read)
        .transpose()
    }

    /// Writes down what was made of a stretch; `false` if another worker has done so since it was read (`before`).
    pub async fn probe_handled(&mut self, before: &Stretch, handled: Handled) -> Result<bool> {
        let rows = sql!(
            self,
            execute,
            "UPDATE probe SET handled = $2 WHERE id = $1 AND handled = $3",
            before.id,
            handled.as_str(),
            before.handled.as_str()
        )?;
        Ok(rows == 1)
    }

    /// The places in a cluster that customers have or had, by id.
    pub async fn services_in_cluster(&mut self, cluster: &ClusterId) -> Result<Vec<ServiceId>> {
        let ids = sql!(
            self,
            fetch_all scalar String,
            "SELECT id FROM service WHERE cluster_id = $1 ORDER BY id",
            cluster.as_str()
        )?;
        Ok(ids.into_iter().map(ServiceId).collect())
    }
}
