//! What the brand's marketing team has set up before the first day: sources, sending rules, segments, messages, journeys.

use std::collections::HashMap;
use std::net::SocketAddr;

use serde_json::{Value, json};
use weft_brand::{Message, Sources};

use super::inside::Inside;
use crate::kernel::{Event, SourceId, TemplateId};

pub const BRAND: &str = "布边咖啡 Selvedge Coffee";
pub const SENDER: &str = "hello@selvedge.example";

/// Names by which the rest of the demo knows what was set up.
#[derive(Clone, Debug)]
pub struct Stage {
    pub sources: Sources,
    /// What a message says, by its template.
    pub messages: HashMap<TemplateId, Message>,
    pub win_back: String,
    pub welcome: String,
    pub cart: String,
}

pub(super) async fn set_up(inside: &Inside, sink: SocketAddr) -> anyhow::Result<Stage> {
    inside.put("/workspace", &json!({"name": BRAND, "time_zone": "Asia/Shanghai", "currency": "CNY"})).await?;
    inside.put("/settings/sending", &sending(sink)).await?;
    let sources = Sources {
        mini_program: source(inside, "微信小程序 Mini program", "mini_program").await?,
        web: source(inside, "官网 Web shop", "web").await?,
        app: source(inside, "App", "app").await?,
        tmall: source(inside, "天猫旗舰店 Tmall", "server").await?,
        store: source(inside, "门店收银 Shop tills", "server").await?,
    };
    let waiting = segments(inside).await?;

    let welcome_mail = template(inside, "欢迎信 Welcome", include_str!("mails/welcome.html"), WELCOME).await?;
    let coupon = template(inside, "首单 85 折券 First order coupon", include_str!("mails/coupon.html"), COUPON).await?;
    let last_call = template(inside, "优惠券提醒 Coupon reminder", include_str!("mails/last_call.html"), LAST_CALL).await?;
    let cart_mail = template(inside, "购物车提醒 Cart reminder", include_str!("mails/cart.html"), CART).await?;

    let win_back = journey(inside, "注册一周未下单 A week without an order", &win_back(&waiting, &coupon, &last_call)).await?;
    let welcome = journey(inside, "新会员欢迎 Welcome", &welcome(&welcome_mail)).await?;
    let cart = journey(inside, "购物车未付款 Abandoned cart", &cart(&cart_mail)).await?;
    let messages = HashMap::from([
        (TemplateId(welcome_mail), Message::Greeting),
        (TemplateId(coupon), Message::Promotion),
        (TemplateId(last_call), Message::Promotion),
        (TemplateId(cart_mail), Message::CartReminder),
    ]);
    Ok(Stage { sources, messages, win_back, welcome, cart })
}

/// What is sold, the coupon, and what goods are called.
pub(super) async fn describe(inside: &Inside, goods: Vec<Event>) -> anyhow::Result<()> {
    let things: Vec<Value> = goods.into_iter().filter_map(|event| Some(json!({"id": event.thing?.value, "attributes": event.traits}))).map(with_name).collect();
    inside.post("/catalog/goods:import", &json!({"things": things})).await?;
    let coupon = json!({"name": "召回 85 折券 Welcome back, 15 % off", "attributes": {"discount": "0.85", "holds_for_days": 30}});
    inside.put("/catalog/coupon/WELCOME-BACK-85", &coupon).await?;
    let templates = inside.get("/catalog/tags/templates").await?;
    for ready in templates["items"].as_array().into_iter().flatten() {
        let of = |name: &str| ready[name].as_str().unwrap_or_default();
        let title = format!("{} · {}", of("title_zh"), of("title_en"));
        let tag = json!({"name": of("name"), "type": of("type"), "title": title, "category": of("category"), "rule": ready["rule"]});
        let made = inside.post("/catalog/tags", &tag).await?;
        if of("name") == "role" {
            for (value, goods) in [("traffic", ["FRSH-AME", "DRIP-10"]), ("profit", ["BEAN-ET02", "POT-V60"]), ("image", ["GIFT-01", "MILL-01"])] {
                inside.post(&format!("/catalog/tags/{}:assign", id_of(&made)?), &json!({"things": goods, "value": value})).await?;
            }
        }
    }
    Ok(())
}

/// Events tell the name among the traits.
fn with_name(mut thing: Value) -> Value {
    let name = thing["attributes"].as_object_mut().and_then(|attributes| attributes.shift_remove("name"));
    thing["name"] = name.unwrap_or_default();
    thing
}

/// One mail a day and three a week, none at night, none without consent.
fn sending(sink: SocketAddr) -> Value {
    json!({
        "caps": [
            {"channel": "email", "window": "calendar", "period": "1d", "limit": 1},
            {"channel": "email", "window": "rolling", "period": "7d", "limit": 3},
        ],
        "quiet_hours": {"from": "22:00", "to": "08:00"},
        "needs_consent": true,
        "providers": {"email": {"kind": "smtp", "config": {
            "host": sink.ip().to_string(), "port": sink.port(), "tls": "none", "hello_name": "weft.selvedge.example",
            "from_address": SENDER, "from_name": BRAND,
        }}},
    })
}

fn id_of(made: &Value) -> anyhow::Result<String> {
    made["id"].as_str().map(str::to_owned).ok_or_else(|| anyhow::anyhow!("what was made has no id"))
}

async fn source(inside: &Inside, name: &str, kind: &str) -> anyhow::Result<SourceId> {
    id_of(&inside.post("/sources", &json!({"name": name, "kind": kind})).await?).map(SourceId)
}

