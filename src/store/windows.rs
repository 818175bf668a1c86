//! Planned maintenance.

use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::domain::instance::AdminState;
use crate::domain::window::Window;
use crate::domain::{InstanceId, Timestamp, UserId, WindowId};

use super::entity::{instances, windows};
use super::outbox::{self, NewLetter};
use super::{Store, StoreError};

fn window_of(row: &windows::Model) -> Result<Window, StoreError> {
    let corrupt = |what| StoreError::corrupt("windows", row.id, what);
    let before = row.before.clone().map(serde_json::from_value).transpose().map_err(|_| corrupt("before"))?;
    Ok(Window {
        id: WindowId(row.id),
        instance: row.instance_id.parse().map_err(|_| corrupt("instance_id"))?,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        by: UserId(row.created_by),
        began_at: row.began_at,
        ended_at: row.ended_at,
        before,
    })
}

/// An instance's state, locked against whoever else decides about it; `None`: it is not there any more.
async fn admin_state(tx: &DatabaseTransaction, id: &InstanceId) -> Result<Option<AdminState>, StoreError> {
    let row = instances::Entity::find_by_id(id.to_string()).lock(LockType::Update).one(tx).await?;
    let corrupt = || StoreError::corrupt("instances", id, "admin_state");
    row.map(|row| serde_json::from_value(row.admin_state).map_err(|_| corrupt())).transpose()
}

async fn decide(
    tx: &DatabaseTransaction,
    id: &InstanceId,
    state: AdminState,
    now: Timestamp,
) -> Result<(), StoreError> {
    instances::Entity::update_many()
        .col_expr(instances::Column::AdminState, Expr::value(serde_json::json!(state)))
        .col_expr(instances::Column::UpdatedAt, Expr::value(now))
        .filter(instances::Column::Id.eq(id.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

impl Store {
    /// Plans a maintenance; the one that it would overlap, if there is one. `None`: no such instance.
    ///
    /// # Errors
    /// The database.
    pub async fn plan_window(
        &self,
        instance: &InstanceId,
        (starts_at, ends_at): (Timestamp, Timestamp),
        by: UserId,
        now: Timestamp,
    ) -> Result<Option<Result<Window, Window>>, StoreError> {
        let tx = self.begin().await?;
        if admin_state(&tx, instance).await?.is_none() {
            return Ok(None);
        }
        let overlapping = windows::Entity::find()
            .filter(windows::Column::InstanceId.eq(instance.as_str()))
            .filter(windows::Column::EndedAt.is_null())
            .filter(windows::Column::StartsAt.lt(ends_at))
            .filter(windows::Column::EndsAt.gt(starts_at))
            .one(&tx)
            .await?;
        if let Some(row) = overlapping {
            return window_of(&row).map(|window| Some(Err(window)));
        }
        let row = windows::ActiveModel {
            instance_id: Set(instance.to_string()),
            starts_at: Set(starts_at),
            ends_at: Set(ends_at),
            created_by: Set(by.0),
            created_at: Set(now),
            ..Default::default()
        };
        let row = row.insert(&tx).await?;
        tx.commit().await?;
        window_of(&row).map(|window| Some(Ok(window)))
    }

    /// Maintenance that goes on or is still to come, in order of its beginning.
    ///
    /// # Errors
    /// The database.
    pub async fn windows(&self) -> Result<Vec<Window>, StoreError> {
        let found = windows::Entity::find()
            .filter(windows::Column::EndedAt.is_null())
            .order_by_asc(windows::Column::StartsAt)
            .order_by_asc(windows::Column::Id)
            .all(self.read())
            .await?;
        found.iter().map(window_of).collect()
    }

    /// A maintenance, also one that is over.
    ///
    /// # Errors
    /// The database.
    pub async fn window(&self, id: WindowId) -> Result<Option<Window>, StoreError> {
        windows::Entity::find_by_id(id.0).one(self.read()).await?.as_ref().map(window_of).transpose()
    }

    /// A maintenance begins: the instance's state, the note of what it was, and the letters, at once. `false`: it began
    /// or ended before.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_window(
        &self,
        window: &Window,
        letters: &[NewLetter],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let Some(before) = admin_state(&tx, &window.instance).await? else { return Ok(false) };
        let begun = windows::Entity::update_many()
            .col_expr(windows::Column::BeganAt, Expr::value(now))
            .col_expr(windows::Column::Before, Expr::value(serde_json::json!(before)))
            .filter(windows::Column::Id.eq(window.id.0))
            .filter(windows::Column::BeganAt.is_null())
            .filter(windows::Column::EndedAt.is_null())
            .exec(&tx)
            .await?;
        if begun.rows_affected == 0 {
            return Ok(false);
        }
        if let Some(state) = Window::state_within(before, window.ends_at) {
            decide(&tx, &window.instance, state, now).await?;
        }
        outbox::push_all(&tx, letters, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A maintenance ends, in its time or before it: the instance is again what it was, unless an admin decided otherwise
    /// meanwhile. `false`: it ended before.
    ///
    /// # Errors
    /// The database.
    pub async fn end_window(
        &self,
        id: WindowId,
        letters: &[NewLetter],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        let row = windows::Entity::find_by_id(id.0).lock(LockType::Update).one(&tx).await?;
        let Some(window) =
            row.as_ref().map(window_of).transpose()?.filter(|window| window.ended_at.is_none())
        else {
            return Ok(false);
        };
        windows::Entity::update_many()
            .col_expr(windows::Column::EndedAt, Expr::value(now))
            .filter(windows::Column::Id.eq(id.0))
            .exec(&tx)
            .await?;
        if let Some(before) = window.before
            && let Some(present) = admin_state(&tx, &window.instance).await?
            && let Some(after) = Window::state_after(before, present, window.ends_at)
        {
            decide(&tx, &window.instance, after, now).await?;
        }
        outbox::push_all(&tx, letters, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}
