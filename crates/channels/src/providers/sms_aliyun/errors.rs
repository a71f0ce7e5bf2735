//! The gateway's answer as an outcome.

use std::time::Duration;

use serde::Deserialize;
use weft_outbound_http::{Failure, Response};

use crate::providers::{SendOutcome, tidy};

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Code")]
    code: String,
    #[serde(rename = "Message", default)]
    message: String,
    #[serde(rename = "BizId")]
    biz_id: Option<String>,
}

pub(super) fn read(answer: Result<Response, Failure>, phone: &str) -> SendOutcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => return SendOutcome::of_failure(&failure),
    };
    match serde_json::from_slice::<Answer>(&answer.body) {
        Ok(read) if read.code == "OK" => SendOutcome::Accepted { provider_id: read.biz_id },
        Ok(read) => refusal(&read.code, &read.message, phone),
        // An answer that is not the gateway's own: a 4xx of something in between certainly sent nothing on.
        Err(_) if (400..500).contains(&answer.status) => {
            SendOutcome::rejected(format!("http.{}", answer.status), tidy(&answer.text(), phone), matches!(answer.status, 408 | 429))
        }
        Err(_) => SendOutcome::Unknown { detail: format!("status {} without a readable answer", answer.status) },
    }
}

fn refusal(code: &str, message: &str, phone: &str) -> SendOutcome {
    let detail = tidy(message, phone);
    // The gateway itself does not know how far it came.
    if matches!(code, "InternalError" | "isp.UNKNOWN" | "SP_UNKNOWN_ERROR") {
        return SendOutcome::Unknown { detail: format!("{code}: {detail}") };
    }
    let after = wait(code);
    SendOutcome::Rejected { code: code.to_owned(), detail, retry: after.is_some(), after: after.filter(|a| !a.is_zero()) }
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// `None`: this message can never go. Otherwise how long the limit that was hit lasts; zero when it does not say.
fn wait(code: &str) -> Option<Duration> {
    match code {
        // One number's limits are per minute, hour and day; the answer does not say which was hit.
        "isv.BUSINESS_LIMIT_CONTROL" => Some(HOUR),
        "isv.DAY_LIMIT_CONTROL" | "isv.MONTH_LIMIT_CONTROL" => Some(DAY),
        "isp.SYSTEM_ERROR" | "isp.GATEWAY_ERROR" | "ServiceUnavailable" | "IS_CLOSE" | "NO_ROUTE" | "InvalidTimeStamp.Expired" | "SignatureNonceUsed" => {
            Some(Duration::ZERO)
        }
        // Somebody must pay, subscribe or mend the keys first; the message itself is sound.
        "isv.AMOUNT_NOT_ENOUGH" | "isv.OUT_OF_SERVICE" | "isv.ACCOUNT_ABNORMAL" | "isv.ACCOUNT_NOT_EXISTS" | "isv.PRODUCT_UN_SUBSCRIPT"
        | "isv.PRODUCT_UNSUBSCRIBE" | "isp.RAM_PERMISSION_DENY" | "isv.DENY_IP_RANGE" | "SignatureDoesNotMatch" | "IncompleteSignature"
        | "InvalidAccessKeyId.NotFound" | "InvalidAccessKeyId.Inactive" | "Forbidden.RAM" | "NoPermission" => Some(10 * MINUTE),
        _ if code == "Throttling" || code.starts_with("Throttling.") => Some(Duration::ZERO),
        _ => None,
    }
}
