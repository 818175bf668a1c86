//! What the owners of keys were told once: their time or their traffic comes to its end.
//!
//! A mark stands for a key as long as the key is beyond it. Whoever gets more time or traffic falls back behind it; the
//! mark is then forgotten, and told anew when it is reached again.

use chrono::TimeDelta;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    TryInsertResult,
};

use crate::domain::key::Wish;
use crate::domain::quota::Bytes;
use crate::domain::{ConfigId, Timestamp, UserId};

use super::entity::{assignments, configs, told};
use super::keys::used_at_least;
use super::outbox::{NewLetter, push_all};
use super::{Store, StoreError, rows};

/// A point on the way of a key to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// So many days before its end.
    Days(u32),
    /// Its time is over.
    Ended,
    /// So much of its traffic is used, in percent; 100 is all.
    Percent(u32),
}

/// A key beyond a mark that its owner was not told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Untold {
    /// The key.
    pub config: ConfigId,
    /// Its owner.
    pub owner: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// How much it may use.
    pub data_limit: Option<Bytes>,
}

impl Mark {
    fn word(self) -> String {
        match self {
            Self::Days(days) => format!("days-{days}"),
            Self::Ended => "ended".to_owned(),
            Self::Percent(percent) => format!("percent-{percent}"),
        }
    }

    /// The latest end of a key that is beyond the mark.
    fn ends_by(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Days(days) => now + TimeDelta::days(i64::from(days)),
            Self::Ended | Self::Percent(_) => now,
        }
    }

    /// Keys that are beyond it, whatever they were told.
    fn is_passed(self, now: Timestamp) -> Condition {
        match self {
            Self::Days(_) | Self::Ended => {
                Condition::all().add(configs::Column::ExpiresAt.lte(self.ends_by(now)))
            }
            Self::Percent(percent) => Condition::all().add(Expr::cust(used_at_least(percent))),
        }
    }
}

impl Store {
    /// Forgets a mark of the keys that are not beyond it any more: they have more time or traffic. How many.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_told(&self, mark: Mark, now: Timestamp) -> Result<u64, StoreError> {
        let passed = configs::Entity::find()
            .select_only()
            .column(configs::Column::Id)
            .filter(mark.is_passed(now))
            .filter(
                Expr::col((configs::Entity, configs::Column::Id))
                    .equals((told::Entity, told::Column::ConfigId)),
            );
        let gone = told::Entity::delete_many()
            .filter(told::Column::What.eq(mark.word()))
            .filter(Expr::not_exists(passed.into_query()))
            .exec(self.write())
            .await?;
        Ok(gone.rows_affected)
    }

    /// Keys beyond a mark whose owners were not told, the first to end first. Those whose time was over before `since`
    /// are left out, and so are, for traffic, those that no panel was asked about since.
    ///
    /// # Errors
    /// The database.
    pub async fn untold(
        &self,
        mark: Mark,
        since: Timestamp,
        now: Timestamp,
        limit: u64,
    ) -> Result<Vec<Untold>, StoreError> {
        let known = told::Entity::find()
            .select_only()
            .column(told::Column::Id)
            .filter(told::Column::What.eq(mark.word()))
            .filter(
                Expr::col((told::Entity, told::Column::ConfigId))
                    .equals((configs::Entity, configs::Column::Id)),
            );
        let mut query = configs::Entity::find()
            .filter(configs::Column::Wish.eq(rows::to_word(Wish::Active)))
            .filter(mark.is_passed(now))
            .filter(Expr::not_exists(known.into_query()));
        query = match mark {
            Mark::Days(_) => {
                query.filter(configs::Column::ExpiresAt.gt(now)).filter(configs::Column::EndedAt.is_null())
            }
            Mark::Ended => query.filter(configs::Column::ExpiresAt.gt(since)),
            Mark::Percent(_) => {
                let read = assignments::Entity::find()
                    .select_only()
                    .column(assignments::Column::ConfigId)
                    .filter(assignments::Column::ReleasedAt.is_null())
                    .filter(assignments::Column::UsedAt.gte(since));
                let lives = configs::Column::ExpiresAt.is_null().or(configs::Column::ExpiresAt.gt(now));
                query.filter(configs::Column::Id.in_subquery(read.into_query())).filter(lives)
            }
        };
        let found = query
            .order_by_asc(configs::Column::ExpiresAt)
            .order_by_asc(configs::Column::Id)
            .limit(limit)
            .all(self.read())
            .await?;
        found
            .iter()
            .map(|row| {
                let limit = rows::bytes_opt(row.data_limit);
                Ok(Untold {
                    config: ConfigId(row.id),
                    owner: UserId(row.owner),
                    created_at: row.created_at,
                    expires_at: row.expires_at,
                    data_limit: limit.ok_or_else(|| StoreError::corrupt("configs", row.id, "data_limit"))?,
                })
            })
            .collect()
    }

    /// Tells the owner of a key that it is beyond a mark, and beyond the `weaker` ones without a word of their own.
    /// `false`: somebody did it before. Without a letter, the marks are only noted.
    ///
    /// # Errors
    /// The database.
    pub async fn tell_once(
        &self,
        config: ConfigId,
        mark: Mark,
        weaker: &[Mark],
        letter: Option<NewLetter>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let row = |mark: Mark| told::ActiveModel {
            config_id: Set(config.0),
            what: Set(mark.word()),
            told_at: Set(now),
            ..Default::default()
        };
        for (index, mark) in std::iter::once(&mark).chain(weaker).enumerate() {
            let noted = told::Entity::insert(row(*mark))
                .on_conflict_do_nothing_on([told::Column::ConfigId, told::Column::What])
                .exec_without_returning(&tx)
                .await?;
            if index == 0 && !matches!(noted, TryInsertResult::Inserted(1..)) {
                return Ok(false);
            }
        }
        push_all(&tx, letter.as_slice(), now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
