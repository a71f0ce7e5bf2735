//! What a visit leaves behind: pages, looks, carts, orders, as events.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::calendar::Day;
use crate::chance::Chance;
use crate::goods::{Good, choose};
use crate::kernel::event::names;
use crate::kernel::{Event, EventKind, Identifier, Millis, SourceId, WorkspaceId, id};
use crate::people::{Channel, Person};

/// The source that each channel's events come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sources {
    pub mini_program: SourceId,
    pub web: SourceId,
    pub app: SourceId,
    pub tmall: SourceId,
    pub store: SourceId,
}

impl Sources {
    /// One source for everything.
    pub fn one(source: SourceId) -> Self {
        Self { mini_program: source.clone(), web: source.clone(), app: source.clone(), tmall: source.clone(), store: source }
    }
    pub fn of(&self, channel: Channel) -> &SourceId {
        match channel {
            Channel::MiniProgram => &self.mini_program,
            Channel::Web => &self.web,
            Channel::App => &self.app,
            Channel::Tmall => &self.tmall,
            Channel::Store => &self.store,
        }
    }
}

/// Where events go, and what they all carry.
#[derive(Clone, Debug)]
pub struct Teller {
    pub seed: u64,
    pub workspace: WorkspaceId,
    pub sources: Sources,
}

/// How far a visitor means to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    Look,
    FillCart,
    /// Comes to the till and leaves.
    Hesitate,
    Buy { with_coupon: bool },
}

/// What was bought, for what follows from it.
#[derive(Clone, Debug)]
pub struct Order {
    pub id: String,
    pub channel: Channel,
    pub value: Decimal,
    pub at: Millis,
    pub item: &'static Good,
}

/// One visit of one person in one channel, being told.
pub struct Visit<'a> {
    pub teller: &'a Teller,
    /// `None` is somebody who gives no name at the counter.
    pub person: Option<&'a Person>,
    pub channel: Channel,
    /// By what she is known in this visit, strongest first.
    pub known_by: Vec<Identifier>,
    pub at: Millis,
    pub chance: &'a mut Chance,
    /// Numbers her events.
    pub told: &'a mut u32,
    pub out: &'a mut Vec<Event>,
}

/// What a coupon takes off: 15 %.
const COUPON: Decimal = Decimal::from_parts(85, 0, 0, false, 2);

