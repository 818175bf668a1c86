//! Who may talk to Telegram next.
//!
//! Telegram's limits (Bots FAQ, "My bot is hitting limits"): about 30 messages a second over all, one a second in a chat
//! with short bursts allowed, 20 a minute in a group. Edits count like messages here, although Telegram does not say so:
//! it answers floods of edits with 429 all the same.
//!
//! [`Book`] decides and knows no clock: time is a [`Duration`] since some start. [`Pacer`] drives it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::service::notice::Lane;

/// At most `count` grants in any `span`.
#[derive(Debug, Clone, Copy)]
struct Rule {
    count: usize,
    span: Duration,
}

/// The limits that are kept.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    overall: Rule,
    /// In any chat: one in this time …
    every: Duration,
    /// … and after a pause so many at once.
    burst: u32,
    group: Rule,
}

impl Limits {
    /// Telegram's, with some slack, because requests do not arrive as evenly as they leave.
    pub const TELEGRAM: Self = Self {
        overall: Rule { count: 30, span: Duration::from_millis(1050) },
        every: Duration::from_millis(1020),
        burst: 3,
        group: Rule { count: 20, span: Duration::from_secs(61) },
    };
    /// Hardly any, for a Telegram that has none, such as a simulated one.
    pub const NONE: Self = Self {
        overall: Rule { count: 1000, span: Duration::from_secs(1) },
        every: Duration::from_millis(1),
        burst: 1000,
        group: Rule { count: 1000, span: Duration::from_secs(1) },
    };

    /// How much of the whole a lane may fill, so that a reply or an alert never waits behind a mass of others.
    fn share(&self, lane: Lane) -> usize {
        let of_thirty = match lane {
            Lane::Reply => 30,
            Lane::Alert => 28,
            Lane::Notice => 24,
            Lane::Bulk => 20,
        };
        self.overall.count * of_thirty / 30
    }
}

/// A place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Ticket(u64);

/// What is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// This one may go now.
    Go(Ticket),
    /// Nobody before this moment.
    NotBefore(Duration),
    /// Nobody waits.
    Nobody,
}

/// The last grants of a group or of all.
#[derive(Debug, Default)]
struct Grants(VecDeque<Duration>);

/// A chat: its grants if it is a group, and when its burst will be whole again.
#[derive(Debug, Default)]
struct Chat {
    grants: Grants,
    whole_at: Duration,
}

impl Chat {
    fn free_at(&self, limits: &Limits, group: bool) -> Duration {
        let burst = self.whole_at.saturating_sub(limits.every * (limits.burst - 1));
        if group { burst.max(self.grants.free_at(limits.group, limits.group.count)) } else { burst }
    }

    fn add(&mut self, limits: &Limits, now: Duration, group: bool) {
        self.whole_at = self.whole_at.max(now) + limits.every;
        if group {
            self.grants.add(now, limits.group.count);
        }
    }

    fn is_idle(&self, limits: &Limits, now: Duration) -> bool {
        self.whole_at < now && self.grants.0.back().is_none_or(|last| *last + limits.group.span < now)
    }
}

impl Grants {
    /// When `rule`, with only `count` of it for us, allows one more.
    fn free_at(&self, rule: Rule, count: usize) -> Duration {
        let nth_last = self.0.len().checked_sub(count).and_then(|index| self.0.get(index));
        nth_last.map_or(Duration::ZERO, |at| *at + rule.span)
    }

    fn add(&mut self, now: Duration, keep: usize) {
        self.0.push_back(now);
        while self.0.len() > keep {
            self.0.pop_front();
        }
    }
}

/// The decisions. Telegram gives groups negative ids and people positive ones.
#[derive(Debug)]
struct Book {
    limits: Limits,
    queues: [VecDeque<(Ticket, i64)>; 4],
    overall: Grants,
    chats: HashMap<i64, Chat>,
    /// Chats that Telegram told us to leave alone, and until when.
    holds: HashMap<i64, Duration>,
    hold_all: Duration,
    tickets: u64,
}

