//! A first guess at the mapping from the names of the columns, in Chinese and English.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::mapping::Kind;

/// What the file seems to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Suggestion {
    pub kind: Kind,
    /// Field → column.
    pub fields: BTreeMap<String, String>,
}

/// Headers of a field, folded by [`fold`]; those in front are surer.
const HEADERS: [(&str, &[&str]); 19] = [
    ("order_id", &["orderid", "orderno", "ordernumber", "invoiceno", "invoicenumber", "invoice", "transactionid", "basketid", "订单号", "订单编号", "主订单编号", "订单id", "单号", "交易号", "小票号", "流水号"]),
    ("user_id", &["userid", "customerid", "memberid", "uid", "customerno", "memberno", "buyerid", "householdid", "visitorid", "用户id", "会员号", "会员id", "会员编号", "客户编号", "客户id", "客户号", "用户编号", "会员卡号"]),
    ("phone", &["phone", "mobile", "phonenumber", "mobilephone", "telephone", "tel", "手机号", "手机号码", "手机", "联系电话", "电话", "收货人手机"]),
    ("email", &["email", "mail", "emailaddress", "邮箱", "电子邮箱", "邮件"]),
    ("openid", &["openid", "wechatopenid", "微信openid"]),
    ("unionid", &["unionid", "wechatunionid", "微信unionid"]),
    ("anonymous_id", &["anonymousid", "cookieid", "sessionid", "distinctid", "匿名id", "访客id"]),
    ("time", &["time", "timestamp", "datetime", "date", "orderdate", "ordertime", "invoicedate", "createdat", "createtime", "paytime", "paidat", "purchasedat", "transactiontimestamp", "eventtime", "下单时间", "付款时间", "支付时间", "订单创建时间", "创建时间", "订单付款时间", "交易时间", "时间", "日期", "发生时间", "注册时间"]),
    ("item_id", &["itemid", "productid", "sku", "skuid", "stockcode", "productcode", "goodsid", "spuid", "商品编号", "商品编码", "商品id", "货号", "商家编码", "条码"]),
    ("item_name", &["itemname", "productname", "product", "description", "title", "goodsname", "商品名称", "商品名", "商品标题", "宝贝标题", "商品", "品名"]),
    ("quantity", &["quantity", "qty", "units", "数量", "购买数量", "件数", "商品数量"]),
    ("price", &["price", "unitprice", "单价", "商品单价", "售价", "价格"]),
    ("amount", &["amount", "linetotal", "salesvalue", "total", "totalamount", "subtotal", "paidamount", "实付金额", "买家实际支付金额", "实付", "金额", "小计", "支付金额", "应付金额"]),
    ("status", &["status", "orderstatus", "state", "订单状态", "状态", "交易状态", "退款状态"]),
    ("currency", &["currency", "currencycode", "币种", "货币"]),
    ("channel", &["channel", "saleschannel", "渠道", "销售渠道", "来源渠道"]),
    ("name", &["event", "eventname", "action", "事件", "事件名", "行为", "行为类型", "事件名称"]),
    ("event_id", &["eventid", "messageid", "事件id"]),
    ("thing_id", &["itemid", "productid", "sku", "skuid", "goodsid", "shopid", "storeid", "code", "id", "商品编号", "商品编码", "商品id", "门店编号", "门店id", "编号", "货号"]),
];

/// Guesses kind and mapping. A guess is shown to a person before anything is imported.
pub fn suggest(columns: &[String]) -> Suggestion {
    let kind = kind_of(columns);
    Suggestion { kind, fields: fields(kind, columns) }
}

