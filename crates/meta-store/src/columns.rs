//! Column types that read back exactly what was written, on both engines.

use rust_decimal::Decimal;
use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr};
use sea_orm::{ActiveValue, ColIdx, DbErr, IntoActiveValue, QueryResult, TryGetError, TryGetable, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::kernel::Millis;

/// A moment, kept as a whole number of milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(pub Millis);

/// A decimal, kept as text: neither engine may round it. It does not sort as a number in SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact(pub Decimal);

/// Any value of serde, kept as JSON text: order of keys, large numbers and `\u0000` survive, which `jsonb` does not promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl From<Millis> for At {
    fn from(at: Millis) -> Self {
        Self(at)
    }
}
impl From<At> for Millis {
    fn from(at: At) -> Self {
        at.0
    }
}

/// The traits SeaORM asks of a column's type, for a type that is kept as another: `$store` there, `$load` back.
macro_rules! kept_as {
    ([$($generic:tt)*] $name:ty, $kept:ty, $null:expr, $column:expr, $array:expr, $store:expr, $load:expr) => {
        impl<$($generic)*> From<$name> for Value {
            fn from(source: $name) -> Value {
                let store: fn($name) -> $kept = $store;
                store(source).into()
            }
        }
        impl<$($generic)*> TryGetable for $name {
            fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
                let load: fn($kept) -> Result<$name, String> = $load;
                load(<$kept as TryGetable>::try_get_by(row, index)?).map_err(|e| TryGetError::DbErr(DbErr::Type(e)))
            }
        }
        impl<$($generic)*> ValueType for $name {
            fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
                let load: fn($kept) -> Result<$name, String> = $load;
                load(<$kept as ValueType>::try_from(value)?).map_err(|_| ValueTypeErr)
            }
            fn type_name() -> String {
                stringify!($name).to_owned()
            }
            fn array_type() -> ArrayType {
                $array
            }
            fn column_type() -> ColumnType {
                $column
            }
        }
        impl<$($generic)*> Nullable for $name {
            fn null() -> Value {
                $null
            }
        }
        impl<$($generic)*> IntoActiveValue<$name> for $name {
            fn into_active_value(self) -> ActiveValue<$name> {
                ActiveValue::Set(self)
            }
        }
    };
}

kept_as!([] At, i64, Value::BigInt(None), ColumnType::BigInteger, ArrayType::BigInt, |at| at.0.0, |ms| Ok(At(Millis(ms))));
kept_as!([] Exact, String, Value::String(None), ColumnType::Text, ArrayType::String,
    |d| d.0.to_string(),
    |text| text.parse().map(Exact).map_err(|_| format!("not a decimal: {text}")));
kept_as!([T: Serialize + DeserializeOwned] Json<T>, String, Value::String(None), ColumnType::Text, ArrayType::String,
    |json| serde_json::to_string(&json.0).unwrap_or_else(|e| { tracing::error!(%e, "a value that has no JSON form"); "null".to_owned() }),
    |text| serde_json::from_str(&text).map(Json).map_err(|e| e.to_string()));
