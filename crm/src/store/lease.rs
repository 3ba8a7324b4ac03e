//! Leadership: what only one process may do at a time (poll Telegram, send to it) is done by whoever holds the lease.

use super::{Result, Tx, sql};
use crate::clock::Moment;

impl Tx {
    /// Takes or prolongs a lease until `until`. `false`: somebody else holds it.
    pub async fn lease_take(&mut self, name: &str, holder: &str, now: Moment, until: Moment) -> Result<bool> {
        let n = sql!(
            self,
            execute,
            "INSERT INTO lease (name, holder, until) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
             WHERE lease.holder = excluded.holder OR lease.until < $4",
            name,
            holder,
            until,
            now
        )?;
        Ok(n == 1)
    }

    /// Gives a lease back, at a graceful stop.
    pub async fn lease_release(&mut self, name: &str, holder: &str) -> Result<()> {
        sql!(self, execute, "DELETE FROM lease WHERE name = $1 AND holder = $2", name, holder)?;
        Ok(())
    }

    /// Who holds a lease, and until when.
    pub async fn lease_holder(&mut self, name: &str) -> Result<Option<(String, Moment)>> {
        Ok(sql!(
            self,
            fetch_optional as (String, Moment),
            "SELECT holder, until FROM lease WHERE name = $1",
            name
        )?)
    }

    /// Fails unless `holder` still holds the lease; in a writing transaction this fences off a former leader.
    pub async fn lease_check(&mut self, name: &str, holder: &str) -> Result<bool> {
        let n = sql!(
            self,
            execute,
            "UPDATE lease SET holder = holder WHERE name = $1 AND holder = $2",
            name,
            holder
        )?;
        Ok(n == 1)
    }
}
