//! Configuration of the three services: `komek.toml` (or the file `KOMEK_CONFIG` names) under the environment.
//!
//! Every key is also a variable: `[database] url` is `KOMEK_DATABASE_URL`, `[telegram] desk_chat` is `KOMEK_TELEGRAM_DESK_CHAT`.
//! Secrets are [`SecretString`]s: they do not print.

mod oidc;

pub use oidc::{Oidc, OidcClaim, OidcMatch};

use std::net::SocketAddr;
use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::domain::lang::Lang;

/// Everything that can be configured.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where everything is stored.
    pub database: Database,
    /// How to reach Telegram.
    pub telegram: Telegram,
    /// The crm's web server.
    pub web: Web,
    /// The issuer through which staff may sign in; none, unless configured.
    pub oidc: Option<Oidc>,
    /// The terms.
    pub policy: PolicyConfig,
    /// The bot's own health page.
    pub bot: Listen,
    /// The provisioner's own health page.
    pub provisioner: Provisioner,
    /// The HTTP API.
    pub api: ApiConfig,
    /// What alerts from monitoring mean.
    pub alerts: crate::intake::alerts::AlertRules,
    /// The Cabinet: customers' accounts and quotas. Only the provisioner needs it.
    pub cabinet: CabinetConfig,
    /// Mail.
    pub mail: crate::mail::MailConfig,
    /// Webhooks out.
    pub webhooks: crate::webhooks::WebhookConfig,
    /// Logging.
    pub log: Log,
    /// What customers are told about reaching the provider.
    pub support: Support,
}

/// `[database]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite://FILE` or `postgres://user:password@host/name`.
    pub url: SecretString,
    /// Connections per service.
    pub connections: u32,
    /// SQLite: whether each commit waits for the disk. Off is faster and may lose the last second when the power goes.
    pub sync_full: bool,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("connections", &self.connections).finish_non_exhaustive()
    }
}

/// `[telegram]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telegram {
    /// The bot's token, from @BotFather. Only the bot needs it.
    pub token: Option<SecretString>,
    /// Any Bot API server.
    pub api_url: url::Url,
    /// The bot's user name without `@`, for the links that `komek-crm invite` prints.
    pub bot_username: Option<String>,
    /// The chat id of the engineers' group.
    pub desk_chat: Option<i64>,
    /// The language of the engineers' group.
    pub desk_language: Lang,
    /// The public address of the bot's webhook; without it the bot polls.
    pub webhook_url: Option<url::Url>,
    /// Where the webhook listens.
    pub webhook_listen: SocketAddr,
    /// Secret that Telegram sends with each webhook call.
    pub webhook_secret: Option<SecretString>,
    /// Whether sending keeps to Telegram's published limits. Off only for servers that have none.
    pub limits: bool,
}

/// `[web]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Web {
    /// Where the crm listens.
    pub listen: SocketAddr,
    /// The address at which browsers reach it, where that is another one (behind a proxy that speaks HTTPS).
    pub public_url: Option<url::Url>,
}

impl Web {
    /// The address for links.
    pub fn address(&self) -> url::Url {
        self.public_url.clone().unwrap_or_else(|| {
            let plain = format!("http://{}", self.listen);
            // An address and a port always make a URL.
            plain.parse().unwrap_or_else(|_| unreachable!("{plain} is a URL"))
        })
    }
}

/// `[bot]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// Where `/healthz`, `/readyz` and `/metrics` are served; nowhere if absent.
    pub listen: Option<SocketAddr>,
}

/// `[provisioner]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provisioner {
    /// Where `/healthz`, `/readyz` and `/metrics` are served; nowhere if absent.
    pub listen: Option<SocketAddr>,
    /// How often the states of the VMs are read, seconds.
    pub observe_seconds: u64,
    /// How long any one call of the hypervisor may take, seconds.
    pub call_timeout_seconds: u64,
    /// How often the masters of clusters are asked how they are, seconds; 0: never.
    pub probe_seconds: u64,
}

word_enum! {
    /// What stands behind the Cabinet.
    #[derive(Default)]
    pub enum CabinetKind {
        /// Rows in the database: simulated, for the demo.
        #[default]
        Builtin = "builtin",
        /// Keystone and Nova.
        Openstack = "openstack",
        /// Accounts in an LDAP directory.
        Ldap = "ldap",
    }
}

word_enum! {
    /// Which of OpenStack's two ways of limiting a project is in use.
    #[derive(Default)]
    pub enum QuotaSource {
        /// Nova's own `os-quota-sets`.
        #[default]
        Nova = "nova",
        /// Unified limits in Keystone (`class:VCPU`, `class:MEMORY_MB`, `servers`).
        Limits = "limits",
    }
}

