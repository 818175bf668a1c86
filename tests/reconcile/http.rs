//! The same over HTTP: the real driver against simulated panels.

use std::sync::Arc;
use std::time::Duration;

use karvan::app;
use karvan::domain::clock::Clock;
use karvan::domain::operation::Cause;
use karvan::domain::quota::GIB;
use karvan::domain::reconcile::Question;
use karvan::domain::{AccountName, ConfigId, Timestamp, UserId};
use karvan::panel::{AccountStatus, Call, Panel, Wanted};
use karvan::service::Core;
use karvan::service::executor::Executor;
use karvan::service::keys::{Ask, Keys};
use karvan::service::reconcile::{Answer, Pace, Pass, Reconciler};
use karvan::service::watch::Watch;
use karvan::settings::{Need, Settings};
use karvan::store::people::Seen;
use sim::clock::SimClock;

use crate::install::{ADMIN, Install, Spec};
use crate::memory::id;
use crate::world::{APART, WHILE};

/// The panels' clock, as the services read it.
struct Shared(SimClock);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// Karvan's services over one simulated panel.
struct Story {
    install: Install,
    core: Core,
    keys: Keys,
    executor: Executor,
    watch: Watch,
    reconciler: Reconciler,
}

impl Story {
    async fn begins() -> Self {
        // The services here move the clock by several minutes; a command that is run then goes by the machine's.
        let install = Install::begun(&[Spec("de1", 1_000, 1.0)], 10 * WHILE).await;
        let settings = Settings::read(install.variables(), Need::Secrets).unwrap();
        let store = app::open_store(&settings).await.unwrap();
        let core = app::core(&settings, store, Arc::new(Shared(install.clock.clone()))).await.unwrap();
        let story = Self {
            keys: Keys::new(core.clone()),
            executor: Executor::new(core.clone(), "test"),
            watch: Watch::new(core.clone()),
            reconciler: Reconciler::new(core.clone()),
            core,
            install,
        };
        for _ in 0..4 {
            story.rests().await;
        }
        story
    }

    /// All work ends, and is a while ago; the panel was seen well since.
    async fn rests(&self) {
        self.watch.check_all().await.unwrap();
        for _ in 0..200 {
            self.core.placer.refresh(&self.core.store).await.unwrap();
            if self.executor.round().await.unwrap().is_idle() {
                self.install.clock.advance(WHILE);
                self.watch.check_all().await.unwrap();
                return;
            }
        }
        panic!("the executor never rests");
    }

    /// Keys of these many people.
    async fn keys(&self, people: std::ops::Range<i64>) -> Vec<ConfigId> {
        let mut configs = Vec::new();
        for person in people {
            let (id, now) = (UserId(person), self.core.clock.now());
            let seen = Seen { id, first_name: "P".to_owned(), username: None, telegram_language: None };
            self.core.store.saw_person(&seen, now).await.unwrap();
            let ask = Ask { by: id, cause: Cause::Owner, update_id: None, screen: None };
            configs.push(self.keys.issue(&ask, id, None).await.unwrap().config);
        }
        self.rests().await;
        configs
    }

    async fn pass(&self, name: &str) -> Pass {
        let pass = self.reconciler.run(&id(name), Pace::Waited).await.unwrap();
        self.rests().await;
        pass
    }

    async fn answers(&self, answer: Answer) -> u32 {
        let count = self.reconciler.answer(UserId(ADMIN), &id("de1"), answer).await.unwrap().unwrap();
        self.rests().await;
        count
    }

    /// The account that counts, as another bot with the same login would write it back.
    async fn account(&self, config: ConfigId) -> Wanted {
        let key = self.core.store.key(config).await.unwrap().unwrap();
        let name = key.primary().unwrap().account.clone();
        let shown = self.panel().await.get(&name, Call::BACKGROUND).await.unwrap().unwrap();
        Wanted {
            name,
            credentials: self.core.store.credentials(config).await.unwrap().unwrap(),
            enabled: shown.status != AccountStatus::Disabled,
            expires_at: shown.expires_at,
            data_limit: shown.data_limit,
            note: shown.note.unwrap_or_default(),
        }
    }

    async fn panel(&self) -> Arc<dyn Panel> {
        self.core.panels.of(&id("de1")).await.unwrap()
    }

    /// I4: the panel has exactly the accounts that the database counts, and each key's secrets work.
    async fn assert_right(&self, configs: &[ConfigId]) {
        let mut expected = Vec::new();
        for config in configs {
            let key = self.core.store.key(*config).await.unwrap().unwrap();
            assert!(key.operation.is_none(), "{:?}", key.operation);
            expected.extend(key.accounts.iter().map(|account| account.account.to_string()));
            let credentials = self.core.store.credentials(*config).await.unwrap().unwrap();
            assert!(self.install.panel("de1").works(&credentials.uuid.to_string()), "{config}");
        }
        expected.sort();
        let prefix = self.core.installation.prefix();
        let mut shown = self.install.panel("de1").usernames();
        shown.retain(|name| name.starts_with(&prefix));
        shown.sort();
        assert_eq!(shown, expected);
    }
}

#[tokio::test]
async fn an_emptied_panel_stays_empty_until_somebody_says_a_word() {
    let story = Story::begins().await;
    let keys = story.keys(2_001..2_013).await;
    story.install.panel("de1").wipe();
    for _ in 0..2 {
        let pass = story.pass("de1").await;
        assert_eq!(pass.plan.questions, [Question::Missing { count: 12, of: 12 }]);
        story.install.clock.advance(APART);
    }
    assert!(story.install.panel("de1").usernames().is_empty());
    assert_eq!(story.answers(Answer::MakeAgain).await, 12);
    story.assert_right(&keys).await;
    assert!(story.pass("de1").await.found.is_clean());
}

