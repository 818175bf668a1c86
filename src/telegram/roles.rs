//! Who may do what.

use crate::domain::UserId;
use crate::service::core::Policy;

/// Proof that the person behind the present message or press is an admin. Made only here, from the sender that Telegram
/// names, anew for each update; functions that need the right take the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admin {
    id: UserId,
}

impl Admin {
    /// The proof, if `user` is an admin.
    #[must_use]
    pub fn check(policy: &Policy, user: UserId) -> Option<Self> {
        policy.admins.contains(&user).then_some(Self { id: user })
    }

    /// Who it is.
    #[must_use]
    pub fn id(self) -> UserId {
        self.id
    }
}
