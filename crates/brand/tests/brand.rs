//! Is the brand the same each time, is it believable, and does a promotion do what is stated?

use std::collections::{BTreeMap, HashMap, HashSet};

use rust_decimal::Decimal;
use weft_brand::{Brand, CART_REMINDED, CONVERSION_ALONE, CONVERSION_SPOKEN_TO, Message, Sources};
use weft_kernel::event::Identifier;
use weft_kernel::{Event, EventKind, Millis, SourceId, WorkspaceId, money};

const DAY: i64 = Millis::DAY;

fn start() -> Millis {
    // 1 September 2026 in Shanghai.
    Millis::parse("2026-08-31T16:00:00Z").unwrap()
}
fn lived(seed: u64, people: usize, days: i64) -> Vec<Event> {
    Brand::new(seed, start(), people).step(start(), start().plus(days * DAY))
}
fn hour(event: &Event) -> usize {
    ((event.ts.0 + 8 * Millis::HOUR).rem_euclid(DAY) / Millis::HOUR) as usize
}
/// The member an event names.
fn user(event: &Event) -> Option<&str> {
    event.identifier("user_id")
}
/// Member → phone and time of registration.
fn registrations(events: &[Event]) -> HashMap<&str, (&str, Millis)> {
    events.iter().filter(|e| !e.traits.is_empty()).map(|e| (user(e).unwrap(), (e.identifier("phone").unwrap(), e.ts))).collect()
}

#[test]
fn the_same_seed_gives_the_same_life_in_whatever_steps() {
    let whole = lived(7, 300, 40);
    let mut brand = Brand::new(7, start(), 300);
    let mut pieces = Vec::new();
    let mut from = start();
    for hours in [1, 30, 2, 100, 7, 400, 420] {
        let to = from.plus(hours * Millis::HOUR);
        pieces.extend(brand.step(from, to));
        from = to;
    }
    assert_eq!(from, start().plus(40 * DAY));
    assert!(whole.len() > 2_000);
    assert_eq!(pieces, whole);
    assert_ne!(lived(8, 300, 40), whole);
}

#[test]
fn time_goes_forward_and_everything_is_told_once() {
    let mut brand = Brand::new(3, start(), 400).with_sources(WorkspaceId(9), Sources::one(SourceId::from("src_x")));
    let until = start().plus(60 * DAY);
    let events = brand.step(start(), until);
    assert!(events.windows(2).all(|w| w[0].ts <= w[1].ts));
    assert!(events.iter().all(|e| e.ts >= start() && e.ts < until && e.received_at > e.ts));
    assert!(events.iter().all(|e| e.workspace == WorkspaceId(9) && e.source == SourceId::from("src_x")));
    assert_eq!(events.iter().map(|e| e.id.as_str()).collect::<HashSet<_>>().len(), events.len());
    // What was skipped is lived, but not told.
    let mut other = Brand::new(3, start(), 400).with_sources(WorkspaceId(9), Sources::one(SourceId::from("src_x")));
    let late = other.step(start().plus(50 * DAY), until);
    let expected: Vec<_> = events.iter().filter(|e| e.ts >= start().plus(50 * DAY)).cloned().collect();
    assert_eq!(late, expected);
}

#[test]
fn names_come_with_registration_and_not_before() {
    let events = lived(11, 800, 60);
    let registered = registrations(&events);
    let by_phone: HashMap<&str, Millis> = registered.values().copied().collect();
    for event in &events {
        if let Some(user) = user(event) {
            assert!(event.ts >= registered[user].1, "{event:?}");
        }
        if let Some(phone) = event.identifier("phone") {
            assert!(event.ts >= by_phone[phone], "{event:?}");
        }
    }
    let named = |name: &str| events.iter().filter(|e| e.name == name).count();
    assert_eq!(named("member_registered"), registered.len());
    let anonymous_looks = events.iter().filter(|e| e.name == "view_item" && user(e).is_none()).count();
    assert!(anonymous_looks > 200, "people look around before they have a name: {anonymous_looks}");
    // Identify joins the cookie with the name.
    let joins = events.iter().filter(|e| e.kind == EventKind::Identify && (e.identifier("anonymous_id").is_some() || e.identifier("openid").is_some())).count();
    assert!(joins * 10 > registered.len() * 6);
    let nameless = events.iter().filter(|e| e.name == "purchase" && e.identifiers.is_empty()).count();
    assert!(nameless > 20, "some buy at the counter without a name: {nameless}");
    for name in ["page", "screen", "search", "view_item", "add_to_cart", "checkout_started", "purchase", "refund", "review_posted", "consent_granted"] {
        assert!(named(name) > 0, "{name}");
    }
}

