//! Debian's Chromium, driven over `WebDriver` as a person would: what the console does in a real browser.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::lab::absent;

/// Browsers at a time: each is some 200 MiB.
static BROWSERS: Semaphore = Semaphore::const_new(2);

/// How the pages are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Width of the window, pixels; below 500 it is a phone.
    pub width: u32,
    /// Whether the person prefers dark colours.
    pub dark: bool,
}

impl Look {
    /// A desk's screen in the light.
    pub const DESK: Self = Self { width: 1280, dark: false };
    /// A telephone at night.
    pub const PHONE: Self = Self { width: 390, dark: true };
}

/// A running browser.
pub struct Chromium {
    /// What drives it.
    pub client: Client,
    driver: Child,
    _profile: TempDir,
    _turn: SemaphorePermit<'static>,
}

impl Chromium {
    /// A fresh browser without any history; `None` without Chromium and its driver (an error with `CI=true`).
    pub async fn new(look: Look) -> Result<Option<Self>> {
        let turn = BROWSERS.acquire().await?;
        let profile = tempfile::tempdir()?;
        let started = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let mut driver = match started {
            Ok(driver) => driver,
            Err(error) => {
                return absent("Chromium", &format!("chromedriver: {error} (apt install chromium-driver)"));
            }
        };
        let port = tokio::time::timeout(Duration::from_secs(30), port(&mut driver)).await??;
        let mut args = vec![
            "--headless=new".to_owned(),
            // Tests may run as root, where Chromium has no sandbox; they open no page but the console's.
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--no-first-run".to_owned(),
            "--force-device-scale-factor=1".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
            format!("--window-size={},900", look.width.max(500)),
        ];
        if look.dark {
            args.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        let mut options = json!({ "args": args });
        if look.width < 500 {
            let metrics = json!({ "width": look.width, "height": 844, "pixelRatio": 1.0 });
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
        }
        let capabilities: serde_json::Map<String, Value> =
            [("goog:chromeOptions".to_owned(), options)].into_iter().collect();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("Chromium starts")?;
        Ok(Some(Self { client, driver, _profile: profile, _turn: turn }))
    }

    /// Opens a page.
    pub async fn open(&self, address: &str) -> Result<()> {
        self.client.goto(address).await.with_context(|| format!("opening {address}"))
    }

    /// Presses what `css` names.
    pub async fn click(&self, css: &str) -> Result<()> {
        self.client
            .wait()
            .for_element(Locator::Css(css))
            .await
            .with_context(|| format!("{css} is on the page"))?
            .click()
            .await
            .with_context(|| format!("{css} can be pressed"))
    }

    /// Types into what `css` names.
    pub async fn write(&self, css: &str, text: &str) -> Result<()> {
        let field = self.client.wait().for_element(Locator::Css(css)).await.context(css.to_owned())?;
        field.send_keys(text).await.with_context(|| format!("{css} can be written into"))
    }

    /// Waits until `css` names something whose text holds `text`.
    pub async fn sees(&self, css: &str, text: &str) -> Result<()> {
        let look = async {
            loop {
                for found in self.client.find_all(Locator::Css(css)).await? {
                    // A part that is replaced at this very moment is gone: the next look finds the new one.
                    if found.text().await.is_ok_and(|shown| shown.contains(text)) {
                        return anyhow::Ok(());
                    }
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        match tokio::time::timeout(Duration::from_secs(20), look).await {
            Ok(seen) => seen,
            Err(_) => bail!("{css} never showed «{text}»: {}", self.text("main").await?),
        }
    }

    /// The text of the first thing that `css` names.
    pub async fn text(&self, css: &str) -> Result<String> {
        Ok(self.client.find(Locator::Css(css)).await.context(css.to_owned())?.text().await?)
    }

    /// How many things `css` names.
    pub async fn count(&self, css: &str) -> Result<usize> {
        Ok(self.client.find_all(Locator::Css(css)).await?.len())
    }

    /// Presses a key where the person is on the page.
    pub async fn key(&self, key: &str) -> Result<()> {
        self.write("body", key).await
    }

    /// Waits until the page's path and query begin with `address`: a press returns before the page it leads to is there, and both have a heading.
    pub async fn arrives(&self, address: &str) -> Result<()> {
        let look = async {
            loop {
                let url = self.client.current_url().await?;
                let at = url
                    .query()
                    .map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
                if at.starts_with(address) {
                    return anyhow::Ok(());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        match tokio::time::timeout(Duration::from_secs(20), look).await {
            Ok(there) => there,
            Err(_) => bail!("never came to {address}, but to {}", self.client.current_url().await?),
        }
    }

    /// Ends the browser and its driver.
    pub async fn close(mut self) -> Result<()> {
        self.client.clone().close().await?;
        self.driver.kill().await?;
        Ok(())
    }
}

/// The port that the driver says it listens on.
async fn port(driver: &mut Child) -> Result<u16> {
    let mut lines = BufReader::new(driver.stdout.take().context("the driver's output")?).lines();
    while let Some(line) = lines.next_line().await? {
        let port = line.strip_suffix('.').and_then(|line| line.rsplit(' ').next()?.parse().ok());
        if let Some(port) = port.filter(|_| line.contains("started successfully")) {
            // What it says later must not fill the pipe.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(port);
        }
    }
    bail!("chromedriver ended before it listened")
}
