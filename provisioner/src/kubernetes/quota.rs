//! Quotas of a namespace: its `ResourceQuota`, set by server-side apply so that nobody else's fields are touched.

use std::collections::BTreeMap;

use crm::domain::form::QuotaResource;
use k8s_openapi::api::core::v1::{Node, ResourceQuota};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::Api;
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::json;

use super::{Kubernetes, MANAGER, quantity};
use crate::cluster::NamespaceQuota;
use crate::system::{SystemError, Trouble};

/// The object that is made where nothing limits the resource yet.
const OURS: &str = "komek";
/// How often an apply that somebody else's change has overtaken is made.
const TRIES: usize = 5;

/// The key under which a quota limits a resource.
pub(super) const fn key(resource: QuotaResource) -> Option<&'static str> {
    match resource {
        QuotaResource::Cpu => Some("requests.cpu"),
        QuotaResource::Memory => Some("requests.memory"),
        QuotaResource::Pods => Some("pods"),
        QuotaResource::Cores | QuotaResource::Ram | QuotaResource::Instances => None,
    }
}

/// The same limit under its old name.
const fn old_key(key: &'static str) -> &'static str {
    match key.as_bytes() {
        b"requests.cpu" => "cpu",
        b"requests.memory" => "memory",
        _ => key,
    }
}

/// The key of `resource` that this object uses, if it limits it.
fn used_key(quota: &ResourceQuota, resource: QuotaResource) -> Option<&'static str> {
    let key = key(resource)?;
    let hard = quota.spec.as_ref()?.hard.as_ref()?;
    [key, old_key(key)].into_iter().find(|k| hard.contains_key(*k))
}

impl Kubernetes {
    pub(super) async fn quota_read(
        &self,
        namespace: &str,
        resource: QuotaResource,
    ) -> Result<NamespaceQuota, SystemError> {
        let during = format!("{} quota of namespace {namespace}", resource.as_str());
        let capacity = self.capacity(resource).await;
        let found = self.quota_object(namespace, resource, &during).await?;
        let tenant = self.tenant_of(namespace, resource).await?;
        let mut seen =
            NamespaceQuota { holder: None, asked: None, in_force: None, settled: false, used: 0, capacity };
        if let Some((quota, key)) = &found {
            let value = |map: Option<&BTreeMap<String, Quantity>>| map.and_then(|m| m.get(*key)).cloned();
            let asked = value(quota.spec.as_ref().and_then(|s| s.hard.as_ref()));
            let status = quota.status.as_ref();
            let in_force = value(status.and_then(|s| s.hard.as_ref()));
            let used = value(status.and_then(|s| s.used.as_ref()));
            seen.holder = Some(format!("ResourceQuota {}", name(quota)));
            seen.asked = asked.as_ref().and_then(|q| quantity::whole(&q.0, resource));
            seen.in_force = in_force.as_ref().and_then(|q| quantity::whole(&q.0, resource));
            seen.settled = asked.zip(in_force).is_some_and(|(a, b)| quantity::same(&a.0, &b.0));
            seen.used = used.and_then(|q| quantity::rounded_up(&q.0, resource)).unwrap_or(0);
        }
        if let Some(tenant) = tenant {
            // Capsule makes the namespace's ResourceQuota from the Tenant: what is asked for stands there, what is in force here.
            seen.settled = seen.settled && seen.asked == tenant.value;
            seen.holder = Some(format!("Tenant {}", tenant.name));
            seen.asked = tenant.value;
        }
        Ok(seen)
    }

