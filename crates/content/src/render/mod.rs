//! Rendering: a template, a context and bounds give a message. Pure: no files, no network, no clock.
//!
//! The language is Liquid. The engine is our own and small, because four promises cannot be laid around one
//! that was not built for them:
//!
//! 1. *What comes from data is text.* In the HTML part every output is escaped for the place where it stands
//!    (text, attribute, unquoted attribute, script or style), and there is no filter that switches it off.
//! 2. *What is missing is empty.* A message is not lost because a person has no city; `lint` tells beforehand.
//! 3. *Nothing runs away.* Every step, every loop and every byte made on the way is paid from one budget,
//!    before it is made.
//! 4. *Numbers are decimals.* `{{ price | times: 3 }}` of `"0.10"` is `0.30`.

mod place;
mod syntax;
mod value;
mod filters;
mod engine;
mod check;
mod html;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_http_kit::utoipa::{self, ToSchema};

use crate::kernel::{Error, Result};

pub use check::{Warning, lint, variables};
pub use html::{html_to_text, insert_pixel, rewrite_links, rewrite_text_links};

/// A message before it is about somebody. Each part is a Liquid template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Source {
    pub subject: Option<String>,
    pub html: Option<String>,
    pub text: Option<String>,
    /// Named pieces of plain text: the parameters of an SMS template, the fields of a webhook.
    pub fields: BTreeMap<String, String>,
}

/// The same parts, for one person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rendered {
    /// One line without control characters.
    pub subject: Option<String>,
    pub html: Option<String>,
    /// Made from the HTML when the source has no text of its own.
    pub text: Option<String>,
    pub fields: BTreeMap<String, String>,
}

/// What one rendering may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Of all parts together.
    pub max_template_bytes: usize,
    /// Of each part.
    pub max_output_bytes: usize,
    /// Budget for all parts together: a step costs 1, and so do each turn of a loop and each 32 bytes made on the way.
    pub max_steps: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { max_template_bytes: 256 << 10, max_output_bytes: 1 << 20, max_steps: 200_000 }
    }
}

/// A source that has been read once and can be rendered for many people.
#[derive(Clone, Debug)]
pub struct Compiled {
    subject: Option<syntax::Template>,
    html: Option<syntax::Template>,
    text: Option<syntax::Template>,
    fields: Vec<(String, syntax::Template)>,
    bounds: Bounds,
}

/// How the output of a part is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Html,
    Plain,
}

/// Reads all parts. A mistake is `content.template_syntax` with the part as its field and the line in `params`.
pub fn compile(source: &Source, bounds: &Bounds) -> Result<Compiled> {
    let size: usize = parts(source).map(|(_, _, text)| text.len()).sum();
    if size > bounds.max_template_bytes {
        let detail = format!("the template has {size} bytes, {} are allowed", bounds.max_template_bytes);
        return Err(Error::limited("content.template_too_large", detail));
    }
    let read = |part: &str, mode, text: &Option<String>| text.as_deref().map(|t| read_part(part, mode, t)).transpose();
    Ok(Compiled {
        subject: read("subject", Mode::Plain, &source.subject)?,
        html: read("html", Mode::Html, &source.html)?,
        text: read("text", Mode::Plain, &source.text)?,
        fields: source
            .fields
            .iter()
            .map(|(name, text)| Ok((name.clone(), read_part(&format!("fields.{name}"), Mode::Plain, text)?)))
            .collect::<Result<_>>()?,
        bounds: *bounds,
    })
}

fn read_part(part: &str, mode: Mode, text: &str) -> Result<syntax::Template> {
    syntax::parse(text, mode).map_err(|e| {
        Error::invalid("content.template_syntax", format!("{part}, line {}: {}", e.line, e.what))
            .field(part, format!("line {}: {}", e.line, e.what))
            .param("line", e.line)
    })
}

/// The parts of a source by name, in a fixed order.
fn parts(source: &Source) -> impl Iterator<Item = (String, Mode, &str)> {
    let named = [("subject", Mode::Plain, &source.subject), ("html", Mode::Html, &source.html), ("text", Mode::Plain, &source.text)];
    named
        .into_iter()
        .filter_map(|(name, mode, text)| text.as_deref().map(|t| (name.to_owned(), mode, t)))
        .chain(source.fields.iter().map(|(name, text)| (format!("fields.{name}"), Mode::Plain, text.as_str())))
}

impl Compiled {
    /// For one person. `context` is an object; its `time_zone` (`"Asia/Shanghai"`) and `now` (RFC 3339) are
    /// read by the `date` filter. Fails only when the bounds are exceeded.
    pub fn render(&self, context: &Value) -> Result<Rendered> {
        let mut budget = engine::Budget::new(self.bounds.max_steps);
        let most = self.bounds.max_output_bytes;
        let mut run = |template: &syntax::Template| engine::run(template, context, &mut budget, most);
        let subject = self.subject.as_ref().map(&mut run).transpose()?.map(|s| one_line(&s));
        let html = self.html.as_ref().map(&mut run).transpose()?.map(|h| html::disarm_urls(&h));
        let text = match &self.text {
            Some(template) => Some(run(template)?),
            None => html.as_deref().map(html_to_text),
        };
        let fields = self.fields.iter().map(|(name, template)| Ok((name.clone(), run(template)?))).collect::<Result<_>>()?;
        Ok(Rendered { subject, html, text, fields })
    }
}

/// Reads and renders in one go; who renders for many people compiles once.
pub fn render(template: &Source, context: &Value, bounds: &Bounds) -> Result<Rendered> {
    compile(template, bounds)?.render(context)
}

/// A subject is a header: a line break in a name must not begin another one.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// All names a source reads, over its parts.
pub(crate) fn union(sets: impl Iterator<Item = BTreeSet<String>>) -> BTreeSet<String> {
    sets.flatten().collect()
}
