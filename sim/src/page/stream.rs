//! What keeps the page up to date: first everything, then only what changed.
//!
//! By default it is a stream of server-sent events. `/?poll` asks again and again instead: a headless browser on virtual
//! time waits for every request to end, and a stream never does.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::Stream;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::view::{changes_since, chat_head};
use super::{Page, Role};

/// Panels and "typing…" ring no bell: they are looked at this often.
const LOOK: Duration = Duration::from_millis(500);

/// What one page has been told so far.
struct Told {
    page: Arc<Page>,
    changes: watch::Receiver<()>,
    revision: u64,
    heads: HashMap<i64, Value>,
    panels: Value,
    first: bool,
}

pub(super) async fn events(
    State(page): State<Arc<Page>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let changes = page.telegram.hub().changes();
    let told = Told { page, changes, revision: 0, heads: HashMap::new(), panels: Value::Null, first: true };
    let stream = futures::stream::unfold(told, async |mut told| {
        loop {
            if let Some(news) = told.news() {
                return Some((Ok(Event::default().data(news.to_string())), told));
            }
            tokio::select! {
                changed = told.changes.changed() => if changed.is_err() { return None },
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

#[derive(Deserialize)]
pub(super) struct Since {
    #[serde(default)]
    since: u64,
}

/// The same in one answer: everything since a revision, 0 being the beginning.
pub(super) async fn news(State(page): State<Arc<Page>>, Query(Since { since }): Query<Since>) -> Json<Value> {
    Json(Told::since(page, since).news().unwrap_or_default())
}

impl Told {
    fn since(page: Arc<Page>, revision: u64) -> Self {
        let changes = page.telegram.hub().changes();
        Self { page, changes, revision, heads: HashMap::new(), panels: Value::Null, first: revision == 0 }
    }

    /// What is new since the last time, if anything.
    fn news(&mut self) -> Option<Value> {
        self.changes.borrow_and_update();
        let hub = self.page.telegram.hub().clone();
        let now = hub.now();
        let mut chats = Vec::new();
        let (bot, revision) = hub.look(|world| {
            for (actor, role) in &self.page.people {
                let Some(chat) = world.chats.get(&actor.id()) else { continue };
                let mut head = chat_head(world, chat, now);
                head["role"] = json!(match role {
                    Role::User => "user",
                    Role::Admin => "admin",
                });
                let (messages, gone) = changes_since(world, chat, self.revision);
                let known = self.heads.get(&actor.id()) == Some(&head);
                if !known || !messages.is_empty() || !gone.is_empty() {
                    chats.push(json!({"head": head, "messages": messages, "gone": gone}));
                    self.heads.insert(actor.id(), head);
                }
            }
            (json!({"name": world.name, "username": world.username}), world.revision)
        });
        self.revision = revision;
        let panels = json!(self.page.panels.iter().map(|panel| panel.view()).collect::<Vec<_>>());
        let panels_changed = panels != self.panels;
        if !self.first && chats.is_empty() && !panels_changed {
            return None;
        }
        let mut news = json!({"first": self.first, "revision": revision, "chats": chats});
        if self.first {
            news["bot"] = bot;
        }
        if panels_changed {
            news["panels"] = panels.clone();
            self.panels = panels;
        }
        self.first = false;
        Some(news)
    }
}
