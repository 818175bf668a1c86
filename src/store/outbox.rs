//! Letters to be sent: written in the transaction that makes them true, sent until Telegram has taken them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseBackend, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Statement,
};
use serde_json::Value;

use crate::domain::Timestamp;

use super::entity::{outbox, sent_messages};
use super::{Store, StoreError, flags};

/// Whoever takes letters takes this lock first.
const CLAIM_LOCK: i64 = 0x6b61_7276_616f;

/// Rows of one statement.
const BATCH: usize = 500;

/// No process works on it.
fn free(now: Timestamp) -> Condition {
    Condition::any().add(outbox::Column::ClaimedUntil.is_null()).add(outbox::Column::ClaimedUntil.lte(now))
}

/// A letter to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLetter {
    /// The chat.
    pub chat: i64,
    /// How urgent: lower goes first.
    pub lane: i32,
    /// A newer letter of the same slot replaces an unsent older one.
    pub slot: Option<String>,
    /// What, in the words of whoever sends it.
    pub notice: Value,
    /// The menu screen that waits for it.
    pub screen: Option<i64>,
    /// Not before.
    pub not_before: Timestamp,
}

/// A letter that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLetter {
    /// The row.
    pub id: i64,
    /// The letter.
    pub letter: NewLetter,
    /// Failed attempts.
    pub attempts: u32,
}

/// Lets one transaction at a time write to a slot. SQLite has one writer anyway; on PostgreSQL two would each see no
/// older letter, and the slower one would fail on the unique index. Always in the order of the slots' names, so that
/// two transactions never wait for each other in a circle.
async fn lock_slots(tx: &impl ConnectionTrait, letters: &[NewLetter]) -> Result<(), StoreError> {
    let backend = tx.get_database_backend();
    if backend != DatabaseBackend::Postgres {
        return Ok(());
    }
    let slots: BTreeSet<&str> = letters.iter().filter_map(|letter| letter.slot.as_deref()).collect();
    for slot in slots {
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
        tx.execute_raw(Statement::from_sql_and_values(backend, lock, [slot.into()])).await?;
    }
    Ok(())
}

/// Notes which message a slot is.
async fn remember(
    tx: &impl ConnectionTrait,
    slot: &str,
    chat: i64,
    message: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = sent_messages::ActiveModel {
        slot: Set(slot.to_owned()),
        chat_id: Set(chat),
        message_id: Set(message),
        sent_at: Set(now),
    };
    let known = OnConflict::column(sent_messages::Column::Slot)
        .update_columns([
            sent_messages::Column::ChatId,
            sent_messages::Column::MessageId,
            sent_messages::Column::SentAt,
        ])
        .to_owned();
    sent_messages::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    Ok(())
}

