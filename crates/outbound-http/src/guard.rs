//! Which peers may be spoken to: the form of a URL, and the addresses behind its host.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::kernel::{Error, Result};

/// One exception an operator makes: an address, a network, or a host name whose addresses may be private.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// All addresses that share the first `bits` bits.
    Net { address: IpAddr, bits: u8 },
    /// Exactly this host name, without its subdomains.
    Host(String),
}

impl Allowed {
    /// Reads `127.0.0.1`, `10.1.0.0/16`, `fd00::/8` or `gateway.internal`.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let wrong = || Error::invalid("outbound_http.bad_exception", format!("{text:?} is no address, network or host name"));
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        if let Ok(address) = address.parse::<IpAddr>() {
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Ok(most), str::parse).map_err(|_| wrong())?;
            return if bits <= most { Ok(Self::Net { address, bits }) } else { Err(wrong()) };
        }
        match Host::parse(text) {
            Ok(Host::Domain(name)) if bits.is_none() => Ok(Self::Host(plain_name(&name))),
            _ => Err(wrong()),
        }
    }

    fn covers(&self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::Net { address: IpAddr::V4(net), bits }, IpAddr::V4(a)) => shares_v4(a, *net, *bits),
            (Self::Net { address: IpAddr::V6(net), bits }, IpAddr::V6(a)) => shares_v6(a, *net, *bits),
            _ => false,
        }
    }

    fn names_exactly(&self, address: IpAddr) -> bool {
        matches!(self, Self::Net { address: a, bits } if *a == address && *bits == if address.is_ipv4() { 32 } else { 128 })
    }
}

fn shares_v4(a: Ipv4Addr, net: Ipv4Addr, bits: u8) -> bool {
    bits == 0 || (a.to_bits() ^ net.to_bits()) >> (32 - u32::from(bits)) == 0
}
fn shares_v6(a: Ipv6Addr, net: Ipv6Addr, bits: u8) -> bool {
    bits == 0 || (a.to_bits() ^ net.to_bits()) >> (128 - u32::from(bits)) == 0
}

const fn v4(a: u8, b: u8, c: u8, d: u8) -> Ipv4Addr {
    Ipv4Addr::new(a, b, c, d)
}

/// IPv4 that is not a public peer (IANA special-purpose registry).
const SPECIAL_V4: &[(Ipv4Addr, u8, &str)] = &[
    (v4(0, 0, 0, 0), 8, "unspecified"),
    (v4(10, 0, 0, 0), 8, "private"),
    (v4(100, 64, 0, 0), 10, "carrier-grade NAT"),
    (v4(127, 0, 0, 0), 8, "loopback"),
    (v4(169, 254, 0, 0), 16, "link-local"),
    (v4(172, 16, 0, 0), 12, "private"),
    (v4(192, 0, 0, 0), 24, "protocol assignments"),
    (v4(192, 0, 2, 0), 24, "documentation"),
    (v4(192, 88, 99, 0), 24, "6to4 relay"),
    (v4(192, 168, 0, 0), 16, "private"),
    (v4(198, 18, 0, 0), 15, "benchmarking"),
    (v4(198, 51, 100, 0), 24, "documentation"),
    (v4(203, 0, 113, 0), 24, "documentation"),
    (v4(224, 0, 0, 0), 4, "multicast"),
    (v4(240, 0, 0, 0), 4, "reserved"),
];

const fn v6(a: u16, b: u16) -> Ipv6Addr {
    Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0)
}

const NAT64: Ipv6Addr = v6(0x64, 0xff9b);

/// IPv6 within 2000::/3 that is not a public peer. All outside of 2000::/3 is refused anyway.
const SPECIAL_V6: &[(Ipv6Addr, u8, &str)] = &[
    (v6(0x2001, 0), 23, "protocol assignments, Teredo"),
    (v6(0x2001, 0xdb8), 32, "documentation"),
    (v6(0x2002, 0), 16, "6to4"),
    (v6(0x3fff, 0), 20, "documentation"),
];

