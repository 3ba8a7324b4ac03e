//! What customers are told when something happens to their ticket.

use crm::domain::audit::EventRecord;
use crm::store::{Call, StoreError, Tx};

use crate::wording::Scene;

/// Tells the customer about an event of his ticket.
pub async fn notice(
    _tx: &mut Tx,
    _scene: &Scene<'_>,
    _record: &EventRecord,
) -> Result<Vec<(i64, Call)>, StoreError> {
    Ok(Vec::new())
}
