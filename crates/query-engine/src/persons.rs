//! The `events` view: stored atoms as the persons of today.
//!
//! A row keeps the atom under which it came in. Persons merge and come apart; the view asks the map of the moment, so no
//! row is ever rewritten. Everything but the person goes through to the lake untouched, filters included.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, AsArray, StringBuilder, UInt32Array};
use datafusion::arrow::datatypes::{DataType, SchemaRef, UInt32Type};
use datafusion::catalog::TableProvider;
use datafusion::catalog::view::ViewTable;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Result, ScalarValue};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::expr::{InList, ScalarFunction};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, LogicalPlan, LogicalPlanBuilder, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility, ident, lit,
};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};
use weft_event_lake::events;

use crate::error::told;
use crate::kernel::{self, PersonId, WorkspaceId};
use crate::tenant::TenantTable;

/// For a workspace, the map of the moment from an atom to the person it belongs to (her smallest atom).
pub type PersonMap = Arc<dyn Fn(WorkspaceId) -> Arc<dyn Fn(u32) -> u32 + Send + Sync> + Send + Sync>;

const PERSON: &str = events::RESERVED[0];
/// The person as a number: what rooms count and join by.
const PERSON_NUMBER: &str = events::RESERVED[1];

/// The contract's first columns, in their order; the rest of the table follows.
const FIRST: [&str; 10] = [
    events::EVENT_ID,
    events::NAME,
    events::TS,
    events::RECEIVED_AT,
    PERSON,
    events::ANONYMOUS_ID,
    events::USER_ID,
    events::SOURCE,
    events::CHANNEL,
    events::PROPERTIES,
];

/// A table with the columns of `events` as the tables of the contract show it: `person` (text id) and `person_number`
/// instead of `workspace`, null where an event has no atom.
pub fn mapped_events(inner: Arc<dyn TenantTable>, persons: PersonMap) -> Arc<dyn TenantTable> {
    Arc::new(MappedEvents { inner, persons })
}

struct MappedEvents {
    inner: Arc<dyn TenantTable>,
    persons: PersonMap,
}

#[async_trait]
impl TenantTable for MappedEvents {
    fn schema(&self) -> SchemaRef {
        let same: Arc<dyn Fn(u32) -> u32 + Send + Sync> = Arc::new(|atom| atom);
        let empty = datafusion::catalog::empty::EmptyTable::new(self.inner.schema());
        let view = view(Arc::new(empty), WorkspaceId(0), same);
        view.map(|v| v.schema()).unwrap_or_else(|_| self.inner.schema())
    }

    async fn provider(&self, workspace: WorkspaceId) -> kernel::Result<Arc<dyn TableProvider>> {
        let inner = self.inner.provider(workspace).await?;
        view(inner, workspace, (self.persons)(workspace)).map_err(told)
    }
}

fn view(inner: Arc<dyn TableProvider>, workspace: WorkspaceId, map: Arc<dyn Fn(u32) -> u32 + Send + Sync>) -> Result<Arc<dyn TableProvider>> {
    let schema = inner.schema();
    let number = ScalarUDF::from(PersonNumber { map, signature: signature() }).call(vec![ident(events::ATOM)]);
    let text = ScalarUDF::from(PersonText { workspace, signature: signature() }).call(vec![number.clone()]);
    let first = FIRST.iter().map(|name| if *name == PERSON { text.clone().alias(PERSON) } else { ident(*name) });
    let rest = schema.fields().iter().map(|f| f.name().as_str()).filter(|name| !FIRST.contains(name) && *name != events::WORKSPACE);
    let columns: Vec<Expr> = first.chain(rest.map(ident)).chain([number.alias(PERSON_NUMBER)]).collect();
    let plan = LogicalPlanBuilder::scan(events::TABLE, provider_as_source(inner), None)?.project(columns)?.build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

fn signature() -> Signature {
    Signature::exact(vec![DataType::UInt32], Volatility::Stable)
}

/// Atom → person, as a number.
struct PersonNumber {
    map: Arc<dyn Fn(u32) -> u32 + Send + Sync>,
    signature: Signature,
}

impl fmt::Debug for PersonNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonNumber")
    }
}
impl PartialEq for PersonNumber {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.map, &other.map)
    }
}
impl Eq for PersonNumber {}
impl Hash for PersonNumber {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.map).cast::<()>().hash(state);
    }
}

