//! Incidents: which services they affect and which tickets report them.

use sqlx::types::Json;
use uuid::Uuid;

use super::{Result, StoreError, Tx, bulk, sql, unreadable};
use crate::clock::Moment;
use crate::domain::actor::Actor;
use crate::domain::ids::{CustomerId, ServiceId, TicketId};
use crate::domain::incident::{Incident, IncidentNumber};

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    number: i64,
    version: i64,
    state: String,
    source: String,
    started_at: Moment,
    ended_at: Option<Moment>,
    opened_at: Moment,
    opened_by: Json<Actor>,
    words: String,
}

impl Row {
    fn read(self, services: Vec<ServiceId>, tickets: Vec<TicketId>) -> Result<Incident> {
        let wrong = |e: String| unreadable("incident", self.id, e);
        Ok(Incident {
            state: self.state.parse().map_err(wrong)?,
            source: self.source.parse().map_err(wrong)?,
            id: self.id,
            number: IncidentNumber(self.number),
            version: self.version,
            started_at: self.started_at,
            ended_at: self.ended_at,
            opened_at: self.opened_at,
            opened_by: self.opened_by.0,
            words: self.words,
            services,
            tickets,
        })
    }
}

impl Tx {
    /// The next incident's number.
    pub async fn incident_number_next(&mut self) -> Result<IncidentNumber> {
        let number = sql!(
            self,
            fetch_one scalar i64,
            "UPDATE counter SET value = value + 1 WHERE name = 'incident' RETURNING value"
        )?;
        Ok(IncidentNumber(number))
    }

    /// Stores an incident with what belongs to it, under its next version. Fails with a conflict if somebody changed it meanwhile.
    pub async fn incident_save(&mut self, incident: &Incident) -> Result<()> {
        let rows = sql!(
            self,
            execute,
            "INSERT INTO incident (id, number, version, state, source, started_at, ended_at, opened_at, opened_by, words)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state, started_at = excluded.started_at,
                ended_at = excluded.ended_at, words = excluded.words
             WHERE incident.version = excluded.version - 1",
            incident.id,
            incident.number.0,
            incident.version + 1,
            incident.state.as_str(),
            incident.source.as_str(),
            incident.started_at,
            incident.ended_at,
            incident.opened_at,
            Json(&incident.opened_by),
            &incident.words
        )?;
        if rows != 1 {
            return Err(StoreError::Conflict);
        }
        bulk!(
            self,
            "INSERT INTO incident_service (incident_id, service_id)",
            "ON CONFLICT (incident_id, service_id) DO NOTHING",
            incident.services.as_slice(),
            |s| incident.id,
            s.as_str(),
        );
        bulk!(
            self,
            "INSERT INTO incident_ticket (incident_id, ticket_id)",
            "ON CONFLICT (ticket_id) DO NOTHING",
            incident.tickets.as_slice(),
            |t| incident.id,
            t.0,
        );
        Ok(())
    }

    async fn incident_whole(&mut self, row: Row) -> Result<Incident> {
        let services = sql!(
            self,
            fetch_all scalar String,
            "SELECT service_id FROM incident_service WHERE incident_id = $1 ORDER BY service_id",
            row.id
        )?;
        let tickets = sql!(
            self,
            fetch_all scalar Uuid,
            "SELECT ticket_id FROM incident_ticket WHERE incident_id = $1 ORDER BY ticket_id",
            row.id
        )?;
        row.read(services.into_iter().map(ServiceId).collect(), tickets.into_iter().map(TicketId).collect())
    }

    /// One incident.
    pub async fn incident_by_number(&mut self, number: IncidentNumber) -> Result<Option<Incident>> {
        let row = sql!(self, fetch_optional as Row, "SELECT * FROM incident WHERE number = $1", number.0)?;
        match row {
            Some(row) => Ok(Some(self.incident_whole(row).await?)),
            None => Ok(None),
        }
    }

    /// The incident that a ticket reports.
    pub async fn incident_of_ticket(&mut self, ticket: TicketId) -> Result<Option<Incident>> {
        let row = sql!(
            self,
            fetch_optional as Row,
            "SELECT i.* FROM incident i JOIN incident_ticket t ON t.incident_id = i.id WHERE t.ticket_id = $1",
            ticket.0
        )?;
        match row {
            Some(row) => Ok(Some(self.incident_whole(row).await?)),
            None => Ok(None),
        }
    }

