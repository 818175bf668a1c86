//! Our links: what proves them, the key behind one, what was last good of its account, and who fetched when.

use std::collections::BTreeMap;

use rand::Rng;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use serde::{Deserialize, Serialize};

use crate::domain::key::{Assignment, Config, Role, Wish};
use crate::domain::link::LinkKey;
use crate::domain::quota::Bytes;
use crate::domain::{AssignmentId, ConfigId, Timestamp, UserId};

use super::entity::{assignments, configs, domain_hours, fetches, last_good, users};
use super::keys::{accounts_of, assignment_of, buried, config_of};
use super::outbox::{NewLetter, push_all};
use super::{Secrets, Store, StoreError, rows};

/// The setting that holds the key of all links, and what sealing binds it to.
pub const LINK_KEY: &str = "link-key";
/// Larger copies are not kept. A subscription of a hundred entries has 100 KB.
const LARGEST_COPY: usize = 512 << 10;
/// Rows of one statement.
const BATCH: usize = 500;

/// What sealing binds an account's links to.
pub(super) fn links_identity(id: AssignmentId) -> String {
    format!("last_good.links:{id}")
}

/// What sealing binds the copy of an account's answer to.
pub(super) fn copy_identity(id: AssignmentId) -> String {
    format!("last_good.copy:{id}")
}

/// The key behind a link.
#[derive(Debug, Clone)]
pub struct Linked {
    /// The key.
    pub config: Config,
    /// What it used over all accounts it ever had.
    pub used: Bytes,
    /// The account that counts.
    pub primary: Option<Assignment>,
    /// The language its owner chose.
    pub language: Option<String>,
    /// The language of its owner's Telegram.
    pub telegram_language: Option<String>,
}

/// An answer as clients get it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// What kind of text it is.
    pub content_type: Option<String>,
    /// What else clients understand of the panel's headers.
    pub headers: Vec<(String, String)>,
    /// The text.
    pub body: String,
}

/// What the panel of an account answered when it last did. A secret.
#[derive(Clone, PartialEq, Eq)]
pub struct LastGood {
    /// Its share links.
    pub links: Vec<String>,
    /// The format that was asked for last, and the answer in it.
    pub copy: Option<(String, Copy)>,
    /// When it was written.
    pub kept_at: Timestamp,
}

/// A fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Whose.
    pub config: ConfigId,
    /// The app, by its own name.
    pub app: String,
    /// The address that it came by.
    pub domain: String,
    /// The generation of the account whose links it got; zero when it got none.
    pub generation: u32,
    /// When.
    pub at: Timestamp,
}

#[derive(Debug, FromQueryResult)]
struct HourCount {
    domain: String,
    hour: Timestamp,
    count: i64,
}

/// Remembers the share links of an account, within the caller's transaction or alone.
pub(super) async fn keep_links(
    db: &impl ConnectionTrait,
    secrets: &Secrets,
    id: AssignmentId,
    links: &[String],
    now: Timestamp,
) -> Result<(), StoreError> {
    if links.is_empty() {
        return Ok(());
    }
    let plain = serde_json::to_vec(links).expect("texts make JSON");
    let row = last_good::ActiveModel {
        assignment_id: Set(id.0),
        links: Set(Some(secrets.seal(&links_identity(id), &plain))),
        format: Set(None),
        copy: Set(None),
        kept_at: Set(now),
    };
    let known = OnConflict::column(last_good::Column::AssignmentId)
        .update_columns([last_good::Column::Links, last_good::Column::KeptAt])
        .to_owned();
    last_good::Entity::insert(row).on_conflict(known).exec_without_returning(db).await?;
    Ok(())
}

/// Forgets what was remembered of the accounts of an instance.
pub(super) async fn forget_last_good(db: &impl ConnectionTrait, instance: &str) -> Result<(), StoreError> {
    let accounts = assignments::Entity::find()
        .select_only()
        .column(assignments::Column::Id)
        .filter(assignments::Column::InstanceId.eq(instance));
    last_good::Entity::delete_many()
        .filter(last_good::Column::AssignmentId.in_subquery(accounts.into_query()))
        .exec(db)
        .await?;
    Ok(())
}

