//! Why a row is left out, and what to do about it.

use super::super::instance::InvalidBaseUrl;
use super::super::{InstanceId, UserId};
use super::Place;

/// A row that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it stands.
    pub place: Place,
    /// Why.
    pub why: Why,
}

impl std::fmt::Display for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.why)
    }
}

/// Why; each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// A person without a usable id.
    #[error("no Telegram id; put it into the column telegram_id, or this person's accounts are left out")]
    NoTelegramId,
    /// A panel of another kind.
    #[error("a panel of 3x-ui, which is not supported; its accounts are left out")]
    ForeignKind,
    /// A panel without an address.
    #[error("no address of a panel; put it into the column base_url")]
    NoAddress,
    /// A panel with an address that is none.
    #[error("{0}; correct its address")]
    Address(InvalidBaseUrl),
    /// An account without name and id.
    #[error("no account; put its name on the panel into the column marzban_username")]
    NoAccount,
    /// An account without an owner.
    #[error("no owner; put a Telegram id into the column telegram_id")]
    NoOwner,
    /// An owner who is none.
    #[error("its owner is no Telegram id; correct it")]
    OwnerNoTelegramId,
    /// An owner whom only a table that is not there can tell.
    #[error("its owner is the number of a person; let the table users come along")]
    OwnerNumber,
    /// An owner who is not in the table of people.
    #[error("its owner is not in the table users; add them there, or forget this row")]
    OwnerUnknown,
    /// A panel that is in no table.
    #[error("its panel is in none of the tables; let marzban_instances or servers come along")]
    PanelUnknown,
    /// A node that is in no table.
    #[error("its node is not in the table vpn_nodes; let it come along")]
    NodeUnknown,
    /// A node without a panel.
    #[error("its node names no panel; put the panel's id into vpn_nodes.instance_id")]
    NodeAlone,
    /// A panel that nobody says the place of.
    #[error("no country; put a code such as de into the column country_code, or add --region CODE")]
    NoRegion,
    /// A panel whose login is not in the table.
    #[error(
        "no login; add the panel with `karvan instance add`, then import again: it is known by its address"
    )]
    NoLogin,
    /// A panel whose password cannot be read.
    #[error("no readable password; put it into the variable {0}, then import again")]
    NoPassword(String),
    /// A panel that does not let us read it.
    #[error("the panel cannot be read: {0}; put that right, then import again")]
    PanelFails(String),
    /// An account on such a panel, of which the row does not say enough.
    #[error("its panel cannot be read, and the row holds no name and uuid; import again once it can")]
    Unread,
    /// An account whose panel is left out itself.
    #[error("its panel is left out; see there")]
    PanelLeftOut,
    /// An account that is on none of the panels.
    #[error("no such account on {0}; make it there, or forget this row")]
    NotThere(String),
    /// An account that is on several panels, and the row names none.
    #[error("an account of that name is on several panels; put the panel's id into the column instance_id")]
    OnSeveral,
    /// Two rows say that an account is of different people.
    #[error("another row says that this account is of {0}; correct one of them")]
    TwoOwners(UserId),
    /// An account that is somebody else's key.
    #[error("the account is a key of {0} already; see /user {0}")]
    Taken(UserId),
    /// An account that a Karvan made.
    #[error("the account bears the mark of a Karvan; see `karvan reconcile --instance {0}`")]
    Marked(InstanceId),
}
