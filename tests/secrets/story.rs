//! A whole life of the service: keys, moves, a dead panel, claims, a backup, another key, and all that goes wrong.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use karvan::domain::backup::Schedule;
use karvan::domain::instance::Health;
use karvan::domain::operation::Cause;
use karvan::domain::{AccountName, ConfigId, Credentials, UserId};
use karvan::http::listen::Door;
use karvan::http::public::Front;
use karvan::http::{closed, public, webhook};
use karvan::panel::{Call, Wanted};
use karvan::service::backup::{Backups, Plan};
use karvan::service::executor::Executor;
use karvan::service::failover::Failover;
use karvan::service::keys::{Ask, Keys};
use karvan::service::links::{Addresses, LinkBook, Links};
use karvan::service::reconcile::{Pace, Reconciler};
use karvan::store::sealed::Cursor;
use karvan::store::{SecretKey, Secrets as Seals, Store};
use karvan::telegram::backup::Parcels;
use karvan::text::apps::Apps;
use karvan::text::{Lang, Words};
use rand::SeedableRng;
use rand::rngs::StdRng;
use sim::marzban::{Fault, Matcher};
use sim::telegram::Reach;
use tokio_util::sync::CancellationToken;

use crate::log::Log;
use crate::secrets::Secrets;
use crate::world::{Start, World};

/// What Telegram proves itself with.
const HOOK: &str = "the-webhook-secret-of-this-story";
/// What somebody writes to the bot.
const WORD: &str = "Rumpelstilzchen";
/// What an admin types for a panel that is to be added.
const TYPED: &str = "typed-into-the-chat";

