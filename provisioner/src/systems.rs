//! Everything the provisioner can act on: the zones' hypervisors, the clusters, the Cabinet. Which there are stands in the directory
//! and the configuration, and only this process holds their credentials.

use std::sync::Arc;

use crm::directory::Cluster as Entry;
use crm::domain::action::{LinkEnd, LinkPlace};
use crm::domain::ids::{ClusterId, ZoneId};
use crm::store::Db;
use futures::future::BoxFuture;

use crate::cabinet::Cabinet;
use crate::cluster::Cluster;
use crate::failure::{Failure, Kind};
use crate::hypervisor::Hypervisor;
use crate::system::SystemError;
use crate::zone_link::{End, Pair, ZoneEnd, rules};
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

    /// Both ends of a link, with the systems they are in.
    pub async fn link(&self, from: &LinkEnd, to: &LinkEnd) -> Result<Pair, Failure> {
        match (&from.place, &to.place) {
            (LinkPlace::Zone { zone: here, name }, LinkPlace::Zone { zone: there, name: other }) => {
                let ends = (self.zone_end(from, here, name).await?, self.zone_end(to, there, other).await?);
                Ok(Pair::Zones([ends.0, ends.1]))
            }
            (
                LinkPlace::Cluster { cluster: here, namespace },
                LinkPlace::Cluster { cluster: there, namespace: other },
            ) => {
                let ends = (
                    self.cluster_end(from, here, namespace).await?,
                    self.cluster_end(to, there, other).await?,
                );
                Ok(Pair::Clusters([ends.0, ends.1]))
            }
            _ => {
                let text =
                    format!("{} and {} are a namespace and a network of machines", from.network, to.network);
                Err(Failure::new("look", Kind::Refused, format!("{text}: these cannot be linked")))
            }
        }
    }

    async fn cluster_end(
        &self,
        end: &LinkEnd,
        cluster: &ClusterId,
        namespace: &str,
    ) -> Result<rules::End, Failure> {
        Ok(rules::End {
            cluster: self.cluster(cluster).await?,
            network: end.network.clone(),
            home: cluster.to_string(),
            namespace: namespace.to_owned(),
            cidr: end.cidr.clone(),
        })
    }

    async fn zone_end(&self, end: &LinkEnd, id: &ZoneId, name: &str) -> Result<End, Failure> {
        let read = async { self.db.read().await?.zone_fetch(id).await };
        let zone = read.await.map_err(|e| Failure::new("look", Kind::Passing, e.to_string()))?;
        let underlay = zone.and_then(|z| z.link).ok_or_else(|| {
            missing(format!("zone {id} has no `link` in the directory: how do other zones reach its host?"))
        })?;
        let (network, cidr) = (end.network.clone(), end.cidr.clone());
        let end = ZoneEnd { network, zone: id.clone(), name: name.to_owned(), cidr };
        Ok(End { hv: self.hypervisor(id.as_str()).await?, end, underlay })
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