/// Puts letters into the outbox within the caller's transaction.
pub(super) async fn push_all(
    tx: &impl ConnectionTrait,
    letters: &[NewLetter],
    now: Timestamp,
) -> Result<(), StoreError> {
    if letters.is_empty() {
        return Ok(());
    }
    lock_slots(tx, letters).await?;
    // The newest of a slot is the one to send.
    let newest: BTreeMap<&str, usize> =
        letters.iter().enumerate().filter_map(|(at, letter)| Some((letter.slot.as_deref()?, at))).collect();
    if !newest.is_empty() {
        outbox::Entity::update_many()
            .col_expr(outbox::Column::DroppedAt, Expr::value(now))
            .filter(outbox::Column::Slot.is_in(newest.keys().copied()))
            .filter(outbox::Column::SentAt.is_null())
            .filter(outbox::Column::DroppedAt.is_null())
            .exec(tx)
            .await?;
    }
    let is_newest = |(at, letter): &(usize, &NewLetter)| {
        letter.slot.as_deref().is_none_or(|slot| newest.get(slot) == Some(at))
    };
    let rows: Vec<_> =
        letters.iter().enumerate().filter(is_newest).map(|(_, letter)| row_of(letter, now)).collect();
    for rows in rows.chunks(BATCH) {
        outbox::Entity::insert_many(rows.iter().cloned()).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn row_of(letter: &NewLetter, now: Timestamp) -> outbox::ActiveModel {
    outbox::ActiveModel {
        chat_id: Set(letter.chat),
        lane: Set(letter.lane),
        slot: Set(letter.slot.clone()),
        notice: Set(letter.notice.clone()),
        screen: Set(letter.screen),
        not_before: Set(letter.not_before),
        attempts: Set(0),
        created_at: Set(now),
        ..Default::default()
    }
}

impl Store {
    /// Puts letters into the outbox.
    ///
    /// # Errors
    /// The database.
    pub async fn post(&self, letters: &[NewLetter], now: Timestamp) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        push_all(&tx, letters, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Letters that are due and that no process works on, the most urgent lane first, then the oldest. On hold these are
    /// only the alerts that were written since: what waited when it began is an admin's to decide on.
    ///
    /// # Errors
    /// The database.
    pub async fn due_letters(&self, now: Timestamp, limit: u64) -> Result<Vec<StoredLetter>, StoreError> {
        let found = outbox::Entity::find()
            .filter(outbox::Column::SentAt.is_null())
            .filter(outbox::Column::DroppedAt.is_null())
            .filter(outbox::Column::NotBefore.lte(now))
            .filter(free(now))
            .filter(flags::may_be_sent())
            .order_by_asc(outbox::Column::Lane)
            .order_by_asc(outbox::Column::NotBefore)
            .order_by_asc(outbox::Column::Id)
            .limit(limit)
            .all(self.read())
            .await?;
        Ok(found
            .into_iter()
            .map(|row| StoredLetter {
                id: row.id,
                attempts: u32::try_from(row.attempts).unwrap_or(0),
                letter: NewLetter {
                    chat: row.chat_id,
                    lane: row.lane,
                    slot: row.slot,
                    notice: row.notice,
                    screen: row.screen,
                    not_before: row.not_before,
                },
            })
            .collect())
    }

    /// Takes letters to be sent by `worker` until `until`, and says which. Of each chat only one process sends at a time,
    /// so that its letters keep their order; what another one works on stays with it.
    ///
    /// # Errors
    /// The database.
    pub async fn claim_letters(
        &self,
        ids: &[i64],
        worker: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<BTreeSet<i64>, StoreError> {
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let tx = self.begin().await?;
        let backend = tx.get_database_backend();
        if backend == DatabaseBackend::Postgres {
            // One process at a time: two that each take another letter of a chat would not see each other's claim.
            let lock = "SELECT pg_advisory_xact_lock($1)";
            tx.execute_raw(Statement::from_sql_and_values(backend, lock, [CLAIM_LOCK.into()])).await?;
        }
        let elsewhere: Vec<i64> = outbox::Entity::find()
            .select_only()
            .column(outbox::Column::ChatId)
            .distinct()
            .filter(outbox::Column::SentAt.is_null())
            .filter(outbox::Column::DroppedAt.is_null())
            .filter(outbox::Column::ClaimedUntil.gt(now))
            .filter(outbox::Column::ClaimedBy.ne(worker))
            .into_tuple()
            .all(&tx)
            .await?;
        let taken = outbox::Entity::update_many()
            .col_expr(outbox::Column::ClaimedBy, Expr::value(worker))
            .col_expr(outbox::Column::ClaimedUntil, Expr::value(until))
            .filter(outbox::Column::Id.is_in(ids.iter().copied()))
            .filter(outbox::Column::ChatId.is_not_in(elsewhere))
            .filter(outbox::Column::SentAt.is_null())
            .filter(outbox::Column::DroppedAt.is_null())
            .filter(free(now))
            .filter(flags::may_be_sent())
            .exec_with_returning(&tx)
            .await?;
        tx.commit().await?;
        Ok(taken.into_iter().map(|row| row.id).collect())
    }

    /// What was last written to the menu of a chat that waits for it as screen `screen`, sent or not.
    ///
    /// # Errors
    /// The database.
    pub async fn answer_to(&self, chat: i64, screen: i64) -> Result<Option<Value>, StoreError> {
        let found = outbox::Entity::find()
            .filter(outbox::Column::ChatId.eq(chat))
            .filter(outbox::Column::Screen.eq(screen))
            .order_by_desc(outbox::Column::Id)
            .one(self.write())
            .await?;
        Ok(found.map(|row| row.notice))
    }

    /// How many letters wait in each lane, and since when the oldest one that is due does.
    ///
    /// # Errors
    /// The database.
    pub async fn waiting_by_lane(
        &self,
        now: Timestamp,
    ) -> Result<Vec<(i32, u64, Option<Timestamp>)>, StoreError> {
        let rows: Vec<(i32, i64, Option<Timestamp>)> = outbox::Entity::find()
            .select_only()
            .column(outbox::Column::Lane)
            .column_as(outbox::Column::Id.count(), "waiting")
            .column_as(outbox::Column::NotBefore.min(), "oldest")
            .filter(outbox::Column::SentAt.is_null())
            .filter(outbox::Column::DroppedAt.is_null())
            .group_by(outbox::Column::Lane)
            .into_tuple()
            .all(self.read())
            .await?;
        let due = |oldest: Option<Timestamp>| oldest.filter(|at| *at <= now);
        Ok(rows
            .into_iter()
            .map(|(lane, count, oldest)| (lane, u64::try_from(count).unwrap_or(0), due(oldest)))
            .collect())
    }

    /// A letter was taken by Telegram; a slot remembers the message, so that its next letter edits it.
    ///
    /// # Errors
    /// The database.
    pub async fn letter_sent(
        &self,
        letter: &StoredLetter,
        message_id: Option<i64>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        outbox::Entity::update_many()
            .col_expr(outbox::Column::SentAt, Expr::value(now))
            .filter(outbox::Column::Id.eq(letter.id))
            .exec(&tx)
            .await?;
        if let (Some(slot), Some(message_id)) = (&letter.letter.slot, message_id) {
            remember(&tx, slot, letter.letter.chat, message_id, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// A slot is this message now.
    ///
    /// # Errors
    /// The database.
    pub async fn remember_message(
        &self,
        slot: &str,
        chat: i64,
        message: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        remember(self.write(), slot, chat, message, now).await
    }

    /// The message that a slot was last sent as.
    ///
    /// # Errors
    /// The database.
    pub async fn sent_message(&self, slot: &str) -> Result<Option<(i64, i64)>, StoreError> {
        let row = sent_messages::Entity::find_by_id(slot.to_owned()).one(self.read()).await?;
        Ok(row.map(|row| (row.chat_id, row.message_id)))
    }

    /// Telegram did not take a letter: it is tried again at `at`.
    ///
    /// # Errors
    /// The database.
    pub async fn retry_letter(&self, id: i64, at: Timestamp, problem: &str) -> Result<(), StoreError> {
        outbox::Entity::update_many()
            .col_expr(outbox::Column::NotBefore, Expr::value(at))
            .col_expr(outbox::Column::Attempts, Expr::col(outbox::Column::Attempts).add(1))
            .col_expr(outbox::Column::Problem, Expr::value(problem))
            .col_expr(outbox::Column::ClaimedUntil, Expr::value(None::<Timestamp>))
            .filter(outbox::Column::Id.eq(id))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// A letter can never be sent, such as to somebody who blocked the bot.
    ///
    /// # Errors
    /// The database.
    pub async fn drop_letter(&self, id: i64, problem: &str, now: Timestamp) -> Result<(), StoreError> {
        outbox::Entity::update_many()
            .col_expr(outbox::Column::DroppedAt, Expr::value(now))
            .col_expr(outbox::Column::Problem, Expr::value(problem))
            .filter(outbox::Column::Id.eq(id))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Forgets letters that were sent or dropped, and written before `before`, up to `limit`, the oldest first; how many
    /// there were. Those of a message to many stay as long as it does.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_letters(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let done = Condition::any()
            .add(outbox::Column::SentAt.is_not_null())
            .add(outbox::Column::DroppedAt.is_not_null());
        let old = outbox::Entity::find()
            .select_only()
            .column(outbox::Column::Id)
            .filter(outbox::Column::CreatedAt.lt(before))
            .filter(outbox::Column::BroadcastId.is_null())
            .filter(done)
            .order_by_asc(outbox::Column::Id)
            .limit(limit);
        // Found by a reader, so that on SQLite nobody's write waits for the search.
        let old: Vec<i64> = old.into_tuple().all(self.read()).await?;
        for ids in old.chunks(BATCH) {
            outbox::Entity::delete_many()
                .filter(outbox::Column::Id.is_in(ids.iter().copied()))
                .exec(self.write())
                .await?;
        }
        Ok(old.len() as u64)
    }

    /// How many letters wait.
    ///
    /// # Errors
    /// The database.
    pub async fn waiting_letters(&self) -> Result<u64, StoreError> {
        let waiting = outbox::Entity::find()
            .filter(outbox::Column::SentAt.is_null())
            .filter(outbox::Column::DroppedAt.is_null());
        Ok(waiting.count(self.read()).await?)
    }
}
