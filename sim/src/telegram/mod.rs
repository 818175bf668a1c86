//! A Telegram that answers on 127.0.0.1: a Bot API server for one bot, and the people who chat with it.
//!
//! The bot talks to [`Telegram::url`] as it would to `https://api.telegram.org`: updates by long polling or webhook,
//! calls as JSON, form or multipart, refused in Telegram's own words. People are [`Actor`]s with verbs: they send,
//! click, wait for what they expect, and read the chat as a person sees it.
//!
//! ```no_run
//! # async fn story() -> anyhow::Result<()> {
//! use sim::telegram::{Options, Person, Telegram};
//!
//! let telegram = Telegram::start(Options::default()).await?;
//! let alice = telegram.person(Person::new(1001, "Alice"));
//! alice.send("/start").await;
//! alice.expect("Welcome").await;
//! alice.click("Get key").await;
//! println!("{}", alice.transcript());
//! # Ok(())
//! # }
//! ```
//!
//! Deliberately absent: Markdown, inline mode, payments, channels, and whatever a menu bot has no use for; those
//! methods are answered with 404, as Telegram answers unknown ones.

mod actor;
mod faults;
mod group;
mod html;
mod hub;
mod keyboard;
mod limits;
mod link;
mod log;
mod methods;
mod params;
mod picture;
mod refusal;
mod server;
mod transcript;
mod updates;
pub(crate) mod view;
mod webhook;
pub(crate) mod world;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;

pub use actor::{Actor, Answer, Click, Unmet};
pub use faults::{Fault, Reach};
pub use group::{Group, GroupChat};
pub use html::{Entity, Formatted};
pub use keyboard::{Action, Button};
pub use limits::Limits;
pub use log::{Call, Delivery};
pub use view::{Message, Picture};

use crate::clock::SimClock;
use hub::Hub;

/// How the simulated Telegram starts.
#[derive(Debug, Clone)]
pub struct Options {
    /// The bot's token; its id stands before the colon.
    pub token: String,
    /// The bot's username, without `@`.
    pub username: String,
    /// The bot's name, shown in chats.
    pub name: String,
    /// The time that messages carry and that flood limits and the age of presses are measured by.
    pub clock: SimClock,
    /// The port on 127.0.0.1; none takes a free one.
    pub port: Option<u16>,
    /// In groups the bot sees only commands, mentions and replies to itself, unless it is an admin.
    pub privacy_mode: bool,
    /// How old a press may be when it is answered. Telegram doesn't say; about a minute is observed.
    pub query_ttl: Duration,
    /// Flood limits; none by default.
    pub limits: Option<Limits>,
    /// How long an actor waits for what it expects (real time).
    pub patience: Duration,
    /// Pause after the first failed delivery by webhook, doubled each time (real time).
    pub webhook_retry: Duration,
    /// How many calls and deliveries are remembered.
    pub log_limit: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: "123456:TEST-TOKEN_of_the_simulated_Telegram".to_owned(),
            username: "karvan_bot".to_owned(),
            name: "Karvan".to_owned(),
            clock: SimClock::default(),
            port: None,
            privacy_mode: true,
            query_ttl: Duration::from_secs(60),
            limits: None,
            patience: Duration::from_secs(10),
            webhook_retry: Duration::from_secs(1),
            log_limit: 20_000,
        }
    }
}

/// A person, as their account describes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The Telegram id, which is also the id of their private chat with the bot.
    pub id: i64,
    /// First name.
    pub first_name: String,
    /// Last name, or empty.
    pub last_name: String,
    /// Username without `@`, or empty.
    pub username: String,
    /// The language of their app (IETF tag such as `en`, `ru`, `fa`), or empty.
    pub language_code: String,
}

impl Person {
    /// A person with an English app and neither last name nor username.
    #[must_use]
    pub fn new(id: i64, first_name: &str) -> Self {
        Self {
            id,
            first_name: first_name.to_owned(),
            last_name: String::new(),
            username: String::new(),
            language_code: "en".to_owned(),
        }
    }

    /// The same with another language.
    #[must_use]
    pub fn language(mut self, code: &str) -> Self {
        code.clone_into(&mut self.language_code);
        self
    }

    /// The same with a username.
    #[must_use]
    pub fn username(mut self, name: &str) -> Self {
        name.clone_into(&mut self.username);
        self
    }

    /// The same with a last name.
    #[must_use]
    pub fn last_name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.last_name);
        self
    }
}

/// A running Telegram; clones are the same one. It stops when the last clone, actor or group is gone.
#[derive(Clone)]
pub struct Telegram {
    running: Arc<Running>,
}

pub(crate) struct Running {
    pub hub: Arc<Hub>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.hub.stop.cancel();
    }
}

