//! What Selvedge Coffee sells.

use rust_decimal::Decimal;

use crate::chance::Chance;
use crate::people::Channel;

/// A thing one can buy.
#[derive(Debug, PartialEq, Eq)]
pub struct Good {
    pub id: &'static str,
    pub name: &'static str,
    pub name_en: &'static str,
    pub category: &'static str,
    /// In yuan.
    price: i64,
    /// How often it is taken, compared with the others.
    liked: u8,
    /// Only over the counter.
    fresh: bool,
}

impl Good {
    pub fn price(&self) -> Decimal {
        Decimal::new(self.price * 100, 2)
    }
}

macro_rules! good {
    ($id:literal, $name:literal, $name_en:literal, $category:literal, $price:literal, $liked:literal $(, $fresh:ident)?) => {
        Good { id: $id, name: $name, name_en: $name_en, category: $category, price: $price, liked: $liked, fresh: good!(@ $($fresh)?) }
    };
    (@) => { false };
    (@ fresh) => { true };
}

pub const GOODS: [Good; 20] = [
    good!("BEAN-YN01", "云南日晒咖啡豆 250g", "Yunnan natural beans 250 g", "coffee", 88, 9),
    good!("BEAN-ET02", "埃塞水洗咖啡豆 250g", "Ethiopia washed beans 250 g", "coffee", 108, 7),
    good!("BEAN-HS03", "布边拼配咖啡豆 500g", "Selvedge house blend 500 g", "coffee", 128, 10),
    good!("BEAN-DC04", "低因咖啡豆 250g", "Decaf beans 250 g", "coffee", 98, 2),
    good!("DRIP-10", "挂耳咖啡 10片", "Drip bags, ten", "coffee", 59, 14),
    good!("DRIP-30", "挂耳咖啡 30片", "Drip bags, thirty", "coffee", 159, 6),
    good!("CAPS-20", "胶囊咖啡 20颗", "Capsules, twenty", "coffee", 79, 6),
    good!("COLD-06", "冷萃液 6瓶", "Cold brew, six bottles", "coffee", 69, 7),
    good!("CUP-RD1", "粗陶马克杯", "Stoneware mug", "ware", 68, 4),
    good!("CUP-TR2", "随行保温杯", "Travel cup", "ware", 138, 4),
    good!("POT-V60", "手冲套装", "Pour-over set", "ware", 268, 2),
    good!("MILL-01", "手摇磨豆机", "Hand grinder", "ware", 329, 1),
    good!("TOTE-01", "帆布袋", "Canvas tote", "ware", 49, 3),
    good!("GIFT-NY", "新春礼盒", "New year gift box", "gift", 258, 1),
    good!("GIFT-01", "品鉴礼盒", "Tasting gift box", "gift", 198, 2),
    good!("FRSH-LAT", "拿铁", "Latte", "fresh", 26, 20, fresh),
    good!("FRSH-AME", "美式", "Americano", "fresh", 19, 18, fresh),
    good!("FRSH-DIR", "燕麦脏咖啡", "Oat dirty", "fresh", 32, 9, fresh),
    good!("FRSH-CRO", "可颂", "Croissant", "fresh", 18, 8, fresh),
    good!("FRSH-BAS", "巴斯克蛋糕", "Basque cheesecake", "fresh", 34, 5, fresh),
];

/// Takes a good that the channel sells; presents more often before the spring festival.
pub fn choose(channel: Channel, presents: bool, chance: &mut Chance) -> &'static Good {
    let weight = |good: &Good| match (channel, good.fresh, good.category) {
        (Channel::Store, true, _) => f64::from(good.liked),
        (Channel::Store, false, _) => f64::from(good.liked) * 0.15,
        (_, true, _) => 0.0,
        (_, false, "gift") if presents => f64::from(good.liked) * 8.0,
        _ => f64::from(good.liked),
    };
    &GOODS[chance.weighted(GOODS.iter().map(weight))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_unique_and_nothing_fresh_is_sent_by_post() {
        assert_eq!(GOODS.iter().map(|g| g.id).collect::<HashSet<_>>().len(), GOODS.len());
        let mut chance = Chance::new(3, &[]);
        assert!((0..2_000).all(|_| !choose(Channel::Web, false, &mut chance).fresh));
        assert!((0..200).any(|_| choose(Channel::Store, false, &mut chance).fresh));
    }
}
