//! DKIM signatures (RFC 6376), relaxed/relaxed, by RSA-SHA256 or Ed25519-SHA256 (RFC 8463).

use base64::Engine;
use base64::engine::general_purpose::STANDARD as B64;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use sha2::{Digest, Sha256};

use super::config::Dkim;
use crate::kernel::{Millis, Result};
use crate::providers::config_error;

/// Signed when present. `from` stands twice: nobody may add a second one afterwards.
const SIGNED: [&str; 11] = [
    "from", "from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type", "list-unsubscribe", "list-unsubscribe-post",
];

pub(super) struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

enum Key {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    pub(super) fn new(config: &Dkim) -> Result<Self> {
        let wrong = |what: &str| config_error("dkim.private_key", what);
        let (label, der) = read_pem(&config.private_key.0).ok_or_else(|| wrong("not a PEM private key"))?;
        let key = if label == "RSA PRIVATE KEY" {
            RsaKeyPair::from_der(&der).map(Key::Rsa).map_err(|e| wrong(&e.to_string()))?
        } else if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der) {
            Key::Ed25519(key)
        } else {
            RsaKeyPair::from_pkcs8(&der).map(Key::Rsa).map_err(|e| wrong(&e.to_string()))?
        };
        for (field, value) in [("dkim.domain", &config.domain), ("dkim.selector", &config.selector)] {
            if value.is_empty() || !value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')) {
                return Err(config_error(field, "letters, digits, points and hyphens only"));
            }
        }
        Ok(Self { domain: config.domain.clone(), selector: config.selector.clone(), key })
    }

    /// The header to put before the message, with its line end.
    pub(super) fn header(&self, message: &[u8], now: Millis) -> Option<String> {
        let message = std::str::from_utf8(message).ok()?;
        let (head, body) = message.split_once("\r\n\r\n")?;
        let headers = unfold(head);
        let present = |name: &str| headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        let names: Vec<&str> = SIGNED.iter().copied().filter(|name| present(name)).collect();
        let algorithm = match self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        };
        let unsigned = format!(
            "v=1; a={algorithm}; c=relaxed/relaxed; d={}; s={};\r\n t={}; h={};\r\n bh={};\r\n b=",
            self.domain,
            self.selector,
            now.0.div_euclid(1000),
            names.join(":"),
            body_hash(body),
        );
        let digest = Sha256::digest(signed_text(&headers, &names, &unsigned));
        let signature = match &self.key {
            Key::Ed25519(key) => key.sign(&digest).as_ref().to_vec(),
            Key::Rsa(key) => {
                // ring hashes by itself, so it gets the text; the digest above is for Ed25519, which signs the hash.
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed_text(&headers, &names, &unsigned).as_bytes(), &mut signature).ok()?;
                signature
            }
        };
        let signature = B64.encode(signature);
        let folded: Vec<&str> = signature.as_bytes().chunks(72).filter_map(|c| std::str::from_utf8(c).ok()).collect();
        Some(format!("DKIM-Signature: {unsigned}{}\r\n", folded.join("\r\n ")))
    }
}

fn read_pem(pem: &str) -> Option<(String, Vec<u8>)> {
    let (_, rest) = pem.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    let text: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    Some((label.to_owned(), B64.decode(text).ok()?))
}

/// Header fields with their folding undone, in order.
fn unfold(head: &str) -> Vec<(&str, String)> {
    let mut headers: Vec<(&str, String)> = Vec::new();
    for line in head.split("\r\n") {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push_str(line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim_end(), value.to_owned()));
        }
    }
    headers
}

/// Relaxed header canonicalisation, section 3.4.2.
fn relaxed(name: &str, value: &str) -> String {
    let words: Vec<&str> = value.split([' ', '\t', '\r', '\n']).filter(|w| !w.is_empty()).collect();
    format!("{}:{}", name.to_ascii_lowercase(), words.join(" "))
}

