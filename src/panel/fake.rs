//! A panel in memory that fails by script: a model for tests of what stands above the drivers.
//!
//! It keeps accounts as a real panel does and answers as a driver does, so what it teaches is the *contract* of
//! [`Panel`]: an unclear answer may hide an execution, a request may land long after its caller gave up, and a late
//! create meets whatever stands there by then. How such answers arise over HTTP is tested with the drivers.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::watch;

use super::endpoint::Endpoint;
use super::probe::{Probe, Reached};
use super::{
    Account, AccountStatus, Applied, Call, Deleted, Inspection, Node, Overview, Page, Panel, PanelError,
    Pulse, Shown, Subscription, Trouble, Wanted,
};
use crate::domain::instance::NodeStatus;
use crate::domain::quota::Bytes;
use crate::domain::{AccountName, Clock, Credentials, Timestamp};

/// What is asked of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// [`Panel::create`].
    Create,
    /// [`Panel::update`].
    Update,
    /// [`Panel::delete`].
    Delete,
    /// [`Panel::get`].
    Get,
    /// [`Panel::list`].
    List,
    /// [`Panel::subscription`].
    Fetch,
    /// [`Panel::check`], [`Panel::inspect`] and [`Panel::nodes`].
    Look,
    /// [`Panel::pulse`].
    Pulse,
    /// [`Panel::reconnect_node`] and [`Panel::restart_core`].
    Care,
}

impl Verb {
    /// Whether it changes an account.
    #[must_use]
    pub fn writes(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Delete)
    }
}

/// How one call goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Not executed, answered so. With [`PanelError::Unclear`]: a request that was lost on the way there.
    Fail(PanelError),
    /// Executed, but the acknowledgement is lost: answered [`PanelError::Unclear`].
    LoseAcknowledgement(Trouble),
    /// Executed, and the driver saw it by reading back: a success that is not settled.
    Unsettle,
    /// Kept, answered `Unclear(Timeout)`, executed by [`FakePanel::land`]. What [`FakePanel::freeze`] does to all.
    Late,
}

/// A call that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// What was asked.
    pub verb: Verb,
    /// Of which account; empty for looks and lists.
    pub account: String,
    /// Whether the caller was told of a success.
    pub succeeded: bool,
}

/// The panel. Share it as `Arc<FakePanel>`; all methods take `&self`.
pub struct FakePanel {
    clock: Arc<dyn Clock>,
    host: String,
    state: Mutex<State>,
    /// Whether what apps ask for is answered only later.
    held: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    accounts: BTreeMap<String, Kept>,
    script: VecDeque<(Option<Verb>, Fault)>,
    frozen: bool,
    down: Option<PanelError>,
    core_stopped: bool,
    foreign: u32,
    certificate_ends_at: Option<Timestamp>,
    nodes: Vec<Node>,
    hosts: Vec<(String, String)>,
    restarts: u32,
    late: Vec<Write>,
    arrived: Vec<Arrived>,
    reads: u64,
}

#[derive(Clone)]
struct Kept {
    wanted: Wanted,
    used: Bytes,
    online_at: Option<Timestamp>,
}

#[derive(Clone)]
enum Write {
    Create(Wanted),
    Update(Wanted),
    Delete(AccountName),
}

