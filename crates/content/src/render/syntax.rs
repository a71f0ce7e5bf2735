//! Reads Liquid into a tree.

use std::str::FromStr;

use rust_decimal::Decimal;

use super::Mode;
use super::filters;
use super::place::{Place, Tracker};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    pub(crate) nodes: Vec<Node>,
    pub(crate) mode: Mode,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Text(String),
    Output { chain: Chain, place: Place, line: usize },
    Assign { name: String, chain: Chain },
    Capture { name: String, body: Vec<Node> },
    /// Also `unless`, whose first test is turned round.
    If { branches: Vec<(Condition, Vec<Node>)>, otherwise: Vec<Node> },
    Case { subject: Expression, branches: Vec<(Vec<Expression>, Vec<Node>)>, otherwise: Vec<Node> },
    For(Box<For>),
    Cycle { group: Option<Expression>, key: String, values: Vec<Expression>, place: Place },
    /// `increment` (+1, told before) and `decrement` (−1, told after).
    Count { name: String, step: i64 },
    Break,
    Continue,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct For {
    pub(crate) name: String,
    pub(crate) source: Expression,
    pub(crate) limit: Option<Expression>,
    pub(crate) offset: Option<Expression>,
    pub(crate) reversed: bool,
    pub(crate) body: Vec<Node>,
    pub(crate) otherwise: Vec<Node>,
}

/// A value and the filters it runs through.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chain {
    pub(crate) head: Expression,
    pub(crate) filters: Vec<FilterCall>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FilterCall {
    pub(crate) name: &'static str,
    pub(crate) arguments: Vec<Expression>,
    pub(crate) named: Vec<(String, Expression)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Nil,
    Empty,
    Blank,
    Bool(bool),
    Number(Decimal),
    Text(String),
    Path { root: String, steps: Vec<Step>, line: usize },
    Range(Box<Expression>, Box<Expression>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Name(String),
    Index(Expression),
}

/// Tests joined by `and` and `or`, read from the right as Liquid does: `joins[i]` stands after `tests[i]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) tests: Vec<Test>,
    pub(crate) joins: Vec<Join>,
    pub(crate) negated: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    Truthy(Expression),
    Compare(Expression, Comparison, Expression),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    And,
    Or,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SyntaxError {
    pub(crate) line: usize,
    pub(crate) what: String,
}

type Parsed<T> = Result<T, SyntaxError>;

/// Blocks in blocks, and indexes in indexes.
const MAX_DEPTH: usize = 32;

pub(crate) fn parse(text: &str, mode: Mode) -> Parsed<Template> {
    let pieces = cut(text)?;
    let mut reader = BlockReader { pieces: &pieces, at: 0, depth: 0, mode, tracker: Tracker::default() };
    let nodes = reader.body("", &[])?.nodes;
    Ok(Template { nodes, mode })
}

// --- pieces: text, {{ output }}, {% tag %} ---------------------------------------------------------

#[derive(Debug)]
enum Piece<'a> {
    Text(&'a str),
    Output { markup: &'a str, line: usize },
    Tag { name: &'a str, markup: &'a str, line: usize },
}

fn cut(text: &str) -> Parsed<Vec<Piece<'_>>> {
    let mut cutter = Cutter { text, at: 0, line: 1, trim_next: false, pieces: Vec::new() };
    cutter.run()?;
    Ok(cutter.pieces)
}

struct Cutter<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    trim_next: bool,
    pieces: Vec<Piece<'a>>,
}

impl<'a> Cutter<'a> {
    fn run(&mut self) -> Parsed<()> {
        while let Some(offset) = find_opening(&self.text[self.at..]) {
            let open = self.at + offset;
            let trims_before = self.text[open + 2..].starts_with('-');
            self.push_text(open, trims_before);
            let line = self.line;
            let is_output = self.text[open..].starts_with("{{");
            let (inside, after, trims_after) = self.inside(open, if is_output { "}}" } else { "%}" })?;
            self.advance(after);
            self.trim_next = trims_after;
            if is_output {
                self.pieces.push(Piece::Output { markup: inside, line });
                continue;
            }
            let inside = inside.trim();
            if inside.starts_with('#') {
                continue;
            }
            let end = inside.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(inside.len());
            let (name, markup) = inside.split_at(end);
            match name {
                "raw" => self.raw(line)?,
                "comment" => self.comment(line)?,
                _ => self.pieces.push(Piece::Tag { name, markup, line }),
            }
        }
        self.push_text(self.text.len(), false);
        Ok(())
    }

