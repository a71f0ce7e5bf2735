//! The same table in every format and encoding gives the same events.

mod support;

use std::io::Write;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use serde_json::json;
use support::*;
use weft_connectors::{Kind, Mapping, ReadOptions, Table, suggest};
use weft_kernel::Event;

const TEXT: &str = "订单号,手机号,下单时间,商品名称,数量,实付金额\n0001,13800000001,2024-05-01 12:30:00,拿铁咖啡,2,56.00\n0002,13800000002,2024-05-02 08:00:00,\"挂耳, 十片\",1,79.90\n";
const MAP: &str = "order_id=订单号,phone=手机号,time=下单时间,item_name=商品名称,quantity=数量,amount=实付金额";

fn chinese() -> Mapping {
    let mut mapping = mapping(Kind::Orders, MAP);
    mapping.time_zone = Some("Asia/Shanghai".into());
    mapping
}

async fn events_of(name: &str, bytes: &[u8], mapping: &Mapping) -> Vec<Event> {
    let desk = Desk::new(name, bytes);
    let house = House::default();
    let summary = desk.import(&house, mapping).await.unwrap();
    assert_eq!((summary.rows, summary.rejected), (2, 0), "{name}");
    let mut events = house.events();
    // The context names the file's own digest.
    events.iter_mut().for_each(|e| e.context.clear());
    events
}

