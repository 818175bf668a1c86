//! Our own process dies at every step of two moves over three panels, with every way an answer can be lost: no key is
//! ever without its account, and nothing is left over.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use karvan::domain::ConfigId;
use karvan::panel::fake::{Fault, Verb};
use karvan::panel::{PanelError, Shown, Trouble};
use karvan::service::executor::{Executor, Fuse, Stopped};
use rstest::rstest;

use crate::db::Kind;
use crate::fleet::{EVACUATE_AFTER, Fleet};
use crate::memory::id;

/// How the answer to a write is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    /// It is not.
    None,
    /// The request never arrives.
    Request,
    /// It is executed, the answer is lost.
    Answer,
    /// It is executed much later, after its caller gave up.
    Late,
    /// It was executed, and the driver saw that by reading: an earlier duplicate may still land.
    Duplicate,
}

impl Loss {
    fn fault(self) -> Option<Fault> {
        match self {
            Self::None => None,
            Self::Request => Some(Fault::Fail(PanelError::Unclear(Trouble::Timeout))),
            Self::Answer => Some(Fault::LoseAcknowledgement(Trouble::Cut)),
            Self::Late => Some(Fault::Late),
            Self::Duplicate => Some(Fault::Unsettle),
        }
    }
}

/// A fuse that burns at the `k`th step, and once only.
pub fn fuse(k: usize) -> (Fuse, Arc<AtomicUsize>) {
    let steps = Arc::new(AtomicUsize::new(0));
    let counted = steps.clone();
    (Arc::new(move |_| counted.fetch_add(1, Ordering::SeqCst) + 1 == k), steps)
}

/// Where the database says that a key is, its account is, with its secrets: what the model calls being cut off.
pub async fn assert_held(fleet: &Fleet, key: ConfigId, when: &str) {
    let store = &fleet.world.core.store;
    let Some(primary) = store.key(key).await.unwrap().unwrap().primary().cloned() else { return };
    let account = fleet.world.panels[&primary.instance].account(&primary.account);
    let secrets = store.credentials(key).await.unwrap().unwrap();
    let held = account.is_some_and(|account| account.credentials == Shown::from(&secrets));
    assert!(held, "{when}: {key} has no account on {}", primary.instance);
}

/// Looks and works; a process that dies is replaced once its claims have run out. Whether it died.
async fn work(fleet: &Fleet, executor: &Executor, key: ConfigId, when: &str) -> bool {
    match fleet.rest(executor).await {
        Ok(_) => false,
        Err(Stopped::Halted(point)) => {
            assert_held(fleet, key, &format!("{when}, dead at {point}")).await;
            fleet.world.clock.advance(Duration::from_secs(31));
            fleet.rest(&fleet.world.executor).await.unwrap();
            true
        }
        Err(error) => panic!("{error:#}"),
    }
}

fn land(fleet: &Fleet) {
    for panel in fleet.world.panels.values() {
        panel.land();
    }
}

/// One story with a death at step `k`. `false`: it has fewer steps.
async fn story(loss: Loss, k: usize) -> bool {
    let when = format!("{loss:?} at {k}");
    let fleet = Fleet::three(Kind::Sqlite).await.unwrap();
    let key = fleet.keys_on("de1", 1).await[0];
    let secrets = fleet.world.core.store.credentials(key).await.unwrap();
    for panel in fleet.world.panels.values() {
        for verb in [Verb::Create, Verb::Update, Verb::Delete] {
            if let Some(fault) = loss.fault() {
                panel.next_of(verb, fault);
            }
        }
    }
    let (burns, _) = fuse(k);
    let dying = fleet.world.dying("first", burns);
    let mut died = false;
    // The first move: its instance dies.
    fleet.dies("de1").await;
    fleet.world.clock.advance(EVACUATE_AFTER);
    died |= work(&fleet, &dying, key, &when).await;
    assert_held(&fleet, key, &when).await;
    // The second: so does wherever it is or goes now, while the first may be under way still.
    let (there, other) = {
        let key = fleet.world.core.store.key(key).await.unwrap().unwrap();
        let target = key.operation.as_ref().and_then(|operation| operation.target.clone());
        let there = target.map_or(key.primary().unwrap().instance.clone(), |target| target.instance);
        let there = if there == id("de1") { id("nl1") } else { there };
        (there.clone(), if there == id("nl1") { "fi1" } else { "nl1" })
    };
    fleet.returns("de1").await;
    fleet.world.settle().await;
    fleet.dies(there.as_str()).await;
    fleet.world.clock.advance(EVACUATE_AFTER);
    died |= work(&fleet, &dying, key, &when).await;
    assert_held(&fleet, key, &when).await;
    for _ in 0..4 {
        fleet.world.clock.advance(Duration::from_secs(20));
        fleet.look().await;
        died |= work(&fleet, &dying, key, &when).await;
        assert_held(&fleet, key, &when).await;
    }
    let place = fleet.world.place_of(key).await.unwrap();
    assert!(place == other || place == "de1", "{when}: still on {place}");
    // What was late lands, everything is back, and time passes.
    land(&fleet);
    fleet.returns(there.as_str()).await;
    assert_held(&fleet, key, &when).await;
    for time in [60, 240, 49 * 3600, 300] {
        for _ in 0..3 {
            fleet.world.clock.advance(Duration::from_secs(time / 3));
            fleet.look().await;
            died |= work(&fleet, &dying, key, &when).await;
            assert_held(&fleet, key, &when).await;
        }
        land(&fleet);
    }
    assert_eq!(fleet.world.core.store.credentials(key).await.unwrap(), secrets, "{when}");
    assert!(fleet.world.works(key).await, "{when}");
    fleet.world.assert_quiet(&[key]).await;
    died
}

#[rstest]
#[tokio::test]
async fn killed_at_every_step_of_two_moves_nothing_is_lost_or_left(
    #[values(Loss::None, Loss::Request, Loss::Answer, Loss::Late, Loss::Duplicate)] loss: Loss,
) {
    let mut k = 1;
    while story(loss, k).await {
        k += 1;
    }
    assert!(k > 10, "{loss:?}: two moves have steps to die at, not {k}");
}
