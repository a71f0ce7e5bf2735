//! The first workspace without a hand: an administrator, a key and a source from four settings.

use futures::future::BoxFuture;
use weft_meta_store::{Rows, Unit};

use crate::domain::{email, password, secret, workspace};
use crate::kernel::{Actor, Error, Millis, Result, Scope, Sensitive, UserId, WorkspaceId};
use crate::operations::run_setup::{Founding, found_workspace};
use crate::store::{api_keys, users};

/// `WEFT__BOOTSTRAP__EMAIL`, `…__PASSWORD`, `…__API_KEY`, `…__WRITE_KEY`.
#[derive(Clone, Debug)]
pub struct BootstrapInput {
    pub email: String,
    pub password: Sensitive<String>,
    pub api_key: Sensitive<String>,
    pub write_key: Sensitive<String>,
}

impl BootstrapInput {
    /// All four or none of them; an empty one counts as absent.
    pub fn of(email: Option<String>, password: Option<String>, api_key: Option<String>, write_key: Option<String>) -> Result<Option<Self>> {
        let given = [("email", email), ("password", password), ("api_key", api_key), ("write_key", write_key)];
        let given = given.map(|(name, value)| (name, value.filter(|v| !v.is_empty())));
        let missing: Vec<_> = given.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| *name).collect();
        match given.map(|(_, value)| value) {
            [None, None, None, None] => Ok(None),
            [Some(email), Some(password), Some(api_key), Some(write_key)] => {
                Ok(Some(Self { email, password: Sensitive(password), api_key: Sensitive(api_key), write_key: Sensitive(write_key) }))
            }
            _ => {
                let error = Error::invalid("access.bootstrap_incomplete", format!("bootstrap takes all four settings or none; missing: {}", missing.join(", ")));
                Err(missing.into_iter().fold(error, |error, name| error.field(name, "missing")))
            }
        }
    }

    fn must_be_strong(&self) -> Result<String> {
        let email = email::parse(&self.email)?;
        password::must_be_strong("password", &self.password.0, &email)?;
        secret::must_be_strong("api_key", &self.api_key.0)?;
        secret::must_be_strong("write_key", &self.write_key.0)?;
        if self.api_key == self.write_key {
            return Err(Error::invalid("access.key_weak", "the write key is public in web pages; it must not be the API key").field("write_key", "the same as api_key"));
        }
        Ok(email)
    }
}

#[derive(Clone, Debug)]
pub struct Bootstrapped {
    pub workspace: WorkspaceId,
    pub user: UserId,
    /// For the first source.
    pub write_key: Sensitive<String>,
}

/// Makes the first workspace, or nothing when somebody is there already. `make_source` runs in the same unit, so that
/// a house with an administrator and without a source is never seen.
pub async fn bootstrap<F>(rows: &Rows, input: BootstrapInput, now: Millis, make_source: F) -> Result<Option<Bootstrapped>>
where
    F: for<'u> FnOnce(&'u mut Unit, &'u Bootstrapped) -> BoxFuture<'u, Result<()>> + Send,
{
    // Before looking whether they are needed: weak settings left lying about should not go unnoticed.
    let email = input.must_be_strong()?;
    if users::any(rows.connection()).await? {
        return Ok(None);
    }
    let password_hash = password::hash_away(input.password.0.clone()).await?;
    let mut unit = rows.begin(&Scope { workspace: WorkspaceId(0), actor: Actor::System }, "bootstrap", now).await?;
    if users::any(unit.tx()).await? {
        return Ok(None);
    }
    let founding = Founding {
        workspace_name: workspace::DEFAULT_NAME.to_owned(),
        time_zone: workspace::DEFAULT_TIME_ZONE.to_owned(),
        currency: workspace::DEFAULT_CURRENCY.to_owned(),
        name: email::local_part(&email).to_owned(),
        email,
        password_hash,
    };
    let (space, user) = found_workspace(&mut unit, founding).await?;
    let made = Bootstrapped { workspace: crate::authorizer::workspace(space.id), user: UserId(user.id), write_key: input.write_key };
    let key = api_keys::NewKey { workspace: made.workspace, name: "bootstrap", key: &input.api_key.0, permissions: vec!["*".to_owned()], by: &Actor::System };
    api_keys::insert(unit.tx(), key, now).await?;
    make_source(&mut unit, &made).await?;
    unit.commit().await?;
    Ok(Some(made))
}