    fn push_text(&mut self, until: usize, trim_end: bool) {
        let mut text = &self.text[self.at..until];
        if self.trim_next {
            text = text.trim_start();
        }
        if trim_end {
            text = text.trim_end();
        }
        self.trim_next = false;
        if !text.is_empty() {
            self.pieces.push(Piece::Text(text));
        }
        self.advance(until);
    }

    fn advance(&mut self, to: usize) {
        self.line += self.text[self.at..to].matches('\n').count();
        self.at = to;
    }

    /// What stands between the marks at `open`, where it ends, and whether it trims what follows.
    fn inside(&self, open: usize, close: &str) -> Parsed<(&'a str, usize, bool)> {
        let start = open + 2 + usize::from(self.text[open + 2..].starts_with('-'));
        let rest = &self.text[start..];
        // A note in `{% # … %}` may hold a lone apostrophe.
        let end = if rest.trim_start().starts_with('#') { rest.find(close) } else { find_close(rest, close) }
            .ok_or_else(|| SyntaxError { line: self.line, what: format!("{} is not closed by {close}", &self.text[open..open + 2]) })?;
        let inside = &rest[..end];
        let trims = inside.ends_with('-');
        Ok((inside.strip_suffix('-').unwrap_or(inside), start + end + 2, trims))
    }

    fn raw(&mut self, line: usize) -> Parsed<()> {
        let (start, end, trims_before, trims_after) = self.find_end("raw", line)?;
        self.push_text(start, trims_before);
        self.advance(end);
        self.trim_next = trims_after;
        Ok(())
    }

    fn comment(&mut self, line: usize) -> Parsed<()> {
        let (_, end, _, trims_after) = self.find_end("comment", line)?;
        self.advance(end);
        self.trim_next = trims_after;
        Ok(())
    }

    /// The matching `{% end… %}`, counting blocks of the same name in between (comments nest, raw does not).
    fn find_end(&self, block: &str, line: usize) -> Parsed<(usize, usize, bool, bool)> {
        let mut depth = 1usize;
        let mut from = self.at;
        while let Some(offset) = self.text[from..].find("{%") {
            let open = from + offset;
            from = open + 2;
            let Some(end) = self.text[from..].find("%}").map(|e| from + e) else { break };
            let inside = self.text[from..end].trim_start_matches('-').trim_end_matches('-').trim();
            if block == "comment" && inside == "comment" {
                depth += 1;
            } else if inside.strip_prefix("end") == Some(block) {
                depth -= 1;
                if depth == 0 {
                    return Ok((open, end + 2, self.text[from..].starts_with('-'), self.text[..end].ends_with('-')));
                }
            }
        }
        Err(SyntaxError { line, what: format!("{{% {block} %}} is not closed by {{% end{block} %}}") })
    }
}

fn find_opening(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(1)).find(|i| bytes[*i] == b'{' && matches!(bytes[i + 1], b'{' | b'%'))
}

/// The closing mark, skipping quoted text.
fn find_close(text: &str, close: &str) -> Option<usize> {
    let mut quote = None;
    for (i, c) in text.char_indices() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if text[i..].starts_with(close) => return Some(i),
            None => {}
        }
    }
    None
}

// --- blocks ---------------------------------------------------------------------------------------

struct BlockReader<'p, 'a> {
    pieces: &'p [Piece<'a>],
    at: usize,
    depth: usize,
    mode: Mode,
    tracker: Tracker,
}

struct Body<'a> {
    nodes: Vec<Node>,
    /// The tag that ended it: name, markup, line. Empty at the end of the template.
    ended_by: (&'a str, &'a str, usize),
}

