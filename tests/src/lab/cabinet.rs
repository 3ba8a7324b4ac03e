//! Real Cabinets: Keystone with Nova (`lab/openstack`) and OpenLDAP (`lab/ldap`), with curl and ldapsearch as independent witnesses.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use crm::config::{CabinetConfig, CabinetKind, QuotaSource};
use secrecy::SecretString;
use serde_json::Value;

use super::script::{Script, lacks};

/// A running Keystone, with Nova if it was asked for.
pub struct OpenStack {
    script: Script,
}

/// A running OpenLDAP.
pub struct Directory {
    script: Script,
}

impl OpenStack {
    /// Starts it; `None` where the machine lacks what it needs (see [`super`]).
    pub fn start(nova: bool) -> Result<Option<Self>> {
        if let Some(why) = lacks(&["keystone-manage", "nova-manage", "uwsgi", "python3", "curl", "jq"]) {
            return super::absent("OpenStack lab", &why);
        }
        let arguments: &[&str] = if nova { &["nova"] } else { &[] };
        Ok(Some(Self { script: Script::start("openstack/keystone.sh", arguments)? }))
    }

    /// How the provisioner is told of it.
    pub fn config(&self, source: QuotaSource) -> Result<CabinetConfig> {
        Ok(CabinetConfig {
            quotas: CabinetKind::Openstack,
            passwords: CabinetKind::Openstack,
            timeout_seconds: 30,
            keystone_url: Some(self.script.read("identity")?.parse()?),
            region: Some("r1".to_owned()),
            user: Some("komek".to_owned()),
            password: Some(SecretString::from("komek-service-pw-1".to_owned())),
            user_domain: "Default".to_owned(),
            project: "komek".to_owned(),
            customers_domain: "customers".to_owned(),
            openstack_quotas: source,
            capacity_cores: Some(512),
            ..CabinetConfig::default()
        })
    }

