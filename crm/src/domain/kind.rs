//! Kinds of tickets, the queues (departments) that handle them, and the service whose terms apply.

word_enum! {
    /// What a ticket asks for. The target of each is in the policy file (RULES.md T1–T7).
    pub enum Kind {
        /// Reboot of a virtual machine (T3).
        VmReboot = "vm_reboot",
        /// Unlock of a virtual machine (T3).
        VmUnlock = "vm_unlock",
        /// Quota increase of a Cabinet account (T1).
        QuotaIncrease = "quota_increase",
        /// Cabinet password change or recovery (T2).
        PasswordRecovery = "password_recovery",
        /// Network connection between two availability zones (T4).
        ZoneLink = "zone_link",
        /// The customer's services are down completely (T5).
        FaultCritical = "fault_critical",
        /// The customer's main services are slightly affected (T6).
        FaultMinor = "fault_minor",
        /// A question (T7).
        Question = "question",
        /// An order (T7, S3).
        Order = "order",
        /// A new Cabinet (T7, S3).
        NewCabinet = "new_cabinet",
        /// A trial period (T7, S2).
        Trial = "trial",
        /// A claim for an SLA credit (T7, C8).
        CreditClaim = "credit_claim",
        /// A claim for lost or damaged data (T7, C10).
        DataLossClaim = "data_loss_claim",
    }
}

impl Kind {
    /// Whether somebody's service is broken, as opposed to something wanted.
    pub const fn is_fault(self) -> bool {
        matches!(self, Self::FaultCritical | Self::FaultMinor)
    }
}

word_enum! {
    /// The department a ticket waits in.
    pub enum Queue {
        /// First line.
        Support = "support",
        /// Hypervisors, storage, hardware.
        Infrastructure = "infrastructure",
        /// Networks and zone links.
        Network = "network",
        /// Clusters.
        Kubernetes = "kubernetes",
        /// Prices, credits, claims.
        Billing = "billing",
        /// Orders, trials, new customers.
        Sales = "sales",
        /// Abuse and locks.
        Security = "security",
    }
}

word_enum! {
    /// Whose terms apply: one policy file each.
    pub enum Terms {
        /// Virtual machines on KVM.
        Vm = "vm",
        /// Container orchestration on Kubernetes.
        Kubernetes = "kubernetes",
    }
}

word_enum! {
    /// How a ticket or a message reached the desk.
    pub enum Channel {
        /// The bot.
        Telegram = "telegram",
        /// The support telephone.
        Phone = "phone",
        /// Mail.
        Email = "email",
        /// The web form.
        Web = "web",
        /// The HTTP API.
        Api = "api",
        /// Monitoring.
        Alert = "alert",
    }
}
