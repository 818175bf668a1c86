//! A backup on its way to the admins: one file for each chat that alerts go to.

use std::sync::Arc;

use async_trait::async_trait;

use super::desk::Desk;
use super::screen::Screen;
use crate::service::backup::{Carrier, Made};
use crate::service::incidents::Incidents;
use crate::service::notice::Lane;
use crate::text;

/// Takes backups to the admins.
pub struct Parcels(Arc<Desk>);

impl Parcels {
    /// Sent by `desk`.
    #[must_use]
    pub fn new(desk: Arc<Desk>) -> Self {
        Self(desk)
    }
}

#[async_trait]
impl Carrier for Parcels {
    async fn carry(&self, made: &Made) -> Result<(), String> {
        let desk = &self.0;
        let database = |error: crate::store::StoreError| format!("{:#}", anyhow::Error::from(error));
        let bytes = tokio::fs::read(&made.file).await.map_err(|error| error.to_string())?;
        let name = made.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let policy = &desk.core.policy;
        let (mut taken, mut problem) = (false, "there is no chat to send it to".to_owned());
        for chat in Incidents::new(desk.core.clone()).chats().await.map_err(database)? {
            let t = desk.words_for(chat).await.map_err(database)?;
            let caption = Screen::new(text::admin::recovery::parcel(&t, made));
            let topic = policy.alert_topic.filter(|_| policy.alert_chat == Some(chat));
            match desk.tg.document(Lane::Notice, chat, topic, &name, bytes.clone(), &caption).await {
                Ok(_) => taken = true,
                Err(error) => problem = error.to_string(),
            }
        }
        if taken { Ok(()) } else { Err(problem) }
    }
}
