//! `/bot<token>/<method>` and `/file/bot<token>/<path>`: faults first, then the method, then the list of calls.

use super::{body, poll};
use crate::error::{ApiError, not_found, unauthorized};
use crate::faults::FaultKind;
use crate::hub::Hub;
use crate::methods::{self, Answer, Call};
use crate::params::Params;
use crate::world::CallRecord;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Marks a response that must never be sent: the connection is dropped instead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dropped;

/// Everything that is not the control API or the page comes here.
pub(super) async fn handle(State(hub): State<Arc<Hub>>, request: Request) -> Response {
    let path = unescaped(request.uri().path());
    if let Some((token, path)) = path.strip_prefix("/file/bot").and_then(|rest| rest.split_once('/')) {
        return file(&hub, token, path);
    }
    let Some((token, method)) = path.strip_prefix("/bot").and_then(|rest| rest.split_once('/')) else {
        return refusal(&not_found());
    };
    let params = body::read(request).await;
    let Some(bot) = hub.with(|world| world.bot_by_token(token)) else {
        return refusal(&unauthorized());
    };
    let params = match params {
        Ok(params) => params,
        Err(error) => return refusal(&error),
    };
    answer(&hub, bot, method, &params).await
}

/// Some clients escape the token's colon, and teloxide the slash of a file's path; nothing else in our paths needs it.
fn unescaped(path: &str) -> String {
    path.replace("%3A", ":").replace("%3a", ":").replace("%2F", "/").replace("%2f", "/")
}

async fn answer(hub: &Hub, bot: i64, method: &str, params: &Params) -> Response {
    let faults = hub.with(|world| world.faults.draw_call(method, params.int("chat_id")));
    let mut record = CallRecord {
        n: 0,
        at_ms: 0,
        bot,
        method: method.to_owned(),
        params: params.shown(),
        status: 0,
        answer: Value::Null,
        faults: faults.iter().map(name_of).collect(),
    };
    let mut lose = false;
    for fault in faults {
        match fault {
            FaultKind::Latency { ms } => tokio::time::sleep(Duration::from_millis(ms)).await,
            FaultKind::LostAnswer => lose = true,
            FaultKind::Hang { ms } => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                hub.with(|world| world.record_call(record));
                return dropped();
            }
            FaultKind::Drop => {
                hub.with(|world| world.record_call(record));
                return dropped();
            }
            FaultKind::TooManyRequests { retry_after } => {
                return finish(hub, record, &Err(crate::error::too_many_requests(retry_after)));
            }
            FaultKind::ApiError { code, description } => {
                return finish(hub, record, &Err(ApiError::new(code, description)));
            }
            FaultKind::HttpError { status } => {
                record.status = status;
                hub.with(|world| world.record_call(record));
                return error_page(status);
            }
            FaultKind::DuplicateUpdate | FaultKind::ReorderUpdate | FaultKind::RedeliverUpdate => {}
        }
    }
    let result = execute(hub, bot, method, params).await;
    let response = finish(hub, record, &result);
    if lose { dropped() } else { response }
}

/// Carries out a method.
pub(super) async fn execute(hub: &Hub, bot: i64, method: &str, params: &Params) -> Answer {
    if method.eq_ignore_ascii_case("getUpdates") {
        return poll::get_updates(hub, bot, params).await;
    }
    let handler = methods::find(method).ok_or_else(not_found)?;
    hub.with(|world| handler(&mut Call { world, bot, params }))
}

fn finish(hub: &Hub, mut record: CallRecord, result: &Answer) -> Response {
    let (status, body) = match result {
        Ok(result) => (200, json!({ "ok": true, "result": result })),
        Err(error) => (error.code, error.body()),
    };
    record.status = status;
    record.answer =
        if record.method.eq_ignore_ascii_case("getUpdates") { ids_only(&body) } else { body.clone() };
    hub.with(|world| world.record_call(record));
    let retry_after = body["parameters"]["retry_after"].as_i64();
    let mut response = (code(status), axum::Json(body)).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// The list of calls keeps only the ids of updates: whole batches would fill the memory of a long run.
fn ids_only(body: &Value) -> Value {
    let Some(updates) = body["result"].as_array() else { return body.clone() };
    let ids: Vec<&Value> = updates.iter().map(|update| &update["update_id"]).collect();
    json!({ "ok": true, "result": ids })
}

fn refusal(error: &ApiError) -> Response {
    (code(error.code), axum::Json(error.body())).into_response()
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn dropped() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.extensions_mut().insert(Dropped);
    response
}

/// What a proxy in front of Telegram answers when Telegram does not.
fn error_page(status: u16) -> Response {
    let code = code(status);
    let reason = code.canonical_reason().unwrap_or("Error");
    let page = format!(
        "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>{reason}</body>\r\n</html>"
    );
    (code, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}

fn name_of(fault: &FaultKind) -> String {
    let json = serde_json::to_value(fault).unwrap_or_default();
    json["kind"].as_str().unwrap_or_default().to_owned()
}

fn file(hub: &Hub, token: &str, path: &str) -> Response {
    let found = hub.with(|world| {
        world.bot_by_token(token).ok_or_else(unauthorized)?;
        let file = world.file_by_path(path).ok_or_else(not_found)?;
        world.file_bytes(file).ok_or_else(not_found)
    });
    match found {
        Ok(bytes) => {
            ([(header::CONTENT_TYPE, "application/octet-stream")], Body::from(bytes)).into_response()
        }
        Err(error) => refusal(&error),
    }
}
