//! The letters of what is drawn: the report's picture, the credit note as PDF. Latin, Cyrillic with the Kazakh letters, a few signs.

/// The upright ones.
pub const REGULAR: &[u8] = include_bytes!("../assets/letters/DejaVuSans.ttf");
/// The bold ones.
pub const BOLD: &[u8] = include_bytes!("../assets/letters/DejaVuSans-Bold.ttf");
