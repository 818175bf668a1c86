//! One link for life: what an app gets through moves, resets and ends.

use std::time::Duration;

use karvan::domain::ConfigId;
use karvan::panel::fake::Verb;

use crate::memory::{ALICE, World, id};
use crate::town::{CLASH, ORIGINS, Town, V2RAY};

async fn place(town: &Town, key: ConfigId) -> String {
    town.world.place_of(key).await.unwrap()
}

async fn secret(town: &Town, key: ConfigId) -> String {
    town.world.core.store.credentials(key).await.unwrap().unwrap().uuid.to_string()
}

/// Moves a key to another instance and lets all that is due be done.
async fn moves(town: &Town, key: ConfigId) -> (String, String) {
    let from = place(town, key).await;
    let to = if from == "de1" { "nl1" } else { "de1" };
    town.world.keys.move_to(&World::admin_asks(), key, Some(id(to))).await.unwrap();
    town.world.settle().await;
    (from, to.to_owned())
}

#[tokio::test]
async fn a_link_stays_the_same_through_a_move() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let (link, path, uuid) = (town.link(key).await, town.path(key).await, secret(&town, key).await);
    assert!(link.starts_with("https://keys.example.com/sub/"), "{link}");
    let before = town.fetch(&path, V2RAY).await;
    assert_eq!(before.links().len(), 1);
    assert!(before.links()[0].contains(&uuid) && before.is_usable());

    let (from, to) = moves(&town, key).await;
    assert_eq!(town.link(key).await, link, "the chat shows the same link");
    town.passes(3);
    let after = town.fetch(&path, V2RAY).await;
    assert!(before.links()[0].contains(&format!("@{from}.example:443")), "{before:?}");
    assert!(after.links()[0].contains(&format!("@{to}.example:443")), "{after:?}");
    assert!(after.links()[0].contains(&uuid), "the secrets are the same");
    assert_eq!(town.links.write().await.unwrap(), 2);
}

#[tokio::test]
async fn each_app_gets_its_format() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    let yaml = town.fetch(&path, CLASH).await;
    assert_eq!((yaml.status, yaml.header("content-type")), (200, "text/yaml"));
    assert!(yaml.body.contains("proxies:") && yaml.body.contains(&secret(&town, key).await));
    assert_eq!(town.fetch(&path, V2RAY).await.links().len(), 1);
}

#[tokio::test]
async fn our_headers_speak_of_the_whole_key() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    let name =
        karvan::domain::AccountName::stored(town.world.panel(&place(&town, key).await).names()[0].clone());
    town.world.panel(&place(&town, key).await).add_traffic(&name, 7 << 30);
    let (from, to) = moves(&town, key).await;
    assert_ne!(from, to);
    town.passes(3);
    let got = town.fetch(&path, V2RAY).await;
    let end = town.world.core.store.key(key).await.unwrap().unwrap().config.expires_at.unwrap().timestamp();
    let said = format!("upload=0; download={}; total={}; expire={end}", 7_u64 << 30, 100_u64 << 30);
    assert_eq!(got.header("subscription-userinfo"), said, "what was used before the move counts");
    assert_eq!(got.spoken("profile-title"), "VPN");
    assert_eq!(got.header("profile-update-interval"), "1");
    assert_eq!(got.header("support-url"), "https://t.me/help_desk");
    assert_eq!(got.header("profile-web-page-url"), town.link(key).await);
    assert_eq!(got.header("cache-control"), "private, no-cache");
    assert_eq!(got.header("announce"), "");
    assert!(!got.headers.contains_key("server"), "nothing names the software");
    assert!(!format!("{:?}", got.headers).to_lowercase().contains("karvan"));
}

#[tokio::test]
async fn a_reset_ends_the_old_link_and_no_other() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let other = town.world.key().await;
    let (old, others) = (town.path(key).await, town.path(other).await);
    assert!(town.fetch(&old, V2RAY).await.is_usable());
    let before = secret(&town, key).await;
    town.world.keys.rotate(&World::asks(ALICE), key).await.unwrap();
    town.world.settle().await;
    let new = town.path(key).await;
    assert_ne!(new, old);
    let got = town.fetch(&new, V2RAY).await;
    assert!(got.is_usable() && !got.links()[0].contains(&before), "new secrets");
    let gone = town.fetch(&old, V2RAY).await;
    assert_eq!((gone.status, gone.body.as_str()), (404, ""));
    assert!(town.fetch(&others, V2RAY).await.is_usable());
}

#[tokio::test]
async fn a_link_newer_than_its_row_raises_the_row() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let first = town.path(key).await;
    // The link of an epoch that a lost backup knew of.
    let link = town.world.core.links.link(key, 3).unwrap();
    let later = link.strip_prefix(ORIGINS[0]).unwrap();
    assert!(town.fetch(later, V2RAY).await.is_usable(), "a valid link never dies");
    assert_eq!(town.world.core.store.key(key).await.unwrap().unwrap().config.link_epoch, 3);
    assert_eq!(town.fetch(&first, V2RAY).await.status, 404, "those before it stay dead");
    assert_eq!(town.path(key).await, later, "and the chat shows the living one");
}

