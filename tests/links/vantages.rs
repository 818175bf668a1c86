//! Vantages inside a country, over the real door: what they are told, what follows from what they report, and what
//! strangers get.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use karvan::domain::Clock;
use karvan::domain::health::vantage::{Finding, Findings, Target};
use karvan::domain::incident::{Entry, Incident, Kind};
use karvan::domain::instance::{AdminState, Health};
use karvan::panel::endpoint::{Endpoint, Transport};
use karvan::panel::fake::FakeProbe;
use karvan::panel::probe::Reached;
use karvan::panel::vantage::{AwayError, Home, look};
use karvan::service::fleet::Fleet;
use karvan::service::health::detail::detail;
use karvan::service::health::rounds::Judge;
use karvan::service::health::vantages::{NoName, Vantages};
use karvan::service::incidents::Incidents;
use karvan::text::incident::{Shown, alert};
use karvan::text::{Lang, Words};
use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};

use crate::db::Kind as Database;
use crate::memory::{ADMIN, Spec, id};
use crate::town::Town;

const TWO: [Spec; 2] = [Spec("de1", "de", 100, 1.0), Spec("nl1", "nl", 100, 1.0)];

fn endpoint(name: &str) -> Endpoint {
    let sni = format!("{name}.example");
    let transport = Transport::Tls { sni: sni.clone(), borrowed: true };
    Endpoint { host: sni, port: 443, transport, behind_cdn: false }
}

/// A town whose panels' addresses answer from here, and vantages around it.
struct Country {
    town: Town,
    vantages: Vantages,
    homes: BTreeMap<&'static str, (Home, std::sync::Arc<FakeProbe>)>,
}

