//! What an app gets while panels are silent: never nothing, as long as there was something.

use std::time::Duration;

use karvan::domain::instance::Health;
use karvan::domain::{AccountName, ConfigId};
use karvan::panel::{PanelError, Trouble};
use karvan::service::failover::Failover;
use rstest::rstest;
use sea_orm::{ConnectionTrait, TransactionTrait};

use crate::db::Kind;
use crate::memory::{ALICE, Spec, World};
use crate::town::{CLASH, Town, V2RAY};

const THREE: [Spec; 3] =
    [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0), Spec("fi1", "fi", 100, 1.0)];

async fn place(town: &Town, key: ConfigId) -> String {
    town.world.place_of(key).await.unwrap()
}

/// An hour of silence of a panel's API, which moves nobody.
#[rstest]
#[tokio::test]
async fn an_hour_without_a_panel_is_an_hour_of_answers(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(town) = Town::on(kind, &THREE).await else { return };
    let (key, other) = (town.world.key().await, town.world.key().await);
    let (path, never_fetched) = (town.path(key).await, town.path(other).await);
    let before = town.fetch(&path, CLASH).await;
    assert!(before.body.contains("proxies:"));
    town.links.write().await.unwrap();
    for name in ["de1", "nl1", "fi1"] {
        town.dies(name, Health::Healthy).await;
    }
    let mut failed = 0;
    for minute in 0..60 {
        // The checks find it after a minute; until then each fetch meets the silence itself.
        if minute == 1 {
            for name in ["de1", "nl1", "fi1"] {
                town.mark(name, Health::ControlDown).await;
            }
        }
        let yaml = town.fetch(&path, CLASH).await;
        failed += usize::from(yaml.status != 200 || yaml.body != before.body);
        // An app of another kind, and one that never fetched: the links are known from when the account was made.
        failed += usize::from(!town.fetch(&path, V2RAY).await.is_usable());
        failed += usize::from(!town.fetch(&never_fetched, V2RAY).await.is_usable());
        town.passes(60);
    }
    assert_eq!(failed, 0);
    // What nobody ever asked for is not made up: an app that gets an error keeps what it has.
    let got = town.fetch(&never_fetched, CLASH).await;
    assert_eq!((got.status, got.header("retry-after")), (503, "30"));
    // A panel that is known to be silent is left in peace.
    assert!(town.asked(&place(&town, key).await) < 10);

    for name in ["de1", "nl1", "fi1"] {
        town.world.panel(name).set_down(None);
        town.mark(name, Health::Healthy).await;
    }
    town.passes(6);
    assert_eq!(town.fetch(&never_fetched, CLASH).await.status, 200);
}

/// Without the database nobody knows where the panel keeps an account's link: who fetched lately gets it again.
#[tokio::test]
async fn an_app_gets_what_it_had_while_the_database_is_away() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    let before = town.fetch(&path, CLASH).await;
    assert!(before.body.contains("proxies:"));
    // Written down, and no longer in the memory of what is to be written.
    town.links.write().await.unwrap();
    town.world.core.store.clone().close().await.unwrap();
    for minute in 0..20 {
        let got = town.fetch(&path, CLASH).await;
        assert_eq!((got.status, got.body.as_str()), (200, before.body.as_str()), "minute {minute}");
        town.passes(60);
    }
    assert_eq!(town.fetch(&path, V2RAY).await.status, 503, "what was never fetched is not made up");
}

/// One that neither answers nor refuses: each question to it would last longer than apps wait.
#[tokio::test]
async fn a_database_that_hangs_keeps_no_app_waiting() {
    let Some(town) = Town::on(Kind::Postgres, &THREE).await else { return };
    let key = town.world.key().await;
    let path = town.path(key).await;
    let before = town.fetch(&path, CLASH).await;
    town.links.write().await.unwrap();
    let other = sea_orm::Database::connect(&town.db.url).await.unwrap();
    let held = other.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE configs, assignments IN ACCESS EXCLUSIVE MODE").await.unwrap();
    for _ in 0..2 {
        town.passes(60);
        let got = tokio::time::timeout(Duration::from_secs(9), town.fetch(&path, CLASH)).await;
        let got = got.expect("apps give up after ten seconds");
        assert_eq!((got.status, got.body.as_str()), (200, before.body.as_str()));
    }
    held.rollback().await.unwrap();
}

