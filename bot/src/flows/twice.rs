//! `Some(None)` ("answered: don't know") survives JSON as a list with `null`; by itself it would come back as `None`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes it.
///
/// # Errors
/// Those of the serializer.
#[expect(clippy::ref_option, clippy::option_option, reason = "serde hands over what the field is")]
pub fn serialize<T: Serialize, S: Serializer>(it: &Option<Option<T>>, s: S) -> Result<S::Ok, S::Error> {
    it.as_ref().map(|inner| [inner]).serialize(s)
}

/// Reads it.
///
/// # Errors
/// Those of the deserializer.
#[expect(clippy::option_option, reason = "serde hands over what the field is")]
pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<Option<T>>, D::Error> {
    Ok(Option::<[Option<T>; 1]>::deserialize(d)?.map(|[inner]| inner))
}
