# Causes as the desk reads them: the «your» of the customer's sheet (cause-…) would be the reader's own.
web-cause-provider = a fault of our platform
web-cause-ha_master_unreachable = master nodes of a highly available control plane could not be reached
web-cause-basic_control_plane = a basic control plane could not be reached
web-cause-worker_nodes = worker nodes or pods
web-cause-customer_routing = the customer’s own routing rules
web-cause-third_party_install = software installed in the cluster
web-cause-cluster_change = an upgrade or change of the cluster
web-cause-force_majeure = force majeure
web-cause-customer_act = an action of the customer
web-cause-planned_works = planned works, announced ahead

# Intervals of a service's month, and who said what of them.
web-intervals = Intervals of the month
web-intervals-none = No interval was recorded in this month.
web-interval-said-by = proposed by { $name }
web-interval-confirmed-by = confirmed by { $name }
web-interval-disputed-by = disputed by { $name }
web-interval-withdrawn-by = withdrawal confirmed by { $name }
web-credit-intervals = { $n ->
    [0] Intervals
    [one] { $n } interval
   *[other] { $n } intervals
}
web-credit-budget-of = { $left } of { $all } left
web-credit-budget-over = { $all } allowed, overspent by { $left }

# The question before a month is closed.
web-close-services = Services
web-close-down = Downtime, all together
web-close-owed = Services with a credit
web-close-credit = Credits, all together
web-close-final = This cannot be undone. The figures are frozen for billing; what turns out to be wrong later becomes a correction beside them.
web-close-changed = The figures have changed since you looked. Check them again.
web-close-yes = Close for good
web-close-no = Not yet

web-choose = – choose –
