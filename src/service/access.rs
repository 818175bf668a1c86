//! Who may have a key.

use crate::domain::UserId;
use crate::domain::person::{Admission, AdmissionChange};
pub use crate::domain::person::{Invite, Redeemed};
use crate::store::StoreError;

use super::Core;
use super::core::AccessMode;
use super::notice::{Lane, Letter, Notice};

/// Where a person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessState {
    /// May have keys.
    Granted,
    /// May ask the admins.
    MayAsk,
    /// Has asked.
    Requested,
    /// Was refused.
    Denied,
    /// Needs an invitation.
    NeedsInvite,
    /// Nobody new.
    Closed,
}

/// Grants and refuses access.
#[derive(Clone)]
pub struct AccessDesk {
    core: Core,
}

impl AccessDesk {
    /// Access over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// Where a person stands. Admins always have access.
    ///
    /// # Errors
    /// The database.
    pub async fn state(&self, user: UserId) -> Result<AccessState, StoreError> {
        let known = self.core.store.person(user).await?.map(|person| person.admission);
        Ok(self.state_of(user, known))
    }

    /// The same of a person whose row was read; `None`: there is none.
    pub(super) fn state_of(&self, user: UserId, known: Option<Admission>) -> AccessState {
        if self.core.policy.admins.contains(&user) {
            return AccessState::Granted;
        }
        standing(known.unwrap_or(Admission::None), self.core.policy.access)
    }

    /// Asks the admins, once: a second request changes nothing.
    ///
    /// # Errors
    /// The database.
    pub async fn request(&self, user: UserId) -> Result<AccessState, StoreError> {
        let state = self.state(user).await?;
        if state != AccessState::MayAsk {
            return Ok(state);
        }
        let now = self.core.clock.now();
        let letters: Vec<_> = self
            .alert_chats()
            .into_iter()
            .map(|chat| {
                let slot = Some(format!("access:{user}:{chat}"));
                let notice = Notice::AccessRequested { user };
                Letter { chat, lane: Lane::Alert, slot, notice, screen: None }.stored(now)
            })
            .collect();
        let change = AdmissionChange {
            from: &[Admission::None],
            to: Admission::Requested,
            by: None,
            days: None,
            gb: None,
        };
        self.core.store.set_admission(user, &change, &letters, now).await?;
        self.core.signals.mail.notify_one();
        self.state(user).await
    }

    /// Answers a request with yes, with limits of their own or the defaults; `false` when it was decided before, so
    /// that of two admins who press at once only one decides.
    ///
    /// # Errors
    /// The database.
    pub async fn grant(
        &self,
        admin: UserId,
        user: UserId,
        days: Option<u32>,
        gb: Option<u32>,
    ) -> Result<bool, StoreError> {
        let from = [Admission::None, Admission::Requested];
        let change = AdmissionChange { from: &from, to: Admission::Granted, by: Some(admin), days, gb };
        self.decide(admin, user, &change, Notice::AccessGranted).await
    }

    /// Lets a person in with the default limits, whatever was decided before; `false` when they are in already.
    ///
    /// # Errors
    /// The database.
    pub async fn let_in(&self, admin: UserId, user: UserId) -> Result<bool, StoreError> {
        let from = [Admission::None, Admission::Requested, Admission::Denied];
        let change =
            AdmissionChange { from: &from, to: Admission::Granted, by: Some(admin), days: None, gb: None };
        self.decide(admin, user, &change, Notice::AccessGranted).await
    }

    /// Refuses access; `false` when it was decided before.
    ///
    /// # Errors
    /// The database.
    pub async fn deny(&self, admin: UserId, user: UserId) -> Result<bool, StoreError> {
        let from = [Admission::Requested];
        let change =
            AdmissionChange { from: &from, to: Admission::Denied, by: Some(admin), days: None, gb: None };
        self.decide(admin, user, &change, Notice::AccessDenied).await
    }

    /// Takes access away again, or refuses it, whatever was decided before; `false` when it was so already. The keys
    /// that a person has stay: they are taken away one by one.
    ///
    /// # Errors
    /// The database.
    pub async fn withdraw(&self, admin: UserId, user: UserId) -> Result<bool, StoreError> {
        let from = [Admission::None, Admission::Requested, Admission::Granted];
        let change =
            AdmissionChange { from: &from, to: Admission::Denied, by: Some(admin), days: None, gb: None };
        self.decide(admin, user, &change, Notice::AccessDenied).await
    }

