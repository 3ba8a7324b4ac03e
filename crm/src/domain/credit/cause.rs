//! Why a service did not work (C13): the words of files and API, and which of them fit which service.

use crate::directory::ControlPlane;
use crate::domain::kind::Terms;
use crate::domain::policy::Causes;

word_enum! {
    /// The cause of an interval. Whether it counts is said by the policy file.
    pub enum Cause {
        /// The provider's platform, hardware or network (VM).
        Provider = "provider",
        /// A master of a highly available control plane cannot be reached (C3).
        HaMasterUnreachable = "ha_master_unreachable",
        /// The one master of a basic control plane cannot be reached (C3).
        BasicControlPlane = "basic_control_plane",
        /// Worker nodes or pods (C3).
        WorkerNodes = "worker_nodes",
        /// The customer's own routing rules cut the masters off (C3).
        CustomerRouting = "customer_routing",
        /// Something that the customer installed in the cluster (C3).
        ThirdPartyInstall = "third_party_install",
        /// An upgrade of the cluster or a change of its configuration (C3).
        ClusterChange = "cluster_change",
        /// Force majeure and other causes outside the provider's fault (C5).
        ForceMajeure = "force_majeure",
        /// The customer's own act or omission (C6).
        CustomerAct = "customer_act",
        /// A window of works that was announced ahead (C4).
        PlannedWorks = "planned_works",
    }
}

word_enum! {
    /// What an interval does to the downtime (C13).
    pub enum Effect {
        /// It counts.
        Counts = "counts",
        /// It adds nothing.
        AddsNothing = "adds_nothing",
        /// What falls into it is removed from what counts.
        TakesAway = "takes_away",
    }
}

impl Cause {
    /// Whether the terms of a service know this cause at all (C13).
    pub const fn of_terms(self, terms: Terms) -> bool {
        match self {
            Self::Provider => matches!(terms, Terms::Vm),
            Self::HaMasterUnreachable
            | Self::BasicControlPlane
            | Self::WorkerNodes
            | Self::CustomerRouting
            | Self::ThirdPartyInstall
            | Self::ClusterChange => matches!(terms, Terms::Kubernetes),
            Self::ForceMajeure | Self::CustomerAct | Self::PlannedWorks => true,
        }
    }

    /// Whether an interval of a service like this can have this cause; else what to say (C3, C13, S6).
    pub fn fits(self, terms: Terms, control_plane: Option<ControlPlane>) -> Result<(), String> {
        if !self.of_terms(terms) {
            let known: Vec<&str> =
                Self::ALL.iter().filter(|c| c.of_terms(terms)).map(|c| c.as_str()).collect();
            return Err(format!(
                "the cause {self} does not fit a {terms} service; it is one of: {}",
                known.join(", ")
            ));
        }
        match (self, control_plane) {
            (Self::HaMasterUnreachable, Some(ControlPlane::Ha)) => Ok(()),
            (Self::HaMasterUnreachable, _) => Err(format!(
                "the cause {self} fits a highly available control plane alone (C3), and this one is basic; \
                 write basic_control_plane"
            )),
            (Self::BasicControlPlane, Some(ControlPlane::Ha)) => Err(format!(
                "the cause {self} fits a basic control plane alone (C3), and this one is highly available; \
                 write ha_master_unreachable"
            )),
            _ => Ok(()),
        }
    }

    /// The rule that says what becomes of it, for a service of these terms.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Provider => "C8",
            Self::HaMasterUnreachable
            | Self::BasicControlPlane
            | Self::WorkerNodes
            | Self::CustomerRouting
            | Self::ThirdPartyInstall
            | Self::ClusterChange => "C3",
            Self::ForceMajeure => "C5",
            Self::CustomerAct => "C6",
            Self::PlannedWorks => "C4",
        }
    }

    /// What it does under these terms. A policy file names every cause in one of its lists; one that it does not name adds nothing.
    pub fn effect(self, causes: &Causes) -> Effect {
        let named = |list: &[String]| list.iter().any(|word| word == self.as_str());
        if named(&causes.counts) {
            Effect::Counts
        } else if named(&causes.takes_away) {
            Effect::TakesAway
        } else {
            Effect::AddsNothing
        }
    }
}
