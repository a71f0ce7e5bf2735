//! The session cookie, and what a request tells about where it comes from.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use weft_http_kit::Problem;

use crate::access::Settings;
use crate::domain::session::ABSOLUTE;
use crate::kernel::{Error, Millis, Result};

const NAME: &str = "weft_session";

/// The token in the session cookie.
pub(crate) fn session(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == NAME).then_some(value))
}

/// What the edge tells about a request, beyond its body.
pub(crate) struct Origin {
    pub headers: HeaderMap,
    peer: Option<IpAddr>,
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        Ok(Self { headers: parts.headers.clone(), peer })
    }
}

impl Origin {
    /// Whose attempts are counted together: an IPv4 address, or the /64 that one household has of IPv6.
    pub fn place(&self, settings: &Settings) -> String {
        let forwarded = settings.behind_proxy.then(|| self.text("x-forwarded-for")).flatten();
        let told = forwarded.and_then(|list| list.rsplit(',').next()).and_then(|last| last.trim().parse().ok());
        match told.or(self.peer).map(|address| address.to_canonical()) {
            Some(IpAddr::V6(address)) => address.segments()[..4].iter().map(|s| format!("{s:x}:")).collect(),
            Some(address) => address.to_string(),
            None => "unknown".to_owned(),
        }
    }

    /// Doors that stand open have no session to forge, but a foreign page could still sign somebody in as somebody else.
    pub fn refuse_foreign_pages(&self) -> Result<()> {
        match self.text("sec-fetch-site") {
            Some("cross-site" | "same-site") => Err(Error::denied("access.forged", "this call is made by the console or by a program, not from another site")),
            _ => Ok(()),
        }
    }

    pub fn set(&self, token: &str, settings: &Settings) -> [(header::HeaderName, String); 1] {
        self.cookie(token, ABSOLUTE / Millis::SECOND, settings)
    }
    pub fn clear(&self, settings: &Settings) -> [(header::HeaderName, String); 1] {
        self.cookie("", 0, settings)
    }

    fn cookie(&self, token: &str, seconds: i64, settings: &Settings) -> [(header::HeaderName, String); 1] {
        let secure = settings.https || self.text("x-forwarded-proto") == Some("https");
        let secure = if secure { "; Secure" } else { "" };
        [(header::SET_COOKIE, format!("{NAME}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"))]
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(peer: &str, headers: &[(&'static str, &str)]) -> Origin {
        let headers = headers.iter().map(|(name, value)| (header::HeaderName::from_static(name), value.parse().unwrap())).collect();
        Origin { headers, peer: peer.parse().ok() }
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let with = |text: &str| origin("", &[("cookie", text)]);
        assert_eq!(session(&with("a=1; weft_session=tok; b=2").headers), Some("tok"));
        assert_eq!(session(&with("not_weft_session=x").headers), None);
        assert_eq!(session(&with("weft_session").headers), None);
    }

    #[test]
    fn a_forwarded_address_counts_only_behind_our_proxy() {
        let behind = Settings { behind_proxy: true, ..Settings::default() };
        let forged = origin("10.0.0.1", &[("x-forwarded-for", "1.1.1.1, 203.0.113.9")]);
        assert_eq!(forged.place(&Settings::default()), "10.0.0.1");
        assert_eq!(forged.place(&behind), "203.0.113.9");
        assert_eq!(origin("10.0.0.1", &[("x-forwarded-for", "nonsense")]).place(&behind), "10.0.0.1");
    }

    #[test]
    fn neighbours_in_one_ipv6_network_count_together() {
        let place = |peer| origin(peer, &[]).place(&Settings::default());
        assert_eq!(place("2001:db8:1:2:aaaa::1"), place("2001:db8:1:2:bbbb::9"));
        assert_ne!(place("2001:db8:1:2::1"), place("2001:db8:1:3::1"));
        assert_eq!(place("::ffff:10.0.0.1"), "10.0.0.1");
        assert_eq!(place(""), "unknown");
    }

    #[test]
    fn the_cookie_is_secure_where_the_way_is() {
        let plain = origin("", &[]).set("t", &Settings::default());
        assert_eq!(plain[0].1, "weft_session=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800");
        assert!(origin("", &[("x-forwarded-proto", "https")]).set("t", &Settings::default())[0].1.ends_with("; Secure"));
        assert!(origin("", &[]).clear(&Settings { https: true, ..Settings::default() })[0].1.ends_with("Max-Age=0; Secure"));
    }
}
