//! Real mail servers for one test: Debian's Postfix and Dovecot on ports of their own, configured in a temporary folder, with TLS, passwords,
//! and a mailbox for everybody at `acme.example`, `komek.example` and `other.example`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use lettre::address::Envelope;
use lettre::{SmtpTransport, Transport};

use super::absent;
use crate::services::free_port;

/// The address of the desk.
pub const DESK: &str = "support@komek.example";
/// Everybody's password.
pub const PASSWORD: &str = "қ-pass \"word\"";
/// Who takes mail, at any of the domains.
const PEOPLE: [&str; 7] = [
    "support@komek.example",
    "aigerim@acme.example",
    "boris@birlik.example",
    "stranger@other.example",
    "robot@other.example",
    "noisy@other.example",
    "postmaster@komek.example",
];

/// Starts both servers, and ends them by their pids when the pipe closes, however the test ends.
const SUPERVISOR: &str = r#"
dir=$1
"$2" -c "$dir/postfix" start-fg >>"$dir/servers.log" 2>&1 </dev/null &
"$3" -F -c "$dir/dovecot.conf" >>"$dir/servers.log" 2>&1 </dev/null & dovecot=$!
while read -r _; do :; done
kill "$dovecot"
kill $(cat "$dir/spool/pid/master.pid")
wait
rm -rf "$dir"
"#;

/// The servers; they end with the value.
pub struct MailServers {
    folder: PathBuf,
    /// Holds the pipe open as long as this value lives.
    supervisor: Child,
    /// SMTP from anybody, as from the internet.
    pub smtp: u16,
    /// SMTP over TLS, with a password.
    pub submission: u16,
    /// IMAP over TLS.
    pub imaps: u16,
    /// IMAP with STARTTLS.
    pub imap: u16,
}

