//! Rows that stories begin with.

use karvan::domain::account::InstallationId;
use karvan::domain::instance::{AdminState, Connection, Instance, Mode, PanelKind, Weight};
use karvan::domain::operation::{Cause, Kind, Operation};
use karvan::domain::{AccountName, ConfigId, Credentials, InstanceId, UserId};
use karvan::store::Store;
use karvan::store::operations::{Begun, NewKey, NewOperation, Placement, Planned, Switch};
use karvan::store::people::Seen;

use crate::db::at;

/// An instance's id.
pub fn id(text: &str) -> InstanceId {
    text.parse().unwrap()
}

/// An instance with a cap.
pub fn instance(name: &str, max_users: u32) -> Instance {
    Instance {
        id: id(name),
        name: "Frankfurt 1".to_owned(),
        note: "paid until May".to_owned(),
        kind: PanelKind::Marzban,
        mode: Mode::Manage,
        base_url: format!("https://{name}.example:8000/hidden").parse().unwrap(),
        username: "admin".to_owned(),
        region: "de".parse().unwrap(),
        provider: Some("hetzner".to_owned()),
        tags: vec!["fast".to_owned(), "new".to_owned()],
        admin_state: AdminState::Maintenance { until: Some(at(3600)) },
        priority: 2,
        weight: Weight::try_from(2.5).unwrap(),
        max_users,
        care: karvan::domain::instance::Care::default(),
        connection: Connection {
            proxy: Some("socks5://user:hush@127.0.0.1:1080".to_owned()),
            headers: vec![("X-Gate".to_owned(), "sesame".to_owned())],
            ..Connection::default()
        },
    }
}

/// Takes an instance into the fleet, with the password `hunter2-<name>`.
pub async fn add(store: &Store, name: &str, max_users: u32) {
    let password = format!("hunter2-{name}").into();
    assert!(store.add_instance(&instance(name, max_users), &password, at(0)).await.unwrap());
}

/// A person as an update shows them.
pub fn seen(user: i64, username: Option<&str>) -> Seen {
    Seen {
        id: UserId(user),
        first_name: "Alice <b>&".to_owned(),
        username: username.map(str::to_owned),
        telegram_language: Some("fa".to_owned()),
    }
}

/// An operation that nobody in particular asked for.
pub fn operation(kind: Kind) -> NewOperation {
    NewOperation {
        kind,
        cause: Cause::Admin,
        asked_by: None,
        update_id: None,
        screen: None,
        person_waits: false,
        region: None,
        wanted: None,
        credentials: None,
        batch: None,
        not_before: at(0),
    }
}

/// A new key with an operation that waits for its first account.
pub async fn key(store: &Store, owner: i64) -> ConfigId {
    store.saw_person(&seen(owner, None), at(0)).await.unwrap();
    let new = NewKey {
        owner: UserId(owner),
        credentials: Credentials::generate(&mut rand::rng()),
        expires_at: Some(at(86_400)),
        data_limit: Some(1 << 40),
        wanted_region: None,
        limit: 1000,
    };
    match store.begin_key(&new, &operation(Kind::Issue), &[], at(0)).await.unwrap() {
        Begun::Fresh(_, config) => config,
        other => panic!("a new key is fresh, not {other:?}"),
    }
}

/// Gives an operation its target, with a place taken there.
pub async fn plan(store: &Store, operation: &Operation, target: &str) -> Planned {
    let placement = Placement {
        instance: id(target),
        takes_place: true,
        back_to: None,
        reason: serde_json::json!({ "strategy": "exact", "load": 0.25 }),
    };
    let installation: InstallationId = "ab23cd".parse().unwrap();
    let name = |generation| AccountName::new(&installation, operation.config, generation);
    store.plan_operation(operation, &placement, name, at(1)).await.unwrap()
}

/// Plans an operation and switches to its target, where its key is served from then on.
pub async fn serve(store: &Store, operation: &Operation, target: &str) {
    plan(store, operation, target).await;
    let planned = store.operation(operation.id).await.unwrap().unwrap();
    let switch = Switch {
        operation: &planned,
        used: 0,
        limit: None,
        link: None,
        links: &[],
        unsettled: None,
        linger_until: at(1000),
        letters: Vec::new(),
    };
    assert!(store.switch(&switch, at(1)).await.unwrap());
}
