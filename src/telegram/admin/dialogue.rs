//! What admins are being asked.

use serde::{Deserialize, Serialize};

use super::sheet::Sheet;
use crate::domain::broadcast::Audience;
use crate::domain::{ConfigId, InstanceId, UserId};
use crate::text::admin::addnode::Question;
use crate::text::admin::panel::Field;

/// What an admin is being asked. Kept sealed, since an answer may be a password.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdminStep {
    /// Whom?
    Whom(For),
    /// How much more may this key use?
    Extend(ConfigId),
    /// The new value of a field.
    Edit {
        /// The panel.
        panel: InstanceId,
        /// The field.
        field: Field,
    },
    /// A panel is being added.
    Add {
        /// What is being asked.
        asks: Asks,
        /// What was answered.
        sheet: Box<Sheet>,
    },
    /// Where does this exit leave the network?
    ExitRegion {
        /// The panel.
        panel: InstanceId,
        /// The exit, by its row.
        exit: i64,
    },
    /// When shall this panel's maintenance begin, and how long shall it last?
    Window(InstanceId),
    /// Where shall the keys go?
    MigrateTo(Whose),
    /// Shall they go as previewed?
    MigrateStart {
        /// Whose.
        whose: Whose,
        /// Where to; `None` is automatic.
        to: Option<InstanceId>,
    },
    /// What shall these people read?
    BroadcastText(Audience),
    /// Shall it be sent as previewed?
    BroadcastSend {
        /// To whom.
        audience: Audience,
        /// What they will read, in Telegram's HTML.
        text: String,
    },
}

/// What a person is being asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum For {
    /// To see their card.
    Card,
    /// To see why their key is where it is.
    Why,
    /// To move their keys.
    Migrate,
}

/// What is being asked of a panel that is being added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// A question.
    Question(Question),
    /// A field that few need.
    Field(Field),
    /// Only buttons answer.
    Button,
}

/// Whose keys shall move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// A person's.
    Person(UserId),
    /// All of a panel.
    Panel {
        /// Which.
        id: InstanceId,
        /// The admin came from its card, and goes back there.
        from_card: bool,
    },
}

impl AdminStep {
    /// Whether the answer is a secret, so that the message with it is deleted and no command is looked for in it.
    #[must_use]
    pub fn asks_secret(&self) -> bool {
        match self {
            Self::Edit { field, .. } | Self::Add { asks: Asks::Field(field), .. } => field.is_secret(),
            Self::Add { asks: Asks::Question(question), .. } => *question == Question::Password,
            _ => false,
        }
    }
}
