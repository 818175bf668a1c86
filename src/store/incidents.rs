//! Incidents: one open row for each kind and subject, its timeline, and the letters that tell of it, written together.

use chrono::TimeDelta;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseBackend,
    DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};

use crate::domain::incident::{self, Entry, Incident, Kind, Severity};
use crate::domain::{IncidentId, InstanceId, Timestamp, UserId};

use super::entity::{incidents, sent_messages};
use super::outbox::{NewLetter, push_all};
use super::{Store, StoreError, rows};

/// Something to be added to the incident of a subject, which is opened if there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry<'a> {
    /// What is in trouble.
    pub kind: Kind,
    /// Which of them.
    pub subject: &'a str,
    /// The instance it is about.
    pub instance: Option<&'a InstanceId>,
    /// How bad it is; the worst stays.
    pub severity: Severity,
    /// How many it affects, if that is known.
    pub affected: Option<u32>,
    /// What happened.
    pub entry: Entry,
}

/// What a change made of an incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// As it is now.
    pub incident: Incident,
    /// Chats that have a message of it.
    pub chats: Vec<i64>,
    /// The change only moves a progress bar.
    pub progress: bool,
}

/// News of this age may wait to be sent still: progress must not hold it up.
const PROMPT: TimeDelta = TimeDelta::seconds(2);

/// The letters that a change is worth.
pub type Letters<'a> = &'a (dyn Fn(&Told) -> Vec<NewLetter> + Send + Sync);

/// The slot of an incident's message in a chat.
#[must_use]
pub fn slot(incident: IncidentId, chat: i64) -> String {
    format!("{}{chat}", slots(incident))
}

fn slots(incident: IncidentId) -> String {
    format!("incident:{incident}:")
}

fn incident_of(row: &incidents::Model) -> Result<Incident, StoreError> {
    let corrupt = |what| StoreError::corrupt("incidents", row.id, what);
    let by = |by: Option<i64>, at: Option<Timestamp>| by.map(UserId).zip(at);
    Ok(Incident {
        id: IncidentId(row.id),
        kind: rows::word(&row.kind).ok_or_else(|| corrupt("kind"))?,
        subject: row.subject.clone(),
        instance: rows::parse_opt(row.instance_id.as_deref()).ok_or_else(|| corrupt("instance_id"))?,
        severity: rows::word(&row.severity).ok_or_else(|| corrupt("severity"))?,
        opened_at: row.opened_at,
        updated_at: row.updated_at,
        closed_at: row.closed_at,
        affected: rows::count(row.affected).ok_or_else(|| corrupt("affected"))?,
        is_told: row.is_told,
        facts: row.facts.clone(),
        timeline: serde_json::from_value(row.timeline.clone()).map_err(|_| corrupt("timeline"))?,
        acknowledged: by(row.acknowledged_by, row.acknowledged_at),
        muted: by(row.muted_by, row.muted_until),
    })
}

/// Lets one transaction at a time change the incidents of a subject. SQLite has one writer anyway.
async fn lock_subject(tx: &DatabaseTransaction, kind: Kind, subject: &str) -> Result<(), StoreError> {
    let backend = tx.get_database_backend();
    if backend == DatabaseBackend::Postgres {
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))";
        let name = format!("{}:{subject}", rows::to_word(kind));
        tx.execute_raw(Statement::from_sql_and_values(backend, lock, [name.into()])).await?;
    }
    Ok(())
}

/// The incident of a subject that goes on, or ended so lately that more of it is the same one.
async fn current(
    tx: &DatabaseTransaction,
    kind: Kind,
    subject: &str,
    ended_since: Option<Timestamp>,
) -> Result<Option<incidents::Model>, StoreError> {
    let mut live = Condition::any().add(incidents::Column::ClosedAt.is_null());
    if let Some(since) = ended_since {
        live = live.add(incidents::Column::ClosedAt.gt(since));
    }
    let found = incidents::Entity::find()
        .filter(incidents::Column::Kind.eq(rows::to_word(kind)))
        .filter(incidents::Column::Subject.eq(subject))
        .filter(live)
        .order_by_desc(incidents::Column::Id)
        .one(tx)
        .await?;
    Ok(found)
}

/// The chats that have a message of an incident.
async fn chats_of(tx: &impl ConnectionTrait, incident: IncidentId) -> Result<Vec<i64>, StoreError> {
    let slots = slots(incident);
    // `;` is what follows `:`, so that the index of the names finds them.
    let end = format!("{};", slots.trim_end_matches(':'));
    let found = sent_messages::Entity::find()
        .filter(sent_messages::Column::Slot.gte(slots.as_str()))
        .filter(sent_messages::Column::Slot.lt(end.as_str()))
        .all(tx)
        .await?;
    // The order of texts is the database's own business.
    let ours = found.into_iter().filter(|row| row.slot.starts_with(&slots));
    Ok(ours.map(|row| row.chat_id).collect())
}

