//! Finished HTML: its links, its pixel, its plain text.

use std::borrow::Cow;
use std::ops::Range;

use super::place::escape;

/// A start tag: its lower-case name, where it stands, and its attributes.
struct Tag<'h> {
    name: Cow<'h, str>,
    attributes: Vec<Attribute<'h>>,
}

struct Attribute<'h> {
    name: &'h str,
    /// Without quotes.
    value: Range<usize>,
    is_quoted: bool,
}

enum Part<'h> {
    Text(&'h str),
    Open(Tag<'h>),
    Close(Cow<'h, str>),
}

/// Walks HTML as a mail program would see it, forgiving. Comments, scripts and styles are left out.
struct Walk<'h> {
    html: &'h str,
    at: usize,
    /// Inside of this element nothing is markup until its end.
    raw: Option<&'static str>,
}

fn walk(html: &str) -> Walk<'_> {
    Walk { html, at: 0, raw: None }
}

impl<'h> Iterator for Walk<'h> {
    type Item = Part<'h>;

    fn next(&mut self) -> Option<Part<'h>> {
        loop {
            if let Some(name) = self.raw.take() {
                self.at = find_close(self.html, self.at, name);
            }
            let rest = &self.html[self.at..];
            if rest.is_empty() {
                return None;
            }
            if !rest.starts_with('<') {
                return Some(self.text(rest.find('<').unwrap_or(rest.len())));
            }
            if let Some(comment) = rest.strip_prefix("<!--") {
                self.at += 4 + comment.find("-->").map_or(comment.len(), |e| e + 3);
                continue;
            }
            match rest[1..].chars().next() {
                Some('!' | '?') => self.at += rest.find('>').map_or(rest.len(), |e| e + 1),
                Some('/') if rest[2..].starts_with(|c: char| c.is_ascii_alphabetic()) => {
                    let end = rest.find('>').map_or(rest.len(), |e| e + 1);
                    let name = &rest[2..2 + name_length(&rest[2..])];
                    self.at += end;
                    return Some(Part::Close(lower(name)));
                }
                Some(c) if c.is_ascii_alphabetic() => return Some(Part::Open(self.open())),
                // A lone `<` is text.
                _ => return Some(self.text(1 + rest[1..].find('<').unwrap_or(rest.len() - 1))),
            }
        }
    }
}

impl<'h> Walk<'h> {
    fn text(&mut self, length: usize) -> Part<'h> {
        let start = self.at;
        self.at += length;
        Part::Text(&self.html[start..self.at])
    }

    fn open(&mut self) -> Tag<'h> {
        let html = self.html;
        let start = self.at + 1;
        let length = name_length(&html[start..]);
        let name = lower(&html[start..start + length]);
        self.at = start + length;
        let mut attributes = Vec::new();
        loop {
            let rest = &html[self.at..];
            let skipped = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/').len();
            self.at += skipped;
            match html[self.at..].chars().next() {
                None => break,
                Some('>') => {
                    self.at += 1;
                    break;
                }
                Some(_) => attributes.push(self.attribute()),
            }
        }
        self.raw = ["script", "style"].into_iter().find(|raw| *raw == name);
        Tag { name, attributes }
    }

    fn attribute(&mut self) -> Attribute<'h> {
        let html = self.html;
        let start = self.at;
        // An attribute's name has at least one character, even an odd one: so the walk always gets on.
        let first = html[start..].chars().next().map_or(1, char::len_utf8);
        let after = &html[start + first..];
        let length = first + after.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(after.len());
        let name = &html[start..start + length];
        self.at = start + length;
        let rest = html[self.at..].trim_start();
        let Some(value) = rest.strip_prefix('=') else { return Attribute { name, value: self.at..self.at, is_quoted: true } };
        let value = value.trim_start();
        let begin = html.len() - value.len();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, end) = match quote {
            Some(quote) => {
                let length = value[1..].find(quote).unwrap_or(value.len() - 1);
                (begin + 1..begin + 1 + length, (begin + length + 2).min(html.len()))
            }
            None => {
                let length = value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len());
                (begin..begin + length, begin + length)
            }
        };
        self.at = end;
        Attribute { name, value, is_quoted: quote.is_some() }
    }
}

