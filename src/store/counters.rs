//! The exact counts of the instances: one narrow row each, changed within the transaction that changes what they count,
//! always in order of instance id so that two transactions never wait for each other in a circle.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::domain::{InstanceId, Timestamp};

use super::StoreError;
use super::entity::{instance_counters, instances};

/// The instance has no place left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

/// Changes to counters, gathered over one transaction.
#[derive(Debug, Default)]
pub(super) struct Deltas(BTreeMap<InstanceId, Delta>);

#[derive(Debug, Default)]
struct Delta {
    active: i64,
    reserved: i64,
    lingering: i64,
    /// A place is taken, so the cap decides.
    capped: bool,
}

impl Deltas {
    fn of(&mut self, instance: &InstanceId) -> &mut Delta {
        self.0.entry(instance.clone()).or_default()
    }

    /// An operation takes a place.
    pub(super) fn reserve(&mut self, instance: &InstanceId) {
        let delta = self.of(instance);
        delta.reserved += 1;
        delta.capped = true;
    }

    /// Operations take places on an instance whose row is locked, and where there is room for them: asked already.
    pub(super) fn reserve_many(&mut self, instance: &InstanceId, places: u32) {
        self.of(instance).reserved += i64::from(places);
    }

    /// An operation gives its place back.
    pub(super) fn unreserve(&mut self, instance: &InstanceId) {
        self.of(instance).reserved -= 1;
    }

    /// A target's account becomes the primary one, in the place that was held for it or in the one its key had there.
    pub(super) fn target_serves(&mut self, instance: &InstanceId, held_place: bool) {
        let delta = self.of(instance);
        delta.active += 1;
        delta.reserved -= i64::from(held_place);
    }

    /// A lingering account becomes the primary one again.
    pub(super) fn lingering_serves(&mut self, instance: &InstanceId) {
        let delta = self.of(instance);
        delta.active += 1;
        delta.lingering -= 1;
    }

    /// A primary account is left behind.
    pub(super) fn primary_lingers(&mut self, instance: &InstanceId) {
        let delta = self.of(instance);
        delta.active -= 1;
        delta.lingering += 1;
    }

    /// A primary account is let go.
    pub(super) fn primary_leaves(&mut self, instance: &InstanceId) {
        self.of(instance).active -= 1;
    }

    /// A lingering account is let go.
    pub(super) fn lingering_leaves(&mut self, instance: &InstanceId) {
        self.of(instance).lingering -= 1;
    }

    /// Carries the changes out. `Err(Full)`: a place was to be taken and there is none; the transaction is to be
    /// dropped.
    pub(super) async fn apply(
        self,
        tx: &DatabaseTransaction,
        now: Timestamp,
    ) -> Result<Result<(), Full>, StoreError> {
        use instance_counters::Column;
        for (instance, delta) in self.0 {
            if delta.active == 0 && delta.reserved == 0 && delta.lingering == 0 {
                continue;
            }
            let mut change = instance_counters::Entity::update_many()
                .col_expr(Column::Active, Expr::col(Column::Active).add(delta.active))
                .col_expr(Column::Reserved, Expr::col(Column::Reserved).add(delta.reserved))
                .col_expr(Column::Lingering, Expr::col(Column::Lingering).add(delta.lingering))
                .col_expr(Column::UpdatedAt, Expr::value(now))
                .filter(Column::InstanceId.eq(instance.as_str()));
            if delta.capped && delta.active + delta.reserved + delta.lingering > 0 {
                let taken = Expr::col(Column::Active)
                    .add(Expr::col(Column::Reserved))
                    .add(Expr::col(Column::Lingering))
                    .add(Expr::col(Column::ForeignUsers));
                let cap = Query::select()
                    .column(instances::Column::MaxUsers)
                    .from(instances::Entity)
                    .and_where(Expr::col(instances::Column::Id).eq(instance.as_str()))
                    .to_owned();
                change = change.filter(taken.lt(Expr::SubQuery(None, Box::new(cap.into()))));
            }
            if change.exec(tx).await?.rows_affected != 1 {
                return Ok(Err(Full));
            }
        }
        Ok(Ok(()))
    }
}
