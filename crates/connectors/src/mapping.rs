//! Which column means what, told on the command line, in a file or by the console, and checked before a row is read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::{Error, Result};
use crate::moments;
use crate::readers::{ReadOptions, encoding_of};

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Lines of orders; rows with one order number are one order.
    Orders,
    /// Anything that happened, a row each.
    Events,
    /// People and their traits, a row each.
    People,
    /// Goods, shops, coupons and other things that are not people, a row each.
    Things,
}

impl Kind {
    pub const ALL: [Kind; 4] = [Kind::Orders, Kind::Events, Kind::People, Kind::Things];

    pub fn word(self) -> &'static str {
        match self {
            Kind::Orders => "orders",
            Kind::Events => "events",
            Kind::People => "people",
            Kind::Things => "things",
        }
    }
    /// Reads `orders`, `events`, `people` or `things`.
    pub fn read(word: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|k| k.word() == word).ok_or_else(|| {
            Error::invalid("connectors.kind_unknown", format!("\"{word}\" cannot be imported; say orders, events, people or things"))
                .field("kind", "unknown")
                .param("kind", word)
        })
    }
    /// Fields with a meaning of their own. Every other field of a mapping is a property (of people and things a trait).
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Kind::Orders => &["order_id", "time", "item_id", "item_name", "quantity", "price", "amount", "status", "currency", "channel"],
            Kind::Events => &["name", "time", "event_id", "channel"],
            Kind::People => &["time"],
            Kind::Things => &["thing_type", "thing_id", "time"],
        }
    }
    /// These, and those by which people are known.
    pub fn all_fields(self) -> impl Iterator<Item = &'static str> {
        self.fields().iter().copied().chain(IDENTIFIERS.into_iter().filter(move |_| self != Kind::Things))
    }
}

/// Fields by which a person is known, strongest first. `identifier.card_no=…` gives any other.
pub const IDENTIFIERS: [&str; 8] = ["user_id", "unionid", "openid", "phone", "email", "device_id", "cookie_id", "anonymous_id"];
const OTHER_IDENTIFIER: &str = "identifier.";

/// Names of properties that the import itself makes.
const MADE: [&str; 4] = ["value", "items", "total", "refund"];

/// What is done with columns that the mapping does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unmapped {
    /// They become properties under their own names.
    #[default]
    Keep,
    Drop,
}

/// How a file is read. In a mapping file (TOML or JSON) every key but `fields` may be left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    pub kind: Kind,
    /// Field → column, or `const:` and the value that every row has.
    pub fields: BTreeMap<String, String>,
    /// As in `strptime`; found out when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_format: Option<String>,
    /// Of times without an offset. `UTC` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Found out when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// ISO 4217, for rows that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Found out when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// The first when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// `,` in files that write 1,50 for one and a half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal_mark: Option<char>,
    #[serde(default)]
    pub unmapped: Unmapped,
    /// More words of `status` that mean a cancelled order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cancelled: Vec<String>,
    /// More words of `status` that mean a refund.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refunded: Vec<String>,
}

/// Where the value of a field comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Column(usize),
    Constant(String),
}

/// A mapping bound to the columns of a file.
#[derive(Clone, Debug)]
pub struct Bound {
    pub kind: Kind,
    fields: BTreeMap<String, Cell>,
    /// Identifier type and its place, strongest first.
    pub identifiers: Vec<(String, Cell)>,
    /// Property (or trait) name and its place: first the mapped ones, then the columns nobody mapped.
    pub properties: Vec<(String, Cell)>,
}

impl Bound {
    pub fn field(&self, name: &str) -> Option<&Cell> {
        self.fields.get(name)
    }
}

