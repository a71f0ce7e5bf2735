//! Only one query, and only reading.

use datafusion::execution::context::SQLOptions;
use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::sqlparser::ast::Statement as SqlStatement;

use crate::error::{invalid, told};
use crate::kernel::{Error, Result};

/// The plan of one `SELECT` (or `WITH`, `VALUES`); everything else is refused.
pub async fn plan(state: &SessionState, sql: &str) -> Result<LogicalPlan> {
    let mut statements = DFParser::parse_sql(sql).map_err(told)?;
    let Some(statement) = statements.pop_front() else { return Err(invalid("there is no query")) };
    if !statements.is_empty() {
        return Err(Error::invalid("query.several_statements", "one query at a time"));
    }
    match &statement {
        Statement::Statement(inner) if matches!(inner.as_ref(), SqlStatement::Query(_)) => {}
        _ => return Err(reads_only(sql.split_whitespace().next().unwrap_or_default())),
    }
    let plan = state.statement_to_plan(statement).await.map_err(told)?;
    verify(&plan)?;
    Ok(plan)
}

/// Refuses a plan that would change or tell more than rows, however deep it hides.
pub fn verify(plan: &LogicalPlan) -> Result<()> {
    let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    if reading.verify_plan(plan).is_err() || matches!(plan, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_)) {
        return Err(reads_only("this"));
    }
    Ok(())
}

fn reads_only(word: &str) -> Error {
    let word: String = word.chars().take(20).collect::<String>().to_uppercase();
    Error::invalid("query.reads_only", format!("{word} is refused: a query reads, with SELECT")).param("statement", word)
}
