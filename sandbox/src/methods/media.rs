//! Sending files, one or an album, and finding them again.

use super::markup::Markup;
use super::options::{Options, Role};
use super::{Answer, Call};
use crate::error::{ApiError, bad_request};
use crate::files::{MediaKind, image_size};
use crate::model::{Object, StoredFile};
use crate::params::Upload;
use crate::text;
use serde_json::{Value, json};

const MEGABYTE: usize = 1024 * 1024;

pub(super) fn photo(call: &mut Call<'_>) -> Answer {
    one(call, MediaKind::Photo)
}

pub(super) fn document(call: &mut Call<'_>) -> Answer {
    one(call, MediaKind::Document)
}

pub(super) fn voice(call: &mut Call<'_>) -> Answer {
    one(call, MediaKind::Voice)
}

pub(super) fn video(call: &mut Call<'_>) -> Answer {
    one(call, MediaKind::Video)
}

pub(super) fn audio(call: &mut Call<'_>) -> Answer {
    one(call, MediaKind::Audio)
}

pub(super) fn animation(call: &mut Call<'_>) -> Answer {
    one(call, MediaKind::Animation)
}

pub(super) fn sticker(call: &mut Call<'_>) -> Answer {
    one(call, MediaKind::Sticker)
}

fn one(call: &mut Call<'_>, kind: MediaKind) -> Answer {
    let options = call.options()?;
    let caption = call.formatted("caption", Role::Caption)?;
    let field = kind.field();
    let given = call.params.text(field);
    if given.is_none() && call.params.file(field).is_none() {
        return Err(bad_request(format!("there is no {field} in the request")));
    }
    // Limits come before the upload is kept: a refused call leaves nothing behind.
    call.spend(options.key, 1)?;
    let file = call.source(kind, given.as_deref(), field)?;
    let mut hints = Object::new();
    for name in ["duration", "width", "height", "title", "performer", "emoji"] {
        if let Some(value) = call.params.raw(name) {
            let number = call.params.int(name).map(Value::from);
            hints.insert(name.into(), number.unwrap_or_else(|| value.clone()));
        }
    }
    let mut body = Object::new();
    kind.put(&mut body, &file, &hints);
    put_caption(&mut body, &caption, call.params.flag("show_caption_above_media"));
    let key = options.key;
    let id = call.deliver(options, body);
    call.shown(key, id)
}

fn put_caption(body: &mut Object, caption: &text::Formatted, above: bool) {
    if !caption.text.is_empty() {
        caption.put(body, "caption");
        if above {
            body.insert("show_caption_above_media".into(), true.into());
        }
    }
}

