//! Extractors whose refusals are problems that say what to do.

use std::str::FromStr;

use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::kernel::{Error, page};
use crate::problem::Problem;

/// A JSON body. Errors name the place in the body.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = bytes::Bytes::from_request(request, state)
            .await
            .map_err(|e| Problem(Error::invalid("http.body_unreadable", e.to_string())))?;
        // An empty body is an empty object: verbs without arguments need none.
        let bytes = if bytes.is_empty() { bytes::Bytes::from_static(b"{}") } else { bytes };
        serde_json::from_slice(&bytes)
            .map(Body)
            .map_err(|e| Problem(Error::invalid("http.body_invalid", format!("the body is not what this call takes: {e}"))))
    }
}

/// Query parameters. Errors name the parameter.
pub struct QueryOf<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::<T>::try_from_uri(&parts.uri)
            .map(|Query(q)| QueryOf(q))
            .map_err(|e| Problem(Error::invalid("http.query_invalid", e.body_text())))
    }
}

/// What every list takes.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Find by the beginning of a name or an identifier.
    #[serde(default)]
    #[param(required = false)]
    pub q: String,
    /// Items on a page: 50 if nothing is said, 500 at most.
    pub limit: Option<usize>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

impl ListQuery {
    pub fn limit(&self) -> usize {
        items_on_a_page(self.limit)
    }
}

/// What lists take whose items have owners.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OwnedListQuery {
    /// Find by a part of what it is called.
    #[serde(default)]
    #[param(required = false)]
    pub q: String,
    /// Only those of an owner: `me`, or a user's id.
    #[serde(default)]
    #[param(required = false)]
    pub owner: String,
    /// Items on a page: 50 if nothing is said, 500 at most.
    pub limit: Option<usize>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

impl OwnedListQuery {
    /// Whose is asked for, and the rest.
    pub fn apart(self) -> (String, ListQuery) {
        (self.owner.trim().to_owned(), ListQuery { q: self.q, limit: self.limit, cursor: self.cursor })
    }
}

/// For lists whose query has filters of its own.
pub fn items_on_a_page(asked: Option<usize>) -> usize {
    asked.unwrap_or(page::DEFAULT_LIMIT).clamp(1, page::MAX_LIMIT)
}

/// A cursor of another list, or of nobody's.
pub fn foreign_cursor() -> Error {
    Error::invalid("http.cursor_invalid", "this cursor was not given by this list")
}

/// The cursor as what the list made it of; none on the first page.
pub fn cursor_of<T: FromStr>(text: Option<&str>) -> Result<Option<T>, Error> {
    text.map(|text| text.parse().map_err(|_| foreign_cursor())).transpose()
}

/// The answer of an operation that is done and has nothing to say.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct Done {}