impl FakePanel {
    /// An empty panel whose accounts expire by `clock`, and whose links lead to `panel.example`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Self::at(clock, "panel.example")
    }

    /// An empty panel whose links lead to a host of its own.
    #[must_use]
    pub fn at(clock: Arc<dyn Clock>, host: &str) -> Arc<Self> {
        let held = watch::Sender::new(false);
        Arc::new(Self { clock, host: host.to_owned(), state: Mutex::default(), held })
    }

    /// The next call meets this fault.
    pub fn next(&self, fault: Fault) {
        self.state().script.push_back((None, fault));
    }

    /// The next `verb` meets this fault. Faults wait in the order given, each for the first call it fits.
    pub fn next_of(&self, verb: Verb, fault: Fault) {
        self.state().script.push_back((Some(verb), fault));
    }

    /// Faults that no call met yet. A test ends by seeing none.
    #[must_use]
    pub fn faults_left(&self) -> usize {
        self.state().script.len()
    }

    /// Faults that no call met yet are forgotten.
    pub fn forgive(&self) {
        self.state().script.clear();
    }

    /// From now on requests are received and not answered.
    pub fn freeze(&self) {
        self.state().frozen = true;
    }

    /// Wakes up and executes what was received meanwhile, in its order.
    pub fn thaw(&self) {
        self.state().frozen = false;
        self.land();
    }

    /// Executes what was kept by [`Fault::Late`].
    pub fn land(&self) {
        let mut state = self.state();
        for write in std::mem::take(&mut state.late) {
            state.execute(&write);
        }
    }

    /// From now on what apps ask for arrives and is answered only later, or is answered again.
    pub fn hold_fetches(&self, held: bool) {
        self.held.send_replace(held);
    }

    /// Every call fails so until it is `None` again.
    pub fn set_down(&self, error: Option<PanelError>) {
        self.state().down = error;
    }

    /// The panel answers, but its core runs or does not.
    pub fn set_core(&self, running: bool) {
        self.state().core_stopped = !running;
    }

    /// How many active users of somebody else it shows.
    pub fn set_foreign(&self, users: u32) {
        self.state().foreign = users;
    }

    /// When the certificate ends that it shows.
    pub fn set_certificate(&self, ends_at: Option<Timestamp>) {
        self.state().certificate_ends_at = ends_at;
    }

    /// What its links lead to, each an address with a port and a remark, as Marzban's hosts; `{USERNAME}` in a remark is
    /// the account's name.
    pub fn set_hosts(&self, hosts: &[(&str, &str)]) {
        let owned = |(address, remark): &(&str, &str)| ((*address).to_owned(), (*remark).to_owned());
        self.state().hosts = hosts.iter().map(owned).collect();
    }

    /// Its worker servers, as a detailed look shows them.
    pub fn set_nodes(&self, nodes: Vec<Node>) {
        self.state().nodes = nodes;
    }

    /// How often its core was restarted.
    #[must_use]
    pub fn restarts(&self) -> u32 {
        self.state().restarts
    }

    /// An account that was there before, such as somebody else's of the same name.
    pub fn put(&self, account: Wanted) {
        let name = account.name.as_str().to_owned();
        self.state().accounts.insert(name, Kept { wanted: account, used: 0, online_at: None });
    }

    /// An account vanishes, as when the panel is restored from an older backup.
    pub fn lose(&self, name: &AccountName) {
        self.state().accounts.remove(name.as_str());
    }

    /// Traffic passes through an account, if it is there.
    pub fn add_traffic(&self, name: &AccountName, bytes: Bytes) {
        if let Some(kept) = self.state().accounts.get_mut(name.as_str()) {
            kept.used += bytes;
        }
    }

    /// Somebody is seen using an account, if it is there.
    pub fn set_online(&self, name: &AccountName, at: Timestamp) {
        if let Some(kept) = self.state().accounts.get_mut(name.as_str()) {
            kept.online_at = Some(at);
        }
    }

    /// The names of all accounts, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.state().accounts.keys().cloned().collect()
    }

    /// An account as the panel has it, without a call.
    #[must_use]
    pub fn account(&self, name: &AccountName) -> Option<Account> {
        let mut state = self.state();
        let kept = state.accounts.get(name.as_str())?.clone();
        Some(self.show(&mut state, &kept))
    }

    /// Whether a client with these secrets could connect now.
    #[must_use]
    pub fn serves(&self, credentials: &Credentials) -> bool {
        let state = self.state();
        let mut ours = state.accounts.values().filter(|kept| kept.wanted.credentials == *credentials);
        !state.core_stopped && ours.any(|kept| self.status(kept) == AccountStatus::Active)
    }

    /// All calls so far, in their order.
    #[must_use]
    pub fn arrived(&self) -> Vec<Arrived> {
        self.state().arrived.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of this lock can panic")
    }

    /// What a panel makes of an account by itself.
    fn status(&self, kept: &Kept) -> AccountStatus {
        let Wanted { enabled, expires_at, data_limit, .. } = &kept.wanted;
        if !enabled {
            AccountStatus::Disabled
        } else if expires_at.is_some_and(|end| end.timestamp() <= self.clock.now().timestamp()) {
            AccountStatus::Expired
        } else if data_limit.is_some_and(|limit| kept.used >= limit) {
            AccountStatus::Limited
        } else {
            AccountStatus::Active
        }
    }

    /// An account as an answer shows it: the subscription address differs each time, as on Marzban.
    fn show(&self, state: &mut State, kept: &Kept) -> Account {
        state.reads += 1;
        let Wanted { name, credentials, expires_at, data_limit, note, .. } = &kept.wanted;
        Account {
            name: name.clone(),
            credentials: Shown::from(credentials),
            status: self.status(kept),
            expires_at: *expires_at,
            data_limit: *data_limit,
            used: kept.used,
            note: Some(note.clone()),
            subscription_url: Some(format!("https://{}/sub/{name}-{}", self.host, state.reads)),
            links: self.links(state, kept),
            online_at: kept.online_at,
        }
    }

    /// One link, or one for each host that was set.
    fn links(&self, state: &State, kept: &Kept) -> Vec<String> {
        let Wanted { name, credentials, .. } = &kept.wanted;
        let link = |address: &str, remark: &str| {
            format!("vless://{}@{address}#{}", credentials.uuid, remark.replace("{USERNAME}", name.as_str()))
        };
        if state.hosts.is_empty() {
            return vec![link(&format!("{}:443", self.host), "{USERNAME}")];
        }
        state.hosts.iter().map(|(address, remark)| link(address, remark)).collect()
    }

    /// Lets a call arrive: the fault it meets, or the failure that holds for all.
    fn meet(&self, state: &mut State, verb: Verb, call: Option<Call>) -> Result<Option<Fault>, PanelError> {
        if call.and_then(|call| call.send_by).is_some_and(|send_by| Instant::now() > send_by) {
            return Err(PanelError::Unavailable(Trouble::TooLate));
        }
        if let Some(error) = &state.down {
            return Err(error.clone());
        }
        if state.frozen {
            return Ok(Some(Fault::Late));
        }
        let fits = |(of, _): &(Option<Verb>, Fault)| of.is_none_or(|of| of == verb);
        let Some(index) = state.script.iter().position(fits) else { return Ok(None) };
        Ok(state.script.remove(index).map(|(_, fault)| fault))
    }

    /// A write with its fault: the account after it and whether that is settled, or how it failed.
    fn write(&self, verb: Verb, write: &Write, call: Call) -> Result<(Option<Account>, bool), PanelError> {
        let mut state = self.state();
        let fault = self.meet(&mut state, verb, Some(call));
        let result = match fault {
            Err(error) | Ok(Some(Fault::Fail(error))) => Err(error),
            Ok(Some(Fault::Late)) => {
                state.late.push(write.clone());
                Err(PanelError::Unclear(Trouble::Timeout))
            }
            Ok(Some(Fault::LoseAcknowledgement(trouble))) => {
                state.execute(write);
                Err(PanelError::Unclear(trouble))
            }
            Ok(fault @ (None | Some(Fault::Unsettle))) => state.answer(write).map(|()| fault.is_none()),
        };
        let account = write.name().as_str().to_owned();
        let succeeded = result.is_ok();
        state.arrived.push(Arrived { verb, account, succeeded });
        let settled = result?;
        let kept = state.accounts.get(write.name().as_str()).cloned();
        Ok((kept.map(|kept| self.show(&mut state, &kept)), settled))
    }

    /// A read with its fault.
    fn read<T>(
        &self,
        verb: Verb,
        account: &str,
        call: Option<Call>,
        answer: impl FnOnce(&mut State) -> T,
    ) -> Result<T, PanelError> {
        let mut state = self.state();
        let result = match self.meet(&mut state, verb, call) {
            Err(error) | Ok(Some(Fault::Fail(error))) => Err(error),
            Ok(Some(Fault::LoseAcknowledgement(trouble))) => Err(PanelError::Unclear(trouble)),
            Ok(Some(Fault::Late)) => Err(PanelError::Unclear(Trouble::Timeout)),
            Ok(None | Some(Fault::Unsettle)) => Ok(answer(&mut state)),
        };
        state.arrived.push(Arrived { verb, account: account.to_owned(), succeeded: result.is_ok() });
        result
    }

    fn overview(&self, state: &State) -> Overview {
        let active =
            state.accounts.values().filter(|kept| self.status(kept) == AccountStatus::Active).count();
        let count = |n: usize| u32::try_from(n).expect("a test has fewer accounts");
        Overview {
            version: "0.8.4".to_owned(),
            core_started: !state.core_stopped,
            users_active: count(active) + state.foreign,
            users_total: count(state.accounts.len()) + state.foreign,
            latency: Duration::ZERO,
            nodes: state.nodes.clone(),
        }
    }
}

