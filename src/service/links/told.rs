//! Who has to be told that their key is served elsewhere, although their link stays: those whose app did not notice.

use chrono::TimeDelta;

use crate::domain::{ConfigId, Timestamp};
use crate::store::StoreError;
use crate::store::links::Fetch;

use super::super::Core;

/// After a failover an app has so long to fetch by itself.
pub const PATIENCE: TimeDelta = TimeDelta::minutes(5);
/// Who did not use their key for so long has nothing to notice.
const ACTIVE: TimeDelta = TimeDelta::hours(24);

/// Whether the owner of a key that left a dead instance at `since` needs a word, and the app that fetched last.
/// `None`: their app has fetched since, or they were not there.
///
/// # Errors
/// The database.
pub async fn needs_word(
    core: &Core,
    config: ConfigId,
    since: Timestamp,
) -> Result<Option<Option<String>>, StoreError> {
    let fetches = core.store.fetches_of(config).await?;
    let last: Option<&Fetch> = fetches.first();
    if last.is_some_and(|last| last.at >= since) {
        return Ok(None);
    }
    let online_at = core.store.last_online(config).await?;
    let active = [online_at, last.map(|last| last.at)].into_iter().flatten().any(|at| at >= since - ACTIVE);
    Ok(active.then(|| last.map(|last| last.app.clone())))
}