impl Mapping {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            fields: BTreeMap::new(),
            time_format: None,
            time_zone: None,
            encoding: None,
            currency: None,
            delimiter: None,
            sheet: None,
            decimal_mark: None,
            unmapped: Unmapped::Keep,
            cancelled: Vec::new(),
            refunded: Vec::new(),
        }
    }

    /// Reads `order_id=InvoiceNo,user_id=CustomerID`. A backslash before a comma, `=` or backslash makes it part of a name.
    pub fn from_map(kind: Kind, map: &str) -> Result<Self> {
        let mut mapping = Self::new(kind);
        for pair in split_unescaped(map, ',') {
            if pair.trim().is_empty() {
                continue;
            }
            let mut sides = split_unescaped(&pair, '=').into_iter();
            let (field, column) = (sides.next().unwrap_or_default(), sides.collect::<Vec<_>>().join("="));
            let (field, column) = (unescaped(field.trim()), unescaped(column.trim()));
            if field.is_empty() || column.is_empty() {
                return Err(Error::invalid("connectors.map_unreadable", format!("\"{}\" is not field=column", pair.trim())).field("map", "unreadable").param("part", pair.trim()));
            }
            if mapping.fields.insert(field.clone(), column).is_some() {
                return Err(Error::invalid("connectors.field_twice", format!("the field {field} is mapped twice")).field(format!("fields/{field}"), "mapped twice").param("field", field));
            }
        }
        Ok(mapping)
    }

    /// Reads a mapping file, TOML or JSON. `kind` is what the caller said; the file may say it too, but nothing else.
    pub fn from_text(kind: Kind, text: &str) -> Result<Self> {
        let unreadable = |why: String| Error::invalid("connectors.mapping_unreadable", format!("the mapping cannot be read: {why}")).field("mapping", "unreadable");
        let mut value: serde_json::Value = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|e| unreadable(e.to_string()))?
        } else {
            toml::from_str(text).map_err(|e| unreadable(e.to_string()))?
        };
        let object = value.as_object_mut().ok_or_else(|| unreadable("it is not an object".into()))?;
        object.entry("kind").or_insert_with(|| kind.word().into());
        let mapping: Self = serde_json::from_value(value).map_err(|e| unreadable(e.to_string()))?;
        if mapping.kind != kind {
            return Err(unreadable(format!("it is for {}, not for {}", mapping.kind.word(), kind.word())));
        }
        Ok(mapping)
    }

    pub fn read_options(&self) -> ReadOptions {
        ReadOptions { encoding: self.encoding.clone(), delimiter: self.delimiter, sheet: self.sheet.clone() }
    }

    /// Checks what can be checked without the file.
    pub fn check(&self) -> Result<()> {
        if let Some(encoding) = &self.encoding {
            encoding_of(encoding)?;
        }
        if let Some(format) = &self.time_format {
            moments::pattern(format)?;
        }
        if let Some(zone) = &self.time_zone {
            moments::zone(zone)?;
        }
        if let Some(code) = &self.currency
            && currency(code).is_none()
        {
            return Err(Error::invalid("connectors.currency_unknown", format!("\"{code}\" is no currency; write it like CNY")).field("currency", "unknown").param("currency", code));
        }
        if self.decimal_mark.is_some_and(|mark| mark != '.' && mark != ',') {
            return Err(Error::invalid("connectors.decimal_mark_unusable", "the decimal mark is a point or a comma").field("decimal_mark", "unusable"));
        }
        let needed = |fields: &[&'static str]| -> Result<()> {
            if fields.iter().any(|f| self.fields.contains_key(*f)) {
                return Ok(());
            }
            let mut error = Error::invalid("connectors.field_missing", format!("an import of {} needs the field {}", self.kind.word(), fields.join(" or ")));
            for field in fields {
                error = error.field(format!("fields/{field}"), "missing");
            }
            Err(error.param("fields", fields.join(", ")).param("kind", self.kind.word()))
        };
        match self.kind {
            Kind::Orders => {
                needed(&["order_id"])?;
                needed(&["time"])?;
                needed(&["amount", "price"])?;
            }
            Kind::Events => {
                needed(&["name"])?;
                needed(&["time"])?;
            }
            Kind::People => {
                if !self.fields.keys().any(|f| f.starts_with(OTHER_IDENTIFIER)) {
                    needed(&IDENTIFIERS)?;
                }
            }
            Kind::Things => needed(&["thing_id"])?,
        }
        if self.kind == Kind::Orders
            && let Some(field) = self.fields.keys().find(|f| MADE.contains(&f.as_str()))
        {
            return Err(Error::invalid("connectors.field_reserved", format!("the import itself makes the property {field}; give the column another name"))
                .field(format!("fields/{field}"), "reserved")
                .param("field", field));
        }
        Ok(())
    }

    /// Checks the mapping and finds its columns in the file. All missing columns are named at once, beside those that are there.
    pub fn bind(&self, columns: &[String]) -> Result<Bound> {
        self.check()?;
        let mut fields = BTreeMap::new();
        let mut missing = Vec::new();
        for (field, source) in &self.fields {
            match place(source, columns) {
                Some(cell) => {
                    fields.insert(field.clone(), cell);
                }
                None => missing.push((field, source)),
            }
        }
        if !missing.is_empty() {
            return Err(columns_missing(&missing, columns));
        }
        let used: Vec<usize> = fields.values().filter_map(|c| if let Cell::Column(i) = c { Some(*i) } else { None }).collect();
        let known = self.kind.fields();
        let mut identifiers: Vec<(String, Cell)> = Vec::new();
        if self.kind != Kind::Things {
            identifiers.extend(IDENTIFIERS.iter().filter_map(|t| fields.get(*t).map(|cell| ((*t).to_owned(), cell.clone()))));
            identifiers.extend(fields.iter().filter_map(|(f, cell)| f.strip_prefix(OTHER_IDENTIFIER).map(|t| (t.to_owned(), cell.clone()))));
        }
        let is_identifier = |f: &str| self.kind != Kind::Things && (IDENTIFIERS.contains(&f) || f.starts_with(OTHER_IDENTIFIER));
        let mut properties: Vec<(String, Cell)> =
            fields.iter().filter(|(f, _)| !known.contains(&f.as_str()) && !is_identifier(f)).map(|(f, cell)| (f.clone(), cell.clone())).collect();
        if self.unmapped == Unmapped::Keep {
            for (index, column) in columns.iter().enumerate().filter(|(index, _)| !used.contains(index)) {
                properties.push((self.property_name(column, &fields), Cell::Column(index)));
            }
        }
        Ok(Bound { kind: self.kind, fields, identifiers, properties })
    }

    /// A column's own name, unless a field or the import itself has it.
    fn property_name(&self, column: &str, fields: &BTreeMap<String, Cell>) -> String {
        let taken = fields.contains_key(column) || (self.kind == Kind::Orders && (MADE.contains(&column) || self.kind.fields().contains(&column)));
        if taken { format!("{column}_column") } else { column.to_owned() }
    }
}

