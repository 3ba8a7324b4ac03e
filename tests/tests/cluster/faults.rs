//! What goes wrong with a cluster, and in which words it is told.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use crm::domain::form::QuotaResource::Cpu;
use komek_tests::lab::kubernetes::Plane;
use provisioner::cluster::Cluster;
use provisioner::kubernetes::Kubernetes;
use provisioner::system::Trouble;

pub async fn what_goes_wrong_is_told(plane: &mut Plane, cluster: &Kubernetes) -> Result<()> {
    // 403: a namespace in which the provisioner was given nothing.
    plane.kubectl(&["create", "namespace", "foreign"])?;
    let error = cluster.set_quota("foreign", Cpu, 4).await.expect_err("not ours");
    ensure!(error.trouble == Trouble::Forbidden && error.to_string().contains("deploy/"), "{error}");
    // A namespace that is gone.
    let error = cluster.quota("nowhere", Cpu).await.expect_err("gone");
    ensure!(matches!(error.trouble, Trouble::Missing | Trouble::Forbidden), "{error}");
    // 401: a token whose time is over. Fresh, it is accepted.
    let fresh = plane.token("komek", "komek-provisioner", 600)?;
    let aged = plane.expired(&fresh)?;
    ensure!(
        plane.status(&fresh, "/api/v1/nodes")? == "200" && plane.status(&aged, "/api/v1/nodes")? == "401"
    );
    let late = plane.connect(&plane.kubeconfig_with(&aged)?).await?;
    let error = late.set_quota("acme", Cpu, 30).await.expect_err("its time is over");
    ensure!(error.trouble == Trouble::Unauthenticated && error.to_string().contains("renew"), "{error}");
    ensure!(!error.is_passing() && !error.to_string().contains(&aged), "{error}");
    // And one whose account was deleted.
    let dead = plane.token("acme", "access-2", 600)?;
    let file = plane.kubeconfig_with(&dead)?;
    cluster.revoke("acme", "access-2").await?;
    let expired = plane.connect(&file).await?;
    let begun = Instant::now();
    loop {
        let error = expired.quota("acme", Cpu).await.expect_err("the account is gone");
        if error.trouble == Trouble::Unauthenticated {
            ensure!(!error.is_passing() && error.to_string().contains("renew"), "{error}");
            ensure!(!error.to_string().contains(&dead), "the token is in the error");
            break;
        }
        ensure!(begun.elapsed() < Duration::from_mins(1), "{error}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    // etcd stands still: the API server lives and cannot answer. Nothing hangs, and it is worth another try.
    plane.signal("etcd", "STOP")?;
    let begun = Instant::now();
    let error = cluster.set_quota("acme", Cpu, 26).await.expect_err("no etcd");
    ensure!(
        error.is_passing() && begun.elapsed() < Duration::from_secs(40),
        "{error} after {:?}",
        begun.elapsed()
    );
    let master = cluster.masters().await.remove(0);
    ensure!(
        !master.ready && master.failing.iter().any(|f| f == "etcd" || f.contains("no answer")),
        "{master:?}"
    );
    plane.signal("etcd", "CONT")?;
    again(cluster).await?;

    // The API server is killed: the next call says so, and works again once it is back.
    plane.signal("apiserver-1", "KILL")?;
    let error = cluster.set_quota("acme", Cpu, 28).await.expect_err("no server");
    ensure!(error.is_passing(), "{error}");
    let error = cluster.quota("acme", Cpu).await.expect_err("no server");
    ensure!(error.trouble == Trouble::Unreachable && error.to_string().contains("is it up?"), "{error}");
    let master = cluster.masters().await.remove(0);
    ensure!(!master.alive && !master.ready && !master.failing.is_empty(), "{master:?}");
    plane.restart("apiserver-1")?;
    again(cluster).await
}

/// Until a quota can be set again.
async fn again(cluster: &Kubernetes) -> Result<()> {
    let begun = Instant::now();
    while let Err(error) = cluster.set_quota("acme", Cpu, 24).await {
        ensure!(error.is_passing() || error.trouble == Trouble::Forbidden, "{error}");
        ensure!(begun.elapsed() < Duration::from_mins(1), "{error}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    Ok(())
}
