//! Request Tracker 5 (`rt/install.sh`): Starman with four processes, REST 2.0, and the two pages of charts that its manager's report is.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bench::load::{Ask, Load};
use bench::process::Running;
use chrono::TimeDelta;
use crm::clock::{Clock, SystemClock};
use hyper::header;
use serde_json::json;
use tokio::process::Command;

use crate::{Cli, Shape, Watched, measure, tell_memory};

const TO: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8089);
/// The same words as for Komek.
const WORDS: &str = crate::komek::WORDS;

/// A running Request Tracker.
pub struct Tracker {
    folder: PathBuf,
    tickets: usize,
    server: Running,
}

async fn database(folder: &Path, what: &str) -> Result<()> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("desk/rt/database.sh");
    ensure!(Command::new(script).arg(folder).arg(what).status().await?.success(), "RT's database: {what} failed");
    Ok(())
}

impl Tracker {
    /// Starts it as `folder` has it, with at least so many tickets.
    pub async fn start(folder: &Path, tickets: usize) -> Result<Self> {
        let folder = folder.canonicalize().context("desk/rt/install.sh makes this folder")?;
        let install = Path::new(env!("CARGO_MANIFEST_DIR")).join("desk/rt/install.sh");
        let filled = Command::new(install).arg(&folder).arg(tickets.to_string()).status().await?;
        ensure!(filled.success(), "desk/rt/install.sh failed");
        database(&folder, "start").await?;
        let program: Vec<String> =
            "/usr/share/request-tracker5/libexec/rt-server --server Starman --host 127.0.0.1 --port 8089 --workers 4"
                .split(' ')
                .map(str::to_owned)
                .collect();
        let site = |name: &str| folder.join("site").join(name).display().to_string();
        let env = BTreeMap::from([
            ("RT_SITE_CONFIG".to_owned(), site("RT_SiteConfig.pm")),
            ("RT_SITE_CONFIG_DIR".to_owned(), site("d")),
        ]);
        let mut server = Running::start(&program, &env, &folder.join("web.log"), &folder)?;
        let begun = Instant::now();
        while tokio::net::TcpStream::connect(TO).await.is_err() {
            ensure!(server.runs() && begun.elapsed() < Duration::from_mins(1), "RT does not listen: see web.log");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(Self { folder, tickets, server })
    }

    /// Ends it.
    pub async fn end(self) -> Result<()> {
        self.server.end().await?;
        database(&self.folder, "stop").await
    }

    /// Everything.
    pub async fn measure_all(&self, cli: &Cli) -> Result<()> {
        let who = format!("Request Tracker, PostgreSQL, {} tickets", self.tickets);
        let postmaster = std::fs::read_to_string(self.folder.join("pg/postmaster.pid"))?;
        let watched: Watched = vec![
            ("RT", self.server.pid()),
            ("PostgreSQL", postmaster.lines().next().context("a pid")?.parse()?),
        ];
        let token = std::fs::read_to_string(self.folder.join("token"))?;
        let api = Load {
            to: TO,
            headers: vec![(header::AUTHORIZATION, format!("token {}", token.trim()))],
            // With fewer processes than connections, whoever comes second would wait until the first hangs up.
            keep: false,
            at_once: 1,
            count: cli.count,
            lasts: Duration::from_secs(cli.seconds),
        };
        let pages = Load { headers: session(&api).await?, ..api.clone() };
        // Its processes read their own program at the first request.
        Load { at_once: 4, count: 12, ..api.clone() }.run(create).await?;
        let active = "/REST/2.0/tickets?query=Status%3D%27__Active__%27&orderby=Due&order=ASC&per_page=50";
        for at_once in [1, 8] {
            let listed = format!("{active}&fields=Subject,Status,Due,Owner,Queue,Created");
            let queue = Shape::new("queue by the API", at_once, move |_| Ask::get(listed.clone()));
            measure(&who, queue, &api, &watched, async || Ok(())).await?;
        }
        let chart = "/Search/Chart.html?GroupBy=Created.Monthly&ChartFunction=COUNT&ChartStyle=table&Query=";
        for (name, query) in
            [("report: opened by month", "id%20%3E%200"), ("report: broken by month", "Due%20%3C%20Resolved")]
        {
            measure(&who, Shape::page(name, format!("{chart}{query}")), &pages, &watched, async || Ok(())).await?;
        }
        for at_once in [1, 8, 32] {
            let shape = Shape::new("create by the API", at_once, create);
            measure(&who, shape, &api, &watched, async || Ok(())).await?;
        }
        for at_once in [1, 8] {
            let reply = Shape::new("reply by the API", at_once, |n| {
                let answer = json!({ "Content": WORDS, "ContentType": "text/plain" });
                Ask::post(format!("/REST/2.0/ticket/{}/correspond", 1 + n % 2_000), &answer)
            });
            measure(&who, reply, &api, &watched, async || Ok(())).await?;
        }
        tell_memory(&who, &watched);
        Ok(())
    }
}

fn create(n: usize) -> Ask {
    let due = SystemClock.now() + TimeDelta::hours(1 + i64::try_from(n % 71).unwrap_or_default());
    Ask::post(
        "/REST/2.0/ticket",
        &json!({
            "Queue": "General",
            "Subject": format!("printer {n}"),
            "Content": WORDS,
            "ContentType": "text/plain",
            "Requestor": [format!("cust{}@example.test", n % 500)],
            "Due": due.format("%FT%TZ").to_string(),
        }),
    )
}

/// Signs in to the pages, and says where the reader comes from, which RT wants to know.
async fn session(api: &Load) -> Result<Vec<(header::HeaderName, String)>> {
    let anybody = Load { headers: Vec::new(), ..api.clone() };
    let answer = anybody.once(&Ask::form("/NoAuth/Login.html", "user=root&pass=password")).await?;
    let cookie = answer.headers().get(header::SET_COOKIE).context("RT lets nobody in")?.to_str()?;
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    Ok(vec![(header::COOKIE, cookie), (header::REFERER, format!("http://{TO}/"))])
}
