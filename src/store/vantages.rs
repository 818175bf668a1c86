//! Vantages inside a country: who they are, and how users' addresses look from there.

use std::collections::BTreeMap;

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, TryInsertResult};

use crate::domain::health::vantage::{FRESH, Finding, Sight};
use crate::domain::{InstanceId, Timestamp};

use super::entity::{endpoints, vantage_sights as sights, vantages};
use super::{Store, StoreError};

/// Rows of one statement.
const BATCH: usize = 500;

/// A vantage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vantage {
    /// Its name, such as `ir-1`.
    pub name: String,
    /// When it was named.
    pub created_at: Timestamp,
    /// When it last reported.
    pub seen_at: Option<Timestamp>,
}

impl Store {
    /// Names a vantage that has the token of this hash. `false`: the name is taken.
    ///
    /// # Errors
    /// The database.
    pub async fn add_vantage(&self, name: &str, hash: &str, now: Timestamp) -> Result<bool, StoreError> {
        let row = vantages::ActiveModel {
            name: Set(name.to_owned()),
            token_hash: Set(hash.to_owned()),
            created_at: Set(now),
            seen_at: Set(None),
        };
        let added = vantages::Entity::insert(row)
            .on_conflict_do_nothing_on([vantages::Column::Name])
            .exec_without_returning(self.write())
            .await?;
        Ok(matches!(added, TryInsertResult::Inserted(1..)))
    }

    /// All vantages, by name.
    ///
    /// # Errors
    /// The database.
    pub async fn vantages(&self) -> Result<Vec<Vantage>, StoreError> {
        let found = vantages::Entity::find().order_by_asc(vantages::Column::Name).all(self.read()).await?;
        let one = |row: vantages::Model| {
            let vantages::Model { name, created_at, seen_at, .. } = row;
            Vantage { name, created_at, seen_at }
        };
        Ok(found.into_iter().map(one).collect())
    }

    /// The vantage that has the token of this hash.
    ///
    /// # Errors
    /// The database.
    pub async fn vantage_by(&self, hash: &str) -> Result<Option<String>, StoreError> {
        let found = vantages::Entity::find().filter(vantages::Column::TokenHash.eq(hash)).one(self.read());
        Ok(found.await?.map(|row| row.name))
    }

    /// Forgets a vantage and all it saw. `false`: there is none of that name.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_vantage(&self, name: &str) -> Result<bool, StoreError> {
        let tx = self.begin().await?;
        sights::Entity::delete_many().filter(sights::Column::Vantage.eq(name)).exec(&tx).await?;
        let gone = vantages::Entity::delete_by_id(name.to_owned()).exec(&tx).await?;
        tx.commit().await?;
        Ok(gone.rows_affected > 0)
    }

    /// Takes down what a vantage found. What is said of addresses that are none is left out.
    ///
    /// # Errors
    /// The database.
    pub async fn vantage_found(
        &self,
        vantage: &str,
        found: &[Finding],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        // Two reports of one vantage at once stand in line here.
        vantages::Entity::update_many()
            .col_expr(vantages::Column::SeenAt, Expr::value(now))
            .filter(vantages::Column::Name.eq(vantage))
            .exec(&tx)
            .await?;
        let before: BTreeMap<i64, sights::Model> = sights::Entity::find()
            .filter(sights::Column::Vantage.eq(vantage))
            .all(&tx)
            .await?
            .into_iter()
            .map(|row| (row.endpoint_id, row))
            .collect();
        let known: BTreeMap<i64, String> = endpoints::Entity::find()
            .filter(endpoints::Column::Id.is_in(found.iter().map(|finding| finding.id)))
            .all(&tx)
            .await?
            .into_iter()
            .map(|row| (row.id, row.instance_id))
            .collect();
        // Of two findings on one address the later counts.
        let mut rows = BTreeMap::new();
        for finding in found {
            let Some(instance) = known.get(&finding.id) else { continue };
            let same = before.get(&finding.id).filter(|row| row.reached == finding.reached);
            // After a break nobody knows what was between.
            let since = same.filter(|row| now - row.at <= FRESH).map_or(now, |row| row.since);
            let overruled = same.is_some_and(|row| row.overruled && !row.reached);
            let row = sights::ActiveModel {
                vantage: Set(vantage.to_owned()),
                instance_id: Set(instance.clone()),
                endpoint_id: Set(finding.id),
                reached: Set(finding.reached),
                word: Set(finding.word.clone()),
                since: Set(since),
                at: Set(now),
                overruled: Set(overruled),
                ..Default::default()
            };
            rows.insert(finding.id, row);
        }
        sights::Entity::delete_many()
            .filter(sights::Column::Vantage.eq(vantage))
            .filter(sights::Column::EndpointId.is_in(rows.keys().copied()))
            .exec(&tx)
            .await?;
        let rows: Vec<_> = rows.into_values().collect();
        for rows in rows.chunks(BATCH) {
            sights::Entity::insert_many(rows.iter().cloned()).exec_without_returning(&tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// How addresses look from vantages, with their instances.
    ///
    /// # Errors
    /// The database.
    pub async fn sights(&self) -> Result<Vec<(InstanceId, Sight)>, StoreError> {
        let found = sights::Entity::find().order_by_asc(sights::Column::Id).all(self.read()).await?;
        let one = |row: sights::Model| {
            let corrupt = |_| StoreError::corrupt("vantage_sights", row.id, "instance_id");
            let instance = row.instance_id.parse().map_err(corrupt)?;
            Ok((instance, sight_of(row)))
        };
        found.into_iter().map(one).collect()
    }

    /// How the addresses of one instance look from vantages.
    ///
    /// # Errors
    /// The database.
    pub async fn sights_of(&self, id: &InstanceId) -> Result<Vec<Sight>, StoreError> {
        let of = sights::Column::InstanceId.eq(id.as_str());
        Ok(sights::Entity::find().filter(of).all(self.read()).await?.into_iter().map(sight_of).collect())
    }

    /// An admin says that what vantages miss of an instance proves nothing, until they have reached it again.
    ///
    /// # Errors
    /// The database.
    pub async fn overrule_sights(&self, instance: &InstanceId) -> Result<(), StoreError> {
        sights::Entity::update_many()
            .col_expr(sights::Column::Overruled, Expr::value(true))
            .filter(sights::Column::InstanceId.eq(instance.as_str()))
            .filter(sights::Column::Reached.eq(false))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Forgets what was last seen before `before`.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_sights(&self, before: Timestamp) -> Result<(), StoreError> {
        sights::Entity::delete_many().filter(sights::Column::At.lt(before)).exec(self.write()).await?;
        Ok(())
    }
}

fn sight_of(row: sights::Model) -> Sight {
    let sights::Model { vantage, endpoint_id, reached, word, since, at, overruled, .. } = row;
    Sight { vantage, endpoint: endpoint_id, reached, word, since, at, overruled }
}
