//! The tables of an older system: from dumps, from SQLite and from PostgreSQL, onto either kind of database.

use karvan::domain::instance::{AdminState, Mode};
use karvan::domain::key::Authority;
use karvan::domain::older::{self, Older, Tables, dump};
use karvan::domain::person::Admission;
use karvan::domain::{Clock, UserId};
use karvan::panel::{PanelError, Trouble};
use karvan::service::fleet::Fleet;
use karvan::service::older::{Import, ImportError, Terms};
use karvan::store::older::{OlderError, TakenIn, read};
use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};

use crate::db::{Db, Kind};
use crate::memory::{Spec, World, id};
use crate::{account, writes};

const BOB: UserId = UserId(123_456_789);
const EVE: UserId = UserId(223_456_789);
const PASSWORD: &str = "pa55-of-the-panel";

/// `de1` is in the fleet, `fi1` and `nl1` are only known to the older system.
async fn world(kind: Kind) -> Option<(Db, World)> {
    let db = kind.fresh().await?;
    let specs = [Spec("de1", "de", 100, 1.0), Spec("fi1", "fi", 100, 1.0), Spec("nl1", "nl", 100, 1.0)];
    let world = World::on(db.store.clone(), &specs).await;
    let fleet = Fleet::new(world.core.clone());
    for gone in ["fi1", "nl1"] {
        fleet.remove(None, &id(gone)).await.unwrap();
    }
    Some((db, world))
}

/// The schema and the rows of the older system, in SQL that both databases carry out.
fn tables() -> String {
    format!(
        "CREATE TABLE marzban_instances (id VARCHAR(50) PRIMARY KEY, name TEXT, base_url TEXT, username TEXT, \
         password TEXT, is_active BOOLEAN, country TEXT, max_users INT, anything DATE);\n\
         CREATE TABLE users (id INT, telegram_id BIGINT, first_name TEXT);\n\
         CREATE TABLE configs (id INT, user_id INT, server_id VARCHAR(50), username TEXT, uuid TEXT, \
         expires_at TIMESTAMP, data_limit BIGINT);\n\
         CREATE TABLE payments (id INT);\n\
         INSERT INTO marzban_instances VALUES ('fi1', 'Helsinki', 'https://fi1.example/', 'admin', '{PASSWORD}', TRUE, \
         'fi', 70, NULL);\n\
         INSERT INTO marzban_instances VALUES ('nl1', NULL, 'https://nl1.example', 'admin', '{PASSWORD}', FALSE, NULL, \
         NULL, '2026-01-01');\n\
         INSERT INTO marzban_instances VALUES ('old', 'Frankfurt', 'https://de1.example/', 'root', 'x', TRUE, 'fr', 5, \
         NULL);\n\
         INSERT INTO users VALUES (1, {BOB}, 'Bob'), (2, {EVE}, 'Eve'), (3, 323456789, 'Guest');\n\
         INSERT INTO configs VALUES (1, 1, 'fi1', 'Bob_FI', NULL, NULL, NULL);\n\
         INSERT INTO configs VALUES (2, 2, 'old', 'eve', NULL, '2027-01-01 00:00:00', 5);\n\
         INSERT INTO configs VALUES (3, 1, NULL, 'bob_nl', NULL, NULL, NULL);\n\
         INSERT INTO configs VALUES (4, 1, 'fi1', 'nobody', NULL, NULL, NULL);\n\
         INSERT INTO configs VALUES (5, 9, 'fi1', 'eve', NULL, NULL, NULL);\n\
         INSERT INTO configs VALUES (6, 2, 'fi1', 'bob_fi', NULL, NULL, NULL);\n"
    )
}

fn terms<'a>(password: &'a (dyn Fn(&str) -> Option<SecretString> + Sync)) -> Terms<'a> {
    Terms { mode: Mode::Observe, region: "nl".parse().ok(), password }
}

fn none(_: &str) -> Option<SecretString> {
    None
}

fn left_out(lines: &[karvan::domain::older::LeftOut]) -> Vec<String> {
    lines.iter().map(ToString::to_string).collect()
}

