//! The condition as a sentence, in Chinese and English.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::compare::{Comparison, Op, Test};
use crate::tree::{ANY_EVENT, Aggregate, Anchor, Condition, EventTest, Function, NamedTest, SequenceTest, Since, Where, Which, Window};
use crate::when::{Span, When};

/// The two languages of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    Zh,
    En,
}

/// A name in a tree that may have a label which people know better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named<'a> {
    Event(&'a str),
    Property(&'a str),
    Trait(&'a str),
    Tag(&'a str),
    Segment(&'a str),
    Purpose(&'a str),
    Channel(&'a str),
}

/// The condition as a sentence, with names as they are written in the tree.
pub fn describe(condition: &Condition, lang: Lang) -> String {
    describe_with(condition, lang, &|_| None)
}

/// The condition as a sentence, with the labels that `label` knows.
pub fn describe_with(condition: &Condition, lang: Lang, label: &dyn Fn(Named<'_>) -> Option<String>) -> String {
    Writer { lang, label }.condition(condition, false)
}

struct Writer<'a> {
    lang: Lang,
    label: &'a dyn Fn(Named<'_>) -> Option<String>,
}

/// What a test is of, which decides the words of its comparisons.
#[derive(Clone, Copy, PartialEq)]
enum Of {
    Value,
    /// How many times.
    Times,
    /// A sum, mean or other number.
    Amount,
}

impl Writer<'_> {
    fn say(&self, zh: impl Into<String>, en: impl Into<String>) -> String {
        match self.lang {
            Lang::Zh => zh.into(),
            Lang::En => en.into(),
        }
    }

    fn quoted(&self, text: &str) -> String {
        self.say(format!("「{text}」"), format!("“{text}”"))
    }

    fn name(&self, named: Named<'_>) -> String {
        let (Named::Event(written) | Named::Property(written) | Named::Trait(written) | Named::Tag(written)
        | Named::Segment(written) | Named::Purpose(written) | Named::Channel(written)) = named;
        match (self.label)(named) {
            Some(label) => self.quoted(&label),
            None if named == Named::Event(ANY_EVENT) => self.say("任意事件", "any event"),
            None => self.quoted(written),
        }
    }

    fn condition(&self, condition: &Condition, nested: bool) -> String {
        match condition {
            Condition::All(children) => self.joined(children.iter().map(|c| self.condition(c, true)).collect(), true, nested),
            Condition::Any(children) => self.joined(children.iter().map(|c| self.condition(c, true)).collect(), false, nested),
            Condition::Not(child) => self.denied(child),
            Condition::Event(event) => self.event(event, true),
            Condition::Sequence(sequence) => self.sequence(sequence, true),
            Condition::Trait(test) => self.fact(self.name(Named::Trait(&test.name)), test),
            Condition::Tag(test) => {
                let name = self.name(Named::Tag(&test.name));
                self.fact(self.say(format!("标签{name}"), format!("the tag {name}")), test)
            }
            Condition::Property(test) => {
                let name = self.name(Named::Property(&test.name));
                self.fact(self.say(format!("本次事件的{name}"), format!("this event's {name}")), test)
            }
            Condition::Segment(id) => {
                let name = self.name(Named::Segment(id.as_str()));
                self.say(format!("属于人群{name}"), format!("is in the segment {name}"))
            }
            Condition::Consent(consent) => self.consent(&consent.purpose, consent.channel.as_deref(), true),
        }
    }

    fn denied(&self, child: &Condition) -> String {
        match child {
            Condition::Event(event) if event.aggregate == Aggregate::Occurs => self.event(event, false),
            Condition::Sequence(sequence) => self.sequence(sequence, false),
            Condition::Segment(id) => {
                let name = self.name(Named::Segment(id.as_str()));
                self.say(format!("不属于人群{name}"), format!("is not in the segment {name}"))
            }
            Condition::Consent(consent) => self.consent(&consent.purpose, consent.channel.as_deref(), false),
            other => {
                let inner = self.condition(other, false);
                self.say(format!("不满足（{inner}）"), format!("it is not so that ({inner})"))
            }
        }
    }

    /// Parts joined by "and" or "or"; in brackets if they stand among others.
    fn joined(&self, parts: Vec<String>, and: bool, nested: bool) -> String {
        let separator = match (self.lang, and) {
            (Lang::Zh, true) => "，且",
            (Lang::Zh, false) => "，或",
            (Lang::En, true) => ", and ",
            (Lang::En, false) => ", or ",
        };
        let several = parts.len() > 1;
        let text = parts.join(separator);
        if nested && several { self.say(format!("（{text}）"), format!("({text})")) } else { text }
    }

    fn consent(&self, purpose: &str, channel: Option<&str>, granted: bool) -> String {
        let purpose = self.name(Named::Purpose(purpose));
        let channel = channel.map(|c| self.name(Named::Channel(c)));
        let zh_channel = channel.as_ref().map(|c| format!("（{c}渠道）")).unwrap_or_default();
        let en_channel = channel.as_ref().map(|c| format!(" on {c}")).unwrap_or_default();
        let (zh, en) = if granted { ("已同意", "has consented") } else { ("未同意", "has not consented") };
        self.say(format!("{zh}用于{purpose}{zh_channel}"), format!("{en} to {purpose}{en_channel}"))
    }

    fn event(&self, event: &EventTest, affirmed: bool) -> String {
        let what = self.event_name(&event.name, event.filter.as_ref());
        let window = self.window(&event.window);
        match &event.aggregate {
            Aggregate::Occurs => {
                match (self.lang, affirmed) {
                    (Lang::Zh, true) => format!("{}做过{what}", window.unwrap_or_else(|| "曾".to_owned())),
                    (Lang::Zh, false) => match window {
                        Some(window) => format!("{window}没有做过{what}"),
                        None => format!("从未做过{what}"),
                    },
                    (Lang::En, true) => format!("did {what}{}", spaced(window)),
                    (Lang::En, false) => match window {
                        Some(window) => format!("did not do {what} {window}"),
                        None => format!("never did {what}"),
                    },
                }
            }
            Aggregate::Count(test) => {
                let times = self.comparisons(test, Of::Times);
                self.say(
                    format!("{}做过{what}{times}", window.clone().unwrap_or_else(|| "累计".to_owned())),
                    format!("did {what} {times}{}", spaced(window)),
                )
            }
            Aggregate::Of { function, property, test } => self.aggregate(*function, property, test, what, window),
        }
    }

    fn aggregate(&self, function: Function, property: &str, test: &Test, what: String, window: Option<String>) -> String {
        let property = self.name(Named::Property(property));
        let of = if function.is_number() { Of::Amount } else { Of::Value };
        let comparisons = self.comparisons(test, of);
        let zh = match function {
            Function::Sum => format!("{what}的{property}总和{comparisons}"),
            Function::Avg => format!("{what}的{property}平均值{comparisons}"),
            Function::Min => format!("{what}的{property}最小值{comparisons}"),
            Function::Max => format!("{what}的{property}最大值{comparisons}"),
            Function::Distinct => format!("{what}的{property}去重个数{comparisons}"),
            Function::First => format!("首次{what}的{property}{comparisons}"),
            Function::Last => format!("最近一次{what}的{property}{comparisons}"),
        };
        let when = spaced(window.clone());
        let en = match function {
            Function::Sum => format!("the total {property} of {what}{when} {comparisons}"),
            Function::Avg => format!("the average {property} of {what}{when} {comparisons}"),
            Function::Min => format!("the lowest {property} of {what}{when} {comparisons}"),
            Function::Max => format!("the highest {property} of {what}{when} {comparisons}"),
            Function::Distinct => format!("the number of different {property} of {what}{when} {comparisons}"),
            Function::First => format!("the {property} of the first {what}{when} {comparisons}"),
            Function::Last => format!("the {property} of the last {what}{when} {comparisons}"),
        };
        self.say(format!("{}{zh}", window.unwrap_or_default()), en)
    }

    fn event_name(&self, name: &str, filter: Option<&Where>) -> String {
        let name = self.name(Named::Event(name));
        match filter.map(|f| self.filter(f, false)) {
            Some(filter) => self.say(format!("{name}（{filter}）"), format!("{name} (where {filter})")),
            None => name,
        }
    }

    fn filter(&self, filter: &Where, nested: bool) -> String {
        match filter {
            Where::Property(test) => self.fact(self.name(Named::Property(&test.name)), test),
            Where::All(children) => self.joined(children.iter().map(|c| self.filter(c, true)).collect(), true, nested),
            Where::Any(children) => self.joined(children.iter().map(|c| self.filter(c, true)).collect(), false, nested),
            Where::Not(child) => {
                let inner = self.filter(child, false);
                self.say(format!("不满足（{inner}）"), format!("it is not so that ({inner})"))
            }
        }
    }

    fn sequence(&self, sequence: &SequenceTest, affirmed: bool) -> String {
        let steps: Vec<String> = sequence.steps.iter().map(|s| self.event_name(&s.name, s.filter.as_ref())).collect();
        let span = self.span(&sequence.within);
        let (zh, en) = if affirmed { ("曾在", "did") } else { ("从未在", "never did") };
        self.say(format!("{zh} {span}内依次做过{}", steps.join("→")), format!("{en} {} within {span}", steps.join(", then ")))
    }

    fn window(&self, window: &Window) -> Option<String> {
        match window {
            Window::Ever => None,
            Window::Within(span) => {
                let span = self.span(span);
                // "In the last week", not "in the last 1 week".
                let short = span.strip_prefix("1 ").filter(|rest| !rest.contains(' ')).unwrap_or(&span);
                Some(self.say(format!("最近 {span}内"), format!("in the last {short}")))
            }
            Window::Between(start, end) => {
                let (start, end) = (self.when(start), self.when(end));
                Some(self.say(format!("{start} 起至 {end} 前"), format!("from {start} until before {end}")))
            }
            Window::Since(since) => Some(self.since(since)),
        }
    }

    fn since(&self, since: &Since) -> String {
        let anchor = match &since.anchor {
            Anchor::Trait(name) => self.name(Named::Trait(name)),
            Anchor::Event { name, which } => {
                let name = self.name(Named::Event(name));
                match which {
                    Which::First => self.say(format!("首次{name}"), format!("the first {name}")),
                    Which::Last => self.say(format!("最近一次{name}"), format!("the last {name}")),
                }
            }
        };
        match since.within.as_ref().map(|span| self.span(span)) {
            Some(span) => self.say(format!("自{anchor}起 {span}内"), format!("within {span} after {anchor}")),
            None => self.say(format!("自{anchor}以来"), format!("since {anchor}")),
        }
    }

    /// `30d` as `30 天` or `30 days`.
    fn span(&self, span: &Span) -> String {
        if span.millis().is_none() {
            return span.text().to_owned();
        }
        let mut parts = Vec::new();
        let mut digits = String::new();
        for c in span.text().trim().chars() {
            if c.is_ascii_digit() {
                digits.push(c);
                continue;
            }
            let (zh, en) = match c {
                's' => ("秒", "second"),
                'm' => ("分钟", "minute"),
                'h' => ("小时", "hour"),
                'd' => ("天", "day"),
                _ => ("周", "week"),
            };
            let plural = if digits == "1" { "" } else { "s" };
            parts.push(self.say(format!("{digits} {zh}"), format!("{digits} {en}{plural}")));
            digits.clear();
        }
        parts.join(" ")
    }

    /// A fact and what is asked of it.
    fn fact(&self, fact: String, test: &NamedTest) -> String {
        if let [comparison] = test.test.0.as_slice()
            && comparison.op() == Op::Exists
        {
            let known = comparison.operand().as_bool() == Some(true);
            return match (self.lang, known) {
                (Lang::Zh, true) => format!("{fact}有值"),
                (Lang::Zh, false) => format!("{fact}没有值"),
                (Lang::En, true) => format!("{fact} is known"),
                (Lang::En, false) => format!("{fact} is not known"),
            };
        }
        let comparisons = self.comparisons(&test.test, Of::Value);
        self.say(format!("{fact}{comparisons}"), format!("{fact} {comparisons}"))
    }

    fn comparisons(&self, test: &Test, of: Of) -> String {
        let parts: Vec<String> = test.0.iter().map(|c| self.comparison(c, of)).collect();
        let spaced = parts.first().is_some_and(|p| p.ends_with(|c: char| c.is_ascii_digit()));
        parts.join(&self.say(if spaced { " 且" } else { "且" }, " and "))
    }

    fn comparison(&self, comparison: &Comparison, of: Of) -> String {
        match (self.lang, of) {
            (Lang::Zh, Of::Times) => self.times_zh(comparison),
            (Lang::En, Of::Times) => self.times_en(comparison),
            (Lang::Zh, _) => self.comparison_zh(comparison, of),
            (Lang::En, _) => self.comparison_en(comparison),
        }
    }

    fn times_zh(&self, comparison: &Comparison) -> String {
        let n = self.operand(comparison.operand());
        match comparison.op() {
            Op::Eq => format!("恰好 {n} 次"),
            Op::Ne => format!("次数不是 {n} 次"),
            Op::Gt => format!("超过 {n} 次"),
            Op::Gte => format!("至少 {n} 次"),
            Op::Lt => format!("少于 {n} 次"),
            Op::Lte => format!("至多 {n} 次"),
            Op::Between => format!("{} 次", self.range(comparison.operand())),
            _ => format!("的次数{}", self.comparison_zh(comparison, Of::Amount)),
        }
    }

    fn times_en(&self, comparison: &Comparison) -> String {
        let n = self.operand(comparison.operand());
        let times = if n == "1" { "time" } else { "times" };
        match comparison.op() {
            Op::Eq => format!("exactly {n} {times}"),
            Op::Ne => format!("any number of times but {n}"),
            Op::Gt => format!("more than {n} {times}"),
            Op::Gte => format!("at least {n} {times}"),
            Op::Lt => format!("fewer than {n} {times}"),
            Op::Lte => format!("at most {n} {times}"),
            Op::Between => format!("{} times", self.range(comparison.operand())),
            _ => format!("a number of times that {}", self.comparison_en(comparison)),
        }
    }

    fn comparison_zh(&self, comparison: &Comparison, of: Of) -> String {
        let operand = comparison.operand();
        // A number stands apart from the characters around it, a quotation does not.
        let value = if operand.is_number() { format!(" {}", self.operand(operand)) } else { self.operand(operand) };
        let number = operand.is_number();
        match comparison.op() {
            Op::Eq if number => format!("等于{value}"),
            Op::Eq => format!("为{value}"),
            Op::Ne if number => format!("不等于{value}"),
            Op::Ne => format!("不为{value}"),
            Op::In => format!("为{value}之一"),
            Op::Nin => format!("不为{value}中的任何一个"),
            Op::Gt => format!("大于{value}"),
            Op::Gte => format!("{}{value}", if of == Of::Amount { "不少于" } else { "不小于" }),
            Op::Lt => format!("小于{value}"),
            Op::Lte => format!("{}{value}", if of == Of::Amount { "不超过" } else { "不大于" }),
            Op::Between => format!("在 {} 之间", self.range(operand)),
            Op::Exists => (if operand.as_bool() == Some(true) { "有值" } else { "没有值" }).to_owned(),
            Op::Contains => format!("包含{value}"),
            Op::StartsWith => format!("以{value}开头"),
            Op::Matches => format!("符合正则{value}"),
            Op::Before => format!("早于 {}", self.when(&When::new(operand.clone()))),
            Op::After => format!("晚于 {}", self.when(&When::new(operand.clone()))),
        }
    }

    fn comparison_en(&self, comparison: &Comparison) -> String {
        let operand = comparison.operand();
        let value = self.operand(operand);
        match comparison.op() {
            Op::Eq => format!("is {value}"),
            Op::Ne => format!("is not {value}"),
            Op::In => format!("is one of {value}"),
            Op::Nin => format!("is none of {value}"),
            Op::Gt => format!("is more than {value}"),
            Op::Gte => format!("is at least {value}"),
            Op::Lt => format!("is less than {value}"),
            Op::Lte => format!("is at most {value}"),
            Op::Between => format!("is from {}", self.range(operand)),
            Op::Exists => (if operand.as_bool() == Some(true) { "is known" } else { "is not known" }).to_owned(),
            Op::Contains => format!("contains {value}"),
            Op::StartsWith => format!("starts with {value}"),
            Op::Matches => format!("matches {value}"),
            Op::Before => format!("is before {}", self.when(&When::new(operand.clone()))),
            Op::After => format!("is after {}", self.when(&When::new(operand.clone()))),
        }
    }

    fn operand(&self, operand: &Value) -> String {
        match operand {
            Value::String(text) => format!("“{text}”"),
            Value::Bool(true) => self.say("“是”", "true"),
            Value::Bool(false) => self.say("“否”", "false"),
            Value::Array(members) => members.iter().map(|m| self.operand(m)).collect::<Vec<_>>().join(&self.say("、", ", ")),
            other => other.to_string(),
        }
    }

    fn range(&self, operand: &Value) -> String {
        match operand.as_array().map(Vec::as_slice) {
            Some([low, high]) => {
                let (low, high) = (self.operand(low), self.operand(high));
                self.say(format!("{low} 至 {high}"), format!("{low} to {high}"))
            }
            _ => self.operand(operand),
        }
    }

    fn when(&self, when: &When) -> String {
        let Some(offset) = when.from_now() else {
            return when.written().as_str().map_or_else(|| when.written().to_string(), str::to_owned);
        };
        if offset == 0 {
            return self.say("现在", "now");
        }
        let written = when.written().as_str().unwrap_or_default();
        let span = self.span(&Span::new(written.get(1..).unwrap_or_default()));
        if offset < 0 { self.say(format!("{span}前"), format!("{span} ago")) } else { self.say(format!("{span}后"), format!("{span} from now")) }
    }
}

fn spaced(window: Option<String>) -> String {
    window.map(|w| format!(" {w}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn says(tree: Value, zh: &str, en: &str) {
        let condition: Condition = serde_json::from_value(tree).unwrap();
        assert_eq!(describe(&condition, Lang::Zh), zh);
        assert_eq!(describe(&condition, Lang::En), en);
    }

    #[test]
    fn a_whole_tree_reads_as_a_sentence() {
        says(
            json!({"all": [
                {"event": {"name": "view_item", "where": {"property": "category", "eq": "coffee"}, "count": {"gte": 3}, "within": "30d"}},
                {"not": {"event": {"name": "purchase", "within": "14d"}}},
                {"any": [{"trait": {"name": "city", "in": ["上海", "杭州"]}}, {"tag": {"name": "rfm", "eq": "high_value"}}]},
                {"sequence": {"steps": [{"name": "add_to_cart"}, {"name": "checkout"}], "within": "1d"}},
                {"segment": "seg_1"}, {"consent": {"purpose": "marketing", "channel": "sms"}},
            ]}),
            "最近 30 天内做过「view_item」（「category」为“coffee”）至少 3 次，且最近 14 天内没有做过「purchase」，\
             且（「city」为“上海”、“杭州”之一，或标签「rfm」为“high_value”），且曾在 1 天内依次做过「add_to_cart」→「checkout」，\
             且属于人群「seg_1」，且已同意用于「marketing」（「sms」渠道）",
            "did “view_item” (where “category” is “coffee”) at least 3 times in the last 30 days, and did not do “purchase” in the last 14 days, \
             and (“city” is one of “上海”, “杭州”, or the tag “rfm” is “high_value”), and did “add_to_cart”, then “checkout” within 1 day, \
             and is in the segment “seg_1”, and has consented to “marketing” on “sms”",
        );
    }

    #[test]
    fn events_and_their_windows() {
        says(json!({"event": {"name": "login"}}), "曾做过「login」", "did “login”");
        says(json!({"not": {"event": {"name": "login"}}}), "从未做过「login」", "never did “login”");
        says(json!({"not": {"event": {"name": "*", "within": "1w"}}}), "最近 1 周内没有做过任意事件", "did not do any event in the last week");
        says(
            json!({"event": {"name": "login", "count": {"eq": 1}, "between": ["2026-01-01", "2026-02-01"]}}),
            "2026-01-01 起至 2026-02-01 前做过「login」恰好 1 次",
            "did “login” exactly 1 time from 2026-01-01 until before 2026-02-01",
        );
        says(
            json!({"event": {"name": "login", "count": {"between": [2, 5]}, "since": {"trait": "birthday", "within": "1d12h"}}}),
            "自「birthday」起 1 天 12 小时内做过「login」2 至 5 次",
            "did “login” 2 to 5 times within 1 day 12 hours after “birthday”",
        );
        says(
            json!({"event": {"name": "login", "count": {"lt": 3}, "since": {"event": "register", "which": "first"}}}),
            "自首次「register」以来做过「login」少于 3 次",
            "did “login” fewer than 3 times since the first “register”",
        );
        says(json!({"event": {"name": "login", "count": {"gt": 9}}}), "累计做过「login」超过 9 次", "did “login” more than 9 times");
    }

    #[test]
    fn aggregates() {
        let event = |function: &str, test: Value| json!({"event": {"name": "purchase", function: test, "within": "30d"}});
        says(event("sum", json!({"property": "value", "gte": 100})), "最近 30 天内「purchase」的「value」总和不少于 100", "the total “value” of “purchase” in the last 30 days is at least 100");
        says(event("avg", json!({"property": "value", "lte": 9.5})), "最近 30 天内「purchase」的「value」平均值不超过 9.5", "the average “value” of “purchase” in the last 30 days is at most 9.5");
        says(event("min", json!({"property": "value", "lt": 1})), "最近 30 天内「purchase」的「value」最小值小于 1", "the lowest “value” of “purchase” in the last 30 days is less than 1");
        says(event("max", json!({"property": "value", "between": [1, 2]})), "最近 30 天内「purchase」的「value」最大值在 1 至 2 之间", "the highest “value” of “purchase” in the last 30 days is from 1 to 2");
        says(event("distinct", json!({"property": "sku", "gt": 2})), "最近 30 天内「purchase」的「sku」去重个数大于 2", "the number of different “sku” of “purchase” in the last 30 days is more than 2");
        says(event("first", json!({"property": "sku", "ne": "a"})), "最近 30 天内首次「purchase」的「sku」不为“a”", "the “sku” of the first “purchase” in the last 30 days is not “a”");
        says(event("last", json!({"property": "paid", "eq": true})), "最近 30 天内最近一次「purchase」的「paid」为“是”", "the “paid” of the last “purchase” in the last 30 days is true");
    }

    #[test]
    fn facts_and_their_denial() {
        says(json!({"trait": {"name": "age", "gte": 18, "lt": 30}}), "「age」不小于 18 且小于 30", "“age” is at least 18 and is less than 30");
        says(json!({"trait": {"name": "email", "exists": true}}), "「email」有值", "“email” is known");
        says(json!({"tag": {"name": "vip", "exists": false}}), "标签「vip」没有值", "the tag “vip” is not known");
        says(json!({"trait": {"name": "birthday", "before": "+3d", "after": "-7d"}}), "「birthday」早于 3 天后且晚于 7 天前", "“birthday” is before 3 days from now and is after 7 days ago");
        says(json!({"property": {"name": "page.url", "starts_with": "/shop"}}), "本次事件的「page.url」以“/shop”开头", "this event's “page.url” starts with “/shop”");
        says(json!({"not": {"trait": {"name": "likes", "contains": "tea"}}}), "不满足（「likes」包含“tea”）", "it is not so that (“likes” contains “tea”)");
        says(json!({"not": {"segment": "seg_1"}}), "不属于人群「seg_1」", "is not in the segment “seg_1”");
        says(json!({"not": {"consent": {"purpose": "marketing"}}}), "未同意用于「marketing」", "has not consented to “marketing”");
        says(json!({"trait": {"name": "city", "nin": ["a", "b"]}}), "「city」不为“a”、“b”中的任何一个", "“city” is none of “a”, “b”");
    }

    #[test]
    fn labels_take_the_place_of_names() {
        let condition: Condition = serde_json::from_value(json!({"all": [{"event": {"name": "view_item", "within": "7d"}}, {"segment": "seg_1"}]})).unwrap();
        let label = |named: Named<'_>| match named {
            Named::Event("view_item") => Some("浏览商品".to_owned()),
            Named::Segment("seg_1") => Some("咖啡爱好者".to_owned()),
            _ => None,
        };
        assert_eq!(describe_with(&condition, Lang::Zh, &label), "最近 7 天内做过「浏览商品」，且属于人群「咖啡爱好者」");
    }
}
