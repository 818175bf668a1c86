//! What this installation is: its id, the key it was sealed with.

use rand::Rng;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::domain::account::InstallationId;

use super::entity::settings;
use super::{Store, StoreError};

const INSTALLATION: &str = "installation";
/// Tells whether a `SECRET_KEY` is the right one.
pub(super) const CANARY: &str = "secret-key-canary";
const CANARY_TEXT: &[u8] = b"karvan";

impl Store {
    /// This installation's id, made at the first start.
    ///
    /// # Errors
    /// The database.
    pub async fn installation(&self, rng: &mut (impl Rng + Send)) -> Result<InstallationId, StoreError> {
        let made = InstallationId::generate(rng);
        self.put_once(INSTALLATION, made.as_str()).await?;
        let id = self.setting(INSTALLATION).await?.unwrap_or_default();
        id.parse().map_err(|_| StoreError::corrupt("settings", INSTALLATION, "value"))
    }

    /// Whether the `SECRET_KEY` is the one that sealed this database. At the first start there is nothing to compare:
    /// it is then the one.
    ///
    /// # Errors
    /// [`StoreError::Secret`] when it is another one.
    pub async fn check_secret_key(&self) -> Result<(), StoreError> {
        self.put_once(CANARY, &self.secrets().seal(CANARY, CANARY_TEXT)).await?;
        let sealed = self.setting(CANARY).await?.unwrap_or_default();
        self.secrets().open(CANARY, &sealed)?;
        Ok(())
    }

    /// From now on the `SECRET_KEY` is the one that sealed this database.
    pub(super) async fn seal_canary(&self) -> Result<(), StoreError> {
        self.set_setting(CANARY, &self.secrets().seal(CANARY, CANARY_TEXT)).await
    }

    /// A setting's value.
    ///
    /// # Errors
    /// The database.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        // From the writer: what was just put must be seen.
        let row = settings::Entity::find_by_id(key.to_owned()).one(self.write()).await?;
        Ok(row.map(|row| row.value))
    }

    /// Sets a value.
    ///
    /// # Errors
    /// The database.
    pub async fn set_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let row = settings::ActiveModel { key: Set(key.to_owned()), value: Set(value.to_owned()) };
        let replace =
            OnConflict::column(settings::Column::Key).update_column(settings::Column::Value).to_owned();
        settings::Entity::insert(row).on_conflict(replace).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// Sets a value that is not set yet.
    pub(super) async fn put_once(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let row = settings::ActiveModel { key: Set(key.to_owned()), value: Set(value.to_owned()) };
        settings::Entity::insert(row)
            .on_conflict_do_nothing_on([settings::Column::Key])
            .exec_without_returning(self.write())
            .await?;
        Ok(())
    }
}
