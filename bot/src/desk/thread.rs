//! The thread under a card: the customer's words, the desk's replies, what happened.

use crm::domain::audit::EventRecord;
use crm::domain::ids::MessageId;
use crm::store::{Call, StoreError, Tx};

use crate::wording::Scene;

/// A message of the customer, with its files.
pub async fn mirror(
    _tx: &mut Tx,
    _scene: &Scene<'_>,
    _message: MessageId,
) -> Result<Vec<(i64, Call)>, StoreError> {
    Ok(Vec::new())
}

/// Something the whole desk must hear.
pub async fn event(
    _tx: &mut Tx,
    _scene: &Scene<'_>,
    _record: &EventRecord,
) -> Result<Vec<(i64, Call)>, StoreError> {
    Ok(Vec::new())
}