impl Country {
    async fn on(kind: Database, names: &[&'static str]) -> Option<Self> {
        let town = Town::on(kind, &TWO).await?;
        let vantages = Vantages::new(town.world.core.clone());
        let mut homes = BTreeMap::new();
        for name in names {
            let token = vantages.name(Some(ADMIN), name).await.unwrap().unwrap();
            homes.insert(*name, (home(&town, token), FakeProbe::new()));
        }
        // Twice well, some seconds apart.
        town.world.watch.check_all().await.unwrap();
        town.passes(6);
        let country = Self { town, vantages, homes };
        country.is_seen_here().await;
        Some(country)
    }

    /// What the checks of a minute do: panels answer, and so do their addresses.
    async fn is_seen_here(&self) {
        let world = &self.town.world;
        let (store, now) = (&world.core.store, world.clock.now());
        world.watch.check_all().await.unwrap();
        for Spec(name, ..) in TWO {
            let one = endpoint(name);
            let seen = [(one.address(), serde_json::to_value(&one).unwrap())];
            store.saw_endpoints(&id(name), &seen, now - TimeDelta::hours(1), now).await.unwrap();
            let rows = store.endpoints(&id(name)).await.unwrap();
            for row in rows.into_iter().filter(|row| row.address == one.address()) {
                store.endpoint_checked(row.id, None, now).await.unwrap();
            }
        }
    }

    /// From now on a vantage does not reach an address, or does.
    fn misses(&self, vantage: &str, panel: &str, misses: bool) {
        let probe = &self.homes[vantage].1;
        probe.set(&endpoint(panel).address(), misses.then_some(Reached::Silent));
    }

    /// Minutes pass in which these vantages report and the service judges.
    async fn minutes(&self, count: usize, vantages: &[&str]) {
        for _ in 0..count {
            self.town.passes(60);
            self.is_seen_here().await;
            for vantage in vantages {
                let (home, probe) = &self.homes[vantage];
                let targets = home.targets().await.unwrap();
                assert_eq!(targets.targets.len(), 2);
                home.bring(&look(&**probe, &targets.targets).await).await.unwrap();
            }
            self.vantages.look().await.unwrap();
        }
    }

    async fn health(&self, panel: &str) -> Health {
        self.town.world.core.store.health_of(&id(panel)).await.unwrap().unwrap().health
    }

    async fn incident(&self) -> Option<Incident> {
        Incidents::new(self.town.world.core.clone()).open_of(Kind::Blocked, "de1").await.unwrap()
    }

    async fn admin_says(&self, blocked: bool) {
        let judge = Judge::new(self.town.world.core.clone());
        judge.set_blocked(ADMIN, &id("de1"), blocked).await.unwrap();
    }
}

fn home(town: &Town, token: SecretString) -> Home {
    // The first address is blocked here: the next one is taken.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    Home::new(vec![format!("http://{closed}/sub"), format!("http://{}/sub", town.door)], token).unwrap()
}

const BOTH: [&str; 2] = ["ir-1", "ir-2"];

#[rstest]
#[tokio::test]
async fn two_vantages_that_disagree_with_us_mark_a_panel_until_they_reach_it_again(
    #[values(Database::Sqlite, Database::Postgres)] kind: Database,
) {
    let Some(country) = Country::on(kind, &BOTH).await else { return };
    country.minutes(2, &BOTH).await;
    assert_eq!(country.health("de1").await, Health::Healthy);

    // One alone proves nothing.
    country.misses("ir-1", "de1", true);
    country.minutes(8, &BOTH).await;
    assert_eq!(country.health("de1").await, Health::Healthy, "the other one reaches it");

    // Nor do two before five minutes are over.
    country.misses("ir-2", "de1", true);
    country.minutes(5, &BOTH).await;
    assert_eq!(country.health("de1").await, Health::Healthy);
    // What we do not reach ourselves at that moment is an outage, whatever was seen a minute ago.
    let ours = &country.town.world.probe;
    ours.set(&endpoint("de1").address(), Some(Reached::Silent));
    country.minutes(2, &BOTH).await;
    assert_eq!(country.health("de1").await, Health::Healthy);
    assert!(country.incident().await.is_none());
    ours.set(&endpoint("de1").address(), None);
    country.minutes(1, &BOTH).await;
    assert_eq!(country.health("de1").await, Health::Blocked);
    assert_eq!(country.health("nl1").await, Health::Healthy);

    // The admins are told once, by whom and how.
    country.minutes(2, &BOTH).await;
    let incident = country.incident().await.unwrap();
    let told = Entry::BlockedFrom { vantages: BOTH.map(str::to_owned).into(), problem: "silent".to_owned() };
    assert_eq!(incident.timeline.iter().filter(|(_, entry)| *entry == told).count(), 1, "{incident:?}");
    let words = Words::load(chrono_tz::UTC);
    let panels = BTreeMap::from([(id("de1"), "Frankfurt".to_owned())]);
    let (people, now) = (BTreeMap::new(), country.town.world.clock.now());
    let shown = Shown { incident: &incident, panels: &panels, people: &people, paused: false, now };
    let said = alert(words.of(Lang::En), &shown).to_plain();
    assert!(said.contains("Frankfurt is blocked for some people"), "{said}");
    assert!(said.contains("not reached from ir-1, ir-2 for five minutes"), "{said}");

    // It is over once nobody misses it and somebody reaches it for five minutes.
    country.misses("ir-1", "de1", false);
    country.minutes(7, &BOTH).await;
    let seen = detail(&country.town.world.core, &id("de1")).await.unwrap().outlooks;
    let seen: Vec<_> = seen.iter().map(|from| (from.vantage.as_str(), from.reaches)).collect();
    assert_eq!(seen, [("ir-1", true), ("ir-2", false)], "an admin sees from where");
    assert!(
        detail(&country.town.world.core, &id("nl1")).await.unwrap().outlooks.iter().all(|one| one.reaches)
    );
    assert_eq!(country.health("de1").await, Health::Blocked, "the other one still misses it");
    country.misses("ir-2", "de1", false);
    country.minutes(1, &BOTH).await;
    assert_eq!(country.health("de1").await, Health::Healthy);
    assert!(country.incident().await.is_none());
}

#[rstest]
#[tokio::test]
async fn an_admins_word_counts_more(#[values(Database::Sqlite, Database::Postgres)] kind: Database) {
    let Some(country) = Country::on(kind, &BOTH).await else { return };
    // What an admin marks, no vantage takes off.
    country.admin_says(true).await;
    country.minutes(7, &BOTH).await;
    assert_eq!(country.health("de1").await, Health::Blocked);
    country.admin_says(false).await;

    // What an admin takes off, the same evidence does not put on again.
    for vantage in BOTH {
        country.misses(vantage, "de1", true);
    }
    country.minutes(6, &BOTH).await;
    assert_eq!(country.health("de1").await, Health::Blocked);
    country.admin_says(false).await;
    country.minutes(7, &BOTH).await;
    assert_eq!(country.health("de1").await, Health::Healthy);
    assert!(country.incident().await.is_none());

    // New evidence does.
    for misses in [false, true] {
        for vantage in BOTH {
            country.misses(vantage, "de1", misses);
        }
        country.minutes(if misses { 6 } else { 1 }, &BOTH).await;
    }
    assert_eq!(country.health("de1").await, Health::Blocked);
}

/// After a break nobody knows what was between.
#[tokio::test]
async fn who_falls_silent_begins_anew() {
    let country = Country::on(Database::Sqlite, &BOTH).await.unwrap();
    for vantage in BOTH {
        country.misses(vantage, "de1", true);
    }
    country.minutes(1, &BOTH).await;
    country.minutes(4, &["ir-1"]).await;
    country.minutes(4, &BOTH).await;
    assert_eq!(country.health("de1").await, Health::Healthy);
    country.minutes(2, &BOTH).await;
    assert_eq!(country.health("de1").await, Health::Blocked);
    // Who is forgotten does not count any more.
    country.admin_says(false).await;
    assert!(country.vantages.forget(Some(ADMIN), "ir-2").await.unwrap());
    assert!(!country.vantages.forget(Some(ADMIN), "ir-2").await.unwrap());
    let (home, _) = &country.homes["ir-2"];
    assert_eq!(home.targets().await.unwrap_err(), AwayError::Unknown);
    assert_eq!(home.bring(&Findings::default()).await.unwrap_err(), AwayError::Unknown);
    let sights = country.town.world.core.store.sights().await.unwrap();
    assert!(!sights.is_empty() && sights.iter().all(|(_, sight)| sight.vantage == "ir-1"));
}

#[tokio::test]
async fn strangers_get_what_every_wrong_path_gets() {
    let country = Country::on(Database::Sqlite, &["ir-1"]).await.unwrap();
    let town = &country.town;
    let plain = |got: crate::town::Got| {
        let mut headers = got.headers;
        headers.remove("date");
        (got.status, headers, got.body)
    };
    let nowhere = async |method: &str| {
        let got = plain(town.ask(method, "/nowhere", &[]).await);
        assert_eq!((got.0, got.2.as_str()), (404, ""));
        got
    };
    let token = country.vantages.name(None, "ir-9").await.unwrap().unwrap();
    let right = format!("Bearer {}", token.expose_secret());
    let wrong = format!("Bearer {}", "A".repeat(43));
    for method in ["GET", "POST", "PUT", "HEAD", "OPTIONS"] {
        for header in
            [None, Some(wrong.as_str()), Some("Bearer "), Some("Basic x"), Some(&right[..right.len() - 1])]
        {
            let headers: Vec<_> = header.map(|header| ("authorization", header)).into_iter().collect();
            let got = plain(town.ask(method, "/sub", &headers).await);
            assert_eq!(got, nowhere(method).await, "{method} {header:?}");
        }
    }
    let got = plain(town.ask("DELETE", "/sub", &[("authorization", &right)]).await);
    assert_eq!(got, nowhere("DELETE").await);
    let other = Town::three().await;
    let got = plain(other.ask("GET", "/sub", &[("authorization", &right)]).await);
    assert_eq!(got, nowhere("GET").await, "another service's");
    // Whoever tries many is not even looked up: a right one among them is lost, too.
    for _ in 0..40 {
        town.ask("GET", "/sub", &[("authorization", &wrong)]).await;
    }
    let got = plain(town.ask("GET", "/sub", &[("authorization", &right)]).await);
    assert_eq!(got, nowhere("GET").await);
    town.passes(60);
    let got = town.ask("GET", "/sub", &[("authorization", &right)]).await;
    assert_eq!((got.status, got.header("content-type")), (200, "application/json"));
    assert!(got.body.contains("de1.example") && !got.body.contains("secret"), "{}", got.body);
}

#[tokio::test]
async fn what_is_reported_is_taken_only_as_far_as_it_can_be() {
    let country = Country::on(Database::Sqlite, &["ir-1"]).await.unwrap();
    let (home, probe) = &country.homes["ir-1"];
    let Target { id: known, .. } = home.targets().await.unwrap().targets[0].clone();
    let finding = |id, word: &str, reached| Finding { id, reached, word: word.to_owned(), bytes: 0 };
    let found = vec![
        finding(known, "<b>boo</b>", false),
        finding(known, "ok", false),
        finding(999_999, "silent", false),
    ];
    home.bring(&Findings { found }).await.unwrap();
    let store = &country.town.world.core.store;
    assert!(store.sights().await.unwrap().is_empty());
    assert!(store.vantages().await.unwrap()[0].seen_at.is_some(), "it has reported all the same");
    // Trouble of its own proves nothing, and is not even brought.
    probe.set_others(Some(Reached::Local("no-route")));
    assert!(look(&**probe, &home.targets().await.unwrap().targets).await.found.is_empty());
    for name in ["", "Ir-1", "a b", &"a".repeat(33)] {
        assert_eq!(country.vantages.name(None, name).await.unwrap().unwrap_err(), NoName::Invalid);
    }
    assert_eq!(country.vantages.name(None, "ir-1").await.unwrap().unwrap_err(), NoName::Taken);
}

/// What never answered here, and what nobody looks after, is nothing to compare with.
#[tokio::test]
async fn vantages_look_at_what_is_looked_after_and_answers_here() {
    let country = Country::on(Database::Sqlite, &BOTH).await.unwrap();
    let (world, now) = (&country.town.world, country.town.world.clock.now());
    let hosts = async || -> Vec<String> {
        let targets = country.vantages.targets().await.unwrap().targets;
        targets.iter().map(|target| target.spec["host"].as_str().unwrap().to_owned()).collect()
    };
    let never = Endpoint { host: "never.example".to_owned(), ..endpoint("nl1") };
    let seen = [(never.address(), serde_json::to_value(&never).unwrap())];
    world.core.store.saw_endpoints(&id("nl1"), &seen, now - TimeDelta::hours(1), now).await.unwrap();
    assert_eq!(hosts().await, ["de1.example", "nl1.example"]);
    let fleet = Fleet::new(world.core.clone());
    fleet.set_admin_state(None, &id("nl1"), AdminState::Maintenance { until: None }).await.unwrap();
    assert_eq!(hosts().await, ["de1.example"]);

    // In maintenance nothing is marked either, and with its panel all of it goes.
    for panel in ["de1", "nl1"] {
        for vantage in BOTH {
            country.misses(vantage, panel, true);
        }
    }
    fleet.set_admin_state(None, &id("nl1"), AdminState::Open).await.unwrap();
    country.minutes(5, &BOTH).await;
    fleet.set_admin_state(None, &id("nl1"), AdminState::Maintenance { until: None }).await.unwrap();
    country.town.passes(60);
    country.is_seen_here().await;
    country.vantages.look().await.unwrap();
    assert_eq!(
        (country.health("de1").await, country.health("nl1").await),
        (Health::Blocked, Health::Healthy)
    );
    fleet.remove(None, &id("nl1")).await.unwrap();
    let sights = world.core.store.sights().await.unwrap();
    assert!(sights.len() == 2 && sights.iter().all(|(panel, _)| *panel == id("de1")), "{sights:?}");
}