impl Store {
    /// What proves that a link is ours: made at the first start, and never again.
    ///
    /// # Errors
    /// The database, or a `SECRET_KEY` that does not open it.
    pub async fn link_key(&self, rng: &mut (impl Rng + Send)) -> Result<LinkKey, StoreError> {
        let made = LinkKey::generate(rng);
        self.put_once(LINK_KEY, &self.secrets().seal(LINK_KEY, made.expose())).await?;
        let sealed = self.setting(LINK_KEY).await?.unwrap_or_default();
        let plain = self.secrets().open(LINK_KEY, &sealed)?;
        LinkKey::from_bytes(&plain).ok_or_else(|| StoreError::corrupt("settings", LINK_KEY, "value"))
    }

    /// The key behind a link.
    ///
    /// # Errors
    /// The database.
    pub async fn linked(&self, config: ConfigId) -> Result<Option<Linked>, StoreError> {
        let Some(row) = configs::Entity::find_by_id(config.0).one(self.read()).await? else {
            return Ok(None);
        };
        let config = config_of(&row)?;
        let accounts = accounts_of(self.read(), config.id).await?;
        let buried = buried(self.read(), config.id).await?;
        let shown = accounts.iter().map(|account| account.used).sum::<Bytes>().saturating_add(buried);
        let owner = users::Entity::find_by_id(row.owner).one(self.read()).await?;
        let (language, telegram_language) =
            owner.map_or((None, None), |owner| (owner.language, owner.telegram_language));
        Ok(Some(Linked {
            used: shown.saturating_add_signed(config.used_before),
            primary: accounts.into_iter().find(|account| account.role == Role::Primary),
            config,
            language,
            telegram_language,
        }))
    }