    /// Sets a quota. The cluster itself writes to the object whenever a pod comes or goes: an apply that such a change has overtaken
    /// is made again from what is there then. Whoever really owns the field owns it the next time, too.
    pub(super) async fn quota_write(
        &self,
        namespace: &str,
        resource: QuotaResource,
        value: i64,
    ) -> Result<(), SystemError> {
        let mut tries = 1;
        loop {
            match self.quota_apply(namespace, resource, value).await {
                Err(error) if error.trouble == Trouble::Conflict && tries < TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn quota_apply(
        &self,
        namespace: &str,
        resource: QuotaResource,
        value: i64,
    ) -> Result<(), SystemError> {
        let during = format!("{} quota of namespace {namespace} = {value}", resource.as_str());
        let Some(key) = key(resource) else {
            return Err(self.trouble(Trouble::Unsupported, &during, "a cluster has no quota of that"));
        };
        if value < 0 {
            return Err(self.trouble(Trouble::Refused, &during, "a quota is never negative"));
        }
        if let Some(tenant) = self.tenant_of(namespace, resource).await? {
            return self.tenant_write(&tenant, resource, value, &during).await;
        }
        let api: Api<ResourceQuota> = Api::namespaced(self.client.clone(), namespace);
        let limiting = self.quota_object(namespace, resource, &during).await?;
        let (object, key) = match limiting {
            Some((quota, key)) => (Some(quota), key),
            // Ours may be there for another resource.
            None => (self.ask(&during, api.get_opt(OURS)).await?, key),
        };
        let object = object.as_ref();
        // An apply that leaves out a field we own removes it: all of ours are in it, and the version, so that a change at the same
        // moment is a conflict and not lost.
        let mut hard = object.map(ours).unwrap_or_default();
        hard.insert(key.to_owned(), quantity::written(value, resource));
        let mut metadata = json!({ "name": object.map_or(OURS, |o| name(o)), "namespace": namespace });
        if let Some(version) = object.and_then(|o| o.metadata.resource_version.as_ref()) {
            metadata["resourceVersion"] = json!(version);
        }
        let apply = json!({ "apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": { "hard": hard } });
        let params = PatchParams::apply(MANAGER);
        let name = object.map_or(OURS, |o| name(o)).to_owned();
        self.ask(&during, api.patch(&name, &params, &Patch::Apply(&apply))).await.map(drop)
    }

    /// The one object that limits `resource` in a namespace, with the key it uses. Two of them are an error: the tighter one would
    /// quietly win over whatever we set.
    async fn quota_object(
        &self,
        namespace: &str,
        resource: QuotaResource,
        during: &str,
    ) -> Result<Option<(ResourceQuota, &'static str)>, SystemError> {
        let api: Api<ResourceQuota> = Api::namespaced(self.client.clone(), namespace);
        let all = self.ask(during, api.list(&ListParams::default())).await?;
        let mut limiting: Vec<_> =
            all.items.into_iter().filter_map(|q| used_key(&q, resource).map(|key| (q, key))).collect();
        if limiting.len() > 1 {
            let names: Vec<_> = limiting.iter().map(|(q, _)| name(q)).collect();
            let text = format!("several objects limit it ({}): which one is to change?", names.join(", "));
            return Err(self.trouble(Trouble::Refused, during, text));
        }
        Ok(limiting.pop())
    }

    /// What all nodes together can give. Unknown where we may not ask, or where there are no nodes.
    async fn capacity(&self, resource: QuotaResource) -> Option<i64> {
        let node_key = old_key(key(resource)?);
        let api: Api<Node> = Api::all(self.client.clone());
        let nodes = self.ask("capacity", api.list(&ListParams::default())).await.ok()?;
        let of = |node: Node| {
            let allocatable = node.status?.allocatable?;
            quantity::whole(&allocatable.get(node_key)?.0, resource)
        };
        nodes.items.into_iter().map(of).sum::<Option<i64>>().filter(|sum| *sum > 0)
    }
}

fn name(quota: &ResourceQuota) -> &str {
    quota.metadata.name.as_deref().unwrap_or_default()
}

/// The limits of an object that we own, with their present values.
fn ours(quota: &ResourceQuota) -> BTreeMap<String, String> {
    let managed = quota.metadata.managed_fields.iter().flatten();
    let mine =
        managed.filter(|m| m.manager.as_deref() == Some(MANAGER) && m.operation.as_deref() == Some("Apply"));
    let hard = quota.spec.as_ref().and_then(|s| s.hard.as_ref());
    let mut fields = BTreeMap::new();
    for entry in mine {
        let owned = entry.fields_v1.as_ref().and_then(|f| f.0.pointer("/f:spec/f:hard")?.as_object());
        for field in owned.into_iter().flatten().filter_map(|(k, _)| k.strip_prefix("f:")) {
            if let Some(value) = hard.and_then(|h| h.get(field)) {
                fields.insert(field.to_owned(), value.0.clone());
            }
        }
    }
    fields
}
