//! People who spoke to the bot, and the invitations that let them in.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::domain::person::{Admission, AdmissionChange, Invite, Person, Redeemed};
use crate::domain::{Timestamp, UserId};

use super::entity::{invite_uses, invites, users};
use super::outbox::NewLetter;
use super::{Store, StoreError, outbox, rows};

/// A person as an update shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Telegram's id.
    pub id: UserId,
    /// As they call themselves.
    pub first_name: String,
    /// Without the `@`.
    pub username: Option<String>,
    /// The language of their Telegram.
    pub telegram_language: Option<String>,
}

fn person_of(row: users::Model) -> Result<Person, StoreError> {
    let corrupt = |what| StoreError::corrupt("users", row.id, what);
    let days = row.granted_days.map(|days| rows::count(days).ok_or_else(|| corrupt("granted_days")));
    let gb = row.granted_gb.map(|gb| rows::count(gb).ok_or_else(|| corrupt("granted_gb")));
    Ok(Person {
        id: UserId(row.id),
        admission: rows::word(&row.admission).ok_or_else(|| corrupt("admission"))?,
        granted_days: days.transpose()?,
        granted_gb: gb.transpose()?,
        first_name: row.first_name,
        username: row.username,
        language: row.language,
        telegram_language: row.telegram_language,
        blocked_bot: row.blocked_bot,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
    })
}

fn invite_of(row: invites::Model) -> Result<Invite, StoreError> {
    let corrupt = |what| StoreError::corrupt("invites", &row.code, what);
    let days = row.days.map(|days| rows::count(days).ok_or_else(|| corrupt("days")));
    let gb = row.gb.map(|gb| rows::count(gb).ok_or_else(|| corrupt("gb")));
    Ok(Invite {
        max_uses: rows::count(row.max_uses).ok_or_else(|| corrupt("max_uses"))?,
        used: rows::count(row.used).ok_or_else(|| corrupt("used"))?,
        days: days.transpose()?,
        gb: gb.transpose()?,
        expires_at: row.expires_at,
        revoked: row.revoked,
        created_at: row.created_at,
        code: row.code,
    })
}

fn small(number: Option<u32>) -> Option<i32> {
    number.map(|number| i32::try_from(number).unwrap_or(i32::MAX))
}

impl Store {
    /// Remembers a person as an update shows them, and that they can be written to again.
    ///
    /// # Errors
    /// The database.
    pub async fn saw_person(&self, seen: &Seen, now: Timestamp) -> Result<Person, StoreError> {
        let row = users::ActiveModel {
            id: Set(seen.id.0),
            first_name: Set(seen.first_name.clone()),
            username: Set(seen.username.clone()),
            language: Set(None),
            telegram_language: Set(seen.telegram_language.clone()),
            admission: Set(rows::to_word(Admission::None)),
            admitted_by: Set(None),
            admitted_at: Set(None),
            granted_days: Set(None),
            granted_gb: Set(None),
            blocked_bot: Set(false),
            created_at: Set(now),
            last_seen_at: Set(now),
        };
        let known = OnConflict::column(users::Column::Id)
            .update_columns([
                users::Column::FirstName,
                users::Column::Username,
                users::Column::TelegramLanguage,
                users::Column::BlockedBot,
                users::Column::LastSeenAt,
            ])
            .to_owned();
        person_of(users::Entity::insert(row).on_conflict(known).exec_with_returning(self.write()).await?)
    }

    /// A person by id.
    ///
    /// # Errors
    /// The database.
    pub async fn person(&self, id: UserId) -> Result<Option<Person>, StoreError> {
        users::Entity::find_by_id(id.0).one(self.read()).await?.map(person_of).transpose()
    }

    /// A person as an admin names them: by id, or by `@username` in any case.
    ///
    /// # Errors
    /// The database.
    pub async fn find_person(&self, named: &str) -> Result<Option<Person>, StoreError> {
        let named = named.trim();
        if let Ok(id) = named.parse::<UserId>() {
            return self.person(id).await;
        }
        let name = named.trim_start_matches('@').to_lowercase();
        let found = users::Entity::find()
            .filter(Expr::expr(sea_orm::sea_query::Func::lower(Expr::col(users::Column::Username))).eq(name))
            .order_by_desc(users::Column::LastSeenAt)
            .one(self.read())
            .await?;
        found.map(person_of).transpose()
    }

