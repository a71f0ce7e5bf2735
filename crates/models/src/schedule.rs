//! When models run by themselves: once a night, or in the night to Monday, in the workspace's own time.

use std::time::Duration;

use jiff::tz::TimeZone;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use weft_context_kit::night::{date_of, night_of};
use weft_context_kit::workspace_of;
use weft_http_kit::utoipa::{self, ToSchema};
use weft_meta_store::db_error;

use crate::kernel::{Actor, Error, Millis, Result, Scope, WorkspaceId};
use crate::operations;
use crate::run::Runs;
use crate::store::{Column, Entity};

const LOOK: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ModelEvery)]
pub(crate) enum Every {
    #[default]
    Never,
    Day,
    Week,
}

impl Every {
    pub fn text(self) -> &'static str {
        match self {
            Every::Never => "never",
            Every::Day => "day",
            Every::Week => "week",
        }
    }
    pub fn parse(text: &str) -> Self {
        match text {
            "day" => Every::Day,
            "week" => Every::Week,
            _ => Every::Never,
        }
    }
}

/// The last moment at which it should have run.
fn last_due(every: Every, now: Millis, zone: &TimeZone) -> Option<Millis> {
    let back = match every {
        Every::Never => return None,
        Every::Day => 1,
        Every::Week => 7,
    };
    let today = date_of(now, zone)?;
    (0..=back).find_map(|days| {
        let day = today.checked_sub(jiff::Span::new().days(days)).ok()?;
        let is_wanted = every == Every::Day || day.weekday() == jiff::civil::Weekday::Monday;
        night_of(day, zone).filter(|at| is_wanted && *at <= now)
    })
}

pub(crate) fn is_due(every: Every, last: Option<Millis>, made: Millis, now: Millis, zone: &TimeZone) -> bool {
    last_due(every, now, zone).is_some_and(|due| last.unwrap_or(made) < due)
}

impl Runs {
    /// Starts what is due, until the house stops.
    pub async fn run(self, mut stop: tokio::sync::watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(e) = self.start_due().await {
                tracing::error!(code = e.code, detail = %e.detail, "models that are due could not be started");
            }
            let _ = tokio::time::timeout(LOOK, stop.changed()).await;
        }
        self.cancel_all();
    }

    async fn start_due(&self) -> Result<()> {
        let parts = &self.parts;
        let scheduled = Entity::find().filter(Column::State.eq("active")).filter(Column::Every.ne("never")).all(parts.rows.connection()).await.map_err(db_error)?;
        for model in scheduled {
            let workspace = WorkspaceId(u32::try_from(model.workspace).map_err(Error::internal)?);
            let zone = workspace_of(&*parts.state, workspace)?.zone();
            let last = operations::newest(parts, &model, None).await?.map(|r| r.started_at.0);
            if is_due(Every::parse(&model.every), last, model.created_at.0, parts.clock.now(), &zone) {
                let scope = Scope { workspace, actor: Actor::System };
                let id = model.id.clone();
                match self.start(&scope, model).await {
                    Err(e) if e.code != "models.running" => tracing::error!(model = id, code = e.code, detail = %e.detail, "a model that is due could not be started"),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_a_night_in_the_workspaces_own_time() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let at = |text: &str| Millis::parse(text).unwrap();
        // 02:00 in Shanghai is 18:00 UTC of the day before. 2026-11-22 is a Sunday.
        let (before, after) = (at("2026-11-21T17:59:00Z"), at("2026-11-21T18:00:00Z"));
        let ran = Some(at("2026-11-20T18:00:30Z"));
        assert!(!is_due(Every::Day, ran, Millis(0), before, &zone));
        assert!(is_due(Every::Day, ran, Millis(0), after, &zone));
        assert!(!is_due(Every::Day, Some(after), Millis(0), after.plus(Millis::DAY / 2), &zone));
        assert!(!is_due(Every::Never, None, Millis(0), after, &zone));
        assert!(!is_due(Every::Week, ran, Millis(0), after, &zone), "a Sunday");
        assert!(is_due(Every::Week, ran, Millis(0), at("2026-11-22T18:00:00Z"), &zone), "the night to Monday");
        assert!(!is_due(Every::Day, None, after.plus(1), after.plus(2), &zone), "made since then");
    }
}
