//! A highly available control plane: three real masters, of which one and then two are killed (S6, C3).

use anyhow::{Result, ensure};
use komek_tests::lab::kubernetes::Plane;
use provisioner::cluster::{Cluster, Health, health};

#[tokio::test]
async fn one_of_three_masters_is_a_degradation_and_two_are_an_outage() -> Result<()> {
    let Some(plane) = Plane::start(3)? else { return Ok(()) };
    let identity = plane.provisioner()?;
    let cluster = plane.connect(&identity).await?;
    let all = cluster.masters().await;
    ensure!(all.len() == 3 && health(&all) == Health::Healthy, "{all:?}");
    plane.signal("apiserver-2", "KILL")?;
    let one_less = cluster.masters().await;
    ensure!(health(&one_less) == Health::Degraded, "{one_less:?}");
    ensure!(!one_less[1].alive && one_less[0].ready && one_less[2].ready, "{one_less:?}");
    plane.signal("apiserver-3", "KILL")?;
    let outage = cluster.masters().await;
    ensure!(health(&outage) == Health::Critical, "{outage:?}");
    Ok(())
}