impl Write {
    fn name(&self) -> &AccountName {
        match self {
            Self::Create(wanted) | Self::Update(wanted) => &wanted.name,
            Self::Delete(name) => name,
        }
    }
}

impl State {
    /// What the panel does with a request, whoever still listens.
    fn execute(&mut self, write: &Write) {
        let name = write.name().as_str().to_owned();
        match write {
            Write::Create(wanted) => {
                self.accounts.entry(name).or_insert(Kept {
                    wanted: wanted.clone(),
                    used: 0,
                    online_at: None,
                });
            }
            Write::Update(wanted) => {
                if let Some(kept) = self.accounts.get_mut(&name) {
                    kept.wanted = wanted.clone();
                }
            }
            Write::Delete(_) => {
                self.accounts.remove(&name);
            }
        }
    }

    /// What a driver makes of it.
    fn answer(&mut self, write: &Write) -> Result<(), PanelError> {
        let there = self.accounts.get_mut(write.name().as_str());
        match (write, there) {
            (Write::Create(wanted), Some(kept)) => {
                if kept.wanted.credentials != wanted.credentials {
                    return Err(PanelError::Exists { ours: kept.wanted.note.starts_with("karvan:") });
                }
                kept.wanted = wanted.clone();
            }
            (Write::Update(_), None) => return Err(PanelError::NotFound),
            (Write::Create(_), None) | (Write::Update(_), Some(_)) | (Write::Delete(_), _) => {
                self.execute(write);
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Panel for FakePanel {
    async fn check(&self) -> Result<Overview, PanelError> {
        self.read(Verb::Look, "", None, |state| self.overview(state))
    }

    async fn pulse(&self, _timeout: Duration) -> Result<Pulse, PanelError> {
        self.read(Verb::Pulse, "", None, |state| Pulse {
            took: Duration::ZERO,
            core_started: Some(!state.core_stopped),
        })
    }

    fn certificate_ends_at(&self) -> Option<Timestamp> {
        self.state().certificate_ends_at
    }

    async fn inspect(&self) -> Result<Inspection, PanelError> {
        self.read(Verb::Look, "", None, |state| Inspection {
            overview: self.overview(state),
            inbounds: Vec::new(),
            sudo: true,
            warnings: Vec::new(),
        })
    }

    async fn create(&self, account: &Wanted, call: Call) -> Result<Applied, PanelError> {
        let (account, settled) = self.write(Verb::Create, &Write::Create(account.clone()), call)?;
        Ok(Applied { account: account.expect("just created"), settled })
    }

    async fn update(&self, account: &Wanted, call: Call) -> Result<Applied, PanelError> {
        let (account, settled) = self.write(Verb::Update, &Write::Update(account.clone()), call)?;
        Ok(Applied { account: account.expect("just updated"), settled })
    }

    async fn delete(&self, name: &AccountName, call: Call) -> Result<Deleted, PanelError> {
        let (_, settled) = self.write(Verb::Delete, &Write::Delete(name.clone()), call)?;
        Ok(Deleted { settled })
    }

    async fn get(&self, name: &AccountName, call: Call) -> Result<Option<Account>, PanelError> {
        self.read(Verb::Get, name.as_str(), Some(call), |state| {
            let kept = state.accounts.get(name.as_str()).cloned();
            kept.map(|kept| self.show(state, &kept))
        })
    }

    async fn list(&self, prefix: &str, offset: u32, limit: u32) -> Result<Page, PanelError> {
        self.read(Verb::List, "", None, |state| {
            let found: Vec<Kept> = state
                .accounts
                .iter()
                .filter(|(name, _)| name.starts_with(prefix))
                .map(|(_, kept)| kept.clone())
                .collect();
            let page = found.iter().skip(offset as usize).take(limit.clamp(1, 100) as usize);
            let accounts = page.map(|kept| self.show(state, kept)).collect();
            Page { accounts, total: u32::try_from(found.len()).expect("a test has fewer accounts") }
        })
    }

    /// To a client whose name begins with `clash`, YAML; to others, links in base64. The link ends with the account's
    /// name and a number.
    async fn subscription(
        &self,
        url: &str,
        agent: &str,
        _timeout: Duration,
    ) -> Result<Subscription, PanelError> {
        let token = url.rsplit('/').next().unwrap_or_default();
        let plain = token.rsplit_once('-').map_or(token, |(name, _)| name).to_owned();
        let name = super::old_link::owner(token).map_or(plain, |name| name.as_str().to_owned());
        let shown = self.read(Verb::Fetch, &name, None, |state| {
            let kept = state.accounts.get(&name).cloned();
            kept.map(|kept| self.show(state, &kept))
        })?;
        // The sender is ours: there is always an answer.
        let _ = self.held.subscribe().wait_for(|held| !held).await;
        let links = shown.ok_or(PanelError::NotFound)?.links;
        let (content_type, body) = if agent.to_ascii_lowercase().starts_with("clash") {
            ("text/yaml", yaml(&links))
        } else {
            ("text/plain", STANDARD.encode(links.join("\n")))
        };
        let content_type = Some(content_type.to_owned());
        Ok(Subscription { content_type, headers: Vec::new(), body: body.into_bytes() })
    }

    async fn nodes(&self) -> Result<Vec<Node>, PanelError> {
        self.read(Verb::Look, "", None, |state| state.nodes.clone())
    }

    async fn reconnect_node(&self, remote_id: i64) -> Result<(), PanelError> {
        self.read(Verb::Care, "", None, |state| {
            let node = state.nodes.iter_mut().find(|node| node.remote_id == Some(remote_id));
            node.map(|node| (node.status, node.message) = (NodeStatus::Connecting, None))
        })?
        .ok_or(PanelError::NotFound)
    }

    async fn restart_core(&self) -> Result<(), PanelError> {
        self.read(Verb::Care, "", None, |state| state.restarts += 1)
    }
}

/// Links as Clash reads them.
fn yaml(links: &[String]) -> String {
    let mut text = "proxies:\n".to_owned();
    let mut names = Vec::new();
    for link in links {
        let (plain, name) = link.trim_start_matches("vless://").split_once('#').unwrap_or_default();
        let (uuid, address) = plain.split_once('@').unwrap_or_default();
        let (host, port) = address.rsplit_once(':').unwrap_or_default();
        text.push_str(&format!(
            "- {{name: {name}, type: vless, server: {host}, port: {port}, uuid: {uuid}}}\n"
        ));
        names.push(name);
    }
    text.push_str(&format!(
        "proxy-groups:\n- {{name: All, type: select, proxies: [{}]}}\nrules:\n- MATCH,All\n",
        names.join(", ")
    ));
    text
}

/// A probe that answers by script: whatever was not scripted answers at once. Share it as `Arc<FakeProbe>`.
#[derive(Default)]
pub struct FakeProbe(Mutex<Scripted>);

#[derive(Default)]
struct Scripted {
    answers: BTreeMap<String, Reached>,
    others: Option<Reached>,
    certificates: BTreeMap<String, Timestamp>,
    asked: Vec<String>,
}

impl FakeProbe {
    /// A probe that reaches all.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// What a check of this endpoint ([`Endpoint::address`]) or anchor finds from now on; `None` as all others.
    pub fn set(&self, address: &str, reached: Option<Reached>) {
        let mut state = self.state();
        match reached {
            Some(reached) => state.answers.insert(address.to_owned(), reached),
            None => state.answers.remove(address),
        };
    }

    /// What a check of anything else finds; `None`: an answer at once.
    pub fn set_others(&self, reached: Option<Reached>) {
        self.state().others = reached;
    }

    /// When the certificate of this endpoint ends.
    pub fn set_certificate(&self, address: &str, ends_at: Timestamp) {
        self.state().certificates.insert(address.to_owned(), ends_at);
    }

    /// What was checked so far, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    fn state(&self) -> MutexGuard<'_, Scripted> {
        self.0.lock().expect("no holder of this lock can panic")
    }

    fn answer(&self, address: &str) -> Reached {
        let mut state = self.state();
        state.asked.push(address.to_owned());
        let scripted = state.answers.get(address).copied().or(state.others);
        scripted.unwrap_or(Reached::Yes { took: Duration::ZERO })
    }
}

#[async_trait]
impl Probe for FakeProbe {
    async fn endpoint(&self, endpoint: &Endpoint, _timeout: Duration) -> Reached {
        self.answer(&endpoint.address())
    }

    async fn anchor(&self, anchor: &str, _timeout: Duration) -> Reached {
        self.answer(anchor)
    }

    async fn certificate(&self, endpoint: &Endpoint, _timeout: Duration) -> Option<Timestamp> {
        self.state().certificates.get(&endpoint.address()).copied()
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::domain::clock::SystemClock;

    fn wanted(name: &str) -> Wanted {
        Wanted {
            name: AccountName::stored(name.to_owned()),
            credentials: Credentials::generate(&mut StdRng::seed_from_u64(name.len() as u64)),
            enabled: true,
            expires_at: None,
            data_limit: Some(10),
            note: "karvan:ab23cd:de001".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_lost_acknowledgement_hides_an_execution() {
        let panel = FakePanel::new(Arc::new(SystemClock));
        let account = wanted("kab23cd111");
        panel.next_of(Verb::Create, Fault::LoseAcknowledgement(Trouble::Cut));
        let error = panel.create(&account, Call::BACKGROUND).await.unwrap_err();
        assert_eq!(error, PanelError::Unclear(Trouble::Cut));
        assert!(panel.get(&account.name, Call::BACKGROUND).await.unwrap().unwrap().is_as(&account));
        assert!(panel.create(&account, Call::BACKGROUND).await.unwrap().settled, "create is idempotent");
        assert_eq!(panel.faults_left(), 0);
    }

    #[tokio::test]
    async fn a_frozen_panel_executes_what_it_had_received() {
        let panel = FakePanel::new(Arc::new(SystemClock));
        let account = wanted("kab23cd111");
        panel.freeze();
        assert!(panel.create(&account, Call::BACKGROUND).await.is_err());
        assert!(!panel.serves(&account.credentials));
        panel.thaw();
        assert!(panel.serves(&account.credentials));
        panel.add_traffic(&account.name, 10);
        assert_eq!(panel.account(&account.name).unwrap().status, AccountStatus::Limited);
    }

    #[tokio::test]
    async fn names_of_others_are_not_taken() {
        let panel = FakePanel::new(Arc::new(SystemClock));
        panel.put(Wanted { note: "mine".to_owned(), ..wanted("kab23cd111") });
        let other = Credentials::generate(&mut StdRng::seed_from_u64(99));
        let ours = Wanted { credentials: other, ..wanted("kab23cd111") };
        let error = panel.create(&ours, Call::BACKGROUND).await.unwrap_err();
        assert_eq!(error, PanelError::Exists { ours: false });
        let late = Call::BACKGROUND.send_by(Instant::now() - Duration::from_millis(1));
        let error = panel.delete(&ours.name, late).await.unwrap_err();
        assert_eq!(error, PanelError::Unavailable(Trouble::TooLate));
    }
}
