//! Where in a piece of HTML an output stands, and how text must be written there.

use std::borrow::Cow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A part that is not HTML.
    Plain,
    /// Between tags, in a comment, or in a quoted attribute.
    Text,
    /// `href={{ url }}`: a space would end the value.
    Unquoted,
    /// In a script, a style, an event handler or a tag's own name, where escaping does not help:
    /// only letters, digits and a few harmless signs pass.
    Code,
}

impl Place {
    pub(crate) fn write(self, text: &str) -> Cow<'_, str> {
        match self {
            Place::Plain => Cow::Borrowed(text),
            Place::Text => escape(text),
            Place::Unquoted => escape_with(text, |c| c.is_ascii_whitespace() || matches!(c, '=' | '`')),
            Place::Code => Cow::Owned(text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '.' | ',' | '#' | '%' | '_' | '-')).collect()),
        }
    }

    /// For what was escaped already: only what could leave an attribute is written anew.
    pub(crate) fn write_html(self, html: &str) -> Cow<'_, str> {
        match self {
            Place::Plain | Place::Text => Cow::Borrowed(html),
            Place::Unquoted | Place::Code => self.write(html),
        }
    }
}

pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    escape_with(text, |_| false)
}

fn escape_with(text: &str, more: impl Fn(char) -> bool) -> Cow<'_, str> {
    let special = |c: char| matches!(c, '&' | '<' | '>' | '"' | '\'') || more(c);
    if !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if more(c) => out.push_str(&format!("&#{};", c as u32)),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Follows the literal HTML of a template, in the order in which it is written.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    state: State,
    tag: String,
    attribute: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    TagOpen,
    TagName,
    InTag,
    AttributeName,
    AfterEquals,
    Quoted(char),
    Unquoted,
    Comment,
    /// The inside of script or style, until its closing tag.
    Raw,
}

impl Tracker {
    pub(crate) fn feed(&mut self, html: &str) {
        let mut rest = html;
        while let Some(c) = rest.chars().next() {
            let step = self.step(c, rest);
            rest = &rest[step..];
        }
    }

    /// Takes one character (or a longer mark) and says how many bytes it took.
    fn step(&mut self, c: char, rest: &str) -> usize {
        let one = c.len_utf8();
        match self.state {
            State::Text if rest.starts_with("<!--") => {
                self.state = State::Comment;
                return 4;
            }
            State::Text if c == '<' => self.state = State::TagOpen,
            State::Text => {}
            State::TagOpen => {
                self.tag.clear();
                if c.is_ascii_alphabetic() || c == '/' || c == '!' || c == '?' {
                    self.tag.push(c.to_ascii_lowercase());
                    self.state = State::TagName;
                } else {
                    self.state = State::Text;
                }
            }
            State::TagName if c == '>' => self.leave_tag(),
            State::TagName if c.is_whitespace() || (c == '/' && !self.tag.is_empty()) => self.state = State::InTag,
            State::TagName => self.tag.push(c.to_ascii_lowercase()),
            State::InTag if c == '>' => self.leave_tag(),
            State::InTag if c == '=' && !self.attribute.is_empty() => self.state = State::AfterEquals,
            State::InTag if c.is_whitespace() || c == '/' => {}
            State::InTag => {
                self.attribute.clear();
                self.attribute.push(c.to_ascii_lowercase());
                self.state = State::AttributeName;
            }
            State::AttributeName if c == '=' => self.state = State::AfterEquals,
            State::AttributeName if c == '>' => self.leave_tag(),
            State::AttributeName if c.is_whitespace() || c == '/' => self.state = State::InTag,
            State::AttributeName => self.attribute.push(c.to_ascii_lowercase()),
            State::AfterEquals if c.is_whitespace() => {}
            State::AfterEquals if c == '"' || c == '\'' => self.state = State::Quoted(c),
            State::AfterEquals if c == '>' => self.leave_tag(),
            State::AfterEquals => self.state = State::Unquoted,
            State::Quoted(quote) if c == quote => self.leave_value(),
            State::Quoted(_) => {}
            State::Unquoted if c == '>' => self.leave_tag(),
            State::Unquoted if c.is_whitespace() => self.leave_value(),
            State::Unquoted => {}
            State::Comment if rest.starts_with("-->") => {
                self.state = State::Text;
                return 3;
            }
            State::Comment => {}
            State::Raw => {
                let closing = self.tag.len() + 2;
                if c == '<' && rest.get(..closing).is_some_and(|r| r[1..].starts_with('/') && r[2..].eq_ignore_ascii_case(&self.tag)) {
                    self.state = State::InTag;
                    self.tag.insert(0, '/');
                    self.attribute.clear();
                    return closing;
                }
            }
        }
        one
    }

    fn leave_tag(&mut self) {
        self.attribute.clear();
        self.state = if matches!(self.tag.as_str(), "script" | "style") { State::Raw } else { State::Text };
    }
    fn leave_value(&mut self) {
        self.attribute.clear();
        self.state = State::InTag;
    }

    /// The place of an output that stands here.
    pub(crate) fn output(&mut self) -> Place {
        let in_code = self.attribute.starts_with("on") || self.attribute == "style" || self.attribute == "srcdoc";
        match self.state {
            State::Text | State::Comment => Place::Text,
            State::Quoted(_) if in_code => Place::Code,
            State::Quoted(_) => Place::Text,
            State::AfterEquals | State::Unquoted => {
                self.state = State::Unquoted;
                if in_code { Place::Code } else { Place::Unquoted }
            }
            State::TagOpen | State::TagName | State::InTag | State::AttributeName | State::Raw => Place::Code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(html: &str) -> Place {
        let mut tracker = Tracker::default();
        tracker.feed(html);
        tracker.output()
    }

    #[test]
    fn places_are_recognised() {
        for (html, expected) in [
            ("", Place::Text),
            ("<p>", Place::Text),
            ("<p class='a' id=b>x", Place::Text),
            ("a < b ", Place::Text),
            ("<!-- a <b ", Place::Text),
            ("<!-- --><p>", Place::Text),
            ("<a href=\"", Place::Text),
            ("<a href='x' title='a\"", Place::Text),
            ("<a href=", Place::Unquoted),
            ("<a href = x", Place::Unquoted),
            ("<a ", Place::Code),
            ("<", Place::Code),
            ("<a onclick=\"go('", Place::Code),
            ("<a ONCLICK=go(", Place::Code),
            ("<p style=\"color:", Place::Code),
            ("<p style=\"a\" title=\"", Place::Text),
            ("<style>p{color:", Place::Code),
            ("<SCRIPT type=x>var a='<p>", Place::Code),
            ("<script>x</script>", Place::Text),
            ("<style></style ><p>", Place::Text),
            ("<br/>", Place::Text),
            ("<img src=x />", Place::Text),
            ("<iframe srcdoc=\"", Place::Code),
        ] {
            assert_eq!(place(html), expected, "{html}");
        }
    }

    #[test]
    fn text_is_written_for_its_place() {
        let evil = "<a b=\"c\" d='e'>`& ";
        assert_eq!(Place::Text.write(evil), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;`&amp; ");
        assert_eq!(Place::Unquoted.write("x onload=a"), "x&#32;onload&#61;a");
        assert_eq!(Place::Code.write("red;} a{b:url('x')}"), "red aburlx");
        assert_eq!(Place::Code.write("张三 #ff0000"), "张三 #ff0000");
        assert_eq!(Place::Plain.write(evil), evil);
    }
}
