//! What is in trouble, and what the admins are told of it: one message for each incident and chat, edited as it goes
//! on.
//!
//! Whoever finds trouble [reports](Incidents::report) it, as often as it likes: what is known already changes nothing.
//! The letters are written in the transaction that stores the report, to [`Incidents::chats`]; they say only *which*
//! incident, and the words are made at sending from what is true then.

use crate::domain::incident::{self, Entry, Incident, Kind, Severity};
use crate::domain::{IncidentId, InstanceId, Timestamp, UserId};
use crate::store::StoreError;
use crate::store::incidents::{NewEntry, Told, slot};
use crate::store::outbox::NewLetter;

use super::Core;
use super::notice::{Lane, Letter, Notice};

/// The flag that stands while the chat for alerts cannot be reached; see [`crate::store::flags`].
pub const ALERT_CHAT_LOST: &str = "alert-chat-lost";

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What is in trouble.
    pub kind: Kind,
    /// Which of them, as [`Kind`] says; one incident at most is open for each kind and subject.
    pub subject: String,
    /// The instance it is about.
    pub instance: Option<InstanceId>,
    /// How bad it is; the worst so far stays.
    pub severity: Severity,
    /// How many keys or people it affects; `None` leaves what is known.
    pub affected: Option<u32>,
    /// What happened.
    pub entry: Entry,
}

/// Incidents. Cheap to clone.
#[derive(Clone)]
pub struct Incidents {
    core: Core,
}

impl Incidents {
    /// Incidents over `core`.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// Opens an incident, or adds to the one of the same kind and subject. A suspicion alone is told to nobody; one
    /// that ended less than [`incident::SAME_AGAIN`] ago goes on in the same message.
    ///
    /// # Errors
    /// The database.
    pub async fn report(&self, report: &Report) -> Result<IncidentId, StoreError> {
        let now = self.core.clock.now();
        let new = NewEntry {
            kind: report.kind,
            subject: &report.subject,
            instance: report.instance.as_ref(),
            severity: report.severity,
            affected: report.affected,
            entry: report.entry.clone(),
        };
        let here = self.chats().await?;
        let incident = self.core.store.report_incident(&new, &|told| letters(&here, told, now), now).await?;
        self.core.signals.mail.notify_one();
        Ok(incident.id)
    }

    /// Ends an incident. `false`: there is none open.
    ///
    /// # Errors
    /// The database.
    pub async fn close(&self, kind: Kind, subject: &str, entry: Entry) -> Result<bool, StoreError> {
        let now = self.core.clock.now();
        let here = self.chats().await?;
        let letters = |told: &Told| letters(&here, told, now);
        let closed = self.core.store.close_incident(kind, subject, entry, &letters, now).await?;
        self.core.signals.mail.notify_one();
        Ok(closed.is_some())
    }

    /// Ends the incident of an instance that is well again, saying how long it took.
    ///
    /// # Errors
    /// The database.
    pub async fn recovered(&self, kind: Kind, subject: &str) -> Result<bool, StoreError> {
        let open = self.core.store.open_incidents().await?;
        let Some(incident) = open.iter().find(|open| open.kind == kind && open.subject == subject) else {
            return Ok(false);
        };
        let took = (self.core.clock.now() - incident.opened_at).num_seconds();
        self.close(kind, subject, Entry::Recovered { after_s: u64::try_from(took).unwrap_or(0) }).await
    }

    /// Ends all incidents of an instance that leaves the fleet.
    ///
    /// # Errors
    /// The database.
    pub async fn unwatch(&self, id: &InstanceId) -> Result<(), StoreError> {
        let open = self.core.store.open_incidents().await?;
        for incident in open.iter().filter(|incident| incident.instance.as_ref() == Some(id)) {
            self.close(incident.kind, &incident.subject, Entry::NoLongerWatched).await?;
        }
        Ok(())
    }