#[tokio::test]
async fn a_restored_backup_is_asked_about_and_then_put_right() {
    let story = Story::begins().await;
    let gone = story.keys(2_001..2_003).await;
    let mut keys = story.keys(2_003..2_011).await;
    let backup = story.install.panel("de1").snapshot();
    let ask = Ask { by: UserId(ADMIN), cause: Cause::Admin, update_id: None, screen: None };
    for key in &gone {
        story.keys.revoke(&ask, *key).await.unwrap();
    }
    story.keys.extend(&ask, keys[0], Some(10), Some(10)).await.unwrap();
    keys.extend(story.keys(2_011..2_015).await);
    story.install.panel("de1").restore(&backup);
    let pass = story.pass("de1").await;
    assert_eq!(pass.plan.questions, [Question::Missing { count: 4, of: 12 }]);
    assert_eq!((pass.found.strays.len(), pass.found.changed.len()), (2, 1));
    assert!(pass.plan.changes_nothing());
    assert_eq!(story.answers(Answer::Restored).await, 5);
    for _ in 0..4 {
        story.install.clock.advance(APART);
        story.pass("de1").await;
    }
    story.assert_right(&keys).await;
    let account = story.account(keys[0]).await;
    assert_eq!(account.data_limit, Some(110 * GIB));
}

#[tokio::test]
async fn what_another_bot_extends_is_kept_and_what_is_not_ours_is_not_touched() {
    let story = Story::begins().await;
    let keys = story.keys(2_001..2_005).await;
    let panel = story.panel().await;
    // Another bot on the same panel: its own users, and one of ours extended.
    story.install.panel("de1").add_foreign_users(3);
    let mut extended = story.account(keys[2]).await;
    extended.expires_at = extended.expires_at.map(|end| end + Duration::from_secs(90 * 86_400));
    panel.update(&extended, Call::BACKGROUND).await.unwrap();
    // Names as ours, marks of others.
    let prefix = story.core.installation.prefix();
    for (number, note) in [(1, "karvan:zzzzzz:de1"), (2, "a friend"), (3, "")] {
        let stranger = Wanted {
            name: AccountName::stored(format!("{prefix}stranger{number}")),
            credentials: karvan::domain::Credentials::generate(&mut rand::rng()),
            note: note.to_owned(),
            ..extended.clone()
        };
        panel.create(&stranger, Call::BACKGROUND).await.unwrap();
    }
    let before = story.install.panel("de1").usernames();
    for _ in 0..3 {
        let pass = story.pass("de1").await;
        let questions = [Question::ManagedTwice { count: 1 }, Question::Favour { count: 1 }];
        assert_eq!(pass.plan.questions, questions);
        assert!(pass.plan.changes_nothing());
        story.install.clock.advance(APART);
    }
    assert_eq!(story.install.panel("de1").usernames(), before);
    assert_eq!(story.account(keys[2]).await.expires_at, extended.expires_at);
    assert_eq!(story.answers(Answer::TakeOver).await, 1);
    let key = story.core.store.key(keys[2]).await.unwrap().unwrap();
    assert_eq!(key.config.expires_at, extended.expires_at);
}

#[tokio::test]
async fn the_same_panel_added_twice_is_told_and_nothing_is_deleted() {
    let story = Story::begins().await;
    let keys = story.keys(2_001..2_005).await;
    // The same panel under another name: by its address nobody could tell.
    let mut twin = story.core.store.instance(&id("de1")).await.unwrap().unwrap();
    let password = story.core.store.password(&twin.id).await.unwrap().unwrap();
    twin.id = id("de2");
    let address = twin.base_url.as_str().strip_prefix("http://").unwrap().to_owned();
    twin.base_url = format!("http://twin.example:{}", address.rsplit(':').next().unwrap()).parse().unwrap();
    twin.connection.connect_to = Some(address);
    let now = story.core.clock.now();
    assert!(story.core.store.add_instance(&twin, &password, now).await.unwrap());
    story.rests().await;
    let mut all = keys.clone();
    all.extend(story.keys(2_005..2_011).await);
    for _ in 0..3 {
        for name in ["de1", "de2"] {
            let pass = story.pass(name).await;
            assert!(matches!(pass.plan.questions[..], [Question::ManagedTwice { .. }]), "{pass:?}");
            assert!(pass.plan.changes_nothing(), "{pass:?}");
        }
        story.install.clock.advance(APART);
    }
    story.assert_right(&all).await;
}

/// The command line says what would be done, and does it only when told to.
#[tokio::test]
async fn the_command_looks_and_does_only_what_it_is_told() {
    let story = Story::begins().await;
    let keys = story.keys(2_001..2_031).await;
    let lost = story.account(keys[3]).await.name;
    story.install.panel("de1").delete_user(lost.as_str());
    let says = async |arguments: &[&str]| {
        let done = story.install.command(arguments).output().await.unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    let expected = format!("de1:\n  1 would be made again: {lost}\n");
    assert_eq!(says(&["reconcile"]).await, expected);
    assert_eq!(story.core.store.open_operations().await.unwrap(), 0, "nothing was begun");
    let told = says(&["reconcile", "--instance", "de1", "--apply"]).await;
    assert_eq!(
        told,
        format!("de1:\n  1 made again: {lost}\nWhat was begun is carried out by `karvan run`.\n")
    );
    story.install.clock.advance(10 * WHILE);
    story.rests().await;
    story.assert_right(&keys).await;
    let unknown = story.install.command(&["reconcile", "--instance", "zz9"]).output().await.unwrap();
    assert!(!unknown.status.success());
}