impl<'a> BlockReader<'_, 'a> {
    /// Reads until one of `ends`. `block` names what is being read, for messages.
    fn body(&mut self, block: &str, ends: &[&str]) -> Parsed<Body<'a>> {
        let mut nodes = Vec::new();
        let mut last_line = 1;
        while let Some(piece) = self.pieces.get(self.at) {
            self.at += 1;
            match *piece {
                Piece::Text(text) => {
                    if self.mode == Mode::Html {
                        self.tracker.feed(text);
                    }
                    nodes.push(Node::Text(text.to_owned()));
                }
                Piece::Output { markup, line } => {
                    last_line = line;
                    nodes.push(self.output(markup, line)?);
                }
                Piece::Tag { name, markup, line } => {
                    last_line = line;
                    if ends.contains(&name) {
                        return Ok(Body { nodes, ended_by: (name, markup, line) });
                    }
                    nodes.extend(self.tag(name, markup, line)?);
                }
            }
        }
        if ends.is_empty() {
            return Ok(Body { nodes, ended_by: ("", "", last_line) });
        }
        Err(SyntaxError { line: last_line, what: format!("{{% {block} %}} is not closed by {{% {} %}}", ends[ends.len() - 1]) })
    }

    fn place(&mut self) -> Place {
        match self.mode {
            Mode::Html => self.tracker.output(),
            Mode::Plain => Place::Plain,
        }
    }

    fn output(&mut self, markup: &str, line: usize) -> Parsed<Node> {
        let mut words = Words::of(markup, line)?;
        let chain = words.chain()?;
        words.end()?;
        Ok(Node::Output { chain, place: self.place(), line })
    }

    fn tag(&mut self, name: &'a str, markup: &str, line: usize) -> Parsed<Option<Node>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(SyntaxError { line, what: format!("blocks are nested more than {MAX_DEPTH} deep") });
        }
        let node = self.known_tag(name, markup, line)?;
        self.depth -= 1;
        Ok(node)
    }

    fn known_tag(&mut self, name: &'a str, markup: &str, line: usize) -> Parsed<Option<Node>> {
        let mut words = Words::of(markup, line)?;
        let node = match name {
            "echo" => {
                let chain = words.chain()?;
                words.end()?;
                Node::Output { chain, place: self.place(), line }
            }
            "assign" => {
                let name = words.name("a name")?;
                words.expect(&Word::Sign("="))?;
                let chain = words.chain()?;
                words.end()?;
                Node::Assign { name, chain }
            }
            "capture" => {
                let name = words.name_or_text("a name")?;
                words.end()?;
                Node::Capture { name, body: self.body("capture", &["endcapture"])?.nodes }
            }
            "if" => self.branches(words, "if", false)?,
            "unless" => self.branches(words, "unless", true)?,
            "case" => self.case(words)?,
            "for" => self.repeat(words)?,
            "cycle" => {
                let cycle = words.cycle(markup.trim())?;
                let place = self.place();
                Node::Cycle { group: cycle.0, key: cycle.1, values: cycle.2, place }
            }
            "increment" | "decrement" => {
                let counter = words.name("a name")?;
                words.end()?;
                Node::Count { name: counter, step: if name == "increment" { 1 } else { -1 } }
            }
            "break" => Node::Break,
            "continue" => Node::Continue,
            "include" | "render" => return words.fail("a template cannot take in another one"),
            "" => return words.fail("a tag without a name"),
            other if other.starts_with("end") || matches!(other, "else" | "elsif" | "when") => {
                return words.fail(&format!("{{% {other} %}} stands where nothing is open for it"));
            }
            other => return words.fail(&format!("unknown tag {other}")),
        };
        Ok(Some(node))
    }

    fn branches(&mut self, mut words: Words<'_>, block: &'static str, negated: bool) -> Parsed<Node> {
        let end: &'static str = if negated { "endunless" } else { "endif" };
        let mut condition = words.condition(negated)?;
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            let body = self.body(block, &["elsif", "else", end])?;
            let (ended_by, markup, line) = body.ended_by;
            branches.push((condition, body.nodes));
            match ended_by {
                "elsif" => condition = Words::of(markup, line)?.condition(false)?,
                "else" => {
                    otherwise = self.body(block, &[end])?.nodes;
                    break;
                }
                _ => break,
            }
        }
        Ok(Node::If { branches, otherwise })
    }

    fn case(&mut self, mut words: Words<'_>) -> Parsed<Node> {
        let subject = words.expression()?;
        words.end()?;
        let mut ended_by = self.body("case", &["when", "else", "endcase"])?.ended_by;
        let mut branches = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            match ended_by.0 {
                "when" => {
                    let values = Words::of(ended_by.1, ended_by.2)?.alternatives()?;
                    let body = self.body("case", &["when", "else", "endcase"])?;
                    branches.push((values, body.nodes));
                    ended_by = body.ended_by;
                }
                "else" => {
                    let body = self.body("case", &["when", "else", "endcase"])?;
                    otherwise.extend(body.nodes);
                    ended_by = body.ended_by;
                }
                _ => return Ok(Node::Case { subject, branches, otherwise }),
            }
        }
    }

    fn repeat(&mut self, mut words: Words<'_>) -> Parsed<Node> {
        let name = words.name("a name for each item")?;
        words.expect(&Word::Name("in"))?;
        let source = words.expression()?;
        let (mut limit, mut offset, mut reversed) = (None, None, false);
        while !words.is_at_end() {
            match words.name("limit, offset or reversed")?.as_str() {
                "reversed" => reversed = true,
                "limit" => {
                    words.expect(&Word::Sign(":"))?;
                    limit = Some(words.expression()?);
                }
                "offset" => {
                    words.expect(&Word::Sign(":"))?;
                    offset = Some(words.expression()?);
                }
                other => return words.fail(&format!("unknown word {other} in {{% for %}}")),
            }
            words.skip(&Word::Sign(","));
        }
        let body = self.body("for", &["else", "endfor"])?;
        let otherwise = if body.ended_by.0 == "else" { self.body("for", &["endfor"])?.nodes } else { Vec::new() };
        Ok(Node::For(Box::new(For { name, source, limit, offset, reversed, body: body.nodes, otherwise })))
    }
}

