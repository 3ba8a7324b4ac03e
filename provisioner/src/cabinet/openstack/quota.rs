//! Quotas of a project: Nova's `os-quota-sets`, or the unified limits in Keystone.

use crm::config::QuotaSource;
use crm::domain::form::QuotaResource;
use reqwest::Method;
use serde_json::{Value, json};

use super::session::text;
use super::{OpenStack, trouble};
use crate::cabinet::ProjectQuota;
use crate::system::{SystemError, Trouble};

/// What Nova and the unified limits call a resource.
const fn names(resource: QuotaResource) -> Option<(&'static str, &'static str)> {
    match resource {
        QuotaResource::Cores => Some(("cores", "class:VCPU")),
        QuotaResource::Ram => Some(("ram", "class:MEMORY_MB")),
        QuotaResource::Instances => Some(("instances", "servers")),
        QuotaResource::Cpu | QuotaResource::Memory | QuotaResource::Pods => None,
    }
}

/// The largest number Nova stores: it answers a larger one with a fault of its own.
const LARGEST: i64 = i32::MAX as i64;

impl OpenStack {
    pub(super) async fn quota_read(
        &self,
        project: &str,
        resource: QuotaResource,
    ) -> Result<ProjectQuota, SystemError> {
        let during = format!("{} quota of project {project}", resource.as_str());
        let (nova, unified) = Self::names(resource, &during)?;
        let id = self.session.project_id(project, &during).await?;
        let capacity = self.capacity(resource);
        if self.source == QuotaSource::Nova {
            let seen = self
                .session
                .compute(&during, Method::GET, &format!("/os-quota-sets/{id}/detail"), None)
                .await?;
            let quota = &seen["quota_set"][nova];
            let number = |key: &str| {
                let text = format!("Nova's answer has no {nova}.{key}");
                quota[key].as_i64().ok_or_else(|| trouble(Trouble::Failed, &during, text))
            };
            let limit = number("limit")?;
            return Ok(ProjectQuota {
                // -1 is unlimited.
                limit: (limit >= 0).then_some(limit),
                used: number("in_use")?.saturating_add(number("reserved")?),
                capacity,
            });
        }
        let used = self.used(&id, nova, &during).await;
        let limit = match self.limit(&id, unified, &during).await? {
            Some(limit) => limit["resource_limit"].as_i64(),
            None => self.registered(unified, &during).await?["default_limit"].as_i64(),
        };
        Ok(ProjectQuota { limit: limit.filter(|l| *l >= 0), used, capacity })
    }

    pub(super) async fn quota_write(
        &self,
        project: &str,
        resource: QuotaResource,
        value: i64,
    ) -> Result<(), SystemError> {
        let during = format!("{} quota of project {project} = {value}", resource.as_str());
        let (nova, unified) = Self::names(resource, &during)?;
        // -1 would mean unlimited.
        if !(0..=LARGEST).contains(&value) {
            let text = format!("a quota is a number from 0 to {LARGEST}");
            return Err(trouble(Trouble::Refused, &during, text));
        }
        let id = self.session.project_id(project, &during).await?;
        if self.source == QuotaSource::Nova {
            let body = json!({ "quota_set": { nova: value } });
            let path = format!("/os-quota-sets/{id}");
            return self.session.compute(&during, Method::PUT, &path, Some(&body)).await.map(drop);
        }
        match self.limit(&id, unified, &during).await? {
            Some(limit) => {
                let path = format!("/limits/{}", text(&limit["id"]));
                let body = json!({ "limit": { "resource_limit": value } });
                self.session.identity(&during, Method::PATCH, &path, Some(&body)).await.map(drop)
            }
            None => {
                let registered = self.registered(unified, &during).await?;
                let mut limit = json!({
                    "project_id": id, "resource_name": unified, "resource_limit": value,
                    "service_id": registered["service_id"],
                });
                if !registered["region_id"].is_null() {
                    limit["region_id"] = registered["region_id"].clone();
                }
                let body = json!({ "limits": [limit] });
                self.session.identity(&during, Method::POST, "/limits", Some(&body)).await.map(drop)
            }
        }
    }

    fn names(resource: QuotaResource, during: &str) -> Result<(&'static str, &'static str), SystemError> {
        names(resource).ok_or_else(|| trouble(Trouble::Unsupported, during, "a project has no quota of that"))
    }

    /// The project's own unified limit, if it has one.
    async fn limit(&self, project: &str, unified: &str, during: &str) -> Result<Option<Value>, SystemError> {
        // Keystone's filters are exact, but it lists a domain's limits whole: so the project is compared here too.
        let path = format!("/limits?project_id={project}&resource_name={unified}");
        let found = self.session.identity(during, Method::GET, &path, None).await?;
        Ok(found["limits"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|l| self.is_ours(l, unified) && l["project_id"] == project)
            .cloned())
    }

    /// What every project has unless it has a limit of its own.
    async fn registered(&self, unified: &str, during: &str) -> Result<Value, SystemError> {
        let found = self.session.identity(during, Method::GET, "/registered_limits", None).await?;
        let mut all = found["registered_limits"].as_array().into_iter().flatten();
        all.find(|l| self.is_ours(l, unified)).cloned().ok_or_else(|| {
            trouble(Trouble::Unsupported, during, format!("no limit {unified} is registered in Keystone"))
        })
    }

    fn is_ours(&self, limit: &Value, unified: &str) -> bool {
        let region = self.session.region.as_deref();
        limit["resource_name"] == unified
            && (region.is_none() || limit["region_id"].is_null() || limit["region_id"].as_str() == region)
    }

    /// What Nova says is in use; nothing is known where there is no Nova.
    async fn used(&self, project: &str, nova: &str, during: &str) -> i64 {
        let seen = self
            .session
            .compute(during, Method::GET, &format!("/os-quota-sets/{project}/detail"), None)
            .await;
        seen.ok().and_then(|s| s["quota_set"][nova]["in_use"].as_i64()).unwrap_or(0)
    }
}