/// What the signature covers: the named fields, each name taking the last field not yet taken, then our own.
fn signed_text(headers: &[(&str, String)], names: &[&str], unsigned: &str) -> String {
    let mut taken = vec![false; headers.len()];
    let mut text = String::new();
    for name in names {
        let found = (0..headers.len()).rev().find(|i| !taken[*i] && headers[*i].0.eq_ignore_ascii_case(name));
        if let Some(i) = found {
            taken[i] = true;
            text.push_str(&relaxed(headers[i].0, &headers[i].1));
            text.push_str("\r\n");
        }
    }
    text + &relaxed("dkim-signature", unsigned)
}

/// Relaxed body canonicalisation, section 3.4.4, hashed.
fn body_hash(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    for line in body.split("\r\n") {
        let words = line.trim_end_matches([' ', '\t']);
        let mut after_blank = false;
        for c in words.chars() {
            let blank = matches!(c, ' ' | '\t');
            match (blank, after_blank) {
                (true, true) => {}
                (true, false) => text.push(' '),
                (false, _) => text.push(c),
            }
            after_blank = blank;
        }
        text.push_str("\r\n");
    }
    let kept = text.trim_end_matches("\r\n").len();
    text.truncate(kept);
    if !text.is_empty() {
        text.push_str("\r\n");
    }
    B64.encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ED25519, KeyPair, UnparsedPublicKey};

    /// RFC 8463, appendix A.
    const MESSAGE: &str = "From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\nSubject: Is dinner ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\nMessage-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\nHi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
    const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
    const NAMES: [&str; 8] = ["from", "to", "subject", "date", "message-id", "from", "subject", "date"];

    #[test]
    fn the_signature_of_rfc_8463() {
        let (head, body) = MESSAGE.split_once("\r\n\r\n").unwrap();
        assert_eq!(body_hash(body), "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
        let unsigned = "v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=";
        let digest = Sha256::digest(signed_text(&unfold(head), &NAMES, unsigned));
        let key = Ed25519KeyPair::from_seed_unchecked(&B64.decode(SEED).unwrap()).unwrap();
        assert_eq!(B64.encode(key.sign(&digest)), "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==");
    }

    #[test]
    fn bodies_are_relaxed() {
        let empty = B64.encode(Sha256::digest(""));
        assert_eq!(body_hash(""), empty);
        assert_eq!(body_hash("\r\n\r\n"), empty);
        assert_eq!(body_hash(" C \r\nD \t E\r\n\r\n\r\n"), B64.encode(Sha256::digest(" C\r\nD E\r\n")));
    }

    fn signer(key: Key) -> Signer {
        Signer { domain: "brand.example".into(), selector: "s1".into(), key }
    }

    /// Takes the header apart again as a receiver would.
    fn check(header: &str, verify: impl Fn(&str, &[u8])) {
        let value = header.strip_prefix("DKIM-Signature: ").unwrap().strip_suffix("\r\n").unwrap();
        let (unsigned, signature) = value.rsplit_once("b=").unwrap();
        let signature: String = signature.chars().filter(|c| !c.is_whitespace()).collect();
        let (head, _) = MESSAGE.split_once("\r\n\r\n").unwrap();
        let names: Vec<&str> = SIGNED.iter().copied().filter(|n| head.to_ascii_lowercase().lines().any(|l| l.starts_with(&format!("{n}:")))).collect();
        verify(&signed_text(&unfold(head), &names, &format!("{unsigned}b=")), &B64.decode(signature).unwrap());
        assert!(header.lines().all(|l| l.len() < 200), "{header}");
    }

    #[test]
    fn our_own_signatures_verify() {
        let key = Ed25519KeyPair::from_seed_unchecked(&B64.decode(SEED).unwrap()).unwrap();
        let public = key.public_key().as_ref().to_vec();
        let header = signer(Key::Ed25519(key)).header(MESSAGE.as_bytes(), Millis(1_795_316_412_045)).unwrap();
        assert!(header.contains("h=from:from:to:subject:date:message-id;"), "{header}");
        check(&header, |text, signature| UnparsedPublicKey::new(&ED25519, &public).verify(&Sha256::digest(text), signature).unwrap());
    }

    #[test]
    fn bad_keys_are_refused() {
        for pem in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"] {
            let config = Dkim { domain: "a.b".into(), selector: "s".into(), private_key: crate::kernel::Sensitive(pem.into()) };
            assert!(Signer::new(&config).is_err(), "{pem}");
        }
    }
}
