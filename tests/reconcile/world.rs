//! A world in memory with verbs for what goes wrong on panels.

use std::ops::Deref;
use std::time::Duration;

use karvan::domain::account::InstallationId;
use karvan::domain::incident::{Incident, Kind};
use karvan::domain::key::Role;
use karvan::domain::{AccountName, Clock, ConfigId, Credentials, InstanceId, Timestamp, UserId};
use karvan::panel::{Account, Call, Panel, Wanted};
use karvan::service::incidents::Incidents;
use karvan::service::keys::Ask;
use karvan::service::reconcile::{Acted, Pace, Pass, Reconciler};

use crate::db::{self, Db};
use crate::memory::{self, Spec, id};

/// Long enough that what happened before is no more in motion.
pub const WHILE: Duration = Duration::from_secs(61);
/// Longer than a stray must have been seen.
pub const APART: Duration = Duration::from_secs(601);

/// A world with a reconciler.
pub struct World {
    pub memory: memory::World,
    pub reconciler: Reconciler,
    pub db: Db,
}

impl Deref for World {
    type Target = memory::World;
    fn deref(&self) -> &memory::World {
        &self.memory
    }
}

impl World {
    /// One panel with `keys` keys on it, seen well.
    pub async fn with_keys(keys: i64) -> (Self, Vec<ConfigId>) {
        let world = Self::of(&[Spec("de1", "de", 10_000, 1.0)]).await;
        let configs = world.keys(keys).await;
        (world, configs)
    }

    /// A world of these panels, seen well.
    pub async fn of(specs: &[Spec]) -> Self {
        let db = db::Kind::Sqlite.fresh().await.unwrap();
        let memory = memory::World::on(db.store.clone(), specs).await;
        let world = Self { reconciler: Reconciler::new(memory.core.clone()), memory, db };
        world.seen_well().await;
        world
    }

    /// So many keys, each of another person, that have come to rest.
    pub async fn keys(&self, count: i64) -> Vec<ConfigId> {
        let mut configs = Vec::new();
        for person in (2_001..).map(UserId).take(usize::try_from(count).unwrap()) {
            self.meets(person).await;
            let ask = Ask { screen: None, ..memory::World::asks(person) };
            configs.push(self.memory.keys.issue(&ask, person, None).await.unwrap().config);
        }
        self.rests().await;
        configs
    }

    /// What was begun ends, and is a while ago.
    pub async fn rests(&self) {
        self.settle().await;
        self.clock.advance(WHILE);
        self.seen_well().await;
        self.settle().await;
    }

    async fn seen_well(&self) {
        self.watch.check_all().await.unwrap();
        self.watch.check_all().await.unwrap();
    }

    /// One pass over a panel, and all the work that comes of it.
    pub async fn pass(&self, name: &str) -> Pass {
        let pass = self.reconciler.run(&id(name), Pace::Waited).await.unwrap();
        self.rests().await;
        pass
    }

    /// One pass that is known to act.
    pub async fn acts(&self, name: &str) -> Acted {
        self.pass(name).await.acted.expect("nothing forbids it")
    }

    /// The key's account that counts.
    pub async fn account(&self, config: ConfigId) -> AccountName {
        let key = self.core.store.key(config).await.unwrap().unwrap();
        key.primary().unwrap().account.clone()
    }

    /// A panel loses an account.
    pub async fn loses(&self, name: &str, config: ConfigId) {
        self.panel(name).lose(&self.account(config).await);
    }

    /// Somebody changes an account on its panel by hand.
    pub async fn by_hand(&self, name: &str, config: ConfigId, change: impl FnOnce(&mut Wanted)) {
        let account = self.shown(name, config).await;
        let credentials = self.core.store.credentials(config).await.unwrap().unwrap();
        let mut wanted = Wanted {
            name: account.name,
            credentials,
            enabled: true,
            expires_at: account.expires_at,
            data_limit: account.data_limit,
            note: account.note.unwrap(),
        };
        change(&mut wanted);
        self.panel(name).update(&wanted, Call::BACKGROUND).await.unwrap();
    }

    /// So many days from now.
    pub fn far(&self, days: i64) -> Option<Timestamp> {
        Some(self.clock.now() + chrono::TimeDelta::days(days))
    }

    /// The key's account as its panel has it.
    pub async fn shown(&self, name: &str, config: ConfigId) -> Account {
        self.panel(name).account(&self.account(config).await).unwrap()
    }

    /// An account of this name and note stands on a panel.
    pub fn puts(&self, name: &str, account: &AccountName, note: &str) {
        self.panel(name).put(Wanted {
            name: account.clone(),
            credentials: Credentials::generate(&mut rand::rng()),
            enabled: true,
            expires_at: None,
            data_limit: None,
            note: note.to_owned(),
        });
    }

    /// A name that this database gave out for an account that is long gone.
    pub async fn gone_name(&self, config: ConfigId) -> AccountName {
        let key = self.core.store.key(config).await.unwrap().unwrap();
        assert!(key.accounts.iter().all(|account| account.role != Role::Lingering), "nothing lingers");
        // As after moves that came back: generations that were given out and are not in use.
        let sql = format!("UPDATE configs SET generation = generation + 1 WHERE id = {config}");
        self.db.tamper(&sql).await;
        AccountName::new(self.installation(), config, key.config.generation + 1)
    }

    /// Strays with our mark on a panel: one for each of these keys.
    pub async fn strays(&self, name: &str, configs: &[ConfigId]) -> Vec<AccountName> {
        let mut names = Vec::new();
        for config in configs {
            let stray = self.gone_name(*config).await;
            self.puts(name, &stray, &self.mark(&id(name)));
            names.push(stray);
        }
        names
    }

    /// The incident of a subject that goes on.
    pub async fn incident(&self, kind: Kind, subject: &str) -> Option<Incident> {
        Incidents::new(self.core.clone()).open_of(kind, subject).await.unwrap()
    }

    /// Whether an account stands on a panel.
    pub fn has(&self, name: &str, account: &AccountName) -> bool {
        self.panel(name).account(account).is_some()
    }

    /// What our notes begin with.
    pub fn mark(&self, id: &InstanceId) -> String {
        self.installation().mark(id)
    }

    pub fn installation(&self) -> &InstallationId {
        &self.core.installation
    }
}
