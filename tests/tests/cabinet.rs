//! The Cabinets against the real things: Keystone, Nova and OpenLDAP, with the rights that `deploy/` describes and no more. curl and
//! ldapsearch are witnesses.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use crm::config::QuotaSource;
use crm::domain::form::QuotaResource::{Cores, Instances, Ram};
use komek_tests::lab::cabinet::{Directory, OpenStack};
use provisioner::cabinet::ldap::Ldap;
use provisioner::cabinet::openstack::OpenStack as Adapter;
use provisioner::cabinet::{Cabinet, Login, temporary_password};
use provisioner::system::Trouble;
use secrecy::{ExposeSecret, SecretString};

const OLD: &str = "old-password-12b";

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

#[tokio::test]
async fn openstack_does_what_is_asked_and_says_what_goes_wrong() -> Result<()> {
    let Some(lab) = OpenStack::start(true)? else { return Ok(()) };
    let cabinet = Adapter::new(&lab.config(QuotaSource::Nova)?)?;
    quotas_of_nova(&lab, &cabinet).await?;
    unified_limits(&lab).await?;
    passwords(&lab, &cabinet).await?;
    rights(&lab)?;
    faults(&lab, &cabinet).await
}

async fn quotas_of_nova(lab: &OpenStack, cabinet: &Adapter) -> Result<()> {
    let before = cabinet.quota("acme", Cores).await?;
    ensure!((before.limit, before.used, before.capacity) == (Some(20), 0, Some(512)), "{before:?}");
    for _ in 0..2 {
        cabinet.set_quota("acme", Cores, 24).await?;
    }
    ensure!(cabinet.quota("acme", Cores).await?.limit == Some(24));
    cabinet.set_quota("acme", Ram, 65_536).await?;
    cabinet.set_quota("acme", Instances, 12).await?;
    let path = format!("compute/os-quota-sets/{}/detail", lab.project("acme")?);
    let admin = lab.admin()?;
    let (_, seen) = lab.curl(&admin, "GET", &path, "")?;
    let limit = |name: &str| seen["quota_set"][name]["limit"].as_i64();
    ensure!(
        (limit("cores"), limit("ram"), limit("instances")) == (Some(24), Some(65_536), Some(12)),
        "{seen}"
    );

    // −1 would have been "unlimited", and 10^18 a fault of Nova's database.
    for wrong in [-1, -5, 1_000_000_000_000_000_000] {
        let error = cabinet.set_quota("acme", Cores, wrong).await.expect_err("no quota");
        ensure!(error.trouble == Trouble::Refused, "{wrong}: {error}");
    }
    let error = cabinet.quota("nobody", Cores).await.expect_err("no project");
    ensure!(error.trouble == Trouble::Missing && error.to_string().contains("customers"), "{error}");
    ensure!(cabinet.quota("acme", Cores).await?.limit == Some(24), "nothing was changed by what was refused");
    Ok(())
}

async fn unified_limits(lab: &OpenStack) -> Result<()> {
    let cabinet = Adapter::new(&lab.config(QuotaSource::Limits)?)?;
    ensure!(cabinet.quota("acme", Ram).await?.limit == Some(51_200), "the registered limit");
    // The first makes the project's own limit, the second changes it.
    cabinet.set_quota("acme", Ram, 60_000).await?;
    cabinet.set_quota("acme", Ram, 70_000).await?;
    ensure!(cabinet.quota("acme", Ram).await?.limit == Some(70_000));
    let (_, seen) = lab.curl(&lab.admin()?, "GET", "identity/limits?resource_name=class:MEMORY_MB", "")?;
    let limits = seen["limits"].as_array().map_or(0, Vec::len);
    ensure!(limits == 1 && seen["limits"][0]["resource_limit"] == 70_000, "{seen}");
    Ok(())
}