/// Stores a changed incident with the letters that tell of it, and ends the transaction.
async fn save(
    tx: DatabaseTransaction,
    incident: Incident,
    progress: bool,
    letters: Letters<'_>,
    now: Timestamp,
) -> Result<Incident, StoreError> {
    let (acknowledged_by, acknowledged_at) = incident.acknowledged.unzip();
    let (muted_by, muted_until) = incident.muted.unzip();
    let row = incidents::ActiveModel {
        id: Set(incident.id.0),
        severity: Set(rows::to_word(incident.severity)),
        updated_at: Set(incident.updated_at),
        closed_at: Set(incident.closed_at),
        affected: Set(i32::try_from(incident.affected).unwrap_or(i32::MAX)),
        is_told: Set(incident.is_told),
        facts: Set(incident.facts.clone()),
        timeline: Set(serde_json::to_value(&incident.timeline).expect("a timeline has only text keys")),
        acknowledged_by: Set(acknowledged_by.map(|by| by.0)),
        acknowledged_at: Set(acknowledged_at),
        muted_by: Set(muted_by.map(|by| by.0)),
        muted_until: Set(muted_until),
        ..Default::default()
    };
    row.update(&tx).await?;
    let chats = chats_of(&tx, incident.id).await?;
    let told = Told { incident, chats, progress };
    push_all(&tx, &letters(&told), now).await?;
    tx.commit().await?;
    Ok(told.incident)
}

impl Store {
    /// Adds to the incident of a subject, which is opened if there is none; one that ended a moment ago goes on. The
    /// letters are written with it, unless nothing changed or only a suspicion is known so far.
    ///
    /// # Errors
    /// The database.
    pub async fn report_incident(
        &self,
        new: &NewEntry<'_>,
        letters: Letters<'_>,
        now: Timestamp,
    ) -> Result<Incident, StoreError> {
        let tx = self.begin().await?;
        lock_subject(&tx, new.kind, new.subject).await?;
        let since = now - incident::SAME_AGAIN;
        let row = match current(&tx, new.kind, new.subject, Some(since)).await? {
            Some(row) => row,
            None => {
                let row = incidents::ActiveModel {
                    kind: Set(rows::to_word(new.kind)),
                    subject: Set(new.subject.to_owned()),
                    instance_id: Set(new.instance.map(ToString::to_string)),
                    severity: Set(rows::to_word(new.severity)),
                    opened_at: Set(now),
                    updated_at: Set(now),
                    affected: Set(0),
                    is_told: Set(false),
                    facts: Set(serde_json::json!({})),
                    timeline: Set(serde_json::json!([])),
                    ..Default::default()
                };
                row.insert(&tx).await?
            }
        };
        let mut incident = incident_of(&row)?;
        let news = incident::push(&mut incident.timeline, new.entry.clone(), now);
        let affected = new.affected.unwrap_or(incident.affected);
        let severity = incident.severity.max(new.severity);
        let again = incident.closed_at.take().is_some();
        if !news && !again && affected == incident.affected && severity == incident.severity {
            return Ok(incident);
        }
        incident.updated_at = now;
        incident.affected = affected;
        incident.severity = severity;
        incident.is_told |= new.entry.is_news();
        // A progress bar may wait, but never the news that came just before it and is not sent yet.
        let fresh_news = incident.timeline.iter().rev().skip(1).any(|(at, _)| *at + PROMPT > now);
        let progress = new.entry.is_progress() && !again && !fresh_news;
        if incident.is_told {
            save(tx, incident, progress, letters, now).await
        } else {
            save(tx, incident, false, &|_| Vec::new(), now).await
        }
    }

    /// Ends the incident of a subject. `None`: there is none open.
    ///
    /// # Errors
    /// The database.
    pub async fn close_incident(
        &self,
        kind: Kind,
        subject: &str,
        entry: Entry,
        letters: Letters<'_>,
        now: Timestamp,
    ) -> Result<Option<Incident>, StoreError> {
        let tx = self.begin().await?;
        lock_subject(&tx, kind, subject).await?;
        let Some(row) = current(&tx, kind, subject, None).await? else { return Ok(None) };
        let mut incident = incident_of(&row)?;
        incident::push(&mut incident.timeline, entry, now);
        incident.updated_at = now;
        incident.closed_at = Some(now);
        if incident.is_told {
            save(tx, incident, false, letters, now).await.map(Some)
        } else {
            save(tx, incident, false, &|_| Vec::new(), now).await.map(Some)
        }
    }

