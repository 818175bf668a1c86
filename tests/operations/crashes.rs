//! Every operation, killed at every step, with every way an answer can be lost: started again, each ends exactly once,
//! with one primary account, no ghost and no place held, and the running key is never interrupted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use karvan::domain::ConfigId;
use karvan::domain::key::Wish;
use karvan::panel::fake::{Fault, Verb};
use karvan::panel::{PanelError, Trouble};
use karvan::service::executor::{Fuse, Stopped};
use rstest::rstest;

use crate::db::Kind;
use crate::memory::{ALICE, Spec, World};

/// What is wished for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Issue,
    Move,
    GoBack,
    Rotate,
    Extend,
    Suspend,
    Revoke,
}

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
}

/// A fuse that burns at the `k`th step, and counts them.
fn fuse(k: usize) -> (Fuse, Arc<AtomicUsize>) {
    let steps = Arc::new(AtomicUsize::new(0));
    let counted = steps.clone();
    (Arc::new(move |_| counted.fetch_add(1, Ordering::SeqCst) + 1 == k), steps)
}

async fn begin(world: &World, act: Act, key: Option<ConfigId>) -> ConfigId {
    let (owner, admin) = (World::asks(ALICE), World::admin_asks());
    let key = || key.expect("the story began with a key");
    let asked = match act {
        Act::Issue => world.keys.issue(&owner, ALICE, None).await,
        Act::Move | Act::GoBack => {
            let home = world.core.store.key(key()).await.unwrap().unwrap();
            let back = home.lingering().next().map(|account| account.instance.clone());
            world.keys.move_to(&admin, key(), back.filter(|_| act == Act::GoBack)).await
        }
        Act::Rotate => world.keys.rotate(&owner, key()).await,
        Act::Extend => world.keys.extend(&admin, key(), Some(3), Some(3)).await,
        Act::Suspend => world.keys.suspend(&admin, key()).await,
        Act::Revoke => world.keys.revoke(&admin, key()).await,
    };
    asked.unwrap().config
}

/// One story: begin, die at step `k`, start again, let everything land, look. `false`: it has fewer steps than `k`.
async fn story(world: World, act: Act, loss: Loss, k: usize) -> bool {
    let key = if act == Act::Issue { None } else { Some(world.key().await) };
    if act == Act::GoBack {
        world.keys.move_to(&World::admin_asks(), key.unwrap(), None).await.unwrap();
        world.settle().await;
    }
    let before = match key {
        Some(key) => world.core.store.credentials(key).await.unwrap(),
        None => None,
    };
    let fault = match loss {
        Loss::None => None,
        Loss::Request => Some(Fault::Fail(PanelError::Unclear(Trouble::Timeout))),
        Loss::Answer => Some(Fault::LoseAcknowledgement(Trouble::Cut)),
        Loss::Late => Some(Fault::Late),
    };
    for panel in world.panels.values() {
        for verb in [Verb::Create, Verb::Update, Verb::Delete] {
            if let Some(fault) = &fault {
                panel.next_of(verb, fault.clone());
            }
        }
    }
    let config = begin(&world, act, key).await;
    let (burns, steps) = fuse(k);
    let died = world.work(&world.dying("first", burns)).await;
    let reached = matches!(died, Err(Stopped::Halted(_)));
    assert!(reached || steps.load(Ordering::SeqCst) < k);
    // The running key serves on while the process is dead, whatever step it died at.
    let interrupted = matches!(act, Act::Suspend | Act::Revoke | Act::Rotate | Act::Issue);
    if let (Some(before), false) = (&before, interrupted) {
        assert!(world.panels.values().any(|panel| panel.serves(before)), "{act:?} {loss:?} at {k}: cut off");
    }
    // Another process takes over once the claim has run out; what was late lands in the middle of it.
    world.passes(Duration::from_secs(60)).await;
    for panel in world.panels.values() {
        panel.land();
    }
    world.passes(Duration::from_secs(240)).await;
    for panel in world.panels.values() {
        panel.land();
    }
    // Linger and every retry are over.
    world.passes(Duration::from_secs(49 * 3600)).await;
    world.passes(Duration::from_secs(300)).await;
    let end = world.core.store.key(config).await.unwrap().unwrap();
    let serves = world.works(config).await;
    assert_eq!(serves, end.config.wish == Wish::Active, "{act:?} {loss:?} at {k}: {:?}", end.config.wish);
    let after = world.core.store.credentials(config).await.unwrap();
    if before.is_some() {
        assert_eq!(before == after, act != Act::Rotate, "{act:?} {loss:?} at {k}: secrets");
    }
    world.assert_quiet(&[config]).await;
    reached
}

#[rstest]
#[tokio::test]
async fn killed_at_every_step_each_operation_ends_once(
    #[values(Act::Issue, Act::Move, Act::GoBack, Act::Rotate, Act::Extend, Act::Suspend, Act::Revoke)]
    act: Act,
    #[values(Loss::None, Loss::Request, Loss::Answer, Loss::Late)] loss: Loss,
) {
    let mut k = 1;
    while story(World::three().await, act, loss, k).await {
        k += 1;
    }
    assert!(k > 2, "{act:?} has steps to die at");
}

/// Makes a PostgreSQL database as empty as a new one, which takes longer to make.
const EMPTY: &str = "DO $$ DECLARE t text; BEGIN \
     FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'seaql_migrations' LOOP \
     EXECUTE format('TRUNCATE TABLE %I RESTART IDENTITY CASCADE', t); END LOOP; END $$";

/// The steps are the same on both databases, so each is tried once more on PostgreSQL with the loss that hides most: what
/// was executed, but nobody told us.
#[rstest]
#[tokio::test]
async fn on_postgresql_too_each_operation_ends_once(
    #[values(Act::Issue, Act::Move, Act::Rotate, Act::Extend, Act::Revoke)] act: Act,
) {
    let Some(db) = Kind::Postgres.fresh().await else { return };
    let three = [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0), Spec("fi1", "fi", 100, 1.0)];
    let mut k = 1;
    loop {
        db.tamper(EMPTY).await;
        let world = World::on(db.store.clone(), &three).await;
        if !story(world, act, Loss::Answer, k).await {
            break;
        }
        k += 1;
    }
    assert!(k > 2, "{act:?} has steps to die at");
}