async fn template(inside: &Inside, name: &str, html: &str, subject: &str) -> anyhow::Result<String> {
    id_of(&inside.post("/templates", &json!({"name": name, "channel": "email", "subject": subject, "html": html})).await?)
}

async fn journey(inside: &Inside, name: &str, plan: &Value) -> anyhow::Result<String> {
    let id = id_of(&inside.post("/journeys", &json!({"name": name, "plan": plan})).await?)?;
    inside.post(&format!("/journeys/{id}:publish"), &json!({})).await?;
    Ok(id)
}

const WELCOME: &str = "{% if person.language == 'en' %}Welcome to Selvedge, {{ person.name }}{% else %}{{ person.name }}，欢迎来到布边咖啡{% endif %}";
const COUPON: &str = "{% if person.language == 'en' %}{{ person.name }}, 15 % off your first bag{% else %}{{ person.name }}，你的第一包咖啡，85 折{% endif %}";
const LAST_CALL: &str = "{% if person.language == 'en' %}Your coupon ends in a week{% else %}85 折券还剩一周{% endif %}";
const CART: &str = "{% if person.language == 'en' %}{{ event.item_name }} is still in your cart{% else %}{{ event.item_name }} 还在购物车里{% endif %}";

/// Makes the segments; answers the id of the one that the first journey begins with.
async fn segments(inside: &Inside) -> anyhow::Result<String> {
    let happened = |name: &str| json!({"event": {"name": name}});
    let lately = |name: &str, within: &str| json!({"event": {"name": name, "within": within}});
    let not = |condition: Value| json!({"not": condition});
    let all: [(&str, &str, Value); 7] = [
        (
            "注册一周未下单 A week without an order",
            "注册满 7 天、还没有下过单的会员。Members of seven days or more who have never ordered.",
            json!({"all": [happened("member_registered"), not(lately("member_registered", "7d")), not(happened("purchase"))]}),
        ),
        ("近 30 天购买 Bought in the last 30 days", "", lately("purchase", "30d")),
        (
            "高价值客户 High value",
            "90 天内消费满 600 元。600 yuan or more in 90 days.",
            json!({"event": {"name": "purchase", "sum": {"property": "value", "gte": 600}, "within": "90d"}}),
        ),
        (
            "沉睡客户 Lapsing",
            "买过，但 30 天没有再下单。Have bought, and not for 30 days.",
            json!({"all": [happened("purchase"), not(lately("purchase", "30d"))]}),
        ),
        (
            "加购未买 Cart without order",
            "3 天内加购、没有下单。Put something into the cart in the last three days and bought nothing.",
            json!({"all": [lately("add_to_cart", "3d"), not(lately("purchase", "3d"))]}),
        ),
        ("上海与杭州 Shanghai and Hangzhou", "", json!({"trait": {"name": "city", "in": ["上海", "杭州"]}})),
        ("邮件可触达 Reachable by mail", "", json!({"consent": {"purpose": "marketing", "channel": "email"}})),
    ];
    let mut first = None;
    for (name, description, condition) in all {
        let made = inside.post("/segments", &json!({"name": name, "description": description, "condition": condition})).await?;
        if first.is_none() {
            first = Some(id_of(&made)?);
        }
    }
    first.ok_or_else(|| anyhow::anyhow!("there is no segment"))
}

/// A week without an order: four in five get a coupon and, if they do not answer, a reminder; one in five gets nothing.
fn win_back(segment: &str, coupon: &str, last_call: &str) -> Value {
    json!({
        "entry": {"segment": segment, "include_present": false},
        "reentry": "never",
        "goal": {"event": {"name": "purchase"}, "within": "14d", "exit": true},
        "start": "split",
        "nodes": [
            {"id": "split", "type": "split", "arms": [
                {"key": "coupon", "name": "优惠券 Coupon", "weight": 80, "next": "coupon"},
                {"key": "control", "name": "对照组 Control", "weight": 20, "control": true, "next": null},
            ]},
            {"id": "coupon", "type": "send", "channel": "email", "template": coupon, "next": "answer"},
            {"id": "answer", "type": "wait_until", "event": {"name": "purchase"}, "timeout": "7d", "next": null, "on_timeout": "reminder"},
            {"id": "reminder", "type": "send", "channel": "email", "template": last_call, "next": null},
        ],
    })
}

fn welcome(mail: &str) -> Value {
    json!({
        "entry": {"event": {"name": "member_registered"}},
        "reentry": "never",
        "goal": {"event": {"name": "purchase"}, "within": "7d"},
        "start": "breathe",
        "nodes": [
            {"id": "breathe", "type": "wait", "for": "10m", "next": "welcome"},
            {"id": "welcome", "type": "send", "channel": "email", "template": mail, "next": null},
        ],
    })
}

/// Two hours without an order after something went into the cart: a reminder for most, nothing for one in five.
fn cart(mail: &str) -> Value {
    json!({
        "entry": {"event": {"name": "add_to_cart"}},
        "reentry": {"after": "1d"},
        "goal": {"event": {"name": "purchase"}, "within": "3d", "exit": true},
        "start": "order",
        "nodes": [
            {"id": "order", "type": "wait_until", "event": {"name": "purchase"}, "timeout": "2h", "next": null, "on_timeout": "split"},
            {"id": "split", "type": "split", "arms": [
                {"key": "reminder", "name": "提醒 Reminder", "weight": 80, "next": "reminder"},
                {"key": "control", "name": "对照组 Control", "weight": 20, "control": true, "next": null},
            ]},
            {"id": "reminder", "type": "send", "channel": "email", "template": mail, "next": "after"},
            {"id": "after", "type": "wait_until", "event": {"name": "purchase"}, "timeout": "2d", "next": null, "on_timeout": null},
        ],
    })
}