#[test]
fn orders_add_up() {
    let events = lived(5, 800, 90);
    let mut orders: HashMap<&str, &Event> = HashMap::new();
    for event in events.iter().filter(|e| e.name == "purchase") {
        let items = event.properties["items"].as_array().unwrap();
        let mut sum = Decimal::ZERO;
        for item in items {
            let read = |name: &str| money::decimal(&item[name]).unwrap();
            assert_eq!(read("amount"), read("price") * read("quantity"));
            sum += read("amount");
        }
        assert_eq!(money::decimal(&event.properties["value"]), Some(sum));
        assert!(sum > Decimal::ZERO);
        assert!(orders.insert(event.text("order_id").unwrap(), event).is_none(), "order numbers are unique");
    }
    let mut given_back = 0;
    for event in events.iter().filter(|e| e.name == "refund") {
        let order = orders[event.text("order_id").unwrap()];
        assert!(event.ts > order.ts);
        assert_eq!(event.properties["value"], order.properties["value"]);
        given_back += 1;
    }
    assert!(given_back > 0 && given_back * 10 < orders.len());
}

#[test]
fn the_brand_is_believable() {
    let people = 2_000;
    let mut brand = Brand::new(42, start(), people);
    let events = brand.step(start(), start().plus(90 * DAY));
    let members = brand.members();
    assert!(members.abs_diff(people) < people / 8, "{members} members after ninety days");

    let mut hours = [0usize; 24];
    events.iter().for_each(|e| hours[hour(e)] += 1);
    let share = |range: std::ops::Range<usize>| hours[range].iter().sum::<usize>() as f64 / events.len() as f64;
    assert!(share(2..6) < 0.03, "people sleep: {}", share(2..6));
    assert!(share(19..23) > 0.25, "and sit on the sofa in the evening: {}", share(19..23));
    assert!(events.iter().filter(|e| e.channel.as_deref() == Some("store") && e.name == "purchase").all(|e| (7..23).contains(&hour(e))));

    let mut orders: BTreeMap<&str, usize> = BTreeMap::new();
    let registered = registrations(&events);
    let phones: HashMap<&str, &str> = registered.iter().map(|(user, (phone, _))| (*phone, *user)).collect();
    for event in events.iter().filter(|e| e.name == "purchase") {
        let who = user(event).or_else(|| event.identifier("phone").and_then(|p| phones.get(p).copied()));
        if let Some(who) = who {
            *orders.entry(who).or_default() += 1;
        }
    }
    let buyers = orders.len() as f64;
    println!("{} events of {members} members in ninety days", events.len());
    let repeat = orders.values().filter(|n| **n > 1).count() as f64 / buyers;
    assert!((0.35..0.9).contains(&(buyers / members as f64)), "{} of {members} have bought", orders.len());
    assert!((0.3..0.75).contains(&repeat), "{repeat} of the buyers came again");
    assert!(orders.values().max() < Some(&25));

    // Scene 1 has people to speak to: a week without an order.
    let waiting = registered.iter().filter(|(user, (_, at))| !orders.contains_key(*user) && at.plus(7 * DAY) < start().plus(90 * DAY)).count();
    assert!(waiting > members / 4, "{waiting}");
    let channels: HashSet<_> = events.iter().filter_map(|e| e.channel.as_deref()).collect();
    assert_eq!(channels, HashSet::from(["mini_program", "web", "app", "tmall", "store"]));
    let languages: HashSet<_> = events.iter().filter_map(|e| e.traits.get("language").and_then(|l| l.as_str())).collect();
    assert_eq!(languages, HashSet::from(["zh", "en"]));
    for event in events.iter().filter(|e| !e.traits.is_empty()) {
        let email = event.identifier("email").unwrap();
        assert!(["@example.com", "@example.org", "@example.net"].iter().any(|d| email.ends_with(d)), "nobody can be reached: {email}");
        assert!(event.identifier("phone").unwrap().starts_with("1000"));
    }
    let rise = |from: i64, to: i64| events.iter().filter(|e| e.name == "member_registered" && e.ts >= start().plus(from * DAY) && e.ts < start().plus(to * DAY)).count();
    assert!(rise(0, 30) > 400 && rise(60, 90) > 400, "people join all the time");
}