fn name_length(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(text.len())
}

fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(name.to_ascii_lowercase()) } else { Cow::Borrowed(name) }
}

/// Where the closing tag of this element begins.
fn find_close(html: &str, from: usize, name: &str) -> usize {
    let bytes = html.as_bytes();
    let mut at = from;
    while let Some(offset) = html[at..].find("</") {
        let start = at + offset + 2;
        if bytes.get(start..start + name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name.as_bytes())) {
            return at + offset;
        }
        at = start;
    }
    html.len()
}

/// The start tags of some HTML with the names of their attributes.
#[cfg(test)]
pub(crate) fn elements(html: &str) -> Vec<(String, Vec<String>)> {
    walk(html)
        .filter_map(|part| match part {
            Part::Open(tag) => Some((tag.name.into_owned(), tag.attributes.iter().map(|a| a.name.to_ascii_lowercase()).collect())),
            _ => None,
        })
        .collect()
}

/// The HTML with some attribute values written anew. `change` sees the tag, the attribute and its decoded value.
fn change_attributes(html: &str, mut change: impl FnMut(&str, &str, &str) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len() + 64);
    let mut copied = 0;
    for part in walk(html) {
        let Part::Open(tag) = part else { continue };
        for attribute in &tag.attributes {
            if attribute.value.is_empty() {
                continue;
            }
            let value = decode(&html[attribute.value.clone()]);
            let Some(new) = change(&tag.name, &lower(attribute.name), &value) else { continue };
            out.push_str(&html[copied..attribute.value.start]);
            let quote = if attribute.is_quoted { "" } else { "\"" };
            out.push_str(quote);
            out.push_str(&escape(&new));
            out.push_str(quote);
            copied = attribute.value.end;
        }
    }
    out.push_str(&html[copied..]);
    out
}

/// Gives every web link of `<a>` and `<area>` to `rewrite` and puts its answer in place. Only http and https:
/// `mailto:`, `tel:`, `#anchors`, relative links and placeholders such as `weft:unsubscribe` stay as they are.
/// The URL is given and taken as a browser reads it; escaping is done here.
pub fn rewrite_links(html: &str, mut rewrite: impl FnMut(&str) -> String) -> String {
    change_attributes(html, |tag, attribute, value| {
        let url = value.trim();
        (matches!(tag, "a" | "area") && attribute == "href" && is_web(url)).then(|| rewrite(url))
    })
}

fn is_web(url: &str) -> bool {
    let starts = |scheme: &str| url.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme));
    starts("http://") || starts("https://")
}

