//! A range of IPv4 addresses, `192.168.101.0/24`.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A network's addresses; as text in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Cidr {
    /// The first address.
    pub network: Ipv4Addr,
    /// How many bits are fixed, 8 to 30.
    pub prefix: u8,
}

impl Cidr {
    /// The range of `prefix` bits that `address` lies in.
    pub fn around(address: Ipv4Addr, prefix: u8) -> Self {
        let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
        Self { network: Ipv4Addr::from(u32::from(address) & mask), prefix }
    }

    /// Whether the two have addresses in common.
    pub fn overlaps(self, other: Self) -> bool {
        let prefix = self.prefix.min(other.prefix);
        Self::around(self.network, prefix) == Self::around(other.network, prefix)
    }

    /// Whether `address` is one of them.
    pub fn contains(self, address: Ipv4Addr) -> bool {
        Self::around(address, self.prefix) == self
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

impl From<Cidr> for String {
    fn from(range: Cidr) -> Self {
        range.to_string()
    }
}

impl TryFrom<String> for Cidr {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Cidr {
    type Err = String;

    /// Reads `192.168.101.0/24`; the address must be the range's first.
    fn from_str(s: &str) -> Result<Self, String> {
        let wrong = || format!("«{s}» is no range of IPv4 addresses; write one such as \"192.168.101.0/24\"");
        let (address, prefix) = s.split_once('/').ok_or_else(wrong)?;
        let address: Ipv4Addr = address.parse().map_err(|_| wrong())?;
        let prefix: u8 = prefix.parse().map_err(|_| wrong())?;
        if !(8..=30).contains(&prefix) {
            return Err(format!(
                "«{s}»: a network has 8 to 30 fixed bits; write one such as \"192.168.101.0/24\""
            ));
        }
        let range = Self::around(address, prefix);
        if range.network != address {
            return Err(format!("«{s}» begins in the middle of its range; write \"{range}\""));
        }
        Ok(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_whole_and_overlap_when_one_holds_the_other() {
        let read = |s: &str| s.parse::<Cidr>();
        for wrong in
            ["", "10.0.0.0", "10.0.0/8", "10.0.0.0/7", "10.0.0.0/31", "10.0.0.1/24", "a/b", "10.0.0.0/-1"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let (wide, inside, beside) = (read("10.0.0.0/8"), read("10.20.30.0/24"), read("10.20.31.0/24"));
        let (wide, inside, beside) = (wide.expect("read"), inside.expect("read"), beside.expect("read"));
        assert!(wide.overlaps(inside) && inside.overlaps(wide) && inside.overlaps(inside));
        assert!(!inside.overlaps(beside));
        assert!(
            inside.contains(Ipv4Addr::new(10, 20, 30, 255)) && !inside.contains(Ipv4Addr::new(10, 20, 31, 0))
        );
        assert_eq!(inside.to_string(), "10.20.30.0/24");
    }
}
