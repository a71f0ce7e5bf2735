//! An e-mail address as somebody signs in with it.

use crate::kernel::{Error, Result};

/// Trimmed and in lower case; refused when no mail could reach it.
pub(crate) fn parse(text: &str) -> Result<String> {
    let email = text.trim().to_lowercase();
    let shaped = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.starts_with('.') && !domain.ends_with('.')
    });
    if shaped && email.len() <= 254 && !email.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Ok(email);
    }
    Err(Error::invalid("access.email_invalid", "this is not an e-mail address").field("email", "not an e-mail address"))
}

pub(crate) fn local_part(email: &str) -> &str {
    email.split('@').next().unwrap_or(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_lower_cased_and_checked() {
        assert_eq!(parse(" Ada@Example.COM ").unwrap(), "ada@example.com");
        assert_eq!(parse("管理@例子.中国").unwrap(), "管理@例子.中国");
        for wrong in ["", "ada", "@b", "a@", "a@b@c", "a b@c", "a@.b", "a@b.", &format!("{}@b", "a".repeat(254))] {
            assert_eq!(parse(wrong).unwrap_err().code, "access.email_invalid", "{wrong}");
        }
    }
}
