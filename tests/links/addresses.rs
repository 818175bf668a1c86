//! Our own addresses: watched, and changed when one is blocked.

use chrono::TimeDelta;
use karvan::domain::Clock;
use karvan::domain::incident::{Entry, Kind};
use karvan::service::incidents::Incidents;
use karvan::service::links::addresses::AddressWatch;
use karvan::store::links::Fetch;

use crate::memory::{ADMIN, ALICE};
use crate::town::{ORIGINS, Town, V2RAY};

/// So many fetches by each address in the hour that is so many hours ago.
async fn hour(town: &Town, ago: i64, counts: [usize; 2]) {
    let key = town.world.core.store.keys_of(ALICE).await.unwrap()[0];
    let at = town.world.clock.now() - TimeDelta::hours(ago);
    let by = |origin: &str| Fetch {
        config: key,
        app: "v2rayNG".to_owned(),
        domain: origin.to_owned(),
        generation: 1,
        at,
    };
    let fetches: Vec<Fetch> =
        ORIGINS.iter().zip(counts).flat_map(|(origin, n)| vec![by(origin); n]).collect();
    town.world.core.store.record_fetches(&fetches).await.unwrap();
}

#[tokio::test]
async fn a_blocked_address_is_noticed_and_left() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let watch = AddressWatch::new(town.world.core.clone());
    let incidents = Incidents::new(town.world.core.clone());
    let open = async || incidents.open_of(Kind::Links, "keys.example.com").await.unwrap();
    for ago in 1..=26 {
        hour(&town, ago, [40, 30]).await;
    }
    watch.look().await.unwrap();
    assert!(open().await.is_none());

    town.passes(3600);
    hour(&town, 1, [5, 33]).await;
    watch.look().await.unwrap();
    watch.look().await.unwrap();
    let incident = open().await.expect("told");
    assert_eq!(incident.timeline.last().unwrap().1, Entry::LinksFall { now: 5, usual: 40 });
    assert!(incidents.open_of(Kind::Links, "keys.example.net").await.unwrap().is_none());

    let path = town.path(key).await;
    town.fetch(&path, V2RAY).await;
    town.links.write().await.unwrap();
    assert_eq!(watch.switch(ADMIN).await.unwrap().as_deref(), Some(ORIGINS[1]));
    assert_eq!(town.link(key).await, format!("{}{path}", ORIGINS[1]), "new links have the next one");
    let old = [("user-agent", V2RAY), ("host", "keys.example.com")];
    let got = town.ask("GET", &path, &old).await;
    assert!(got.is_usable(), "all addresses stay valid");
    assert_eq!(got.header("new-domain"), "keys.example.net");
    let new = [("user-agent", V2RAY), ("host", "keys.example.net")];
    assert_eq!(town.ask("GET", &path, &new).await.header("new-domain"), "");
    // Another process follows.
    town.world.core.links.show(ORIGINS[0]);
    watch.follow().await.unwrap();
    assert_eq!(town.world.core.links.shown(), Some(ORIGINS[1]));
    // One word to each whose app came by the old one, some time later.
    let letters = async |seconds: i64| {
        let at = town.world.clock.now() + TimeDelta::seconds(seconds);
        let due = town.world.core.store.due_letters(at, 1000).await.unwrap();
        due.iter().filter(|due| due.letter.notice["notice"] == "new_address").count()
    };
    assert_eq!((letters(60).await, letters(2 * 3600).await), (0, 1));

    // People are back.
    town.passes(3600);
    hour(&town, 1, [30, 33]).await;
    watch.look().await.unwrap();
    assert!(open().await.is_none());
}
