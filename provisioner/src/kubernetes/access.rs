//! The customer's way into his namespace: a service account, its rights, its tokens.

use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::config::AuthInfo;
use kube::{Api, Client};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{Kubernetes, MANAGER, found};
use crate::cluster::Access;
use crate::system::{SystemError, Trouble};

/// Marks the service accounts through which customers come.
const LABEL: &str = "komek/access";
/// What a customer may in his own namespace: the cluster's own role for that.
const ROLE: &str = "admin";

impl Kubernetes {
    pub(super) async fn access_list(&self, namespace: &str) -> Result<Vec<Access>, SystemError> {
        let during = format!("service accounts of namespace {namespace}");
        let api: Api<ServiceAccount> = Api::namespaced(self.client.clone(), namespace);
        let list = self.ask(&during, api.list(&ListParams::default().labels(LABEL))).await?;
        Ok(list.items.into_iter().map(access).collect())
    }

    pub(super) async fn access_grant(&self, namespace: &str, account: &str) -> Result<Access, SystemError> {
        let during = format!("service account {account} in namespace {namespace}");
        let params = PatchParams::apply(MANAGER);
        let labels = json!({ LABEL: "customer" });
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client.clone(), namespace);
        let apply = json!({
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": account, "labels": labels },
            // Its tokens are asked for; none shall lie about as a Secret, nor in every pod.
            "automountServiceAccountToken": false,
        });
        let made = self.ask(&during, accounts.patch(account, &params, &Patch::Apply(&apply))).await?;
        let bindings: Api<RoleBinding> = Api::namespaced(self.client.clone(), namespace);
        let apply = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": { "name": account, "labels": labels },
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": ROLE },
            "subjects": [{ "kind": "ServiceAccount", "name": account, "namespace": namespace }],
        });
        self.ask(&during, bindings.patch(account, &params, &Patch::Apply(&apply))).await?;
        Ok(access(made))
    }

    pub(super) async fn access_token(
        &self,
        namespace: &str,
        account: &str,
        seconds: i64,
    ) -> Result<SecretString, SystemError> {
        let during = format!("token of service account {account} in namespace {namespace}");
        let api: Api<ServiceAccount> = Api::namespaced(self.client.clone(), namespace);
        let request = TokenRequest {
            spec: TokenRequestSpec { expiration_seconds: Some(seconds), ..TokenRequestSpec::default() },
            ..TokenRequest::default()
        };
        let made =
            self.ask(&during, api.create_token_request(account, &PostParams::default(), &request)).await?;
        let token = made.status.map(|s| SecretString::from(s.token));
        token.ok_or_else(|| self.trouble(Trouble::Failed, &during, "the answer has no token"))
    }

    /// Everything a program needs, in one file: the certificate authority is in it, not named.
    pub(super) fn access_kubeconfig(&self, namespace: &str, token: &SecretString) -> SecretString {
        let authority = self.config.root_cert.as_ref().map(|certificates| {
            let pem: String = certificates.iter().map(|der| pem(der)).collect();
            base64(pem.as_bytes())
        });
        let mut cluster = json!({ "server": self.config.cluster_url.to_string().trim_end_matches('/') });
        if let Some(authority) = authority {
            cluster["certificate-authority-data"] = json!(authority);
        }
        let file = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": self.name,
            "clusters": [{ "name": self.name, "cluster": cluster }],
            "users": [{ "name": namespace, "user": { "token": token.expose_secret() } }],
            "contexts": [{ "name": self.name, "context": { "cluster": self.name, "user": namespace, "namespace": namespace } }],
        });
        // JSON is YAML, and every tool reads it.
        SecretString::from(format!("{file:#}\n"))
    }

    pub(super) async fn access_accepts(&self, token: &SecretString) -> Result<bool, SystemError> {
        let during = "trying a token";
        let mut config = self.config.clone();
        config.auth_info =
            AuthInfo { token: Some(token.expose_secret().to_owned().into()), ..AuthInfo::default() };
        let client =
            Client::try_from(config).map_err(|e| self.trouble(Trouble::Failed, during, e.to_string()))?;
        let review = SelfSubjectAccessReview {
            spec: SelfSubjectAccessReviewSpec {
                resource_attributes: Some(ResourceAttributes {
                    verb: Some("get".to_owned()),
                    resource: Some("pods".to_owned()),
                    ..ResourceAttributes::default()
                }),
                ..SelfSubjectAccessReviewSpec::default()
            },
            ..SelfSubjectAccessReview::default()
        };
        let api: Api<SelfSubjectAccessReview> = Api::all(client);
        match self.ask(during, api.create(&PostParams::default(), &review)).await {
            Ok(_) => Ok(true),
            Err(e) if e.trouble == Trouble::Unauthenticated => Ok(false),
            // Known, but may do nothing: for ten seconds that is what a deleted account looks like.
            Err(e) if e.trouble == Trouble::Forbidden => Ok(true),
            Err(e) => Err(e),
        }
    }

    pub(super) async fn access_revoke(&self, namespace: &str, account: &str) -> Result<(), SystemError> {
        let during = format!("deleting service account {account} in namespace {namespace}");
        let now = DeleteParams::default();
        let bindings: Api<RoleBinding> = Api::namespaced(self.client.clone(), namespace);
        found(self.ask(&during, bindings.delete(account, &now)).await)?;
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client.clone(), namespace);
        found(self.ask(&during, accounts.delete(account, &now)).await).map(drop)
    }
}

fn access(account: ServiceAccount) -> Access {
    Access {
        account: account.metadata.name.unwrap_or_default(),
        uid: account.metadata.uid.unwrap_or_default(),
    }
}

fn pem(der: &[u8]) -> String {
    let text = base64(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|c| std::str::from_utf8(c).ok()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn base64(bytes: &[u8]) -> String {
    // The type that Kubernetes writes bytes with.
    let written = serde_json::to_value(k8s_openapi::ByteString(bytes.to_vec()));
    written.ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
