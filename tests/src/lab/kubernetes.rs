//! A real control plane: etcd, kube-apiservers, kube-controller-manager (`lab/kubernetes/*.sh`), and kubectl as an independent witness.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use provisioner::kubernetes::Kubernetes;

use super::script::{Script, lacks};

/// A running control plane; it ends with the value.
pub struct Plane {
    script: Script,
    /// The masters' addresses.
    pub masters: Vec<String>,
}

impl Plane {
    /// Starts one with so many masters; `None` where the machine lacks what it needs (see [`super`]). The first one ever builds the
    /// programs, which takes minutes.
    pub fn start(masters: usize) -> Result<Option<Self>> {
        let needs = ["etcd", "go", "kubectl", "openssl", "curl", "python3", "rsync", "jq", "dpkg-source"];
        if let Some(why) = lacks(&needs) {
            return super::absent("Kubernetes lab", &why);
        }
        let script = Script::start("kubernetes/cluster.sh", &[&masters.to_string()])?;
        let masters = script.read("masters")?.lines().map(str::to_owned).collect();
        Ok(Some(Self { script, masters }))
    }

    /// The administrator's kubeconfig.
    pub fn kubeconfig(&self) -> PathBuf {
        self.script.path("kubeconfig")
    }

    /// Runs kubectl as the administrator; what it said.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String> {
        kubectl(&self.kubeconfig(), arguments)
    }

    /// Applies a manifest as the administrator.
    pub fn apply(&self, manifest: &str) -> Result<()> {
        let file = self.script.path("manifest.yaml");
        std::fs::write(&file, manifest)?;
        let file = file.to_str().context("a path of letters")?;
        self.kubectl(&["apply", "--validate=false", "-f", file]).map(drop)
    }

    /// The provisioner's own identity, with no more rights than `deploy/kubernetes` gives it: the path of its kubeconfig.
    pub fn provisioner(&self) -> Result<PathBuf> {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/kubernetes/rbac.yaml");
        self.kubectl(&["apply", "--validate=false", "-f", manifest])?;
        let token = self.token("komek", "komek-provisioner", 3600)?;
        self.kubeconfig_with(&token)
    }

    /// A token of a service account, by the API itself: the oldest kubectl has no word for it.
    pub fn token(&self, namespace: &str, account: &str, seconds: i64) -> Result<String> {
        let request = format!(
            r#"{{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{{"expirationSeconds":{seconds}}}}}"#
        );
        let file = self.script.path("token-request.json");
        std::fs::write(&file, request)?;
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
        let made = self.kubectl(&["create", "--raw", &path, "-f", file.to_str().context("a path")?])?;
        let json: serde_json::Value = serde_json::from_str(&made)?;
        Ok(json["status"]["token"].as_str().context("a token")?.to_owned())
    }

    /// `token` as it is an hour after its end, signed with the cluster's own key.
    pub fn expired(&self, token: &str) -> Result<String> {
        let age = r#"
import base64, json, subprocess, sys, time
head, body, _ = sys.argv[1].split(".")
claims = json.loads(base64.urlsafe_b64decode(body + "=="))
now = int(time.time())
claims.update(iat=now - 7200, nbf=now - 7200, exp=now - 3600)
encode = lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
signed = head + "." + encode(json.dumps(claims).encode())
sign = ["openssl", "dgst", "-sha256", "-sign", sys.argv[2]]
print(signed + "." + encode(subprocess.run(sign, input=signed.encode(), capture_output=True, check=True).stdout))
"#;
        let key = self.script.path("sa.key");
        let ran = Command::new("python3").args(["-c", age, token]).arg(key).output()?;
        ensure!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        Ok(String::from_utf8(ran.stdout)?.trim().to_owned())
    }

    /// A kubeconfig that comes with `token`.
    pub fn kubeconfig_with(&self, token: &str) -> Result<PathBuf> {
        let file = self.script.path(&format!("kubeconfig-{}", &token[token.len() - 8..]));
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: lab\n\
             clusters: [{{name: lab, cluster: {{server: \"{}\", certificate-authority: {}}}}}]\n\
             contexts: [{{name: lab, context: {{cluster: lab, user: me}}}}]\n\
             users: [{{name: me, user: {{token: {token}}}}}]\n",
            self.masters[0],
            self.script.path("ca.crt").display(),
        );
        std::fs::write(&file, text)?;
        Ok(file)
    }

    /// What the API answers to a request with `token`, asked by curl: only the status.
    pub fn status(&self, token: &str, path: &str) -> Result<String> {
        let said = Command::new("curl")
            .args(["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert"])
            .arg(self.script.path("ca.crt"))
            .args(["-H", &format!("Authorization: Bearer {token}")])
            .arg(format!("{}{path}", self.masters[0]))
            .output()?;
        Ok(String::from_utf8(said.stdout)?)
    }

    /// The cluster through the provisioner's own adapter.
    pub async fn connect(&self, kubeconfig: &std::path::Path) -> Result<Kubernetes> {
        let patience = Duration::from_secs(10);
        Ok(Kubernetes::open("acme-prod", kubeconfig, &self.masters, patience).await?)
    }

    /// Sends a process a signal: `etcd`, `apiserver-1`, `controllers`.
    pub fn signal(&self, process: &str, signal: &str) -> Result<()> {
        self.script.signal(process, signal)
    }

    /// Starts a process again that was killed.
    pub fn restart(&mut self, process: &str) -> Result<()> {
        self.script.restart(process)
    }
}

/// Runs kubectl with a kubeconfig; what it said.
pub fn kubectl(kubeconfig: &std::path::Path, arguments: &[&str]) -> Result<String> {
    let ran = Command::new("kubectl").arg("--kubeconfig").arg(kubeconfig).args(arguments).output()?;
    ensure!(ran.status.success(), "kubectl {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    Ok(String::from_utf8(ran.stdout)?.trim().to_owned())
}