#[test]
fn the_eleventh_of_november_is_the_busiest_day() {
    let events = lived(42, 1_500, 90);
    let mut days: BTreeMap<i64, usize> = BTreeMap::new();
    for event in events.iter().filter(|e| e.name == "purchase") {
        *days.entry((event.ts.0 + 8 * Millis::HOUR).div_euclid(DAY)).or_default() += 1;
    }
    let (busiest, _) = days.iter().max_by_key(|(_, n)| **n).unwrap();
    assert_eq!(Millis(busiest * DAY).rfc3339(), "2026-11-11T00:00:00.000Z");
}

/// Members who have not ordered in their first week or since, by their phone.
fn waiting_at(events: &[Event], at: Millis) -> Vec<String> {
    let registered = registrations(events);
    let phones: HashMap<&str, &str> = registered.iter().map(|(user, (phone, _))| (*user, *phone)).collect();
    let bought: HashSet<&str> = events.iter().filter(|e| e.name == "purchase").filter_map(|e| user(e).map(|u| phones[u]).or(e.identifier("phone"))).collect();
    let mut waiting: Vec<String> =
        registered.values().filter(|(phone, since)| since.plus(7 * DAY) <= at && !bought.contains(phone)).map(|(phone, _)| (*phone).to_owned()).collect();
    waiting.sort();
    waiting
}

#[test]
fn a_promotion_does_what_is_stated_and_only_to_those_who_get_it() {
    let at = start().plus(45 * DAY);
    let until = at.plus(7 * DAY);
    let mut spoken = Brand::new(1, start(), 24_000);
    let mut alone = Brand::new(1, start(), 24_000);
    let before = spoken.step(start(), at);
    alone.step(start(), at);
    let waiting = waiting_at(&before, at);
    let (mut treated, mut controls) = (HashSet::new(), HashSet::new());
    let (mut opened, mut clicked, mut caused) = (0, 0, 0);
    for (index, phone) in waiting.iter().enumerate() {
        if index % 2 == 1 {
            controls.insert(phone.clone());
            continue;
        }
        treated.insert(phone.clone());
        let reaction = spoken.received(&Identifier::new("phone", phone.clone()), "email", at).unwrap();
        opened += usize::from(reaction.opens_at.is_some());
        clicked += usize::from(reaction.clicks_at.is_some());
        caused += usize::from(reaction.buys_at.is_some());
        assert!(reaction.clicks_at.is_none() || reaction.opens_at < reaction.clicks_at, "who clicks has opened");
        assert!(reaction.buys_at.is_none_or(|b| b > reaction.clicks_at.unwrap() && b < until), "who buys because of it has clicked");
    }
    let users: HashMap<String, String> = registrations(&before).iter().map(|(u, (p, _))| ((*u).to_owned(), (*p).to_owned())).collect();
    let phone_of = |e: &Event| user(e).and_then(|u| users.get(u).cloned()).or(e.identifier("phone").map(str::to_owned));
    let (week, quiet_week) = (spoken.step(at, until), alone.step(at, until));
    let buyers = |events: &[Event]| -> HashSet<String> { events.iter().filter(|e| e.name == "purchase").filter_map(phone_of).collect() };
    let share = |group: &HashSet<String>, events: &[Event]| group.intersection(&buyers(events)).count() as f64 / group.len() as f64;
    assert!(treated.len() > 2_500, "{}", treated.len());
    let (with, without, alike) = (share(&treated, &week), share(&controls, &week), share(&treated, &quiet_week));
    println!("of {} with a promotion {with:.4} bought, of {} without {without:.4}; {opened} opened, {clicked} clicked, {caused} bought because of it", treated.len(), controls.len());
    assert!((with - CONVERSION_SPOKEN_TO).abs() < 0.012, "{with}");
    assert!((without - CONVERSION_ALONE).abs() < 0.010, "{without}");
    assert!((alike - CONVERSION_ALONE).abs() < 0.010, "the same people without it: {alike}");
    assert!(with - without > 0.012);
    let open_rate = opened as f64 / treated.len() as f64;
    assert!((0.3..0.42).contains(&open_rate), "{open_rate}");
    assert!(clicked > caused && clicked * 4 < opened * 2);
    // Whoever was not spoken to lives exactly as if nobody had been.
    let of_controls = |events: &[Event]| -> Vec<Event> { events.iter().filter(|e| phone_of(e).is_some_and(|p| controls.contains(&p))).cloned().collect() };
    assert_eq!(of_controls(&week), of_controls(&quiet_week));
    let coupons = week.iter().filter(|e| e.name == "coupon_redeemed").count();
    assert!(coupons > 0 && coupons <= caused && quiet_week.iter().all(|e| e.name != "coupon_redeemed"));
}