impl Book {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            queues: Default::default(),
            overall: Grants::default(),
            chats: HashMap::new(),
            holds: HashMap::new(),
            hold_all: Duration::ZERO,
            tickets: 0,
        }
    }

    fn join(&mut self, lane: Lane, chat: i64) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.queues[lane as usize].push_back((ticket, chat));
        ticket
    }

    fn leave(&mut self, ticket: Ticket) {
        for queue in &mut self.queues {
            queue.retain(|(waiting, _)| *waiting != ticket);
        }
    }

    /// The most urgent one that may go; who waits for a slow chat holds up nobody behind.
    fn next(&self, now: Duration) -> Next {
        const LANES: [Lane; 4] = [Lane::Reply, Lane::Alert, Lane::Notice, Lane::Bulk];
        let mut soonest: Option<Duration> = None;
        for lane in LANES {
            let over_all =
                self.overall.free_at(self.limits.overall, self.limits.share(lane)).max(self.hold_all);
            for (ticket, chat) in &self.queues[lane as usize] {
                let at = over_all.max(self.chat_free_at(*chat));
                if at <= now {
                    return Next::Go(*ticket);
                }
                soonest = Some(soonest.map_or(at, |soonest| soonest.min(at)));
            }
        }
        soonest.map_or(Next::Nobody, Next::NotBefore)
    }

    fn chat_free_at(&self, chat: i64) -> Duration {
        let hold = self.holds.get(&chat).copied().unwrap_or_default();
        self.chats.get(&chat).map_or(hold, |known| known.free_at(&self.limits, chat < 0).max(hold))
    }

    /// Lets `ticket` go.
    fn grant(&mut self, ticket: Ticket, now: Duration) {
        let waiting = self.queues.iter().flatten().find(|(waiting, _)| *waiting == ticket);
        let Some(&(_, chat)) = waiting else { return };
        self.leave(ticket);
        self.overall.add(now, self.limits.overall.count);
        self.chats.entry(chat).or_default().add(&self.limits, now, chat < 0);
        if self.chats.len() > 4096 {
            let limits = self.limits;
            self.chats.retain(|_, chat| !chat.is_idle(&limits, now));
        }
    }

    /// Telegram answered 429 for `chat`. One chat's flood stops that chat; a second chat's within the time of the first
    /// means that we are too quick over all.
    fn hold(&mut self, chat: i64, until: Duration, now: Duration) {
        self.holds.retain(|_, until| *until > now);
        if self.holds.keys().any(|held| *held != chat) {
            self.hold_all = self.hold_all.max(until);
        }
        let held = self.holds.entry(chat).or_default();
        *held = until.max(*held);
    }

    /// How long Telegram wants `chat` left alone.
    fn held_for(&self, chat: i64, now: Duration) -> Duration {
        let hold = self.holds.get(&chat).copied().unwrap_or_default();
        hold.max(self.hold_all).saturating_sub(now)
    }
}

/// Lets everybody who talks to Telegram go in turn. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pacer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    desk: Mutex<Desk>,
    start: Instant,
    /// The limits as they are for all pacers together.
    whole: Limits,
}

/// The book, and the doors at which those in it wait.
#[derive(Debug)]
struct Desk {
    book: Book,
    doors: HashMap<Ticket, oneshot::Sender<()>>,
}

impl Desk {
    /// Lets everybody go who may; when to look again, if anybody waits.
    fn open_doors(&mut self, now: Duration) -> Option<Duration> {
        loop {
            match self.book.next(now) {
                Next::Go(ticket) => {
                    self.book.grant(ticket, now);
                    if let Some(door) = self.doors.remove(&ticket) {
                        // Who gave up in this moment leaves a turn unused; that is no harm.
                        let _ = door.send(());
                    }
                }
                Next::NotBefore(at) => return Some(at.saturating_sub(now)),
                Next::Nobody => return None,
            }
        }
    }
}

/// A queued ticket that is given back when its holder goes away.
struct Place<'a> {
    shared: &'a Shared,
    ticket: Ticket,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut desk = self.shared.desk();
        desk.book.leave(self.ticket);
        desk.doors.remove(&self.ticket);
    }
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().expect("no holder of this lock can panic")
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