fn program(name: &str) -> Option<PathBuf> {
    ["/usr/sbin", "/usr/bin"].iter().map(|folder| Path::new(folder).join(name)).find(|path| path.is_file())
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

impl MailServers {
    /// Starts both servers; `None` if this machine lacks them (see [`absent`]).
    pub fn start() -> Result<Option<Self>> {
        let (Some(postfix), Some(dovecot), Some(openssl)) =
            (program("postfix"), program("dovecot"), program("openssl"))
        else {
            return absent("mail servers", "apt install postfix dovecot-imapd openssl");
        };
        let folder = tempfile::tempdir()?;
        let at = folder.path();
        // Postfix and Dovecot work under users of their own.
        fs::set_permissions(at, fs::Permissions::from_mode(0o755))?;
        certificates(&openssl, at)?;
        fs::create_dir(at.join("mail"))?;
        std::os::unix::fs::chown(at.join("mail"), Some(NOBODY), Some(NOBODY))?;
        let ports: [u16; 4] = [free_port()?, free_port()?, free_port()?, free_port()?];
        let [smtp, submission, imaps, imap] = ports;
        fs::create_dir_all(at.join("spool/private"))?;
        fs::write(at.join("dovecot.conf"), dovecot_conf(at, imaps, imap))?;
        fs::write(at.join("users"), users())?;
        fs::set_permissions(at.join("users"), fs::Permissions::from_mode(0o644))?;
        fs::create_dir_all(at.join("postfix"))?;
        fs::create_dir_all(at.join("data"))?;
        run(Command::new("chown").arg("postfix").arg(at.join("data")).arg(at.join("spool/private")))?;
        fs::write(at.join("postfix/main.cf"), main_cf(at))?;
        fs::write(at.join("postfix/master.cf"), master_cf(smtp, submission))?;
        fs::write(at.join("postfix/boxes"), boxes())?;
        let supervisor = Command::new("sh")
            .args(["-c", SUPERVISOR, "mail-servers"])
            .args([at.as_os_str(), postfix.as_os_str(), dovecot.as_os_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let servers = Self { folder: folder.keep(), supervisor, smtp, submission, imaps, imap };
        let begun = Instant::now();
        for port in ports {
            while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
                ensure!(begun.elapsed() < Duration::from_secs(30), "port {port}: {}", servers.log());
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Ok(Some(servers))
    }

    /// What the servers logged.
    pub fn log(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.folder.join(name)).unwrap_or_default();
        ["servers.log", "postfix.log", "dovecot.log"].map(read).join("\n")
    }

    /// The certificate of the authority that both servers' certificates come from.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// Hands a mail to the desk's server as the world does. An empty `from` is a bounce's return path.
    pub fn deliver(&self, from: &str, raw: &[u8]) -> Result<()> {
        let sender = if from.is_empty() { None } else { Some(from.parse()?) };
        let envelope = Envelope::new(sender, vec![DESK.parse()?])?;
        let transport = SmtpTransport::builder_dangerous("127.0.0.1").port(self.smtp).build();
        transport.send_raw(&envelope, raw).with_context(|| self.log())?;
        Ok(())
    }

    fn new_mail(&self, address: &str) -> PathBuf {
        self.folder.join("mail").join(address).join("new")
    }

    /// The mails that somebody got and no program has looked at, in order of arrival.
    pub fn mailbox(&self, address: &str) -> Result<Vec<String>> {
        let mut files: Vec<PathBuf> = match fs::read_dir(self.new_mail(address)) {
            Ok(entries) => entries.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?,
            Err(_) => return Ok(Vec::new()),
        };
        files.sort_by_key(|path| fs::metadata(path).and_then(|m| m.modified()).ok());
        files.iter().map(|path| Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned())).collect()
    }

    /// Waits until somebody has got so many mails.
    pub async fn wait_for(&self, address: &str, count: usize) -> Result<Vec<String>> {
        let begun = Instant::now();
        loop {
            let mails = self.mailbox(address)?;
            if mails.len() >= count {
                return Ok(mails);
            }
            ensure!(
                begun.elapsed() < Duration::from_secs(30),
                "{address} has {} mails, not {count}: {}",
                mails.len(),
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for MailServers {
    fn drop(&mut self) {
        // Closes the pipe: the supervisor ends both servers.
        let _ = self.supervisor.wait();
    }
}

/// The user who owns mailboxes.
const NOBODY: u32 = 65_534;

fn certificates(openssl: &Path, at: &Path) -> Result<()> {
    let make = |arguments: &[&str]| run(Command::new(openssl).current_dir(at).args(arguments));
    let common = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "30",
    ];
    let authority = ["-subj", "/CN=Komek test authority", "-keyout", "ca.key", "-out", "ca.pem"];
    make(&[&common[..], &authority].concat())?;
    let names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    let signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:FALSE"];
    let files = ["-keyout", "server.key", "-out", "server.pem"];
    make(&[&common[..], &names, &signed, &files].concat()).context("openssl 3")
}

fn users() -> String {
    PEOPLE.map(|who| format!("{who}:{{PLAIN}}{PASSWORD}")).join("\n") + "\n"
}

fn boxes() -> String {
    PEOPLE.map(|who| format!("{who} {who}/")).join("\n") + "\n"
}

fn dovecot_conf(at: &Path, imaps: u16, imap: u16) -> String {
    let at = at.display();
    format!(
        r"base_dir = {at}/run
state_dir = {at}/state
log_path = {at}/dovecot.log
protocols = imap
listen = 127.0.0.1
first_valid_uid = 1
ssl = required
ssl_cert = <{at}/server.pem
ssl_key = <{at}/server.key
mail_location = maildir:{at}/mail/%u
passdb {{
  driver = passwd-file
  args = {at}/users
}}
userdb {{
  driver = static
  args = uid={NOBODY} gid={NOBODY} home={at}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service auth {{
  unix_listener {at}/spool/private/auth {{
    mode = 0666
  }}
}}
"
    )
}

fn main_cf(at: &Path) -> String {
    let at = at.display();
    format!(
        r"compatibility_level = 3.6
queue_directory = {at}/spool
data_directory = {at}/data
maillog_file = {at}/postfix.log
maillog_file_prefixes = {at}
myhostname = mx.komek.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
virtual_mailbox_domains = komek.example, acme.example, birlik.example, other.example
virtual_mailbox_base = {at}/mail
virtual_mailbox_maps = texthash:{at}/postfix/boxes
virtual_alias_maps = inline:{{ {{ gone@other.example = nobody@nowhere.example }} }}
transport_maps = inline:{{ {{ nowhere.example = error:5.1.1 no such user }} }}
virtual_uid_maps = static:{NOBODY}
virtual_gid_maps = static:{NOBODY}
virtual_minimum_uid = 1
message_size_limit = 134217728
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_tls_cert_file = {at}/server.pem
smtpd_tls_key_file = {at}/server.key
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
"
    )
}

fn master_cf(smtp: u16, submission: u16) -> String {
    let mut text = format!(
        "127.0.0.1:{smtp} inet n - n - - smtpd -o smtpd_tls_security_level=may\n\
         127.0.0.1:{submission} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes \
         -o smtpd_relay_restrictions=permit_sasl_authenticated,reject -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject\n\
         postlog unix-dgram n - n - 1 postlogd\n"
    );
    for (name, wakeup, most, program) in [
        ("pickup", "60", "1", "pickup"),
        ("cleanup", "-", "0", "cleanup"),
        ("qmgr", "300", "1", "qmgr"),
        ("tlsmgr", "1000?", "1", "tlsmgr"),
        ("rewrite", "-", "-", "trivial-rewrite"),
        ("bounce", "-", "0", "bounce"),
        ("defer", "-", "0", "bounce"),
        ("trace", "-", "0", "bounce"),
        ("verify", "-", "1", "verify"),
        ("flush", "1000?", "0", "flush"),
        ("proxymap", "-", "-", "proxymap"),
        ("error", "-", "-", "error"),
        ("retry", "-", "-", "error"),
        ("anvil", "-", "1", "anvil"),
    ] {
        let private = if matches!(name, "pickup" | "cleanup" | "qmgr" | "flush") { "n" } else { "-" };
        text.push_str(&format!("{name} unix {private} - n {wakeup} {most} {program}\n"));
    }
    text.push_str("virtual unix - n n - - virtual\n");
    text
}
