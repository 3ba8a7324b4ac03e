//! An uploaded file; its bytes are kept apart, in memory or in the state folder.

use serde::{Deserialize, Serialize};

/// What is known of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredFile {
    /// The id that re-sends it.
    pub file_id: String,
    /// The id that is the same for every bot.
    pub unique_id: String,
    /// `photos/file_3.png`, as getFile says it.
    pub path: String,
    /// The uploader's name of it.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// Its length in bytes.
    pub size: usize,
    /// Width and height of an image.
    pub dimensions: Option<(u32, u32)>,
}
