//! Where a conversation stands, kept in the database: a restart in its middle changes nothing.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use teloxide::dispatching::dialogue::{Dialogue, Storage};
use teloxide::types::ChatId;

use super::admin::dialogue::AdminStep;
use crate::domain::Clock;
use crate::store::{Store, StoreError};

/// The step of a conversation. Each carries just what it knows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nothing is being asked.
    #[default]
    Idle,
    /// An admin is being asked something.
    Admin(AdminStep),
}

/// The handle by which a handler moves a conversation on.
pub type Talk = Dialogue<Step, Dialogues>;

/// The conversations, in the database.
pub struct Dialogues {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl Dialogues {
    /// Conversations kept in `store`.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { store, clock })
    }
}

impl Storage<Step> for Dialogues {
    type Error = StoreError;

    fn remove_dialogue(self: Arc<Self>, ChatId(chat): ChatId) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async move { self.store.end_dialogue(chat).await })
    }

    fn update_dialogue(
        self: Arc<Self>,
        ChatId(chat): ChatId,
        step: Step,
    ) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async move {
            let state = serde_json::to_string(&step).expect("a step is plain data");
            self.store.set_dialogue(chat, &state, self.clock.now()).await
        })
    }

    /// A step of another version of the program is forgotten: its question is asked anew rather than never answered.
    fn get_dialogue(
        self: Arc<Self>,
        ChatId(chat): ChatId,
    ) -> BoxFuture<'static, Result<Option<Step>, StoreError>> {
        Box::pin(async move {
            let state = self.store.dialogue(chat).await?;
            Ok(state.and_then(|state| serde_json::from_str(&state).ok()))
        })
    }
}
