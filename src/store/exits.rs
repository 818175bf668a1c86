//! What admins know of exits and no panel says: where they leave the network, and whose links are.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::domain::key::{Assignment, Role};
use crate::domain::subscription::Sign;
use crate::domain::{InstanceId, Region, Timestamp};

use super::entity::{assigned_links, assignments, nodes};
use super::keys::assignment_of;
use super::{Store, StoreError, rows};

/// Forgets what was said of an instance's links.
pub(super) async fn forget_assigned(db: &impl ConnectionTrait, instance: &str) -> Result<(), StoreError> {
    let said = assigned_links::Entity::delete_many();
    said.filter(assigned_links::Column::InstanceId.eq(instance)).exec(db).await?;
    Ok(())
}

impl Store {
    /// Says where an exit leaves the network; `None`: where its instance does. `false`: there is no such exit.
    ///
    /// # Errors
    /// The database.
    pub async fn set_node_region(
        &self,
        id: &InstanceId,
        node: i64,
        region: Option<&Region>,
    ) -> Result<bool, StoreError> {
        let changed = nodes::Entity::update_many()
            .col_expr(nodes::Column::Region, Expr::value(region.map(ToString::to_string)))
            .filter(nodes::Column::Id.eq(node))
            .filter(nodes::Column::InstanceId.eq(id.as_str()))
            .exec(self.write())
            .await?;
        Ok(changed.rows_affected == 1)
    }

    /// Whose an instance's links are, as admins said: by the name of the exit; `None` is no exit's.
    ///
    /// # Errors
    /// The database.
    pub async fn assigned_links(&self, id: &InstanceId) -> Result<Vec<(Sign, Option<String>)>, StoreError> {
        let found = assigned_links::Entity::find()
            .filter(assigned_links::Column::InstanceId.eq(id.as_str()))
            .order_by_asc(assigned_links::Column::Id)
            .all(self.read())
            .await?;
        Ok(found
            .into_iter()
            .map(|row| (Sign { address: row.address, remark: row.remark }, row.node))
            .collect())
    }

    /// Says whose a link is; `None` is no exit's.
    ///
    /// # Errors
    /// The database; no such instance.
    pub async fn assign_link(
        &self,
        id: &InstanceId,
        link: &Sign,
        node: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use assigned_links::Column;
        let row = assigned_links::ActiveModel {
            instance_id: Set(id.to_string()),
            address: Set(link.address.clone()),
            remark: Set(link.remark.clone()),
            node: Set(node.map(ToOwned::to_owned)),
            at: Set(now),
            ..Default::default()
        };
        let known = OnConflict::columns([Column::InstanceId, Column::Address, Column::Remark])
            .update_columns([Column::Node, Column::At])
            .to_owned();
        assigned_links::Entity::insert(row).on_conflict(known).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// Nothing is said of a link any more.
    ///
    /// # Errors
    /// The database.
    pub async fn unassign_link(&self, id: &InstanceId, link: &Sign) -> Result<(), StoreError> {
        assigned_links::Entity::delete_many()
            .filter(assigned_links::Column::InstanceId.eq(id.as_str()))
            .filter(assigned_links::Column::Address.eq(&link.address))
            .filter(assigned_links::Column::Remark.eq(&link.remark))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// The account on an instance that was made last, of those that count.
    ///
    /// # Errors
    /// The database.
    pub async fn newest_account_on(&self, id: &InstanceId) -> Result<Option<Assignment>, StoreError> {
        let found = assignments::Entity::find()
            .filter(assignments::Column::InstanceId.eq(id.as_str()))
            .filter(assignments::Column::Role.eq(rows::to_word(Role::Primary)))
            .filter(assignments::Column::ReleasedAt.is_null())
            .order_by_desc(assignments::Column::Id)
            .one(self.read())
            .await?;
        found.map(assignment_of).transpose()
    }
}
