//! Values as they are compared: one spelling of what people and systems write in many.
//!
//! Everything writes into a buffer of the caller, so that cleaning a hundred million values allocates nothing per value.

use serde::{Deserialize, Serialize};

/// What a column holds; decides cleaning, comparison and blocking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The whole name in one column, as is usual in Chinese.
    Name,
    GivenName,
    Surname,
    Phone,
    Mail,
    Birthday,
    Address,
    City,
    Postcode,
    /// Of an identity card, a passport, social security.
    IdNumber,
    /// A person has at most one of them: two different ones are never one person.
    UserId,
    Number,
    /// Anything else that is short.
    Text,
}

/// Written where nothing is known. Equality of two of them says nothing.
const PLACEHOLDERS: [&str; 16] =
    ["-", "--", "n/a", "na", "nan", "nil", "none", "null", "unknown", "test", "无", "未知", "匿名", "暂无", "空", "没有"];

/// Base letters of U+00C0..U+0180 by their canonical decomposition; `*` keeps the letter as it is.
const BASE_LETTERS: &[u8; 192] = b"AAAAAA*CEEEEIIII*NOOOOO*OUUUUY**aaaaaa*ceeeeiiii*nooooo*ouuuuy*y\
AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiI***JjKk*LlLlLlLlLlNnNnNn***OoOoOo**RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZz*";

/// The cleaned value in `out`. `false` when nothing is left that could be compared.
pub fn clean(kind: Kind, text: &str, out: &mut String) -> bool {
    out.clear();
    if is_placeholder(text) {
        return false;
    }
    match kind {
        Kind::Name | Kind::GivenName | Kind::Surname => fold(text, out, |c| is_apostrophe(c).then_some('\0').or(Some(letter_or_space(c)))),
        Kind::Address => fold(text, out, |c| Some(letter_or_space(c))),
        Kind::City | Kind::Text => fold(text, out, Some),
        Kind::Postcode | Kind::IdNumber => fold(text, out, |c| c.is_alphanumeric().then_some(c)),
        Kind::UserId => out.push_str(text.trim()),
        Kind::Phone => phone(text, out),
        Kind::Mail => mail(text, out),
        Kind::Birthday => date(text, out),
        Kind::Number => fold(text, out, |c| (c != ',').then_some(c)),
    }
    !out.is_empty()
}

fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    text.len() <= 9 && PLACEHOLDERS.iter().any(|p| p.eq_ignore_ascii_case(text))
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`')
}

fn letter_or_space(c: char) -> char {
    if c.is_alphanumeric() || c == '*' { c } else { ' ' }
}

/// Half width, no accents, lower case, single spaces; `keep` may change a letter, drop it (`None`) or drop it without a gap (`\0`).
pub fn fold(text: &str, out: &mut String, keep: impl Fn(char) -> Option<char>) {
    let mut gap = false;
    for c in text.chars() {
        let Some(c) = keep(base_letter(half_width(c))).filter(|c| *c != '\0') else { continue };
        if c.is_whitespace() || c.is_control() {
            gap = !out.is_empty();
            continue;
        }
        if gap {
            out.push(' ');
            gap = false;
        }
        match c.is_ascii() {
            true => out.push(c.to_ascii_lowercase()),
            false => out.extend(c.to_lowercase()),
        }
    }
}

/// Full-width forms and the ideographic space to ASCII: this much of NFKC matters for Chinese keyboards.
pub fn half_width(c: char) -> char {
    match c {
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

fn base_letter(c: char) -> char {
    let Some(place) = (c as u32).checked_sub(0xc0).map(|p| p as usize) else { return c };
    match BASE_LETTERS.get(place) {
        Some(b'*') | None => c,
        Some(letter) => char::from(*letter),
    }
}

/// Digits only, without the prefix for China (+86, 0086) before a mobile number or an area code; `*` of masked numbers stays.
///
/// One digit over and over, or fewer than five, is nobody's number.
pub fn phone(text: &str, out: &mut String) {
    out.extend(text.chars().map(half_width).filter(|c| c.is_ascii_digit() || *c == '*'));
    if out.starts_with("00") {
        out.drain(..2);
    }
    if out.len() >= 12 && out.starts_with("86") {
        out.drain(..2);
    }
    let first = out.as_bytes().first().copied();
    if out.len() < 5 || out.bytes().all(|b| Some(b) == first) {
        out.clear();
    }
}

/// Lower case without spaces; at Gmail also without dots and `+tag`, which it ignores.
pub fn mail(text: &str, out: &mut String) {
    fold(text, out, |c| (!c.is_whitespace()).then_some(c));
    if let Some(rest) = out.strip_prefix("mailto:") {
        *out = rest.to_owned();
    }
    let Some(at) = out.rfind('@') else { return };
    if !matches!(&out[at + 1..], "gmail.com" | "googlemail.com") {
        return;
    }
    let local = out[..at].split('+').next().unwrap_or_default().replace('.', "");
    out.clear();
    out.push_str(&local);
    out.push_str("@gmail.com");
}

/// The mail's name before the `@`.
pub fn local_part(mail: &str) -> &str {
    mail.rfind('@').map_or(mail, |at| &mail[..at])
}

/// `YYYYMMDD` from 1990-01-02, 1990/1/2, 1990.1.2, 1990年1月2日, 19900102, with or without a time behind. What is none of them keeps its digits:
/// a mistyped date still resembles the right one.
pub fn date(text: &str, out: &mut String) {
    let mut parts = [0u32; 3];
    let mut digits = [0usize; 3];
    let mut part = 0;
    for c in text.trim().chars().map(half_width) {
        if let Some(digit) = c.to_digit(10) {
            parts[part] = parts[part].saturating_mul(10).saturating_add(digit);
            digits[part] += 1;
        } else if part == 2 && digits[2] > 0 {
            break;
        } else if digits[part] > 0 {
            part += 1;
        }
    }
    if digits[0] == 4 && (1..=2).contains(&digits[1]) && (1..=2).contains(&digits[2]) {
        use std::fmt::Write;
        // Writing into a String cannot fail.
        let _ = write!(out, "{:04}{:02}{:02}", parts[0], parts[1], parts[2]);
        return;
    }
    out.extend(text.chars().map(half_width).filter(char::is_ascii_digit).take(8));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(kind: Kind, text: &str) -> String {
        let mut out = String::new();
        clean(kind, text, &mut out);
        out
    }

    #[test]
    fn the_table_of_letters_is_in_step() {
        assert_eq!(cleaned(Kind::Text, "ÀÿĀňōŷžŻşÑç"), "ayanoyzzsnc");
        assert_eq!(cleaned(Kind::Text, "Æß"), "æß");
    }

    #[test]
    fn names_and_addresses() {
        assert_eq!(cleaned(Kind::Name, "  Ｏ’Ｂrien-SMITH　Zoë "), "obrien smith zoe");
        assert_eq!(cleaned(Kind::Name, "　张　伟 "), "张 伟");
        assert_eq!(cleaned(Kind::Address, "北京市，朝阳区（建国路）88号"), "北京市 朝阳区 建国路 88号");
    }

    #[test]
    fn phones() {
        for text in ["+86 138-1234-5678", "0086 13812345678", "１３８１２３４５６７８", "86-13812345678", "(138) 1234 5678"] {
            assert_eq!(cleaned(Kind::Phone, text), "13812345678", "{text}");
        }
        assert_eq!(cleaned(Kind::Phone, "138****5678"), "138****5678");
        assert_eq!(cleaned(Kind::Phone, "00000000000"), "");
        assert_eq!(cleaned(Kind::Phone, "0044 20 7946 0958"), "442079460958");
    }

    #[test]
    fn mails() {
        assert_eq!(cleaned(Kind::Mail, " Jane.Doe+shop@GoogleMail.com"), "janedoe@gmail.com");
        assert_eq!(cleaned(Kind::Mail, "Jane.Doe＠qq.com"), "jane.doe@qq.com");
    }

    #[test]
    fn dates() {
        for text in ["1990-01-02", "1990/1/2", "1990年1月2日", "1990.01.02 00:00:00", "１９９０－１－２", "19900102", "1990-01-02T08:00:00Z"] {
            assert_eq!(cleaned(Kind::Birthday, text), "19900102", "{text}");
        }
        assert_eq!(cleaned(Kind::Birthday, "19901332"), "19901332");
    }

    #[test]
    fn what_says_nothing_is_nothing() {
        for text in ["", "  ", "N/A", "未知", "null", "-"] {
            assert_eq!(cleaned(Kind::City, text), "", "{text}");
        }
    }
}