#[test]
fn too_many_messages_tire_people() {
    let at = start().plus(30 * DAY);
    let mut brand = Brand::new(2, start(), 9_000);
    let events = brand.step(start(), at);
    let registered = registrations(&events);
    let mut phones: Vec<_> = registered.values().map(|(p, _)| *p).collect();
    phones.sort_unstable();
    let mut buys = [0; 4];
    let mut leaves = [0; 4];
    for (round, (buys, leaves)) in buys.iter_mut().zip(&mut leaves).enumerate() {
        for phone in &phones {
            let reaction = brand.received(&Identifier::new("phone", *phone), "sms", at.plus(round as i64 * DAY)).unwrap();
            *buys += usize::from(reaction.buys_at.is_some());
            *leaves += usize::from(reaction.unsubscribes_at.is_some());
            assert!(reaction.opens_at.is_none(), "a text message has no pixel");
        }
    }
    // (0.065 − 0.04) / 0.96, independently of what she would have done alone.
    let by_message = buys[0] as f64 / phones.len() as f64;
    assert!((by_message - 0.026).abs() < 0.007, "{by_message} of {}", phones.len());
    assert!(buys[0] > 2 * buys[2] && leaves[3] > 2 * leaves[0], "{buys:?} {leaves:?}");
    assert_eq!(brand.received(&Identifier::new("phone", "nobody"), "sms", at), None);
}

#[test]
fn greetings_move_nobody_and_reminders_move_customers() {
    let at = start().plus(60 * DAY);
    let mut brand = Brand::new(4, start(), 6_000);
    let events = brand.step(start(), at);
    let registered = registrations(&events);
    let customers: HashSet<&str> = events.iter().filter(|e| e.name == "purchase").filter_map(user).collect();
    let mut users: Vec<_> = registered.keys().copied().collect();
    users.sort_unstable();
    let (mut bought, mut asked, mut opened) = (0usize, 0usize, 0usize);
    for user in users {
        let who = Identifier::new("user_id", user);
        let greeted = brand.got(&who, "email", Message::Greeting, at).unwrap();
        assert_eq!(greeted.buys_at, None);
        opened += usize::from(greeted.opens_at.is_some());
        let reminded = brand.got(&who, "email", Message::CartReminder, at).unwrap();
        if customers.contains(user) {
            asked += 1;
            bought += usize::from(reminded.buys_at.is_some());
        }
    }
    assert!(opened * 4 > registered.len(), "a greeting is read");
    // Some of the customers have left for good.
    let share = bought as f64 / asked as f64;
    assert!(asked > 1_000 && share > CART_REMINDED * 0.5 && share < CART_REMINDED * 1.1, "{share} of {asked}");
    // Neither tires anybody: a promotion after them works as if it were the first.
    let promoted = registered.keys().filter(|u| brand.received(&Identifier::new("user_id", **u), "sms", at).unwrap().buys_at.is_some()).count();
    assert!((promoted as f64 / registered.len() as f64 - 0.026).abs() < 0.008);
}

#[test]
fn goods_are_things() {
    let goods = Brand::new(1, start(), 10).goods(start());
    assert!(goods.len() >= 15 && goods.iter().all(|g| g.kind == EventKind::ThingSet && g.thing.is_some() && g.traits.contains_key("price")));
}