#[tokio::test]
async fn who_has_nothing_left_reads_why() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    assert!(town.fetch(&path, V2RAY).await.is_usable());
    town.passes(31 * 86_400);
    let got = town.fetch(&path, V2RAY).await;
    let links = got.links();
    assert!(links.iter().all(|link| link.contains("@127.0.0.1:1")), "{links:?}");
    let read = links.iter().map(|link| remark(link)).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(read, @r"
    ⌛ Its time is over
    Ask for more time: the same key will work again, with nothing to set up anew.
    Write to: @help_desk
    ");
    assert!(got.spoken("announce").starts_with("⌛ Its time is over"), "{:?}", got.spoken("announce"));
    assert_eq!(got.header("support-url"), "https://t.me/help_desk");

    // In the owner's language, and in the app's format.
    town.world.core.store.set_language(ALICE, "ru").await.unwrap();
    town.passes(3);
    let yaml = town.fetch(&path, CLASH).await;
    assert!(yaml.body.contains("127.0.0.1") && yaml.body.contains("Срок закончился"), "{}", yaml.body);

    // More time: the same link serves again.
    town.world.keys.extend(&World::admin_asks(), key, Some(30), None).await.unwrap();
    town.world.settle().await;
    town.passes(3);
    assert!(town.fetch(&path, V2RAY).await.is_usable());
}

#[tokio::test]
async fn paused_used_up_and_taken_away_are_told_apart() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    let first = |got: &crate::town::Got| remark(&got.links()[0]);
    town.world.keys.suspend(&World::admin_asks(), key).await.unwrap();
    town.world.settle().await;
    assert_eq!(first(&town.fetch(&path, V2RAY).await), "⏸ Paused");
    town.world.keys.resume(&World::admin_asks(), key).await.unwrap();
    town.world.settle().await;
    let place = place(&town, key).await;
    let name = karvan::domain::AccountName::stored(town.world.panel(&place).names()[0].clone());
    town.world.panel(&place).add_traffic(&name, 101 << 30);
    town.passes(301);
    town.world.watch.sample().await.unwrap();
    assert_eq!(first(&town.fetch(&path, V2RAY).await), "📭 Its traffic is used up");
    town.world.keys.revoke(&World::admin_asks(), key).await.unwrap();
    town.world.settle().await;
    town.passes(3);
    assert_eq!(first(&town.fetch(&path, V2RAY).await), "🚫 Taken away");
}

#[tokio::test]
async fn a_key_without_a_place_says_that_it_comes() {
    let town = Town::of(&[crate::memory::Spec("de1", "de", 1, 1.0)]).await;
    town.world.key().await;
    let asked = town.world.keys.issue(&World::asks(ALICE), ALICE, None).await.unwrap();
    town.world.settle().await;
    let link = town.world.core.links.link(asked.config, 0).unwrap();
    let got = town.fetch(link.strip_prefix(ORIGINS[0]).unwrap(), V2RAY).await;
    let read: Vec<String> = got.links().iter().map(|link| remark(link)).collect();
    assert_eq!(read, ["⏳ Being made", "Update this list in a few minutes."]);
}

#[tokio::test]
async fn what_an_app_has_is_not_sent_again() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    let first = town.fetch(&path, V2RAY).await;
    let known = [("user-agent", V2RAY), ("if-none-match", first.header("etag"))];
    let again = town.ask("GET", &path, &known).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.header("subscription-userinfo"), first.header("subscription-userinfo"));
    town.world.keys.extend(&World::admin_asks(), key, Some(1), None).await.unwrap();
    town.world.settle().await;
    town.passes(3);
    assert_eq!(town.ask("GET", &path, &known).await.status, 200, "the end is another one");
    let head = town.ask("HEAD", &path, &[("user-agent", V2RAY)]).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert!(head.header("content-length").parse::<usize>().unwrap() > 50, "{head:?}");
}

#[tokio::test]
async fn many_apps_at_once_are_one_question() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let (path, place) = (town.path(key).await, place(&town, key).await);
    town.world.panel(&place).hold_fetches(true);
    let fetches = futures::future::join_all((0..40).map(|_| town.fetch(&path, V2RAY)));
    let asked_twice = async {
        let twice = async {
            while town.asked(&place) < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let came = tokio::time::timeout(Duration::from_millis(500), twice).await.is_ok();
        town.world.panel(&place).hold_fetches(false);
        came
    };
    let (got, asked_twice) = tokio::join!(fetches, asked_twice);
    assert!(!asked_twice, "while one question is out, the others wait for its answer");
    assert!(got.iter().all(crate::town::Got::is_usable));
    assert_eq!(town.asked(&place), 1);
    town.passes(10);
    assert!(town.fetch(&path, V2RAY).await.is_usable());
    assert_eq!(town.asked(&place), 1, "a moment ago is now");
    town.passes(10);
    assert!(town.fetch(&path, V2RAY).await.is_usable());
    assert_eq!(town.asked(&place), 2);
}

