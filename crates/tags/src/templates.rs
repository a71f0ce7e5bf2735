//! Ready ladders: well-known ways to call people, to start from. The bounds are a start, and the brand's to change.

use serde_json::{Value, json};

/// Name, Chinese and English title, category, rule.
pub(crate) fn templates() -> Vec<(&'static str, [&'static str; 2], &'static str, Value)> {
    vec![
        ("life_cycle", ["生命周期", "Life cycle"], "life_cycle", life_cycle()),
        ("aipl", ["AIPL 阶段", "AIPL stage"], "stage", aipl()),
        ("aarrr", ["AARRR 阶段", "AARRR stage"], "stage", aarrr()),
        ("recency", ["最近购买（R）", "Recency (R)"], "rfm", recency()),
        ("frequency", ["购买次数（F）", "Frequency (F)"], "rfm", figure("count", None)),
        ("monetary", ["购买金额（M）", "Monetary (M)"], "rfm", figure("sum", Some("value"))),
        ("rfm", ["RFM 八分", "RFM, eight ways"], "rfm", rfm()),
    ]
}

fn bought(test: Value) -> Value {
    let mut event = json!({"name": "purchase"});
    if let (Some(event), Value::Object(test)) = (event.as_object_mut(), test) {
        event.extend(test);
    }
    json!({"event": event})
}

fn step(value: &str, label: &str, condition: Value) -> Value {
    json!({"value": value, "label": label, "condition": condition})
}

fn not(condition: Value) -> Value {
    json!({"not": condition})
}

/// By the gap since the last purchase.
fn life_cycle() -> Value {
    json!({"values": [
        step("new", "新客 · New", json!({"all": [bought(json!({"within": "30d"})), bought(json!({"count": {"eq": 1}}))]})),
        step("active", "活跃 · Active", bought(json!({"within": "60d"}))),
        step("silent", "沉默 · Silent", bought(json!({"within": "120d"}))),
        step("dormant", "沉睡 · Dormant", bought(json!({"within": "240d"}))),
        step("lost", "流失 · Lost", bought(json!({}))),
    ], "otherwise": "prospect"})
}

/// Aware, interested, bought, loyal: the highest that holds.
fn aipl() -> Value {
    json!({"values": [
        step("loyal", "忠诚 · Loyal", bought(json!({"count": {"gte": 2}, "within": "365d"}))),
        step("purchase", "购买 · Purchase", bought(json!({"within": "365d"}))),
        step("interest", "兴趣 · Interest", json!({"any": [
            {"event": {"name": "add_to_cart", "within": "30d"}},
            {"event": {"name": "view_item", "count": {"gte": 3}, "within": "30d"}},
        ]})),
        step("aware", "认知 · Aware", json!({"event": {"name": "*", "within": "15d"}})),
    ]})
}

fn aarrr() -> Value {
    json!({"values": [
        step("referral", "推荐 · Referral", json!({"event": {"name": "share"}})),
        step("revenue", "收入 · Revenue", bought(json!({}))),
        step("retention", "留存 · Retention", json!({"sequence": {"steps": [{"name": "page"}, {"name": "view_item"}, {"name": "page"}], "within": "30d"}})),
        step("activation", "激活 · Activation", json!({"event": {"name": "view_item"}})),
        step("acquisition", "获取 · Acquisition", json!({"event": {"name": "*"}})),
    ]})
}

fn recency() -> Value {
    json!({"values": [
        step("5", "7 天内 · within 7 days", bought(json!({"within": "7d"}))),
        step("4", "30 天内 · within 30 days", bought(json!({"within": "30d"}))),
        step("3", "90 天内 · within 90 days", bought(json!({"within": "90d"}))),
        step("2", "180 天内 · within 180 days", bought(json!({"within": "180d"}))),
        step("1", "更早 · longer ago", bought(json!({}))),
    ]})
}

fn figure(function: &str, property: Option<&str>) -> Value {
    let mut statistic = json!({"event": {"name": "purchase", "within": "365d"}, "function": function});
    if let (Some(statistic), Some(property)) = (statistic.as_object_mut(), property) {
        statistic.insert("property".into(), property.into());
    }
    json!({"statistic": statistic})
}

/// Recent, often, much, each against a bound: eight cells, the highest first.
fn rfm() -> Value {
    let recent = bought(json!({"within": "60d"}));
    let often = bought(json!({"count": {"gte": 3}, "within": "365d"}));
    let much = bought(json!({"sum": {"property": "value", "gte": 500}, "within": "365d"}));
    let cell = |value: &str, label: &str, held: [bool; 3]| {
        let tests = [&recent, &often, &much].into_iter().zip(held).map(|(test, held)| if held { test.clone() } else { not(test.clone()) });
        let mut all: Vec<Value> = tests.collect();
        all.push(bought(json!({"within": "365d"})));
        step(value, label, json!({"all": all}))
    };
    json!({"values": [
        cell("champion", "重要价值 · Champions", [true, true, true]),
        cell("develop", "重要发展 · To be developed", [true, false, true]),
        cell("keep", "重要保持 · To be kept", [false, true, true]),
        cell("win_back", "重要挽留 · To be won back", [false, false, true]),
        cell("regular", "一般价值 · Regulars", [true, true, false]),
        cell("newcomer", "一般发展 · Newcomers", [true, false, false]),
        cell("fading", "一般保持 · Fading", [false, true, false]),
        cell("lapsed", "一般挽留 · Lapsed", [false, false, false]),
    ]})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Draft;

    #[test]
    fn every_template_can_be_asked() {
        for (name, _, _, rule) in templates() {
            let draft: Draft = serde_json::from_value(rule).unwrap();
            draft.parse().unwrap_or_else(|e| panic!("{name}: {e:?}"));
        }
    }
}
