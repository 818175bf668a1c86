//! Whoever asks, whatever it calls itself, gets something it can use: its keys, or word of why there are none.

use karvan::domain::AccountName;
use karvan::domain::subscription::{Format, read};

use crate::memory::World;
use crate::town::{CLASH, Got, Town, V2RAY};

/// Names that no list of ours knows, and none at all.
const UNKNOWN: [Option<&str>; 5] = [None, Some(""), Some("/"), Some("okhttp/4.12"), Some("Приложение 1.0")];
/// A client of each kind, and what it reads.
const KINDS: [(&str, Format); 5] = [
    (V2RAY, Format::Base64),
    ("ClashX/1.9", Format::Clash),
    (CLASH, Format::Clash),
    ("SFA/1.11.4 (sing-box 1.11.4)", Format::SingBox),
    ("Outline/1.9", Format::Outline),
];

async fn asks(town: &Town, method: &str, path: &str, agent: Option<&str>) -> Got {
    let agent: Vec<(&str, &str)> = agent.into_iter().map(|agent| ("user-agent", agent)).collect();
    town.ask(method, path, &agent).await
}

/// Where the entries lead that an app of any kind would show.
fn addresses(got: &Got, format: Format) -> Vec<String> {
    assert_eq!(got.status, 200, "{got:?}");
    let contents = read(got.body.as_bytes()).unwrap_or_else(|| panic!("unreadable: {got:?}"));
    assert_eq!(contents.format, format, "{got:?}");
    assert!(contents.entries.iter().all(|entry| !entry.remark.is_empty() || format == Format::Outline));
    contents.entries.iter().map(karvan::domain::subscription::Entry::address).collect()
}

#[tokio::test]
async fn a_client_without_a_known_name_gets_keys_like_any_other() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    for agent in UNKNOWN {
        let got = asks(&town, "GET", &path, agent).await;
        assert!(got.is_usable(), "{agent:?}");
        assert!(got.header("content-type").starts_with("text/plain"), "{agent:?}");
        let head = asks(&town, "HEAD", &path, agent).await;
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{agent:?}");
        assert_eq!(head.header("etag"), got.header("etag"), "{agent:?}");
    }
    town.links.write().await.unwrap();
    let mut apps: Vec<String> =
        town.world.core.store.fetches_of(key).await.unwrap().into_iter().map(|fetch| fetch.app).collect();
    apps.sort();
    assert_eq!(apps, ["okhttp", "other"], "what has no name is one app");
}

#[tokio::test]
async fn an_ended_key_says_so_to_every_client() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    let says_so = async |what: &str| {
        town.passes(3);
        for (agent, format) in KINDS {
            let got = asks(&town, "GET", &path, Some(agent)).await;
            let found = addresses(&got, format);
            assert!(
                !found.is_empty() && found.iter().all(|at| at == "127.0.0.1:1"),
                "{what} {agent}: {found:?}"
            );
            assert!(!got.header("announce").is_empty(), "{what} {agent}");
            assert_eq!(got.header("support-url"), "https://t.me/help_desk", "{what} {agent}");
        }
        for agent in UNKNOWN {
            let got = asks(&town, "GET", &path, agent).await;
            assert_eq!(addresses(&got, Format::Base64)[0], "127.0.0.1:1", "{what} {agent:?}");
        }
    };
    town.world.keys.suspend(&World::admin_asks(), key).await.unwrap();
    town.world.settle().await;
    says_so("paused").await;
    town.world.keys.resume(&World::admin_asks(), key).await.unwrap();
    town.world.settle().await;
    let place = town.world.place_of(key).await.unwrap();
    let account = AccountName::stored(town.world.panel(&place).names()[0].clone());
    town.world.panel(&place).add_traffic(&account, 101 << 30);
    town.passes(301);
    town.world.watch.sample().await.unwrap();
    says_so("used up").await;
    town.passes(31 * 86_400);
    says_so("over").await;
    town.world.keys.revoke(&World::admin_asks(), key).await.unwrap();
    town.world.settle().await;
    says_so("taken away").await;
}
