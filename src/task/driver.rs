//! What runs the loops: one tick after another, or one long run that is begun again when it dies.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures::FutureExt;
use futures::future::BoxFuture;
use rand::Rng;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::domain::Clock;
use crate::service::core::Signals;
use crate::service::leader::Leader;
use crate::service::loops::Outcome;

/// A loop that died of a panic begins again after this.
const AGAIN: Duration = Duration::from_secs(1);
/// Who is said to lead and does not any more looks again after this.
const NOT_YET: Duration = Duration::from_millis(100);
/// Waits differ by this share, so that the loops of several processes do not march in step.
const JITTER: f64 = 0.1;

/// One tick of a loop.
pub(super) type Tick = Box<dyn FnMut() -> BoxFuture<'static, anyhow::Result<()>> + Send>;

/// Makes a tick of a function that returns its future.
pub(super) fn tick<F>(mut make: impl FnMut() -> F + Send + 'static) -> Tick
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    Box::new(move || make().boxed())
}

/// Who runs a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Every process.
    Everyone,
    /// Of several processes the one that leads.
    Leader,
}

/// Where it is taken down how the loops do.
#[derive(Clone)]
struct Board {
    clock: Arc<dyn Clock>,
    signals: Arc<Signals>,
    leader: Arc<Leader>,
}

/// Runs loops until it is told to stop.
pub(super) struct Driver {
    board: Board,
    stop: CancellationToken,
    loops: JoinSet<()>,
}

impl Driver {
    pub(super) fn new(
        clock: Arc<dyn Clock>,
        signals: Arc<Signals>,
        leader: Arc<Leader>,
        stop: CancellationToken,
    ) -> Self {
        signals.loops.started(clock.now());
        Self { board: Board { clock, signals, leader }, stop, loops: JoinSet::new() }
    }

    /// A tick at once and then every `period`, give or take a tenth: a tick that takes longer delays the next and never
    /// overlaps it. One that fails or panics is counted and logged, and the next one comes. A stop ends no tick halfway.
    /// A loop of the leader's begins at once in whichever process leads from now on, and rests in all others.
    pub(super) fn every(&mut self, who: Who, period: Duration, name: &'static str, mut tick: Tick) {
        let (board, stop) = (self.board.clone(), self.stop.clone());
        board.signals.loops.meet(name, Some(period));
        let mut leading = board.leader.changes();
        self.loops.spawn(async move {
            while !stop.is_cancelled() {
                if who == Who::Leader && !board.leader.is_leader() {
                    tokio::select! {
                        // Told, or by itself: what is told may be late.
                        _ = leading.wait_for(|leads| *leads) => {}
                        () = stop.cancelled() => return,
                    }
                    if !board.leader.is_leader() {
                        tokio::time::sleep(NOT_YET).await;
                        continue;
                    }
                }
                guarded(&board, name, tick()).await;
                let wait = period.mul_f64(rand::rng().random_range(1.0 - JITTER..=1.0 + JITTER));
                let wait_delta = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
                board.signals.loops.due(name, board.clock.now() + wait_delta);
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = stop.cancelled() => return,
                }
            }
        });
    }

    /// A run that ends only when it is told to stop. One that panics is counted and logged, and begun again.
    pub(super) fn always<F>(&mut self, name: &'static str, mut make: impl FnMut() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (board, stop) = (self.board.clone(), self.stop.clone());
        board.signals.loops.meet(name, None);
        self.loops.spawn(async move {
            loop {
                let run = make();
                let outcome = guarded(&board, name, async move {
                    run.await;
                    Ok(())
                })
                .await;
                if outcome == Outcome::Done || stop.is_cancelled() {
                    return;
                }
                tokio::select! {
                    () = tokio::time::sleep(AGAIN) => {}
                    () = stop.cancelled() => return,
                }
            }
        });
    }

    /// Waits until all loops have ended.
    pub(super) async fn end(mut self) {
        while self.loops.join_next().await.is_some() {}
    }
}

