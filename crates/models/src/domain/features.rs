//! What is known of people, in columns: numbers as f32 and categories as codes with a dictionary. Column by column, because that is how it is read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::same_length;
use crate::kernel::{Error, Result};

/// The code of a category that is not known. A number that is not known is NaN inside; outside nobody can bring one in.
pub const MISSING: u32 = u32::MAX;

/// Named columns over the same people, in the same order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    rows: usize,
    columns: Vec<Column>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    name: String,
    values: Values,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// NaN where it is not known.
    Numbers(Vec<f32>),
    /// `MISSING` where it is not known. The dictionary is sorted, so that codes do not depend on the order of people.
    Categories { codes: Vec<u32>, dictionary: Vec<String> },
}

/// What kind of column it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Number,
    Category,
}

impl Column {
    pub fn name(&self) -> &str {
        &self.name
    }
    pub fn values(&self) -> &Values {
        &self.values
    }
    pub fn kind(&self) -> Kind {
        match self.values {
            Values::Numbers(_) => Kind::Number,
            Values::Categories { .. } => Kind::Category,
        }
    }
    pub fn missing(&self) -> u64 {
        match &self.values {
            Values::Numbers(values) => values.iter().filter(|v| v.is_nan()).count() as u64,
            Values::Categories { codes, .. } => codes.iter().filter(|c| **c == MISSING).count() as u64,
        }
    }
    pub(crate) fn into_parts(self) -> (String, Values) {
        (self.name, self.values)
    }
}

impl Features {
    pub fn new(rows: usize) -> Self {
        Self { rows, columns: Vec::new() }
    }
    pub fn rows(&self) -> usize {
        self.rows
    }
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
    pub(crate) fn into_columns(self) -> Vec<Column> {
        self.columns
    }
    pub fn column(&self, name: &str) -> Result<&Column> {
        let found = self.columns.iter().find(|c| c.name == name);
        found.ok_or_else(|| Error::invalid("models.column_unknown", format!("there is no column {name}")).param("column", name))
    }

    /// A column of numbers that are all known. The vector is kept as it is.
    pub fn numbers(mut self, name: impl Into<String>, mut values: Vec<f32>) -> Result<Self> {
        let name = name.into();
        for (row, value) in values.iter_mut().enumerate() {
            *value = finite(&name, row, *value)?;
        }
        self.add(name, Values::Numbers(values))?;
        Ok(self)
    }

    /// A column of numbers of which some are not known.
    pub fn known_numbers(mut self, name: impl Into<String>, values: impl IntoIterator<Item = Option<f32>>) -> Result<Self> {
        let name = name.into();
        let mut kept = Vec::with_capacity(self.rows);
        for (row, value) in values.into_iter().enumerate() {
            kept.push(value.map_or(Ok(f32::NAN), |v| finite(&name, row, v))?);
        }
        self.add(name, Values::Numbers(kept))?;
        Ok(self)
    }

    /// A column of categories by their names; `None` is not known.
    pub fn categories<S: AsRef<str>>(self, name: impl Into<String>, values: impl IntoIterator<Item = Option<S>>) -> Result<Self> {
        let mut known: BTreeMap<String, u32> = BTreeMap::new();
        let mut codes = Vec::with_capacity(self.rows);
        for value in values {
            codes.push(match value {
                None => MISSING,
                Some(value) => match known.get(value.as_ref()) {
                    Some(code) => *code,
                    None => {
                        let code = known.len() as u32;
                        known.insert(value.as_ref().to_owned(), code);
                        code
                    }
                },
            });
        }
        let mut dictionary = vec![String::new(); known.len()];
        for (value, code) in known {
            dictionary[code as usize] = value;
        }
        self.codes(name, codes, dictionary)
    }

    /// A column of categories by their codes into `dictionary`, in any order; `MISSING` is not known.
    pub fn codes(mut self, name: impl Into<String>, mut codes: Vec<u32>, dictionary: Vec<String>) -> Result<Self> {
        let name = name.into();
        if let Some(row) = codes.iter().position(|c| *c != MISSING && *c as usize >= dictionary.len()) {
            let detail = format!("column {name}, row {row}: code {} is beyond a dictionary of {}", codes[row], dictionary.len());
            return Err(Error::invalid("models.code_unknown", detail).param("column", &name));
        }
        let mut sorted: Vec<(String, u32)> = dictionary.into_iter().zip(0..).collect();
        sorted.sort_unstable();
        if let Some(twice) = sorted.windows(2).find(|w| w[0].0 == w[1].0) {
            let detail = format!("column {name}: the dictionary has {} twice", twice[0].0);
            return Err(Error::invalid("models.code_unknown", detail).param("column", &name));
        }
        let mut place = vec![0; sorted.len()];
        sorted.iter().zip(0..).for_each(|((_, old), new)| place[*old as usize] = new);
        codes.iter_mut().filter(|c| **c != MISSING).for_each(|c| *c = place[*c as usize]);
        let dictionary = sorted.into_iter().map(|(value, _)| value).collect();
        self.add(name, Values::Categories { codes, dictionary })?;
        Ok(self)
    }

