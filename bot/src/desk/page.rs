//! Private messages to staff: pages with a button to acknowledge, and news about what they hold.

use crm::domain::audit::EventRecord;
use crm::domain::ids::StaffId;
use crm::store::{Call, StoreError, Tx};

use crate::wording::Scene;

/// Wakes a person.
pub async fn word(
    _tx: &mut Tx,
    _scene: &Scene<'_>,
    _staff: &StaffId,
    _step: u32,
) -> Result<Vec<(i64, Call)>, StoreError> {
    Ok(Vec::new())
}

/// Tells whoever holds a ticket what happened to it.
pub async fn private(
    _tx: &mut Tx,
    _scene: &Scene<'_>,
    _record: &EventRecord,
    _staff: &StaffId,
) -> Result<Vec<(i64, Call)>, StoreError> {
    Ok(Vec::new())
}

/// Tells the duty managers.
pub async fn duty_managers(
    _tx: &mut Tx,
    _scene: &Scene<'_>,
    _record: &EventRecord,
) -> Result<Vec<(i64, Call)>, StoreError> {
    Ok(Vec::new())
}
