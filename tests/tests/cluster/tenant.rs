//! Where the cluster has Capsule, a namespace's quota stands in its Tenant. The definition is a real one of the API server; Capsule's own
//! controller, which copies the Tenant's limits into the namespaces, is played by kubectl.

use anyhow::{Result, ensure};
use crm::domain::form::QuotaResource::Cpu;
use komek_tests::lab::kubernetes::Plane;
use provisioner::cluster::Cluster;
use provisioner::kubernetes::Kubernetes;
use provisioner::system::Trouble;

use crate::{namespace, settled};

const DEFINITION: &str = r"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: tenants.capsule.clastix.io}
spec:
  group: capsule.clastix.io
  scope: Cluster
  names: {kind: Tenant, plural: tenants, singular: tenant, listKind: TenantList}
  versions:
    - name: v1beta2
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                owners: {type: array, items: {type: object, x-kubernetes-preserve-unknown-fields: true}}
                resourceQuotas:
                  type: object
                  properties:
                    scope: {type: string, enum: [Tenant, Namespace]}
                    items:
                      type: array
                      items:
                        type: object
                        properties:
                          hard:
                            type: object
                            additionalProperties: {x-kubernetes-int-or-string: true}
";

pub async fn quota_of_a_tenant(plane: &Plane, cluster: &Kubernetes) -> Result<()> {
    plane.apply(DEFINITION)?;
    plane.kubectl(&["wait", "--for=condition=Established", "crd/tenants.capsule.clastix.io"])?;
    namespace(plane, "steppe")?;
    plane.kubectl(&["label", "namespace", "steppe", "capsule.clastix.io/tenant=steppe"])?;
    // The label without such a tenant is only a label.
    ensure!(cluster.quota("steppe", Cpu).await?.holder.is_none());
    plane.apply(
        "apiVersion: capsule.clastix.io/v1beta2\nkind: Tenant\nmetadata: {name: steppe}\n\
         spec: {owners: [{kind: User, name: steppe}]}\n",
    )?;
    cluster.set_quota("steppe", Cpu, 8).await?;
    cluster.set_quota("steppe", Cpu, 12).await?;
    let items = ".spec.resourceQuotas.items[0].hard.requests\\.cpu";
    ensure!(plane.kubectl(&["get", "tenant", "steppe", "-o", &format!("jsonpath={{{items}}}")])? == "12");
    let owner = plane.kubectl(&["get", "tenant", "steppe", "-o", "jsonpath={.spec.owners[0].name}"])?;
    ensure!(owner == "steppe", "what we do not manage is left alone");

    let seen = cluster.quota("steppe", Cpu).await?;
    ensure!(
        seen.holder.as_deref() == Some("Tenant steppe") && seen.asked == Some(12) && !seen.settled,
        "{seen:?}"
    );
    plane.kubectl(&["-n", "steppe", "create", "quota", "capsule-steppe-0", "--hard=requests.cpu=12"])?;
    let begun = std::time::Instant::now();
    while !cluster.quota("steppe", Cpu).await?.settled {
        ensure!(begun.elapsed().as_secs() < 30, "the namespace's quota never comes into force");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }

    // A tenant whose limits somebody else manages says who.
    plane.kubectl(&[
        "patch",
        "tenant",
        "steppe",
        "--type=merge",
        "--field-manager=sales-portal",
        "-p",
        r#"{"spec":{"resourceQuotas":{"items":[{"hard":{"requests.cpu":"14"}}]}}}"#,
    ])?;
    let error = cluster.set_quota("steppe", Cpu, 20).await.expect_err("it is the portal's");
    ensure!(error.trouble == Trouble::Conflict && error.to_string().contains("sales-portal"), "{error}");
    settled(cluster, Cpu).await.map(drop)
}
