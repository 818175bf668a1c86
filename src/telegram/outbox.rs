//! The courier: letters go out, the most urgent lane first, until Telegram has taken them.
//!
//! A letter is put into words when it is sent, from what is true then. If it answers a wish whose screen still stands,
//! that message is edited; a letter of a slot edits the slot's message; any other is a new message. A crash between a
//! send and the note that it was sent repeats a new message once, and an edit without anybody noticing.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use super::menu::ShowError;
use super::notices;
use super::screen::Screen;
use super::tg::TgError;
use crate::domain::{Timestamp, UserId};
use crate::service::incidents::Incidents;
use crate::service::notice::{Lane, Notice};
use crate::store::StoreError;
use crate::store::outbox::StoredLetter;

/// Letters on their way at the same time.
const AT_ONCE: usize = 24;
/// Of these, letters that nobody waits for.
const LEISURELY: usize = 12;
/// Letters have a signal; it may get lost.
const LOOK: Duration = Duration::from_millis(500);
/// The longest wait after failures.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A progress bar is edited no more often than this.
const PROGRESS: Duration = Duration::from_secs(10);
/// An alert that Telegram refuses is tried this often.
const STUBBORN: u32 = 100;
/// A letter is its process's for this long: longer than a send may take, with all its waits.
const CLAIM: Duration = Duration::from_secs(60);
/// At a stop, letters on their way may take this long.
const FAREWELL: Duration = Duration::from_secs(3);