    /// The same columns for some rows only, in the order given.
    pub fn take(&self, rows: &[u32]) -> Self {
        let take = |column: &Column| Column {
            name: column.name.clone(),
            values: match &column.values {
                Values::Numbers(values) => Values::Numbers(rows.iter().map(|r| values[*r as usize]).collect()),
                Values::Categories { codes, dictionary } => {
                    Values::Categories { codes: rows.iter().map(|r| codes[*r as usize]).collect(), dictionary: dictionary.clone() }
                }
            },
        };
        Self { rows: rows.len(), columns: self.columns.iter().map(take).collect() }
    }

    fn add(&mut self, name: String, values: Values) -> Result<()> {
        let length = match &values {
            Values::Numbers(values) => values.len(),
            Values::Categories { codes, .. } => codes.len(),
        };
        same_length(&format!("column {name}"), length, self.rows)?;
        if self.columns.iter().any(|c| c.name == name) {
            return Err(Error::invalid("models.column_twice", format!("there are two columns {name}")).param("column", name));
        }
        self.columns.push(Column { name, values });
        Ok(())
    }
}

/// Refuses what is no number, by name of column and row. Minus zero becomes zero: they are one value to everybody but the bits.
fn finite(column: &str, row: usize, value: f32) -> Result<f32> {
    if value.is_finite() {
        return Ok(value + 0.0);
    }
    let detail = format!("column {column}, row {row}: {value} is not a number to reckon with; leave unknown values out");
    Err(Error::invalid("models.value_not_finite", detail).param("column", column).param("row", row))
}

/// A target or a sample in f64, refused like a column.
pub(crate) fn all_finite(what: &str, values: &[f64]) -> Result<()> {
    let Some(row) = values.iter().position(|v| !v.is_finite()) else { return Ok(()) };
    let detail = format!("{what}, row {row}: {} is not a number to reckon with; leave unknown values out", values[row]);
    Err(Error::invalid("models.value_not_finite", detail).param("column", what).param("row", row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_refused_by_name() {
        for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let e = Features::new(2).numbers("spend", vec![1.0, wrong]).unwrap_err();
            assert_eq!((e.code, e.params["column"].as_str(), e.params["row"].as_str()), ("models.value_not_finite", "spend", "1"));
            assert!(Features::new(1).known_numbers("spend", [Some(wrong)]).is_err());
        }
        assert!(all_finite("spend", &[0.0, f64::NAN]).is_err());
    }

    #[test]
    fn columns_have_names_of_their_own_and_the_same_length() {
        let f = Features::new(2).numbers("a", vec![1.0, 2.0]).unwrap();
        assert_eq!(f.clone().numbers("a", vec![1.0, 2.0]).unwrap_err().code, "models.column_twice");
        assert_eq!(f.clone().numbers("b", vec![1.0]).unwrap_err().code, "models.length_differs");
        assert_eq!(f.column("z").unwrap_err().code, "models.column_unknown");
    }

    #[test]
    fn codes_do_not_depend_on_who_comes_first() {
        let one = Features::new(3).categories("city", [Some("b"), None, Some("a")]).unwrap();
        let other = Features::new(3).codes("city", vec![0, MISSING, 1], vec!["b".into(), "a".into()]).unwrap();
        assert_eq!(one, other);
        let Values::Categories { codes, dictionary } = one.column("city").unwrap().values() else { panic!() };
        assert_eq!((codes.as_slice(), dictionary.as_slice()), ([1, MISSING, 0].as_slice(), ["a".to_owned(), "b".to_owned()].as_slice()));
        assert_eq!(one.column("city").unwrap().missing(), 1);
        assert_eq!(Features::new(1).codes("x", vec![1], vec!["a".into()]).unwrap_err().code, "models.code_unknown");
        assert_eq!(Features::new(1).codes("x", vec![0], vec!["a".into(), "a".into()]).unwrap_err().code, "models.code_unknown");
    }

    #[test]
    fn some_rows_can_be_taken() {
        let f = Features::new(3).known_numbers("a", [Some(1.0), None, Some(3.0)]).unwrap().categories("c", [Some("x"), Some("y"), None]).unwrap();
        let taken = f.take(&[2, 0]);
        assert_eq!(taken.rows(), 2);
        let Values::Numbers(values) = taken.column("a").unwrap().values() else { panic!() };
        assert_eq!(values, &[3.0, 1.0]);
    }
}
