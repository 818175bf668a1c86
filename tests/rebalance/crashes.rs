//! The process dies at every step of a run, with every way an answer can be lost: the one after it goes on, nobody is
//! moved twice, and nothing is left over.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use karvan::panel::fake::{Fault, Verb};
use karvan::panel::{PanelError, Trouble};
use karvan::service::core::RebalanceMode::Suggest;
use karvan::service::executor::{Fuse, Stopped};
use karvan::store::batches::BatchState;
use rstest::rstest;

use crate::town::{DAY, Town};

/// How the answer to the first write is lost.
#[derive(Debug, Clone, Copy)]
enum Loss {
    None,
    Request,
    Answer,
}

/// A fuse that burns at the `k`th step, and once only.
fn fuse(k: usize) -> Fuse {
    let steps = Arc::new(AtomicUsize::new(0));
    Arc::new(move |_| steps.fetch_add(1, Ordering::SeqCst) + 1 == k)
}

#[rstest]
#[tokio::test]
async fn a_crash_at_any_step_forgets_nothing_and_repeats_nothing(
    #[values(Loss::None, Loss::Request, Loss::Answer)] loss: Loss,
) {
    let mut k = 1;
    loop {
        let (mut town, keys) = Town::uneven(Suggest).await;
        let batch = town.begin().await;
        match loss {
            Loss::None => {}
            Loss::Request => {
                town.panel("de2").next_of(Verb::Create, Fault::Fail(PanelError::Unclear(Trouble::Timeout)));
            }
            Loss::Answer => town.panel("de2").next_of(Verb::Create, Fault::LoseAcknowledgement(Trouble::Cut)),
        }
        let dying = town.dying("first", fuse(k));
        let died = match town.ends_by(&dying, batch, 4 * DAY).await {
            Ok(_) => false,
            Err(Stopped::Halted(_)) => {
                for key in &keys {
                    assert!(town.works(*key).await, "{loss:?} at {k}: {key} is cut off");
                }
                // The next process knows nothing of what this one saw.
                town.clock.advance(Duration::from_secs(31));
                town.rebalance = town.restarted();
                town.ends(batch, 4 * DAY).await;
                true
            }
            Err(error) => panic!("{error:#}"),
        };
        let course = town.course(batch).await;
        assert_eq!(course.run.state, BatchState::Done, "{loss:?} at {k}");
        assert_eq!(course.done + course.given_up, 5, "{loss:?} at {k}");
        assert_eq!(town.on(&keys, "de2").await, course.done as usize, "{loss:?} at {k}");
        assert_eq!(town.on(&keys, "nl1").await, 0, "{loss:?} at {k}");
        town.assert_quiet(&keys).await;
        // One move has some eight steps; the later ones are the same again.
        if !died || k > 11 {
            assert!(k > 4, "a fuse that never burned shows nothing");
            return;
        }
        k += 1;
    }
}
