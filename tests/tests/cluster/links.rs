//! A link between two namespaces of a real cluster, seen by kubectl: both halves or none, whatever goes wrong in between.

use std::sync::Arc;

use anyhow::{Result, ensure};
use chrono::TimeDelta;
use crm::clock::SystemClock;
use crm::domain::plan::Value;
use komek_tests::lab::kubernetes::Plane;
use provisioner::failure::{Failure, Kind};
use provisioner::kubernetes::Kubernetes;
use provisioner::report::Timing;
use provisioner::steps::{Drill, Drilled};
use provisioner::zone_link::{Wish, rules};

/// Closes a namespace as a provider does.
pub fn close(plane: &Plane, namespace: &str, ways: &str) -> Result<()> {
    plane.apply(&format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: closed, namespace: {namespace}}}\n\
         spec: {{podSelector: {{}}, policyTypes: {ways}}}\n"
    ))
}

struct Linker<'p> {
    plane: &'p Plane,
    ends: rules::Ends,
}

impl Linker<'_> {
    async fn go(&self, wish: Wish, progress: &mut Drilled) -> Result<crm::domain::action::Proof, Failure> {
        rules::plan(&self.ends, wish).await?;
        let timing = Timing {
            poll: TimeDelta::milliseconds(100),
            start_wait: TimeDelta::seconds(5),
            ..Timing::default()
        };
        rules::run(&self.ends, wish, (&SystemClock, &timing), progress).await
    }

    /// What kubectl sees of links, in both namespaces.
    fn rules(&self) -> Result<Vec<String>> {
        let path = "{range .items[*]}{.metadata.namespace} {.spec.policyTypes} {.spec.ingress[0].from[0].namespaceSelector.matchLabels}{\"\\n\"}{end}";
        let seen = self.plane.kubectl(&[
            "get",
            "netpol",
            "-A",
            "-l",
            "komek/link",
            "-o",
            &format!("jsonpath={path}"),
        ])?;
        Ok(seen.lines().map(str::to_owned).collect())
    }
}

pub async fn whole_or_not_at_all(plane: &Plane, cluster: Arc<Kubernetes>) -> Result<()> {
    let end = |namespace: &str| rules::End {
        cluster: cluster.clone(),
        network: format!("{namespace}-pods").as_str().into(),
        home: "acme-prod".to_owned(),
        namespace: namespace.to_owned(),
        cidr: "10.244.0.0/16".to_owned(),
    };
    let town = Linker { plane, ends: [end("acme"), end("dala")] };
    // Nothing closes them: a first rule would, for everybody else.
    let refused = rules::plan(&town.ends, Wish::Link).await.expect_err("open");
    ensure!(refused.kind == Kind::Refused && refused.text.contains("denies ingress"), "{refused}");
    close(plane, "acme", "[Ingress]")?;
    close(plane, "dala", "[Ingress, Egress]")?;

    let plan = rules::plan(&town.ends, Wish::Link).await?;
    ensure!(plan.changes.len() == 2 && plan.changes.iter().all(|c| c.before == Value::word("plan-none")));
    for at in ["look", "first", "second", "read-back"] {
        let mut progress = Drilled::at(at, Drill::FailAfter(Kind::Failed));
        let failure = town.go(Wish::Link, &mut progress).await.expect_err("it is drilled");
        ensure!(failure.text.contains("a drill") && town.rules()?.is_empty(), "{at}: {failure}");
    }
    // The second half really fails: the namespace may have no more rules. The first is gone again.
    plane.kubectl(&[
        "-n",
        "dala",
        "create",
        "quota",
        "few",
        "--hard=count/networkpolicies.networking.k8s.io=1",
    ])?;
    let failure = town.go(Wish::Link, &mut Drilled::default()).await.expect_err("too many rules");
    ensure!(failure.step == "second" && failure.text.contains("quota"), "{failure:?}");
    ensure!(town.rules()?.is_empty(), "{:?}", town.rules()?);
    plane.kubectl(&["-n", "dala", "delete", "quota", "few"])?;

    let mut twice = Drilled::at("first", Drill::Twice);
    let proof = town.go(Wish::Link, &mut twice).await?;
    ensure!((proof.method.as_str(), proof.state.as_str()) == ("done", "linked"), "{proof:?}");
    ensure!(proof.read_back == plan.changes, "{proof:?}");
    let seen = town.rules()?;
    ensure!(
        seen.len() == 2 && seen[0].starts_with("acme [\"Ingress\"]") && seen[0].contains("dala"),
        "{seen:?}"
    );
    // Closed outwards, too: there the link opens both ways.
    ensure!(seen[1].starts_with("dala [\"Ingress\",\"Egress\"]") && seen[1].contains("acme"), "{seen:?}");
    ensure!(town.go(Wish::Link, &mut twice).await? == proof, "asked again, the same proof");
    ensure!(town.go(Wish::Link, &mut Drilled::default()).await?.method == "already");

    for at in ["look", "first", "second", "read-back"] {
        let mut progress = Drilled::at(at, Drill::FailAfter(Kind::Failed));
        town.go(Wish::Removal, &mut progress).await.expect_err("it is drilled");
        ensure!(town.rules()? == seen, "{at}: both halves are back as they were");
    }
    let proof = town.go(Wish::Removal, &mut Drilled::default()).await?;
    ensure!(proof.state == "unlinked" && town.rules()?.is_empty(), "{proof:?}");
    let missing = rules::plan(&town.ends, Wish::Removal).await.expect_err("no link");
    ensure!(missing.text.contains("are not linked"), "{missing}");
    for namespace in ["acme", "dala"] {
        plane.kubectl(&["-n", namespace, "delete", "netpol", "closed"])?;
    }
    Ok(())
}
