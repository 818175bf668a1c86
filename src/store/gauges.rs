//! How much there is of what, for whoever watches the service from outside.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QuerySelect};

use crate::domain::Timestamp;

use super::entity::{incidents, operations};
use super::{Store, StoreError};

/// Operations of one kind in one state.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct OperationCount {
    /// Their kind.
    pub kind: String,
    /// Their state.
    pub state: String,
    /// How many.
    pub count: i64,
    /// When the oldest of them was made.
    pub oldest: Option<Timestamp>,
}

/// Open incidents of one kind and severity.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct IncidentCount {
    /// Their kind.
    pub kind: String,
    /// How bad they are.
    pub severity: String,
    /// How many.
    pub count: i64,
}

impl Store {
    /// Open operations by kind and state.
    ///
    /// # Errors
    /// The database.
    pub async fn operation_counts(&self) -> Result<Vec<OperationCount>, StoreError> {
        use operations::Column;
        let found = operations::Entity::find()
            .select_only()
            .columns([Column::Kind, Column::State])
            .column_as(Column::Id.count(), "count")
            .column_as(Column::CreatedAt.min(), "oldest")
            .filter(Column::EndedAt.is_null())
            .group_by(Column::Kind)
            .group_by(Column::State)
            .into_model()
            .all(self.read())
            .await?;
        Ok(found)
    }

    /// Open incidents by kind and severity.
    ///
    /// # Errors
    /// The database.
    pub async fn incident_counts(&self) -> Result<Vec<IncidentCount>, StoreError> {
        use incidents::Column;
        let found = incidents::Entity::find()
            .select_only()
            .columns([Column::Kind, Column::Severity])
            .column_as(Column::Id.count(), "count")
            .filter(Column::ClosedAt.is_null())
            .group_by(Column::Kind)
            .group_by(Column::Severity)
            .into_model()
            .all(self.read())
            .await?;
        Ok(found)
    }

    /// Open operations of kinds that this version does not know: a newer one runs beside it, and carries them out.
    ///
    /// # Errors
    /// The database.
    pub async fn unknown_operations(&self) -> Result<u64, StoreError> {
        let unknown = operations::Entity::find()
            .filter(operations::Column::EndedAt.is_null())
            .filter(Expr::col(operations::Column::Kind).is_not_in(super::operations::known_kinds()));
        Ok(unknown.count(self.read()).await?)
    }
}