/// Delivers until `stop`.
pub(super) async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    let courier = Courier { desk, edited: Arc::default() };
    let mut tasks: JoinSet<(i64, Lane)> = JoinSet::new();
    let mut busy: HashMap<i64, Lane> = HashMap::new();
    let mut reach = courier.desk.tg.reach();
    while !stop.is_cancelled() {
        let away = courier.desk.tg.is_away();
        if !away && let Err(error) = courier.begin(&mut busy, &mut tasks).await {
            tracing::error!("letters cannot be read: {:#}", anyhow::Error::from(error));
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = courier.desk.core.signals.mail.notified() => {}
            _ = reach.changed() => {}
            Some(ended) = tasks.join_next() => match ended {
                Ok((chat, _)) => drop(busy.remove(&chat)),
                Err(error) => {
                    // Which chat it was is not known any more, so all that ended are looked for.
                    tracing::error!("a letter's task ended badly: {error}");
                    if tasks.is_empty() {
                        busy.clear();
                    }
                }
            },
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    let _ = tokio::time::timeout(FAREWELL, async { while tasks.join_next().await.is_some() {} }).await;
}

#[derive(Clone)]
struct Courier {
    desk: Arc<Desk>,
    /// When each slot's message was last edited.
    edited: Arc<Mutex<HashMap<String, Timestamp>>>,
}

/// How a letter ended for now.
enum Fate {
    /// Telegram has it, as this message if it is one of its own.
    Sent(Option<i64>),
    /// It says nothing any more, or there is nobody to tell.
    Moot(&'static str),
    /// Later.
    Later(Duration, String),
}

impl Courier {
    /// Begins as many letters as there is room for, one at a time for each chat.
    async fn begin(
        &self,
        busy: &mut HashMap<i64, Lane>,
        tasks: &mut JoinSet<(i64, Lane)>,
    ) -> Result<(), StoreError> {
        let store = &self.desk.core.store;
        let (now, leader) = (self.desk.core.clock.now(), &self.desk.core.leader);
        if !leader.is_certain() {
            return Ok(());
        }
        self.desk.tg.share(leader.replicas());
        let due = store.due_letters(now, 4 * AT_ONCE as u64).await?;
        let (mut waiting, mut chosen) = (BTreeSet::new(), Vec::new());
        for letter in due {
            let lane = lane(letter.letter.lane);
            let leisurely = lane >= Lane::Notice;
            let full = tasks.len() + chosen.len() >= AT_ONCE
                || leisurely && busy.values().filter(|lane| **lane >= Lane::Notice).count() >= LEISURELY;
            let chat = letter.letter.chat;
            // A chat's letters keep their order: once one has to wait, so do those behind it.
            if full || busy.contains_key(&chat) || waiting.contains(&chat) {
                waiting.insert(chat);
                continue;
            }
            busy.insert(chat, lane);
            chosen.push((letter, lane));
        }
        let ids: Vec<i64> = chosen.iter().map(|(letter, _)| letter.id).collect();
        let taken = match store.claim_letters(&ids, leader.me(), now, now + CLAIM).await {
            Ok(taken) => taken,
            Err(error) => {
                busy.retain(|chat, _| chosen.iter().all(|(letter, _)| letter.letter.chat != *chat));
                return Err(error);
            }
        };
        for (letter, lane) in chosen {
            let chat = letter.letter.chat;
            if !taken.contains(&letter.id) {
                busy.remove(&chat); // another process sends to this chat
                continue;
            }
            let courier = self.clone();
            tasks.spawn(async move {
                courier.carry(letter, lane).await;
                (chat, lane)
            });
        }
        Ok(())
    }

    /// Delivers one letter and notes what came of it.
    async fn carry(&self, letter: StoredLetter, lane: Lane) {
        let fate = match self.deliver(&letter, lane).await {
            Ok(fate) => {
                self.arrived(&letter, &fate).await;
                fate
            }
            Err(ShowError::Telegram(error)) => self.troubled(&letter, &error).await,
            Err(ShowError::Store(error)) => {
                tracing::error!("a letter waits: {:#}", anyhow::Error::from(error));
                Fate::Later(backoff(letter.attempts), "database".into())
            }
        };
        // What was sent must be noted, or it is sent again.
        for attempt in 0..5 {
            match self.note(&letter, &fate).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::error!("a letter's fate is not noted yet: {:#}", anyhow::Error::from(error));
                }
            }
            tokio::time::sleep(backoff(attempt)).await;
        }
    }

    async fn note(&self, letter: &StoredLetter, fate: &Fate) -> Result<(), StoreError> {
        let (store, now) = (&self.desk.core.store, self.desk.core.clock.now());
        match fate {
            Fate::Sent(message) => store.letter_sent(letter, *message, now).await,
            Fate::Moot(why) => store.drop_letter(letter.id, why, now).await,
            Fate::Later(wait, why) => store.retry_letter(letter.id, now + *wait, why).await,
        }
    }

    async fn deliver(&self, letter: &StoredLetter, lane: Lane) -> Result<Fate, ShowError> {
        let (desk, chat) = (&self.desk, letter.letter.chat);
        let Ok(notice) = serde_json::from_value::<Notice>(letter.letter.notice.clone()) else {
            tracing::error!(letter.id, "a letter of another version cannot be read");
            return Ok(Fate::Moot("unreadable"));
        };
        if chat > 0 && desk.core.store.person(UserId(chat)).await?.is_some_and(|person| person.blocked_bot) {
            return Ok(Fate::Moot("blocked"));
        }
        let slot = letter.letter.slot.as_deref();
        if let Some(wait) = slot.and_then(|slot| self.too_soon(slot, &notice)) {
            return Ok(Fate::Later(wait, "progress".into()));
        }
        let t = desk.words_for(chat).await?;
        let Some(screen) = notices::render(desk, &t, &notice).await? else {
            return Ok(Fate::Moot("moot"));
        };
        if let Some(number) = letter.letter.screen
            && desk.menus.amend(chat, number, screen.clone(), std::future::ready(true)).await?
        {
            return Ok(Fate::Sent(None));
        }
        self.send(letter, lane, screen).await.map(|message| Fate::Sent(Some(message)))
    }

    /// Edits the slot's message, or sends a new one.
    async fn send(&self, letter: &StoredLetter, lane: Lane, screen: Screen) -> Result<i64, ShowError> {
        let (desk, chat) = (&self.desk, letter.letter.chat);
        let number = desk.core.store.menu(chat).await?.map_or(0, |menu| menu.screen);
        let screen = screen.stamped(number);
        if let Some(slot) = &letter.letter.slot {
            let known = desk.core.store.sent_message(slot).await?.filter(|(there, _)| *there == chat);
            if let Some((_, message)) = known {
                match desk.tg.edit(lane, chat, message, &screen).await {
                    Ok(()) => {
                        let now = desk.core.clock.now();
                        self.edited.lock().expect("no holder can panic").insert(slot.clone(), now);
                        return Ok(message);
                    }
                    Err(TgError::Gone(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        let policy = &desk.core.policy;
        let topic = policy.alert_topic.filter(|_| policy.alert_chat == Some(chat));
        Ok(desk.tg.send_in(lane, chat, topic, &screen).await?)
    }

    /// How long a progress bar has to wait for its next edit.
    fn too_soon(&self, slot: &str, notice: &Notice) -> Option<Duration> {
        let bar = matches!(
            notice,
            Notice::BatchProgress { .. }
                | Notice::BroadcastProgress { .. }
                | Notice::Incident { progress: true, .. }
        );
        if !bar {
            return None;
        }
        let mut edited = self.edited.lock().expect("no holder can panic");
        let now = self.desk.core.clock.now();
        // A clock that was set back must not silence a bar.
        edited.retain(|_, at| (*at..*at + PROGRESS).contains(&now));
        edited.get(slot).and_then(|at| (*at + PROGRESS - now).to_std().ok())
    }

    /// The chat for alerts is back with the first message it takes.
    async fn arrived(&self, letter: &StoredLetter, fate: &Fate) {
        let core = &self.desk.core;
        if matches!(fate, Fate::Sent(Some(_)))
            && core.policy.alert_chat == Some(letter.letter.chat)
            && let Err(error) = Incidents::new(core.clone()).chat_found().await
        {
            tracing::warn!(
                "the return of the chat for alerts is not noted: {:#}",
                anyhow::Error::from(error)
            );
        }
    }

    /// A letter that the chat for alerts does not take goes to each admin.
    async fn redirect(&self, letter: &StoredLetter, error: &TgError) -> Fate {
        tracing::error!("the chat for alerts takes no message: {error}");
        match Incidents::new(self.desk.core.clone()).chat_lost(&letter.letter).await {
            Ok(()) => Fate::Moot("no-chat"),
            Err(error) => {
                tracing::error!("an alert waits: {:#}", anyhow::Error::from(error));
                Fate::Later(backoff(letter.attempts), "database".into())
            }
        }
    }

    async fn troubled(&self, letter: &StoredLetter, error: &TgError) -> Fate {
        let for_all = self.desk.core.policy.alert_chat == Some(letter.letter.chat);
        match error {
            TgError::NoChat(_) | TgError::Refused(_) | TgError::Gone(_) if for_all => {
                self.redirect(letter, error).await
            }
            TgError::NoChat(_) => {
                let chat = letter.letter.chat;
                tracing::info!(chat.id = chat, "{error}");
                if chat > 0
                    && let Err(error) = self.desk.core.store.set_blocked(UserId(chat), true).await
                {
                    tracing::warn!("a block is not noted: {:#}", anyhow::Error::from(error));
                }
                Fate::Moot("no-chat")
            }
            TgError::RetryAfter(wait) => Fate::Later(*wait, "retry-after".into()),
            TgError::Unreachable(_) | TgError::Token | TgError::Conflict { .. } => {
                Fate::Later(backoff(letter.attempts), "unreachable".into())
            }
            // Never given up at once: somebody may be cut off, and nobody would know.
            TgError::Refused(_)
                if self::lane(letter.letter.lane) == Lane::Alert && letter.attempts < STUBBORN =>
            {
                tracing::error!(letter.id, "an alert cannot be sent yet: {error}");
                Fate::Later(backoff(letter.attempts), "refused".into())
            }
            TgError::Gone(_) | TgError::Refused(_) => {
                tracing::error!(letter.id, "a letter cannot be sent: {error}");
                Fate::Moot("refused")
            }
        }
    }
}

/// 1, 2, 4 … 30 s.
fn backoff(attempts: u32) -> Duration {
    Duration::from_secs(2u64.saturating_pow(attempts.min(10))).min(LONGEST_WAIT)
}

fn lane(number: i32) -> Lane {
    match number {
        0 => Lane::Reply,
        1 => Lane::Alert,
        2 => Lane::Notice,
        _ => Lane::Bulk,
    }
}
