//! How often a password was tried, per account and place. Five wrong ones in a quarter of an hour lock it for as long.

use sea_orm::entity::prelude::*;
use weft_meta_store::{At, db_error, statement};

use crate::domain::secret;
use crate::kernel::{Error, Millis, Result};

const ALLOWED: i64 = 5;
const WINDOW: i64 = 15 * Millis::MINUTE;
const LOCKED: i64 = 15 * Millis::MINUTE;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "login_attempts")]
pub struct Model {
    /// A hash of account and place: what was typed into the field for the e-mail may be a password.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub count: i64,
    pub since: At,
    /// 0 when not locked.
    pub locked_until: At,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

/// A try that has been counted. The right password takes it back with [`forgive`].
pub(crate) struct Attempt {
    pub id: String,
    /// If this one is wrong too, nobody gets another for a while.
    pub last: bool,
}

/// Counts a try before the password is looked at, in one statement: many at once cannot each be the first.
pub(crate) async fn count(db: &impl ConnectionTrait, account: &str, place: &str, now: Millis) -> Result<Attempt> {
    let id = secret::digest(&format!("{account}\n{place}"));
    // A lock that stands stays as it is; one that has run out, or a window that has, begins anew.
    let sql = "
        INSERT INTO login_attempts (id, count, since, locked_until) VALUES (?, 1, ?, 0)
        ON CONFLICT (id) DO UPDATE SET
            count = CASE
                WHEN login_attempts.locked_until > ? THEN login_attempts.count + 1
                WHEN login_attempts.locked_until > 0 OR login_attempts.since <= ? THEN 1
                ELSE login_attempts.count + 1 END,
            since = CASE
                WHEN login_attempts.locked_until > ? THEN login_attempts.since
                WHEN login_attempts.locked_until > 0 OR login_attempts.since <= ? THEN ?
                ELSE login_attempts.since END,
            locked_until = CASE
                WHEN login_attempts.locked_until > ? THEN login_attempts.locked_until
                WHEN login_attempts.locked_until > 0 OR login_attempts.since <= ? THEN 0
                WHEN login_attempts.count + 1 >= ? THEN ?
                ELSE 0 END
        RETURNING count, locked_until";
    let old = now.minus(WINDOW).0;
    let (at, until) = (now.0, now.plus(LOCKED).0);
    let numbers = [at, at, old, at, old, at, at, old, ALLOWED, until];
    let values = std::iter::once(id.clone().into()).chain(numbers.into_iter().map(Into::into));
    let row = db.query_one_raw(statement(db, sql, values)).await.map_err(db_error)?;
    let row = row.ok_or_else(|| Error::bug("access.attempt_not_counted", "the count of attempts was not returned"))?;
    let count: i64 = row.try_get("", "count").map_err(db_error)?;
    let locked_until: i64 = row.try_get("", "locked_until").map_err(db_error)?;
    if count == 1 {
        forget_old(db, now).await?;
    }
    if count > ALLOWED {
        let minutes = (locked_until - now.0).max(0) / Millis::MINUTE + 1;
        return Err(Error::limited("access.locked_out", format!("too many wrong passwords; try again in {minutes} min")).param("minutes", minutes));
    }
    Ok(Attempt { id, last: count == ALLOWED })
}

/// Whoever knocks with ever new names must not fill the disk.
async fn forget_old(db: &impl ConnectionTrait, now: Millis) -> Result<()> {
    Entity::delete_many().filter(Column::Since.lt(At(now.minus(WINDOW + LOCKED)))).exec(db).await.map_err(db_error)?;
    Ok(())
}

/// The password was right; what was wrong before is forgotten.
pub(crate) async fn forgive(db: &impl ConnectionTrait, attempt: &Attempt) -> Result<()> {
    Entity::delete_by_id(attempt.id.clone()).exec(db).await.map_err(db_error)?;
    Ok(())
}
