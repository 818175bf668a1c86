//! Telling the admins what only they can decide, in an incident for each question of a panel; and ending it once the
//! question is gone.

use crate::domain::InstanceId;
use crate::domain::incident::{Entry, Kind, Severity};
use crate::domain::reconcile::Question;
use crate::store::StoreError;
use crate::store::reconcile::Corrected;

use super::super::incidents::{Incidents, Report};
use super::{Pass, Reconciler};

/// What a panel's incidents may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    /// Too many accounts are missing.
    Missing,
    /// Accounts with another mark.
    Twice,
    /// More strays than are deleted by and by, or some that this database never made.
    Strays,
    /// Somebody gave keys more than they were sold.
    Changed,
}

impl Topic {
    const ALL: [Self; 4] = [Self::Missing, Self::Twice, Self::Strays, Self::Changed];

    /// What an incident about it is called. What is missing goes by the panel's own name.
    pub(super) fn subject(self, id: &InstanceId) -> String {
        match self {
            Self::Missing => id.to_string(),
            Self::Twice => format!("{id}/twice"),
            Self::Strays => format!("{id}/strays"),
            Self::Changed => format!("{id}/changed"),
        }
    }

    /// What there is to tell about it after a pass, and for how many keys.
    fn of(self, pass: &Pass) -> Option<(Severity, u32, Entry)> {
        let questions = pass.plan.questions.iter();
        match self {
            Self::Missing => questions.copied().find_map(|question| match question {
                Question::Missing { count, .. } => {
                    Some((Severity::Critical, count, Entry::Missing { count }))
                }
                _ => None,
            }),
            Self::Twice => questions.copied().find_map(|question| match question {
                Question::ManagedTwice { count } => {
                    Some((Severity::Warning, 0, Entry::ForeignMark { count }))
                }
                _ => None,
            }),
            Self::Strays => {
                let unknown = pass.found.unknown.len();
                // Those that were seen for long enough and yet wait: there are more than one run deletes.
                let left = pass.overdue();
                let count = u32::try_from(unknown + left).unwrap_or(u32::MAX);
                (count > 0).then_some((Severity::Warning, 0, Entry::Strays { count }))
            }
            Self::Changed => questions.copied().find_map(|question| match question {
                Question::Favour { count } => Some((Severity::Warning, 0, Entry::AccountsChanged { count })),
                _ => None,
            }),
        }
    }
}

impl Reconciler {
    /// Opens, goes on with or ends the incidents of a panel.
    pub(super) async fn tell(&self, pass: &Pass) -> Result<(), StoreError> {
        let incidents = Incidents::new(self.core.clone());
        for topic in Topic::ALL {
            let subject = topic.subject(&pass.instance);
            let Some((severity, affected, entry)) = topic.of(pass) else {
                incidents.close(Kind::Reconcile, &subject, Entry::Reconciled).await?;
                continue;
            };
            let report = Report {
                kind: Kind::Reconcile,
                subject,
                instance: Some(pass.instance.clone()),
                severity,
                affected: Some(affected),
                entry,
            };
            incidents.report(&report).await?;
        }
        Ok(())
    }

    /// Counters that were wrong mean that some part of the service counted wrong: it is put right and told.
    pub(super) async fn tell_corrected(&self, corrected: &[Corrected]) -> Result<(), StoreError> {
        const SUBJECT: &str = "counters";
        let incidents = Incidents::new(self.core.clone());
        if corrected.is_empty() {
            incidents.close(Kind::System, SUBJECT, Entry::Over).await?;
            return Ok(());
        }
        let report = Report {
            kind: Kind::System,
            subject: SUBJECT.to_owned(),
            instance: None,
            severity: Severity::Info,
            affected: None,
            entry: Entry::SystemTrouble { problem: "counters".to_owned() },
        };
        incidents.report(&report).await?;
        Ok(())
    }
}
