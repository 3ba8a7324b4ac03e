//! `audit verify`.

use std::process::ExitCode;

use crm::admin::audit::verify_audit;
use crm::domain::ids::TicketNumber;

use super::open;

/// Verifies everything, or one ticket.
pub async fn verify(ticket: Option<TicketNumber>) -> anyhow::Result<ExitCode> {
    let config = open::config()?;
    let db = open::ready_database(&config).await?;
    let verified = verify_audit(&db, ticket).await?;
    db.close().await;
    for finding in &verified.findings {
        println!("{finding}");
    }
    let (tickets, events) = (verified.tickets, verified.events);
    if verified.findings.is_empty() {
        println!("{tickets} tickets, {events} events: nothing was changed, removed, moved or added");
        return Ok(ExitCode::SUCCESS);
    }
    let count = verified.findings.len();
    let found = if count == 1 { "1 place was".to_owned() } else { format!("{count} places were") };
    eprintln!(
        "{tickets} tickets, {events} events: {found} tampered with; compare with a backup before anything else is written"
    );
    Ok(ExitCode::FAILURE)
}
