//! Where a request comes from, when it comes through proxies.
//!
//! Anybody can send `X-Forwarded-For`. It is read only where the other end of the connection is a
//! proxy that the operator trusts, and from its right end, where that proxy has written: the first
//! address that is no trusted proxy itself is the client's.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
};

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use ipnet::IpNet;

use crate::keys::ip::unmapped;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Proxies whose word is taken for where a request comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// One proxy, or a network of them, as it stands on the command line.
///
/// # Errors
/// A sentence for whoever typed it.
pub fn parse_proxy(text: &str) -> Result<IpNet, String> {
    let one = text.parse::<IpAddr>().map(IpNet::from);
    one.or_else(|_| text.parse::<IpNet>())
        .map(unmapped)
        .map_err(|_| "write an address or a network: 10.0.0.5 or 10.0.0.0/8".to_owned())
}

impl TrustedProxies {
    #[must_use]
    pub const fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Where a request comes from; IPv4 as such, however the connection has it.
    #[must_use]
    pub fn address_of(&self, request: &Parts) -> IpAddr {
        let info = request.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = info.map_or(Ipv4Addr::UNSPECIFIED.into(), |info| info.0.ip().to_canonical());
        if self.trusts(peer) { self.behind(peer, &request.headers) } else { peer }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client behind a trusted proxy. A proxy writes one of the two headers and hands on the
    /// other as it came, so where they differ neither is believed.
    fn behind(&self, proxy: IpAddr, headers: &HeaderMap) -> IpAddr {
        let listed = self.nearest_client(proxy, headers, &FORWARDED_FOR, node_of_list);
        let described = self.nearest_client(proxy, headers, &header::FORWARDED, node_of_element);
        match (listed, described) {
            (Some(listed), Some(described)) if listed != described => proxy,
            (listed, described) => listed.or(described).unwrap_or(proxy),
        }
    }

    /// From the right: the first address that is no trusted proxy, or the last hop that is known
    /// for sure. `None` without such a header.
    fn nearest_client(
        &self,
        proxy: IpAddr,
        headers: &HeaderMap,
        name: &HeaderName,
        node: fn(&str) -> Option<IpAddr>,
    ) -> Option<IpAddr> {
        let lines: Vec<_> = headers.get_all(name).iter().collect();
        let mut hop = (!lines.is_empty()).then_some(proxy)?;
        for line in lines.into_iter().rev() {
            // Bytes that are no text come from nobody who is trusted.
            let Ok(line) = line.to_str() else { return Some(hop) };
            for part in line.rsplit(',') {
                let Some(address) = node(part.trim()) else { return Some(hop) };
                hop = address;
                if !self.trusts(hop) {
                    return Some(hop);
                }
            }
        }
        Some(hop)
    }
}

/// An entry of `X-Forwarded-For`: an address, some write its port too.
fn node_of_list(text: &str) -> Option<IpAddr> {
    let with_port = SocketAddr::from_str(text).map(|node| node.ip());
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = with_port.or_else(|_| bare.parse()).ok()?;
    Some(address.to_canonical())
}

/// An element of `Forwarded` (RFC 7239, section 4): `for="[2001:db8::1]:4711";proto=https`. A comma
/// within quotes is in no address.
fn node_of_element(text: &str) -> Option<IpAddr> {
    let pairs = text.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, node) = pairs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
    node_of_list(node.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    /// Where a request comes from, by its peer and these headers.
    fn address(trusted: &[&str], peer: &str, headers: &[(&str, &str)]) -> String {
        let networks = trusted.iter().map(|text| parse_proxy(text).unwrap()).collect();
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(()).unwrap().into_parts().0;
        request.extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4711)));
        TrustedProxies::new(networks).address_of(&request).to_string()
    }

    #[test]
    fn nobody_is_believed_unless_told() {
        let said = [("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=203.0.113.7")];
        assert_eq!(address(&[], "127.0.0.1", &said), "127.0.0.1");
        assert_eq!(address(&["10.0.0.0/8"], "127.0.0.1", &said), "127.0.0.1");
        assert_eq!(address(&[], "::ffff:192.0.2.1", &[]), "192.0.2.1");
    }

    #[test]
    fn the_right_most_address_that_is_no_proxy_counts() {
        let proxies = ["10.0.0.0/8", "2001:db8:1::/48", "::ffff:172.16.0.0/108"];
        for (said, client) in [
            ("203.0.113.7", "203.0.113.7"),
            ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
            ("198.51.100.1, 203.0.113.7, 10.1.1.1,2001:db8:1::5", "203.0.113.7"),
            ("203.0.113.7:5000, 10.1.1.1", "203.0.113.7"),
            ("[2001:db8:2::1]:443", "2001:db8:2::1"),
            ("2001:db8:2::1", "2001:db8:2::1"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("203.0.113.7, 172.16.0.9", "203.0.113.7"),
            ("10.1.1.1, 10.2.2.2", "10.1.1.1"),
            ("203.0.113.7, unknown, 10.2.2.2", "10.2.2.2"),
            ("unknown", "10.0.0.5"),
            ("", "10.0.0.5"),
        ] {
            let headers = [("x-forwarded-for", said)];
            assert_eq!(address(&proxies, "10.0.0.5", &headers), client, "{said}");
        }
        let lines = [("x-forwarded-for", "203.0.113.7"), ("x-forwarded-for", "203.0.113.8")];
        assert_eq!(address(&proxies, "10.0.0.5", &lines), "203.0.113.8");
    }

    #[test]
    fn the_standard_header_is_understood_too() {
        for (said, client) in [
            ("for=203.0.113.7", "203.0.113.7"),
            ("For=\"203.0.113.7:80\";proto=https;by=10.0.0.5", "203.0.113.7"),
            ("for=198.51.100.1, proto=http;for=203.0.113.7, for=10.1.1.1", "203.0.113.7"),
            ("for=\"[2001:db8:2::1]:4711\"", "2001:db8:2::1"),
            ("for=_hidden", "10.0.0.5"),
            ("proto=https", "10.0.0.5"),
        ] {
            let headers = [("forwarded", said)];
            assert_eq!(address(&["10.0.0.0/8"], "10.0.0.5", &headers), client, "{said}");
        }
    }

    #[test]
    fn where_both_headers_differ_neither_is_believed() {
        let said = |other| [("x-forwarded-for", "203.0.113.7"), ("forwarded", other)];
        assert_eq!(address(&["10.0.0.5"], "10.0.0.5", &said("for=203.0.113.7")), "203.0.113.7");
        assert_eq!(address(&["10.0.0.5"], "10.0.0.5", &said("for=198.51.100.1")), "10.0.0.5");
    }

    #[test]
    fn a_proxy_is_an_address_or_a_network() {
        assert_eq!(parse_proxy("10.0.0.5").unwrap().to_string(), "10.0.0.5/32");
        assert!(parse_proxy("2001:db8::/32").is_ok());
        assert!(parse_proxy("proxy.example.com").unwrap_err().contains("10.0.0.0/8"));
    }
}
