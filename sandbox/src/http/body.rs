//! Reads a request's parameters from wherever they are: query, JSON, form, multipart.

use crate::error::{ApiError, bad_request};
use crate::params::{Params, Upload};
use axum::extract::{FromRequest, Multipart, Query, Request};
use axum::http::header::CONTENT_TYPE;
use serde_json::Value;

/// A little more than Telegram's 50 MB, so that its own error is given first.
pub(super) const LIMIT: usize = 60 * 1024 * 1024;

/// Reads everything.
pub(super) async fn read(request: Request) -> Result<Params, ApiError> {
    let mut params = Params::default();
    if let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()) {
        for (name, value) in pairs {
            params.set(name, value);
        }
    }
    let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    // The body is read to its very end before anybody answers: a connection whose request was left half-read is
    // closed by the server, and a client that keeps it open would fail at its next call.
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, LIMIT).await;
    let bytes = bytes.map_err(|_| ApiError::new(413, "Request Entity Too Large"))?;
    if kind == "multipart/form-data" {
        let request = Request::from_parts(parts, axum::body::Body::from(bytes));
        let multipart = Multipart::from_request(request, &()).await;
        let multipart = multipart.map_err(|_| bad_request("can't parse multipart/form-data"))?;
        return read_multipart(multipart, params).await;
    }
    if bytes.is_empty() {
        return Ok(params);
    }
    if kind == "application/x-www-form-urlencoded" {
        for (name, value) in url::form_urlencoded::parse(&bytes) {
            params.set(name, value.as_ref());
        }
    } else if kind == "application/json" {
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(values)) => params.extend(values),
            Ok(Value::Null) => {}
            _ => return Err(bad_request("can't parse JSON object")),
        }
    }
    Ok(params)
}

async fn read_multipart(mut multipart: Multipart, mut params: Params) -> Result<Params, ApiError> {
    let broken = |_| bad_request("can't parse multipart/form-data");
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let mime = field.content_type().map(str::to_owned);
        let bytes = field.bytes().await.map_err(|error| {
            if error.status().as_u16() == 413 {
                ApiError::new(413, "Request Entity Too Large")
            } else {
                broken(error)
            }
        })?;
        match file_name {
            Some(file_name) => {
                let mime = mime.unwrap_or_else(|| guess_mime(&file_name).to_owned());
                params.add_file(name, Upload { name: file_name, mime, bytes });
            }
            None => params.set(name, String::from_utf8_lossy(&bytes).into_owned()),
        }
    }
    Ok(params)
}

/// The media type of a file name.
pub(super) fn guess_mime(name: &str) -> &'static str {
    let tail = name.rsplit_once('.').map(|(_, tail)| tail.to_ascii_lowercase()).unwrap_or_default();
    match tail.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "mp4" => "video/mp4",
        "ogg" | "oga" => "audio/ogg",
        "mp3" => "audio/mpeg",
        "pdf" => "application/pdf",
        "json" => "application/json",
        "txt" | "log" | "csv" => "text/plain",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}
