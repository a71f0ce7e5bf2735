//! What DataFusion says, in the house's words: whose fault, and as much of the message as helps.

use datafusion::arrow::error::ArrowError;
use datafusion::error::DataFusionError;

use crate::kernel::Error;

/// Longer messages are cut: the planner likes to quote whole schemas.
const LONGEST: usize = 400;

/// Turns an error of planning or running a query into ours. What people did wrong is told in DataFusion's words; what
/// broke below is logged here and told without detail, since it may name files.
pub fn told(e: DataFusionError) -> Error {
    if let Some(ours) = ours(&e) {
        return ours;
    }
    match e.find_root() {
        DataFusionError::ResourcesExhausted(_) => {
            tracing::info!(error = %e, "a query was too large");
            Error::limited("query.too_large", "the query needs more memory or disk than it may have; ask for less, or for a shorter time")
        }
        DataFusionError::SQL(..)
        | DataFusionError::Plan(_)
        | DataFusionError::SchemaError(..)
        | DataFusionError::NotImplemented(_)
        | DataFusionError::Configuration(_)
        | DataFusionError::Execution(_)
        | DataFusionError::Diagnostic(..) => invalid(&e.find_root().to_string()),
        DataFusionError::ArrowError(arrow, _) if is_about_values(arrow) => invalid(&arrow.to_string()),
        DataFusionError::Collection(all) if !all.is_empty() => invalid(&all[0].find_root().to_string()),
        _ => {
            tracing::error!(error = %e, "a query failed");
            Error::unavailable("query.failed", "the query failed inside; the log says more")
        }
    }
}

pub fn invalid(message: &str) -> Error {
    let plain = [
        "Error during planning: ",
        "SQL error: ",
        "Schema error: ",
        "Execution error: ",
        "Arrow error: ",
        "This feature is not implemented: ",
        "Invalid or Unsupported Configuration: ",
    ]
    .iter()
    .fold(message, |text, prefix| text.strip_prefix(prefix).unwrap_or(text));
    let mut cut: String = plain.lines().next().unwrap_or_default().chars().take(LONGEST).collect();
    if cut.len() < plain.len() {
        cut.push('…');
    }
    Error::invalid("query.invalid", cut)
}

/// An error of ours that travelled through DataFusion.
fn ours(e: &DataFusionError) -> Option<Error> {
    let mut at: Option<&(dyn std::error::Error + 'static)> = Some(e);
    while let Some(error) = at {
        if let Some(ours) = error.downcast_ref::<Error>() {
            return Some(ours.clone());
        }
        if let Some(DataFusionError::External(inner)) = error.downcast_ref::<DataFusionError>()
            && let Some(ours) = inner.downcast_ref::<Error>()
        {
            return Some(ours.clone());
        }
        at = error.source();
    }
    None
}

fn is_about_values(e: &ArrowError) -> bool {
    matches!(
        e,
        ArrowError::CastError(_)
            | ArrowError::ParseError(_)
            | ArrowError::ComputeError(_)
            | ArrowError::DivideByZero
            | ArrowError::ArithmeticOverflow(_)
            | ArrowError::InvalidArgumentError(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ErrorKind;

    #[test]
    fn the_guilty_one_is_named() {
        let long = told(DataFusionError::Plan("x".repeat(1000)));
        assert_eq!((long.code, long.kind), ("query.invalid", ErrorKind::Invalid));
        assert!(long.detail.chars().count() <= LONGEST + 1 && !long.detail.starts_with("Error during"));
        assert_eq!(told(DataFusionError::ResourcesExhausted("m".into())).kind, ErrorKind::Limited);
        let io = told(DataFusionError::IoError(std::io::Error::other("/secret/place")));
        assert!(io.kind == ErrorKind::Unavailable && !io.detail.contains("secret"));
        let own = Error::conflict("event_lake.feature_unknown", "d");
        let wrapped = DataFusionError::External(Box::new(own)).context("while scanning");
        assert_eq!(told(wrapped).code, "event_lake.feature_unknown");
    }
}