impl Call<'_> {
    /// The file that a parameter means: an upload under its own name, `attach://name`, or a known file id.
    pub(super) fn source(
        &mut self,
        kind: MediaKind,
        given: Option<&str>,
        field: &str,
    ) -> Result<StoredFile, ApiError> {
        let attached = match given {
            None => Some(field),
            Some(given) => given.strip_prefix("attach://"),
        };
        if let Some(name) = attached {
            let upload = self.params.file(name).cloned();
            let upload =
                upload.ok_or_else(|| bad_request(format!("file \"{name}\" not found in the request")))?;
            return self.keep(kind, &upload);
        }
        let given = given.unwrap_or_default();
        if given.starts_with("http://") || given.starts_with("https://") {
            // The sandbox fetches nothing from anywhere.
            return Err(bad_request("failed to get HTTP URL content"));
        }
        let known = self.world.files.get(given).cloned();
        known.ok_or_else(|| bad_request("wrong file identifier/HTTP URL specified"))
    }

    fn keep(&mut self, kind: MediaKind, upload: &Upload) -> Result<StoredFile, ApiError> {
        let size = upload.bytes.len();
        if size == 0 {
            return Err(bad_request("file must be non-empty"));
        }
        if size > 50 * MEGABYTE {
            return Err(ApiError::new(413, "Request Entity Too Large"));
        }
        if kind == MediaKind::Photo {
            if size > 10 * MEGABYTE {
                let limit = 10 * MEGABYTE;
                return Err(bad_request(format!(
                    "file of size {size} bytes is too big for a photo; the maximum size is {limit} bytes"
                )));
            }
            match image_size(&upload.bytes) {
                None => return Err(bad_request("IMAGE_PROCESS_FAILED")),
                Some((w, h)) if w + h > 10_000 || w == 0 || h == 0 || w / h > 20 || h / w > 20 => {
                    return Err(bad_request("PHOTO_INVALID_DIMENSIONS"));
                }
                Some(_) => {}
            }
        }
        self.world
            .store_file(kind, &upload.name, &upload.mime, &upload.bytes)
            .map_err(|error| ApiError::new(500, format!("Internal Server Error: {error}")))
    }

    /// Builds the body of one `InputMedia`.
    pub(super) fn input_media(&mut self, item: &Value) -> Result<Object, ApiError> {
        let kind = item["type"].as_str().and_then(MediaKind::of_field);
        let kind = kind.filter(|kind| *kind != MediaKind::Sticker && *kind != MediaKind::Voice);
        let kind = kind.ok_or_else(|| bad_request("can't parse InputMedia: media type is invalid"))?;
        let media =
            item["media"].as_str().ok_or_else(|| bad_request("can't parse InputMedia: media not found"))?;
        let file = self.source(kind, Some(media), media)?;
        let caption = item["caption"].as_str().unwrap_or_default();
        let entities = item.get("caption_entities").filter(|e| !e.is_null());
        let caption = text::from_bot(caption, item["parse_mode"].as_str(), entities)?;
        if caption.units() > 1024 {
            return Err(bad_request("message caption is too long"));
        }
        let mut body = Object::new();
        kind.put(&mut body, &file, item.as_object().unwrap_or(&Object::new()));
        put_caption(&mut body, &caption, item["show_caption_above_media"] == true);
        Ok(body)
    }
}

pub(super) fn group(call: &mut Call<'_>) -> Answer {
    let options = call.options()?;
    let media = call.params.json("media")?;
    let items = media.as_ref().and_then(Value::as_array).cloned().unwrap_or_default();
    if items.len() < 2 {
        return Err(bad_request("there must be 2-10 media to send as an album"));
    }
    if items.len() > 10 {
        return Err(bad_request("Too much messages to send as an album"));
    }
    let kind = |item: &Value| item["type"].as_str().unwrap_or_default().to_owned();
    for alone in ["document", "audio"] {
        let count = items.iter().filter(|item| kind(item) == alone).count();
        if count != 0 && count != items.len() {
            return Err(bad_request(format!("{alone} can't be mixed with other media types")));
        }
    }
    call.spend(options.key, items.len())?;
    let bodies: Vec<Object> = items.iter().map(|item| call.input_media(item)).collect::<Result<_, _>>()?;
    let first_id = call.chat(options.key)?.next_message_id;
    let album = format!("13{:016}", first_id + call.bot);
    let mut sent = Vec::new();
    for mut body in bodies {
        body.insert("media_group_id".into(), album.clone().into());
        let options = Options { markup: Markup::None, ..options.clone() };
        let key = options.key;
        let id = call.deliver(options, body);
        sent.push(call.shown(key, id)?);
    }
    Ok(sent.into())
}

pub(super) fn get_file(call: &mut Call<'_>) -> Answer {
    let id = call.params.text("file_id").unwrap_or_default();
    let file = call.world.files.get(&id).ok_or_else(|| {
        bad_request(if id.is_empty() { "file_id not specified" } else { "invalid file_id" })
    })?;
    if file.size > 20 * MEGABYTE {
        return Err(bad_request("file is too big"));
    }
    Ok(json!({
        "file_id": file.file_id, "file_unique_id": file.unique_id, "file_size": file.size, "file_path": file.path,
    }))
}