    /// A link of a later epoch than the row's is in people's hands: the row came from an older backup. It is raised, so
    /// that the links before it stay dead.
    ///
    /// # Errors
    /// The database.
    pub async fn raise_link_epoch(&self, config: ConfigId, epoch: u32) -> Result<(), StoreError> {
        let epoch = i32::try_from(epoch).unwrap_or(i32::MAX);
        configs::Entity::update_many()
            .col_expr(configs::Column::LinkEpoch, Expr::value(epoch))
            .filter(configs::Column::Id.eq(config.0))
            .filter(configs::Column::LinkEpoch.lt(epoch))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Remembers the share links of an account.
    ///
    /// # Errors
    /// The database.
    pub async fn keep_links(
        &self,
        id: AssignmentId,
        links: &[String],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        keep_links(self.write(), self.secrets(), id, links, now).await
    }

    /// Remembers what an account's panel answered in `format`. What is too large is not kept.
    ///
    /// # Errors
    /// The database.
    pub async fn keep_copy(
        &self,
        id: AssignmentId,
        format: &str,
        copy: &Copy,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if copy.body.len() > LARGEST_COPY {
            return Ok(());
        }
        let plain = serde_json::to_vec(copy).expect("texts make JSON");
        let row = last_good::ActiveModel {
            assignment_id: Set(id.0),
            links: Set(None),
            format: Set(Some(format.to_owned())),
            copy: Set(Some(self.secrets().seal(&copy_identity(id), &plain))),
            kept_at: Set(now),
        };
        let known = OnConflict::column(last_good::Column::AssignmentId)
            .update_columns([last_good::Column::Format, last_good::Column::Copy, last_good::Column::KeptAt])
            .to_owned();
        last_good::Entity::insert(row).on_conflict(known).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// What an account's panel answered when it last did.
    ///
    /// # Errors
    /// The database, or a `SECRET_KEY` that does not open it.
    pub async fn last_good(&self, id: AssignmentId) -> Result<Option<LastGood>, StoreError> {
        let Some(row) = last_good::Entity::find_by_id(id.0).one(self.read()).await? else { return Ok(None) };
        let corrupt = |column| StoreError::corrupt("last_good", row.assignment_id, column);
        let links = match &row.links {
            Some(sealed) => {
                let plain = self.secrets().open(&links_identity(id), sealed)?;
                serde_json::from_slice(&plain).map_err(|_| corrupt("links"))?
            }
            None => Vec::new(),
        };
        let copy = match (&row.format, &row.copy) {
            (Some(format), Some(sealed)) => {
                let plain = self.secrets().open(&copy_identity(id), sealed)?;
                let copy = serde_json::from_slice(&plain).map_err(|_| corrupt("copy"))?;
                Some((format.clone(), copy))
            }
            _ => None,
        };
        Ok(Some(LastGood { links, copy, kept_at: row.kept_at }))
    }

    /// Whether the share links of an account are remembered.
    ///
    /// # Errors
    /// The database.
    pub async fn has_last_good(&self, id: AssignmentId) -> Result<bool, StoreError> {
        let found = last_good::Entity::find_by_id(id.0)
            .select_only()
            .column(last_good::Column::AssignmentId)
            .filter(last_good::Column::Links.is_not_null())
            .into_tuple::<i64>()
            .one(self.read())
            .await?;
        Ok(found.is_some())
    }

    /// Records who fetched, and by which address: of each app of each key its last fetch, of each address how many
    /// there were in each hour.
    ///
    /// # Errors
    /// The database.
    pub async fn record_fetches(&self, fetched: &[Fetch]) -> Result<(), StoreError> {
        // The last one of each app: a statement must not touch a row twice.
        let mut last: BTreeMap<(ConfigId, &str), &Fetch> = BTreeMap::new();
        let mut hours: BTreeMap<(&str, Timestamp), i64> = BTreeMap::new();
        for fetch in fetched {
            let known = last.entry((fetch.config, fetch.app.as_str())).or_insert(fetch);
            if known.at < fetch.at {
                *known = fetch;
            }
            *hours.entry((fetch.domain.as_str(), hour_of(fetch.at))).or_default() += 1;
        }
        let row = |fetch: &&Fetch| fetches::ActiveModel {
            config_id: Set(fetch.config.0),
            app: Set(fetch.app.clone()),
            domain: Set(fetch.domain.clone()),
            generation: Set(i32::try_from(fetch.generation).unwrap_or(i32::MAX)),
            at: Set(fetch.at),
            ..Default::default()
        };
        let rows: Vec<_> = last.values().map(row).collect();
        let tx = self.begin().await?;
        for rows in rows.chunks(BATCH) {
            let known = OnConflict::columns([fetches::Column::ConfigId, fetches::Column::App])
                .update_columns([fetches::Column::Domain, fetches::Column::Generation, fetches::Column::At])
                .to_owned();
            fetches::Entity::insert_many(rows.to_vec())
                .on_conflict(known)
                .exec_without_returning(&tx)
                .await?;
        }
        for ((domain, hour), count) in hours {
            let row = domain_hours::ActiveModel {
                domain: Set(domain.to_owned()),
                hour: Set(hour),
                count: Set(count),
                ..Default::default()
            };
            let column = domain_hours::Column::Count;
            let sum = Expr::col((domain_hours::Entity, column)).add(count);
            let add = OnConflict::columns([domain_hours::Column::Domain, domain_hours::Column::Hour])
                .value(column, sum)
                .to_owned();
            domain_hours::Entity::insert(row).on_conflict(add).exec_without_returning(&tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The last fetches of a key, the newest first: one for each app.
    ///
    /// # Errors
    /// The database.
    pub async fn fetches_of(&self, config: ConfigId) -> Result<Vec<Fetch>, StoreError> {
        let found = fetches::Entity::find()
            .filter(fetches::Column::ConfigId.eq(config.0))
            .order_by_desc(fetches::Column::At)
            .all(self.read())
            .await?;
        found
            .into_iter()
            .map(|row| {
                let corrupt = |column| StoreError::corrupt("fetches", row.id, column);
                Ok(Fetch {
                    config: ConfigId(row.config_id),
                    generation: rows::count(row.generation).ok_or_else(|| corrupt("generation"))?,
                    app: row.app,
                    domain: row.domain,
                    at: row.at,
                })
            })
            .collect()
    }

    /// How many fetches came by each address in each hour from `from` on.
    ///
    /// # Errors
    /// The database.
    pub async fn fetches_by_domain(
        &self,
        from: Timestamp,
    ) -> Result<Vec<(String, Timestamp, u64)>, StoreError> {
        let found = domain_hours::Entity::find()
            .select_only()
            .columns([domain_hours::Column::Domain, domain_hours::Column::Hour, domain_hours::Column::Count])
            .filter(domain_hours::Column::Hour.gte(from))
            .order_by_asc(domain_hours::Column::Hour)
            .into_model::<HourCount>()
            .all(self.read())
            .await?;
        Ok(found
            .into_iter()
            .map(|row| (row.domain, row.hour, u64::try_from(row.count).unwrap_or(0)))
            .collect())
    }

    /// Writes to the owners of keys that were fetched by an address since a moment. How many.
    ///
    /// # Errors
    /// The database.
    pub async fn write_to_fetchers(
        &self,
        domain: &str,
        since: Timestamp,
        batch: u64,
        write: &(dyn Fn(ConfigId, UserId) -> NewLetter + Sync),
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let (mut last, mut count) = (0, 0);
        loop {
            let by = fetches::Entity::find()
                .select_only()
                .column(fetches::Column::ConfigId)
                .filter(fetches::Column::Domain.eq(domain))
                .filter(fetches::Column::At.gte(since));
            let found = configs::Entity::find()
                .filter(configs::Column::Id.gt(last))
                .filter(configs::Column::Wish.eq(rows::to_word(Wish::Active)))
                .filter(configs::Column::Id.in_subquery(by.into_query()))
                .order_by_asc(configs::Column::Id)
                .limit(batch)
                .all(self.read())
                .await?;
            let Some(end) = found.last() else { return Ok(count) };
            last = end.id;
            count += found.len() as u64;
            let letters: Vec<NewLetter> =
                found.iter().map(|row| write(ConfigId(row.id), UserId(row.owner))).collect();
            let tx = self.begin().await?;
            push_all(&tx, &letters, now).await?;
            tx.commit().await?;
        }
    }

    /// Forgets what nobody asks for any more: hours before `before`, and what was remembered of accounts that were let
    /// go.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_fetches(&self, before: Timestamp) -> Result<(), StoreError> {
        domain_hours::Entity::delete_many()
            .filter(domain_hours::Column::Hour.lt(before))
            .exec(self.write())
            .await?;
        let gone = assignments::Entity::find()
            .select_only()
            .column(assignments::Column::Id)
            .filter(assignments::Column::ReleasedAt.lt(before));
        last_good::Entity::delete_many()
            .filter(last_good::Column::AssignmentId.in_subquery(gone.into_query()))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// The account that a link's key had before, if it still serves: its panel may answer when the present one does
    /// not.
    ///
    /// # Errors
    /// The database.
    pub async fn lingering_of(&self, config: ConfigId) -> Result<Vec<Assignment>, StoreError> {
        let found = assignments::Entity::find()
            .filter(assignments::Column::ConfigId.eq(config.0))
            .filter(assignments::Column::Role.eq(rows::to_word(Role::Lingering)))
            .filter(assignments::Column::ReleasedAt.is_null())
            .order_by_desc(assignments::Column::Generation)
            .all(self.read())
            .await?;
        found.into_iter().map(assignment_of).collect()
    }
}

/// The hour that a moment belongs to.
fn hour_of(at: Timestamp) -> Timestamp {
    at - chrono::TimeDelta::seconds(at.timestamp().rem_euclid(3600))
        - chrono::TimeDelta::nanoseconds(i64::from(at.timestamp_subsec_nanos()))
}