async fn passwords(lab: &OpenStack, cabinet: &Adapter) -> Result<()> {
    let (status, _, session) = lab.login("acme-admin", "customers", OLD)?;
    ensure!(status == 201 && lab.token_lives(&session)?);
    let before = cabinet.account("acme-admin").await?;
    ensure!(before.enabled, "{before:?}");
    let password = temporary_password();
    cabinet.reset_password("acme-admin", &password).await?;

    ensure!(!lab.token_lives(&session)?, "the old session lives");
    ensure!(lab.login("acme-admin", "customers", OLD)?.0 == 401, "the old password opens");
    let (status, said, _) = lab.login("acme-admin", "customers", password.expose_secret())?;
    ensure!(status == 401 && said.contains("needs to be changed"), "{said}");
    ensure!(cabinet.try_password("acme-admin", &password).await? == Login::MustChange);
    ensure!(cabinet.try_password("acme-admin", &secret(OLD)).await? == Login::Refused);
    let after = cabinet.account("acme-admin").await?;
    ensure!(after.signed_out_before > before.signed_out_before, "{before:?} {after:?}");

    // The customer changes it, and is in.
    let path = format!("identity/users/{}/password", after.id);
    let body = format!(
        r#"{{"user":{{"original_password":"{}","password":"my-own-new-password-3"}}}}"#,
        password.expose_secret()
    );
    let (status, said) = lab.curl("", "POST", &path, &body)?;
    ensure!(status == 204, "{said}");
    ensure!(cabinet.try_password("acme-admin", &secret("my-own-new-password-3")).await? == Login::Free);

    // A password that the Cabinet's rules refuse, in the Cabinet's words, without the password in the text.
    let error = cabinet.reset_password("acme-admin", &secret("weak")).await.expect_err("too weak");
    ensure!(error.trouble == Trouble::Refused && error.to_string().contains("12 characters"), "{error}");
    ensure!(!error.to_string().contains("weak"), "{error}");
    let error = cabinet.reset_password("nobody", &password).await.expect_err("no account");
    ensure!(error.trouble == Trouble::Missing, "{error}");

    // An account whose passwords never expire could not be made to change one: nothing is touched.
    let error = cabinet.reset_password("acme-robot", &password).await.expect_err("it never expires");
    ensure!(error.trouble == Trouble::Refused && error.to_string().contains("never expire"), "{error}");
    ensure!(lab.login("acme-robot", "customers", "robot-password-12")?.0 == 201, "it was touched");

    // Locked by six wrong passwords: even the right one is refused, and a recovery that ends so is not called done.
    for _ in 0..6 {
        lab.login("acme-admin", "customers", "wrong-password-1")?;
    }
    ensure!(cabinet.try_password("acme-admin", &secret("my-own-new-password-3")).await? == Login::Refused);
    // Shut out by the provider.
    let path = format!("identity/users/{}", after.id);
    lab.curl(&lab.admin()?, "PATCH", &path, r#"{"user":{"enabled":false}}"#)?;
    ensure!(!cabinet.account("acme-admin").await?.enabled);
    lab.curl(&lab.admin()?, "PATCH", &path, r#"{"user":{"enabled":true}}"#)?;
    Ok(())
}

/// Least privilege: what the provisioner's account may not do.
fn rights(lab: &OpenStack) -> Result<()> {
    let (status, _, komek) = lab.login("komek", "Default", "komek-service-pw-1")?;
    ensure!(status == 201);
    let (_, found) = lab.curl(&lab.admin()?, "GET", "identity/users?name=admin", "")?;
    let admin = found["users"][0]["id"].as_str().unwrap_or_default().to_owned();
    ensure!(!admin.is_empty());
    let scoped = lab.scoped("komek", "komek-service-pw-1", r#"{"domain":{"name":"customers"}}"#)?;
    for token in [komek, scoped] {
        for (method, path, body) in [
            ("PATCH", format!("identity/users/{admin}"), r#"{"user":{"password":"taken-over-12345"}}"#),
            ("GET", format!("identity/users/{admin}"), ""),
            ("POST", "identity/users".to_owned(), r#"{"user":{"name":"x","password":"taken-over-12345"}}"#),
            ("POST", "identity/projects".to_owned(), r#"{"project":{"name":"x"}}"#),
            ("GET", "identity/role_assignments".to_owned(), ""),
            ("PUT", format!("identity/system/users/{admin}/roles/x"), ""),
            ("GET", "compute/servers/detail?all_tenants=1".to_owned(), ""),
        ] {
            let (status, said) = lab.curl(&token, method, &path, body)?;
            ensure!(matches!(status, 401 | 403 | 404), "{method} {path}: {status} {said}");
        }
    }
    Ok(())
}

/// A process that holds a database of somebody else's locked, as a backup or an administrator's tool may.
struct Holder(Child);

impl Holder {
    /// Locks the database at `path` as the lines `how` of Python do.
    fn new(how: &str, path: &Path) -> Result<Self> {
        let program = format!("import sys\n{how}\nprint('held', flush=True)\nsys.stdin.read()\n");
        let mut holder = Command::new("python3")
            .args(["-c", &program])
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = String::new();
        BufReader::new(holder.stdout.take().context("a pipe")?).read_line(&mut said)?;
        ensure!(said.trim() == "held", "{said}");
        Ok(Self(holder))
    }

    fn release(mut self) -> Result<()> {
        drop(self.0.stdin.take());
        self.0.wait()?;
        Ok(())
    }
}

async fn faults(lab: &OpenStack, cabinet: &Adapter) -> Result<()> {
    // Wrong credentials of ours are told as ours.
    let mut config = lab.config(QuotaSource::Nova)?;
    config.password = Some(secret("a-wrong-password"));
    let error = Adapter::new(&config)?.quota("acme", Cores).await.expect_err("not us");
    ensure!(error.trouble == Trouble::Unauthenticated && error.to_string().contains("renew"), "{error}");
    ensure!(!error.to_string().contains("a-wrong-password"), "{error}");

    // Keystone's database is locked by somebody: worth another try, and nothing half done.
    let hold = "import sqlite3\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\nc.execute('BEGIN EXCLUSIVE')";
    let holder = Holder::new(hold, &lab.dir().join("keystone.db"))?;
    let outcome = cabinet.reset_password("acme-admin", &temporary_password()).await;
    holder.release()?;
    let error = outcome.expect_err("locked");
    ensure!(error.is_passing(), "{error}");
    cabinet.reset_password("acme-admin", &temporary_password()).await?;

    // Keystone is gone.
    lab.signal("keystone", "KILL")?;
    // A request that it had just taken in is lost with it; the next finds nobody.
    let mut error = cabinet.account("acme-admin").await.expect_err("gone");
    for _ in 0..100 {
        if error.trouble == Trouble::Lost {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            error = cabinet.account("acme-admin").await.expect_err("gone");
        }
    }
    ensure!(error.trouble == Trouble::Unreachable && error.to_string().contains("is it up?"), "{error}");
    Ok(())
}

/// Takes the writers' lock of an LMDB database, which is slapd's.
const LOCKS_LMDB: &str = r#"
import ctypes
lmdb = ctypes.CDLL("liblmdb.so.0")
def do(code):
    if code: sys.exit(f"liblmdb: {code}")
env, txn = ctypes.c_void_p(), ctypes.c_void_p()
do(lmdb.mdb_env_create(ctypes.byref(env)))
do(lmdb.mdb_env_open(env, sys.argv[1].encode(), 0, 0o600))
do(lmdb.mdb_txn_begin(env, None, 0, ctypes.byref(txn)))"#;

#[tokio::test]
async fn an_account_in_ldap_gets_a_password_that_opens_nothing_but_its_own_change() -> Result<()> {
    let Some(lab) = Directory::start()? else { return Ok(()) };
    let cabinet = Ldap::new(&lab.config()?)?;
    let dn = "uid=acme-admin,ou=people,dc=cabinet,dc=test";
    ensure!(lab.search(dn, "old-password-1", dn)?.0 == 0);
    ensure!(cabinet.account("acme-admin").await?.enabled);
    let password = temporary_password();
    cabinet.reset_password("acme-admin", &password).await?;

    ensure!(lab.search(dn, "old-password-1", dn)?.0 == 49, "the old password opens");
    let (code, said) = lab.search(dn, password.expose_secret(), dn)?;
    ensure!(code == 50, "it must be changed first: {said}");
    let (_, entry) = lab.search("cn=admin,dc=cabinet,dc=test", "admin-secret", dn)?;
    ensure!(
        entry.contains("pwdReset: TRUE") && entry.contains("{ARGON2}") || entry.contains("userPassword::"),
        "{entry}"
    );
    ensure!(!entry.contains(password.expose_secret()), "the password lies open in the directory");
    ensure!(cabinet.try_password("acme-admin", &password).await? == Login::MustChange);
    ensure!(cabinet.try_password("acme-admin", &secret("wrong")).await? == Login::Refused);

    // The provisioner's entry reads no password.
    let (_, seen) = lab.search("cn=provisioner,dc=cabinet,dc=test", "provisioner-secret", dn)?;
    ensure!(!seen.contains("userPassword"), "{seen}");

    // Its database is locked by another program: the change does not wait for ever, and is worth another try.
    let mut hasty = lab.config()?;
    hasty.timeout_seconds = 2;
    let holder = Holder::new(LOCKS_LMDB, &lab.dir().join("db"))?;
    let outcome = Ldap::new(&hasty)?.reset_password("acme-admin", &temporary_password()).await;
    holder.release()?;
    let error = outcome.expect_err("locked");
    ensure!(error.is_passing(), "{error}");
    // What was given up may still be carried out now: before the next one, in its way, or after it.
    let mut password = temporary_password();
    for left in (0..10).rev() {
        match cabinet.reset_password("acme-admin", &password).await {
            Ok(()) if cabinet.try_password("acme-admin", &password).await? == Login::MustChange => break,
            Err(error) if !error.is_passing() => return Err(error.into()),
            _ => {
                ensure!(left > 0, "the change never holds");
                password = temporary_password();
            }
        }
    }

    for (user, wanted) in [("nobody", Trouble::Missing), ("x,ou=people", Trouble::Missing)] {
        let error = cabinet.reset_password(user, &password).await.expect_err("no entry");
        ensure!(error.trouble == wanted, "{error}");
    }
    let error = cabinet.reset_password("acme-admin", &secret("short")).await.expect_err("a rule");
    ensure!(error.trouble == Trouble::Refused, "{error}");
    // Shut out by the provider, until an administrator lifts it.
    lab.modify(&format!(
        "dn: {dn}\nchangetype: modify\nadd: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n"
    ))?;
    ensure!(!cabinet.account("acme-admin").await?.enabled);
    let mut config = lab.config()?;
    config.ldap_password = Some(secret("not-mine"));
    let error = Ldap::new(&config)?.account("acme-admin").await.expect_err("not us");
    ensure!(error.trouble == Trouble::Unauthenticated, "{error}");
    let error = cabinet.quota("acme", Cores).await.expect_err("LDAP has none");
    ensure!(error.trouble == Trouble::Unsupported, "{error}");
    Ok(())
}
