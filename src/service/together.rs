//! One reading for all who ask for it at the same time.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

/// What many ask for at once is done once for all of them, after the last of them has asked: each finds the world as it
/// was when it asked, or newer.
#[derive(Debug, Default)]
pub(super) struct Together {
    asked: AtomicU64,
    /// The last who asked before what was done last began.
    done: Mutex<u64>,
}

impl Together {
    /// Does `work`, unless somebody else began it after this was called: then waits for that. A failure is told to the
    /// one whose work failed; the others do it themselves.
    pub(super) async fn run<E>(&self, work: impl Future<Output = Result<(), E>>) -> Result<(), E> {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut done = self.done.lock().await;
        if *done >= turn {
            return Ok(());
        }
        let last = self.asked.load(Ordering::SeqCst);
        work.await?;
        *done = last;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::future::join_all;
    use futures::{FutureExt, poll};
    use tokio::task::yield_now;

    use super::*;

    #[tokio::test]
    async fn who_asks_at_once_shares_it_and_who_asks_later_does_not() {
        let (together, done) = (Together::default(), Cell::new(0));
        let work = || async {
            yield_now().await;
            done.set(done.get() + 1);
            Ok::<_, ()>(())
        };
        let mut first = Box::pin(together.run(work()));
        assert!(poll!(first.as_mut()).is_pending(), "it is under way");
        // It may have read what they want to see already: one more is for all of them.
        let mut later = Box::pin(join_all((0..100).map(|_| together.run(work()))));
        assert!(poll!(later.as_mut()).is_pending());
        let (one, all) = tokio::join!(first, later);
        assert!(one.is_ok() && all.iter().all(Result::is_ok));
        assert_eq!(done.get(), 2);
        together.run(work()).await.unwrap();
        assert_eq!(done.get(), 3, "what was done before it asked is not enough");
    }

    #[tokio::test]
    async fn a_failure_and_one_who_goes_away_leave_the_others_to_themselves() {
        let (together, done) = (Together::default(), Cell::new(0));
        let work = |fails: bool| {
            let done = &done;
            async move {
                yield_now().await;
                done.set(done.get() + 1);
                if fails { Err(()) } else { Ok(()) }
            }
        };
        let mut gone = Box::pin(together.run(work(false)));
        assert!(gone.as_mut().now_or_never().is_none());
        let (failed, well) = tokio::join!(together.run(work(true)), {
            drop(gone);
            together.run(work(false))
        });
        assert_eq!((failed, well, done.get()), (Err(()), Ok(()), 2));
    }
}
