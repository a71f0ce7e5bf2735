//! Sources: who may send events, and by which key. Kept as rows, with the keys in memory for the door.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use sea_orm::entity::prelude::*;
use sea_orm::{IntoActiveModel, Order};
use serde::{Deserialize, Serialize};
use weft_meta_store::{At, Migration, MigrationTrait, Rows, Table, Unit, contains, db_error, page};

use crate::kernel::id::base32;
use crate::kernel::{Error, Millis, Page, Result, Scope, SourceId, WorkspaceId};

const MAX_NAME: usize = 100;

/// What sends. The last two are the house itself: they have no key, and cannot be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    Web,
    App,
    MiniProgram,
    Server,
    Import,
    Internal,
}

impl SourceKind {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Web, "web"),
        (Self::App, "app"),
        (Self::MiniProgram, "mini_program"),
        (Self::Server, "server"),
        (Self::Import, "import"),
        (Self::Internal, "internal"),
    ];

    fn column(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("internal", |(_, text)| text)
    }
    fn of_column(text: &str) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == text).map_or(Self::Internal, |(kind, _)| *kind)
    }
    /// Is it ours, so that nobody outside sends by it?
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Import | Self::Internal)
    }
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sources")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workspace: i64,
    pub name: String,
    pub kind: String,
    /// As it is: pages publish it, so hiding it here would protect nothing.
    pub write_key: Option<String>,
    pub created_at: At,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

pub(crate) fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    let sources = Table::new("sources").id().workspace().text("name").text("kind").text_or_null("write_key").millis("created_at");
    vec![Migration::new("m0001_create_sources").table(sources.unique(&["workspace", "name"]).unique(&["write_key"])).boxed()]
}

/// A source as the house speaks of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    pub id: SourceId,
    pub workspace: WorkspaceId,
    pub name: String,
    pub kind: SourceKind,
    pub write_key: Option<String>,
    pub created_at: Millis,
}

impl From<Model> for Source {
    fn from(row: Model) -> Self {
        Self {
            id: SourceId(row.id),
            workspace: WorkspaceId(u32::try_from(row.workspace).unwrap_or_default()),
            name: row.name,
            kind: SourceKind::of_column(&row.kind),
            write_key: row.write_key,
            created_at: row.created_at.into(),
        }
    }
}

/// Whose key it is.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyHolder {
    pub workspace: WorkspaceId,
    pub source: SourceId,
}

/// The sources and their keys. Cloning shares them.
#[derive(Clone)]
pub struct Sources {
    rows: Rows,
    keys: Arc<RwLock<HashMap<String, KeyHolder>>>,
}

impl Sources {
    pub(crate) fn new(rows: Rows) -> Self {
        Self { rows, keys: Arc::default() }
    }

    /// Whose key is this?
    pub fn by_key(&self, write_key: &str) -> Option<KeyHolder> {
        self.keys.read().get(write_key).cloned()
    }

    /// Reads the keys anew: at the start, after a change, and now and then for changes that another process made.
    pub async fn reload(&self) -> Result<()> {
        let rows = Entity::find().filter(Column::WriteKey.is_not_null()).all(self.rows.connection()).await.map_err(db_error)?;
        let keys = rows.into_iter().map(Source::from).filter_map(|source| {
            let holder = KeyHolder { workspace: source.workspace, source: source.id };
            Some((source.write_key?, holder))
        });
        let keys = keys.collect();
        *self.keys.write() = keys;
        Ok(())
    }

    /// Makes a source with a new key.
    pub async fn create(&self, scope: &Scope, now: Millis, name: &str, kind: SourceKind) -> Result<Source> {
        if kind.is_ours() {
            return Err(Error::invalid("collect.kind_invalid", "a source is web, app, mini_program or server").field("kind", "not for outside senders"));
        }
        let unit = self.rows.begin(scope, "create_source", now).await?;
        let key = base32(uuid::Uuid::new_v4().as_u128());
        let source = insert(unit, SourceId::new(), name, kind, Some(key)).await?;
        self.reload().await?;
        Ok(source)
    }

