//! The gateway's status reports (SmsReport, pushed by HTTP in batches). Pure.
//!
//! The gateway does not sign its pushes: the URL it is given must be one that nobody can guess.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use serde::Deserialize;
use serde_json::Value;

use crate::kernel::{Error, MessageId, Millis, Pii, Result};
use crate::providers::tidy;

/// What became of one SMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Our id, which travelled as `out_id`; `None` for an SMS that others sent with the same account.
    pub message: Option<MessageId>,
    /// The gateway's `biz_id`.
    pub provider_id: Option<String>,
    pub phone: Pii<String>,
    pub is_delivered: bool,
    /// `DELIVERED`, or the carrier's reason such as `MK:0001`.
    pub code: String,
    pub detail: String,
    pub sent_at: Option<Millis>,
    /// When the carrier knew. `None` if it cannot be read.
    pub reported_at: Option<Millis>,
    /// How many SMS the text took.
    pub parts: u32,
}

/// The answer that stops the gateway from sending the same reports again.
pub const RECEIPTS_TAKEN: &str = r#"{"code":0,"msg":"成功"}"#;

/// In one push.
const MOST: usize = 2_000;

#[derive(Deserialize)]
struct Report {
    phone_number: String,
    #[serde(default)]
    send_time: String,
    #[serde(default)]
    report_time: String,
    success: Value,
    #[serde(default)]
    err_code: String,
    #[serde(default)]
    err_msg: String,
    #[serde(default)]
    sms_size: Value,
    biz_id: Option<String>,
    out_id: Option<String>,
}

/// Reads a push: a JSON array of reports. One report out of shape refuses the whole, so that it is sent again.
pub fn read_receipts(body: &[u8]) -> Result<Vec<Receipt>> {
    let unreadable = |why: String| Error::invalid("channels.receipts_unreadable", why);
    let reports: Vec<Report> = serde_json::from_slice(body).map_err(|e| unreadable(format!("not a list of status reports: {e}")))?;
    if reports.len() > MOST {
        return Err(unreadable(format!("{} reports in one push", reports.len())));
    }
    reports.into_iter().map(|r| receipt(r).ok_or_else(|| unreadable("a report without a verdict".into()))).collect()
}

fn receipt(report: Report) -> Option<Receipt> {
    let is_delivered = match &report.success {
        Value::Bool(b) => *b,
        Value::String(s) => s.parse().ok()?,
        _ => return None,
    };
    let parts = match &report.sms_size {
        Value::Number(n) => n.as_u64(),
        Value::String(s) => s.parse().ok(),
        _ => None,
    };
    Some(Receipt {
        message: report.out_id.filter(|id| id.starts_with(MessageId::PREFIX)).map(MessageId::from),
        provider_id: report.biz_id.filter(|id| !id.is_empty()),
        detail: tidy(&report.err_msg, &report.phone_number),
        phone: Pii(report.phone_number),
        is_delivered,
        code: tidy(&report.err_code, ""),
        sent_at: beijing(&report.send_time),
        reported_at: beijing(&report.report_time),
        parts: parts.and_then(|p| u32::try_from(p).ok()).unwrap_or(1),
    })
}

/// `2026-11-22 11:00:12`, which the gateway means in Beijing's time.
fn beijing(text: &str) -> Option<Millis> {
    let civil: DateTime = text.trim().parse().ok()?;
    let at = civil.to_zoned(TimeZone::fixed(Offset::constant(8))).ok()?;
    Some(Millis(at.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_push_is_read() {
        let body = r#"[
          {"phone_number":"13811110000","send_time":"2026-11-22 11:00:12","report_time":"2026-11-22 11:00:20","success":true,
           "err_code":"DELIVERED","err_msg":"用户接收成功","sms_size":"1","biz_id":"12345","out_id":"msg_67890"},
          {"phone_number":"13811110001","send_time":"2026-11-22 11:00:12","report_time":"","success":"false",
           "err_code":"MK:0001","err_msg":"13811110001 空号","sms_size":2,"biz_id":"12346","out_id":"67890"}
        ]"#;
        let receipts = read_receipts(body.as_bytes()).unwrap();
        assert_eq!(
            receipts[0],
            Receipt {
                message: Some(MessageId::from("msg_67890")),
                provider_id: Some("12345".into()),
                phone: Pii("13811110000".into()),
                is_delivered: true,
                code: "DELIVERED".into(),
                detail: "用户接收成功".into(),
                sent_at: Millis::parse("2026-11-22T03:00:12Z"),
                reported_at: Millis::parse("2026-11-22T03:00:20Z"),
                parts: 1,
            }
        );
        let second = &receipts[1];
        assert_eq!((second.message.as_ref(), second.is_delivered, second.parts, second.reported_at), (None, false, 2, None));
        assert_eq!((second.code.as_str(), second.detail.as_str()), ("MK:0001", "<recipient> 空号"));
    }

    #[test]
    fn what_is_no_push_is_refused() {
        for body in ["", "{}", "[1]", r#"[{"phone_number":"1"}]"#, r#"[{"phone_number":"1","success":7}]"#, r#"[{"success":true}]"#] {
            assert_eq!(read_receipts(body.as_bytes()).unwrap_err().code, "channels.receipts_unreadable", "{body}");
        }
        assert_eq!(read_receipts(b"[]").unwrap(), []);
    }
}
