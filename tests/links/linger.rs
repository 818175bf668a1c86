//! An account left behind by a move goes once every app has fetched since, and no sooner.

use karvan::domain::{AccountName, ConfigId};
use karvan::service::linger::Lingers;
use rstest::rstest;

use crate::db::Kind;
use crate::memory::{Spec, World, id};
use crate::town::{CLASH, Town, V2RAY};

const TWO: [Spec; 2] = [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0)];
const HOUR: u64 = 3600;

impl Town {
    async fn moves(&self, key: ConfigId, to: &str) {
        if self.world.place_of(key).await.as_deref() == Some(to) {
            return;
        }
        self.world.keys.move_to(&World::admin_asks(), key, Some(id(to))).await.unwrap();
        self.world.settle().await;
        self.passes(3);
    }

    async fn fetches(&self, key: ConfigId, agent: &str) {
        assert_eq!(self.fetch(&self.path(key).await, agent).await.status, 200);
        self.links.write().await.unwrap();
    }

    /// How many ended, after all that is due was done.
    async fn lets_go(&self) -> usize {
        let core = &self.world.core;
        let ended = Lingers::new(core.clone()).tick().await.unwrap();
        self.world.settle().await;
        ended
    }

    async fn lingers(&self, key: ConfigId) -> usize {
        self.world.core.store.key(key).await.unwrap().unwrap().lingering().count()
    }

    fn account(&self, panel: &str) -> AccountName {
        AccountName::stored(self.world.panel(panel).names()[0].clone())
    }

    fn hours(&self, hours: u64) {
        self.passes(hours * HOUR);
    }
}

#[rstest]
#[tokio::test]
async fn who_has_fetched_everywhere_needs_no_old_account(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(town) = Town::on(kind, &TWO).await else { return };
    let key = town.world.key().await;
    town.moves(key, "de1").await;
    let start = town.world.place_of(key).await.unwrap();
    assert_eq!(start, "de1");
    // A third app was last seen before the time that counts.
    town.fetches(key, "Happ/1.0").await;
    town.hours(15 * 24);
    town.fetches(key, V2RAY).await;
    town.fetches(key, CLASH).await;
    town.moves(key, "nl1").await;
    town.hours(1);
    assert_eq!((town.lets_go().await, town.lingers(key).await), (0, 1), "nobody fetched since");
    town.fetches(key, V2RAY).await;
    town.hours(1);
    assert_eq!((town.lets_go().await, town.lingers(key).await), (0, 1), "one app did not");
    town.fetches(key, CLASH).await;
    assert_eq!(town.lets_go().await, 0, "what was fetched just now is not in use yet");
    // A second device with the same app never fetched: it shows in the old account.
    town.world.panel("de1").set_online(&town.account("de1"), town.now());
    town.hours(2);
    assert_eq!(town.lets_go().await, 0, "somebody uses the old account");
    town.hours(23);
    assert_eq!((town.lets_go().await, town.lingers(key).await), (1, 0));
    assert!(town.world.panel("de1").names().is_empty());
    town.world.assert_quiet(&[key]).await;

    // Forth, and back before all apps knew: what each has counts, not how often the key moved.
    town.moves(key, "de1").await;
    town.fetches(key, V2RAY).await;
    town.fetches(key, CLASH).await;
    town.moves(key, "nl1").await;
    town.fetches(key, V2RAY).await;
    town.hours(25);
    assert_eq!((town.lets_go().await, town.lingers(key).await), (0, 1), "one app has the old links still");
    town.moves(key, "de1").await;
    assert_eq!((town.lets_go().await, town.lingers(key).await), (0, 1), "now the other one has");
    town.fetches(key, V2RAY).await;
    town.hours(1);
    assert_eq!(town.lets_go().await, 1);
    town.world.assert_quiet(&[key]).await;
    assert_eq!(town.world.place_of(key).await.as_deref(), Some("de1"));
}

/// I17: who never fetches again is served for `LINGER`.
#[tokio::test]
async fn i17_without_a_fetch_of_every_app_nothing_ends_early() {
    let town = Town::of(&TWO).await;
    let (silent, never, adopted) = (town.world.key().await, town.world.key().await, town.world.key().await);
    for key in [silent, never, adopted] {
        town.moves(key, "de1").await;
    }
    town.hours(49);
    town.lets_go().await;
    town.fetches(silent, V2RAY).await;
    town.fetches(silent, CLASH).await;
    for key in [silent, never, adopted] {
        town.moves(key, "nl1").await;
    }
    town.fetches(silent, V2RAY).await;
    town.fetches(adopted, V2RAY).await;
    let account = town.world.core.store.key(adopted).await.unwrap().unwrap().lingering().next().unwrap().id;
    town.tamper(&format!("UPDATE assignments SET adopted = true WHERE id = {account}")).await;
    for _ in 0..9 {
        town.hours(5);
        assert_eq!(town.lets_go().await, 0);
        let left = [town.lingers(silent).await, town.lingers(never).await, town.lingers(adopted).await];
        assert_eq!(left, [1, 1, 1]);
    }
    town.hours(4);
    town.lets_go().await;
    assert_eq!([town.lingers(silent).await, town.lingers(never).await], [0, 0], "its time is over");
}