impl Visit<'_> {
    fn pass(&mut self, low: f64, high: f64) {
        self.at = self.at.plus((self.chance.between(low, high) * 1_000.0) as i64);
    }

    fn english(&self) -> bool {
        self.person.is_some_and(|p| p.english)
    }

    fn name_of(&self, good: &Good) -> &'static str {
        if self.english() { good.name_en } else { good.name }
    }

    /// Tells one event at the time that the visit has come to.
    pub fn tell(&mut self, kind: EventKind, name: &str, properties: Value) -> &mut Event {
        let number = self.person.map_or(u32::MAX, |p| p.number);
        let parts: [&[u8]; 3] = [&self.teller.seed.to_be_bytes(), &number.to_be_bytes(), &self.told.to_be_bytes()];
        *self.told += 1;
        let event_id = format!("brand_{}", id::base32(id::derived(&parts)));
        let mut event = Event::track(self.teller.workspace, self.teller.sources.of(self.channel).clone(), event_id, name, self.at);
        event.kind = kind;
        event.received_at = self.at.plus(40 + self.chance.below(700) as i64);
        event.identifiers = self.known_by.clone();
        event.channel = Some(self.channel.word().to_owned());
        if let Value::Object(properties) = properties {
            event.properties = properties;
        }
        if let Some(person) = self.person {
            event.context.insert("locale".into(), (if person.english { "en-GB" } else { "zh-CN" }).into());
            if self.channel.is_watched() {
                event.context.insert("device".into(), json!({"model": person.device}));
            }
        }
        let place = self.out.len();
        self.out.push(event);
        &mut self.out[place]
    }

    fn page(&mut self, path: &str, title: &str) {
        self.pass(3.0, 45.0);
        let mut properties = json!({"path": path, "title": title});
        if self.channel == Channel::Web {
            properties["url"] = format!("https://selvedge.example{path}").into();
            self.tell(EventKind::Page, "page", properties);
        } else {
            self.tell(EventKind::Screen, "screen", properties);
        }
    }

    /// The first page of somebody new says what brought her.
    pub fn land(&mut self, found_by: &str) {
        self.page("/", if self.english() { "Selvedge Coffee" } else { "布边咖啡" });
        if let Some(event) = self.out.last_mut() {
            event.properties.insert("utm_source".into(), found_by.into());
        }
    }

    /// Looks around, and goes as far as she means to. Answers what was bought.
    pub fn walk(&mut self, intent: Intent, order_id: impl FnOnce() -> String) -> Option<Order> {
        if !self.channel.is_watched() {
            return match intent {
                Intent::Buy { with_coupon } => Some(self.buy(None, with_coupon, order_id())),
                _ => None,
            };
        }
        let presents = Day::of(self.at).is_before_spring();
        self.page("/", if self.english() { "Selvedge Coffee" } else { "布边咖啡" });
        if self.chance.happens(0.28) {
            self.pass(4.0, 20.0);
            let word = *self.chance.pick(if self.english() { &["beans", "drip bags", "gift", "mug"] } else { &["挂耳", "咖啡豆", "礼盒", "杯子"] });
            let results = 1 + self.chance.below(9);
            self.tell(EventKind::Track, "search", json!({"keyword": word, "results": results}));
        }
        let looks = 1 + self.chance.below(if intent == Intent::Look { 3 } else { 4 });
        let mut good = choose(self.channel, presents, self.chance);
        for _ in 0..looks {
            good = choose(self.channel, presents, self.chance);
            self.look(good);
        }
        if intent == Intent::Look {
            return None;
        }
        let quantity = self.quantity();
        self.pass(4.0, 60.0);
        let mut properties = self.described(good);
        properties.insert("quantity".into(), quantity.into());
        self.tell(EventKind::Track, "add_to_cart", properties.into());
        if intent == Intent::FillCart {
            return None;
        }
        self.pass(10.0, 120.0);
        let worth = (good.price() * Decimal::from(quantity)).to_string();
        self.tell(EventKind::Track, "checkout_started", json!({"value": worth, "currency": "CNY", "items_count": quantity}));
        match intent {
            Intent::Buy { with_coupon } => Some(self.buy(Some((good, quantity)), with_coupon, order_id())),
            _ => None,
        }
    }

    fn quantity(&mut self) -> u32 {
        1 + u32::from(self.chance.happens(0.22)) + u32::from(self.chance.happens(0.06))
    }

    fn described(&self, good: &Good) -> Map<String, Value> {
        let value = json!({"item_id": good.id, "item_name": self.name_of(good), "category": good.category, "price": good.price().to_string()});
        if let Value::Object(map) = value { map } else { Map::new() }
    }

    fn look(&mut self, good: &Good) {
        self.pass(6.0, 80.0);
        let properties = self.described(good);
        self.tell(EventKind::Track, "view_item", properties.into());
    }

    fn buy(&mut self, first: Option<(&'static Good, u32)>, with_coupon: bool, order_id: String) -> Order {
        self.pass(15.0, 180.0);
        let presents = Day::of(self.at).is_before_spring();
        let (good, quantity) = match first {
            Some(chosen) => chosen,
            None => (choose(self.channel, presents, self.chance), self.quantity()),
        };
        let mut lines = vec![(good, quantity)];
        while lines.len() < 4 && self.chance.happens(0.33) {
            let more = choose(self.channel, presents, self.chance);
            if lines.iter().all(|(there, _)| there.id != more.id) {
                lines.push((more, self.quantity()));
            }
        }
        let mut value = Decimal::ZERO;
        let mut items = Vec::new();
        for (good, quantity) in lines {
            let price = if with_coupon { (good.price() * COUPON).round_dp(2) } else { good.price() };
            let amount = price * Decimal::from(quantity);
            value += amount;
            let mut item = self.described(good);
            item.insert("price".into(), price.to_string().into());
            item.insert("quantity".into(), quantity.into());
            item.insert("amount".into(), amount.to_string().into());
            items.push(Value::Object(item));
        }
        if with_coupon {
            self.tell(EventKind::Track, "coupon_redeemed", json!({"coupon_id": "WELCOME-BACK-85", "order_id": order_id}));
            self.pass(1.0, 3.0);
        }
        let mut properties = json!({"order_id": order_id, "value": value.to_string(), "currency": "CNY", "items": items});
        if with_coupon {
            properties["coupon_id"] = "WELCOME-BACK-85".into();
        }
        self.tell(EventKind::Track, names::PURCHASE, properties);
        Order { id: order_id, channel: self.channel, value, at: self.at, item: good }
    }
}
