//! How each master of a control plane is: `/livez` and `/readyz?verbose`, asked of each by itself and not through the cluster's address.

use kube::Client;
use kube::client::Body;

use super::Kubernetes;
use crate::cluster::Master;

impl Kubernetes {
    /// Asks one master. What it does not answer is a finding, never an error.
    pub(super) async fn master(&self, address: &str) -> Master {
        let (alive, ready) =
            futures::join!(self.probe(address, "/livez"), self.probe(address, "/readyz?verbose"));
        let failing = match &ready {
            Ok((200, _)) => Vec::new(),
            Ok((status @ (401 | 403), _)) => vec![format!("HTTP {status}")],
            Ok((_, text)) => failed_checks(text),
            Err(why) => vec![why.clone()],
        };
        Master {
            address: address.to_owned(),
            alive: matches!(alive, Ok((200, _))),
            ready: matches!(ready, Ok((200, _))),
            failing,
            refuses: matches!(ready, Ok((401 | 403, _))),
        }
    }

    /// With what status and words a master answers at `path`.
    async fn probe(&self, address: &str, path: &str) -> Result<(u16, String), String> {
        let mut config = self.config.clone();
        config.cluster_url = address.parse().map_err(|e| format!("{address} is no address: {e}"))?;
        let client = Client::try_from(config).map_err(|e| e.to_string())?;
        let request = http::Request::get(path).body(Body::empty()).map_err(|e| e.to_string())?;
        let answer = async {
            let response = client.send(request).await?;
            let status = response.status().as_u16();
            Ok::<_, kube::Error>((status, response.into_body().collect_bytes().await?))
        };
        let (status, body) = self.ask(path, answer).await.map_err(|e| e.to_string())?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}

/// The checks that a `/readyz?verbose` names as failed: its lines begin with `[-]`.
fn failed_checks(text: &str) -> Vec<String> {
    let failed = text.lines().filter_map(|line| line.strip_prefix("[-]"));
    failed.map(|line| line.split_whitespace().next().unwrap_or_default().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn failed_checks_are_named() {
        let text = "[+]ping ok\n[-]etcd failed: reason withheld\n[+]log ok\nhealthz check failed\n";
        assert_eq!(super::failed_checks(text), ["etcd"]);
    }
}
