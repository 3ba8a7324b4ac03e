//! `/tickets/{number}/files/{message}/{place}`: attachments, as downloads. Never shown by our own pages: what a file says of itself is not
//! believed, and a browser is told to save it and nothing else.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::Web;
use super::error::Problem;
use super::guard::Me;
use super::page::Page;
use super::ticket::named;
use crate::domain::ids::MessageId;
use crate::store::{Attachment, Wanted};

/// Hands the file out, or asks the bot for it and says that it is on its way.
pub async fn file(
    State(web): State<Web>,
    me: Me,
    Path((number, message, place)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let message = MessageId(message.parse::<Uuid>().map_err(|_| Problem::NotFound)?);
    let place: usize = place.parse().map_err(|_| Problem::NotFound)?;
    let mut tx = web.db.read().await?;
    let ticket = named(&mut tx, &number).await?;
    // The message must be this ticket's: the address is only a claim.
    let messages = tx.messages(ticket.id, true).await?;
    let found = messages.into_iter().find(|m| m.id == message).ok_or(Problem::NotFound)?;
    let attachment = found.attachments.into_iter().nth(place).ok_or(Problem::NotFound)?;
    let file = Wanted { ticket: ticket.id, message, place: i64::try_from(place).unwrap_or(i64::MAX) };
    let state = tx.file_fetch(message, file.place).await?;
    drop(tx);
    let word = state.as_ref().map(|stored| stored.state.as_str());
    match (word, state.as_ref().and_then(|stored| stored.body.clone())) {
        (Some("stored"), Some(body)) => {
            let name = name(&attachment, &ticket.number.to_string(), place);
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
                (header::CONTENT_DISPOSITION, disposition(&name)),
                (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
            ];
            Ok((headers, body).into_response())
        }
        (Some("failed"), _) => {
            // What came by mail and was not kept cannot be had again; Telegram is asked once more.
            if attachment.file_id.is_some() {
                want(&web, file).await?;
            }
            Err(Problem::NoFile)
        }
        _ if attachment.file_id.is_none() => Err(Problem::NotFound),
        _ => {
            want(&web, file).await?;
            let mut answer = Problem::Fetching.page(&Page::mine(&web, &me));
            answer.headers_mut().insert(header::REFRESH, HeaderValue::from_static("2"));
            Ok(answer)
        }
    }
}

async fn want(web: &Web, file: Wanted) -> Result<(), Problem> {
    let mut tx = web.db.begin().await?;
    tx.file_want(file, web.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Its own name; what Telegram gives none is called by the ticket.
fn name(attachment: &Attachment, number: &str, place: usize) -> String {
    let end = match attachment.kind.as_str() {
        "photo" => ".jpg",
        "voice" => ".ogg",
        "video" | "video_note" | "animation" => ".mp4",
        _ => "",
    };
    attachment.name.clone().unwrap_or_else(|| format!("{number}-{}{end}", place + 1))
}

/// RFC 6266: saved, under a name without anything that a path or a header could take amiss.
pub(super) fn disposition(name: &str) -> HeaderValue {
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_control() || matches!(c, '/' | '\\' | ':' | '"' | '<' | '>' | '|' | '?' | '*') {
                '_'
            } else {
                c
            }
        })
        .take(150)
        .collect();
    let mut quoted = String::new();
    for byte in safe.trim_start_matches('.').bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            quoted.push(char::from(byte));
        } else {
            quoted.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{quoted}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_is_saved_and_never_a_path_or_a_header() {
        assert_eq!(
            disposition("есеп 1.pdf"),
            "attachment; filename*=UTF-8''%D0%B5%D1%81%D0%B5%D0%BF%201.pdf"
        );
        for hostile in ["../../etc/passwd", "a\r\nSet-Cookie: x", "\"; filename=x.html", ".bashrc", "\u{0}"] {
            let value = disposition(hostile);
            let text = value.to_str().expect("ASCII");
            let name = text.strip_prefix("attachment; filename*=UTF-8''").expect("saved");
            assert!(
                !name.starts_with('.') && !name.contains(['/', '\\', '"', '\r', '\n', ';', ' ']),
                "{text}"
            );
        }
    }
}
