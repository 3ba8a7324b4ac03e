//! Files: where their bytes are, and how a message shows them.

use crate::model::{Object, StoredFile};
use crate::world::World;
use axum::body::Bytes;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;

/// The bytes of all files, in memory or in a folder.
#[derive(Debug)]
pub enum FileStore {
    /// Gone when the process ends.
    Memory(HashMap<String, Bytes>),
    /// One file per file, named by unique id.
    Folder(PathBuf),
}

impl FileStore {
    fn put(&mut self, id: &str, bytes: &Bytes) -> std::io::Result<()> {
        match self {
            Self::Memory(map) => {
                map.insert(id.to_owned(), bytes.clone());
                Ok(())
            }
            Self::Folder(folder) => {
                std::fs::create_dir_all(&*folder)?;
                std::fs::write(folder.join(id), bytes)
            }
        }
    }

    fn get(&self, id: &str) -> Option<Bytes> {
        match self {
            Self::Memory(map) => map.get(id).cloned(),
            Self::Folder(folder) => std::fs::read(folder.join(id)).ok().map(Bytes::from),
        }
    }
}

/// The kinds of media a message can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// A picture, re-encoded by Telegram.
    Photo,
    /// Any file.
    Document,
    /// A voice note.
    Voice,
    /// A film.
    Video,
    /// Music.
    Audio,
    /// A silent looping film.
    Animation,
    /// A sticker.
    Sticker,
}

impl MediaKind {
    /// The name of the field in a message, and of the parameter of the method that sends it.
    pub fn field(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Document => "document",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Animation => "animation",
            Self::Sticker => "sticker",
        }
    }

    /// The kind with this field name.
    pub fn of_field(name: &str) -> Option<Self> {
        [Self::Photo, Self::Document, Self::Voice, Self::Video, Self::Audio, Self::Animation, Self::Sticker]
            .into_iter()
            .find(|kind| kind.field() == name)
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Photo => "photos",
            Self::Document => "documents",
            Self::Voice => "voice",
            Self::Video => "videos",
            Self::Audio => "music",
            Self::Animation => "animations",
            Self::Sticker => "stickers",
        }
    }

    /// Puts the file into a message's body; `hints` are the sender's duration, title and the like.
    pub fn put(self, body: &mut Object, file: &StoredFile, hints: &Object) {
        let mut base = json!({
            "file_id": file.file_id, "file_unique_id": file.unique_id, "file_size": file.size,
        });
        let (width, height) = file.dimensions.unwrap_or((512, 512));
        let hint = |name: &str, or: Value| hints.get(name).cloned().unwrap_or(or);
        let named = matches!(self, Self::Document | Self::Video | Self::Audio | Self::Animation);
        if named {
            base["file_name"] = file.name.clone().into();
        }
        if self != Self::Photo && self != Self::Sticker {
            base["mime_type"] = file.mime.clone().into();
        }
        if matches!(self, Self::Photo | Self::Video | Self::Animation | Self::Sticker) {
            base["width"] = hint("width", width.into());
            base["height"] = hint("height", height.into());
        }
        if matches!(self, Self::Voice | Self::Video | Self::Audio | Self::Animation) {
            base["duration"] = hint("duration", 2.into());
        }
        for name in ["title", "performer"] {
            if let Some(value) = hints.get(name).filter(|_| self == Self::Audio) {
                base[name] = value.clone();
            }
        }
        if self == Self::Sticker {
            base["type"] = "regular".into();
            base["is_animated"] = false.into();
            base["is_video"] = false.into();
            base["emoji"] = hint("emoji", "👍".into());
        }
        if self == Self::Animation {
            // Old clients read animations as documents.
            body.insert("document".into(), base.clone());
        }
        let value = if self == Self::Photo { json!([base]) } else { base };
        body.insert(self.field().into(), value);
    }
}

