//! The brand and its people, living through time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use serde::Serialize;
use serde_json::json;

use crate::calendar::{Day, is_open};
use crate::chance::Chance;
use crate::goods::GOODS;
use crate::kernel::event::names;
use crate::kernel::{Event, EventKind, Identifier, Millis, SourceId, WorkspaceId};
use crate::people::{Channel, Person};
use crate::visits::{Intent, Order, Sources, Teller, Visit};

/// Of members who did not order in their first week, this share orders within any seven days, if nobody speaks to them.
pub const CONVERSION_ALONE: f64 = 0.04;
/// And this share, if they have got a promotion at the beginning of those seven days.
pub const CONVERSION_SPOKEN_TO: f64 = 0.065;
/// Of customers who left a cart behind, this share comes back for it because they were reminded. Who has never bought
/// thinks her first order over for longer, and is not moved by a reminder.
pub const CART_REMINDED: f64 = 0.06;

/// How long a promotion works.
const WORKS_FOR: i64 = 7 * Millis::DAY;
/// In so many days as many people have registered as the brand was asked to have.
const GROWTH_DAYS: f64 = 90.0;
/// Of those who come, so many register sooner or later; see `before_registration`.
const REGISTERING: f64 = 0.62;
/// Of those who register, so many buy within a week.
const QUICK: f64 = 0.38;

/// What a promotion brings about. The demo fetches the pixel and the link at these times; a purchase,
/// if there is one, comes out of `step` by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reaction {
    pub opens_at: Option<Millis>,
    pub clicks_at: Option<Millis>,
    pub unsubscribes_at: Option<Millis>,
    /// Because of the message: she would not have bought this without it.
    pub buys_at: Option<Millis>,
}

/// What a message says, as far as the brand's people are moved by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// A reduced price. Works as stated by [`CONVERSION_SPOKEN_TO`], and less when it comes often.
    Promotion,
    /// Of a cart left behind; see [`CART_REMINDED`].
    CartReminder,
    /// A welcome, a guide: read, and no reason to buy.
    Greeting,
}

/// Purposes of chances; each person has a stream for each, so that a message disturbs nothing else.
#[derive(Clone, Copy)]
enum Purpose {
    Person,
    Life,
    Messages,
}

/// Why somebody buys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// Planned when she registered.
    First,
    /// Planned at the purchase before.
    Habit,
    Feast,
    Message,
}

/// What will happen.
#[derive(Clone, Debug)]
enum Act {
    /// A day begins: people come who were never here, and some buy without a name.
    Day(Day),
    /// Somebody buys at the counter and gives no name.
    WalkIn,
    Visit(u32),
    Buy { person: u32, cause: Cause },
    GiveBack { person: u32, order: Order },
    Review { person: u32, order: Order },
}

/// A person and what has become of her.
struct Life {
    person: Person,
    chance: Chance,
    messages: Chance,
    registered_at: Option<Millis>,
    /// Number of the browser's or the app's present cookie, per channel.
    cookies: [u32; 5],
    logged_in: [bool; 5],
    visits: u32,
    orders: u32,
    /// Is the next purchase already planned, or has she left for good?
    is_customer: bool,
    has_left: bool,
    told: u32,
    /// When the last promotions came.
    spoken_to: Vec<Millis>,
}

impl Life {
    fn cookie(&self, channel: Channel) -> Identifier {
        match channel {
            Channel::MiniProgram => Identifier::new("openid", self.person.openid.clone()),
            _ => Identifier::new("anonymous_id", format!("ck-{}-{:06}-{}", channel.word(), self.person.number, self.cookies[channel.index()])),
        }
    }
    /// By what a visit in this channel is known.
    fn known_by(&self, channel: Channel) -> Vec<Identifier> {
        if !channel.is_watched() {
            return vec![self.person.phone()];
        }
        let login = (self.registered_at.is_some() && self.logged_in[channel.index()]).then(|| self.person.user());
        login.into_iter().chain([self.cookie(channel)]).collect()
    }
}

