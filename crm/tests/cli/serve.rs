//! `serve`: health, readiness, figures, a taken port, and a graceful end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::world::World;

/// A running service, stopped with SIGTERM when dropped.
pub struct Running {
    child: Child,
    address: String,
}

impl Running {
    /// Starts the service and waits until it listens.
    pub fn start(world: &World, env: &[(&str, &str)]) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .expect("a free port")
            .local_addr()
            .expect("bound")
            .port();
        let address = format!("127.0.0.1:{port}");
        let mut env = env.to_vec();
        env.retain(|(name, _)| *name != "KOMEK_WEB_LISTEN");
        env.push(("KOMEK_WEB_LISTEN", &address));
        let mut child = world.command(&["serve"], &env).stderr(Stdio::piped()).spawn().expect("started");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let up = lines.by_ref().map_while(Result::ok).find(|line| line.contains("is up"));
        assert!(up.is_some(), "the service ended before it was up");
        // Somebody must go on reading, or the service would block on a full pipe.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { child, address }
    }

    /// `GET path`: status line, headers and body.
    pub fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("connected");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: komek\r\nConnection: close\r\n\r\n").expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        answer
    }

    /// Asks it to end, and gives its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        std::process::Command::new("kill").args(["-TERM", &pid]).status().expect("signalled");
        self.child.wait().expect("ended").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.stop();
        }
    }
}

#[test]
fn it_serves_health_readiness_and_figures_and_ends_gracefully() {
    let world = World::new();
    let mut running = Running::start(&world, &[]);
    assert!(running.get("/healthz").starts_with("HTTP/1.1 200"));
    let ready = running.get("/readyz");
    assert!(ready.starts_with("HTTP/1.1 200") && ready.contains(r#""status":"ready""#), "{ready}");
    assert!(ready.contains("vm@2025-09-10"), "{ready}");
    let figures = running.get("/metrics");
    assert!(
        figures.contains("text/plain; version=0.0.4") && figures.contains("komek_outbox_pending 0"),
        "{figures}"
    );

    let taken = [("KOMEK_WEB_LISTEN", running.address.as_str())];
    let said = world.run_with(&["serve"], &taken).badly();
    assert!(
        said.contains("another program listens there; stop it, or choose another port with KOMEK_WEB_LISTEN"),
        "{said}"
    );
    assert_eq!(running.stop(), Some(0));
}

#[test]
fn it_says_why_it_cannot_start() {
    let world = World::new();
    world.file(
        "komek.db",
        "this is a text, not a database, and long enough to be looked at as one; really, it is long enough",
    );
    let said = world.run_with(&["serve"], &[("KOMEK_WEB_LISTEN", "127.0.0.1:0")]).badly();
    assert!(said.contains("not a sound SQLite database"), "{said}");
    let said = world
        .run_with(
            &["serve"],
            &[("KOMEK_DATABASE_URL", "sqlite://no/folder/k.db"), ("KOMEK_WEB_LISTEN", "127.0.0.1:0")],
        )
        .badly();
    assert!(said.contains("check that its folder exists"), "{said}");
}
