//! Our addresses: watched by how many fetch by each, and changed when one is blocked.

use chrono::TimeDelta;

use crate::domain::fetches::{self, Fall, HOURS};
use crate::domain::incident::{Entry, Kind, Severity};
use crate::domain::{Timestamp, UserId};
use crate::store::StoreError;

use super::super::Core;
use super::super::incidents::{Incidents, Report};
use super::super::notice::{Lane, Letter, Notice};

/// The setting that names the address of new links.
const SHOWN: &str = "link-address";
/// After a change an app has so long to find the new address by itself, before its owner gets a word.
const PATIENCE: TimeDelta = TimeDelta::minutes(90);
/// Who did not fetch for so long is not asked to change anything.
const KNOWN: TimeDelta = TimeDelta::days(14);
/// Keys whose owners are written to in one statement.
const BATCH: u64 = 500;

/// The addresses of links.
#[derive(Clone)]
pub struct AddressWatch {
    core: Core,
}

impl AddressWatch {
    /// A watch over `core`'s addresses.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// What another process or an admin chose is what new links show.
    ///
    /// # Errors
    /// The database.
    pub async fn follow(&self) -> Result<(), StoreError> {
        if let Some(origin) = self.core.store.setting(SHOWN).await? {
            self.core.links.show(&origin);
        }
        Ok(())
    }

    /// Holds the last full hour of each address against what is usual, and tells the admins of a fall.
    ///
    /// # Errors
    /// The database.
    pub async fn look(&self) -> Result<(), StoreError> {
        let Some(addresses) = self.core.links.addresses() else { return Ok(()) };
        let now = self.core.clock.now();
        let this_hour = hour_of(now);
        let hours = i32::try_from(HOURS).expect("a day and an hour");
        let counted = self.core.store.fetches_by_domain(this_hour - TimeDelta::hours(hours.into())).await?;
        let incidents = Incidents::new(self.core.clone());
        let open = incidents.open().await?;
        for origin in addresses.origins() {
            let mut full = [0; HOURS];
            for (_, hour, count) in counted.iter().filter(|(domain, _, _)| domain == origin) {
                let age = (this_hour - *hour).num_hours();
                if let Some(slot) = usize::try_from(age).ok().and_then(|age| HOURS.checked_sub(age))
                    && let Some(slot) = full.get_mut(slot)
                {
                    *slot = *count;
                }
            }
            let host = host_of(origin);
            let known = open.iter().find(|open| open.kind == Kind::Links && open.subject == host);
            let usual = known.and_then(|open| {
                open.timeline.iter().find_map(|(_, entry)| match entry {
                    Entry::LinksFall { usual, .. } => Some(*usual),
                    _ => None,
                })
            });
            match (usual, fetches::fallen(&full)) {
                (Some(usual), _) if fetches::is_back(usual, full[HOURS - 1]) => {
                    incidents.recovered(Kind::Links, host).await?;
                }
                (None, Some(Fall { now, usual })) => {
                    let entry = Entry::LinksFall { now, usual };
                    incidents
                        .report(&Report {
                            kind: Kind::Links,
                            subject: host.to_owned(),
                            instance: None,
                            severity: Severity::Critical,
                            affected: None,
                            entry,
                        })
                        .await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The address that new links would have next; `None`: there is only one.
    #[must_use]
    pub fn next(&self) -> Option<String> {
        let origins = self.core.links.addresses()?.origins();
        let shown = self.core.links.shown()?;
        let at = origins.iter().position(|origin| origin == shown)?;
        (origins.len() > 1).then(|| origins[(at + 1) % origins.len()].clone())
    }

    /// New links have the next address from now on. Apps that fetch by another are told so; the owners of keys whose
    /// apps do not fetch again get one message. `None`: there is only one address.
    ///
    /// # Errors
    /// The database.
    pub async fn switch(&self, by: UserId) -> Result<Option<String>, StoreError> {
        let Some(next) = self.next() else { return Ok(None) };
        let (store, now) = (&self.core.store, self.core.clock.now());
        let left = self.core.links.shown().unwrap_or_default().to_owned();
        store.set_setting(SHOWN, &next).await?;
        self.core.links.show(&next);
        let detail = serde_json::json!({ "from": host_of(&left), "to": host_of(&next) });
        store.record(Some(by), "link-address-changed", "links", detail, now).await?;
        let write = |config, owner: UserId| {
            let letter = Letter {
                chat: owner.0,
                lane: Lane::Bulk,
                slot: Some(format!("new-address:{config}")),
                notice: Notice::NewAddress { config, since: now },
                screen: None,
            };
            letter.stored(now + PATIENCE)
        };
        store.write_to_fetchers(&left, now - KNOWN, BATCH, &write, now).await?;
        self.core.signals.mail.notify_one();
        Ok(Some(next))
    }
}

/// The host of an address such as `https://keys.example.com`.
#[must_use]
pub fn host_of(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}

fn hour_of(at: Timestamp) -> Timestamp {
    at - TimeDelta::seconds(at.timestamp().rem_euclid(3600))
        - TimeDelta::nanoseconds(i64::from(at.timestamp_subsec_nanos()))
}
