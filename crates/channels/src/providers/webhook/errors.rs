//! A receiver's answer as an outcome.

use weft_outbound_http::{Failure, Response};

use crate::kernel::Millis;
use crate::providers::{SendOutcome, tidy};

pub(super) fn read(answer: Result<Response, Failure>, now: Millis) -> SendOutcome {
    match answer {
        Ok(answer) => by_status(answer.status, &answer.text(), || answer.retry_after(now)),
        // The head of the answer came, its body did not: the status says it all.
        Err(failure) => match failure.status {
            Some(status) => by_status(status, "", || None),
            None => SendOutcome::of_failure(&failure),
        },
    }
}

fn by_status(status: u16, text: &str, after: impl FnOnce() -> Option<std::time::Duration>) -> SendOutcome {
    let detail = match status {
        410 => "the receiver wants no more of these".to_owned(),
        300..400 => "redirects are not followed: the URL has to be changed".to_owned(),
        _ => tidy(text, ""),
    };
    match status {
        200..300 => SendOutcome::Accepted { provider_id: None },
        408 | 425 | 429 | 500.. => SendOutcome::Rejected { code: status.to_string(), detail, retry: true, after: after() },
        _ => SendOutcome::rejected(status.to_string(), detail, false),
    }
}