#[tokio::test]
async fn encodings_bring_the_same_events() {
    let expected = events_of("utf8.csv", TEXT.as_bytes(), &chinese()).await;
    assert_eq!(expected[0].text("order_id"), Some("0001"), "leading zeros stay");
    assert_eq!(expected[0].ts.rfc3339(), "2024-05-01T04:30:00.000Z");
    assert_eq!(expected[1].properties["items"][0], json!({"item_name": "挂耳, 十片", "quantity": 1, "amount": "79.9"}));
    let little: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked: Vec<u8> = std::iter::once(0xfeff).chain(TEXT.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(TEXT.as_bytes()).unwrap();
    for (name, bytes) in [
        ("marked.csv", [b"\xef\xbb\xbf", TEXT.as_bytes()].concat()),
        ("gbk.csv", encoding_rs::GB18030.encode(TEXT).0.into_owned()),
        ("utf16le.csv", little),
        ("utf16be.csv", marked),
        ("packed.csv.gz", packed.finish().unwrap()),
        ("windows.csv", TEXT.replace('\n', "\r\n").into_bytes()),
        ("mac.csv", TEXT.replace('\n', "\r").into_bytes()),
        ("tabs.tsv", TEXT.replace("挂耳, 十片", "挂耳; 十片").replace(',', "\t").replace("挂耳; 十片", "挂耳, 十片").into_bytes()),
    ] {
        assert_eq!(events_of(name, &bytes, &chinese()).await, expected, "{name}");
    }
    let mut told = chinese();
    told.encoding = Some("gbk".into());
    assert_eq!(events_of("told.csv", &encoding_rs::GBK.encode(TEXT).0, &told).await, expected);
}

#[tokio::test]
async fn western_letters_are_read() {
    let text = "Größe,Kunde,Wann\nXL,Müller,2024-05-01\nÜ,José,2024-05-01\n";
    let bytes = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let events = events_of("w.csv", &bytes, &mapping(Kind::Events, "name=const:sized,user_id=Kunde,time=Wann,size=Größe")).await;
    assert_eq!(events[0].identifier("user_id"), Some("Müller"));
    assert_eq!(events[1].text("size"), Some("Ü"));
}

#[tokio::test]
async fn bytes_that_cannot_be_read_cost_their_row() {
    let mut bytes = b"name,user_id,time\n".to_vec();
    for line in 0..30 {
        bytes.extend_from_slice(format!("看,用户{line},2024-05-01\n").as_bytes());
    }
    bytes.extend_from_slice(b"view,\xff\xfe,2024-05-01\nview,u9,2024-05-01\n");
    let desk = Desk::new("bad.csv", &bytes);
    let house = House::default();
    let summary = desk.import(&house, &mapping(Kind::Events, "name=name,user_id=user_id,time=time")).await.unwrap();
    assert_eq!((summary.rows, summary.accepted, summary.rejected), (32, 31, 1));
    assert!(std::fs::read_to_string(summary.rejected_file.unwrap()).unwrap().contains("32,encoding,"));
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("订单").unwrap();
    let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let zeros = Format::new().set_num_format("0000");
    for (column, name) in ["订单号", "手机号", "下单时间", "商品名称", "数量", "实付金额"].into_iter().enumerate() {
        sheet.write(1, column as u16, name).unwrap();
    }
    sheet.write_with_format(2, 0, 1, &zeros).unwrap();
    sheet.write(2, 1, 13_800_000_001_u64).unwrap();
    sheet.write_with_format(2, 2, ExcelDateTime::parse_from_str("2024-05-01T12:30:00").unwrap(), &moment).unwrap();
    sheet.write(2, 3, "拿铁咖啡").unwrap();
    sheet.write(2, 4, 2).unwrap();
    sheet.write(2, 5, 56.0).unwrap();
    sheet.write(4, 0, "0002").unwrap();
    sheet.write(4, 1, "13800000002").unwrap();
    sheet.write(4, 2, "2024-05-02 08:00:00").unwrap();
    sheet.write(4, 3, "挂耳, 十片").unwrap();
    sheet.write(4, 4, 1).unwrap();
    sheet.write(4, 5, 79.9).unwrap();
    book.save_to_buffer().unwrap()
}

#[tokio::test]
async fn a_workbook_brings_the_same_events() {
    let expected = events_of("utf8.csv", TEXT.as_bytes(), &chinese()).await;
    let bytes = workbook();
    assert_eq!(events_of("orders.xlsx", &bytes, &chinese()).await, expected);
    let desk = Desk::new("orders.xlsx", &bytes);
    let table = Table::open(&desk.file, &ReadOptions::default()).unwrap();
    assert_eq!(table.shape().format, "xlsx");
    assert_eq!(table.first_rows(1).unwrap(), [["0001", "13800000001", "2024-05-01 12:30:00", "拿铁咖啡", "2", "56"]]);
    let mut lines = Vec::new();
    table
        .read(&mut |line| {
            if let weft_connectors::readers::Line::Row(row) = line {
                lines.push(row.line);
            }
            Ok(weft_connectors::readers::Next::Go)
        })
        .unwrap();
    assert_eq!(lines, [3, 5], "rows are numbered as Excel does");
    let mut wrong = chinese();
    wrong.sheet = Some("Sheet9".into());
    let error = desk.import(&House::default(), &wrong).await.unwrap_err();
    assert_eq!(error.code, "connectors.sheet_missing");
    assert!(error.detail.contains("订单"));
}

#[tokio::test]
async fn long_numbers_of_a_workbook_are_not_trusted() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in ["no", "at", "sum"].into_iter().enumerate() {
        sheet.write(0, column as u16, name).unwrap();
    }
    sheet.write(1, 0, 2_024_050_112_345_678_900_f64).unwrap();
    sheet.write(1, 1, "2024-05-01").unwrap();
    sheet.write(1, 2, 5).unwrap();
    let desk = Desk::new("long.xlsx", &book.save_to_buffer().unwrap());
    let summary = desk.import(&House::default(), &mapping(Kind::Orders, "order_id=no,time=at,amount=sum")).await.unwrap();
    assert_eq!(summary.rejected, 1);
    assert!(std::fs::read_to_string(summary.rejected_file.unwrap()).unwrap().contains("identifier_damaged"));
}

#[tokio::test]
async fn broken_workbooks_are_a_clear_fault() {
    let bytes = workbook();
    let desk = Desk::new("cut.xlsx", &bytes[..bytes.len() / 2]);
    assert_eq!(desk.import(&House::default(), &chinese()).await.unwrap_err().code, "connectors.workbook_unreadable");
    let desk = Desk::new("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and nothing more");
    assert_eq!(desk.import(&House::default(), &chinese()).await.unwrap_err().code, "connectors.workbook_unreadable");
}

