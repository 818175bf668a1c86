//! What the page needs of a panel, and how a simulated Marzban gives it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::marzban::{Fault, Marzban};

/// A panel in the fleet view.
pub trait Panel: Send + Sync {
    /// How it stands now.
    fn view(&self) -> PanelView;
    /// Does something to it.
    fn act(&self, act: Act);
}

/// How a panel stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PanelView {
    /// A short name, unique in the fleet: `de`.
    pub name: String,
    /// What a person calls it: `Germany`.
    pub title: String,
    /// A flag, or nothing.
    pub flag: String,
    /// What is wrong with it, if anything.
    pub state: PanelState,
    /// Accounts on it.
    pub accounts: usize,
    /// Requests that it has received.
    pub requests: usize,
    /// The last of them, newest first.
    pub recent: Vec<Recent>,
}

/// A request that a panel received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recent {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The status, if one was made.
    pub status: Option<u16>,
}

/// What is wrong with a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PanelState {
    /// Nothing.
    Running,
    /// Its ports are closed.
    Stopped,
    /// It takes seconds to answer.
    Slow,
    /// It reads requests and does them when it thaws.
    Frozen,
    /// Something that was not done by the page.
    Faulty,
}

/// What can be done to a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Stops its server: all ports are closed, the users' as well.
    Stop,
    /// Makes it take seconds to answer.
    Slow,
    /// Freezes it.
    Freeze,
    /// Makes it well again.
    Resume,
}

/// A simulated Marzban on the page.
pub struct MarzbanCard {
    panel: Marzban,
    title: String,
    flag: String,
}

/// How long a slow panel takes to answer.
const SLOW: Duration = Duration::from_secs(3);
/// Requests shown on a card.
const RECENT: usize = 3;

impl MarzbanCard {
    /// A panel with the name of its place and its flag: `"Germany"`, `"🇩🇪"`.
    #[must_use]
    pub fn new(panel: Marzban, title: &str, flag: &str) -> Self {
        Self { panel, title: title.to_owned(), flag: flag.to_owned() }
    }
}

impl Panel for MarzbanCard {
    fn view(&self) -> PanelView {
        let requests = self.panel.requests();
        let recent = requests.iter().rev().take(RECENT).map(|request| Recent {
            method: request.method.clone(),
            path: request.path.clone(),
            status: request.status,
        });
        PanelView {
            name: self.panel.name().to_owned(),
            title: self.title.clone(),
            flag: self.flag.clone(),
            state: match self.panel.fault() {
                Fault::None => PanelState::Running,
                Fault::Refuse => PanelState::Stopped,
                Fault::Slow(_) => PanelState::Slow,
                Fault::Frozen => PanelState::Frozen,
                _ => PanelState::Faulty,
            },
            accounts: self.panel.usernames().len(),
            recent: recent.collect(),
            requests: requests.len(),
        }
    }

    fn act(&self, act: Act) {
        match act {
            Act::Stop => self.panel.kill_all(),
            Act::Slow => self.panel.set_fault(Fault::Slow(SLOW)),
            Act::Freeze => self.panel.set_fault(Fault::Frozen),
            Act::Resume => self.panel.revive(),
        }
    }
}
