//! Who the people are, drawn once when they first appear.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::chance::Chance;
use crate::kernel::Identifier;

/// Where people meet the brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// 小程序
    MiniProgram,
    /// 官网
    Web,
    App,
    /// 天猫
    Tmall,
    /// 门店
    Store,
}

impl Channel {
    pub const ALL: [Channel; 5] = [Channel::MiniProgram, Channel::Web, Channel::App, Channel::Tmall, Channel::Store];

    pub fn word(self) -> &'static str {
        match self {
            Channel::MiniProgram => "mini_program",
            Channel::Web => "web",
            Channel::App => "app",
            Channel::Tmall => "tmall",
            Channel::Store => "store",
        }
    }
    /// Does it tell what people look at, or only what they buy?
    pub fn is_watched(self) -> bool {
        matches!(self, Channel::MiniProgram | Channel::Web | Channel::App)
    }
    pub fn index(self) -> usize {
        self as usize
    }
}

const SURNAMES: [(&str, &str); 20] = [
    ("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"), ("赵", "zhao"), ("黄", "huang"), ("周", "zhou"), ("吴", "wu"),
    ("徐", "xu"), ("孙", "sun"), ("胡", "hu"), ("朱", "zhu"), ("高", "gao"), ("林", "lin"), ("何", "he"), ("郭", "guo"), ("马", "ma"), ("罗", "luo"),
];
const WOMEN: [(&str, &str); 12] = [
    ("雨桐", "yutong"), ("欣怡", "xinyi"), ("静", "jing"), ("诗涵", "shihan"), ("晓雯", "xiaowen"), ("婷", "ting"), ("佳琪", "jiaqi"), ("梦洁", "mengjie"), ("雅楠", "yanan"),
    ("思远", "siyuan"), ("玥", "yue"), ("若溪", "ruoxi"),
];
const MEN: [(&str, &str); 12] = [
    ("浩然", "haoran"), ("子轩", "zixuan"), ("伟", "wei"), ("俊杰", "junjie"), ("宇航", "yuhang"), ("磊", "lei"), ("志强", "zhiqiang"), ("明", "ming"), ("博文", "bowen"),
    ("天佑", "tianyou"), ("凯", "kai"), ("一鸣", "yiming"),
];
const ENGLISH_WOMEN: [&str; 8] = ["Emma", "Olivia", "Grace", "Hannah", "Chloe", "Nora", "Maya", "Ruth"];
const ENGLISH_MEN: [&str; 8] = ["Oliver", "James", "Daniel", "Leo", "Adam", "Noah", "Peter", "Samuel"];
const ENGLISH_SURNAMES: [&str; 10] = ["Smith", "Brown", "Taylor", "Wilson", "Evans", "Walker", "Green", "Baker", "Carter", "Tan"];
const CITIES: [(&str, f64); 10] =
    [("上海", 26.0), ("杭州", 14.0), ("北京", 13.0), ("深圳", 9.0), ("广州", 8.0), ("成都", 9.0), ("南京", 6.0), ("苏州", 6.0), ("武汉", 5.0), ("西安", 4.0)];
const ENGLISH_CITIES: [(&str, f64); 4] = [("上海", 5.0), ("北京", 3.0), ("Singapore", 2.0), ("London", 2.0)];
/// Reserved by RFC 2606: nobody lives there.
const DOMAINS: [&str; 3] = ["example.com", "example.org", "example.net"];

/// What stays of a person.
#[derive(Clone, Debug)]
pub struct Person {
    pub number: u32,
    pub name: String,
    pub english: bool,
    pub woman: bool,
    pub born: Date,
    pub city: &'static str,
    pub device: &'static str,
    pub home: Channel,
    pub email: String,
    pub phone: String,
    pub openid: String,
    /// What brought her: 小红书, 抖音, a friend, …
    pub found_by: &'static str,
    /// How much a reduced price moves her: 0.5, 1 or 1.5.
    pub price_sensitivity: f64,
    /// Days between two purchases, on average.
    pub gap_days: f64,
    /// After each purchase, how likely it was the last.
    pub leaves: f64,
    pub agrees_to: Vec<&'static str>,
}