/// The accounts of the rows, on their panels.
fn accounts(world: &World) {
    world.panel("fi1").put(account("bob_fi", ""));
    world.panel("de1").put(account("eve", ""));
    world.panel("nl1").put(account("bob_nl", ""));
    world.panel("nl1").put(account("stranger", ""));
}

async fn take(world: &World, older: &Older) -> TakenIn {
    let import = Import::new(world.core.clone());
    let preview = import.preview(older, &terms(&none)).await.unwrap();
    import.apply(None, &preview).await.unwrap()
}

/// However the tables come: a dump in either form, a live database of either kind.
async fn all_ways() -> Vec<Tables> {
    let mut ways = vec![dump::read(&tables()).unwrap()];
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(old) = kind.blank().await else { continue };
        for statement in tables().split(";\n").filter(|statement| !statement.is_empty()) {
            old.tamper(statement).await;
        }
        ways.push(read(&old.url).await.unwrap());
    }
    ways
}

#[tokio::test]
async fn dumps_and_live_databases_bring_the_same() {
    let ways = all_ways().await;
    assert!(ways.len() >= 2);
    let expected = older::read(&ways[0]);
    assert_eq!((expected.panels.len(), expected.people.len(), expected.accounts.len()), (3, 3, 5));
    for tables in &ways[1..] {
        assert!(!tables.contains_key("payments"), "only what is wanted is read");
        assert_eq!(older::read(tables), expected);
    }
}

#[rstest]
#[tokio::test]
async fn panels_people_and_accounts_come_along_and_twice_does_nothing_more(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some((db, world)) = world(kind).await else { return };
    accounts(&world);
    let before = writes(&world);
    let older = older::read(&dump::read(&tables()).unwrap());
    let import = Import::new(world.core.clone());

    let preview = import.preview(&older, &terms(&none)).await.unwrap();
    let panels: Vec<_> = preview.panels.iter().map(|panel| (panel.id.to_string(), panel.known)).collect();
    assert_eq!(panels, [("fi1".into(), false), ("nl1".into(), false), ("de1".into(), true)]);
    let take: Vec<_> = preview.take.iter().map(|(on, name, owner)| format!("{on} {name} {owner}")).collect();
    assert_eq!(take, [format!("fi1 bob_fi {BOB}"), format!("de1 eve {EVE}"), format!("nl1 bob_nl {BOB}")]);
    let expected = [
        "configs 5: its owner is not in the table users",
        "configs 4: no such account on fi1",
        "configs 6: another row says that this account is of 123456789",
    ];
    let lines = left_out(&preview.left_out);
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    assert!(lines.iter().zip(expected).all(|(line, begins)| line.starts_with(begins)), "{lines:#?}");
    assert_eq!(db.store.instances().await.unwrap().len(), 1, "looking changes nothing");
    assert!(db.store.person(BOB).await.unwrap().is_none());

    let taken = import.apply(None, &preview).await.unwrap();
    assert_eq!(taken, TakenIn { instances: 2, people: 3, keys: 3, overtaken: 0 });
    assert_eq!(writes(&world), before, "nothing on a panel changes");
    let fi1 = db.store.instance(&id("fi1")).await.unwrap().unwrap();
    assert_eq!((fi1.name.as_str(), fi1.mode, fi1.max_users), ("Helsinki", Mode::Observe, 70));
    assert_eq!((fi1.base_url.as_str(), fi1.admin_state), ("https://fi1.example", AdminState::Open));
    let nl1 = db.store.instance(&id("nl1")).await.unwrap().unwrap();
    assert_eq!(
        (nl1.region.code(), nl1.admin_state),
        ("nl", AdminState::Cordoned),
        "it took no new keys there"
    );
    let password = db.store.password(&id("fi1")).await.unwrap().unwrap();
    assert_eq!(password.expose_secret(), PASSWORD);
    let de1 = db.store.instance(&id("de1")).await.unwrap().unwrap();
    assert_eq!(
        (de1.name.as_str(), de1.mode, de1.region.code()),
        ("DE1", Mode::Manage, "de"),
        "stays as it is"
    );

    assert_eq!(db.store.person(BOB).await.unwrap().unwrap().admission, Admission::Granted);
    let guest = db.store.person(UserId(323_456_789)).await.unwrap().unwrap();
    assert_eq!(
        (guest.first_name.as_str(), guest.admission),
        ("Guest", Admission::None),
        "known, and no more"
    );
    let keys = db.store.keys_of(EVE).await.unwrap();
    let key = db.store.key(keys[0]).await.unwrap().unwrap();
    let shown = world.panel("de1").account(&key.primary().unwrap().account).unwrap();
    assert_eq!(key.config.authority, Authority::Panel);
    assert_eq!(
        (key.config.expires_at, key.config.data_limit),
        (shown.expires_at, shown.data_limit),
        "the panel counts"
    );
    assert!(shown.credentials.are(&db.store.credentials(keys[0]).await.unwrap().unwrap()));
    world.assert_counted().await;

    let again = import.preview(&older, &terms(&none)).await.unwrap();
    assert!(again.panels.iter().all(|panel| panel.known) && again.take.is_empty());
    assert_eq!(again.already, 3);
    assert_eq!(import.apply(None, &again).await.unwrap(), TakenIn::default());
    assert_eq!(db.store.keys_of(BOB).await.unwrap().len(), 2);
    world.assert_counted().await;
    // Even what was looked at before the first time takes nothing twice, and leaves no count behind.
    let stale = import.apply(None, &preview).await;
    assert!(matches!(stale, Err(ImportError::Overtaken)));
    world.assert_counted().await;
    assert_eq!(writes(&world), before);
}

