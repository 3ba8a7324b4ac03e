//! A link between namespaces or zones: a `NetworkPolicy` that lets the other end in.

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicyPeer};
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};

use super::{Kubernetes, MANAGER, found};
use crate::cluster::Peer;
use crate::system::{SystemError, Trouble};

/// The label by which Kubernetes names every namespace (of itself since 1.21).
const NAME: &str = "kubernetes.io/metadata.name";

impl Kubernetes {
    pub(super) async fn link_read(&self, namespace: &str, link: &str) -> Result<Option<Peer>, SystemError> {
        let during = format!("link {link} of namespace {namespace}");
        let api: Api<NetworkPolicy> = Api::namespaced(self.client.clone(), namespace);
        let policy = found(self.ask(&during, api.get(link)).await)?;
        let peers = policy.and_then(|p| p.spec?.ingress?.into_iter().next()?.from);
        Ok(peers.and_then(|peers| peers.first().and_then(peer)))
    }

    pub(super) async fn link_write(
        &self,
        namespace: &str,
        link: &str,
        peer: &Peer,
    ) -> Result<(), SystemError> {
        let during = format!("link {link} of namespace {namespace}");
        let from = match peer {
            Peer::Namespace(other) => self.selector(other, &during).await?,
            Peer::Addresses(range) => json!({ "ipBlock": { "cidr": range } }),
        };
        let apply = json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": { "name": link, "labels": { "komek/link": link } },
            "spec": { "podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{ "from": [from] }] },
        });
        let api: Api<NetworkPolicy> = Api::namespaced(self.client.clone(), namespace);
        let params = PatchParams::apply(MANAGER);
        self.ask(&during, api.patch(link, &params, &Patch::Apply(&apply))).await.map(drop)
    }

    pub(super) async fn link_delete(&self, namespace: &str, link: &str) -> Result<(), SystemError> {
        let during = format!("removing link {link} of namespace {namespace}");
        let api: Api<NetworkPolicy> = Api::namespaced(self.client.clone(), namespace);
        found(self.ask(&during, api.delete(link, &DeleteParams::default())).await).map(drop)
    }

    /// A namespace is selected by a label, and a selector that matches nothing is no error to Kubernetes: so it is looked at first.
    async fn selector(&self, namespace: &str, during: &str) -> Result<Value, SystemError> {
        let api: Api<Namespace> = Api::all(self.client.clone());
        let seen = self.ask(during, api.get_metadata(namespace)).await?;
        if seen.metadata.labels.and_then(|mut l| l.remove(NAME)).as_deref() != Some(namespace) {
            let text =
                format!("namespace {namespace} lacks the label {NAME}={namespace}, so no rule can name it");
            return Err(self.trouble(Trouble::Refused, during, text));
        }
        Ok(json!({ "namespaceSelector": { "matchLabels": { NAME: namespace } } }))
    }
}

fn peer(peer: &NetworkPolicyPeer) -> Option<Peer> {
    if let Some(block) = &peer.ip_block {
        return Some(Peer::Addresses(block.cidr.clone()));
    }
    let labels = peer.namespace_selector.as_ref()?.match_labels.as_ref()?;
    labels.get(NAME).map(|name| Peer::Namespace(name.clone()))
}
