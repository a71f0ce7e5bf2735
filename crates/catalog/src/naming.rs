//! Which things an event names, and with which quantity and amount.

use rust_decimal::Decimal;
use serde_json::{Map, Value};
use weft_condition::lookup;

use crate::figures::Sum;
use crate::kernel::money;
use crate::thing::is_id;
use crate::types::Settings;

/// Digits after the point that are kept: sums of them are exact in whatever order they are made.
const DIGITS: u32 = 6;
const MOST_QUANTITY: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);
const MOST_PRICE: Decimal = Decimal::from_parts(0xd4a5_1000, 0xe8, 0, false, 0); // 10^12
const MOST_AMOUNT: Decimal = Decimal::from_parts(0xa4c6_8000, 0x3_8d7e, 0, false, 0); // 10^15

/// A thing that an event names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Named {
    pub id: String,
    pub sum: Sum,
}

/// Each thing once, however often the event names it. Where it stands in a line and beside the lines, the lines count.
pub(crate) fn named(settings: &Settings, properties: &Map<String, Value>) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for list in &settings.lists {
        let Some(lines) = lookup(properties, list).and_then(Value::as_array) else { continue };
        for line in lines.iter().filter_map(Value::as_object) {
            let Some(id) = id_of(settings, line) else { continue };
            let sum = of_line(line);
            match found.iter_mut().find(|named| named.id == id) {
                Some(named) => named.sum = Sum { quantity: named.sum.quantity + sum.quantity, amount: named.sum.amount + sum.amount },
                None => found.push(Named { id, sum }),
            }
        }
    }
    if let Some(id) = id_of(settings, properties).filter(|id| found.iter().all(|named| named.id != *id)) {
        let sum = if properties.contains_key("price") { of_line(properties) } else { of_event(settings, properties) };
        found.push(Named { id, sum });
    }
    found
}

fn id_of(settings: &Settings, map: &Map<String, Value>) -> Option<String> {
    settings.ids.iter().filter_map(|name| lookup(map, name)).find_map(|value| match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
    .filter(|id| is_id(id)))
}

fn number(map: &Map<String, Value>, name: &str, most: Decimal) -> Option<Decimal> {
    lookup(map, name).and_then(money::decimal).filter(|n| n.abs() <= most).map(|n| n.round_dp(DIGITS))
}

/// A line that says no quantity is one.
fn of_line(line: &Map<String, Value>) -> Sum {
    let quantity = number(line, "quantity", MOST_QUANTITY).unwrap_or(Decimal::ONE);
    let price = number(line, "price", MOST_PRICE);
    let amount = price.and_then(|price| price.checked_mul(quantity)).filter(|a| a.abs() <= MOST_AMOUNT);
    Sum { quantity, amount: amount.unwrap_or_default().round_dp(DIGITS) }
}

/// Of a thing without a price the event's own worth counts: what was sold in a shop, or with a coupon.
fn of_event(settings: &Settings, properties: &Map<String, Value>) -> Sum {
    let amount = settings.amounts.iter().find_map(|name| number(properties, name, MOST_AMOUNT));
    Sum { quantity: number(properties, "quantity", MOST_QUANTITY).unwrap_or_default(), amount: amount.unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(of: &str, properties: Value) -> Vec<(String, String, String)> {
        let text = |d: Decimal| d.normalize().to_string();
        named(&Settings::usual(of), properties.as_object().unwrap()).into_iter().map(|n| (n.id, text(n.sum.quantity), text(n.sum.amount))).collect()
    }
    fn one(id: &str, quantity: &str, amount: &str) -> (String, String, String) {
        (id.into(), quantity.into(), amount.into())
    }

    #[test]
    fn limits_are_what_they_say() {
        assert_eq!((MOST_PRICE, MOST_AMOUNT), (Decimal::from(1_000_000_000_000_i64), Decimal::from(1_000_000_000_000_000_i64)));
    }

    #[test]
    fn lines_of_an_order_and_things_at_hand() {
        let order = json!({"order_id": "o1", "products": [
            {"product_id": "A", "sku": "S", "price": "88.00", "quantity": 2},
            {"sku": "B", "price": 12.5},
            {"product_id": "A", "price": 80, "quantity": "1"},
            {"name": "nothing to go by"},
        ]});
        assert_eq!(found("goods", order), [one("A", "3", "256"), one("B", "1", "12.5")]);
        assert_eq!(found("goods", json!({"product_id": 42, "price": "9.90"})), [one("42", "1", "9.9")]);
        assert_eq!(found("goods", json!({"item_id": " X "})), [one("X", "0", "0")]);
        // Named beside its line, it is named once.
        assert_eq!(found("goods", json!({"product_id": "A", "items": [{"item_id": "A", "price": 3, "quantity": 2}]})), [one("A", "2", "6")]);
        assert_eq!(found("goods", json!({"products": "no list", "product_id": {"no": "id"}, "sku": ""})), []);
    }

    #[test]
    fn a_shop_is_worth_what_the_order_is() {
        assert_eq!(found("store", json!({"shop_id": "SH1", "value": "120.50"})), [one("SH1", "0", "120.5")]);
        assert_eq!(found("coupon", json!({"coupon_id": "C", "total": 10, "value": 12})), [one("C", "0", "10")]);
        assert_eq!(found("book", json!({"book_id": "B"})), [one("B", "0", "0")]);
        assert_eq!(found("article", json!({"price": 1})), []);
    }

    #[test]
    fn what_is_beyond_measure_counts_for_nothing() {
        assert_eq!(found("goods", json!({"product_id": "A", "price": 1e13, "quantity": 2})), [one("A", "2", "0")]);
        assert_eq!(found("goods", json!({"product_id": "A", "price": 1e12, "quantity": 1e9})), [one("A", "1000000000", "0")]);
        assert_eq!(found("goods", json!({"product_id": "A", "price": "0.12345678", "quantity": 1})), [one("A", "1", "0.123457")]);
    }
}