/// Somebody adds one of the panels between the look and the deed.
#[rstest]
#[tokio::test]
async fn all_is_taken_in_or_nothing(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, world)) = world(kind).await else { return };
    accounts(&world);
    let older = older::read(&dump::read(&tables()).unwrap());
    let import = Import::new(world.core.clone());
    let preview = import.preview(&older, &terms(&none)).await.unwrap();
    let mut nl1 = db.store.instance(&id("de1")).await.unwrap().unwrap();
    (nl1.id, nl1.base_url) = (id("nl1"), "https://elsewhere.example".parse().unwrap());
    assert!(db.store.add_instance(&nl1, &"x".to_owned().into(), world.clock.now()).await.unwrap());
    assert!(matches!(import.apply(None, &preview).await, Err(ImportError::Overtaken)));
    assert!(db.store.instance(&id("fi1")).await.unwrap().is_none(), "the first one did not come either");
    assert!(db.store.person(BOB).await.unwrap().is_none() && db.store.keys_of(EVE).await.unwrap().is_empty());
    // A new look finds another id for it.
    let taken = take(&world, &older).await;
    assert_eq!(
        (taken.instances, taken.keys),
        (2, 2),
        "its accounts are not read under an id that no panel answers to"
    );
}

/// Two at once make each key once, and count it once.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_at_once_make_each_key_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some((db, world)) = world(kind).await else { return };
    let mut text = String::from("INSERT INTO servers (id, base_url) VALUES ('a', 'https://de1.example');\n");
    for number in 0..20 {
        world.panel("de1").put(account(&format!("a{number}"), ""));
        let owner = 123_456_780 + number;
        text += &format!(
            "INSERT INTO configs (id, tg_id, server_id, username) VALUES ({number}, {owner}, 'a', 'a{number}');\n"
        );
    }
    let older = older::read(&dump::read(&text).unwrap());
    let cores = [world.core.clone(), world.replica(db.again().await, 9)];
    let mut previews = Vec::new();
    for core in cores {
        let import = Import::new(core);
        let preview = import.preview(&older, &terms(&none)).await.unwrap();
        previews.push((import, preview));
    }
    let [(here, a), (there, b)] = &previews[..] else { unreachable!("two") };
    let (a, b) = tokio::join!(here.apply(None, a), there.apply(None, b));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!((a.keys + b.keys, a.overtaken + b.overtaken), (20, 20));
    world.assert_counted().await;
}

