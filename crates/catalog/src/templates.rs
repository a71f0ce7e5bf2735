//! Ready rules to start from. Names of events and bounds are a start, and the brand's to change.

use serde_json::{Value, json};

/// Name, Chinese and English title, category, type, rule.
pub(crate) fn templates() -> Vec<(&'static str, [&'static str; 2], &'static str, &'static str, Value)> {
    vec![
        ("abc", ["ABC 分类", "ABC class"], "sales", "goods", abc()),
        ("selling", ["动销状态", "How it sells"], "sales", "goods", selling()),
        ("price_band", ["价格带", "Price band"], "price", "goods", price_band()),
        ("role", ["经营角色", "Role in the range"], "range", "goods", role()),
    ]
}

fn abc() -> Value {
    let part = |value: &str, label: &str, to: u32| json!({"value": value, "label": label, "to": to});
    json!({"share": {"event": "purchase", "of": "amount", "days": 90, "values": [
        part("A", "A（前 70%） · A (first 70 %)", 70), part("B", "B（其后 20%） · B (next 20 %)", 90), part("C", "C（最后 10%） · C (last 10 %)", 100),
    ]}})
}

fn step(value: &str, label: &str, condition: Value) -> Value {
    json!({"value": value, "label": label, "condition": condition})
}

fn sold(days: u32, at_least: u32) -> Value {
    json!({"figure": {"event": "purchase", "of": "quantity", "days": days, "gte": at_least}})
}

fn selling() -> Value {
    json!({"values": [
        step("hot", "热销 · Hot", sold(30, 100)),
        step("steady", "平稳 · Steady", sold(30, 10)),
        step("slow", "滞销 · Slow", sold(90, 1)),
        step("unsold", "未售 · Unsold", json!({"figure": {"event": "purchase", "of": "quantity", "days": 90, "lt": 1}})),
    ]})
}

fn price_band() -> Value {
    let at_least = |price: u32| json!({"attribute": {"name": "price", "gte": price}});
    json!({"values": [
        step("high", "高价 · High price", at_least(200)),
        step("middle", "中价 · Middle price", at_least(50)),
        step("low", "低价 · Low price", json!({"attribute": {"name": "price", "exists": true}})),
    ]})
}

fn role() -> Value {
    let named = |value: &str, label: &str| json!({"value": value, "label": label});
    json!({"assigned": [named("traffic", "引流款 · Draws people"), named("profit", "利润款 · Earns"), named("image", "形象款 · Stands for the brand"), named("clearance", "清仓款 · To be cleared")]})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Draft;

    #[test]
    fn every_template_can_be_asked() {
        for (name, _, _, _, rule) in templates() {
            let draft: Draft = serde_json::from_value(rule).unwrap();
            draft.parse().unwrap_or_else(|e| panic!("{name}: {e:?}"));
        }
    }
}