// --- words inside the marks ------------------------------------------------------------------------

#[derive(Clone, Debug, PartialEq)]
enum Word<'a> {
    Name(&'a str),
    Text(&'a str),
    Number(Decimal),
    Sign(&'static str),
}

struct Words<'a> {
    words: Vec<Word<'a>>,
    at: usize,
    line: usize,
    depth: usize,
}

const SIGNS: [&str; 17] = ["..", "==", "!=", "<>", "<=", ">=", "<", ">", "=", ".", "[", "]", "(", ")", "|", ":", ","];

impl<'a> Words<'a> {
    fn of(markup: &'a str, line: usize) -> Parsed<Self> {
        let mut words = Vec::new();
        let mut rest = markup;
        loop {
            rest = rest.trim_start();
            let Some(c) = rest.chars().next() else { break };
            let taken = match c {
                '"' | '\'' => {
                    let end = rest[1..].find(c).ok_or_else(|| SyntaxError { line, what: format!("text is not closed by {c}") })?;
                    words.push(Word::Text(&rest[1..1 + end]));
                    end + 2
                }
                '-' | '0'..='9' => {
                    let end = number_length(rest);
                    let number = Decimal::from_str(&rest[..end]).map_err(|_| SyntaxError { line, what: format!("{} is no number", &rest[..end.max(1)]) })?;
                    words.push(Word::Number(number));
                    end
                }
                c if c.is_alphabetic() || c == '_' => {
                    let end = name_length(rest);
                    words.push(Word::Name(&rest[..end]));
                    end
                }
                _ => {
                    let sign = SIGNS.iter().find(|s| rest.starts_with(**s));
                    let sign = sign.ok_or_else(|| SyntaxError { line, what: format!("{c} has no meaning here") })?;
                    words.push(Word::Sign(sign));
                    sign.len()
                }
            };
            rest = &rest[taken..];
        }
        Ok(Self { words, at: 0, line, depth: 0 })
    }

    fn fail<T>(&self, what: &str) -> Parsed<T> {
        Err(SyntaxError { line: self.line, what: what.to_owned() })
    }
    fn peek(&self) -> Option<&Word<'a>> {
        self.words.get(self.at)
    }
    fn next(&mut self) -> Option<Word<'a>> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        word
    }
    fn is_at_end(&self) -> bool {
        self.at >= self.words.len()
    }
    fn skip(&mut self, word: &Word<'_>) -> bool {
        let found = self.peek().is_some_and(|w| w == word);
        self.at += usize::from(found);
        found
    }
    fn expect(&mut self, word: &Word<'_>) -> Parsed<()> {
        if self.skip(word) {
            return Ok(());
        }
        let wanted = match word {
            Word::Sign(s) => s.to_string(),
            Word::Name(n) => (*n).to_string(),
            _ => "a value".to_owned(),
        };
        self.unexpected(&wanted)
    }
    fn unexpected<T>(&self, wanted: &str) -> Parsed<T> {
        match self.peek() {
            None => self.fail(&format!("{wanted} is missing")),
            Some(Word::Name(n)) => self.fail(&format!("{wanted} is expected, not {n}")),
            Some(Word::Text(t)) => self.fail(&format!("{wanted} is expected, not {t:?}")),
            Some(Word::Number(n)) => self.fail(&format!("{wanted} is expected, not {n}")),
            Some(Word::Sign(s)) => self.fail(&format!("{wanted} is expected, not {s}")),
        }
    }
    fn end(&self) -> Parsed<()> {
        if self.is_at_end() { Ok(()) } else { self.unexpected("the end") }
    }

    fn name(&mut self, wanted: &str) -> Parsed<String> {
        match self.peek() {
            Some(Word::Name(n)) => {
                let name = (*n).to_owned();
                self.at += 1;
                Ok(name)
            }
            _ => self.unexpected(wanted),
        }
    }
    fn name_or_text(&mut self, wanted: &str) -> Parsed<String> {
        if let Some(Word::Text(t)) = self.peek() {
            let name = (*t).to_owned();
            self.at += 1;
            return Ok(name);
        }
        self.name(wanted)
    }

    fn chain(&mut self) -> Parsed<Chain> {
        let head = self.expression()?;
        let mut filters = Vec::new();
        while self.skip(&Word::Sign("|")) {
            filters.push(self.filter()?);
        }
        Ok(Chain { head, filters })
    }

    fn filter(&mut self) -> Parsed<FilterCall> {
        let name = self.name("a filter")?;
        let Some(name) = filters::known(&name) else { return self.fail(&format!("unknown filter {name}")) };
        let (mut arguments, mut named) = (Vec::new(), Vec::new());
        if self.skip(&Word::Sign(":")) {
            loop {
                let is_named = matches!((self.peek(), self.words.get(self.at + 1)), (Some(Word::Name(_)), Some(Word::Sign(":"))));
                if is_named {
                    let key = self.name("a name")?;
                    self.expect(&Word::Sign(":"))?;
                    named.push((key, self.expression()?));
                } else {
                    arguments.push(self.expression()?);
                }
                if !self.skip(&Word::Sign(",")) {
                    break;
                }
            }
        }
        let (least, most) = filters::arguments(name);
        if arguments.len() < least || arguments.len() > most {
            let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
            return self.fail(&format!("filter {name} takes {wanted} arguments, not {}", arguments.len()));
        }
        Ok(FilterCall { name, arguments, named })
    }

    fn expression(&mut self) -> Parsed<Expression> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail("too deep");
        }
        let expression = match self.next() {
            Some(Word::Text(t)) => Expression::Text(t.to_owned()),
            Some(Word::Number(n)) => Expression::Number(n),
            Some(Word::Name("nil" | "null")) => Expression::Nil,
            Some(Word::Name("true")) => Expression::Bool(true),
            Some(Word::Name("false")) => Expression::Bool(false),
            Some(Word::Name("empty")) => Expression::Empty,
            Some(Word::Name("blank")) => Expression::Blank,
            Some(Word::Name(root)) => Expression::Path { root: root.to_owned(), steps: self.steps()?, line: self.line },
            Some(Word::Sign("(")) => {
                let from = self.expression()?;
                self.expect(&Word::Sign(".."))?;
                let to = self.expression()?;
                self.expect(&Word::Sign(")"))?;
                Expression::Range(Box::new(from), Box::new(to))
            }
            _ => {
                self.at -= 1;
                return self.unexpected("a value");
            }
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn steps(&mut self) -> Parsed<Vec<Step>> {
        let mut steps = Vec::new();
        loop {
            if self.skip(&Word::Sign(".")) {
                steps.push(Step::Name(self.name("a field's name")?));
            } else if self.skip(&Word::Sign("[")) {
                steps.push(Step::Index(self.expression()?));
                self.expect(&Word::Sign("]"))?;
            } else {
                return Ok(steps);
            }
        }
    }

    fn condition(&mut self, negated: bool) -> Parsed<Condition> {
        let mut condition = Condition { tests: vec![self.test()?], joins: Vec::new(), negated };
        while !self.is_at_end() {
            let join = if self.skip(&Word::Name("and")) {
                Join::And
            } else if self.skip(&Word::Name("or")) {
                Join::Or
            } else {
                return self.unexpected("and, or, or the end");
            };
            condition.joins.push(join);
            condition.tests.push(self.test()?);
        }
        Ok(condition)
    }

    fn test(&mut self) -> Parsed<Test> {
        let left = self.expression()?;
        let comparison = match self.peek() {
            Some(Word::Sign("==")) => Comparison::Equal,
            Some(Word::Sign("!=" | "<>")) => Comparison::NotEqual,
            Some(Word::Sign("<")) => Comparison::Less,
            Some(Word::Sign("<=")) => Comparison::LessOrEqual,
            Some(Word::Sign(">")) => Comparison::Greater,
            Some(Word::Sign(">=")) => Comparison::GreaterOrEqual,
            Some(Word::Name("contains")) => Comparison::Contains,
            _ => return Ok(Test::Truthy(left)),
        };
        self.at += 1;
        Ok(Test::Compare(left, comparison, self.expression()?))
    }

    /// `when 1, 2 or 3`.
    fn alternatives(&mut self) -> Parsed<Vec<Expression>> {
        let mut values = vec![self.expression()?];
        while !self.is_at_end() {
            if !self.skip(&Word::Sign(",")) && !self.skip(&Word::Name("or")) {
                return self.unexpected("a comma, or, or the end");
            }
            values.push(self.expression()?);
        }
        Ok(values)
    }

    fn cycle(&mut self, key: &str) -> Parsed<(Option<Expression>, String, Vec<Expression>)> {
        let first = self.expression()?;
        if self.skip(&Word::Sign(":")) {
            return Ok((Some(first), String::new(), self.alternatives()?));
        }
        let mut values = vec![first];
        while self.skip(&Word::Sign(",")) {
            values.push(self.expression()?);
        }
        self.end()?;
        Ok((None, key.to_owned(), values))
    }
}

fn number_length(text: &str) -> usize {
    let digits = |t: &str| t.find(|c: char| !c.is_ascii_digit()).unwrap_or(t.len());
    let sign = usize::from(text.starts_with('-'));
    let mut end = sign + digits(&text[sign..]);
    // A point belongs to the number only when a digit follows: `1..5` is a range.
    if text[end..].starts_with('.') && text[end + 1..].starts_with(|c: char| c.is_ascii_digit()) {
        end += 1 + digits(&text[end + 1..]);
    }
    end
}

fn name_length(text: &str) -> usize {
    text.char_indices().find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '?'))).map_or(text.len(), |(i, _)| i)
}