/// Off a panel that is gone, whoever's secret the tables hold can be served elsewhere.
#[tokio::test]
async fn of_a_panel_that_is_gone_what_the_rows_hold_counts() {
    let (db, world) = world(Kind::Sqlite).await.unwrap();
    world.panel("fi1").set_down(Some(PanelError::Unavailable(Trouble::Refused)));
    let uuid = "b831381d-6324-4d53-ad4f-8cda48b30811";
    let text = format!(
        "INSERT INTO marzban_instances (id, base_url, username, country) VALUES ('fi1', 'https://fi1.example', 'a', 'fi');\n\
         INSERT INTO configs (id, tg_id, server_id, username, uuid, expires_at, data_limit, used_traffic) VALUES \
         (1, {BOB}, 'fi1', 'bob', '{uuid}', '2027-01-15 08:00:00', 10, 4), (2, {EVE}, 'fi1', 'eve', NULL, NULL, 0, 0);"
    );
    let older = older::read(&dump::read(&text).unwrap());
    let import = Import::new(world.core.clone());
    let without = import.preview(&older, &terms(&none)).await.unwrap();
    let lines = left_out(&without.left_out);
    assert!(
        lines[0].starts_with("marzban_instances fi1: no readable password")
            && lines[0].contains("FI1_PASSWORD")
    );
    assert_eq!(lines.len(), 3, "its accounts are left out with it: {lines:?}");

    let password = |name: &str| (name == "FI1_PASSWORD").then(|| SecretString::from(PASSWORD.to_owned()));
    let preview = import.preview(&older, &terms(&password)).await.unwrap();
    let lines = left_out(&preview.left_out);
    assert!(lines[0].starts_with("marzban_instances fi1: the panel cannot be read"), "{lines:?}");
    assert!(lines[1].starts_with("configs 2: its panel cannot be read") && lines.len() == 2, "{lines:?}");
    let taken = import.apply(None, &preview).await.unwrap();
    assert_eq!((taken.instances, taken.keys), (1, 1));
    let bobs = db.store.keys_of(BOB).await.unwrap()[0];
    assert_eq!(db.store.credentials(bobs).await.unwrap().unwrap().uuid.to_string(), uuid);
    let key = db.store.key(bobs).await.unwrap().unwrap();
    let ends = key.config.expires_at.map(|at| at.timestamp());
    assert_eq!(
        (ends, key.config.data_limit, key.primary().unwrap().used),
        (Some(1_800_000_000), Some(10), 4)
    );
}

/// What a Karvan made, and what is somebody else's key, is not taken over.
#[tokio::test]
async fn what_is_a_key_already_stays_whose_it_is() {
    let (db, world) = world(Kind::Sqlite).await.unwrap();
    world.panel("de1").put(account("eve", ""));
    world.panel("de1").put(account("marked", "karvan:zzzzzz:de1"));
    let text = |owner: UserId| {
        format!(
            "INSERT INTO servers (id, base_url) VALUES (1, 'https://de1.example');\n\
             INSERT INTO configs (id, tg_id, server_id, username) VALUES (1, {owner}, 1, 'eve'), (2, {owner}, 1, 'marked');"
        )
    };
    let read = |owner| older::read(&dump::read(&text(owner)).unwrap());
    assert_eq!(take(&world, &read(EVE)).await.keys, 1);
    let import = Import::new(world.core.clone());
    let preview = import.preview(&read(BOB), &terms(&none)).await.unwrap();
    let lines = left_out(&preview.left_out);
    assert!(lines[0].starts_with(&format!("configs 1: the account is a key of {EVE} already")), "{lines:?}");
    assert!(lines[1].starts_with("configs 2: the account bears the mark of a Karvan"), "{lines:?}");
    assert_eq!(import.apply(None, &preview).await.unwrap(), TakenIn::default());
    assert!(db.store.keys_of(BOB).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_address_that_nobody_answers_at_is_told_without_its_password() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    drop(silent);
    for url in [format!("postgres://a:hunter2@127.0.0.1:{port}/x"), "postgres://a:hunter2@[::/x".to_owned()] {
        let error = read(&url).await.unwrap_err();
        assert!(matches!(error, OlderError::Closed(_) | OlderError::Address));
        assert!(!format!("{error:?} {error}").contains("hunter2"));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("missing.db");
    assert!(read(&format!("sqlite://{}", file.display())).await.is_err());
    assert!(!file.exists(), "looking makes no file");
}