/// The fields of a kind that some column names.
pub fn fields(kind: Kind, columns: &[String]) -> BTreeMap<String, String> {
    let wanted: Vec<&str> = kind.all_fields().collect();
    let folded: Vec<String> = columns.iter().map(|c| fold(c)).collect();
    let mut taken = vec![false; columns.len()];
    let mut out = BTreeMap::new();
    // Whole names first, so that a part of a name never takes a column that is named outright.
    for whole in [true, false] {
        for (field, headers) in HEADERS.iter().filter(|(f, _)| wanted.contains(f)) {
            if out.contains_key(*field) {
                continue;
            }
            let found = headers.iter().find_map(|header| folded.iter().enumerate().position(|(i, name)| !taken[i] && fits(name, header, whole)));
            if let Some(index) = found {
                taken[index] = true;
                out.insert((*field).to_owned(), columns[index].clone());
            }
        }
    }
    out
}

fn kind_of(columns: &[String]) -> Kind {
    let has = |kind, field: &str| fields(kind, columns).contains_key(field);
    if has(Kind::Orders, "order_id") && (has(Kind::Orders, "price") || has(Kind::Orders, "amount")) {
        return Kind::Orders;
    }
    if has(Kind::Events, "name") && has(Kind::Events, "time") {
        return Kind::Events;
    }
    let knows_people = ["user_id", "phone", "email", "openid", "unionid"].iter().any(|f| has(Kind::People, f));
    match (knows_people, has(Kind::Things, "thing_id")) {
        (false, true) => Kind::Things,
        _ => Kind::People,
    }
}

fn fits(name: &str, header: &str, whole: bool) -> bool {
    // Parts are tried in Chinese only: in English "date" would be found in "update_count".
    if whole || header.is_ascii() { name == header } else { name.contains(header) && header.chars().count() > 1 }
}

/// Lower case, without spaces, signs and what stands in brackets.
fn fold(name: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    for c in name.chars() {
        match c {
            '(' | '（' | '[' | '【' => depth += 1,
            ')' | '）' | ']' | '】' => depth -= 1,
            c if depth <= 0 && c.is_alphanumeric() => out.extend(c.to_lowercase()),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(columns: &[&str]) -> Suggestion {
        suggest(&columns.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>())
    }
    fn pairs(s: &Suggestion) -> Vec<(&str, &str)> {
        s.fields.iter().map(|(f, c)| (f.as_str(), c.as_str())).collect()
    }

    #[test]
    fn the_headers_of_a_known_english_file() {
        let got = guess(&["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]);
        assert_eq!(got.kind, Kind::Orders);
        assert_eq!(
            pairs(&got),
            [
                ("item_id", "StockCode"), ("item_name", "Description"), ("order_id", "InvoiceNo"), ("price", "UnitPrice"), ("quantity", "Quantity"),
                ("time", "InvoiceDate"), ("user_id", "CustomerID"),
            ]
        );
    }

    #[test]
    fn chinese_headers_with_units_and_additions() {
        let got = guess(&["订单编号", "买家会员号", "收货人手机", "商品名称", "购买数量", "单价（元）", "实付金额(元)", "订单创建时间", "订单状态", "店铺"]);
        assert_eq!(got.kind, Kind::Orders);
        assert_eq!(got.fields["order_id"], "订单编号");
        assert_eq!(got.fields["user_id"], "买家会员号");
        assert_eq!(got.fields["phone"], "收货人手机");
        assert_eq!(got.fields["price"], "单价（元）");
        assert_eq!(got.fields["amount"], "实付金额(元)");
        assert_eq!(got.fields["time"], "订单创建时间");
        assert_eq!(got.fields["status"], "订单状态");
        assert!(!got.fields.values().any(|c| c == "店铺"));
    }

    #[test]
    fn other_kinds_are_told_apart() {
        assert_eq!(guess(&["手机号", "姓名", "生日", "城市"]).kind, Kind::People);
        assert_eq!(guess(&["event", "user_id", "timestamp", "page"]).kind, Kind::Events);
        assert_eq!(guess(&["商品编号", "商品名称", "品类", "价格"]).kind, Kind::Things);
        assert_eq!(guess(&["a", "b"]), Suggestion { kind: Kind::People, fields: BTreeMap::new() });
    }
}
