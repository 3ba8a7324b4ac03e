//! A link between namespaces: a `NetworkPolicy` that lets the other end in, and out to it where the namespace is closed outwards.

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::networking::v1::{NetworkPolicy, NetworkPolicyPeer, NetworkPolicySpec};
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use serde_json::{Value, json};

use super::{Kubernetes, MANAGER, found};
use crate::cluster::{Closed, LinkSeen, Peer, Rule};
use crate::system::{SystemError, Trouble};

/// The label by which Kubernetes names every namespace (of itself since 1.21).
const NAME: &str = "kubernetes.io/metadata.name";
/// The label of a link's rule, with its name.
const LINK: &str = "komek/link";

impl Kubernetes {
    pub(super) async fn closed_read(&self, namespace: &str) -> Result<Closed, SystemError> {
        let during = format!("network policies of namespace {namespace}");
        let api: Api<NetworkPolicy> = Api::namespaced(self.client.clone(), namespace);
        // Other links close nothing that is not closed already.
        let params = ListParams::default().labels(&format!("!{LINK}"));
        let policies = self.ask(&during, api.list(&params)).await?;
        let mut closed = Closed::default();
        for spec in policies.items.into_iter().filter_map(|p| p.spec).filter(for_all_pods) {
            let (inwards, outwards) = directions(&spec);
            closed.inwards |= inwards;
            closed.outwards |= outwards;
        }
        Ok(closed)
    }

    pub(super) async fn link_read(&self, namespace: &str, link: &str) -> Result<LinkSeen, SystemError> {
        let during = format!("link {link} of namespace {namespace}");
        let api: Api<NetworkPolicy> = Api::namespaced(self.client.clone(), namespace);
        let policy = found(self.ask(&during, api.get(link)).await)?;
        let Some(policy) = policy else { return Ok(LinkSeen::Nothing) };
        Ok(policy.spec.as_ref().and_then(rule).map_or(LinkSeen::Other, LinkSeen::Rule))
    }

    pub(super) async fn link_write(
        &self,
        namespace: &str,
        link: &str,
        rule: &Rule,
    ) -> Result<(), SystemError> {
        let during = format!("link {link} of namespace {namespace}");
        let peer = match &rule.peer {
            Peer::Namespace(other) => self.selector(other, &during).await?,
            Peer::Addresses(range) => json!({ "ipBlock": { "cidr": range } }),
        };
        let mut spec =
            json!({ "podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{ "from": [peer] }] });
        if rule.out {
            spec["policyTypes"] = json!(["Ingress", "Egress"]);
            spec["egress"] = json!([{ "to": [peer] }]);
        }
        let apply = json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": { "name": link, "labels": { LINK: link } }, "spec": spec,
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

fn for_all_pods(spec: &NetworkPolicySpec) -> bool {
    serde_json::to_value(&spec.pod_selector)
        .is_ok_and(|selector| selector.as_object().is_none_or(serde_json::Map::is_empty))
}

/// Which ways a policy closes for the pods it selects: what it does not say, Kubernetes concludes from its rules.
fn directions(spec: &NetworkPolicySpec) -> (bool, bool) {
    match &spec.policy_types {
        Some(types) => (types.iter().any(|t| t == "Ingress"), types.iter().any(|t| t == "Egress")),
        None => (true, spec.egress.is_some()),
    }
}

/// The rule that a policy is, if it is one of ours to the letter.
fn rule(spec: &NetworkPolicySpec) -> Option<Rule> {
    let [ingress] = spec.ingress.as_deref()? else { return None };
    let [from] = ingress.from.as_deref()? else { return None };
    let (inwards, out) = directions(spec);
    let sound = for_all_pods(spec) && inwards && ingress.ports.is_none();
    let back = match spec.egress.as_deref().unwrap_or_default() {
        [] => !out,
        [egress] => out && egress.ports.is_none() && egress.to.as_deref() == Some(std::slice::from_ref(from)),
        _ => false,
    };
    Some(Rule { peer: peer(from)?, out }).filter(|_| sound && back)
}

fn peer(peer: &NetworkPolicyPeer) -> Option<Peer> {
    match (&peer.ip_block, &peer.namespace_selector, &peer.pod_selector) {
        (Some(block), None, None) if block.except.is_none() => Some(Peer::Addresses(block.cidr.clone())),
        (None, Some(selector), None) if selector.match_expressions.is_none() => {
            let labels = selector.match_labels.as_ref().filter(|labels| labels.len() == 1)?;
            labels.get(NAME).map(|name| Peer::Namespace(name.clone()))
        }
        _ => None,
    }
}
