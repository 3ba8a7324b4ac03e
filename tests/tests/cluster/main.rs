//! The Kubernetes adapter against a real control plane, with the rights of `deploy/kubernetes` and no more; kubectl and curl are witnesses.

mod faults;
mod links;
mod masters;
mod tenant;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use crm::domain::form::QuotaResource::{Cpu, Memory, Pods};
use komek_tests::lab::kubernetes::{Plane, kubectl};
use provisioner::cluster::{Closed, Cluster, LinkSeen, NamespaceQuota, Peer, Rule};
use provisioner::kubernetes::Kubernetes;
use provisioner::system::Trouble;
use secrecy::{ExposeSecret, SecretString};

/// A customer's namespace in which the provisioner may work.
fn namespace(plane: &Plane, name: &str) -> Result<()> {
    plane.kubectl(&["create", "namespace", name])?;
    plane.kubectl(&[
        "label",
        "namespace",
        name,
        &format!("kubernetes.io/metadata.name={name}"),
        "--overwrite",
    ])?;
    let role = "--clusterrole=komek-provisioner-namespace";
    let whom = "--serviceaccount=komek:komek-provisioner";
    plane.kubectl(&["-n", name, "create", "rolebinding", "komek-provisioner", role, whom]).map(drop)
}

/// Reads a quota until its status has caught up.
async fn settled(cluster: &Kubernetes, resource: crm::domain::form::QuotaResource) -> Result<NamespaceQuota> {
    let begun = Instant::now();
    loop {
        let seen = cluster.quota("acme", resource).await?;
        if seen.settled {
            return Ok(seen);
        }
        ensure!(begun.elapsed() < Duration::from_secs(30), "{resource} never comes into force: {seen:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn what_is_asked_of_a_cluster_happens_there() -> Result<()> {
    let Some(mut plane) = Plane::start(1)? else { return Ok(()) };
    let identity = plane.provisioner()?;
    namespace(&plane, "acme")?;
    namespace(&plane, "dala")?;
    let cluster = Arc::new(plane.connect(&identity).await?);
    quotas(&plane, &cluster).await?;
    credentials(&plane, &cluster).await?;
    rules(&plane, &cluster).await?;
    links::whole_or_not_at_all(&plane, cluster.clone()).await?;
    tenant::quota_of_a_tenant(&plane, &cluster).await?;
    rights(&plane, &identity)?;
    // Last, because it stops things.
    faults::what_goes_wrong_is_told(&mut plane, &cluster).await
}

async fn quotas(plane: &Plane, cluster: &Kubernetes) -> Result<()> {
    let none = cluster.quota("acme", Cpu).await?;
    ensure!(none.holder.is_none() && none.asked.is_none(), "{none:?}");
    cluster.set_quota("acme", Cpu, 16).await?;
    let seen = settled(cluster, Cpu).await?;
    ensure!((seen.asked, seen.in_force) == (Some(16), Some(16)), "{seen:?}");
    // A second resource does not take the first away, nor does a repeated step.
    cluster.set_quota("acme", Memory, 65536).await?;
    cluster.set_quota("acme", Cpu, 24).await?;
    cluster.set_quota("acme", Cpu, 24).await?;
    settled(cluster, Memory).await?;
    settled(cluster, Cpu).await?;
    let read = |path: &str| {
        plane.kubectl(&["-n", "acme", "get", "quota", "komek", "-o", &format!("jsonpath={{{path}}}")])
    };
    ensure!(read(".status.hard.requests\\.cpu")? == "24");
    ensure!(read(".status.hard.requests\\.memory")? == "64Gi");
    ensure!(read(".metadata.managedFields[?(@.operation=='Apply')].manager")? == "komek-provisioner");

    // Somebody else's value is his: 409, and who. (An update by hand takes the field over, so an apply of another manager is used.)
    let foreign = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: platform, namespace: acme}\nspec: {hard: {pods: \"10\"}}\n";
    let file = plane.kubeconfig().with_file_name("foreign.yaml");
    std::fs::write(&file, foreign)?;
    let path = file.to_string_lossy();
    plane.kubectl(&["apply", "--server-side", "--field-manager=platform-team", "-f", &path])?;
    let error = cluster.set_quota("acme", Pods, 20).await.expect_err("it is the platform team's");
    ensure!(error.trouble == Trouble::Conflict && error.to_string().contains("platform-team"), "{error}");
    ensure!(settled(cluster, Pods).await?.asked == Some(10));

    // Two objects for one resource: whichever is tighter would win unseen.
    plane.kubectl(&["-n", "acme", "create", "quota", "second", "--hard=cpu=3"])?;
    let error = cluster.set_quota("acme", Cpu, 30).await.expect_err("which?");
    ensure!(error.trouble == Trouble::Refused && error.to_string().contains("second"), "{error}");
    plane.kubectl(&["-n", "acme", "delete", "quota", "second"])?;

    let error = cluster.set_quota("acme", Cpu, -5).await.expect_err("negative");
    ensure!(error.trouble == Trouble::Refused, "{error}");
    // 10^18 processors are a number to Kubernetes: it is the plan that compares with the capacity.
    cluster.set_quota("acme", Cpu, 1_000_000_000_000_000_000).await?;
    ensure!(settled(cluster, Cpu).await?.asked == Some(1_000_000_000_000_000_000));
    plane.apply("apiVersion: v1\nkind: Node\nmetadata: {name: worker-1}\n")?;
    let capacity = r#"{"status":{"allocatable":{"cpu":"32","memory":"128Gi","pods":"110"}}}"#;
    let path = "/api/v1/nodes/worker-1/status";
    let file = plane.kubeconfig().with_file_name("node.json");
    let mut whole: serde_json::Value = serde_json::from_str(&plane.kubectl(&["get", "--raw", path])?)?;
    whole["status"] = serde_json::from_str::<serde_json::Value>(capacity)?["status"].clone();
    std::fs::write(&file, whole.to_string())?;
    plane.kubectl(&["replace", "--raw", path, "-f", &file.to_string_lossy()])?;
    ensure!(cluster.quota("acme", Cpu).await?.capacity == Some(32));
    ensure!(cluster.quota("acme", Memory).await?.capacity == Some(131_072));
    cluster.set_quota("acme", Cpu, 24).await?;
    settled(cluster, Cpu).await.map(drop)
}

async fn credentials(plane: &Plane, cluster: &Kubernetes) -> Result<()> {
    let old = cluster.grant("acme", "access-1").await?;
    let old_token = cluster.token("acme", "access-1", 3600).await?;
    ensure!(cluster.accepts(&old_token).await?);
    let new = cluster.grant("acme", "access-2").await?;
    ensure!(cluster.grant("acme", "access-2").await? == new, "a repeated step makes no other account");
    let token = cluster.token("acme", "access-2", 3600).await?;
    ensure!(cluster.accesses("acme").await? == [old, new]);

    // The kubeconfig is all that kubectl needs; it opens the customer's own namespace and nothing else.
    let file = plane.kubeconfig().with_file_name("customer");
    std::fs::write(&file, cluster.kubeconfig("acme", &token).expose_secret())?;
    kubectl(&file, &["get", "pods"])?;
    kubectl(&file, &["create", "configmap", "mine", "--from-literal=a=b"])?;
    ensure!(kubectl(&file, &["-n", "dala", "get", "pods"]).is_err(), "another customer's namespace");
    ensure!(kubectl(&file, &["get", "nodes"]).is_err());

    cluster.revoke("acme", "access-1").await?;
    cluster.revoke("acme", "access-1").await?;
    let begun = Instant::now();
    while cluster.accepts(&old_token).await? {
        ensure!(begun.elapsed() < Duration::from_mins(1), "the old token never dies");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let pods = "/api/v1/namespaces/acme/pods";
    ensure!(plane.status(old_token.expose_secret(), pods)? == "401");
    ensure!(plane.status(token.expose_secret(), pods)? == "200");
    ensure!(!cluster.accepts(&SecretString::from("nonsense".to_owned())).await?);
    Ok(())
}

async fn rules(plane: &Plane, cluster: &Kubernetes) -> Result<()> {
    let lets_in = |peer: Peer| Rule { peer, out: false };
    let dala = lets_in(Peer::Namespace("dala".to_owned()));
    let range = Rule { peer: Peer::Addresses("10.20.0.0/16".to_owned()), out: true };
    ensure!(cluster.link("acme", "komek-link-1").await? == LinkSeen::Nothing);
    for _ in 0..2 {
        cluster.set_link("acme", "komek-link-1", &dala).await?;
        cluster.set_link("dala", "komek-link-1", &lets_in(Peer::Namespace("acme".to_owned()))).await?;
    }
    ensure!(cluster.link("acme", "komek-link-1").await? == LinkSeen::Rule(dala.clone()));
    // The rule of a link closes nothing in our eyes; the provider's do.
    ensure!(cluster.closed("acme").await? == Closed::default());
    links::close(plane, "acme", "[Ingress]")?;
    ensure!(cluster.closed("acme").await? == Closed { inwards: true, outwards: false });
    plane.kubectl(&["-n", "acme", "delete", "netpol", "closed"])?;
    let from = ".spec.ingress[0].from[0].namespaceSelector.matchLabels.kubernetes\\.io/metadata\\.name";
    let read = |ns: &str| {
        plane.kubectl(&["-n", ns, "get", "netpol", "komek-link-1", "-o", &format!("jsonpath={{{from}}}")])
    };
    ensure!((read("acme")?.as_str(), read("dala")?.as_str()) == ("dala", "acme"));
    // Both ways, and back to one: what was ours alone goes again.
    for rule in [range, dala] {
        cluster.set_link("acme", "komek-link-1", &rule).await?;
        ensure!(cluster.link("acme", "komek-link-1").await? == LinkSeen::Rule(rule));
    }
    // Somebody makes it wider: it is not taken for ours.
    let wider = r#"[{"op":"add","path":"/spec/ingress/0/from/-","value":{"ipBlock":{"cidr":"0.0.0.0/0"}}}]"#;
    plane.kubectl(&["-n", "acme", "patch", "netpol", "komek-link-1", "--type=json", "-p", wider])?;
    ensure!(cluster.link("acme", "komek-link-1").await? == LinkSeen::Other);
    for namespace in ["acme", "acme", "dala"] {
        cluster.remove_link(namespace, "komek-link-1").await?;
    }
    ensure!(cluster.link("acme", "komek-link-1").await? == LinkSeen::Nothing);

    // A namespace that no rule can name is said so, and not quietly cut off.
    plane.kubectl(&["create", "namespace", "nameless"])?;
    plane.kubectl(&["label", "namespace", "nameless", "kubernetes.io/metadata.name-"])?;
    let nameless = lets_in(Peer::Namespace("nameless".to_owned()));
    let error = cluster.set_link("acme", "l", &nameless).await.expect_err("no label");
    ensure!(error.trouble == Trouble::Refused && error.to_string().contains("lacks the label"), "{error}");
    Ok(())
}

/// Least privilege: what the provisioner's identity may not do.
fn rights(plane: &Plane, identity: &std::path::Path) -> Result<()> {
    let may = |arguments: &[&str]| {
        let mut all = vec!["auth", "can-i"];
        all.extend(arguments);
        kubectl(identity, &all).is_ok()
    };
    ensure!(may(&["patch", "resourcequotas", "-n", "acme"]), "its own work");
    plane.kubectl(&["create", "namespace", "stranger"])?;
    for wrong in [
        &["get", "secrets", "-n", "acme"][..],
        &["list", "secrets", "--all-namespaces"],
        &["delete", "namespaces"],
        &["list", "namespaces"],
        &["create", "pods", "-n", "acme"],
        &["delete", "resourcequotas", "-n", "acme"],
        &["create", "serviceaccounts/token", "-n", "kube-system"],
        &["create", "serviceaccounts/token", "-n", "stranger"],
        &["create", "clusterrolebindings"],
        &["impersonate", "users"],
        &["patch", "nodes"],
    ] {
        ensure!(!may(wrong), "the provisioner may {wrong:?}");
    }
    // It may bind the role "admin" in a customer's namespace, and not a mightier one.
    let bind = |name: &str, role: &str| {
        kubectl(
            identity,
            &[
                "-n",
                "acme",
                "create",
                "rolebinding",
                name,
                &format!("--clusterrole={role}"),
                "--serviceaccount=acme:x",
            ],
        )
    };
    ensure!(bind("mighty", "cluster-admin").is_err(), "it gave away cluster-admin");
    bind("usual", "admin").map(drop)
}