    /// What is told of an incident from now on is told in new messages; the old ones stay as they are.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_incident_messages(&self, id: IncidentId) -> Result<(), StoreError> {
        let slots = slots(id);
        let end = format!("{};", slots.trim_end_matches(':'));
        sent_messages::Entity::delete_many()
            .filter(sent_messages::Column::Slot.gte(slots.as_str()))
            .filter(sent_messages::Column::Slot.lt(end.as_str()))
            .filter(sent_messages::Column::Slot.starts_with(slots.as_str()))
            .exec(self.write())
            .await?;
        Ok(())
    }

    /// Changes what admins said of an incident, and tells the others. `None`: there is no such incident, or `change`
    /// says that nothing changes.
    ///
    /// # Errors
    /// The database.
    pub async fn mark_incident(
        &self,
        id: IncidentId,
        change: impl FnOnce(&mut Incident) -> bool + Send,
        letters: Letters<'_>,
        now: Timestamp,
    ) -> Result<Option<Incident>, StoreError> {
        let tx = self.begin().await?;
        let Some(row) = incidents::Entity::find_by_id(id.0).one(&tx).await? else { return Ok(None) };
        lock_subject(&tx, incident_of(&row)?.kind, &row.subject).await?;
        // Read again: it may have changed before the lock was ours.
        let Some(row) = incidents::Entity::find_by_id(id.0).one(&tx).await? else { return Ok(None) };
        let mut incident = incident_of(&row)?;
        if !change(&mut incident) {
            return Ok(None);
        }
        incident.updated_at = now;
        save(tx, incident, false, letters, now).await.map(Some)
    }

    /// An incident.
    ///
    /// # Errors
    /// The database.
    pub async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        let row = incidents::Entity::find_by_id(id.0).one(self.read()).await?;
        row.as_ref().map(incident_of).transpose()
    }

    /// All incidents that go on, the oldest first; suspicions too.
    ///
    /// # Errors
    /// The database.
    pub async fn open_incidents(&self) -> Result<Vec<Incident>, StoreError> {
        let found = incidents::Entity::find()
            .filter(incidents::Column::ClosedAt.is_null())
            .order_by_asc(incidents::Column::Id)
            .all(self.read())
            .await?;
        found.iter().map(incident_of).collect()
    }

    /// The incidents that ended last and had been told, the latest first.
    ///
    /// # Errors
    /// The database.
    pub async fn closed_incidents(&self, limit: u64) -> Result<Vec<Incident>, StoreError> {
        let found = incidents::Entity::find()
            .filter(incidents::Column::ClosedAt.is_not_null())
            .filter(incidents::Column::IsTold.eq(true))
            .order_by_desc(incidents::Column::ClosedAt)
            .order_by_desc(incidents::Column::Id)
            .limit(limit)
            .all(self.read())
            .await?;
        found.iter().map(incident_of).collect()
    }

    /// Incidents that were told and began since `since`, the oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn incidents_since(&self, since: Timestamp) -> Result<Vec<Incident>, StoreError> {
        let found = incidents::Entity::find()
            .filter(incidents::Column::OpenedAt.gte(since))
            .filter(incidents::Column::IsTold.eq(true))
            .order_by_asc(incidents::Column::Id)
            .all(self.read())
            .await?;
        found.iter().map(incident_of).collect()
    }

    /// Incidents of which the alert webhook has not taken the newest, changed since `since`, the oldest change first; and
    /// what it has taken.
    ///
    /// # Errors
    /// The database.
    pub async fn unhooked_incidents(
        &self,
        since: Timestamp,
        limit: u64,
    ) -> Result<Vec<(Incident, Option<Timestamp>)>, StoreError> {
        use incidents::Column;
        let taken = Expr::col(Column::HookedAt).gte(Expr::col(Column::UpdatedAt));
        let found = incidents::Entity::find()
            .filter(Column::IsTold.eq(true))
            .filter(Column::UpdatedAt.gte(since))
            .filter(Condition::any().add(Column::HookedAt.is_null()).add(taken.not()))
            .order_by_asc(Column::UpdatedAt)
            .limit(limit)
            .all(self.read())
            .await?;
        found.iter().map(|row| Ok((incident_of(row)?, row.hooked_at))).collect()
    }

    /// The alert webhook has taken an incident as it was at `as_of`.
    ///
    /// # Errors
    /// The database.
    pub async fn incident_hooked(&self, id: IncidentId, as_of: Timestamp) -> Result<(), StoreError> {
        incidents::Entity::update_many()
            .col_expr(incidents::Column::HookedAt, Expr::value(as_of))
            .filter(incidents::Column::Id.eq(id.0))
            .exec(self.write())
            .await?;
        Ok(())
    }
}