    /// The number of a ticket's incident. Nothing else is read: an incident may have thousands of tickets.
    pub async fn incident_number_of(&mut self, ticket: TicketId) -> Result<Option<IncidentNumber>> {
        let number = sql!(
            self,
            fetch_optional scalar i64,
            "SELECT i.number FROM incident i JOIN incident_ticket t ON t.incident_id = i.id WHERE t.ticket_id = $1",
            ticket.0
        )?;
        Ok(number.map(IncidentNumber))
    }

    /// The incidents that are not over, or those that are, newest first, at most `limit`.
    pub async fn incidents(&mut self, open: bool, limit: i64) -> Result<Vec<Incident>> {
        let rows = sql!(
            self,
            fetch_all as Row,
            "SELECT * FROM incident WHERE $1 = (state IN ('open', 'restored')) ORDER BY opened_at DESC, number DESC LIMIT $2",
            open,
            limit
        )?;
        self.incidents_whole(rows).await
    }

    /// The incidents that are over, those with the highest numbers first: below `before`, if it is given; at most `limit`.
    pub async fn incidents_over(
        &mut self,
        before: Option<IncidentNumber>,
        limit: i64,
    ) -> Result<Vec<Incident>> {
        let rows = sql!(
            self,
            fetch_all as Row,
            "SELECT * FROM incident WHERE state NOT IN ('open', 'restored') AND number < $1 ORDER BY number DESC LIMIT $2",
            before.map_or(i64::MAX, |number| number.0),
            limit
        )?;
        self.incidents_whole(rows).await
    }

    async fn incidents_whole(&mut self, rows: Vec<Row>) -> Result<Vec<Incident>> {
        let mut incidents = Vec::with_capacity(rows.len());
        for row in rows {
            incidents.push(self.incident_whole(row).await?);
        }
        Ok(incidents)
    }

    /// The open incident that affects `service`, or, if there is none, the one opened since `since` that affects something in the same
    /// zone or cluster: a burst of like reports is one incident. Its services and tickets are not read: an incident may have thousands.
    pub async fn incident_like(&mut self, service: &ServiceId, since: Moment) -> Result<Option<Incident>> {
        let row = sql!(
            self,
            fetch_optional as Row,
            "SELECT i.* FROM incident i JOIN incident_service s ON s.incident_id = i.id JOIN service here ON here.id = s.service_id
             JOIN service this ON this.id = $1
             WHERE i.state = 'open' AND (s.service_id = $1
                OR (i.opened_at >= $2 AND (here.zone_id = this.zone_id OR here.cluster_id = this.cluster_id)))
             ORDER BY CASE WHEN s.service_id = $1 THEN 0 ELSE 1 END, i.opened_at DESC LIMIT 1",
            service.as_str(),
            since
        )?;
        row.map(|row| row.read(Vec::new(), Vec::new())).transpose()
    }

    /// The incidents that affect a customer and are not over, newest first.
    pub async fn incidents_of_customer(&mut self, customer: &CustomerId) -> Result<Vec<Incident>> {
        let rows = sql!(
            self,
            fetch_all as Row,
            "SELECT i.* FROM incident i WHERE i.state IN ('open', 'restored') AND EXISTS (
                SELECT 1 FROM incident_service s JOIN service v ON v.id = s.service_id
                WHERE s.incident_id = i.id AND v.customer_id = $1)
             ORDER BY i.opened_at DESC LIMIT 20",
            customer.as_str()
        )?;
        self.incidents_whole(rows).await
    }

    /// How many tickets of an incident are still owed, apart from `ticket`, which is being solved.
    pub async fn incident_owed(&mut self, incident: Uuid, ticket: TicketId) -> Result<i64> {
        self.flush().await?;
        Ok(sql!(
            self,
            fetch_one scalar i64,
            "SELECT COUNT(*) FROM incident_ticket t JOIN ticket k ON k.id = t.ticket_id
             WHERE t.incident_id = $1 AND k.id <> $2
             AND k.state IN ('new', 'open', 'waiting_customer', 'waiting_approval', 'executing')",
            incident,
            ticket.0
        )?)
    }
}