/// Runs a tick, and takes down how it went. A panic goes no further.
async fn guarded(
    board: &Board,
    name: &'static str,
    tick: impl Future<Output = anyhow::Result<()>>,
) -> Outcome {
    let loops = &board.signals.loops;
    let span = tracing::info_span!("tick", task = name);
    let began = Instant::now();
    loops.begins(name, board.clock.now());
    let outcome = match AssertUnwindSafe(tick.instrument(span)).catch_unwind().await {
        Ok(Ok(())) => Outcome::Done,
        Ok(Err(error)) => {
            let error = format!("{error:#}");
            tracing::error!(task = name, error, "a task failed");
            Outcome::Failed(error)
        }
        Err(_) => {
            tracing::error!(task = name, "a task panicked");
            Outcome::Panicked
        }
    };
    let took = began.elapsed();
    let how = match outcome {
        Outcome::Done => "done",
        Outcome::Failed(_) => "failed",
        Outcome::Panicked => "panicked",
    };
    metrics::counter!("karvan_task_runs_total", "task" => name, "outcome" => how).increment(1);
    metrics::histogram!("karvan_task_seconds", "task" => name).record(took.as_secs_f64());
    loops.ends(name, outcome.clone(), took, board.clock.now());
    outcome
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::sync::{Notify, mpsc};

    use super::*;
    use crate::domain::Timestamp;
    use crate::domain::clock::ManualClock;
    use crate::service::loops::Loop;

    const MOMENT: Duration = Duration::from_millis(1);

    struct Bench {
        driver: Driver,
        signals: Arc<Signals>,
        stop: CancellationToken,
        send: mpsc::UnboundedSender<u32>,
        begun: mpsc::UnboundedReceiver<u32>,
    }

    impl Bench {
        fn new() -> Self {
            let clock = ManualClock::at(Timestamp::from_timestamp(1_790_000_000, 0).unwrap());
            let (signals, stop) = (Arc::new(Signals::default()), CancellationToken::new());
            let driver =
                Driver::new(Arc::new(clock), signals.clone(), Arc::new(Leader::alone("me")), stop.clone());
            let (send, begun) = mpsc::unbounded_channel();
            Self { driver, signals, stop, send, begun }
        }

        /// Tells of each run that begins; its number.
        fn counts(&self) -> impl FnMut() -> u32 + Send + use<> {
            let (send, mut count) = (self.send.clone(), 0);
            move || {
                count += 1;
                let _ = send.send(count);
                count
            }
        }

        /// Waits until the run of this number begins.
        async fn begins(&mut self, number: u32) {
            while self.begun.recv().await.unwrap() < number {}
        }

        fn one(&self) -> Loop {
            self.signals.loops.all().remove(0)
        }
    }

    #[tokio::test]
    async fn ticks_come_a_period_apart_give_or_take_a_tenth() {
        let mut bench = Bench::new();
        let mut counts = bench.counts();
        let count = move || {
            counts();
            std::future::ready(Ok(()))
        };
        bench.driver.every(Who::Everyone, Duration::from_secs(1_000), "work", tick(count));
        let mut counts = bench.counts();
        let quick = move || {
            counts();
            std::future::ready(Ok(()))
        };
        bench.driver.every(Who::Everyone, MOMENT, "zero", tick(quick));
        bench.begins(20).await;
        let one = bench.one();
        let wait = one.next.unwrap() - one.last.unwrap().0;
        assert!((900..=1_100).contains(&wait.num_seconds()), "{wait}");
        assert_eq!((one.runs, one.failures, one.running), (1, 0, false));
        bench.stop.cancel();
        bench.driver.end().await;
    }

    #[tokio::test]
    async fn a_slow_tick_is_never_overlapped_and_a_stop_waits_for_its_end() {
        let mut bench = Bench::new();
        let (gate, busy) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
        let (opened, mut counts) = (gate.clone(), bench.counts());
        let slow = move || {
            let (gate, busy) = (opened.clone(), busy.clone());
            counts();
            async move {
                assert!(!busy.swap(true, Ordering::SeqCst), "two at once");
                gate.notified().await;
                busy.store(false, Ordering::SeqCst);
                Ok(())
            }
        };
        bench.driver.every(Who::Everyone, MOMENT, "slow", tick(slow));
        bench.begins(1).await;
        assert!(bench.one().running);
        for number in 2..5 {
            gate.notify_one();
            bench.begins(number).await;
        }
        bench.stop.cancel();
        let signals = bench.signals.clone();
        let end = tokio::spawn(bench.driver.end());
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(!end.is_finished(), "the tick goes on");
        gate.notify_one();
        end.await.unwrap();
        let one = signals.loops.all().remove(0);
        assert_eq!((one.runs, one.failures), (4, 0));
    }

    #[tokio::test]
    async fn failures_and_panics_are_counted_and_the_next_tick_comes() {
        let mut bench = Bench::new();
        let mut counts = bench.counts();
        let bad = move || {
            let number = counts();
            async move {
                assert_ne!(number, 2, "a fault");
                anyhow::ensure!(number != 3, "the database is gone");
                Ok(())
            }
        };
        bench.driver.every(Who::Everyone, MOMENT, "bad", tick(bad));
        bench.begins(6).await;
        let one = bench.one();
        assert_eq!((one.failures, one.panics), (2, 1));
        let problem = one.problem.map(|(_, outcome)| outcome);
        assert_eq!(problem, Some(Outcome::Failed("the database is gone".to_owned())));
    }

    #[tokio::test]
    async fn a_run_that_dies_is_begun_again_and_one_that_ends_is_not() {
        let mut bench = Bench::new();
        let (mut counts, stop) = (bench.counts(), bench.stop.clone());
        bench.driver.always("run", move || {
            let (number, stop) = (counts(), stop.clone());
            async move {
                assert_ne!(number, 1, "a fault");
                stop.cancelled().await;
            }
        });
        bench.begins(2).await;
        let one = bench.one();
        assert_eq!((one.runs, one.panics, one.running), (1, 1, true));
        bench.stop.cancel();
        bench.driver.end().await;
        assert!(bench.begun.try_recv().is_err(), "an orderly end is the end");
    }
}