/// A simulated brand. See the crate's promises.
pub struct Brand {
    teller: Teller,
    start: Millis,
    /// New people on an ordinary day.
    arrivals: f64,
    days: Chance,
    walk_ins: u32,
    lives: Vec<Life>,
    by_identifier: HashMap<Identifier, u32>,
    acts: BinaryHeap<Reverse<(i64, u64)>>,
    planned: HashMap<u64, Act>,
    sequence: u64,
    /// Up to here everything has been lived.
    lived: Millis,
    /// Told, but not yet asked for.
    waiting: BTreeMap<(i64, u64), Event>,
}

impl Brand {
    /// A brand that opens at `start` and has `people` members after ninety days; it goes on growing at that pace.
    pub fn new(seed: u64, start: Millis, people: usize) -> Self {
        let sources = Sources::one(SourceId::from("src_brand"));
        let mut brand = Self {
            teller: Teller { seed, workspace: WorkspaceId(1), sources },
            start,
            arrivals: people as f64 / GROWTH_DAYS / REGISTERING,
            days: Chance::new(seed, &[u64::MAX]),
            walk_ins: 0,
            lives: Vec::new(),
            by_identifier: HashMap::new(),
            acts: BinaryHeap::new(),
            planned: HashMap::new(),
            sequence: 0,
            lived: start,
            waiting: BTreeMap::new(),
        };
        let first = Day::of(start);
        brand.plan(first.start(), Act::Day(first));
        brand
    }

    /// In whose workspace, and by which sources, its events come. To be called before the first step.
    pub fn with_sources(mut self, workspace: WorkspaceId, sources: Sources) -> Self {
        self.teller.workspace = workspace;
        self.teller.sources = sources;
        self
    }

    /// How many have registered so far.
    pub fn members(&self) -> usize {
        self.lives.iter().filter(|l| l.registered_at.is_some()).count()
    }

    /// The goods, as events that say what they are.
    pub fn goods(&self, at: Millis) -> Vec<Event> {
        let tell = |good: &crate::goods::Good| {
            let source = self.teller.sources.of(Channel::Web).clone();
            let mut event = Event::track(self.teller.workspace, source, format!("brand_good_{}", good.id), "thing_set", at)
                .with_trait("name", good.name)
                .with_trait("name_en", good.name_en)
                .with_trait("category", good.category)
                .with_trait("price", good.price().to_string());
            event.kind = EventKind::ThingSet;
            event.thing = Some(Identifier::new("goods", good.id));
            event
        };
        GOODS.iter().map(tell).collect()
    }

    /// What happens from `from` (included) to `to` (not included), in the order of time. Time only goes forward:
    /// what lies before `from` and was not asked for is lived, but not told.
    pub fn step(&mut self, from: Millis, to: Millis) -> Vec<Event> {
        while let Some(Reverse((at, sequence))) = self.acts.peek().copied() {
            if at >= to.0 {
                break;
            }
            self.acts.pop();
            if let Some(act) = self.planned.remove(&sequence) {
                self.live(Millis(at), act);
            }
        }
        self.lived = self.lived.max(to);
        let later = self.waiting.split_off(&(to.0, 0));
        let due = std::mem::replace(&mut self.waiting, later);
        due.into_values().filter(|e| e.ts >= from).collect()
    }

    /// Tells the brand that somebody has got a promotion, now or later but not in the past that was lived already.
    /// `None`: no member is known by this identifier.
    pub fn received(&mut self, who: &Identifier, channel: &str, at: Millis) -> Option<Reaction> {
        self.got(who, channel, Message::Promotion, at)
    }