impl ScalarUDFImpl for PersonNumber {
    fn name(&self) -> &str {
        "person_number_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::UInt32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let atoms = args.args[0].to_array(args.number_rows)?;
        let persons: UInt32Array = atoms.as_primitive::<UInt32Type>().unary(|atom| (self.map)(atom));
        Ok(ColumnarValue::Array(Arc::new(persons)))
    }
}

/// Number of a person → her id.
#[derive(Debug, PartialEq, Eq, Hash)]
struct PersonText {
    workspace: WorkspaceId,
    signature: Signature,
}

impl ScalarUDFImpl for PersonText {
    fn name(&self) -> &str {
        "person_id_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let numbers = args.args[0].to_array(args.number_rows)?;
        let numbers = numbers.as_primitive::<UInt32Type>();
        // A batch holds few persons many times.
        let mut known: HashMap<u32, PersonId> = HashMap::new();
        let mut texts = StringBuilder::with_capacity(numbers.len(), numbers.len() * 17);
        for number in numbers {
            match number {
                Some(number) => texts.append_value(known.entry(number).or_insert_with(|| PersonId::of(self.workspace, number)).as_str()),
                None => texts.append_null(),
            }
        }
        let texts: ArrayRef = Arc::new(texts.finish());
        Ok(ColumnarValue::Array(texts))
    }
}

/// `person = 'per_…'` is a comparison of numbers: the id tells its number, so no text has to be made for any row.
#[derive(Debug, Default)]
pub struct PersonsByNumber;

impl OptimizerRule for PersonsByNumber {
    fn name(&self) -> &str {
        "persons_by_number"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        // A column that is such a comparison keeps the name it was asked by.
        let names = NamePreserver::new(&plan);
        plan.map_expressions(|expr| {
            let name = names.save(&expr);
            Ok(expr.transform_up(|expr| Ok(by_number(expr)))?.update_data(|expr| name.restore(expr)))
        })
    }
}

fn by_number(expr: Expr) -> Transformed<Expr> {
    match &expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if matches!(op, Operator::Eq | Operator::NotEq) => {
            for (person, literal) in [(left, right), (right, left)] {
                if let Some((function, number)) = person_of(person)
                    && let Some(wanted) = number_in(literal, function.workspace)
                {
                    let compared = BinaryExpr::new(Box::new(number.clone()), *op, Box::new(lit(wanted)));
                    return Transformed::yes(Expr::BinaryExpr(compared));
                }
            }
            Transformed::no(expr)
        }
        Expr::InList(InList { expr: person, list, negated }) => {
            let Some((function, number)) = person_of(person) else { return Transformed::no(expr) };
            let wanted: Option<Vec<Expr>> = list.iter().map(|literal| number_in(literal, function.workspace).map(lit)).collect();
            match wanted {
                Some(wanted) => Transformed::yes(Expr::InList(InList::new(Box::new(number.clone()), wanted, *negated))),
                None => Transformed::no(expr),
            }
        }
        _ => Transformed::no(expr),
    }
}

fn person_of(expr: &Expr) -> Option<(&PersonText, &Expr)> {
    let Expr::ScalarFunction(ScalarFunction { func, args }) = expr else { return None };
    Some((func.inner().downcast_ref::<PersonText>()?, args.first()?))
}

/// The number in an id of this workspace. An id that is none of ours stays a text that no row has.
fn number_in(literal: &Expr, workspace: WorkspaceId) -> Option<u32> {
    let Expr::Literal(ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)) | ScalarValue::LargeUtf8(Some(text)), _) = literal
    else {
        return None;
    };
    let id = PersonId::from(text.as_str());
    let (of, number) = id.atom()?;
    (of == workspace && PersonId::of(of, number) == id).then_some(number)
}