/// `[cabinet]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CabinetConfig {
    /// What keeps the projects' quotas: `builtin` or `openstack`.
    pub quotas: CabinetKind,
    /// What keeps the accounts: `builtin`, `openstack` or `ldap`.
    pub passwords: CabinetKind,
    /// How long any one call may take, seconds.
    pub timeout_seconds: u64,
    /// Keystone, with its version: `https://keystone.example/v3`.
    pub keystone_url: Option<url::Url>,
    /// Nova, with its version; from Keystone's catalogue if absent.
    pub nova_url: Option<url::Url>,
    /// The region, where there are several.
    pub region: Option<String>,
    /// The provisioner's account, and its password and domain.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<SecretString>,
    /// Its domain.
    pub user_domain: String,
    /// A project of its own, in the same domain: Nova answers only to somebody who has one.
    pub project: String,
    /// The domain of the customers' accounts and projects.
    pub customers_domain: String,
    /// Where quotas stand.
    pub openstack_quotas: QuotaSource,
    /// The most processors a project may have.
    pub capacity_cores: Option<i64>,
    /// The most memory a project may have, MiB.
    pub capacity_ram: Option<i64>,
    /// The most machines a project may have.
    pub capacity_instances: Option<i64>,
    /// `ldaps://ldap.example`.
    pub ldap_url: Option<String>,
    /// The provisioner's entry, and its password.
    pub ldap_bind_dn: Option<String>,
    /// Its password.
    pub ldap_password: Option<SecretString>,
    /// Where an account stands: `uid={user},ou=people,dc=example`.
    pub ldap_user_dn: Option<String>,
}

/// `[policy]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyConfig {
    /// Folder with the terms; the shipped ones if absent.
    pub dir: Option<PathBuf>,
}

/// `[api]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiConfig {
    /// Requests a second that each token may make for long.
    pub requests_per_second: u32,
    /// Requests that each token may make at once.
    pub burst: u32,
}

/// `[log]`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// What is logged, such as `info` or `info,sqlx=warn`.
    pub filter: String,
    /// One JSON object a line instead of text.
    pub json: bool,
}

/// `[support]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// The support telephone (T10).
    pub phone: String,
    /// The provider's name as customers know it.
    pub provider: String,
}

/// The defaults, also what `komek.toml` may contain.
#[derive(Serialize)]
struct Defaults {
    database: DatabaseDefaults,
    telegram: TelegramDefaults,
    web: Web,
    policy: PolicyConfig,
    bot: Listen,
    provisioner: Provisioner,
    api: ApiConfig,
    alerts: crate::intake::alerts::AlertRules,
    cabinet: CabinetDefaults,
    mail: crate::mail::MailDefaults,
    webhooks: crate::webhooks::WebhookDefaults,
    log: Log,
    support: Support,
}

#[derive(Serialize)]
struct CabinetDefaults {
    timeout_seconds: u64,
    user_domain: &'static str,
    project: &'static str,
    customers_domain: &'static str,
}

#[derive(Serialize)]
struct DatabaseDefaults {
    url: &'static str,
    connections: u32,
    sync_full: bool,
}

#[derive(Serialize)]
struct TelegramDefaults {
    api_url: &'static str,
    desk_language: Lang,
    webhook_listen: &'static str,
    limits: bool,
}

impl Default for Defaults {
    fn default() -> Self {
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self {
            database: DatabaseDefaults { url: "sqlite://komek.db", connections: 8, sync_full: true },
            telegram: TelegramDefaults {
                api_url: "https://api.telegram.org",
                desk_language: Lang::Kk,
                webhook_listen: "127.0.0.1:8443",
                limits: true,
            },
            web: Web { listen: local(8080), public_url: None },
            policy: PolicyConfig { dir: None },
            bot: Listen { listen: None },
            provisioner: Provisioner {
                listen: None,
                observe_seconds: 30,
                call_timeout_seconds: 20,
                probe_seconds: 10,
            },
            api: ApiConfig { requests_per_second: 50, burst: 1_000 },
            alerts: crate::intake::alerts::AlertRules::default(),
            cabinet: CabinetDefaults {
                timeout_seconds: 20,
                user_domain: "Default",
                project: "komek",
                customers_domain: "Default",
            },
            mail: crate::mail::MailDefaults::default(),
            webhooks: crate::webhooks::WebhookDefaults::default(),
            log: Log { filter: "info".to_owned(), json: false },
            support: Support { phone: "+7 (747) 507 3022".to_owned(), provider: "PRO DATA".to_owned() },
        }
    }
}

/// A key or value that cannot be used, with where it came from.
#[derive(Debug, thiserror::Error)]
#[error("configuration: {0}")]
pub struct ConfigError(String);

