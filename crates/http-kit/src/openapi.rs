//! The OpenAPI 3.1 document, made from the same list of operations that is served.

use serde_json::{Map, Value, json};

use crate::caller::Lock;
use crate::routes::{Operation, Routes, Shape};

pub struct Info {
    pub title: &'static str,
    pub version: &'static str,
    pub description: &'static str,
}

/// A finished document; `Document::of` must be called before the routes are mounted.
pub struct Document(pub Value);

impl Document {
    pub fn of(info: &Info, routes: &Routes) -> Self {
        let mut paths = Map::new();
        let mut schemas = Map::new();
        for operation in &routes.operations {
            let item = paths.entry(format!("/api/v1{}", operation.path)).or_insert_with(|| json!({}));
            item[operation.method.as_str().to_lowercase()] = describe(operation);
            for shape in [&operation.takes, &operation.gives].into_iter().flatten() {
                collect(shape, &mut schemas);
            }
        }
        schemas.insert("Problem".into(), problem_schema());
        Self(json!({
            "openapi": "3.1.0",
            "info": {"title": info.title, "version": info.version, "description": info.description},
            "paths": paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}},
            },
            "security": [{"apiKey": []}],
        }))
    }
}

fn collect(shape: &Shape, schemas: &mut Map<String, Value>) {
    for (name, schema) in &shape.named {
        if let Ok(value) = serde_json::to_value(schema) {
            let before = schemas.insert(name.clone(), value);
            debug_assert!(before.is_none_or(|shape| Some(&shape) == schemas.get(name)), "two shapes are called {name}");
        }
    }
}

fn describe(operation: &Operation) -> Value {
    let tag = operation.path.trim_start_matches('/').split(['/', ':']).next().unwrap_or_default();
    let mut out = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [tag],
        "parameters": parameters(operation),
        "responses": {
            "200": response(operation.gives.as_ref()),
            "default": {"description": "A problem", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}},
        },
    });
    match operation.lock {
        Lock::Permission(permission) => out["x-permission"] = permission.into(),
        Lock::SignedIn => out["x-permission"] = "signed in".into(),
        Lock::Open(reason) => {
            out["security"] = json!([]);
            out["x-open-because"] = reason.into();
        }
    }
    if let Some(shape) = &operation.takes {
        out["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": shape.schema}}});
    }
    out
}

fn parameters(operation: &Operation) -> Value {
    let in_path = operation
        .path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}));
    let in_query = operation.asks.iter().filter_map(|parameter| serde_json::to_value(parameter).ok());
    in_path.chain(in_query).collect()
}

fn response(shape: Option<&Shape>) -> Value {
    match shape {
        Some(shape) => json!({"description": "Success", "content": {"application/json": {"schema": shape.schema}}}),
        None => json!({"description": "Success"}),
    }
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "required": ["code", "title", "detail", "trace_id"],
        "properties": {
            "type": {"type": "string"}, "status": {"type": "integer"}, "code": {"type": "string"}, "title": {"type": "string"},
            "detail": {"type": "string"}, "trace_id": {"type": "string"},
            "fields": {"type": "object", "additionalProperties": {"type": "string"}},
            "params": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    })
}
