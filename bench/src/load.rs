//! HTTP load: so many connections, each asking again as soon as it was answered; loopback only.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::figures::millis;

/// A request.
#[derive(Debug, Clone)]
pub struct Ask {
    /// How.
    pub method: Method,
    /// Where.
    pub path: String,
    /// With what.
    pub body: String,
    /// Of which type that is.
    pub kind: &'static str,
}

/// The type of what programs say.
const JSON: &str = "application/json";
/// The type of what forms say.
const FORM: &str = "application/x-www-form-urlencoded";

impl Ask {
    /// Reads `path`.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), body: String::new(), kind: JSON }
    }

    /// Posts JSON.
    pub fn post(path: impl Into<String>, body: &serde_json::Value) -> Self {
        Self { method: Method::POST, path: path.into(), body: body.to_string(), kind: JSON }
    }

    /// Posts a form.
    pub fn form(path: impl Into<String>, body: &str) -> Self {
        Self { method: Method::POST, path: path.into(), body: body.to_owned(), kind: FORM }
    }
}

/// Who is asked, and how.
#[derive(Debug, Clone)]
pub struct Load {
    /// The server.
    pub to: SocketAddr,
    /// Sent with each request.
    pub headers: Vec<(header::HeaderName, String)>,
    /// Whether a connection is used again: a server with a few processes serves others meanwhile only if it is not.
    pub keep: bool,
    /// Connections.
    pub at_once: usize,
    /// Requests at most.
    pub count: usize,
    /// For at most so long.
    pub lasts: Duration,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Came {
    /// How long each answer took, milliseconds, until its last byte.
    pub times: Vec<f64>,
    /// From the first request to the last answer.
    pub took: Duration,
    /// The last answer.
    pub last: Bytes,
}

impl Load {
    /// Asks what `what` makes of 0, 1, 2 …; each must be answered with a success.
    pub async fn run(&self, what: impl Fn(usize) -> Ask + Send + Sync + 'static) -> Result<Came> {
        ensure!(self.to.ip().is_loopback(), "loopback only");
        let (what, next, begun) = (Arc::new(what), Arc::new(AtomicUsize::new(0)), Instant::now());
        let mut people = tokio::task::JoinSet::new();
        for _ in 0..self.at_once {
            let (this, what, next) = (self.clone(), what.clone(), next.clone());
            people.spawn(async move {
                let (mut came, mut line) = (Came::default(), None);
                while begun.elapsed() < this.lasts {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= this.count {
                        break;
                    }
                    let ask = what(n);
                    let asked = Instant::now();
                    let answer = this.one(&mut line, &ask).await.with_context(|| ask.path.clone())?;
                    let good = matches!(answer.status(), StatusCode::OK | StatusCode::CREATED);
                    came.times.push(millis(asked.elapsed()));
                    came.last = answer.into_body();
                    let told = String::from_utf8_lossy(&came.last[..came.last.len().min(300)]);
                    ensure!(good, "{}: {told}", ask.path);
                }
                Ok::<_, anyhow::Error>(came)
            });
        }
        let mut all = Came::default();
        while let Some(came) = people.join_next().await {
            let came = came??;
            all.times.extend(came.times);
            if !came.last.is_empty() {
                all.last = came.last;
            }
        }
        all.took = begun.elapsed();
        Ok(all)
    }

    /// Asks once.
    pub async fn once(&self, ask: &Ask) -> Result<Response<Bytes>> {
        self.one(&mut None, ask).await
    }

    async fn one(&self, line: &mut Option<SendRequest<Full<Bytes>>>, ask: &Ask) -> Result<Response<Bytes>> {
        let mut open = match line.take().filter(|line| self.keep && !line.is_closed()) {
            Some(open) => open,
            None => {
                let stream = TcpStream::connect(self.to).await?;
                stream.set_nodelay(true)?;
                let (open, connection) = handshake(TokioIo::new(stream)).await?;
                // It ends with the server's or our end of it.
                tokio::spawn(async move { drop(connection.await) });
                open
            }
        };
        open.ready().await?;
        let mut request =
            Request::builder().method(&ask.method).uri(&ask.path).header(header::HOST, self.to.to_string());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !self.keep {
            request = request.header(header::CONNECTION, "close");
        }
        if ask.method == Method::POST {
            request = request.header(header::CONTENT_TYPE, ask.kind);
        }
        let (head, body) = open.send_request(request.body(Full::from(ask.body.clone()))?).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        *line = Some(open);
        Ok(Response::from_parts(head, body))
    }
}