#[tokio::test]
async fn a_restart_of_ours_forgets_nothing_that_was_good() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    let before = town.fetch(&path, CLASH).await;
    town.links.write().await.unwrap();
    let place = place(&town, key).await;
    town.dies(&place, Health::ControlDown).await;
    let anew = karvan::service::links::Links::new(town.world.core.clone());
    let token = path.rsplit('/').next().unwrap();
    let known = anew.key(town.world.core.links.read(token).unwrap()).await.unwrap().unwrap();
    let karvan::service::links::Answer::Keys(served) = anew.answer(&known, CLASH, "x").await else {
        panic!("nothing was remembered")
    };
    assert_eq!(String::from_utf8_lossy(&served.body), before.body);
    assert!(!served.fresh);
}

#[tokio::test]
async fn a_page_in_place_of_keys_is_never_handed_on() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    let good = town.fetch(&path, V2RAY).await;
    let place = place(&town, key).await;
    town.world.panel(&place).set_down(Some(PanelError::NotPanel(Trouble::Foreign(200))));
    town.passes(20);
    assert_eq!(town.fetch(&path, V2RAY).await.links(), good.links());
}

/// A dead panel: the link answers throughout, first with what was, then from where the key is served now; and only who
/// would not notice by themselves gets a word.
#[tokio::test]
async fn a_failover_goes_on_under_the_same_link() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    let old = place(&town, key).await;
    let name = AccountName::stored(town.world.panel(&old).names()[0].clone());
    town.world.panel(&old).set_online(&name, karvan::domain::Clock::now(&*town.world.clock));
    town.passes(301);
    town.world.watch.sample().await.unwrap();
    let before = town.fetch(&path, V2RAY).await;
    town.dies(&old, Health::Down).await;
    let failover = Failover::new(town.world.core.clone());
    let mut moved_at = None;
    for step in 0..30 {
        let got = town.fetch(&path, V2RAY).await;
        assert!(got.is_usable(), "step {step}: {got:?}");
        if moved_at.is_none() {
            assert!(got.links() == before.links() || got.links()[0] != before.links()[0]);
            assert!(!got.spoken("announce").is_empty(), "the app says that there is trouble");
        }
        failover.tick().await.unwrap();
        town.world.settle().await;
        if place(&town, key).await != old {
            moved_at.get_or_insert(step);
        }
        town.passes(5);
    }
    assert!(moved_at.is_some_and(|step| step <= 6), "{moved_at:?}");
    let got = town.fetch(&path, V2RAY).await;
    assert!(got.links()[0].contains(&place(&town, key).await), "{got:?}");
    assert_eq!(got.spoken("announce"), "");
    let letters = |town: &Town| {
        let store = town.world.core.store.clone();
        let later = karvan::domain::Clock::now(&*town.world.clock) + Duration::from_secs(900);
        async move {
            let due = store.due_letters(later, 100).await.unwrap();
            let to_alice = due.iter().filter(|due| due.letter.chat == ALICE.0);
            to_alice.map(|due| due.letter.notice["notice"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    let told = letters(&town).await;
    assert!(!told.contains(&"key_moved".to_owned()), "no word of a new link: {told:?}");
    assert_eq!(told.iter().filter(|kind| *kind == "update_app").count(), 1);
}

#[tokio::test]
async fn only_who_would_not_notice_gets_a_word() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let core = &town.world.core;
    let word = |since| karvan::service::links::told::needs_word(core, key, since);
    let moved = karvan::domain::Clock::now(&*town.world.clock);
    assert_eq!(word(moved).await.unwrap(), None, "never used");
    let path = town.path(key).await;
    town.fetch(&path, V2RAY).await;
    town.links.write().await.unwrap();
    town.passes(3600);
    let moved = karvan::domain::Clock::now(&*town.world.clock);
    assert_eq!(word(moved).await.unwrap(), Some(Some("v2rayNG".to_owned())));
    assert_eq!(word(moved + Duration::from_secs(86_400)).await.unwrap(), None, "not seen for a day");
    town.passes(60);
    town.fetch(&path, V2RAY).await;
    town.links.write().await.unwrap();
    assert_eq!(word(moved).await.unwrap(), None, "the app noticed by itself");
}

#[tokio::test]
async fn a_move_that_nobody_asked_for_is_silent() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let letters = async || {
        let due =
            town.world.core.store.due_letters(karvan::domain::Clock::now(&*town.world.clock), 100).await;
        due.unwrap().iter().filter(|due| due.letter.notice["notice"] == "key_moved").count()
    };
    let to = if place(&town, key).await == "de1" { "nl1" } else { "de1" };
    town.world.keys.move_to(&World::admin_asks(), key, Some(crate::memory::id(to))).await.unwrap();
    town.world.settle().await;
    assert_eq!(letters().await, 0);
    // Who asks gets an answer.
    town.world.keys.relocate(&World::asks(ALICE), key, Some("fi".parse().unwrap())).await.unwrap();
    town.world.settle().await;
    assert_eq!(letters().await, 1);
}
