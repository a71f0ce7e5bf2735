//! Passwords: which are taken, how they are kept, how they are compared.

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use super::email::local_part;
use super::secret;
use crate::kernel::{Error, Result};

const SHORTEST: usize = 12;
const LONGEST: usize = 256;
/// Words that begin, end or fill the passwords of every leaked list. Whatever is left of a password without its
/// digits and signs must not be one of them, alone or repeated.
const COMMON: [&str; 44] = [
    "password", "passwort", "passw", "pass", "qwerty", "qwertyuiop", "qwertyuiopasdfghjkl", "asdfghjkl", "zxcvbnm", "qazwsx", "qazwsxedc",
    "letmein", "welcome", "admin", "administrator", "root", "login", "master", "superman", "batman", "dragon", "monkey", "football",
    "baseball", "princess", "sunshine", "iloveyou", "trustno", "starwars", "whatever", "shadow", "michael", "abc", "abcd", "abcdef",
    "changeme", "secret", "default", "test", "user", "guest", "weft", "marketing", "woaini",
];

/// `password` for the account `email`.
pub(crate) fn must_be_strong(field: &'static str, password: &str, email: &str) -> Result<()> {
    let (reason, why) = match weakness(password, email) {
        None => return Ok(()),
        Some(found) => found,
    };
    Err(Error::invalid("access.password_weak", format!("the password is too weak: {why}")).field(field, why).param("reason", reason).param("shortest", SHORTEST))
}

fn weakness(password: &str, email: &str) -> Option<(&'static str, &'static str)> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Some(("too_short", "it has fewer than 12 characters"));
    }
    if length > LONGEST {
        return Some(("too_long", "it has more than 256 characters"));
    }
    let lower = password.to_lowercase();
    let (email, local) = (email.to_lowercase(), local_part(email).to_lowercase());
    if lower.contains(&email) || local.chars().count() >= 4 && lower.contains(&local) {
        return Some(("contains_email", "it contains the e-mail address"));
    }
    let mut distinct: Vec<char> = lower.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 5 || is_common(&lower) || is_a_run(&lower) {
        return Some(("common", "it is one of those that are tried first"));
    }
    None
}

fn is_common(lower: &str) -> bool {
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    let letters = |text: &str, unleet: bool| -> String { text.chars().filter_map(|c| letter(c, unleet)).collect() };
    [letters(lower, false), letters(core, true)].iter().any(|stem| {
        COMMON.iter().any(|word| !stem.is_empty() && stem.len() % word.len() == 0 && stem.as_bytes().chunks(word.len()).all(|c| c == word.as_bytes()))
    })
}

/// `p@ssw0rd` is `password`.
fn letter(c: char, unleet: bool) -> Option<char> {
    match c {
        _ if c.is_alphabetic() => Some(c),
        '0' if unleet => Some('o'),
        '1' | '!' if unleet => Some('i'),
        '3' if unleet => Some('e'),
        '4' | '@' if unleet => Some('a'),
        '5' | '$' if unleet => Some('s'),
        '7' if unleet => Some('t'),
        _ => None,
    }
}

/// `123456789012`, `abcdefghijkl`, `987654321098`.
fn is_a_run(lower: &str) -> bool {
    let characters: Vec<char> = lower.chars().collect();
    let follows = |pair: &&[char]| {
        let (a, b) = (u32::from(pair[0]), u32::from(pair[1]));
        a.abs_diff(b) <= 1 || matches!((pair[0], pair[1]), ('9', '0') | ('0', '9'))
    };
    characters.windows(2).filter(follows).count() * 4 >= characters.len() * 3
}

/// Argon2id with a salt of its own, in the usual text form. Slow on purpose: on a thread where nobody waits.
pub(crate) async fn hash_away(password: String) -> Result<String> {
    tokio::task::spawn_blocking(move || hash(&password)).await.map_err(Error::internal)?
}

/// Without a hash it works just as long and answers no.
pub(crate) async fn verify_away(password: String, hash: Option<String>) -> Result<bool> {
    tokio::task::spawn_blocking(move || match hash {
        Some(hash) => verify(&password, &hash),
        None => verify(&password, nobody()?).map(|_| false),
    })
    .await
    .map_err(Error::internal)?
}

fn hash(password: &str) -> Result<String> {
    let hash: PasswordHash = Argon2::default().hash_password(password.as_bytes()).map_err(Error::internal)?;
    Ok(hash.to_string())
}

fn verify(password: &str, hash: &str) -> Result<bool> {
    let hash = PasswordHash::new(hash).map_err(Error::internal)?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The hash of a password that nobody knows.
fn nobody() -> Result<&'static str> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    if let Some(hash) = NOBODY.get() {
        return Ok(hash);
    }
    let made = hash(&secret::token())?;
    Ok(NOBODY.get_or_init(|| made))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_and_told_why() {
        for (weak, reason) in [
            ("short", "too_short"),
            ("elevenchars", "too_short"),
            ("password1234", "common"),
            ("P@ssw0rd!2024", "common"),
            ("!!Adm1n1str4t0r!!", "common"),
            ("1234-welcome-5678", "common"),
            ("passwordpassword", "common"),
            ("qwertyuiop123", "common"),
            ("123456789012", "common"),
            ("abcdefghijklm", "common"),
            ("aaaaaaaaaaaaaa", "common"),
            ("abababababab", "common"),
            ("Ada.Lovelace-1815", "contains_email"),
            ("x-ada.lovelace@example.com", "contains_email"),
        ] {
            let error = must_be_strong("password", weak, "ada.lovelace@example.com").expect_err(weak);
            assert_eq!((error.code, error.params["reason"].as_str()), ("access.password_weak", reason), "{weak}");
            assert!(error.fields.contains_key("password"));
        }
        must_be_strong("password", &"x".repeat(257), "a@b").unwrap_err();
    }

    #[test]
    fn strong_passwords_are_taken() {
        for strong in ["correct horse battery", "织造经纬春夏秋冬东南西北", "Tr7#kQz!mW2p", "a da likes long looms"] {
            must_be_strong("password", strong, "ada@example.com").unwrap_or_else(|e| panic!("{strong}: {e}"));
        }
    }

    #[tokio::test]
    async fn a_hash_knows_its_password_and_no_other() {
        let hash = hash_away("correct horse battery".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, hash_away("correct horse battery".into()).await.unwrap(), "each has a salt of its own");
        assert!(verify_away("correct horse battery".into(), Some(hash.clone())).await.unwrap());
        assert!(!verify_away("correct horse batterz".into(), Some(hash)).await.unwrap());
        assert!(!verify_away("correct horse battery".into(), None).await.unwrap());
    }
}