fn place(source: &str, columns: &[String]) -> Option<Cell> {
    if let Some(value) = source.strip_prefix("const:") {
        return Some(Cell::Constant(value.to_owned()));
    }
    let exact = columns.iter().position(|c| c == source);
    // A name that differs only in case or in outer spaces is meant, if it is the only one.
    let alike = || {
        let mut found = columns.iter().enumerate().filter(|(_, c)| c.trim().to_lowercase() == source.trim().to_lowercase());
        let first = found.next()?.0;
        found.next().is_none().then_some(first)
    };
    exact.or_else(alike).map(Cell::Column)
}

fn columns_missing(missing: &[(&String, &String)], columns: &[String]) -> Error {
    let names: Vec<_> = missing.iter().map(|(_, column)| format!("\"{column}\"")).collect();
    let there = columns.join(", ");
    let mut error = Error::invalid("connectors.column_missing", format!("the file has no column {}; its columns are: {there}", names.join(", ")));
    for (field, column) in missing {
        error = error.field(format!("fields/{field}"), format!("there is no column \"{column}\""));
    }
    error.param("missing", names.join(", ")).param("columns", there)
}

/// A currency as files write it, as three letters.
pub fn currency(text: &str) -> Option<String> {
    let text = text.trim();
    let known = match text {
        "¥" | "￥" | "元" | "人民币" | "RMB" | "rmb" => "CNY",
        "$" | "US$" | "美元" => "USD",
        "€" | "欧元" => "EUR",
        "£" | "英镑" => "GBP",
        "港币" | "HK$" => "HKD",
        _ => "",
    };
    if !known.is_empty() {
        return Some(known.to_owned());
    }
    (text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic())).then(|| text.to_ascii_uppercase())
}

