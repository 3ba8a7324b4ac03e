//! Quotas of a Capsule `Tenant`: where Capsule runs, a namespace's `ResourceQuota` is made from it, and it is what must change.

use crm::domain::form::QuotaResource;
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind, Patch, PatchParams};
use serde_json::{Value, json};

use super::quota::key;
use super::{Kubernetes, MANAGER, found, quantity};
use crate::system::{SystemError, Trouble};

/// Capsule's label on the namespaces of a tenant.
const LABEL: &str = "capsule.clastix.io/tenant";

/// A tenant that limits a resource, or may.
pub(super) struct Tenant {
    pub name: String,
    /// What it limits the resource to, if it does.
    pub value: Option<i64>,
    object: DynamicObject,
}

fn resource() -> ApiResource {
    ApiResource::from_gvk(&GroupVersionKind::gvk("capsule.clastix.io", "v1beta2", "Tenant"))
}

impl Kubernetes {
    /// The tenant that a namespace belongs to, if it belongs to one and the cluster has Capsule.
    pub(super) async fn tenant_of(
        &self,
        namespace: &str,
        limited: QuotaResource,
    ) -> Result<Option<Tenant>, SystemError> {
        let during = format!("namespace {namespace}");
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        let seen = self.ask(&during, namespaces.get_metadata(namespace)).await?;
        let Some(name) = seen.metadata.labels.and_then(|mut l| l.remove(LABEL)) else { return Ok(None) };
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource());
        // A label without Capsule is only a label.
        let Some(object) = found(self.ask(&format!("tenant {name}"), api.get(&name)).await)? else {
            return Ok(None);
        };
        let value = limit(&object.data, limited).and_then(|text| quantity::whole(&text, limited));
        Ok(Some(Tenant { name, value, object }))
    }

    /// Sets a tenant's limit. Its list of limits has one owner as a whole; another owner than us is a conflict that says who.
    pub(super) async fn tenant_write(
        &self,
        tenant: &Tenant,
        limited: QuotaResource,
        value: i64,
        during: &str,
    ) -> Result<(), SystemError> {
        let Some(key) = key(limited) else {
            return Err(self.trouble(Trouble::Unsupported, during, "a cluster has no quota of that"));
        };
        let mut quotas = tenant.object.data.pointer("/spec/resourceQuotas").cloned().unwrap_or(json!({}));
        if quotas["items"].as_array().is_none_or(Vec::is_empty) {
            quotas["items"] = json!([{ "hard": {} }]);
        }
        let items = quotas["items"].as_array_mut();
        let mut items = items.into_iter().flatten();
        // The item that has the limit, or the first.
        let at = tenant.object.data.pointer("/spec/resourceQuotas/items").and_then(Value::as_array);
        let at = at.and_then(|all| all.iter().position(|i| i["hard"].get(key).is_some())).unwrap_or(0);
        if let Some(item) = items.nth(at) {
            item["hard"][key] = json!(quantity::written(value, limited));
        }
        let apply = json!({
            "apiVersion": "capsule.clastix.io/v1beta2",
            "kind": "Tenant",
            "metadata": { "name": tenant.name, "resourceVersion": tenant.object.metadata.resource_version },
            "spec": { "resourceQuotas": quotas },
        });
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource());
        let params = PatchParams::apply(MANAGER);
        self.ask(during, api.patch(&tenant.name, &params, &Patch::Apply(&apply))).await.map(drop)
    }
}

/// What a tenant limits a resource to.
fn limit(data: &Value, limited: QuotaResource) -> Option<String> {
    let items = data.pointer("/spec/resourceQuotas/items")?.as_array()?;
    let text = items.iter().find_map(|item| item["hard"].get(key(limited)?))?;
    Some(text.as_str().map_or_else(|| text.to_string(), str::to_owned))
}
