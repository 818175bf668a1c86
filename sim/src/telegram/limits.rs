//! Flood limits: how often a bot may write, and how long it must then be silent.
//!
//! Telegram publishes no exact algorithm; the figures are those of its FAQ
//! (<https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>), the shape is a token bucket.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

/// How often a bot may write.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Messages a second over all chats.
    pub per_second: f64,
    /// Messages a second in one chat, in the long run.
    pub per_chat: f64,
    /// Messages at once in one chat after a pause.
    pub burst: f64,
    /// Messages a minute in one group.
    pub group_per_minute: f64,
}

impl Limits {
    /// What Telegram's FAQ says: 30 a second, 1 a second in a chat with short bursts, 20 a minute in a group.
    #[must_use]
    pub fn telegram() -> Self {
        Self { per_second: 30.0, per_chat: 1.0, burst: 3.0, group_per_minute: 20.0 }
    }
}

/// The buckets.
#[derive(Debug)]
pub(crate) struct FloodGate {
    limits: Limits,
    overall: Option<Bucket>,
    chats: HashMap<i64, Bucket>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: DateTime<Utc>,
}

impl Bucket {
    /// Seconds to wait until a token is there; zero when it is now.
    fn wait(&mut self, now: DateTime<Utc>, rate: f64, size: f64) -> f64 {
        let passed = (now - self.at).max(TimeDelta::zero()).as_seconds_f64();
        self.tokens = (self.tokens + passed * rate).min(size);
        self.at = now;
        if self.tokens >= 1.0 { 0.0 } else { (1.0 - self.tokens) / rate }
    }
}

impl FloodGate {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, overall: None, chats: HashMap::new() }
    }

    /// Lets one message to `chat` pass, or says after how many seconds to try again. A refused one costs nothing.
    pub(crate) fn pass(&mut self, chat: i64, now: DateTime<Utc>) -> Result<(), u64> {
        let Limits { per_second, per_chat, burst, group_per_minute } = self.limits;
        let (rate, size) =
            if chat < 0 { (group_per_minute / 60.0, group_per_minute) } else { (per_chat, burst) };
        let overall = self.overall.get_or_insert(Bucket { tokens: per_second, at: now });
        let here = self.chats.entry(chat).or_insert(Bucket { tokens: size, at: now });
        let wait = overall.wait(now, per_second, per_second).max(here.wait(now, rate, size));
        if wait > 0.0 {
            return Err(wait.ceil() as u64);
        }
        overall.tokens -= 1.0;
        here.tokens -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_takes_a_burst_and_then_one_a_second() {
        let start = DateTime::UNIX_EPOCH;
        let mut gate = FloodGate::new(Limits::telegram());
        let mut pass = |chat, ms| gate.pass(chat, start + TimeDelta::milliseconds(ms));
        assert_eq!([pass(1, 0), pass(1, 0), pass(1, 0), pass(1, 0)], [Ok(()), Ok(()), Ok(()), Err(1)]);
        assert_eq!(pass(2, 0), Ok(()));
        assert_eq!([pass(1, 999), pass(1, 1000), pass(1, 1000)], [Err(1), Ok(()), Err(1)]);
    }

    #[test]
    fn a_group_takes_twenty_a_minute_and_all_chats_thirty_a_second() {
        let start = DateTime::UNIX_EPOCH;
        let mut gate = FloodGate::new(Limits::telegram());
        assert!((0..20).all(|_| gate.pass(-100, start).is_ok()));
        assert_eq!(gate.pass(-100, start), Err(3));
        assert!((1..=10).all(|chat| gate.pass(chat, start).is_ok()));
        assert_eq!(gate.pass(11, start), Err(1));
    }
}
