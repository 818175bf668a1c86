//! Accounts left behind by a move that no app needs any more.

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::key::{Assignment, Role};
use crate::domain::linger::Enough;
use crate::domain::{AssignmentId, InstanceId, Timestamp};

use super::entity::{assignments, fetches};
use super::keys::{assignment_of, nothing_works_on_it};
use super::{Store, StoreError, rows};

/// The account of the same key that counts now.
const PRESENT: &str = "present";

/// Fetches of a lingering account's key that count.
fn fetched(condition: Expr) -> SelectStatement {
    use assignments::Column;
    let of = |column: Column| Expr::col((Alias::new(PRESENT), column));
    Query::select()
        .expr(Expr::value(1))
        .from(fetches::Entity)
        .from_as(assignments::Entity, PRESENT)
        .and_where(fetch(fetches::Column::ConfigId).equals((assignments::Entity, Column::ConfigId)))
        .and_where(of(Column::ConfigId).equals((assignments::Entity, Column::ConfigId)))
        .and_where(of(Column::Role).eq(rows::to_word(Role::Primary)))
        .and_where(of(Column::ReleasedAt).is_null())
        .and_where(condition)
        .to_owned()
}

fn fetch(column: fetches::Column) -> Expr {
    Expr::col((fetches::Entity, column))
}

/// Whether all apps of a lingering account's key have the links of the account that counts now, for long enough, and the
/// lingering one was not in use meanwhile as far as is known. Adopted accounts have links of their panel in people's
/// hands, whose fetches nobody sees.
fn nobody_needs_it(enough: &Enough) -> Condition {
    use assignments::Column;
    let seen = || fetch(fetches::Column::At).gt(enough.seen_since);
    let same = || fetch(fetches::Column::Generation).equals((Alias::new(PRESENT), Column::Generation));
    let one_has = seen().and(same());
    let one_has_not = seen().and(same().not().or(fetch(fetches::Column::At).gt(enough.fetched_before)));
    Condition::all()
        .add(Column::Role.eq(rows::to_word(Role::Lingering)))
        .add(Column::ReleasedAt.is_null())
        .add(Column::LingerUntil.gt(enough.now))
        .add(Column::Adopted.eq(false))
        .add(Column::OnlineAt.is_null().or(Column::OnlineAt.lte(enough.quiet_since)))
        .add(Expr::exists(fetched(one_has)))
        .add(Expr::not_exists(fetched(one_has_not)))
        .add(nothing_works_on_it())
}

impl Store {
    /// Lingering accounts on these instances that no app needs any more, as far as is known.
    ///
    /// # Errors
    /// The database.
    pub async fn lingering_for_nobody(
        &self,
        on: &[InstanceId],
        enough: &Enough,
        limit: u64,
    ) -> Result<Vec<Assignment>, StoreError> {
        let found = assignments::Entity::find()
            .filter(assignments::Column::InstanceId.is_in(on.iter().map(InstanceId::as_str)))
            .filter(nobody_needs_it(enough))
            .order_by_asc(assignments::Column::LingerUntil)
            .limit(limit)
            .all(self.read())
            .await?;
        found.into_iter().map(assignment_of).collect()
    }

    /// The time of a lingering account is over now, if still no app needs it. Whether that is so.
    ///
    /// # Errors
    /// The database.
    pub async fn end_needless_linger(
        &self,
        account: AssignmentId,
        enough: &Enough,
    ) -> Result<bool, StoreError> {
        let now: Timestamp = enough.now;
        let ended = assignments::Entity::update_many()
            .col_expr(assignments::Column::LingerUntil, Expr::value(now))
            .filter(assignments::Column::Id.eq(account.0))
            .filter(nobody_needs_it(enough))
            .exec(self.write())
            .await?;
        Ok(ended.rows_affected == 1)
    }
}