impl Telegram {
    /// Starts it.
    ///
    /// # Errors
    /// The port can't be had.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let address = ("127.0.0.1", options.port.unwrap_or(0));
        let listener =
            TcpListener::bind(address).await.context("the simulated Telegram can't have its port")?;
        let address = listener.local_addr().context("the listener has no address")?;
        let world = world::World::new(&options);
        let hub = Arc::new(Hub::new(world, options.clock.clone(), format!("http://{address}"), &options));
        tokio::spawn(server::listen(hub.clone(), listener, address));
        tokio::spawn(webhook::deliver(hub.clone()));
        Ok(Self { running: Arc::new(Running { hub }) })
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.running.hub
    }

    /// Where the Bot API is: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        self.hub().url.clone()
    }

    /// The bot's token.
    #[must_use]
    pub fn token(&self) -> String {
        self.hub().look(|world| world.token.clone())
    }

    /// The bot's username.
    #[must_use]
    pub fn username(&self) -> String {
        self.hub().look(|world| world.username.clone())
    }

    /// Adds a person, or finds the one with that id, in their private chat with the bot.
    #[must_use]
    pub fn person(&self, person: Person) -> Actor {
        let id = person.id;
        self.hub().change(|world| world.add_person(person));
        Actor::new(self.clone(), id)
    }

    /// Adds a group, or finds the one with that id.
    #[must_use]
    pub fn group(&self, group: Group) -> GroupChat {
        let id = group.id;
        self.hub().change(|world| world.add_group(group));
        GroupChat::new(self.clone(), id)
    }

    /// All chats as people see them, each under its name.
    #[must_use]
    pub fn transcript(&self) -> String {
        self.hub().look(transcript::all)
    }

    /// The calls of the bot, oldest first; successful polls are left out.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.hub().look(|world| world.calls.iter().cloned().collect())
    }

    /// The calls of one method, oldest first.
    #[must_use]
    pub fn calls_of(&self, method: &str) -> Vec<Call> {
        self.hub().look(|world| world.calls.iter().filter(|call| call.is(method)).cloned().collect())
    }

    /// Every hand-over of an update to the bot, oldest first.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.hub().look(|world| world.deliveries.iter().cloned().collect())
    }

    /// How many updates wait or are not confirmed yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.hub().look(|world| world.updates.queue.len())
    }

    /// Waits until the bot has confirmed every update. What it does about them may still be under way.
    ///
    /// # Panics
    /// It takes longer than the patience.
    pub async fn quiet(&self) {
        let patience = self.hub().patience;
        let empty = |world: &world::World| world.updates.queue.is_empty().then_some(());
        if self.hub().wait(patience, empty).await.is_none() {
            panic!("{} updates are unconfirmed after {patience:?}", self.pending());
        }
    }

    /// Waits until the bot has begun to poll: it is up.
    ///
    /// # Panics
    /// It takes longer than the patience.
    pub async fn expect_poll(&self) {
        let patience = self.hub().patience;
        let polled = |world: &world::World| (world.updates.poll > 0).then_some(());
        assert!(self.hub().wait(patience, polled).await.is_some(), "nobody polls within {patience:?}");
    }

    /// Waits until every fault that was injected has met its call.
    ///
    /// # Panics
    /// It takes longer than the patience.
    pub async fn faults_met(&self) {
        let patience = self.hub().patience;
        let met = |world: &world::World| world.faults.is_empty().then_some(());
        assert!(self.hub().wait(patience, met).await.is_some(), "a fault waits for its call still");
    }

    /// Waits until the bot has made a call that fits.
    ///
    /// # Panics
    /// It takes longer than the patience.
    pub async fn expect_call(&self, fits: impl Fn(&Call) -> bool) -> Call {
        let patience = self.hub().patience;
        let find = |world: &world::World| world.calls.iter().find(|call| fits(call)).cloned();
        match self.hub().wait(patience, find).await {
            Some(call) => call,
            None => panic!("no such call within {patience:?}"),
        }
    }

    /// The next call of `method` (`*`: of any) is refused with this status and description.
    pub fn fail_next(&self, method: &str, status: u16, description: &str) {
        let description = description.to_owned();
        self.inject(method, None, 1, Fault::Answer { status, description, retry_after: None });
    }

    /// The next call of `method` (`*`: of any) is refused with 429 and this `retry_after`, in seconds.
    pub fn flood_next(&self, method: &str, retry_after: u64) {
        let description = format!("Too Many Requests: retry after {retry_after}");
        self.inject(
            method,
            None,
            1,
            Fault::Answer { status: 429, description, retry_after: Some(retry_after) },
        );
    }

    /// The next `times` calls of `method` (`*`: of any), in one chat or in all, meet a fault.
    pub fn inject(&self, method: &str, chat: Option<i64>, times: usize, fault: Fault) {
        self.hub().change(|world| world.faults.add(method, chat, times, fault));
    }

    /// Takes back all faults that have not happened yet.
    pub fn clear_faults(&self) {
        self.hub().change(|world| world.faults.clear());
    }

    /// The next update is delivered twice.
    pub fn duplicate_next_update(&self) {
        self.hub().change(|world| world.updates.duplicate_next += 1);
    }

    /// Sets or lifts the flood limits.
    pub fn set_limits(&self, limits: Option<Limits>) {
        self.hub().change(|world| world.limits = limits.map(limits::FloodGate::new));
    }

    /// Makes Telegram unreachable, or reachable again at the same address; returns when it is so.
    pub async fn set_reach(&self, reach: Reach) {
        self.hub().reach.send_replace(reach);
        let mut settled = self.hub().settled.subscribe();
        // The sender lives as long as `self`, so this can't fail.
        let _ = settled.wait_for(|settled| *settled == reach).await;
    }

    /// The commands that a person sees in their private chat, by Telegram's order of scopes and languages.
    #[must_use]
    pub fn commands_for(&self, person: i64) -> Vec<(String, String)> {
        self.hub().look(|world| view::commands(world, person))
    }

    /// A file that the bot sent, by its id.
    #[must_use]
    pub fn file(&self, id: &str) -> Option<Vec<u8>> {
        let find =
            |world: &world::World| world.files.iter().find(|file| file.id == id).map(|f| f.bytes.to_vec());
        self.hub().look(find)
    }

    /// Stops it: the port closes, connections are cut.
    pub fn stop(&self) {
        self.hub().stop.cancel();
    }
}
