//! Where a webhook may lead: anywhere in the world, but not into our own network (server-side request forgery).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

/// Longest address of a webhook.
const LONGEST: usize = 2_000;

/// An address that somebody wants to be told at, checked as far as it can be without looking up its name. An error says what to do.
pub fn check(text: &str, allow_private: bool) -> Result<Url, String> {
    if text.len() > LONGEST {
        return Err(format!("url: at most {LONGEST} characters"));
    }
    let url = Url::parse(text).map_err(|e| format!("url: {e}; it looks like https://example.kz/komek"))?;
    match url.scheme() {
        "https" => {}
        "http" if allow_private => {}
        "http" => return Err("url: only https:// ([webhooks] allow_private permits http://)".to_owned()),
        other => return Err(format!("url: «{other}» is not spoken; use https://")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("url: leave user and password out; the signature says who we are".to_owned());
    }
    let literal = match url.host() {
        None => return Err("url: it names no host".to_owned()),
        Some(Host::Domain(_)) => None,
        Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
    };
    if literal.is_some_and(|ip| !allow_private && !is_public(ip)) {
        return Err("url: this address is not of the public internet ([webhooks] allow_private permits it)"
            .to_owned());
    }
    Ok(url)
}

/// The addresses of a webhook's host at this moment. If one of them is not public, none is used: the name may be made to change its mind.
pub async fn resolve(url: &Url, allow_private: bool) -> Result<Vec<SocketAddr>, String> {
    let port = url.port_or_known_default().unwrap_or(443);
    let found: Vec<SocketAddr> = match url.host() {
        Some(Host::Ipv4(ip)) => vec![SocketAddr::from((ip, port))],
        Some(Host::Ipv6(ip)) => vec![SocketAddr::from((ip, port))],
        Some(Host::Domain(name)) => {
            tokio::net::lookup_host((name, port)).await.map_err(|e| format!("{name}: {e}"))?.collect()
        }
        None => Vec::new(),
    };
    match found.iter().find(|at| !allow_private && !is_public(at.ip())) {
        Some(private) => Err(format!("{} is not of the public internet", private.ip())),
        None if found.is_empty() => Err("its name has no address".to_owned()),
        None => Ok(found),
    }
}

/// Whether an address belongs to the public internet.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        // Shared by providers, for protocols, for measurements; and what is reserved.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240;
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    let inside = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // An IPv4 address in other clothes: mapped, translated (NAT64), tunnelled (6to4).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => inside(high, low),
        [0x2002, high, low, ..] => inside(high, low),
        // Only what is given out at all (2000::/3), without documentation and Teredo.
        [first, second, ..] => {
            (0x2000..0x4000).contains(&first) && !(first == 0x2001 && (second == 0xdb8 || second == 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://example.kz/hook?x=1", true)]
    #[case("https://93.184.216.34/", true)]
    #[case("http://example.kz/", false)]
    #[case("ftp://example.kz/", false)]
    #[case("file:///etc/passwd", false)]
    #[case("https://user:pass@example.kz/", false)]
    #[case("https://127.0.0.1/", false)]
    #[case("https://127.1/", false)]
    #[case("https://2130706433/", false)]
    #[case("https://0x7f.0.0.1/", false)]
    #[case("https://[::1]/", false)]
    #[case("https://[::ffff:10.0.0.1]/", false)]
    #[case("https://[64:ff9b::a9fe:a9fe]/", false)]
    #[case("https://169.254.169.254/latest/meta-data", false)]
    #[case("https://10.1.2.3/", false)]
    #[case("https://100.64.0.1/", false)]
    #[case("https://[fd00::1]/", false)]
    #[case("https://[2606:2800:220:1::1]/", true)]
    #[case("not a url", false)]
    fn only_the_public_internet(#[case] url: &str, #[case] fine: bool) {
        assert_eq!(check(url, false).is_ok(), fine, "{:?}", check(url, false));
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_when_it_is_looked_up() {
        let url = check("https://localhost/", false).expect("only a name");
        assert!(resolve(&url, false).await.is_err_and(|e| e.contains("public internet")));
        assert!(resolve(&url, true).await.is_ok());
    }
}