#[tokio::test]
async fn messengers_see_nothing_of_a_link() {
    let town = Town::three().await;
    let path = town.path(town.world.key().await).await;
    for agent in ["TelegramBot (like TwitterBot)", "WhatsApp/2.23.20.0"] {
        let got = town.fetch(&path, agent).await;
        assert_eq!((got.status, got.body.as_str()), (204, ""), "{agent}");
    }
    assert_eq!(town.links.write().await.unwrap(), 0, "nor is it a fetch");
}

#[tokio::test]
async fn a_browser_sees_a_page() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    let browser = [
        ("user-agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15"),
        ("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"),
        ("accept-language", "fa-IR,fa;q=0.9"),
    ];
    let page = town.ask("GET", &path, &browser).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.body.contains("dir=\"rtl\"") && page.body.contains(&town.link(key).await));
    assert!(!page.body.to_lowercase().contains("karvan"), "nothing names the software");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    let english = town.ask("GET", &format!("{path}?lang=en"), &browser).await;
    assert!(english.body.contains("lang=\"en\" dir=\"ltr\""), "the language that was tapped");
    // Whoever has the link finds the way to the bot, once Telegram told its name.
    assert!(!english.body.contains("_bot") && !english.body.contains("Reset link"));
    town.world.core.signals.bot_is("example_bot".to_owned());
    let english = town.ask("GET", &format!("{path}?lang=en"), &browser).await;
    assert!(english.body.contains("href=\"https://t.me/example_bot\""), "{}", english.body);
    assert!(english.body.contains("Open the bot @example_bot") && english.body.contains("Reset link"));
    let wrong = town.ask("GET", "/sub/x", &browser).await;
    assert_eq!((wrong.status, wrong.body.as_str()), (404, ""), "a page only for those who have a link");
    assert_eq!(town.links.write().await.unwrap(), 0, "a look is no fetch");
    // An app that asks as a browser does.
    let app = [("user-agent", "Happ/1.2.3"), ("accept", "text/html,*/*")];
    assert!(town.ask("GET", &path, &app).await.is_usable());
}

#[tokio::test]
async fn who_fetched_is_known() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    let host = [("user-agent", V2RAY), ("host", "keys.example.net")];
    assert!(town.ask("GET", &path, &host).await.is_usable());
    assert_eq!(town.fetch(&path, CLASH).await.status, 200);
    assert_eq!(town.links.write().await.unwrap(), 2);
    let store = &town.world.core.store;
    let mut seen: Vec<_> =
        store.fetches_of(key).await.unwrap().into_iter().map(|f| (f.app, f.domain)).collect();
    seen.sort();
    let expected = [("clash-verge", ORIGINS[0]), ("v2rayNG", ORIGINS[1])];
    assert_eq!(seen, expected.map(|(app, domain)| (app.to_owned(), domain.to_owned())));
}

#[tokio::test]
async fn an_account_whose_link_was_revoked_on_its_panel_is_found_again() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let (path, place) = (town.path(key).await, place(&town, key).await);
    use karvan::panel::fake::Fault;
    town.world.panel(&place).next_of(Verb::Fetch, Fault::Fail(karvan::panel::PanelError::NotFound));
    assert!(town.fetch(&path, V2RAY).await.is_usable());
    assert_eq!(town.asked(&place), 2, "asked again by its new link");
    // The panel's own path of links is not reached at all: its API tells the links.
    for _ in 0..2 {
        town.world.panel(&place).next_of(Verb::Fetch, Fault::Fail(karvan::panel::PanelError::NotFound));
    }
    town.passes(20);
    assert!(town.fetch(&path, V2RAY).await.is_usable());
    assert_eq!(town.world.panel(&place).faults_left(), 0);
}

#[tokio::test]
async fn old_links_count_no_more_but_a_move_back_keeps_the_same() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    let (from, to) = moves(&town, key).await;
    town.passes(3);
    assert!(town.fetch(&path, V2RAY).await.links()[0].contains(&to));
    town.world.keys.move_to(&World::admin_asks(), key, Some(id(&from))).await.unwrap();
    town.world.settle().await;
    town.passes(3);
    assert!(town.fetch(&path, V2RAY).await.links()[0].contains(&from));
    town.world.passes(Duration::from_secs(49 * 3600)).await;
    assert!(town.fetch(&path, V2RAY).await.is_usable());
}

/// What an app shows of a link.
fn remark(link: &str) -> String {
    let coded = link.rsplit('#').next().unwrap();
    url::form_urlencoded::parse(format!("x={}", coded.replace('+', "%2B")).as_bytes())
        .next()
        .unwrap()
        .1
        .into_owned()
}
