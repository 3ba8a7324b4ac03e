//! A whole town for the real programs: a database, the directory, customers and engineers with phones in the sandbox's Telegram.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, Result};
use crm::clock::{Clock, SystemClock};
use sandbox::{BotAccount, Config, GroupSpec, Person, Phone, Sandbox, Seen};
use tempfile::TempDir;

use crate::desk::{ACCOUNTS, fill};
use crate::engine::{Engine, TestDb};
use crate::services::{Programs, Running, free_port};

/// The bot's token.
pub const TOKEN: &str = "4200:TOWN";
/// The bot's id.
pub const BOT: i64 = 4_200;
/// The desk group: a supergroup.
pub const DESK: i64 = -1_001_000_000_001;
/// Telegram accounts of the staff in the directory.
pub const STAFF: [(i64, &str); 3] = [(100_001, "Нұрлан"), (100_002, "Дана"), (100_003, "Марат")];

/// Customers' accounts and the machines of each.
pub const ACCOUNTS_OF_VMS: [(i64, &[&str]); 3] = [
    (200_001, &["acme-web", "acme-db"]),
    (200_002, &["birlik-web", "birlik-db"]),
    (200_003, &["nomad-web", "nomad-db"]),
];

/// Everything outside the programs.
pub struct Town {
    /// Files of the programs.
    pub folder: TempDir,
    /// The database.
    pub test: TestDb,
    /// Telegram.
    pub sandbox: Sandbox,
    /// The bot's account there.
    pub bot: BotAccount,
    /// The programs, ready to start.
    pub programs: Programs,
    /// Where the crm's web is.
    pub web: u16,
}

impl Town {
    /// A town under the shipped terms; `None` if this machine lacks a part of it.
    pub async fn new(engine: Engine, libvirt: &str) -> Result<Option<Self>> {
        Self::under(engine, libvirt, str::to_owned).await
    }

    /// A town whose terms are the shipped ones, changed by `change`.
    pub async fn under(
        engine: Engine,
        libvirt: &str,
        change: impl Fn(&str) -> String,
    ) -> Result<Option<Self>> {
        let Some(test) = TestDb::new(engine).await? else { return Ok(None) };
        let folder = tempfile::tempdir()?;
        let terms = folder.path().join("terms");
        std::fs::create_dir(&terms)?;
        for file in crm::policy::PolicyBook::shipped()?.iter() {
            let name = format!("{}.toml", file.policy.terms);
            std::fs::write(terms.join(name), change(&file.text))?;
        }
        let now = SystemClock.now();
        crm::admin::policies_open(&test.db, Some(&terms), now).await?;
        let mut tx = test.db.begin().await?;
        fill(&mut tx, libvirt, now).await?;
        tx.commit().await?;

        // Patience for a machine that builds other things at the same time.
        let config = Config { patience: Duration::from_mins(1), ..Config::default() };
        let sandbox = Sandbox::start(config).await?;
        let bot = sandbox.add_bot(TOKEN, "komek_town_bot")?;
        for (telegram, name, _) in ACCOUNTS {
            sandbox.add_person(Person::new(telegram, name).language("en"))?;
        }
        for (telegram, name) in STAFF {
            sandbox.add_person(Person::new(telegram, name).language("kk"))?;
        }
        let staff = STAFF.map(|s| s.0);
        sandbox.add_group(&GroupSpec {
            forum: false, ..GroupSpec::forum(DESK, "Кезекшілер", &staff)
        })?;
        for (telegram, _) in STAFF {
            // Whom a bot may write to, has started it.
            sandbox.phone(telegram).start("")?;
        }
        let web = free_port()?;
        let variables = [
            ("KOMEK_DATABASE_URL", test.url.clone()),
            ("KOMEK_TELEGRAM_TOKEN", TOKEN.to_owned()),
            ("KOMEK_TELEGRAM_API_URL", sandbox.url()),
            ("KOMEK_TELEGRAM_DESK_CHAT", DESK.to_string()),
            // The sandbox has no limits here, and a test no hours.
            ("KOMEK_TELEGRAM_LIMITS", "false".to_owned()),
            ("KOMEK_WEB_LISTEN", format!("127.0.0.1:{web}")),
            ("KOMEK_POLICY_DIR", terms.display().to_string()),
            ("KOMEK_PROVISIONER_OBSERVE_SECONDS", "2".to_owned()),
        ];
        let Some(programs) = Programs::new(folder.path(), &variables)? else { return Ok(None) };
        Ok(Some(Self { folder, test, sandbox, bot, programs, web }))
    }

