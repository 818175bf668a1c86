//! What is seen of a panel.

use karvan::domain::instance::{Connection, NodeStatus};
use karvan::panel::{PanelError, Warning};
use sim::marzban::{Inbound, NodeSpec, Options};

use crate::world::{CALL, count, drive, wanted, world, world_of};

#[tokio::test]
async fn a_detailed_look() {
    let (panel, driver) = world().await;
    panel.add_foreign_users(3);
    driver.create(&wanted(1), CALL).await.unwrap();
    driver.create(&karvan::panel::Wanted { enabled: false, ..wanted(2) }, CALL).await.unwrap();
    let node = panel.add_node(&NodeSpec { usage_coefficient: 2.0, ..NodeSpec::new("Berlin", "192.0.2.7") });
    panel.add_traffic_through(wanted(1).name.as_str(), None, 10, 20);
    panel.add_traffic_through(wanted(1).name.as_str(), Some(node), 1, 2);

    let seen = driver.check().await.unwrap();
    assert_eq!((seen.version.as_str(), seen.core_started), ("0.8.4", true));
    assert_eq!((seen.users_active, seen.users_total), (4, 5));
    assert!(!seen.latency.is_zero());
    let [master, berlin] = &seen.nodes[..] else { panic!("{:?}", seen.nodes) };
    assert_eq!(
        (master.remote_id, master.name.as_str(), master.address.as_str()),
        (None, "Master", "127.0.0.1")
    );
    assert_eq!((master.status, master.traffic), (NodeStatus::Connected, Some(30)));
    assert_eq!((berlin.remote_id, berlin.name.as_str()), (Some(i64::try_from(node).unwrap()), "Berlin"));
    assert_eq!(
        (berlin.address.as_str(), berlin.usage_coefficient, berlin.traffic),
        ("192.0.2.7", 2.0, Some(3))
    );
    assert_eq!(driver.nodes().await.unwrap(), seen.nodes);
}

#[tokio::test]
async fn a_dead_core_is_seen_though_the_panel_answers() {
    let (panel, driver) = world().await;
    panel.set_core(false);
    let seen = driver.check().await.unwrap();
    assert!(!seen.core_started && seen.nodes[0].status == NodeStatus::Error);
    assert_eq!(driver.inspect().await.unwrap().warnings, [Warning::CoreStopped]);
}

#[tokio::test]
async fn an_inspection_names_what_will_not_work() {
    let (panel, driver) = world().await;
    let seen = driver.inspect().await.unwrap();
    assert!(seen.sudo && seen.warnings.is_empty(), "{:?}", seen.warnings);
    let first = seen.inbounds.iter().find(|inbound| inbound.protocol == "vless").unwrap();
    assert_eq!((first.tag.as_str(), first.network.as_str()), ("VLESS TCP REALITY", "tcp"));
    assert_eq!((first.security.as_str(), seen.inbounds.len()), ("reality", 5));

    let inbounds = vec!["VMess TCP".to_owned(), "gone".to_owned()];
    let driver = drive(&panel.url(), Connection { inbounds, ..Connection::default() }).unwrap();
    let warnings = driver.inspect().await.unwrap().warnings;
    assert_eq!(warnings, [Warning::UnknownInbound { tag: "gone".to_owned() }]);

    panel.set_inbounds(Vec::new());
    let driver = drive(&panel.url(), Connection::default()).unwrap();
    assert_eq!(driver.inspect().await.unwrap().warnings[0], Warning::NoInbounds);
}

#[tokio::test]
async fn the_raw_trap_is_seen_by_every_login() {
    let inbounds = Inbound::defaults(30_000).into_iter().map(|inbound| {
        if inbound.tag == "VLESS TCP REALITY" { inbound.with_network("raw") } else { inbound }
    });
    let (panel, driver) = world_of(Options { inbounds: inbounds.collect(), ..Options::default() }).await;
    let raw = [Warning::RealityRaw { tag: "VLESS TCP REALITY".to_owned() }];
    assert_eq!(driver.inspect().await.unwrap().warnings, raw);
    assert_eq!(count(&panel, "GET", "/api/core/config"), 1);

    panel.add_admin("small", "small-password", false);
    let mut small = crate::world::instance(&panel.url(), Connection::default());
    small.username = "small".to_owned();
    let clock = std::sync::Arc::new(karvan::domain::clock::SystemClock);
    let defaults = karvan::panel::Defaults::default();
    let driver = karvan::panel::connect(&small, "small-password".into(), &defaults, clock, 7).unwrap();
    let seen = driver.inspect().await.unwrap();
    assert!(!seen.sudo);
    assert_eq!(seen.warnings, raw);
    assert_eq!(count(&panel, "GET", "/api/core/config"), 1, "which it may not read");
}

#[tokio::test]
async fn a_wrong_password_is_told_by_an_inspection() {
    let (_panel, driver) =
        world_of(Options { admin: ("admin".to_owned(), "another".to_owned()), ..Options::default() }).await;
    assert_eq!(driver.inspect().await.unwrap_err(), PanelError::Unauthorised);
}

#[tokio::test]
async fn accounts_are_listed_by_prefix_in_pages() {
    let (panel, driver) = world().await;
    panel.add_foreign_users(5);
    let mut names = Vec::new();
    for number in 10..22 {
        let account = wanted(number);
        driver.create(&account, CALL).await.unwrap();
        names.push(account.name);
    }
    // Somebody else mentions us in a note: found by the panel's search, and left out.
    let other = karvan::panel::Wanted {
        name: karvan::domain::AccountName::stored("another".to_owned()),
        note: "see kab23cd1101".to_owned(),
        ..wanted(99)
    };
    driver.create(&other, CALL).await.unwrap();
    let mut listed = Vec::new();
    let mut offset = 0;
    loop {
        let page = driver.list("kab23cd", offset, 5).await.unwrap();
        offset += 5;
        listed.extend(page.accounts.into_iter().map(|account| account.name));
        if offset >= page.total {
            break;
        }
    }
    assert_eq!(listed, names);
    assert_eq!(driver.list("nobody", 0, 1000).await.unwrap().accounts, []);
}

#[tokio::test]
async fn an_exit_is_connected_anew_and_the_core_restarted() {
    let (panel, driver) = world().await;
    let node = panel.add_node(&NodeSpec { reachable: false, ..NodeSpec::new("Berlin", "192.0.2.7") });
    let id = i64::try_from(node).unwrap();
    driver.reconnect_node(id).await.unwrap();
    assert_eq!(count(&panel, "POST", &format!("/api/node/{id}/reconnect")), 1);
    assert_eq!(driver.reconnect_node(id + 7).await.unwrap_err(), PanelError::NotFound);
    driver.restart_core().await.unwrap();
    assert_eq!(count(&panel, "POST", "/api/core/restart"), 1);
    // A core that cannot start is no success.
    panel.set_core(false);
    let error = driver.restart_core().await.unwrap_err();
    assert!(matches!(error, PanelError::Unclear(karvan::panel::Trouble::Server(500))), "{error:?}");
    let read_only = karvan::panel::read_only::ReadOnly::new(driver);
    assert_eq!(karvan::panel::Panel::restart_core(&read_only).await.unwrap_err(), PanelError::Forbidden);
    assert_eq!(
        karvan::panel::Panel::reconnect_node(&read_only, id).await.unwrap_err(),
        PanelError::Forbidden
    );
    assert_eq!(count(&panel, "POST", "/api/core/restart"), 2);
}