/// The public door of the world, and an app in front of it.
struct Gate {
    url: String,
    http: reqwest::Client,
    stop: CancellationToken,
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Gate {
    async fn of(world: &World) -> Self {
        let front = Front {
            links: Links::new(world.core.clone()),
            words: Words::load(chrono_tz::UTC),
            apps: Apps::built_in(),
            name: "VPN".to_owned(),
            support_contact: None,
            default_language: Lang::En,
            trusted: Vec::new(),
        };
        let hook = webhook::router(world.core.clone(), "/telegram", vec![HOOK.to_owned().into()]);
        let routes = closed(public::routes(front).merge(hook));
        let door = Door::open(([127, 0, 0, 1], 0).into(), routes).await.unwrap();
        let (url, stop) = (format!("http://{}", door.address().unwrap()), CancellationToken::new());
        tokio::spawn(door.serve(stop.clone()));
        Self { url, http: reqwest::Client::builder().no_proxy().build().unwrap(), stop }
    }

    /// Apps and a browser fetch.
    async fn fetch(&self, token: &str) -> u16 {
        let mut last = 0;
        for (agent, accept) in
            [("Mozilla/5.0 (X11)", "text/html"), ("clash-verge/v2.0.0", "*/*"), ("v2rayNG/1.9.5", "*/*")]
        {
            let request = self.http.get(format!("{}/sub/{token}", self.url));
            let answer = request.header("user-agent", agent).header("accept", accept).send().await.unwrap();
            last = answer.status().as_u16();
            answer.bytes().await.unwrap();
        }
        last
    }

    async fn brings(&self, secret: &str, body: String) -> u16 {
        let request = self.http.post(format!("{}/telegram", self.url)).body(body);
        let answer = request.header("X-Telegram-Bot-Api-Secret-Token", secret).send().await.unwrap();
        answer.status().as_u16()
    }
}

/// An account that somebody else made on a panel.
async fn stands(world: &World, panel: &str, name: &str) -> Credentials {
    let wanted = Wanted {
        name: AccountName::stored(name.to_owned()),
        credentials: Credentials::generate(&mut rand::rng()),
        enabled: true,
        expires_at: None,
        data_limit: None,
        note: String::new(),
    };
    let panel = world.core.panels.of(&panel.parse().unwrap()).await.unwrap();
    panel.create(&wanted, Call::BACKGROUND).await.unwrap();
    wanted.credentials
}

/// What is secret in all that the world knows now.
async fn gather(world: &World, secrets: &mut Secrets) {
    let store = &world.core.store;
    for user in [1001, 1002, 1003] {
        for key in store.keys_of(UserId(user)).await.unwrap() {
            let credentials = store.credentials(key).await.unwrap().unwrap();
            secrets.add("id", credentials.uuid.to_string());
            secrets.add("password", credentials.password);
            let epoch = store.key(key).await.unwrap().unwrap().config.link_epoch;
            let link = world.core.links.link(key, epoch).unwrap();
            secrets.add("link", link.rsplit('/').next().unwrap());
        }
    }
    for (_, panel) in &world.panels {
        for name in panel.usernames() {
            let link = panel.user(&name).unwrap().subscription_url;
            secrets.add("panel's link", link.rsplit('/').next().unwrap());
        }
        let asked = panel.requests().into_iter().filter_map(|request| {
            let token = request.path.strip_prefix("/sub/")?.split('/').next()?.to_owned();
            (token.len() > 16).then_some(token)
        });
        for token in asked.collect::<BTreeSet<_>>() {
            secrets.add("panel's link", token);
        }
    }
}

async fn place_of(world: &World, key: ConfigId) -> String {
    world.core.store.key(key).await.unwrap().unwrap().primary().unwrap().instance.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_no_secret_is_logged() {
    let log = Log::kept();
    let mut secrets = Secrets::default();
    let mut world = World::asleep(Start::default()).await;
    let link_key = world.core.store.link_key(&mut StdRng::from_os_rng()).await.unwrap();
    secrets.add("link key", STANDARD.encode(link_key.expose()));
    let addresses = Addresses::new(vec!["https://keys.example.com".to_owned()], "/sub".to_owned());
    world.core.links = Arc::new(LinkBook::new(link_key, addresses));
    world.starts();
    world.telegram.expect_poll().await;
    let door = Gate::of(&world).await;
    secrets.add("bot token", world.telegram.token());
    secrets.add("SECRET_KEY", world.key.expose());
    secrets.add("panel's password", "admin-password");
    secrets.add("webhook secret", HOOK);
    for derived in world.core.store.secrets().derive("webhook") {
        secrets.add("webhook secret", derived);
    }

    // A first key, and what its apps fetch.
    let (boss, alice) = (world.admin().await, world.alice());
    world.first_key(&alice).await;
    alice.send(&format!("Hello, my name is {WORD}")).await;
    world.rests().await;
    secrets.add("what somebody wrote", WORD);
    let key = world.core.store.keys_of(UserId(alice.id())).await.unwrap()[0];
    let link = world.core.links.link(key, 0).unwrap();
    let token = link.rsplit('/').next().unwrap().to_owned();
    assert_eq!(door.fetch(&token).await, 200);
    for wrong in [&token[1..], "../../etc/passwd", "x"] {
        assert_eq!(door.fetch(wrong).await, 404);
    }
    gather(&world, &mut secrets).await;

    // A move, with an answer that is lost, and a panel that gives half of what apps ask for.
    let home = place_of(&world, key).await;
    let away = if home == "de1" { "nl1" } else { "de1" };
    world.panel(away).set_fault_for(Matcher::new("POST", "/api/user"), Fault::AckLost { next: 1 });
    let ask = Ask { by: UserId(boss.id()), cause: Cause::Admin, update_id: None, screen: None };
    Keys::new(world.core.clone()).move_to(&ask, key, Some(away.parse().unwrap())).await.unwrap();
    world.settles().await;
    assert_eq!(place_of(&world, key).await, away);
    world.panel(away).set_fault_for(Matcher::path("/sub/"), Fault::TruncatedBody);
    world.passes(Duration::from_secs(20));
    assert_eq!(door.fetch(&token).await, 200);
    gather(&world, &mut secrets).await;

    // Other secrets and another link, at its owner's wish; the old accounts go.
    Keys::new(world.core.clone()).rotate(&ask, key).await.unwrap();
    world.settles().await;
    Executor::new(world.core.clone(), "upkeep").bury_due().await.unwrap();
    assert_eq!(world.accounts(), 1);
    world.passes(Duration::from_secs(20));
    assert_eq!(door.fetch(&token).await, 404, "the old link is dead");
    gather(&world, &mut secrets).await;

    // Its panel dies, and everybody leaves it.
    let dead = place_of(&world, key).await;
    world.panel(&dead).set_fault(Fault::Refuse);
    let now = world.core.clock.now();
    let store = world.core.store.clone();
    let id = dead.parse().unwrap();
    store.set_health(&id, Health::Down, serde_json::Value::Null, Some("refused"), now).await.unwrap();
    world.core.placer.refresh(&store).await.unwrap();
    for _ in 0..3 {
        world.passes(Duration::from_secs(30));
        Failover::new(world.core.clone()).tick().await.unwrap();
    }
    world.settles().await;
    assert_ne!(place_of(&world, key).await, dead);
    let epoch = store.key(key).await.unwrap().unwrap().config.link_epoch;
    let now_shown = world.core.links.link(key, epoch).unwrap();
    assert_eq!(door.fetch(now_shown.rsplit('/').next().unwrap()).await, 200);
    world.panel(&dead).heal();
    world.checks().await;
    gather(&world, &mut secrets).await;

    // Claims, right and wrong; and a panel's own link, pointed here.
    let (bob, eve) = (world.person(1002, "Bob", "en"), world.person(1003, "Eve", "en"));
    stands(&world, "de1", "vip").await;
    let gold = stands(&world, "nl1", "gold").await;
    let old = world.panel("de1").user("vip").unwrap().subscription_url;
    secrets.add("claimed", old.rsplit('/').next().unwrap());
    bob.send(&old).await;
    bob.expect("This key is yours now").await;
    eve.send(&format!("trojan://{}@nl1.example:443", gold.password)).await;
    eve.expect("This key is yours now").await;
    let forged = format!("{}abcdefghij", URL_SAFE_NO_PAD.encode("gold,1700000000"));
    secrets.add("claimed", forged.as_str());
    eve.send(&format!("https://nl1.example/sub/{forged}")).await;
    eve.expect("I do not know this key").await;
    assert_eq!(door.fetch(old.rsplit('/').next().unwrap()).await, 200);
    assert_eq!(door.fetch(&forged).await, 404);
    gather(&world, &mut secrets).await;

    // An admin types the password of a new panel.
    boss.send("/addnode").await;
    boss.expect("The panel's address").await;
    for (say, next) in [("http://127.0.0.1:9", "2."), ("admin", "3."), (TYPED, "Password received")] {
        boss.send(say).await;
        boss.expect(next).await;
    }
    secrets.add("panel's password", TYPED);
    // A panel that does not let us in, answers with something else, or is compared with the database.
    world.panel("nl1").set_admin_password("changed-by-somebody");
    world.checks().await;
    drop(Reconciler::new(world.core.clone()).run(&"nl1".parse().unwrap(), Pace::Waited).await);
    drop(Reconciler::new(world.core.clone()).run(&"de1".parse().unwrap(), Pace::Waited).await);
    world.panel("de1").set_fault(Fault::NotThePanel);
    world.checks().await;
    world.panel("de1").heal();

    // A backup, on its way to the admins.
    let folder = tempfile::tempdir().unwrap();
    let schedule = Schedule::At(11 * 60);
    let plan = Plan { folder: folder.path().to_owned(), schedule, keep: 2, to_chat: true };
    let backups = Backups::new(world.core.clone(), plan).carried_by(Arc::new(Parcels::new(world.desk())));
    backups.tick().await.unwrap().expect("one is due");
    boss.expect("Backup of").await;

    // Telegram brings updates, and so does somebody else.
    let update = |number: i64| serde_json::json!({ "update_id": number, "text": WORD }).to_string();
    assert_eq!(door.brings(HOOK, update(900_001)).await, 200);
    assert_eq!(door.brings(&HOOK[1..], update(900_002)).await, 404);
    assert_eq!(door.brings(HOOK, format!("no update: {WORD}")).await, 200);
    assert_eq!(door.brings(HOOK, WORD.repeat(100_000)).await, 413);

    // Telegram refuses, and is away.
    world.telegram.fail_next("sendMessage", 500, "Internal Server Error");
    let mark = alice.mark();
    alice.send("/start").await;
    world.telegram.expect_call(|call| call.is("sendMessage") && !call.ok).await;
    let answered = async {
        while store.unfinished_updates().await.unwrap() > 0 {
            world.passes(Duration::from_secs(5));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), answered).await.expect("it is tried again");
    alice.expect_since(mark, "Good to see you").await;
    world.telegram.set_reach(Reach::Refused).await;
    let reach = world.desk();
    let away = async {
        while !reach.tg.is_away() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), away).await.expect("it is seen that Telegram is away");
    world.telegram.set_reach(Reach::Open).await;
    world.telegram.expect_poll().await;

    gather(&world, &mut secrets).await;

    // Another SECRET_KEY, and a database that goes away.
    let new = SecretKey::generate(&mut rand::rng());
    secrets.add("SECRET_KEY", new.expose());
    let both = Store::open(&world.url, Seals::new(new, vec![world.key.clone()])).await.unwrap();
    let mut cursor = Cursor::default();
    while both.reseal(&mut cursor, 50).await.unwrap().is_some() {}
    both.finish_rotation().await.unwrap();
    let foreign = Seals::new(SecretKey::generate(&mut rand::rng()), Vec::new());
    let error = Store::open(&world.url, foreign).await.unwrap().check_secret_key().await.unwrap_err();
    tracing::error!("{:#}", anyhow::Error::from(error));
    world.stops().await;
    world.passes(Duration::from_secs(3600));
    store.close().await.unwrap();
    door.fetch(&token).await;
    assert_eq!(door.brings(HOOK, update(900_003)).await, 503);

    // All of it was logged, by us and by those beneath us.
    let text = log.text();
    for source in [
        "TRACE karvan",
        "DEBUG karvan",
        "INFO karvan",
        "WARN karvan",
        "DEBUG reqwest",
        "DEBUG hyper",
        "DEBUG sqlx",
    ] {
        println!("{source}: {}", text.lines().filter(|line| line.contains(source)).count());
    }
    assert!(
        text.contains(" INFO karvan::") && text.contains("DEBUG ") && text.len() > 10_000,
        "{}",
        text.len()
    );
    for (name, least) in [("id", 4), ("password", 4), ("link", 4), ("panel's link", 8), ("claimed", 2)] {
        assert!(secrets.count(name) >= least, "{name}: {}", secrets.count(name));
    }
    secrets.assert_untold(&text);
    assert!(!text.contains("eyJhbGciOi"), "logins at panels are secrets as well");
}