/// The media of a message's body: its kind and file id.
pub fn media_of(body: &Object) -> Option<(MediaKind, String)> {
    let kinds = ["photo", "animation", "video", "audio", "voice", "sticker", "document"];
    kinds.iter().find_map(|name| {
        let value = body.get(*name)?;
        let one = value.as_array().and_then(|sizes| sizes.last()).unwrap_or(value);
        Some((MediaKind::of_field(name)?, one["file_id"].as_str()?.to_owned()))
    })
}

impl World {
    /// Keeps an upload and gives it an id.
    pub fn store_file(
        &mut self,
        kind: MediaKind,
        name: &str,
        mime: &str,
        bytes: &Bytes,
    ) -> std::io::Result<StoredFile> {
        let n = self.next_file_number();
        let unique_id = format!("AQAD{n:012x}");
        let tail: String = name.rsplit_once('.').map(|(_, tail)| format!(".{tail}")).unwrap_or_default();
        let tail: String = tail.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').take(8).collect();
        let file = StoredFile {
            file_id: format!("AgACAgIAAxkBAAI{n:012x}{:04x}", bytes.len() & 0xffff),
            path: format!("{}/file_{n}{tail}", kind.folder()),
            name: name.to_owned(),
            mime: mime.to_owned(),
            size: bytes.len(),
            dimensions: image_size(bytes),
            unique_id,
        };
        self.bytes.put(&file.unique_id, bytes)?;
        self.files.insert(file.file_id.clone(), file.clone());
        self.touch(crate::world::Touched::File(file.file_id.clone()));
        Ok(file)
    }

    /// The bytes of a file.
    pub fn file_bytes(&self, file: &StoredFile) -> Option<Bytes> {
        self.bytes.get(&file.unique_id)
    }

    /// The file at a path that getFile gave.
    pub fn file_by_path(&self, path: &str) -> Option<&StoredFile> {
        self.files.values().find(|file| file.path == path)
    }
}

/// Width and height of a PNG, GIF, JPEG or WebP, read from its header.
pub fn image_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let be = |at: usize, n: usize| -> Option<u32> {
        Some(bytes.get(at..at + n)?.iter().fold(0, |sum, b| sum << 8 | u32::from(*b)))
    };
    let le = |at: usize, n: usize| -> Option<u32> {
        Some(bytes.get(at..at + n)?.iter().rev().fold(0, |sum, b| sum << 8 | u32::from(*b)))
    };
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((be(16, 4)?, be(20, 4)?));
    }
    if bytes.starts_with(b"GIF8") {
        return Some((le(6, 2)?, le(8, 2)?));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12)? == b"WEBP" {
        return match bytes.get(12..16)? {
            b"VP8X" => Some((le(24, 3)? + 1, le(27, 3)? + 1)),
            b"VP8 " => Some((le(26, 2)? & 0x3fff, le(28, 2)? & 0x3fff)),
            b"VP8L" => {
                let bits = le(21, 4)?;
                Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
            }
            _ => None,
        };
    }
    if !bytes.starts_with(&[0xff, 0xd8]) {
        return None;
    }
    let mut at = 2;
    loop {
        // Segments: ff, kind, two bytes of length; the frame headers c0..cf (but not c4, c8, cc) hold the size.
        let kind = *bytes.get(at + 1)?;
        if (0xc0..=0xcf).contains(&kind) && ![0xc4, 0xc8, 0xcc].contains(&kind) {
            return Some((be(at + 7, 2)?, be(at + 5, 2)?));
        }
        at += 2 + usize::try_from(be(at + 2, 2)?).ok()?;
    }
}

#[cfg(test)]
mod tests {
    use super::image_size;

    #[test]
    fn sizes_are_read_from_headers() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\0\x80";
        assert_eq!(image_size(png), Some((256, 128)));
        assert_eq!(image_size(b"GIF89a\x02\0\x03\0"), Some((2, 3)));
        let jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc0, 0, 17, 8, 0, 10, 0, 20];
        assert_eq!(image_size(&jpeg), Some((20, 10)));
        assert_eq!(image_size(b"%PDF"), None);
        assert_eq!(image_size(&[0xff, 0xd8, 0xff]), None);
    }
}
