//! The card of a ticket in the desk group: one message, edited in place.

use crm::store::{Call, StoreError, Tx};

use crate::wording::Scene;

/// The card as it must look now: made if there is none, edited if there is.
pub async fn word(_tx: &mut Tx, _scene: &Scene<'_>) -> Result<Vec<(i64, Call)>, StoreError> {
    Ok(Vec::new())
}