#[tokio::test]
async fn json_lines_keep_their_kinds() {
    let text = "{\"event\":\"view\",\"who\":\"u1\",\"at\":1714521600000,\"price\":12.5,\"tags\":[\"a\"],\"vip\":true}\nnot json\n\n{\"event\":\"view\",\"who\":\"u2\",\"at\":1714521600001,\"late\":\"x\",\"price\":null}\n";
    let desk = Desk::new("events.jsonl", text.as_bytes());
    let house = House::default();
    let summary = desk.import(&house, &mapping(Kind::Events, "name=event,user_id=who,time=at")).await.unwrap();
    assert_eq!((summary.rows, summary.accepted, summary.rejected), (3, 2, 1));
    let events = house.events();
    assert_eq!(serde_json::Value::Object(events[0].properties.clone()), json!({"price": 12.5, "tags": ["a"], "vip": true}));
    assert_eq!(serde_json::Value::Object(events[1].properties.clone()), json!({"late": "x"}));
    assert_eq!(events[0].ts.rfc3339(), "2024-05-01T00:00:00.000Z");
    assert!(std::fs::read_to_string(summary.rejected_file.unwrap()).unwrap().contains("2,row_unreadable,"));
}

#[tokio::test]
async fn people_and_things() {
    let text = "会员号,邮箱,手机号,姓名,城市\n7.0,li@example.com,13800000007,李,上海\n8.0,,,王,\n,,,无名,杭州\n7.0,li@example.com,13800000007,李,上海\n";
    let (summary, events, rejected) = imported(Kind::People, "user_id=会员号,email=邮箱,phone=手机号,city=城市,name=姓名", text).await;
    assert_eq!((summary.rows, summary.accepted, summary.rejected, summary.skipped, summary.people_created), (4, 2, 1, 1, 2));
    assert_eq!(events[0].kind, weft_kernel::EventKind::ProfileSet);
    let identifiers: Vec<_> = events[0].identifiers.iter().map(|i| (i.id_type.as_str(), i.value.as_str())).collect();
    assert_eq!(identifiers, [("user_id", "7"), ("phone", "13800000007"), ("email", "li@example.com")]);
    assert_eq!(serde_json::Value::Object(events[0].traits.clone()), json!({"name": "李", "city": "上海", "email": "li@example.com", "phone": "13800000007"}));
    assert_eq!(events[0].ts, NOW, "a row without a time speaks of now");
    assert_eq!(serde_json::Value::Object(events[1].traits.clone()), json!({"name": "王"}));
    assert!(rejected.contains("4,identifier_missing,"));
    assert!(summary.notes.iter().any(|n| n.contains("会员号")));

    let (summary, events, _) = imported(Kind::Things, "thing_id=sku,thing_type=const:goods", "sku,名称,价格\nA1,拿铁,28\n").await;
    assert_eq!(summary.events, 1);
    assert_eq!(events[0].kind, weft_kernel::EventKind::ThingSet);
    assert_eq!(events[0].thing, Some(weft_kernel::Identifier::new("goods", "A1")));
    assert_eq!(serde_json::Value::Object(events[0].traits.clone()), json!({"名称": "拿铁", "价格": "28"}));
}

#[tokio::test]
async fn what_is_suggested_can_be_imported() {
    let desk = Desk::new("s.csv", TEXT.as_bytes());
    let table = Table::open(&desk.file, &ReadOptions::default()).unwrap();
    let suggestion = suggest(table.columns());
    let mut mapping = Mapping::new(suggestion.kind);
    mapping.fields = suggestion.fields;
    let summary = desk.import(&House::default(), &mapping).await.unwrap();
    assert_eq!((summary.rows, summary.accepted), (2, 2));
}
