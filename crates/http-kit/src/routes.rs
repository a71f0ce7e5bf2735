//! The doors of a room, each with its name and its lock, and how they are hung.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{Method, Uri};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use utoipa::openapi::{Array, Object, RefOr, Schema, Type};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use crate::caller::{Authorizer, Lock};
use crate::extract::ListQuery;
use crate::kernel::Error;
use crate::problem::Problem;

/// One operation. Its id is also its handler's name, its audit action and its hook in the console.
pub struct Operation {
    pub id: &'static str,
    pub method: Method,
    /// As written in OpenAPI: `/journeys/{id}:publish`, below `/api/v1` unless it is a root route.
    pub path: &'static str,
    pub lock: Lock,
    pub summary: &'static str,
    /// What stands behind the question mark.
    pub asks: Vec<Parameter>,
    pub takes: Option<Shape>,
    pub gives: Option<Shape>,
    handler: MethodRouter,
}

/// A schema with everything it names.
pub struct Shape {
    pub schema: RefOr<Schema>,
    pub named: Vec<(String, RefOr<Schema>)>,
}

impl Shape {
    fn of<T: ToSchema>() -> Self {
        let mut named = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut named);
        let schema = RefOr::Ref(utoipa::openapi::Ref::from_schema_name(T::name()));
        Self { schema, named }
    }

    /// A [`Page`](crate::kernel::Page) of them.
    fn page_of<T: ToSchema>() -> Self {
        let Self { schema, named } = Self::of::<T>();
        let next = Object::builder().schema_type(Type::String).description(Some("Hand it back as `cursor` to go on; absent on the last page."));
        let page = Object::builder().property("items", Array::new(schema)).required("items").property("next", next);
        Self { schema: page.into(), named }
    }
}

#[derive(Default)]
pub struct Routes {
    pub operations: Vec<Operation>,
}

macro_rules! verbs {
    ($($name:ident $method:ident),*) => {$(
        pub fn $name<H, T, S>(self, id: &'static str, path: &'static str, lock: Lock, handler: H, state: &S) -> Self
        where
            H: Handler<T, S>,
            T: 'static,
            S: Clone + Send + Sync + 'static,
        {
            self.add(Method::$method, MethodFilter::$method, id, path, lock, handler, state)
        }
    )*};
}

impl Routes {
    pub fn new() -> Self {
        Self::default()
    }
    verbs!(get GET, post POST, put PUT, patch PATCH, delete DELETE);

    #[allow(clippy::too_many_arguments, reason = "hidden behind the five verbs")]
    fn add<H, T, S>(mut self, method: Method, filter: MethodFilter, id: &'static str, path: &'static str, lock: Lock, handler: H, state: &S) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        let handler = on(filter, handler).with_state(state.clone());
        self.operations.push(Operation { id, method, path, lock, summary: "", asks: Vec::new(), takes: None, gives: None, handler });
        self
    }

    fn last(&mut self, change: impl FnOnce(&mut Operation)) {
        if let Some(operation) = self.operations.last_mut() {
            change(operation);
        }
    }
    /// One line of what the last operation does, for the readable API page.
    pub fn summary(mut self, text: &'static str) -> Self {
        self.last(|o| o.summary = text);
        self
    }
    pub fn takes<T: ToSchema>(mut self) -> Self {
        self.last(|o| o.takes = Some(Shape::of::<T>()));
        self
    }
    pub fn gives<T: ToSchema>(mut self) -> Self {
        self.last(|o| o.gives = Some(Shape::of::<T>()));
        self
    }
    /// The query parameters it takes.
    pub fn asks<T: IntoParams>(mut self) -> Self {
        self.last(|o| o.asks = T::into_params(|| Some(ParameterIn::Query)));
        self
    }
    /// A list: takes what every list takes (another [`Self::asks`] replaces that), and gives a page.
    pub fn lists<T: ToSchema>(self) -> Self {
        self.lists_whole::<T>().asks::<ListQuery>()
    }
    /// A list that comes in one piece and takes nothing.
    pub fn lists_whole<T: ToSchema>(mut self) -> Self {
        self.last(|o| o.gives = Some(Shape::page_of::<T>()));
        self
    }
    pub fn and(mut self, more: Routes) -> Self {
        self.operations.extend(more.operations);
        self
    }
}

/// `{id}:publish` is one segment on the wire; the router wants two. `/x/7:publish` is walked as `/x/7/~publish`.
fn inner_path(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((head, last)) => match last.rsplit_once(':') {
            Some(("", verb)) => format!("{head}/~{verb}"),
            Some((noun, verb)) if is_verb(verb) => format!("{head}/{noun}/~{verb}"),
            _ => path.to_owned(),
        },
        None => path.to_owned(),
    }
}

fn is_verb(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// Rewrites `:verb` for all requests below the API; to be laid around the router, before it routes.
pub fn rewrite_verbs<B>(mut request: axum::http::Request<B>) -> axum::http::Request<B> {
    let path = request.uri().path();
    if request.method() == Method::POST && path.starts_with("/api/") {
        let inner = inner_path(path);
        if inner != path {
            let with_query = match request.uri().query() {
                Some(query) => format!("{inner}?{query}"),
                None => inner,
            };
            if let Ok(uri) = with_query.parse::<Uri>() {
                *request.uri_mut() = uri;
            }
        }
    }
    request
}

/// Hangs the doors below `/api/v1`, each behind its lock. Wrap the finished router with [`rewrite_verbs`].
pub fn mount(routes: Routes, authorizer: Arc<dyn Authorizer>) -> Router {
    let mut by_path: BTreeMap<String, MethodRouter> = BTreeMap::new();
    for operation in routes.operations {
        let lock = operation.lock;
        let authorizer = authorizer.clone();
        let locked = operation
            .handler
            .layer(middleware::from_fn(move |request: Request, next: Next| open(lock, authorizer.clone(), request, next)));
        let path = format!("/api/v1{}", inner_path(operation.path));
        let merged = match by_path.remove(&path) {
            Some(there) => there.merge(locked),
            None => locked,
        };
        by_path.insert(path, merged);
    }
    by_path.into_iter().fold(Router::new(), |router, (path, methods)| router.route(&path, methods))
}

async fn open(lock: Lock, authorizer: Arc<dyn Authorizer>, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    if !matches!(lock, Lock::Open(_)) {
        let caller = authorizer.authenticate(&parts).await?;
        if let Lock::Permission(permission) = lock {
            caller.must(permission)?;
        }
        // A foreign page can send a form with our cookie, but not this header.
        let changes = !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
        if caller.by_cookie && changes && !parts.headers.contains_key("x-weft-console") {
            return Err(Problem(Error::denied("access.forged", "send the header X-Weft-Console with requests that use the session cookie")));
        }
        parts.extensions.insert(caller);
    }
    Ok(next.run(Request::from_parts(parts, body)).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_become_a_segment() {
        assert_eq!(inner_path("/journeys/{id}:publish"), "/journeys/{id}/~publish");
        assert_eq!(inner_path("/segments:count"), "/segments/~count");
        assert_eq!(inner_path("/people/per_1"), "/people/per_1");
        assert_eq!(inner_path("/people/a:B"), "/people/a:B");
        assert_eq!(inner_path("/analytics/funnels:run"), "/analytics/funnels/~run");
    }
}