    /// The source of this name, made if it is not there: for the first start, for imports, and for the house itself.
    /// `write_key` is for the bootstrap, which must know the key beforehand; a source that is there keeps its own.
    pub async fn ensure(&self, scope: &Scope, now: Millis, name: &str, kind: SourceKind, write_key: Option<&str>) -> Result<SourceId> {
        let name = name.trim();
        if let Some(there) = self.named(scope, name).await? {
            return Ok(there.id);
        }
        let id = SourceId::derived(&[&scope.workspace.0.to_be_bytes(), name.as_bytes()]);
        let unit = self.rows.begin(scope, "ensure_source", now).await?;
        match insert(unit, id, name, kind, write_key.map(str::to_owned)).await {
            Ok(source) => {
                self.reload().await?;
                Ok(source.id)
            }
            // Another process was quicker.
            Err(error) => self.named(scope, name).await?.map(|there| there.id).ok_or(error),
        }
    }

    async fn named(&self, scope: &Scope, name: &str) -> Result<Option<Source>> {
        let mine = Entity::find().filter(Column::Workspace.eq(i64::from(scope.workspace.0))).filter(Column::Name.eq(name));
        Ok(mine.one(self.rows.connection()).await.map_err(db_error)?.map(Source::from))
    }

    /// Newest first; `q` is a part of the name.
    pub async fn list(&self, scope: &Scope, q: &str, cursor: Option<&str>, limit: usize) -> Result<Page<Source>> {
        let mine = Entity::find().filter(Column::Workspace.eq(i64::from(scope.workspace.0))).filter(contains(Column::Name, q));
        let found = page(self.rows.connection(), mine, &[Column::CreatedAt, Column::Id], Order::Desc, cursor, limit).await?;
        Ok(found.map(Source::from))
    }

    /// Its key opens the door no longer. What it sent stays.
    pub async fn delete(&self, scope: &Scope, now: Millis, id: &SourceId) -> Result<Source> {
        let mut unit = self.rows.begin(scope, "delete_source", now).await?;
        let mine = Entity::find_by_id(id.as_str()).filter(Column::Workspace.eq(unit.workspace_column()));
        let missing = || Error::not_found("collect.source_not_found", "there is no such source");
        let row = mine.one(unit.tx()).await.map_err(db_error)?.ok_or_else(missing)?;
        let source = Source::from(row);
        if source.kind.is_ours() {
            return Err(Error::conflict("collect.source_is_ours", "this source belongs to the house itself"));
        }
        unit.target(id.as_str());
        unit.change(Some(told(&source)), None);
        Entity::delete_by_id(id.as_str()).exec(unit.tx()).await.map_err(db_error)?;
        let _ = unit.commit().await?;
        self.reload().await?;
        Ok(source)
    }
}

async fn insert(mut unit: Unit, id: SourceId, name: &str, kind: SourceKind, write_key: Option<String>) -> Result<Source> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME {
        return Err(Error::invalid("collect.source_name_invalid", format!("a name has 1 to {MAX_NAME} characters")).field("name", "too short or too long"));
    }
    let row = Model {
        id: id.0,
        workspace: unit.workspace_column(),
        name: name.to_owned(),
        kind: kind.column().to_owned(),
        write_key,
        created_at: At(unit.now()),
    };
    let source = Source::from(row.clone());
    unit.target(&row.id);
    unit.change(None, Some(told(&source)));
    Entity::insert(row.into_active_model()).exec_without_returning(unit.tx()).await.map_err(|e| taken(db_error(e)))?;
    let _ = unit.commit().await?;
    Ok(source)
}

fn taken(error: Error) -> Error {
    match error.code {
        "meta_store.duplicate" => Error::conflict("collect.source_taken", "there is a source with this name or this key already"),
        _ => error,
    }
}

/// For the audit: everything but the key.
fn told(source: &Source) -> serde_json::Value {
    serde_json::json!({"name": source.name, "kind": source.kind})
}