fn split_unescaped(text: &str, at: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        if c == at && !escaped {
            parts.push(String::new());
            continue;
        }
        escaped = c == '\\' && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match (c, letters.peek()) {
            ('\\', Some(',' | '=' | '\\')) => out.extend(letters.next()),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn maps_of_the_command_line() {
        let mapping = Mapping::from_map(Kind::Orders, "order_id=InvoiceNo, user_id = CustomerID ,time=Invoice\\,Date,name=a=b,brand=const:织物\\=咖啡").unwrap();
        assert_eq!(mapping.fields["order_id"], "InvoiceNo");
        assert_eq!(mapping.fields["user_id"], "CustomerID");
        assert_eq!(mapping.fields["time"], "Invoice,Date");
        assert_eq!(mapping.fields["name"], "a=b");
        assert_eq!(mapping.fields["brand"], "const:织物=咖啡");
        assert_eq!(Mapping::from_map(Kind::Orders, "order_id").unwrap_err().code, "connectors.map_unreadable");
        assert_eq!(Mapping::from_map(Kind::Orders, "a=b,a=c").unwrap_err().code, "connectors.field_twice");
    }

    #[test]
    fn mapping_files_in_both_forms() {
        let toml = "time_zone = \"Asia/Shanghai\"\ncurrency = \"CNY\"\n[fields]\norder_id = \"订单号\"\ntime = \"下单时间\"\namount = \"实付金额\"\n";
        let json = r#"{"kind":"orders","time_zone":"Asia/Shanghai","currency":"CNY","fields":{"order_id":"订单号","time":"下单时间","amount":"实付金额"}}"#;
        let mapping = Mapping::from_text(Kind::Orders, toml).unwrap();
        assert_eq!(mapping, Mapping::from_text(Kind::Orders, json).unwrap());
        mapping.check().unwrap();
        let again: Mapping = serde_json::from_value(serde_json::to_value(&mapping).unwrap()).unwrap();
        assert_eq!(again, mapping);
        for (kind, text) in [(Kind::People, json), (Kind::Orders, "fields = 3"), (Kind::Orders, r#"{"fields":{},"colour":1}"#), (Kind::Orders, "[")] {
            assert_eq!(Mapping::from_text(kind, text).unwrap_err().code, "connectors.mapping_unreadable", "{text}");
        }
    }

    #[test]
    fn missing_columns_are_named_beside_those_that_are_there() {
        let mapping = Mapping::from_map(Kind::Orders, "order_id=Order,time=When,amount=Sum").unwrap();
        let error = mapping.bind(&columns(&["order ", "Zeit", "Sum"])).unwrap_err();
        assert_eq!(error.code, "connectors.column_missing");
        assert!(error.detail.contains("\"When\"") && error.detail.contains("Zeit"), "{error}");
        assert_eq!(error.fields.len(), 1, "\"order \" is Order: {error:?}");
        assert!(error.fields.contains_key("fields/time"));
    }

    #[test]
    fn what_a_kind_needs_is_asked_for() {
        let code = |kind, map: &str| Mapping::from_map(kind, map).unwrap().check().unwrap_err().code;
        assert_eq!(code(Kind::Orders, "order_id=a,time=b"), "connectors.field_missing");
        assert_eq!(code(Kind::Events, "time=b"), "connectors.field_missing");
        assert_eq!(code(Kind::People, "city=b"), "connectors.field_missing");
        assert_eq!(code(Kind::Things, "name=b"), "connectors.field_missing");
        assert_eq!(code(Kind::Orders, "order_id=a,time=b,price=c,value=d"), "connectors.field_reserved");
        Mapping::from_map(Kind::People, "identifier.card_no=b").unwrap().check().unwrap();
        let mut mapping = Mapping::from_map(Kind::Things, "thing_id=b").unwrap();
        mapping.currency = Some("dollars".into());
        assert_eq!(mapping.check().unwrap_err().code, "connectors.currency_unknown");
        assert_eq!(Kind::read("cats").unwrap_err().code, "connectors.kind_unknown");
    }

    #[test]
    fn the_rest_become_properties() {
        let there = columns(&["InvoiceNo", "Date", "UnitPrice", "CustomerID", "Country", "value", "quantity"]);
        let mut mapping = Mapping::from_map(Kind::Orders, "order_id=InvoiceNo,time=Date,price=UnitPrice,user_id=CustomerID,land=Country,shop=const:online").unwrap();
        let bound = mapping.bind(&there).unwrap();
        assert_eq!(bound.identifiers, [("user_id".to_owned(), Cell::Column(3))]);
        let names: Vec<_> = bound.properties.iter().map(|(n, _)| n.as_str()).collect();
        assert_eq!(names, ["land", "shop", "value_column", "quantity_column"]);
        assert_eq!(bound.field("price"), Some(&Cell::Column(2)));
        mapping.unmapped = Unmapped::Drop;
        assert_eq!(mapping.bind(&there).unwrap().properties.len(), 2);
    }

    #[test]
    fn currencies_in_words() {
        assert_eq!(currency("¥").as_deref(), Some("CNY"));
        assert_eq!(currency(" gbp ").as_deref(), Some("GBP"));
        assert_eq!(currency("dollar"), None);
        assert_eq!(currency(""), None);
    }
}