/// The same for plain text: every `http://…` and `https://…` in it.
/// A URL ends at white space, quotes, angle brackets and whatever is not ASCII (in Chinese the next word follows
/// without a blank); a closing sign at its end is not part of it.
pub fn rewrite_text_links(text: &str, mut rewrite: impl FnMut(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(start) = find_web(rest) {
        let url = &rest[start..];
        let end = url.find(ends_url).unwrap_or(url.len()).min(LONGEST_URL);
        let url = trim_url(&url[..end]);
        out.push_str(&rest[..start]);
        out.push_str(&rewrite(url));
        rest = &rest[start + url.len()..];
    }
    out.push_str(rest);
    out
}

/// What is longer is no link that anybody meant; up to here a URL is ASCII, so it can be cut anywhere.
const LONGEST_URL: usize = 4096;

fn find_web(text: &str) -> Option<usize> {
    text.char_indices().filter(|(_, c)| matches!(c, 'h' | 'H')).map(|(i, _)| i).find(|i| {
        let url = &text[*i..];
        let host = if url.get(..8).is_some_and(|u| u.eq_ignore_ascii_case("https://")) { 8 } else { 7 };
        is_web(url) && url[host..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
    })
}

fn ends_url(c: char) -> bool {
    !c.is_ascii_graphic() || "\"'<>`{}|\\^".contains(c)
}

fn trim_url(url: &str) -> &str {
    let mut url = url;
    loop {
        let Some(last) = url.chars().last() else { return url };
        let closes = |open: char, close: char| last == close && url.matches(open).count() < url.matches(close).count();
        if ".,;:!?*_~".contains(last) || closes('(', ')') || closes('[', ']') {
            url = &url[..url.len() - last.len_utf8()];
        } else {
            return url;
        }
    }
}

/// Puts an invisible picture before the end of the body, or at the end.
pub fn insert_pixel(html: &str, url: &str) -> String {
    let pixel = format!(r#"<img src="{}" width="1" height="1" alt="" style="display:none">"#, escape(url));
    let lower = html.to_ascii_lowercase();
    let at = lower.rfind("</body").or_else(|| lower.rfind("</html")).unwrap_or(html.len());
    format!("{}{pixel}{}", &html[..at], &html[at..])
}

/// Attributes that a browser follows.
const URL_ATTRIBUTES: [&str; 12] =
    ["href", "src", "action", "formaction", "xlink:href", "background", "poster", "cite", "data", "longdesc", "ping", "manifest"];

/// Takes the sting out of URLs that run code, wherever their text came from: `javascript:`, `vbscript:` and
/// `data:` (pictures excepted) become `#`.
pub(crate) fn disarm_urls(html: &str) -> String {
    change_attributes(html, |_, attribute, value| {
        if !URL_ATTRIBUTES.contains(&attribute) {
            return None;
        }
        // Browsers skip control characters and blanks in a scheme, so they are skipped here.
        let bare: String = value.chars().filter(|c| !c.is_control() && !c.is_whitespace()).take(40).collect::<String>().to_ascii_lowercase();
        let is_code = bare.starts_with("javascript:") || bare.starts_with("vbscript:") || (bare.starts_with("data:") && !is_picture(&bare));
        is_code.then(|| "#".to_owned())
    })
}

fn is_picture(url: &str) -> bool {
    ["png", "jpeg", "jpg", "gif", "webp"].iter().any(|kind| url.starts_with(&format!("data:image/{kind}")))
}

/// A mail's text when its author wrote only HTML: paragraphs and rows become lines, links show their target.
pub fn html_to_text(html: &str) -> String {
    let mut writer = TextWriter::default();
    for part in walk(html) {
        match part {
            Part::Text(text) => writer.text(&decode(text)),
            Part::Open(tag) => writer.open(html, &tag),
            Part::Close(name) => writer.close(&name),
        }
    }
    writer.finish()
}

#[derive(Default)]
struct TextWriter {
    out: String,
    links: Vec<(String, usize)>,
    /// Depth of elements whose text nobody sees.
    hidden: usize,
}

impl TextWriter {
    fn text(&mut self, text: &str) {
        if self.hidden > 0 {
            return;
        }
        for c in text.chars() {
            match c {
                '\u{200b}' | '\u{200c}' | '\u{feff}' | '\u{ad}' => {}
                c if c.is_whitespace() => self.space(),
                c => self.out.push(c),
            }
        }
    }

    fn space(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with([' ', '\n']) {
            self.out.push(' ');
        }
    }

    /// At least this many line ends before what follows.
    fn lines(&mut self, wanted: usize) {
        while self.out.ends_with(' ') {
            self.out.pop();
        }
        if self.out.is_empty() {
            return;
        }
        let there = self.out.len() - self.out.trim_end_matches('\n').len();
        for _ in there..wanted {
            self.out.push('\n');
        }
    }

    fn open(&mut self, html: &str, tag: &Tag<'_>) {
        let attribute = |name: &str| {
            tag.attributes.iter().find(|a| a.name.eq_ignore_ascii_case(name)).map(|a| decode(&html[a.value.clone()]).trim().to_owned())
        };
        match &*tag.name {
            "title" => self.hidden += 1,
            _ if self.hidden > 0 => {}
            "br" => {
                while self.out.ends_with(' ') {
                    self.out.pop();
                }
                self.out.push('\n');
            }
            "hr" => {
                self.lines(1);
                self.out.push_str("---\n");
            }
            "li" => {
                self.lines(1);
                self.out.push_str("- ");
            }
            "td" | "th" => self.space(),
            "img" => self.text(&attribute("alt").unwrap_or_default()),
            "a" => self.links.push((attribute("href").unwrap_or_default(), self.out.len())),
            name => self.lines(blank_lines(name)),
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "title" => self.hidden = self.hidden.saturating_sub(1),
            _ if self.hidden > 0 => {}
            "a" => {
                let Some((url, start)) = self.links.pop() else { return };
                let label = self.out.get(start..).unwrap_or_default().trim().to_owned();
                if !is_web(&url) || label == url {
                    return;
                }
                self.text(&if label.is_empty() { url } else { format!(" ({url})") });
            }
            "li" | "td" | "th" => {}
            name => self.lines(blank_lines(name)),
        }
    }

    fn finish(mut self) -> String {
        self.lines(0);
        let text = self.out.trim();
        if text.is_empty() { String::new() } else { format!("{text}\n") }
    }
}

fn blank_lines(name: &str) -> usize {
    match name {
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "blockquote" | "table" | "pre" => 2,
        "div" | "tr" | "section" | "article" | "header" | "footer" | "center" | "body" | "dt" | "dd" | "address" => 1,
        _ => 0,
    }
}

/// The words of HTML without its tags, white space as it stands: the filter `strip_html`.
pub(crate) fn strip_tags(html: &str) -> String {
    walk(html)
        .filter_map(|part| match part {
            Part::Text(text) => Some(text),
            _ => None,
        })
        .collect()
}

/// Character references that appear in mails; numeric ones are all read.
const ENTITIES: &[(&str, &str)] = &[
    ("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"), ("nbsp", "\u{a0}"), ("copy", "©"), ("reg", "®"), ("trade", "™"),
    ("hellip", "…"), ("mdash", "—"), ("ndash", "–"), ("lsquo", "‘"), ("rsquo", "’"), ("ldquo", "“"), ("rdquo", "”"), ("laquo", "«"),
    ("raquo", "»"), ("bull", "•"), ("middot", "·"), ("yen", "¥"), ("euro", "€"), ("pound", "£"), ("cent", "¢"), ("deg", "°"), ("times", "×"),
    ("divide", "÷"), ("plusmn", "±"), ("sect", "§"), ("para", "¶"), ("ensp", "\u{2002}"), ("emsp", "\u{2003}"), ("thinsp", "\u{2009}"),
    ("zwnj", "\u{200c}"), ("zwj", "\u{200d}"), ("shy", "\u{ad}"), ("rarr", "→"), ("larr", "←"), ("check", "✓"), ("star", "☆"),
    ("Tab", "\t"), ("NewLine", "\n"), ("colon", ":"), ("sol", "/"), ("lpar", "("), ("rpar", ")"), ("num", "#"), ("equals", "="),
];

pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let taken = match reference(rest) {
            Some((character, length)) => {
                out.push_str(&character);
                length
            }
            None => {
                out.push('&');
                1
            }
        };
        rest = &rest[taken..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character of the reference at the beginning, and how long the reference is.
fn reference(text: &str) -> Option<(Cow<'static, str>, usize)> {
    let body = &text[1..];
    if let Some(number) = body.strip_prefix('#') {
        let (digits, radix, before) = match number.strip_prefix(['x', 'X']) {
            Some(hex) => (hex, 16, 3),
            None => (number, 10, 2),
        };
        let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let code = u32::from_str_radix(digits.get(..length).filter(|d| !d.is_empty())?, radix).unwrap_or(0xfffd);
        let character = char::from_u32(code).filter(|c| *c != '\0').unwrap_or('\u{fffd}');
        let semicolon = usize::from(digits[length..].starts_with(';'));
        return Some((Cow::Owned(character.to_string()), before + length + semicolon));
    }
    let length = body.find(|c: char| !c.is_ascii_alphanumeric()).filter(|l| body[*l..].starts_with(';'))?;
    let name = &body[..length];
    ENTITIES.iter().find(|(n, _)| *n == name).map(|(_, c)| (Cow::Borrowed(*c), length + 2))
}
