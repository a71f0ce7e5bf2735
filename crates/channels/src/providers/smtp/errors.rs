//! A failed step as an outcome: whose no it was, and whether to ask again.

use std::error::Error;

use super::connection::{Cause, Stage, Step};
use crate::providers::{SendOutcome, tidy};

/// Codes read `rcpt.550`: the stage tells whether the relay (`connect`, `mail`), the recipient (`rcpt`)
/// or the content (`data`) was refused.
pub(super) fn read(step: &Step, recipient: &str) -> SendOutcome {
    let stage = match step.stage {
        Stage::Connect => "connect",
        Stage::Mail => "mail",
        Stage::Rcpt => "rcpt",
        Stage::Data | Stage::Content => "data",
    };
    let detail = match &step.cause {
        Cause::Local(why) => return SendOutcome::rejected(format!("{stage}.unsupported"), *why, false),
        Cause::TimedOut => format!("no answer in time ({stage})"),
        Cause::Smtp(e) => tidy(&chain(e), recipient),
        Cause::Unreached(e) => tidy(&chain(e), recipient),
    };
    if let Some(code) = step.code() {
        // What goes wrong before MAIL (a wrong password, a busy server) is not this message's fault; 421 says "later" anywhere.
        let retry = step.stage == Stage::Connect || code == 421 || (400..500).contains(&code);
        return SendOutcome::rejected(format!("{stage}.{code}"), detail, retry);
    }
    match step.stage {
        Stage::Content => SendOutcome::Unknown { detail },
        _ => SendOutcome::rejected(format!("{stage}.broken"), detail, true),
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(e) = cause {
        let more = e.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = e.source();
    }
    text
}