impl Pacer {
    /// A pacer that keeps `limits`.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let desk = Desk { book: Book::new(limits), doors: HashMap::new() };
        Self(Arc::new(Shared { desk: Mutex::new(desk), start: Instant::now(), whole: limits }))
    }

    /// So many pacers share the limits from now on.
    pub fn share(&self, pacers: u32) {
        let count = self.0.whole.overall.count / usize::try_from(pacers.max(1)).unwrap_or(1);
        self.0.desk().book.limits.overall.count = count.max(1);
    }

    /// Waits until something may be sent to `chat`.
    ///
    /// # Errors
    /// How long Telegram wants the chat left alone, if that is longer than `patience`: the caller has better things to do.
    pub async fn turn(&self, lane: Lane, chat: i64, patience: Duration) -> Result<(), Duration> {
        let shared = &*self.0;
        let (door, mut opened) = oneshot::channel();
        let place = {
            let mut desk = shared.desk();
            let ticket = desk.book.join(lane, chat);
            desk.doors.insert(ticket, door);
            Place { shared, ticket }
        };
        loop {
            let now = shared.now();
            let wait = {
                let mut desk = shared.desk();
                let held = desk.book.held_for(chat, now);
                if held > patience && desk.doors.contains_key(&place.ticket) {
                    return Err(held);
                }
                desk.open_doors(now)
            };
            // Whoever lets others go opens their doors; each also looks by itself when somebody's time has come.
            if tokio::time::timeout(wait.unwrap_or(patience), &mut opened).await.is_ok() {
                return Ok(());
            }
        }
    }

    /// Telegram asked to leave `chat` alone for a while (429 with `retry_after`).
    pub fn hold(&self, chat: i64, wait: Duration) {
        let now = self.0.now();
        self.0.desk().book.hold(chat, now + wait, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets everybody in `book` go in virtual time; who went when.
    fn play(book: &mut Book, until: Duration) -> Vec<(Ticket, Duration)> {
        let (mut now, mut gone) = (Duration::ZERO, Vec::new());
        while now <= until {
            match book.next(now) {
                Next::Go(ticket) => {
                    book.grant(ticket, now);
                    gone.push((ticket, now));
                }
                Next::NotBefore(at) => now = at,
                Next::Nobody => break,
            }
        }
        gone
    }

    /// The most grants in any window of `span`.
    fn densest(gone: &[(Ticket, Duration)], span: Duration) -> usize {
        let from =
            |start: Duration| gone.iter().filter(move |(_, at)| *at >= start && *at < start + span).count();
        gone.iter().map(|(_, at)| from(*at)).max().unwrap_or(0)
    }

    #[test]
    fn never_more_than_thirty_a_second_and_nobody_is_forgotten() {
        let mut book = Book::new(Limits::TELEGRAM);
        let all = (0..300).map(|chat| book.join(Lane::Reply, 1000 + chat)).collect::<Vec<_>>();
        let gone = play(&mut book, Duration::from_secs(60));
        assert_eq!(
            gone.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>(),
            all,
            "first come, first served"
        );
        assert_eq!(densest(&gone, Duration::from_secs(1)), 30);
        assert!(gone.last().unwrap().1 < Duration::from_secs(11));
    }

    #[test]
    fn a_reply_and_an_alert_overtake_a_mass_of_others() {
        let mut book = Book::new(Limits::TELEGRAM);
        for chat in 0..10_000 {
            book.join(Lane::Bulk, chat);
        }
        play(&mut book, Duration::from_secs(5));
        let now = Duration::from_secs(5);
        let alert = book.join(Lane::Alert, 7_000_001);
        let reply = book.join(Lane::Reply, 7_000_002);
        assert_eq!(book.next(now), Next::Go(reply));
        book.grant(reply, now);
        assert_eq!(book.next(now), Next::Go(alert));
    }

    #[test]
    fn i16_an_alert_goes_within_five_seconds_whatever_else_waits() {
        let mut book = Book::new(Limits::TELEGRAM);
        for chat in 0..100_000 {
            book.join(Lane::Bulk, 10_000_000 + chat);
        }
        for chat in 0..500 {
            book.join(Lane::Notice, 5_000_000 + chat);
        }
        let now = Duration::from_secs(3);
        play(&mut book, now);
        // Ten admins; two of them are being flooded themselves.
        let admins = 1..=10;
        for _ in 0..20 {
            book.join(Lane::Bulk, 1);
            book.join(Lane::Notice, 2);
        }
        let alerts: Vec<Ticket> = admins.map(|admin| book.join(Lane::Alert, admin)).collect();
        let gone = play(&mut book, now + Duration::from_secs(5));
        for alert in alerts {
            let at = gone.iter().find(|(ticket, _)| *ticket == alert).expect("it went").1;
            assert!(at <= now + Duration::from_secs(5), "{at:?}");
        }
    }

    #[test]
    fn a_chat_gets_a_burst_then_one_a_second_and_holds_up_nobody() {
        let mut book = Book::new(Limits::TELEGRAM);
        for _ in 0..20 {
            book.join(Lane::Reply, 1);
        }
        let other = book.join(Lane::Reply, 2);
        let gone = play(&mut book, Duration::from_secs(60));
        assert_eq!(gone[3].0, other, "the other chat goes as soon as the burst is over");
        let flood = gone.into_iter().filter(|(ticket, _)| *ticket != other).collect::<Vec<_>>();
        assert_eq!(
            (densest(&flood, Duration::from_secs(1)), densest(&flood, Duration::from_secs(10))),
            (3, 12)
        );
        assert_eq!(flood.len(), 20);
    }

    #[test]
    fn a_group_gets_twenty_a_minute() {
        let mut book = Book::new(Limits::TELEGRAM);
        for _ in 0..50 {
            book.join(Lane::Notice, -100);
        }
        let gone = play(&mut book, Duration::from_secs(600));
        assert_eq!((gone.len(), densest(&gone, Duration::from_secs(60))), (50, 20));
    }

    #[test]
    fn one_flooded_chat_waits_alone_two_stop_everybody() {
        let mut book = Book::new(Limits::TELEGRAM);
        let now = Duration::from_secs(1);
        book.hold(1, Duration::from_secs(8), now);
        let first = book.join(Lane::Reply, 1);
        let second = book.join(Lane::Reply, 2);
        assert_eq!(book.next(now), Next::Go(second));
        book.grant(second, now);
        assert_eq!(book.next(now), Next::NotBefore(Duration::from_secs(8)));
        book.hold(2, Duration::from_secs(6), now);
        let third = book.join(Lane::Reply, 3);
        assert_eq!(book.next(now), Next::NotBefore(Duration::from_secs(6)));
        assert_eq!(book.next(Duration::from_secs(6)), Next::Go(third));
        assert_eq!(book.held_for(1, now), Duration::from_secs(7));
        book.leave(third);
        assert_eq!(book.next(Duration::from_secs(8)), Next::Go(first));
    }

    #[tokio::test]
    async fn who_gives_up_leaves_the_queue() {
        let pacer = Pacer::new(Limits::TELEGRAM);
        for _ in 0..3 {
            pacer.turn(Lane::Reply, 1, Duration::ZERO).await.unwrap();
        }
        let waiting = pacer.turn(Lane::Reply, 1, Duration::ZERO);
        assert!(futures::FutureExt::now_or_never(waiting).is_none(), "the fourth waits");
        assert_eq!(
            pacer.0.desk().book.next(pacer.0.now()),
            Next::Nobody,
            "and was forgotten with its caller"
        );
        pacer.hold(1, Duration::from_secs(60));
        assert!(pacer.turn(Lane::Reply, 1, Duration::from_secs(5)).await.is_err());
    }

    #[tokio::test]
    async fn many_at_once_all_get_their_turn() {
        let pacer = Pacer::new(Limits { every: Duration::from_millis(5), ..Limits::TELEGRAM });
        let turn = |chat| {
            let pacer = pacer.clone();
            async move { pacer.turn(Lane::Reply, chat, Duration::from_secs(5)).await }
        };
        let turns = (0..45).map(|n| turn(1 + n % 9));
        let all = tokio::time::timeout(Duration::from_secs(10), futures::future::join_all(turns)).await;
        assert!(all.expect("nobody waits for ever").iter().all(Result::is_ok));
    }
}
