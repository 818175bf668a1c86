//! What fetches teach, written a little later and many at once: no answer waits for it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use crate::domain::subscription::Format;
use crate::domain::{AssignmentId, Timestamp};
use crate::store::links::{Copy, Fetch};
use crate::store::{Store, StoreError};

use super::copies::word;

/// More than this is not remembered while the database is away.
const MOST: usize = 20_000;

/// What is not written yet.
#[derive(Default)]
pub struct Seen(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    fetches: Vec<Fetch>,
    copies: BTreeMap<AssignmentId, (Format, Copy)>,
}

impl Seen {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().expect("no holder of this lock can panic")
    }

    /// Somebody fetched.
    pub(super) fn fetched(&self, fetch: Fetch) {
        let mut waiting = self.waiting();
        if waiting.fetches.len() < MOST {
            waiting.fetches.push(fetch);
        }
    }

    /// A panel answered.
    pub(super) fn keep(&self, account: AssignmentId, format: Format, copy: Copy) {
        let mut waiting = self.waiting();
        if waiting.copies.len() < MOST / 10 {
            waiting.copies.insert(account, (format, copy));
        }
    }

    /// What a panel answered, if that is not written yet.
    pub(super) fn kept(&self, account: AssignmentId, format: Format) -> Option<Copy> {
        let waiting = self.waiting();
        waiting.copies.get(&account).filter(|(of, _)| *of == format).map(|(_, copy)| copy.clone())
    }

    /// Writes what was seen; what cannot be written now waits for the next time. How many fetches.
    pub(super) async fn write(&self, store: &Store, now: Timestamp) -> Result<usize, StoreError> {
        let (fetches, copies) = {
            let mut waiting = self.waiting();
            (std::mem::take(&mut waiting.fetches), std::mem::take(&mut waiting.copies))
        };
        let count = fetches.len();
        if count > 0
            && let Err(error) = store.record_fetches(&fetches).await
        {
            let mut waiting = self.waiting();
            for fetch in fetches {
                if waiting.fetches.len() < MOST {
                    waiting.fetches.push(fetch);
                }
            }
            for (account, copy) in copies {
                waiting.copies.entry(account).or_insert(copy);
            }
            return Err(error);
        }
        for (account, (format, copy)) in copies {
            // A copy that is lost is written again when the next one differs.
            store.keep_copy(account, word(format), &copy, now).await?;
        }
        Ok(count)
    }
}