    /// The same for any message.
    pub fn got(&mut self, who: &Identifier, channel: &str, message: Message, at: Millis) -> Option<Reaction> {
        let number = *self.by_identifier.get(who)?;
        let at = at.max(self.lived);
        let life = &mut self.lives[number as usize];
        life.registered_at?;
        life.spoken_to.retain(|then| then.plus(WORKS_FOR) > at);
        let lately = life.spoken_to.len() as i32;
        if message == Message::Promotion {
            life.spoken_to.push(at);
        }
        let moves = moves(life, message, lately);
        let chance = &mut life.messages;

        let buys = chance.happens(moves);
        let (open_rate, click_rate) = match channel {
            "email" => (0.34, 0.16),
            "sms" => (0.0, 0.07),
            _ => (0.45, 0.20),
        };
        let may_open = open_rate > 0.0;
        let opens = may_open && (buys || chance.happens(open_rate * 0.85f64.powi(lately)));
        let clicks = (opens || !may_open) && (buys || chance.happens(click_rate));
        let opens_at = opens.then(|| at.plus(60_000 + (chance.exponential(2.5) * Millis::HOUR as f64) as i64));
        let clicks_at = clicks.then(|| opens_at.unwrap_or(at.plus(60_000)).plus(5_000 + (chance.exponential(40.0) * 1_000.0) as i64));
        let seen = clicks_at.or(opens_at).unwrap_or(at);
        let leaves = chance.happens(0.002 * f64::from((1 + lately) * (1 + lately)));
        let unsubscribes_at = leaves.then(|| seen.plus(20_000));
        let buys_at = buys.then(|| within(seen, at.plus(WORKS_FOR), chance));
        if let Some(buys_at) = buys_at {
            self.plan(buys_at, Act::Buy { person: number, cause: Cause::Message });
        }
        Some(Reaction { opens_at, clicks_at, unsubscribes_at, buys_at })
    }

    fn plan(&mut self, at: Millis, act: Act) {
        self.sequence += 1;
        self.acts.push(Reverse((at.0, self.sequence)));
        self.planned.insert(self.sequence, act);
    }

    fn live(&mut self, at: Millis, act: Act) {
        match act {
            Act::Day(day) => self.begin_day(day),
            Act::WalkIn => self.walk_in(at),
            Act::Visit(person) => self.visit(person, at),
            Act::Buy { person, cause } => self.buy(person, at, cause),
            Act::GiveBack { person, order } => self.give_back(person, at, &order),
            Act::Review { person, order } => self.review(person, at, &order),
        }
    }

    fn begin_day(&mut self, day: Day) {
        let new = self.days.poisson(self.arrivals * day.bustle(false));
        for _ in 0..new {
            let at = day.moment(false, &mut self.days);
            let number = self.arrive(day);
            // Who would have come before the doors opened does not come.
            if at >= self.start {
                self.plan(at, Act::Visit(number));
            }
        }
        let nameless = self.days.poisson(self.arrivals * 0.35 * day.bustle(true));
        for _ in 0..nameless {
            let at = day.moment(true, &mut self.days);
            if at >= self.start {
                self.plan(at, Act::WalkIn);
            }
        }
        if day.is_double_eleven() {
            self.double_eleven(day);
        }
        self.plan(day.next().start(), Act::Day(day.next()));
    }

    fn arrive(&mut self, day: Day) -> u32 {
        let number = self.lives.len() as u32;
        let stream = |purpose: Purpose| Chance::new(self.teller.seed, &[u64::from(number), purpose as u64]);
        let person = Person::draw(number, day.date().year(), &mut stream(Purpose::Person));
        self.lives.push(Life {
            chance: stream(Purpose::Life),
            messages: stream(Purpose::Messages),
            registered_at: None,
            cookies: [1; 5],
            logged_in: [false; 5],
            visits: 0,
            orders: 0,
            is_customer: false,
            has_left: false,
            told: 0,
            spoken_to: Vec::new(),
            person,
        });
        number
    }

    /// On the eleventh of November a quarter of the customers buy, whoever they are.
    fn double_eleven(&mut self, day: Day) {
        for number in 0..self.lives.len() as u32 {
            let life = &mut self.lives[number as usize];
            if life.orders > 0 && !life.has_left && life.chance.happens(0.25) {
                let at = day.moment(false, &mut life.chance);
                self.plan(at, Act::Buy { person: number, cause: Cause::Feast });
            }
        }
    }