impl Person {
    pub fn draw(number: u32, year: i16, chance: &mut Chance) -> Self {
        let english = chance.happens(0.12);
        let woman = chance.happens(0.62);
        let (name, handle) = name(english, woman, chance);
        let city = pick_weighted(if english { &ENGLISH_CITIES } else { &CITIES }, chance);
        let age = (18.0 + chance.gamma_two(15.0)).min(78.0) as i16;
        let born = Date::new(year - age, 1, 1).ok().and_then(|d| d.checked_add(jiff::Span::new().days(chance.below(365) as i64)).ok());
        let home = Channel::ALL[chance.weighted([44.0, 19.0, 15.0, 9.0, 13.0].into_iter())];
        let mut agrees_to = Vec::new();
        for (channel, probability) in [("email", 0.88), ("sms", 0.72)] {
            if chance.happens(probability) {
                agrees_to.push(channel);
            }
        }
        Self {
            number,
            name,
            english,
            woman,
            born: born.unwrap_or(Date::constant(1990, 1, 1)),
            city,
            device: pick_weighted(&[("iPhone", 38.0), ("Huawei", 22.0), ("Xiaomi", 16.0), ("OPPO", 12.0), ("vivo", 12.0)], chance),
            home,
            email: format!("{handle}.{number:05}@{}", chance.pick(&DOMAINS)),
            phone: format!("1000{number:07}"),
            openid: format!("oSELV{:022x}", u128::from(chance.below(u64::MAX)) << 20 | u128::from(number)),
            found_by: pick_weighted(&[("xiaohongshu", 28.0), ("douyin", 22.0), ("wechat", 20.0), ("friend", 14.0), ("baidu", 9.0), ("google", 4.0)], chance),
            price_sensitivity: *chance.pick(&[0.5, 1.0, 1.5]),
            gap_days: 9.0 + chance.gamma_two(16.0),
            leaves: chance.between(0.06, 0.26),
            agrees_to,
        }
    }

    pub fn user_id(&self) -> String {
        format!("m{:06}", 100_000 + self.number)
    }
    pub fn user(&self) -> Identifier {
        Identifier::new("user_id", self.user_id())
    }
    pub fn phone(&self) -> Identifier {
        Identifier::new("phone", self.phone.clone())
    }
    pub fn language(&self) -> &'static str {
        if self.english { "en" } else { "zh" }
    }
    /// Her zone, where it is not the brand's own.
    fn time_zone(&self) -> &'static str {
        match self.city {
            "London" => "Europe/London",
            "Singapore" => "Asia/Singapore",
            _ => "Asia/Shanghai",
        }
    }
    /// What she tells when she registers.
    pub fn traits(&self, year: i16) -> Map<String, Value> {
        let told = json!({
            "name": self.name,
            "gender": if self.woman { "female" } else { "male" },
            "birthday": self.born.to_string(),
            "age_band": age_band(year - self.born.year()),
            "city": self.city,
            "time_zone": self.time_zone(),
            "language": self.language(),
            "email": self.email,
            "phone": self.phone,
            "device": self.device,
            "favourite_channel": self.home.word(),
            "found_by": self.found_by,
        });
        if let Value::Object(told) = told { told } else { Map::new() }
    }
}

fn name(english: bool, woman: bool, chance: &mut Chance) -> (String, String) {
    if english {
        let (first, last) = (chance.pick(if woman { &ENGLISH_WOMEN } else { &ENGLISH_MEN }), chance.pick(&ENGLISH_SURNAMES));
        return (format!("{first} {last}"), format!("{}.{}", first.to_lowercase(), last.to_lowercase()));
    }
    let ((last, last_pinyin), (first, first_pinyin)) = (chance.pick(&SURNAMES), chance.pick(if woman { &WOMEN } else { &MEN }));
    (format!("{last}{first}"), format!("{last_pinyin}.{first_pinyin}"))
}

fn pick_weighted(from: &[(&'static str, f64)], chance: &mut Chance) -> &'static str {
    from[chance.weighted(from.iter().map(|(_, weight)| *weight))].0
}

fn age_band(age: i16) -> &'static str {
    match age {
        ..25 => "18-24",
        25..35 => "25-34",
        35..45 => "35-44",
        45..60 => "45-59",
        _ => "60+",
    }
}