impl Config {
    /// Reads file and environment.
    pub fn load() -> Result<Self, ConfigError> {
        let named = std::env::var_os("KOMEK_CONFIG");
        let file = named.clone().map_or_else(|| PathBuf::from("komek.toml"), PathBuf::from);
        if named.is_some() && !file.is_file() {
            return Err(ConfigError(format!("KOMEK_CONFIG names {}, which is not a file", file.display())));
        }
        let mut figment = Figment::from(Serialized::defaults(Defaults::default()));
        // Without a file the defaults and the environment are enough.
        if file.is_file() {
            figment = figment.merge(Toml::file_exact(file));
        }
        Self::from(&figment.merge(environment()))
    }

    fn from(figment: &Figment) -> Result<Self, ConfigError> {
        let config: Self = figment.extract().map_err(|errors| {
            let told: Vec<String> = errors.into_iter().map(|error| explain(&error)).collect();
            ConfigError(told.join("; "))
        })?;
        for (key, value) in [
            ("KOMEK_DATABASE_CONNECTIONS", u64::from(config.database.connections)),
            ("KOMEK_PROVISIONER_OBSERVE_SECONDS", config.provisioner.observe_seconds),
            ("KOMEK_PROVISIONER_CALL_TIMEOUT_SECONDS", config.provisioner.call_timeout_seconds),
        ] {
            if value == 0 {
                return Err(ConfigError(format!("{key} is 0; it must be at least 1")));
            }
        }
        Ok(config)
    }
}

/// What may hold a secret and is therefore never repeated.
const SECRET: [&str; 5] = ["token", "secret", "url", "password", "key"];

/// One mistake, with the key as it is written where it stands.
fn explain(error: &figment::Error) -> String {
    let path: Vec<String> = error.path.iter().map(|part| part.to_lowercase()).collect();
    let source = error.metadata.as_ref();
    let key = match source.and_then(|metadata| metadata.source.as_ref()) {
        // «[telegram] token in komek.toml»
        Some(file) => format!("`{}` in {file}", path.join(".")),
        None if path.is_empty() => "komek.toml or a KOMEK_… variable".to_owned(),
        None => format!("KOMEK_{}", path.join("_").to_uppercase()),
    };
    let secret = path.last().is_some_and(|name| SECRET.iter().any(|word| name.ends_with(word)));
    let what = match &error.kind {
        figment::error::Kind::InvalidType(_, wanted) | figment::error::Kind::InvalidValue(_, wanted)
            if secret =>
        {
            // Digits alone read as a number, here as in TOML.
            format!("it must be {wanted}; write it in double quotes if it is one")
        }
        figment::error::Kind::Message(text) if secret && !text.contains("URL") => {
            "it does not read".to_owned()
        }
        kind => kind.to_string(),
    };
    format!("{key}: {what}")
}

/// `KOMEK_TELEGRAM_API_URL` → `telegram.api_url`: the first word is the section, the rest the key.
fn environment() -> Env {
    Env::prefixed("KOMEK_")
        .ignore(&["config"])
        .map(|key| key.as_str().replacen('_', ".", 1).into())
        .lowercase(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    #[expect(clippy::result_large_err, reason = "figment's own test harness")]
    fn the_environment_wins_and_secrets_do_not_print() {
        figment::Jail::expect_with(|jail| {
            jail.create_file(
                "komek.toml",
                "[database]\nurl = \"sqlite://file.db\"\n[telegram]\ntoken = \"42:SECRET\"\n",
            )?;
            jail.set_env("KOMEK_TELEGRAM_DESK_CHAT", "-1001");
            jail.set_env("KOMEK_DATABASE_URL", "postgres://u:hidden@h/d");
            let config = Config::load().map_err(|e| e.to_string())?;
            assert_eq!(config.database.url.expose_secret(), "postgres://u:hidden@h/d");
            assert_eq!(config.telegram.desk_chat, Some(-1001));
            assert_eq!(config.web.listen.port(), 8080);
            let printed = format!("{config:?}");
            assert!(!printed.contains("SECRET") && !printed.contains("hidden"), "{printed}");
            Ok(())
        });
    }

    #[test]
    #[expect(clippy::result_large_err, reason = "figment's own test harness")]
    fn an_unknown_key_is_named() {
        figment::Jail::expect_with(|jail| {
            jail.set_env("KOMEK_TELEGRAM_TOKKEN", "42:SECRET");
            let error = Config::load().expect_err("unknown key").to_string();
            assert!(error.contains("TOKKEN") && !error.contains("SECRET"), "{error}");
            Ok(())
        });
    }
}