    /// The language a person chose.
    ///
    /// # Errors
    /// The database.
    pub async fn set_language(&self, id: UserId, language: &str) -> Result<(), StoreError> {
        users::Entity::update_many()
            .col_expr(users::Column::Language, Expr::value(language))
            .filter(users::Column::Id.eq(id.0))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// A person blocked the bot, or let it in again.
    ///
    /// # Errors
    /// The database.
    pub async fn set_blocked(&self, id: UserId, blocked: bool) -> Result<(), StoreError> {
        users::Entity::update_many()
            .col_expr(users::Column::BlockedBot, Expr::value(blocked))
            .filter(users::Column::Id.eq(id.0))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Decides about a person, and tells whom it concerns, in one transaction. `false`: it was decided before, and
    /// nothing happened.
    ///
    /// # Errors
    /// The database.
    pub async fn set_admission(
        &self,
        id: UserId,
        change: &AdmissionChange<'_>,
        letters: &[NewLetter],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let changed = users::Entity::update_many()
            .col_expr(users::Column::Admission, Expr::value(rows::to_word(change.to)))
            .col_expr(users::Column::AdmittedBy, Expr::value(change.by.map(|by| by.0)))
            .col_expr(users::Column::AdmittedAt, Expr::value(now))
            .col_expr(users::Column::GrantedDays, Expr::value(small(change.days)))
            .col_expr(users::Column::GrantedGb, Expr::value(small(change.gb)))
            .filter(users::Column::Id.eq(id.0))
            .filter(users::Column::Admission.is_in(change.from.iter().map(rows::to_word)))
            .exec(&tx)
            .await?;
        if changed.rows_affected == 1 {
            outbox::push_all(&tx, letters, now).await?;
        }
        tx.commit().await?;
        Ok(changed.rows_affected == 1)
    }

    /// Those who wait for an answer, longest first.
    ///
    /// # Errors
    /// The database.
    pub async fn asking(&self, limit: u64) -> Result<Vec<Person>, StoreError> {
        let found = users::Entity::find()
            .filter(users::Column::Admission.eq(rows::to_word(Admission::Requested)))
            .order_by_asc(users::Column::LastSeenAt)
            .limit(limit)
            .all(self.read())
            .await?;
        found.into_iter().map(person_of).collect()
    }

    /// Adds an invitation.
    ///
    /// # Errors
    /// The database.
    pub async fn add_invite(&self, invite: &Invite, by: UserId) -> Result<(), StoreError> {
        invites::ActiveModel {
            code: Set(invite.code.clone()),
            created_by: Set(by.0),
            created_at: Set(invite.created_at),
            expires_at: Set(invite.expires_at),
            max_uses: Set(i32::try_from(invite.max_uses).unwrap_or(i32::MAX)),
            used: Set(0),
            days: Set(small(invite.days)),
            gb: Set(small(invite.gb)),
            revoked: Set(false),
        }
        .insert(self.write())
        .await?;
        Ok(())
    }

    /// All invitations, newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn invites(&self) -> Result<Vec<Invite>, StoreError> {
        let found =
            invites::Entity::find().order_by_desc(invites::Column::CreatedAt).all(self.read()).await?;
        found.into_iter().map(invite_of).collect()
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// The database.
    pub async fn revoke_invite(&self, code: &str) -> Result<bool, StoreError> {
        let changed = invites::Entity::update_many()
            .col_expr(invites::Column::Revoked, Expr::value(true))
            .filter(invites::Column::Code.eq(code))
            .filter(invites::Column::Revoked.eq(false))
            .exec(self.write())
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// Uses an invitation: counts it and lets the person in, in one transaction; the database decides who was in time.
    ///
    /// # Errors
    /// The database.
    pub async fn redeem(&self, code: &str, user: UserId, now: Timestamp) -> Result<Redeemed, StoreError> {
        let tx = self.begin().await?;
        let Some(row) = invites::Entity::find_by_id(code.to_owned()).one(&tx).await? else {
            return Ok(Redeemed::Unknown);
        };
        let invite = invite_of(row)?;
        if invite.revoked || invite.expires_at.is_some_and(|end| end <= now) {
            return Ok(Redeemed::Expired);
        }
        let let_in = users::Entity::update_many()
            .col_expr(users::Column::Admission, Expr::value(rows::to_word(Admission::Granted)))
            .col_expr(users::Column::AdmittedAt, Expr::value(now))
            .col_expr(users::Column::GrantedDays, Expr::value(small(invite.days)))
            .col_expr(users::Column::GrantedGb, Expr::value(small(invite.gb)))
            .filter(users::Column::Id.eq(user.0))
            .filter(users::Column::Admission.ne(rows::to_word(Admission::Granted)))
            .exec(&tx)
            .await?;
        if let_in.rows_affected == 0 {
            return Ok(Redeemed::AlreadyIn);
        }
        let free = Condition::all()
            .add(invites::Column::Code.eq(code))
            .add(Expr::col(invites::Column::Used).lt(Expr::col(invites::Column::MaxUses)));
        let counted = invites::Entity::update_many()
            .col_expr(invites::Column::Used, Expr::col(invites::Column::Used).add(1))
            .filter(free)
            .exec(&tx)
            .await?;
        if counted.rows_affected == 0 {
            return Ok(Redeemed::UsedUp);
        }
        let used = invite_uses::ActiveModel {
            code: Set(code.to_owned()),
            user_id: Set(user.0),
            at: Set(now),
            ..Default::default()
        };
        invite_uses::Entity::insert(used)
            .on_conflict_do_nothing_on([invite_uses::Column::Code, invite_uses::Column::UserId])
            .exec_without_returning(&tx)
            .await?;
        tx.commit().await?;
        Ok(Redeemed::Welcome)
    }
}
