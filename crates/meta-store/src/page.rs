//! Lists in pages, by key and not by number: a row added in between neither repeats nor hides another.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr};
use sea_orm::{Condition, Order, QueryOrder, QuerySelect, Value};

use crate::fault::db_error;
use crate::kernel::{Error, Page, Result};

/// One page of `select`, ordered by columns that are never null and together unique (`[At, Id]`, `[Id]`), texts or integers.
/// `cursor` is the `next` of the page before.
pub async fn page<E>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    by: &[E::Column],
    order: Order,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<E::Model>>
where
    E: EntityTrait,
    E::Model: Sync,
{
    let descending = matches!(order, Order::Desc);
    let mut select = match cursor {
        Some(cursor) => select.filter(after(by, &decode(cursor, by)?, descending)),
        None => select,
    };
    for column in by {
        select = select.order_by(*column, order.clone());
    }
    let mut items = select.limit(limit as u64 + 1).all(db).await.map_err(db_error)?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|last| encode(last, by)).transpose()?;
    Ok(Page { items, next })
}

/// `(a, b) > (x, y)`, written out.
fn after<C: ColumnTrait>(by: &[C], values: &[Value], descending: bool) -> Condition {
    let mut any = Condition::any();
    for depth in 0..by.len() {
        let mut all = Condition::all();
        for (column, value) in by.iter().zip(values).take(depth) {
            all = all.add(column.eq(value.clone()));
        }
        let (column, value) = (by[depth], values[depth].clone());
        any = any.add(all.add(if descending { column.lt(value) } else { column.gt(value) }));
    }
    any
}

fn encode<M: ModelTrait>(model: &M, by: &[<M::Entity as EntityTrait>::Column]) -> Result<String> {
    let values = by
        .iter()
        .map(|column| match model.get(*column) {
            Value::String(Some(text)) => Ok(serde_json::Value::from(text)),
            Value::BigInt(Some(number)) => Ok(serde_json::Value::from(number)),
            _ => Err(Error::bug("meta_store.failed", "pages go by texts and integers that are never null")),
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(B64.encode(serde_json::to_vec(&values)?))
}

fn decode<C: ColumnTrait>(cursor: &str, by: &[C]) -> Result<Vec<Value>> {
    let foreign = || Error::invalid("meta_store.cursor_invalid", "the cursor is not one of this list; start again without it");
    let bytes = B64.decode(cursor).map_err(|_| foreign())?;
    let values: Vec<serde_json::Value> = serde_json::from_slice(&bytes).map_err(|_| foreign())?;
    if values.len() != by.len() {
        return Err(foreign());
    }
    let fits = |(column, value): (&C, serde_json::Value)| match (column.def().get_column_type(), value) {
        (ColumnType::BigInteger, serde_json::Value::Number(n)) => n.as_i64().map(Value::from),
        (ColumnType::Text | ColumnType::String(_), serde_json::Value::String(text)) => Some(Value::from(text)),
        _ => None,
    };
    by.iter().zip(values).map(|pair| fits(pair).ok_or_else(foreign)).collect()
}

/// The column holds `text` somewhere, without regard to the case of Latin letters.
pub fn contains<C: ColumnTrait>(column: C, text: &str) -> Expr {
    let mut pattern = String::from("%");
    for c in text.to_ascii_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    Expr::expr(Func::lower(Expr::col(column.as_column_ref()))).like(LikeExpr::new(pattern).escape('!'))
}
