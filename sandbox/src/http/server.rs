//! The accept loop. It is our own because a fault may have to end a connection without any answer.

use super::{body, bot_api, control, deliver, page};
use crate::hub::Hub;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::response::Response;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A running server; it stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub addr: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    /// Stops and waits until nothing of it runs any more.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Binds the address and serves the hub on it.
pub async fn serve(hub: Arc<Hub>, addr: SocketAddr) -> std::io::Result<Server> {
    let listener = TcpListener::bind(addr).await?;
    let addr = listener.local_addr()?;
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    let router = Router::new()
        .nest("/sandbox/api", control::router())
        .merge(page::router())
        .fallback(bot_api::handle)
        .layer(DefaultBodyLimit::max(body::LIMIT))
        .with_state(hub.clone());
    tasks.spawn(deliver::run(hub, stop.clone()));
    tasks.spawn(accept(listener, router, stop.clone(), tasks.clone()));
    Ok(Server { addr, stop, tasks })
}

async fn accept(listener: TcpListener, router: Router, stop: CancellationToken, tasks: TaskTracker) {
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of descriptors, most likely: others are about to be closed.
                    tracing::warn!(%error, "accept");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let stop = stop.clone();
        tasks.spawn(async move {
            let service =
                hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                    let answer = service.call(request.map(axum::body::Body::new) as Request);
                    async move {
                        let Ok(response) = answer.await;
                        undropped(response)
                    }
                });
            let mut http = hyper::server::conn::http1::Builder::new();
            let connection = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
            tokio::select! {
                () = stop.cancelled() => {}
                // An error here is a client that went away, or a connection that a fault dropped.
                _ = connection => {}
            }
        });
    }
}

/// An error here makes hyper close the connection without a byte.
fn undropped(response: Response) -> Result<Response, std::io::Error> {
    match response.extensions().get::<bot_api::Dropped>() {
        Some(_) => Err(std::io::Error::other("dropped by a fault")),
        None => Ok(response),
    }
}
