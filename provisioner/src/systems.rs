//! Everything the provisioner can act on: the zones' hypervisors, the clusters, the Cabinet. Which there are stands in the directory
//! and the configuration, and only this process holds their credentials.

use std::sync::Arc;

use crm::directory::Cluster as Entry;
use crm::domain::action::LinkEnd;
use crm::domain::ids::ClusterId;
use crm::store::Db;
use futures::future::BoxFuture;

use crate::cabinet::Cabinet;
use crate::cluster::Cluster;
use crate::failure::{Failure, Kind};
use crate::hypervisor::Hypervisor;
use crate::system::SystemError;
use crate::zone_link::End;
use crate::zones::Zones;

/// Makes a cluster's client from its entry in the directory.
pub type Reach =
    Arc<dyn Fn(Entry) -> BoxFuture<'static, Result<Arc<dyn Cluster>, SystemError>> + Send + Sync>;

/// The systems; cheap to clone.
#[derive(Clone)]
pub struct Systems {
    /// Where the directory is.
    pub db: Db,
    /// The hypervisors.
    pub zones: Zones,
    /// How clusters are reached, if they are.
    pub clusters: Option<Reach>,
    /// The Cabinet, if there is one.
    pub cabinet: Option<Arc<dyn Cabinet>>,
}

/// Something that the directory or the configuration lacks: no retry helps.
fn missing(text: impl Into<String>) -> Failure {
    Failure::new("look", Kind::Failed, text)
}

impl Systems {
    /// The hypervisors alone.
    pub const fn of_zones(db: Db, zones: Zones) -> Self {
        Self { db, zones, clusters: None, cabinet: None }
    }

    /// The hypervisor of a zone.
    pub async fn hypervisor(&self, zone: &str) -> Result<Arc<dyn Hypervisor>, Failure> {
        self.zones.get(&self.db, zone).await.map_err(|error| missing(error.to_string()))
    }

    /// One end of a link, with its zone's hypervisor and the way to other zones' hosts.
    pub async fn link_end(&self, end: &LinkEnd) -> Result<End, Failure> {
        let read = async { self.db.read().await?.zone_fetch(&end.zone).await };
        let zone = read.await.map_err(|e| Failure::new("look", Kind::Passing, e.to_string()))?;
        let underlay = zone.and_then(|z| z.link).ok_or_else(|| {
            missing(format!(
                "zone {} has no `link` in the directory: how do other zones reach its host?",
                end.zone
            ))
        })?;
        Ok(End { hv: self.hypervisor(end.zone.as_str()).await?, end: end.clone(), underlay })
    }

    /// A cluster of the directory.
    pub async fn cluster(&self, id: &ClusterId) -> Result<Arc<dyn Cluster>, Failure> {
        let read = async { self.db.read().await?.cluster_list().await };
        let known = read.await.map_err(|e| Failure::new("look", Kind::Passing, e.to_string()))?;
        let entry = known.into_iter().find(|c| c.id == *id);
        let entry = entry.ok_or_else(|| missing(format!("cluster {id} is not in the directory")))?;
        let reach = self.clusters.as_ref();
        let reach = reach
            .ok_or_else(|| missing("this provisioner reaches no clusters: it has no adapter for them"))?;
        reach(entry).await.map_err(|error| error.failure("look"))
    }

    /// The Cabinet.
    pub fn cabinet(&self) -> Result<Arc<dyn Cabinet>, Failure> {
        self.cabinet.clone().ok_or_else(|| missing("no Cabinet is configured: set [cabinet] in komek.toml"))
    }
}
