//! Messages to many people: one row for the message, and a letter for each person, made in one statement.
//!
//! The letters are the truth: who of them got it is counted from them, and the database lets nobody have two of one
//! message.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use serde_json::json;

use crate::domain::broadcast::{Audience, Broadcast, BroadcastState, Tally};
use crate::domain::key::Role;
use crate::domain::person::Admission;
use crate::domain::{BroadcastId, InstanceId, Region, Timestamp, UserId};

use super::audit::record;
use super::entity::{assignments, broadcasts, configs, outbox, users};
use super::keys::live_keys;
use super::outbox::{NewLetter, push_all};
use super::{Store, StoreError, rows};

/// Why a letter was not sent that was to be, when an admin stopped its message.
const STOPPED: &str = "stopped";

/// To whom, in terms of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipients {
    /// Everybody.
    Everybody,
    /// Whoever has a key that works.
    WithKey,
    /// Whoever has none.
    WithoutKey,
    /// Whoever has a key that works in one of these places.
    Of(Vec<Place>),
}

/// Keys of one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The instance.
    pub instance: InstanceId,
    /// Which of its keys.
    pub keys: KeysThere,
}

/// Which keys of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeysThere {
    /// All of them.
    All,
    /// Those that wanted this location.
    Wanted(Region),
    /// All but those that wanted one of these.
    NotWanted(Vec<Region>),
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBroadcast {
    /// Who wrote it.
    pub by: UserId,
    /// The update that asks for it: the same one sends it once.
    pub update_id: i64,
    /// To whom, as an admin says it.
    pub audience: Audience,
    /// To whom, in terms of rows.
    pub recipients: Recipients,
    /// What, in Telegram's HTML.
    pub text: String,
}

/// For statements over `users`: whose id is the owner of one of `keys`.
fn owns_one_of(keys: Select<configs::Entity>) -> Expr {
    users::Column::Id.in_subquery(keys.select_only().column(configs::Column::Owner).into_query())
}

/// For statements over `configs`: served by one of `instances`.
fn served_by(instances: &[&InstanceId]) -> Expr {
    use assignments::Column;
    let served = assignments::Entity::find()
        .select_only()
        .column(Column::ConfigId)
        .filter(Column::InstanceId.is_in(instances.iter().map(|id| id.as_str())))
        .filter(Column::Role.eq(rows::to_word(Role::Primary)))
        .filter(Column::ReleasedAt.is_null());
    configs::Column::Id.in_subquery(served.into_query())
}

/// For statements over `configs`: in one of `places`.
fn in_one_of(places: &[Place]) -> Condition {
    let wanted = configs::Column::WantedRegion;
    let whole: Vec<&InstanceId> =
        places.iter().filter(|place| place.keys == KeysThere::All).map(|place| &place.instance).collect();
    places.iter().fold(Condition::any().add(served_by(&whole)), |any, place| {
        let these = match &place.keys {
            KeysThere::All => return any,
            KeysThere::Wanted(region) => Condition::all().add(wanted.eq(region.code())),
            KeysThere::NotWanted(others) => {
                Condition::any().add(wanted.is_null()).add(wanted.is_not_in(others.iter().map(Region::code)))
            }
        };
        any.add(Condition::all().add(served_by(&[&place.instance])).add(these))
    })
}

/// The people who get it. Who was refused is no user of ours.
fn people(recipients: &Recipients, now: Timestamp) -> Select<users::Entity> {
    let all = users::Entity::find()
        .filter(users::Column::BlockedBot.eq(false))
        .filter(users::Column::Admission.ne(rows::to_word(Admission::Denied)));
    match recipients {
        Recipients::Everybody => all,
        Recipients::WithKey => all.filter(owns_one_of(live_keys(now))),
        Recipients::WithoutKey => all.filter(owns_one_of(live_keys(now)).not()),
        Recipients::Of(places) => all.filter(owns_one_of(live_keys(now).filter(in_one_of(places)))),
    }
}

fn broadcast_of(row: broadcasts::Model) -> Result<Broadcast, StoreError> {
    let corrupt = |what| StoreError::corrupt("broadcasts", row.id, what);
    Ok(Broadcast {
        id: BroadcastId(row.id),
        by: UserId(row.created_by),
        audience: row.audience.parse().map_err(|_| corrupt("audience"))?,
        state: rows::word(&row.state).ok_or_else(|| corrupt("state"))?,
        text: row.text,
        created_at: row.created_at,
        ended_at: row.ended_at,
    })
}

