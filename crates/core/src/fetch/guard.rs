//! Which addresses URLs given by users may reach.
//!
//! The lists are those of the IANA special-purpose address registries, plus
//! the metadata addresses that clouds put among the public ones.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use url::{Host, Url};

use crate::error::{Error, Result};

/// The rule for addresses.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    allow_loopback: bool,
    networks: Vec<IpNet>,
}

impl Guard {
    /// `networks` are further ones that may be reached, in CIDR form.
    pub(super) fn new(allow_loopback: bool, networks: &[String]) -> Result<Self> {
        let networks = networks
            .iter()
            .map(|text| {
                let text = text.trim();
                text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
                    Error::invalid("settings:networks", format!("'{text}' is no network; write it like '10.1.0.0/16'."))
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self { allow_loopback, networks })
    }

    /// Whether an address may be connected to.
    pub(super) fn allows(&self, ip: IpAddr) -> bool {
        // A mapped address is the IPv4 one to the socket, so it is here too.
        let ip = ip.to_canonical();
        if self.networks.iter().any(|network| network.contains(&ip)) || (self.allow_loopback && ip.is_loopback()) {
            return true;
        }
        match ip {
            IpAddr::V4(ip) => is_public_v4(ip),
            IpAddr::V6(ip) => is_public_v6(ip),
        }
    }

    /// Whether the host of a URL may be tried; names are checked again when
    /// they are resolved.
    pub(super) fn allows_host(&self, url: &Url) -> bool {
        match url.host() {
            Some(Host::Ipv4(ip)) => self.allows(ip.into()),
            Some(Host::Ipv6(ip)) => self.allows(ip.into()),
            Some(Host::Domain(name)) => !is_localhost(name) || self.allow_loopback,
            None => false,
        }
    }
}

/// Names that mean this machine whatever a name server says (RFC 6761).
pub(super) fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    !matches!(
        ip.octets(),
        [0 | 10 | 127, ..]
            | [100, 64..=127, ..]                       // carrier-grade NAT, with Alibaba's metadata
            | [168, 63, 129, 16]                        // Azure's metadata
            | [169, 254, ..]                            // link-local, with everybody's metadata
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]                        // protocol assignments with Oracle's metadata; documentation
            | [192, 52, 193, _]                         // multicast tunnels
            | [192, 88, 99, _]                          // 6to4 relays
            | [192, 168, ..]
            | [198, 18 | 19, ..]                        // benchmarks
            | [198, 51, 100, _]
            | [203, 0, 113, _]                          // documentation
            | [224..=255, ..] // multicast, reserved, broadcast
    )
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // NAT64: the translator connects to the embedded address.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        // 6to4: so does the relay.
        [0x2002, high, low, ..] => embedded(high, low),
        // Protocol assignments, with Teredo; documentation, twice.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // ISATAP: the interface id holds the address behind the router.
        [0x2000..=0x3fff, _, _, _, 0 | 0x200, 0x5efe, high, low] => embedded(high, low),
        // Only this part is given out for the internet; the rest is loopback,
        // unspecified, mapped, translated, private, link-local, multicast.
        [0x2000..=0x3fff, ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Guard, is_localhost};

    fn guard(loopback: bool, networks: &[&str]) -> Guard {
        Guard::new(loopback, &networks.iter().map(ToString::to_string).collect::<Vec<_>>()).expect("networks")
    }

    #[test]
    fn public_addresses_pass() {
        let guard = guard(false, &[]);
        for ip in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "126.1.1.1",
            "128.0.0.1",
            "168.63.129.17",
            "169.253.1.1",
            "172.15.1.1",
            "172.32.0.1",
            "191.1.1.1",
            "192.167.1.1",
            "192.169.0.1",
            "198.17.1.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450:4001::200e",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
            "2400:cb00::5efe:808:808",
            "2400:cb00::a00:1",
        ] {
            assert!(guard.allows(ip.parse().expect(ip)), "{ip}");
        }
    }

    #[test]
    fn networks_open_only_themselves() {
        let open = guard(false, &["10.1.0.0/16", "fd00:1::/32", "192.168.7.7"]);
        for ip in ["10.1.255.3", "::ffff:10.1.2.3", "fd00:1::5", "192.168.7.7"] {
            assert!(open.allows(ip.parse().expect(ip)), "{ip}");
        }
        for ip in ["10.2.0.1", "192.168.7.8", "fd00:2::1", "127.0.0.1", "::1", "64:ff9b::a01:203"] {
            assert!(!open.allows(ip.parse().expect(ip)), "{ip}");
        }
        assert!(Guard::new(false, &["10.0.0.0/40".to_owned()]).is_err());
    }

    #[test]
    fn loopback_is_opened_alone() {
        let open = guard(true, &[]);
        for ip in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(open.allows(ip.parse().expect(ip)), "{ip}");
        }
        for ip in ["0.0.0.0", "::", "10.0.0.1", "169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::"] {
            assert!(!open.allows(ip.parse().expect(ip)), "{ip}");
        }
    }

    #[test]
    fn localhost_is_known_by_name() {
        for name in ["localhost", "LOCALHOST.", "a.b.localhost"] {
            assert!(is_localhost(name), "{name}");
        }
        assert!(!is_localhost("localhost.example.com"));
    }
}