/// Where clouds tell secrets to whoever asks. A listed network does not cover them; only the very address does.
const METADATA: &[IpAddr] = &[
    IpAddr::V4(v4(169, 254, 169, 254)),
    IpAddr::V4(v4(169, 254, 170, 2)),
    IpAddr::V4(v4(100, 100, 100, 200)),
    IpAddr::V4(v4(168, 63, 129, 16)),
    IpAddr::V4(v4(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// Ports where something listens that is not a web server and may be talked into things by HTTP:
/// the bad ports of the Fetch standard, and the databases and daemons of a usual server room.
const DENIED_PORTS: &[u16] = &[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117,
    119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601,
    636, 873, 989, 990, 993, 995, 1433, 1521, 1719, 1720, 1723, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 4222, 5060,
    5061, 5432, 5900, 6000, 6379, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9042, 9200, 9300, 10080, 10250, 11211, 27017,
];

/// The question every request must pass.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allowed: Vec<Allowed>,
}

impl Guard {
    pub fn new(allowed: Vec<Allowed>) -> Self {
        Self { allowed }
    }

    /// Everything that can be said of a URL without looking its name up.
    pub fn check_form(&self, text: &str) -> Result<Url> {
        let refused = |why: String| Error::invalid("outbound_http.url_refused", why.clone()).field("url", why);
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(refused("a URL has no spaces and no control characters".into()));
        }
        let url = Url::parse(text).map_err(|e| refused(format!("not a URL: {e}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused(format!("{} is not spoken here, only http and https", url.scheme())));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("a name and password do not belong into a URL".into()));
        }
        let port = url.port_or_known_default().unwrap_or(0);
        if DENIED_PORTS.contains(&port) {
            return Err(refused(format!("port {port} is not a web server's")));
        }
        let address = match url.host() {
            None => return Err(refused("no host".into())),
            Some(Host::Domain(name)) => {
                self.check_name(name).map_err(refused)?;
                return Ok(url);
            }
            Some(Host::Ipv4(a)) => IpAddr::V4(a),
            Some(Host::Ipv6(a)) => IpAddr::V6(a),
        };
        self.check_address(address).map_err(|why| forbidden(&why).field("url", why))?;
        Ok(url)
    }

    /// Names that by definition mean this machine or its neighbours.
    fn check_name(&self, name: &str) -> Result<(), String> {
        let name = plain_name(name);
        if name.is_empty() {
            return Err("no host".into());
        }
        if self.is_listed_host(&name) {
            return Ok(());
        }
        let last = name.rsplit('.').next().unwrap_or_default();
        if matches!(last, "localhost" | "localdomain" | "internal" | "local" | "lan" | "home" | "corp" | "intranet") || name.ends_with("home.arpa") {
            return Err(format!("{name} is a private name"));
        }
        Ok(())
    }

    /// Is the name itself listed, so that its addresses may be anything?
    pub fn is_listed_host(&self, name: &str) -> bool {
        let name = plain_name(name);
        self.allowed.iter().any(|a| matches!(a, Allowed::Host(h) if *h == name))
    }

    /// `Err` says why not.
    pub fn check_address(&self, address: IpAddr) -> Result<(), String> {
        if METADATA.contains(&address) {
            return if self.allowed.iter().any(|a| a.names_exactly(address)) { Ok(()) } else { Err(format!("{address} is a metadata service")) };
        }
        if let IpAddr::V6(a) = address {
            // The same peer by another spelling: judge the address that will be reached.
            if let Some(inner) = a.to_ipv4_mapped() {
                return self.check_address(IpAddr::V4(inner)).map_err(|why| format!("{a}: {why}"));
            }
            if shares_v6(a, NAT64, 96) && self.allowed.iter().any(|l| l.covers(address)) {
                let inner = Ipv4Addr::from_bits(a.to_bits() as u32);
                return self.check_address(IpAddr::V4(inner)).map_err(|why| format!("{a}: {why}"));
            }
        }
        if self.allowed.iter().any(|a| a.covers(address)) {
            return Ok(());
        }
        match special(address) {
            Some(what) => Err(format!("{address} is {what}")),
            None => Ok(()),
        }
    }

    /// All addresses of a name must be fit: one private address among public ones is how rebinding begins.
    pub fn check_addresses(&self, name: &str, addresses: &[IpAddr]) -> Result<(), String> {
        if self.is_listed_host(name) {
            return Ok(());
        }
        addresses.iter().try_for_each(|a| self.check_address(*a)).map_err(|why| format!("{name}: {why}"))
    }
}

pub(crate) fn forbidden(why: &str) -> Error {
    Error::denied("outbound_http.private_address", format!("{why}; an operator can list it in outbound.allow_private"))
}

fn plain_name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn special(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(a) => SPECIAL_V4.iter().find(|(net, bits, _)| shares_v4(a, *net, *bits)).map(|(_, _, what)| *what),
        IpAddr::V6(a) if a.is_loopback() => Some("loopback"),
        IpAddr::V6(a) if a.is_unspecified() => Some("unspecified"),
        IpAddr::V6(a) if a.is_multicast() => Some("multicast"),
        IpAddr::V6(a) if !shares_v6(a, v6(0x2000, 0), 3) => Some("not a public IPv6 address"),
        IpAddr::V6(a) => SPECIAL_V6.iter().find(|(net, bits, _)| shares_v6(a, *net, *bits)).map(|(_, _, what)| *what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every one of these has opened a door somewhere.
    const REFUSED: &[&str] = &[
        // loopback, in all the spellings of the WHATWG parser
        "http://127.0.0.1/", "http://127.0.0.1./", "http://127.1/", "http://127.0.1/", "http://127.255.255.254/", "http://2130706433/",
        "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0x7F.1/", "http://0177.0.0.1/", "http://017700000001/", "http://0x7f.0x0.0x0.0x1/",
        "http://0177.0x0.0.01/", "http://①②⑦.⓪.⓪.①/", "http://１２７.０.０.１/", "http://127。0。0。1/", "http://127%2e0%2e0%2e1/", "http://%31%32%37.0.0.1/",
        "http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", "http://[0000::0001]/", "http://localhost/", "http://LOCALHOST/", "http://localhost./",
        "http://a.localhost/", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "http://local\u{ad}host/",
        // this host, unspecified
        "http://0/", "http://0.0.0.0/", "http://0.0.0.0:8080/", "http://00000000/", "http://[::]/", "http://[0::0]/", "http://0.1.2.3/",
        // private and carrier-grade
        "http://10.0.0.1/", "http://10.255.255.255/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.1.1/", "http://192.168.257/",
        "http://3232235777/", "http://0xc0a80101/", "http://100.64.0.1/", "http://100.127.255.254/",
        // link-local and metadata
        "http://169.254.1.1/", "http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://0xa9fea9fe/", "http://0251.0376.0251.0376/",
        "http://169.254.43518/", "http://[::ffff:169.254.169.254]/", "http://[::ffff:a9fe:a9fe]/", "http://100.100.100.200/latest/meta-data",
        "http://168.63.129.16/", "http://192.0.0.192/", "http://[fd00:ec2::254]/", "http://metadata.google.internal/", "http://[fe80::1]/",
        // IPv4 inside IPv6
        "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::ffff:10.0.0.1]/", "http://[0:0:0:0:0:ffff:127.0.0.1]/", "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::10.0.0.1]/", "http://[64:ff9b:1::1]/", "http://[2002:7f00:1::]/", "http://[2001:0:4136:e378::1]/",
        // the rest of the special registry
        "http://224.0.0.1/", "http://239.255.255.250/", "http://255.255.255.255/", "http://240.0.0.1/", "http://192.0.2.1/", "http://198.51.100.1/",
        "http://203.0.113.1/", "http://198.18.0.1/", "http://192.88.99.1/", "http://[ff02::1]/", "http://[fc00::1]/", "http://[fd12:3456::1]/",
        "http://[fec0::1]/", "http://[2001:db8::1]/", "http://[100::1]/", "http://[3fff::1]/", "http://[5f00::1]/",
        // private names
        "http://printer.local/", "http://wiki.corp/", "http://router.lan/", "http://db.internal/", "http://x.home.arpa/",
        // other schemes
        "file:///etc/passwd", "gopher://example.com/_x", "ftp://example.com/", "dict://example.com:11211/", "ldap://example.com/", "jar:http://example.com!/",
        "data:text/html,x", "javascript:alert(1)", "unix:/var/run/docker.sock", "http+unix://%2fvar%2frun%2fdocker.sock/", "//example.com/", "example.com", "",
        // names and passwords, spaces and control characters
        "http://user@example.com/", "http://user:pass@example.com/", "http://example.com@127.0.0.1/", "http://127.0.0.1@example.com/", " http://example.com/",
        "http://example.com/\r\nHost: x", "http://exa\tmple.com/", "http://example.com/\0", "http:\\\\127.0.0.1\\", "http:127.0.0.1", "http:///127.0.0.1/",
        // ports that are not web servers
        "http://example.com:22/", "http://example.com:25/", "http://example.com:6379/", "http://example.com:5432/", "http://example.com:0/",
        "http://example.com:2375/", "http://example.com:11211/", "http://example.com:9200/", "https://example.com:3306/", "http://example.com:99999/",
        // hosts that are none
        "http://", "http://./", "http://[::1/", "http://[::1%25eth0]/", "http://1.2.3.4.5/", "http://256.256.256.256/", "http://exa<mple.com/", "http://999999999999/",
    ];

    const PASSED: &[&str] = &[
        "https://example.com/", "http://example.com:8080/x?y=z#f", "https://例子.中国/钩子", "http://8.8.8.8/", "https://[2606:4700:4700::1111]/",
        "http://172.32.0.1/", "http://172.15.0.1/", "http://100.128.0.1/", "http://11.0.0.1/", "http://192.169.0.1/", "http://223.255.255.254/",
        "https://localhost.example.com/", "https://internal.example.com/", "http://134744072/", "https://[2a00:1450::1]:8443/",
    ];

    #[test]
    fn hostile_urls_are_refused() {
        assert!(REFUSED.len() > 120);
        let guard = Guard::default();
        for url in REFUSED {
            let answer = guard.check_form(url);
            assert!(answer.is_err(), "{url} passed as {:?}", answer.map(String::from));
        }
    }

    #[test]
    fn public_urls_pass() {
        let guard = Guard::default();
        for url in PASSED {
            assert!(guard.check_form(url).is_ok(), "{url}: {:?}", guard.check_form(url).err());
        }
    }

    fn guard(exceptions: &[&str]) -> Guard {
        Guard::new(exceptions.iter().map(|e| Allowed::parse(e).unwrap()).collect())
    }

    #[test]
    fn exceptions_open_what_they_name_and_nothing_else() {
        let guard = guard(&["127.0.0.1", "10.1.0.0/16", "fd00:1::/32", "gateway.internal", "64:ff9b::/96"]);
        for url in [
            "http://127.0.0.1:9999/", "http://2130706433/", "http://[::ffff:127.0.0.1]/", "http://10.1.200.3/", "http://[fd00:1::7]/",
            "http://gateway.internal/", "http://GATEWAY.internal./", "http://[64:ff9b::8.8.8.8]/", "http://[64:ff9b::10.1.0.1]/",
        ] {
            assert!(guard.check_form(url).is_ok(), "{url}: {:?}", guard.check_form(url).err());
        }
        for url in [
            "http://127.0.0.2/", "http://10.2.0.1/", "http://[fd00:2::7]/", "http://x.gateway.internal/", "http://other.internal/",
            "http://[64:ff9b::10.2.0.1]/", "http://127.0.0.1:6379/", "http://169.254.169.254/",
        ] {
            assert!(guard.check_form(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_listed_network_does_not_open_metadata() {
        let metadata: IpAddr = "100.100.100.200".parse().unwrap();
        assert!(guard(&["100.64.0.0/10"]).check_address(metadata).is_err());
        assert!(guard(&["0.0.0.0/0"]).check_address(metadata).is_err());
        assert!(guard(&["100.100.100.200"]).check_address(metadata).is_ok());
    }

    #[test]
    fn one_private_address_refuses_the_whole_name() {
        let addresses: Vec<IpAddr> = ["8.8.8.8", "10.0.0.4"].iter().map(|a| a.parse().unwrap()).collect();
        assert!(guard(&[]).check_addresses("hooks.example.com", &addresses).is_err());
        assert!(guard(&["hooks.example.com"]).check_addresses("hooks.example.com", &addresses).is_ok());
        assert!(guard(&[]).check_addresses("hooks.example.com", &addresses[..1]).is_ok());
    }

    #[test]
    fn exceptions_are_read_strictly() {
        for text in ["10.0.0.0/33", "10.0.0.0/x", "fd00::/129", "", "a b", "host/24", "http://x/"] {
            assert_eq!(Allowed::parse(text).unwrap_err().code, "outbound_http.bad_exception", "{text}");
        }
    }
}