    /// Decides, tells the person, and brings the admins' cards up to date: of two admins at once, one decides.
    async fn decide(
        &self,
        admin: UserId,
        user: UserId,
        change: &AdmissionChange<'_>,
        told: Notice,
    ) -> Result<bool, StoreError> {
        let now = self.core.clock.now();
        let asked = self
            .core
            .store
            .person(user)
            .await?
            .is_some_and(|person| person.admission == Admission::Requested);
        let mut letters = Vec::new();
        if asked {
            letters.push(
                Letter { chat: user.0, lane: Lane::Reply, slot: None, notice: told, screen: None }
                    .stored(now),
            );
            for chat in self.alert_chats() {
                let slot = Some(format!("access:{user}:{chat}"));
                let notice = Notice::AccessRequested { user };
                letters.push(Letter { chat, lane: Lane::Alert, slot, notice, screen: None }.stored(now));
            }
        }
        let changed = self.core.store.set_admission(user, change, &letters, now).await?;
        if changed {
            let action = if change.to == Admission::Granted { "access-granted" } else { "access-denied" };
            let detail = serde_json::json!({ "days": change.days, "gb": change.gb });
            self.core.store.record(Some(admin), action, &format!("user {user}"), detail, now).await?;
            self.core.signals.mail.notify_one();
        }
        Ok(changed)
    }

    /// A new invitation.
    ///
    /// # Errors
    /// The database.
    pub async fn make_invite(
        &self,
        admin: UserId,
        max_uses: u32,
        days: Option<u32>,
        gb: Option<u32>,
    ) -> Result<Invite, StoreError> {
        let now = self.core.clock.now();
        let code = invite_code(&mut rand::rng());
        let invite = Invite {
            code,
            max_uses: max_uses.max(1),
            used: 0,
            days,
            gb,
            expires_at: None,
            revoked: false,
            created_at: now,
        };
        self.core.store.add_invite(&invite, admin).await?;
        let detail = serde_json::json!({ "uses": max_uses, "days": days, "gb": gb });
        self.core.store.record(Some(admin), "invite-made", "invite", detail, now).await?;
        Ok(invite)
    }

    /// Uses an invitation.
    ///
    /// # Errors
    /// The database.
    pub async fn redeem(&self, user: UserId, code: &str) -> Result<Redeemed, StoreError> {
        if self.state(user).await? == AccessState::Granted {
            return Ok(Redeemed::AlreadyIn);
        }
        let code = code.trim().to_ascii_lowercase();
        let now = self.core.clock.now();
        let redeemed = self.core.store.redeem(&code, user, now).await?;
        if redeemed == Redeemed::Welcome {
            let detail = serde_json::json!({});
            self.core.store.record(Some(user), "invite-used", &format!("user {user}"), detail, now).await?;
        }
        Ok(redeemed)
    }

    /// All invitations, newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn invites(&self) -> Result<Vec<Invite>, StoreError> {
        self.core.store.invites().await
    }

    /// Takes an invitation back; `false` when there is none.
    ///
    /// # Errors
    /// The database.
    pub async fn revoke_invite(&self, admin: UserId, code: &str) -> Result<bool, StoreError> {
        let revoked = self.core.store.revoke_invite(code).await?;
        if revoked {
            let now = self.core.clock.now();
            self.core
                .store
                .record(Some(admin), "invite-revoked", "invite", serde_json::json!({}), now)
                .await?;
        }
        Ok(revoked)
    }

    /// Where what concerns all admins goes.
    fn alert_chats(&self) -> Vec<i64> {
        match self.core.policy.alert_chat {
            Some(chat) => vec![chat],
            None => self.core.policy.admins.iter().map(|admin| admin.0).collect(),
        }
    }
}

/// What a person's stored standing means under the rules of the day.
fn standing(known: Admission, mode: AccessMode) -> AccessState {
    match (known, mode) {
        (Admission::Granted, _) | (Admission::None | Admission::Requested, AccessMode::Open) => {
            AccessState::Granted
        }
        (Admission::Denied, _) => AccessState::Denied,
        (Admission::Requested, _) => AccessState::Requested,
        (Admission::None, AccessMode::Approve) => AccessState::MayAsk,
        (Admission::None, AccessMode::Invite) => AccessState::NeedsInvite,
        (Admission::None, AccessMode::Closed) => AccessState::Closed,
    }
}

/// Eight characters of base32 (40 bits): short enough to type, too many to guess past the rate limit.
fn invite_code(rng: &mut impl rand::Rng) -> String {
    const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    (0..8).map(|_| char::from(BASE32[rng.random_range(0..BASE32.len())])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_decided_holds_whatever_the_mode() {
        for mode in [AccessMode::Approve, AccessMode::Invite, AccessMode::Open, AccessMode::Closed] {
            assert_eq!(standing(Admission::Granted, mode), AccessState::Granted);
            assert_eq!(standing(Admission::Denied, mode), AccessState::Denied);
        }
        assert_eq!(standing(Admission::None, AccessMode::Approve), AccessState::MayAsk);
        assert_eq!(standing(Admission::None, AccessMode::Open), AccessState::Granted);
    }
}