    /// Signs in with a password, by curl: the status, Keystone's words, and the token.
    pub fn login(&self, user: &str, domain: &str, password: &str) -> Result<(u16, String, String)> {
        let scope = if user == "admin" { r#","scope":{"system":{"all":true}}"# } else { "" };
        self.sign_in(user, domain, password, scope)
    }

    /// The token of an account of the domain Default with this scope.
    pub fn scoped(&self, user: &str, password: &str, scope: &str) -> Result<String> {
        let (status, said, token) =
            self.sign_in(user, "Default", password, &format!(r#","scope":{scope}"#))?;
        ensure!(status == 201, "{said}");
        Ok(token)
    }

    fn sign_in(
        &self,
        user: &str,
        domain: &str,
        password: &str,
        scope: &str,
    ) -> Result<(u16, String, String)> {
        let body = format!(
            r#"{{"auth":{{"identity":{{"methods":["password"],"password":{{"user":{{"name":"{user}","domain":{{"name":"{domain}"}},"password":"{password}"}}}}}}{scope}}}}}"#
        );
        let url = format!("{}/auth/tokens", self.script.read("identity")?);
        let ran = Command::new("curl")
            .args(["-sS", "-i", "-H", "Content-Type: application/json", "-d", &body, &url])
            .output()?;
        let said = String::from_utf8(ran.stdout)?;
        let (head, text) = said.split_once("\r\n\r\n").context("an answer")?;
        let status = head.split_whitespace().nth(1).context("a status")?.parse()?;
        let token = head
            .lines()
            .find_map(|l| l.to_lowercase().starts_with("x-subject-token:").then(|| l[16..].trim()));
        Ok((status, text.to_owned(), token.unwrap_or_default().to_owned()))
    }

    /// An administrator's token.
    pub fn admin(&self) -> Result<String> {
        let (status, said, token) = self.login("admin", "Default", "admin-password-1")?;
        ensure!(status == 201, "the administrator cannot sign in: {said}");
        Ok(token)
    }

    /// A request by curl, as whoever has `token`: the status and the answer. `path` begins with `identity` or `compute`.
    pub fn curl(&self, token: &str, method: &str, path: &str, body: &str) -> Result<(u16, Value)> {
        let (service, path) = path.split_once('/').context("a service")?;
        let url = format!("{}/{path}", self.script.read(service)?);
        let mut command = Command::new("curl");
        command.args(["-sS", "-w", "\n%{http_code}", "-X", method, "-H", &format!("X-Auth-Token: {token}")]);
        if !body.is_empty() {
            command.args(["-H", "Content-Type: application/json", "-d", body]);
        }
        let said = String::from_utf8(command.arg(url).output()?.stdout)?;
        let (text, status) = said.rsplit_once('\n').context("a status")?;
        Ok((status.parse()?, serde_json::from_str(text).unwrap_or(Value::Null)))
    }

    /// Whether a token is still worth anything, asked as the administrator.
    pub fn token_lives(&self, token: &str) -> Result<bool> {
        let admin = self.admin()?;
        let url = format!("{}/auth/tokens", self.script.read("identity")?);
        let said = Command::new("curl")
            .args(["-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", &format!("X-Auth-Token: {admin}")])
            .args(["-H", &format!("X-Subject-Token: {token}"), &url])
            .output()?;
        Ok(String::from_utf8(said.stdout)? == "200")
    }

    /// The id of a project of the customers.
    pub fn project(&self, name: &str) -> Result<String> {
        let (_, found) = self.curl(&self.admin()?, "GET", &format!("identity/projects?name={name}"), "")?;
        Ok(found["projects"][0]["id"].as_str().context("a project")?.to_owned())
    }

    /// Sends a process a signal: `keystone`, `nova`.
    pub fn signal(&self, process: &str, signal: &str) -> Result<()> {
        self.script.signal(process, signal)
    }

    /// The folder with Keystone's database.
    pub fn dir(&self) -> &std::path::Path {
        self.script.dir()
    }
}

impl Directory {
    /// Starts it; `None` where the machine lacks what it needs (see [`super`]).
    pub fn start() -> Result<Option<Self>> {
        if let Some(why) = lacks(&["slapd", "slapadd", "ldapsearch", "ldapwhoami", "python3"]) {
            return super::absent("LDAP lab", &why);
        }
        Ok(Some(Self { script: Script::start("ldap/slapd.sh", &[])? }))
    }

    /// How the provisioner is told of it.
    pub fn config(&self) -> Result<CabinetConfig> {
        Ok(CabinetConfig {
            quotas: CabinetKind::Builtin,
            passwords: CabinetKind::Ldap,
            timeout_seconds: 10,
            ldap_url: Some(self.script.read("url")?),
            ldap_bind_dn: Some("cn=provisioner,dc=cabinet,dc=test".to_owned()),
            ldap_password: Some(SecretString::from("provisioner-secret".to_owned())),
            ldap_user_dn: Some("uid={user},ou=people,dc=cabinet,dc=test".to_owned()),
            ..CabinetConfig::default()
        })
    }

    /// Its folder; `db` in it is slapd's database.
    pub fn dir(&self) -> &std::path::Path {
        self.script.dir()
    }

    /// Whether ldapsearch, as `who`, reads what it asks for: the exit code and what it said.
    pub fn search(&self, who: &str, password: &str, what: &str) -> Result<(i32, String)> {
        let ran = Command::new("ldapsearch")
            .args([
                "-x",
                "-LLL",
                "-o",
                "ldif-wrap=no",
                "-H",
                &self.script.read("url")?,
                "-D",
                who,
                "-w",
                password,
            ])
            .args(["-b", what, "-s", "base", "*", "pwdReset"])
            .output()?;
        let said = format!("{}{}", String::from_utf8(ran.stdout)?, String::from_utf8(ran.stderr)?);
        Ok((ran.status.code().unwrap_or(-1), said))
    }

    /// Changes entries as the directory's administrator.
    pub fn modify(&self, ldif: &str) -> Result<()> {
        let file = self.script.path("change.ldif");
        std::fs::write(&file, ldif)?;
        let ran = Command::new("ldapmodify")
            .args([
                "-x",
                "-H",
                &self.script.read("url")?,
                "-D",
                "cn=admin,dc=cabinet,dc=test",
                "-w",
                "admin-secret",
                "-f",
            ])
            .arg(file)
            .output()?;
        ensure!(ran.status.success(), "ldapmodify: {}", String::from_utf8_lossy(&ran.stderr));
        Ok(())
    }
}
