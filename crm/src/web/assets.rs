//! Stylesheet and scripts: compiled in, named with a piece of their digest so that browsers keep them for ever.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::error::Problem;
use crate::domain::audit::sha256_hex;

struct Asset {
    /// Name with the digest, `app.1a2b3c4d.css`.
    name: String,
    kind: &'static str,
    body: &'static [u8],
}

fn assets() -> &'static [Asset; 4] {
    static ASSETS: OnceLock<[Asset; 4]> = OnceLock::new();
    ASSETS.get_or_init(|| {
        let asset = |stem: &str, end: &str, kind, body: &'static [u8]| {
            let digest = sha256_hex(body);
            Asset { name: format!("{stem}.{}.{end}", &digest[..8]), kind, body }
        };
        [
            asset("app", "css", "text/css; charset=utf-8", include_bytes!("../../assets/app.css")),
            asset("app", "js", "text/javascript; charset=utf-8", include_bytes!("../../assets/app.js")),
            asset("htmx", "js", "text/javascript; charset=utf-8", include_bytes!("../../assets/htmx.min.js")),
            asset("icon", "svg", "image/svg+xml", include_bytes!("../../assets/icon.svg")),
        ]
    })
}

/// The address of an asset by its plain name, `app.css`.
pub fn address(plain: &str) -> String {
    let (stem, end) = plain.split_once('.').unwrap_or((plain, ""));
    let found = assets().iter().find(|a| a.name.starts_with(stem) && a.name.ends_with(end));
    format!("/assets/{}", found.map_or(plain, |a| a.name.as_str()))
}

/// Hands one out.
pub async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    let asset = assets().iter().find(|a| a.name == name).ok_or(Problem::NotFound)?;
    let headers =
        [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.body).into_response())
}
