//! Where a key may be used from: addresses and networks, IPv4 and IPv6.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use crate::input::Faults;

/// How many rules one list may have.
pub const MOST_RULES: usize = 50;
/// Of the 128 bits of an IPv4 address written as an IPv6 one (RFC 4291, section 2.5.5.2), those
/// before the address itself.
const MAPPED_BITS: u8 = 96;

/// A list of rules, ready for matching. An empty one lets every address in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    networks: Vec<IpNet>,
    /// Whether there are rules at all. What cannot be read again lets nobody in.
    restricted: bool,
}

impl Rules {
    /// Rules as they were kept.
    #[must_use]
    pub fn of(kept: &[String]) -> Self {
        let networks = kept.iter().filter_map(|rule| parse(rule).ok()).collect();
        Self { networks, restricted: !kept.is_empty() }
    }

    /// Checks rules as they were sent, and writes each as it is kept: a network by its first
    /// address, one address alone without a length, an IPv4 one as such, and each once.
    pub fn checked(faults: &mut Faults, pointer: &str, asked: &[String]) -> Vec<String> {
        let few = asked.len() <= MOST_RULES;
        faults.require(few, pointer, format!("must have at most {MOST_RULES} rules"));
        let mut kept = Vec::new();
        for (at, rule) in asked.iter().enumerate().take(MOST_RULES) {
            match parse(rule) {
                Ok(network) => {
                    let text = written(network);
                    if !kept.contains(&text) {
                        kept.push(text);
                    }
                }
                Err(detail) => faults.add(format!("{pointer}/{at}"), detail),
            }
        }
        kept
    }

    /// Whether an address may come in.
    #[must_use]
    pub fn allow(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        !self.restricted || self.networks.iter().any(|network| network.contains(&address))
    }
}

/// One rule as it is kept.
///
/// # Errors
/// The end of a sentence that begins with the field.
pub fn checked_rule(rule: &str) -> Result<String, String> {
    parse(rule).map(written)
}

/// One rule; an error ends a sentence that begins with the field.
fn parse(rule: &str) -> Result<IpNet, String> {
    let rule = rule.trim();
    let read = match rule.split_once('/') {
        None => rule.parse::<IpAddr>().ok().map(IpNet::from),
        Some(_) => rule.parse::<IpNet>().ok(),
    };
    let network = read.map(|network| unmapped(network).trunc());
    network.ok_or_else(|| match rule.split_once('/') {
        Some((address, _)) => match address.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) => "must end in a prefix length of 0 to 32".to_owned(),
            Ok(IpAddr::V6(_)) => "must end in a prefix length of 0 to 128".to_owned(),
            Err(_) => NOT_A_RULE.to_owned(),
        },
        None => NOT_A_RULE.to_owned(),
    })
}

const NOT_A_RULE: &str =
    "must be an IPv4 or IPv6 address or network, such as 203.0.113.7 or 2001:db8::/32";

/// IPv4 networks that are written as IPv6 ones are IPv4: so are the addresses that are matched.
#[must_use]
pub fn unmapped(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else { return network };
    let v4 = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(MAPPED_BITS));
    let v4 = v4.and_then(|(address, length)| Ipv4Net::new(address, length).ok());
    v4.map_or(network, IpNet::V4)
}

fn written(network: IpNet) -> String {
    if network.prefix_len() == network.max_prefix_len() {
        network.addr().to_string()
    } else {
        network.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_kept_in_one_form() {
        for (asked, kept) in [
            (" 203.0.113.7 ", "203.0.113.7"),
            ("203.0.113.7/32", "203.0.113.7"),
            ("203.0.113.77/24", "203.0.113.0/24"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:DB8:0:0::1", "2001:db8::1"),
            ("2001:db8::1/128", "2001:db8::1"),
            ("2001:db8::7/32", "2001:db8::/32"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7/120", "203.0.113.0/24"),
            ("::/0", "::/0"),
        ] {
            let mut faults = Faults::default();
            assert_eq!(Rules::checked(&mut faults, "/r", &[asked.to_owned()]), [kept]);
            assert!(faults.finish().is_ok(), "{asked}");
        }
        let twice = ["10.1.1.1/8", "10.0.0.0/8"].map(str::to_owned);
        assert_eq!(Rules::checked(&mut Faults::default(), "/r", &twice), ["10.0.0.0/8"]);
    }

    #[test]
    fn what_is_no_rule_is_pointed_at() {
        for (asked, told) in [
            ("", "must be an IPv4 or IPv6"),
            ("localhost", "must be an IPv4 or IPv6"),
            ("203.0.113", "must be an IPv4 or IPv6"),
            ("203.0.113.007", "must be an IPv4 or IPv6"),
            ("203.0.113.7/33", "0 to 32"),
            ("203.0.113.7/", "0 to 32"),
            ("203.0.113.7/255.255.255.0", "0 to 32"),
            ("2001:db8::/129", "0 to 128"),
            ("fe80::1%eth0", "must be an IPv4 or IPv6"),
            ("203.0.113.7:80", "must be an IPv4 or IPv6"),
        ] {
            let mut faults = Faults::default();
            Rules::checked(&mut faults, "/r", &["::1".to_owned(), asked.to_owned()]);
            let found = faults.finish().unwrap_err();
            assert_eq!(found.len(), 1, "{asked}");
            assert_eq!(found[0].pointer, "/r/1", "{asked}");
            assert!(found[0].detail.contains(told), "{asked}: {}", found[0].detail);
        }
        let mut faults = Faults::default();
        let many: Vec<_> = (0..=MOST_RULES).map(|n| format!("10.0.0.{n}")).collect();
        Rules::checked(&mut faults, "/r", &many);
        assert_eq!(faults.finish().unwrap_err()[0].pointer, "/r");
    }

    #[test]
    fn an_address_is_let_in_by_any_rule_and_by_none_at_all() {
        let rules = |texts: &[&str]| {
            Rules::of(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
        };
        let two = rules(&["203.0.113.0/24", "2001:db8::/32"]);
        for (address, allowed) in [
            ("203.0.113.255", true),
            ("203.0.114.0", false),
            ("::ffff:203.0.113.9", true),
            ("2001:db8:ffff::1", true),
            ("2001:db9::1", false),
        ] {
            assert_eq!(two.allow(address.parse().unwrap()), allowed, "{address}");
        }
        assert!(rules(&[]).allow("192.0.2.1".parse().unwrap()));
        assert!(!rules(&["unreadable"]).allow("192.0.2.1".parse().unwrap()));
    }
}