    /// Starts the bot and waits until it is at work.
    pub async fn start_bot(&self) -> Result<Running> {
        let bot = self.programs.start("komek-bot", &[])?;
        bot.says("is at work", Duration::from_mins(1)).await?;
        Ok(bot)
    }

    /// Somebody's phone, opened at the bot.
    pub fn phone(&self, telegram: i64) -> Phone {
        self.sandbox.phone(telegram)
    }

    /// How many updates Telegram has made for the bot.
    pub fn updates(&self) -> i64 {
        self.sandbox.with(|world| world.bots.get(&BOT).map_or(0, |bot| bot.next_update_id - FIRST_UPDATE))
    }

    /// One number from the database.
    pub async fn count(&self, sql: &str) -> Result<i64> {
        self.test.number(sql).await
    }

    /// Waits until a query gives `wanted`.
    pub async fn until(&self, sql: &str, wanted: i64, limit: Duration) -> Result<()> {
        self.test.until(sql, wanted, limit).await
    }
}

/// The sandbox's first update.
const FIRST_UPDATE: i64 = 500_000_001;

/// The data of the inline button whose data ends like this.
pub fn data_ending(seen: &Seen, end: &str) -> Option<String> {
    let rows = seen.json["reply_markup"]["inline_keyboard"].as_array()?;
    let mut all =
        rows.iter().filter_map(|row| row.as_array()).flatten().filter_map(|b| b["callback_data"].as_str());
    all.find(|data| data.ends_with(end)).map(str::to_owned)
}

/// Waits for a message with a button whose data ends like this, and presses it.
pub async fn press_ending(phone: &Phone, end: &str) -> Result<()> {
    let seen =
        phone.wait_for(|m| data_ending(m, end).is_some()).await.with_context(|| format!("button …{end}"))?;
    let data = data_ending(&seen, end).context("it was there")?;
    phone.press_data(seen.id, &data)?;
    Ok(())
}

/// A person who asks for things through the menu, and knows the numbers of what he asked for.
pub struct Asker {
    /// His phone, opened at the bot.
    pub phone: Phone,
    known: HashSet<String>,
}

impl Asker {
    /// Somebody who has asked for nothing yet.
    pub fn new(phone: Phone) -> Self {
        Self { phone, known: HashSet::new() }
    }

    /// Asks a question. Returns the number that the acknowledgement names.
    pub async fn ask(&mut self, question: &str) -> Result<String> {
        self.phone.send("/menu")?;
        press_ending(&self.phone, ":question").await?;
        let awaited = |m: &Seen| data_ending(m, ":b").is_some() && data_ending(m, ":question").is_none();
        self.phone.wait_for(awaited).await.context("the bot asks for the question")?;
        self.phone.send(question)?;
        self.acknowledged().await
    }

    /// Asks for a graceful reboot and confirms it. Returns the number that the acknowledgement names.
    pub async fn reboot(&mut self, machine: &str) -> Result<String> {
        self.phone.send("/menu")?;
        press_ending(&self.phone, ":reboot").await?;
        press_ending(&self.phone, &format!(":v{machine}")).await?;
        press_ending(&self.phone, ":mgraceful").await?;
        press_ending(&self.phone, ":y").await?;
        self.acknowledged().await
    }

    /// Waits for a message that names a new ticket.
    pub async fn acknowledged(&mut self) -> Result<String> {
        let new = |m: &Seen| number_in(&m.text).filter(|n| !self.known.contains(n));
        let seen = self.phone.wait_for(|m| new(m).is_some()).await.context("the acknowledgement")?;
        let number = new(&seen).context("it was there")?;
        self.known.insert(number.clone());
        Ok(number)
    }
}

/// The ticket number in a text.
pub fn number_in(text: &str) -> Option<String> {
    let at = text.find("KM-")?;
    text.get(at..at + 9).filter(|n| n[3..].chars().all(|c| c.is_ascii_digit())).map(str::to_owned)
}