/// What it is called in the record.
fn subject(id: BroadcastId) -> String {
    format!("broadcast {id}")
}

impl Store {
    /// How many people would get a message now.
    ///
    /// # Errors
    /// The database.
    pub async fn count_recipients(&self, recipients: &Recipients, now: Timestamp) -> Result<u64, StoreError> {
        Ok(people(recipients, now).count(self.read()).await?)
    }

    /// Begins a message: its row, a letter like `each` for everybody, the letter that tells how far it is, and the record,
    /// in one transaction. The same update begins it once. `None`: it is for nobody, and nothing happened.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_broadcast(
        &self,
        new: &NewBroadcast,
        each: impl Fn(BroadcastId) -> NewLetter,
        progress: impl Fn(BroadcastId) -> NewLetter,
        now: Timestamp,
    ) -> Result<Option<BroadcastId>, StoreError> {
        let tx = self.begin().await?;
        let begun = broadcasts::Entity::find().filter(broadcasts::Column::UpdateId.eq(new.update_id));
        if let Some(row) = begun.one(&tx).await? {
            return Ok(Some(BroadcastId(row.id)));
        }
        let row = broadcasts::ActiveModel {
            created_by: Set(new.by.0),
            created_at: Set(now),
            update_id: Set(new.update_id),
            audience: Set(new.audience.to_string()),
            text: Set(new.text.clone()),
            state: Set(rows::to_word(BroadcastState::Running)),
            told: Set(0),
            ..Default::default()
        };
        let id = BroadcastId(row.insert(&tx).await?.id);
        let letter = each(id);
        let letters = people(&new.recipients, now)
            .select_only()
            .column(users::Column::Id)
            .expr(Expr::value(letter.lane))
            .expr(Expr::value(letter.notice))
            .expr(Expr::value(letter.not_before))
            .expr(Expr::value(0_i32))
            .expr(Expr::value(now))
            .expr(Expr::value(id.0));
        let mut insert = Query::insert();
        insert.into_table(outbox::Entity).columns([
            outbox::Column::ChatId,
            outbox::Column::Lane,
            outbox::Column::Notice,
            outbox::Column::NotBefore,
            outbox::Column::Attempts,
            outbox::Column::CreatedAt,
            outbox::Column::BroadcastId,
        ]);
        insert.select_from(letters.into_query()).expect("as many values as columns");
        let made = tx.execute(&insert).await?.rows_affected();
        if made == 0 {
            return Ok(None);
        }
        push_all(&tx, &[progress(id)], now).await?;
        let detail = json!({ "audience": new.audience, "people": made });
        record(&tx, Some(new.by), "broadcast-started", &subject(id), detail, now).await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// A message.
    ///
    /// # Errors
    /// The database.
    pub async fn broadcast(&self, id: BroadcastId) -> Result<Option<Broadcast>, StoreError> {
        broadcasts::Entity::find_by_id(id.0).one(self.read()).await?.map(broadcast_of).transpose()
    }

    /// The latest messages, newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn recent_broadcasts(&self, limit: u64) -> Result<Vec<Broadcast>, StoreError> {
        let query = broadcasts::Entity::find().order_by_desc(broadcasts::Column::Id).limit(limit);
        query.all(self.read()).await?.into_iter().map(broadcast_of).collect()
    }

    /// Messages that go out, each with how many of its letters had ended when that was last told.
    ///
    /// # Errors
    /// The database.
    pub async fn running_broadcasts(&self) -> Result<Vec<(Broadcast, u64)>, StoreError> {
        let running = broadcasts::Column::State.eq(rows::to_word(BroadcastState::Running));
        let found = broadcasts::Entity::find().filter(running).all(self.read()).await?;
        let told = |row: broadcasts::Model| {
            let told = u64::try_from(row.told).unwrap_or_default();
            broadcast_of(row).map(|broadcast| (broadcast, told))
        };
        found.into_iter().map(told).collect()
    }

    /// How many people got a message.
    ///
    /// # Errors
    /// The database.
    pub async fn broadcast_tally(&self, id: BroadcastId) -> Result<Tally, StoreError> {
        use outbox::Column;
        let (sent, dropped) = (Column::SentAt.is_not_null(), Column::DroppedAt.is_not_null());
        let counts: Vec<(bool, bool, Option<String>, i64)> = outbox::Entity::find()
            .select_only()
            .column_as(sent.clone(), "sent")
            .column_as(dropped.clone(), "dropped")
            .column(Column::Problem)
            .column_as(Column::Id.count(), "many")
            .filter(Column::BroadcastId.eq(id.0))
            .group_by(sent)
            .group_by(dropped)
            .group_by(Column::Problem)
            .into_tuple()
            .all(self.read())
            .await?;
        let mut tally = Tally::default();
        for (sent, dropped, problem, many) in counts {
            let slot = match (sent, dropped, problem.as_deref()) {
                // On its way when the message was stopped: it arrived all the same.
                (true, ..) => &mut tally.sent,
                (false, false, _) => &mut tally.waiting,
                (false, true, Some("blocked" | "no-chat")) => &mut tally.blocked,
                (false, true, Some("refused" | "unreadable")) => &mut tally.failed,
                (false, true, _) => &mut tally.left,
            };
            *slot += u64::try_from(many).unwrap_or_default();
        }
        Ok(tally)
    }

    /// Tells how far a message is that goes out; with `done`, that it went out to all. `false`: it does not go out any
    /// more.
    ///
    /// # Errors
    /// The database.
    pub async fn tell_broadcast(
        &self,
        id: BroadcastId,
        ended: u64,
        done: bool,
        letter: &NewLetter,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        use broadcasts::Column;
        let tx = self.begin().await?;
        let mut change = broadcasts::Entity::update_many()
            .col_expr(Column::Told, Expr::value(i64::try_from(ended).unwrap_or(i64::MAX)))
            .filter(Column::Id.eq(id.0))
            .filter(Column::State.eq(rows::to_word(BroadcastState::Running)));
        if done {
            change = change
                .col_expr(Column::State, Expr::value(rows::to_word(BroadcastState::Done)))
                .col_expr(Column::EndedAt, Expr::value(now));
        }
        if change.exec(&tx).await?.rows_affected == 0 {
            return Ok(false);
        }
        push_all(&tx, std::slice::from_ref(letter), now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets messages that ended before `before`, with their letters; how many messages there were.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_broadcasts(&self, before: Timestamp) -> Result<u64, StoreError> {
        let old = broadcasts::Entity::find()
            .select_only()
            .column(broadcasts::Column::Id)
            .filter(broadcasts::Column::EndedAt.lt(before));
        let old: Vec<i64> = old.into_tuple().all(self.read()).await?;
        for id in &old {
            let tx = self.begin().await?;
            outbox::Entity::delete_many().filter(outbox::Column::BroadcastId.eq(*id)).exec(&tx).await?;
            broadcasts::Entity::delete_by_id(*id).exec(&tx).await?;
            tx.commit().await?;
        }
        Ok(old.len() as u64)
    }

    /// Stops a message: whoever has not got it will not, but for the few that are on their way. `letter` tells how it
    /// ended. `false`: it does not go out any more.
    ///
    /// # Errors
    /// The database.
    pub async fn stop_broadcast(
        &self,
        id: BroadcastId,
        by: UserId,
        letter: &NewLetter,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        use broadcasts::Column;
        let tx = self.begin().await?;
        let changed = broadcasts::Entity::update_many()
            .col_expr(Column::State, Expr::value(rows::to_word(BroadcastState::Stopped)))
            .col_expr(Column::EndedAt, Expr::value(now))
            .filter(Column::Id.eq(id.0))
            .filter(Column::State.eq(rows::to_word(BroadcastState::Running)))
            .exec(&tx)
            .await?;
        if changed.rows_affected == 0 {
            return Ok(false);
        }
        let left = outbox::Entity::update_many()
            .col_expr(outbox::Column::DroppedAt, Expr::value(now))
            .col_expr(outbox::Column::Problem, Expr::value(STOPPED))
            .filter(outbox::Column::BroadcastId.eq(id.0))
            .filter(outbox::Column::SentAt.is_null())
            .filter(outbox::Column::DroppedAt.is_null())
            .exec(&tx)
            .await?;
        push_all(&tx, std::slice::from_ref(letter), now).await?;
        let detail = json!({ "left": left.rows_affected });
        record(&tx, Some(by), "broadcast-stopped", &subject(id), detail, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