    /// All incidents that go on and were told, the oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn open(&self) -> Result<Vec<Incident>, StoreError> {
        let mut open = self.core.store.open_incidents().await?;
        open.retain(|incident| incident.is_told);
        Ok(open)
    }

    /// The incident of a subject that goes on, told or not.
    ///
    /// # Errors
    /// The database.
    pub async fn open_of(&self, kind: Kind, subject: &str) -> Result<Option<Incident>, StoreError> {
        let open = self.core.store.open_incidents().await?;
        Ok(open.into_iter().find(|open| open.kind == kind && open.subject == subject))
    }

    /// An admin takes care of it, and everybody who has the message sees who. `false`: it was so, by this admin or
    /// another, or there is no such incident.
    ///
    /// # Errors
    /// The database.
    pub async fn acknowledge(&self, by: UserId, id: IncidentId) -> Result<bool, StoreError> {
        let now = self.core.clock.now();
        let change = |incident: &mut Incident| {
            let fresh = incident.acknowledged.is_none();
            incident.acknowledged.get_or_insert((by, now));
            fresh
        };
        self.mark(by, id, "incident-acknowledged", change).await
    }

    /// An admin wants no new messages of it for a while; what was sent is still edited. `false`: there is no such
    /// incident, or it is muted for longer already.
    ///
    /// # Errors
    /// The database.
    pub async fn mute(&self, by: UserId, id: IncidentId, until: Timestamp) -> Result<bool, StoreError> {
        let change = |incident: &mut Incident| {
            let longer = incident.muted.is_none_or(|(_, known)| known < until);
            if longer {
                incident.muted = Some((by, until));
            }
            longer
        };
        self.mark(by, id, "incident-muted", change).await
    }

    /// An admin wants to hear of it again. `false`: it was not muted.
    ///
    /// # Errors
    /// The database.
    pub async fn unmute(&self, by: UserId, id: IncidentId) -> Result<bool, StoreError> {
        let now = self.core.clock.now();
        let change = |incident: &mut Incident| incident.muted.take_if(|(_, until)| *until > now).is_some();
        self.mark(by, id, "incident-unmuted", change).await
    }

    async fn mark(
        &self,
        by: UserId,
        id: IncidentId,
        action: &str,
        change: impl FnOnce(&mut Incident) -> bool + Send,
    ) -> Result<bool, StoreError> {
        let now = self.core.clock.now();
        let here = self.chats().await?;
        let letters = |told: &Told| letters(&here, told, now);
        let marked = self.core.store.mark_incident(id, change, &letters, now).await?;
        if marked.is_some() {
            let subject = format!("incident {id}");
            self.core.store.record(Some(by), action, &subject, serde_json::Value::Null, now).await?;
            self.core.signals.mail.notify_one();
        }
        Ok(marked.is_some())
    }

    /// Where alerts go: the chat for alerts, or each admin. While that chat cannot be reached, to both: the first
    /// message it takes shows that it is back.
    ///
    /// # Errors
    /// The database.
    pub async fn chats(&self) -> Result<Vec<i64>, StoreError> {
        let policy = &self.core.policy;
        let admins = policy.admins.iter().map(|admin| admin.0);
        Ok(match policy.alert_chat {
            None => admins.collect(),
            Some(chat) if self.core.store.is_raised(ALERT_CHAT_LOST).await? => {
                std::iter::once(chat).chain(admins.filter(|admin| *admin != chat)).collect()
            }
            Some(chat) => vec![chat],
        })
    }

    /// The chat for alerts did not take a letter: the admins get it directly, and are told why once.
    ///
    /// # Errors
    /// The database.
    pub async fn chat_lost(&self, lost: &NewLetter) -> Result<(), StoreError> {
        let now = self.core.clock.now();
        let store = &self.core.store;
        let fresh = store.raise_flag(ALERT_CHAT_LOST, serde_json::Value::Null, now).await?;
        let mut all = Vec::new();
        for admin in self.core.policy.admins.iter().map(|admin| admin.0) {
            if fresh {
                let notice = Notice::AlertChatLost;
                let letter = Letter { chat: admin, lane: Lane::Alert, slot: None, notice, screen: None };
                all.push(letter.stored(now));
            }
            // A slot is one message: each admin has their own, named as if the letter had gone there at once.
            let here = format!(":{}", lost.chat);
            let slot = lost.slot.as_ref().map(|slot| match slot.strip_suffix(&here) {
                Some(name) => format!("{name}:{admin}"),
                None => format!("{slot}:{admin}"),
            });
            all.push(NewLetter { chat: admin, slot, not_before: now, screen: None, ..lost.clone() });
        }
        store.post(&all, now).await?;
        self.core.signals.mail.notify_one();
        Ok(())
    }

    /// The chat for alerts took a message: it is back, if it was away.
    ///
    /// # Errors
    /// The database.
    pub async fn chat_found(&self) -> Result<(), StoreError> {
        let now = self.core.clock.now();
        if self.core.store.is_raised(ALERT_CHAT_LOST).await?
            && self.core.store.lower_flag(ALERT_CHAT_LOST, serde_json::Value::Null, now).await?
        {
            tracing::info!("the chat for alerts is back");
        }
        Ok(())
    }
}

/// How long the *mute* button keeps quiet, from `now`.
#[must_use]
pub fn mute_until(now: Timestamp) -> Timestamp {
    now + incident::MUTE
}

fn letter(chat: i64, incident: IncidentId, progress: bool, now: Timestamp) -> NewLetter {
    let notice = Notice::Incident { incident, progress };
    Letter { chat, lane: Lane::Alert, slot: Some(slot(incident, chat)), notice, screen: None }.stored(now)
}

/// To everybody who should hear of it, and everybody who did: those messages are edited to the end.
fn letters(here: &[i64], told: &Told, now: Timestamp) -> Vec<NewLetter> {
    let mut chats = if told.incident.is_muted(now) { Vec::new() } else { here.to_vec() };
    chats.extend(&told.chats);
    chats.sort_unstable();
    chats.dedup();
    chats.into_iter().map(|chat| letter(chat, told.incident.id, told.progress, now)).collect()
}