    /// Lends a visit of a person to `tell`, and keeps what was told for its time.
    fn told<T>(&mut self, number: u32, channel: Channel, at: Millis, by_message: bool, tell: impl FnOnce(&mut Visit<'_>) -> T) -> T {
        let life = &mut self.lives[number as usize];
        let known_by = life.known_by(channel);
        let mut out = Vec::new();
        let chance = if by_message { &mut life.messages } else { &mut life.chance };
        let mut visit = Visit { teller: &self.teller, person: Some(&life.person), channel, known_by, at, chance, told: &mut life.told, out: &mut out };
        let answer = tell(&mut visit);
        self.keep(out);
        answer
    }

    fn keep(&mut self, events: Vec<Event>) {
        for event in events {
            self.sequence += 1;
            self.waiting.insert((event.ts.0, self.sequence), event);
        }
    }

    fn walk_in(&mut self, at: Millis) {
        self.walk_ins += 1;
        let order_id = format!("P{}-{:06}", stamp(at), self.walk_ins);
        let mut told = self.walk_ins * 8;
        let mut out = Vec::new();
        let mut visit =
            Visit { teller: &self.teller, person: None, channel: Channel::Store, known_by: Vec::new(), at, chance: &mut self.days, told: &mut told, out: &mut out };
        visit.walk(Intent::Buy { with_coupon: false }, || order_id);
        self.keep(out);
    }

    fn visit(&mut self, number: u32, at: Millis) {
        let life = &mut self.lives[number as usize];
        life.visits += 1;
        if life.registered_at.is_none() {
            return self.before_registration(number, at);
        }
        let channel = channel_of(life, true);
        self.arrive_in(number, channel, at);
        let life = &mut self.lives[number as usize];
        let intent = match life.chance.weighted([76.0, 17.0, 7.0].into_iter()) {
            0 => Intent::Look,
            1 => Intent::FillCart,
            _ => Intent::Hesitate,
        };
        self.told(number, channel, at, false, |visit| visit.walk(intent, String::new));
        self.plan_visit(number, at);
    }

    /// Somebody whose name nobody knows yet looks around, and perhaps joins.
    fn before_registration(&mut self, number: u32, at: Millis) {
        let life = &mut self.lives[number as usize];
        let channel = life.person.home;
        let is_first = life.visits == 1;
        if !channel.is_watched() {
            // Over the counter and in the other shop one is asked to join, and joins.
            return if life.chance.happens(REGISTERING) { self.register(number, channel, at) };
        }
        let found_by = life.person.found_by;
        let end = self.told(number, channel, at, false, |visit| {
            if is_first {
                visit.land(found_by);
            }
            visit.walk(Intent::Look, String::new);
            visit.at
        });
        let life = &mut self.lives[number as usize];
        // 0.38 + 0.62 × 0.63 × (0.38 + …) comes to REGISTERING.
        if life.chance.happens(0.38) {
            self.register(number, channel, end.plus(20_000));
        } else if life.chance.happens(0.63) {
            let day = Day::of(at.plus((life.chance.between(1.0, 6.0) * Millis::DAY as f64) as i64));
            let next = day.moment(false, &mut life.chance);
            self.plan(next, Act::Visit(number));
        }
    }

    fn register(&mut self, number: u32, channel: Channel, at: Millis) {
        let life = &mut self.lives[number as usize];
        life.registered_at = Some(at);
        life.logged_in[channel.index()] = true;
        let person = &life.person;
        let known: Vec<Identifier> = [person.user(), person.phone(), Identifier::new("email", person.email.clone())].into();
        let cookie = channel.is_watched().then(|| life.cookie(channel));
        for identifier in known.iter().chain(&cookie) {
            self.by_identifier.insert(identifier.clone(), number);
        }
        let all: Vec<Identifier> = known.into_iter().chain(cookie).collect();
        let traits = person.traits(Day::of(at).date().year());
        let (agrees_to, city, found_by, user) = (person.agrees_to.clone(), person.city, person.found_by, person.user());
        self.told(number, channel, at, false, |visit| {
            visit.known_by = all;
            visit.tell(EventKind::Identify, "identify", json!({})).traits = traits;
            visit.known_by.retain(|i| *i == user || i.id_type == "openid" || i.id_type == "anonymous_id");
            visit.at = visit.at.plus(300);
            visit.tell(EventKind::Track, "member_registered", json!({"channel": channel.word(), "city": city, "found_by": found_by}));
            if !agrees_to.is_empty() {
                visit.at = visit.at.plus(200);
                visit.tell(EventKind::Track, names::CONSENT_GRANTED, json!({"purpose": "marketing", "channel": agrees_to}));
            }
        });
        self.plan_first_purchase(number, at);
        self.plan_visit(number, at);
    }

    fn plan_first_purchase(&mut self, number: u32, registered: Millis) {
        let life = &mut self.lives[number as usize];
        let week = registered.plus(7 * Millis::DAY);
        let at = if life.chance.happens(QUICK) {
            if life.chance.happens(0.4) {
                registered.plus((life.chance.between(2.0, 50.0) * Millis::MINUTE as f64) as i64)
            } else {
                within(registered, week, &mut life.chance)
            }
        } else {
            // Without a memory: whoever has waited so long is as likely to buy in the next seven days as everybody else.
            let mean_days = -7.0 / (1.0 - CONVERSION_ALONE).ln();
            let wait = (life.chance.exponential(mean_days) * Millis::DAY as f64) as i64;
            let day = Day::of(week.plus(wait));
            let at = day.moment(false, &mut life.chance);
            if at > week { at } else { day.next().moment(false, &mut life.chance) }
        };
        self.plan(at, Act::Buy { person: number, cause: Cause::First });
    }

    fn plan_visit(&mut self, number: u32, after: Millis) {
        let life = &mut self.lives[number as usize];
        let mean = if life.has_left { 60.0 } else { 8.0 };
        let wait = (life.chance.exponential(mean).max(0.1) * Millis::DAY as f64) as i64;
        let mut day = Day::of(after.plus(wait));
        // On quiet days one visit in three is put off to the morrow.
        if day.bustle(false) < 1.0 && life.chance.happens(0.33) {
            day = day.next();
        }
        let mut at = day.moment(false, &mut life.chance);
        if at <= after {
            at = day.next().moment(false, &mut life.chance);
        }
        self.plan(at, Act::Visit(number));
    }

    /// The first visit by another way begins without a name; most log in. Now and then a browser forgets.
    fn arrive_in(&mut self, number: u32, channel: Channel, at: Millis) {
        if !channel.is_watched() {
            return;
        }
        let life = &mut self.lives[number as usize];
        if channel == Channel::Web && life.chance.happens(0.05) {
            life.cookies[channel.index()] += 1;
            life.logged_in[channel.index()] = false;
        }
        if life.logged_in[channel.index()] || !life.chance.happens(0.75) {
            return;
        }
        let cookie = life.cookie(channel);
        let user = life.person.user();
        self.by_identifier.insert(cookie.clone(), number);
        self.told(number, channel, at, false, |visit| {
            let found_by = "direct";
            visit.land(found_by);
            visit.at = visit.at.plus(4_000);
            visit.known_by = vec![user, cookie];
            visit.tell(EventKind::Identify, "identify", json!({}));
        });
        self.lives[number as usize].logged_in[channel.index()] = true;
    }

    fn buy(&mut self, number: u32, at: Millis, cause: Cause) {
        let life = &mut self.lives[number as usize];
        life.orders += 1;
        if cause == Cause::Habit {
            life.is_customer = false;
        }
        let orders = life.orders;
        let by_message = cause == Cause::Message;
        let channel = channel_to_buy(life, at, by_message);
        self.log_in(number, channel, at, by_message);
        let letter = ["M", "W", "A", "T", "S"][channel.index()];
        let order_id = format!("{letter}{}-{number:06}-{orders}", stamp(at));
        let bought = self.told(number, channel, at.plus(1_000), by_message, |visit| visit.walk(Intent::Buy { with_coupon: by_message }, || order_id));
        if let Some(order) = bought {
            self.after_purchase(number, order);
        }
    }

    /// Who buys has logged in.
    fn log_in(&mut self, number: u32, channel: Channel, at: Millis, by_message: bool) {
        let life = &mut self.lives[number as usize];
        if !channel.is_watched() || life.logged_in[channel.index()] {
            return;
        }
        life.logged_in[channel.index()] = true;
        let (cookie, user) = (life.cookie(channel), life.person.user());
        self.by_identifier.insert(cookie.clone(), number);
        self.told(number, channel, at, by_message, |visit| {
            visit.known_by = vec![user, cookie];
            visit.tell(EventKind::Identify, "identify", json!({}));
        });
    }

    fn after_purchase(&mut self, number: u32, order: Order) {
        let life = &mut self.lives[number as usize];
        let chance = &mut life.chance;
        let days = |n: f64| (n * Millis::DAY as f64) as i64;
        let gives_back = (order.channel != Channel::Store && chance.happens(0.035)).then(|| order.at.plus(days(chance.between(1.5, 9.0))));
        let reviews = (order.channel.is_watched() && chance.happens(0.10)).then(|| order.at.plus(days(chance.between(3.0, 15.0))));
        let mut next = None;
        if !life.is_customer && !life.has_left {
            life.has_left = chance.happens(life.person.leaves);
            life.is_customer = !life.has_left;
            next = life.is_customer.then(|| Day::of(order.at.plus(days(1.0 + chance.gamma_two(life.person.gap_days)))).moment(false, chance));
        }
        if let Some(at) = gives_back {
            self.plan(at, Act::GiveBack { person: number, order: order.clone() });
        }
        if let Some(at) = reviews {
            self.plan(at, Act::Review { person: number, order });
        }
        if let Some(at) = next {
            self.plan(at, Act::Buy { person: number, cause: Cause::Habit });
        }
    }

    fn give_back(&mut self, number: u32, at: Millis, order: &Order) {
        let properties = json!({"order_id": order.id, "value": order.value.to_string(), "currency": "CNY", "refund": true});
        self.told(number, order.channel, at, false, |visit| {
            visit.tell(EventKind::Track, names::REFUND, properties);
        });
    }

    fn review(&mut self, number: u32, at: Millis, order: &Order) {
        self.told(number, order.channel, at, false, |visit| {
            let rating = 1 + visit.chance.weighted([4.0, 4.0, 10.0, 30.0, 52.0].into_iter());
            visit.tell(EventKind::Track, "review_posted", json!({"order_id": order.id, "item_id": order.item.id, "rating": rating}));
        });
    }
}

/// How likely somebody buys because of a message.
fn moves(life: &Life, message: Message, lately: i32) -> f64 {
    match message {
        // Alone or by the message, independently: together they come to the stated share.
        Message::Promotion => {
            (CONVERSION_SPOKEN_TO - CONVERSION_ALONE) / (1.0 - CONVERSION_ALONE) * life.person.price_sensitivity * 0.5f64.powi(lately)
        }
        Message::CartReminder if life.orders > 0 && !life.has_left => CART_REMINDED,
        Message::CartReminder | Message::Greeting => 0.0,
    }
}

/// A moment after `from` and before `to`, soon rather than late, at an hour when people buy.
fn within(from: Millis, to: Millis, chance: &mut Chance) -> Millis {
    for _ in 0..50 {
        let wait = chance.exponential(1.6) * Millis::DAY as f64;
        let at = Day::of(from.plus(wait as i64)).moment(false, chance);
        if at > from.plus(Millis::MINUTE) && at < to.minus(Millis::HOUR) {
            return at;
        }
    }
    from.plus(10 * Millis::MINUTE)
}

/// Where a member looks around.
fn channel_of(life: &mut Life, only_watched: bool) -> Channel {
    let home = life.person.home;
    let weights: [f64; 5] = std::array::from_fn(|i| {
        let channel = Channel::ALL[i];
        let liking = if channel == home { 6.0 } else { 1.0 };
        if only_watched && !channel.is_watched() { 0.0 } else { liking }
    });
    Channel::ALL[life.chance.weighted(weights.into_iter())]
}

fn channel_to_buy(life: &mut Life, at: Millis, by_message: bool) -> Channel {
    let channel = if by_message { life.person.home } else { channel_of(life, false) };
    // A link leads to a page, and shops close at night.
    let fits = if by_message { channel.is_watched() } else { channel != Channel::Store || is_open(at) };
    if fits { channel } else { Channel::MiniProgram }
}

fn stamp(at: Millis) -> String {
    let date = Day::of(at).date();
    format!("{:02}{:02}{:02}", date.year() % 100, date.month(), date.day())
}
