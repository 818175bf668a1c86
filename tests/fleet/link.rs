//! The real binary with links of our own: what a person got once goes on answering, whatever becomes of the panel.

use std::fs::File;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sim::clock::SimClock;
use sim::marzban::{Behind, Door};
use sim::telegram::{Options, Person, Telegram};

use crate::install::{Install, PATIENCE, Spec, free, until};
use crate::secrets::Secrets;

/// Between two fetches: who asks without end is asked to wait.
const BETWEEN: Duration = Duration::from_millis(700);

/// What an app gets: the status, and the share links.
async fn fetched(http: &reqwest::Client, link: &str) -> (u16, Vec<String>) {
    let answer = http.get(link).header("user-agent", "v2rayNG/1.9.5").send().await.unwrap();
    let (status, body) = (answer.status().as_u16(), answer.bytes().await.unwrap());
    let plain = STANDARD.decode(&body).map(|plain| String::from_utf8_lossy(&plain).into_owned());
    (status, plain.unwrap_or_default().lines().map(ToOwned::to_owned).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_answers_before_during_and_after_the_death_of_its_panel() {
    let telegram = Telegram::start(Options { clock: SimClock::real(), ..Options::default() }).await.unwrap();
    let anchors = [Door::open(Behind::Core).unwrap(), Door::open(Behind::Core).unwrap()];
    let mut install = Install::new(&[Spec("de1", 10, 1.0), Spec("de2", 10, 1.0)]).await;
    for (_, panel) in &install.panels {
        panel.open_doors().unwrap();
        // The panel's own name for itself leads nowhere: what it names must be asked at the address we know.
        panel.set_subscription_url_prefix("https://nowhere.invalid");
    }
    let public = free();
    install.set("TELOXIDE_TOKEN", &telegram.token());
    install.set("TELOXIDE_API_URL", &telegram.url());
    install.set("PUBLIC_URL", &format!("http://{public}"));
    install.set("LISTEN_ADDR", &public.to_string());
    install.set("SERVICE_ADDR", "off");
    install.set("CHECK_INTERVAL", "1s");
    install.set("EVACUATE_AFTER", "1s");
    install.set("REFERENCE_PROBES", &anchors.each_ref().map(|door| door.address().to_string()).join(","));
    let log = File::options().create(true).append(true).open(install.log()).unwrap();
    let mut run = install.command(&["run"]);
    // As talkative as it can be: no secret is said all the same.
    run.env("RUST_LOG", "debug,karvan=trace");
    let mut process = run.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();

    let alice = telegram.person(Person::new(30_000, "Alice")).with_patience(PATIENCE);
    alice.send("/start").await;
    alice.expect_button("⚡").await;
    alice.click("⚡").await;
    alice.expect_button("Android").await;
    alice.click("Android").await;
    alice.expect_button("Copy").await;
    let link = alice.copy_from("Copy");
    assert!(link.starts_with(&format!("http://{public}/sub/")), "{link}");

    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let (status, entries) = fetched(&http, &link).await;
    assert_eq!(status, 200);
    assert!(entries.iter().any(|entry| entry.starts_with("vless://")), "{entries:?}");
    let page = http.get(&link).header("accept", "text/html").header("user-agent", "Mozilla/5.0 (X11)");
    let page = page.send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.headers().contains_key("content-security-policy"), "a browser gets the page");
    let wrong = fetched(&http, &format!("http://{public}/sub/AAAAAAAAAAAAAAAAAAAAAAAAAA")).await;
    assert_eq!(wrong.0, 404);

    let uuid = entries[0].split("//").nth(1).unwrap().split('@').next().unwrap().to_owned();
    let serving = || install.panels.iter().find(|(_, panel)| panel.serves(&uuid)).map(|(id, _)| id.clone());
    let home = serving().expect("a panel serves the key");
    // Only a server that was seen to serve can be seen to die.
    tokio::time::timeout(PATIENCE, seen_to_serve(&install)).await.expect("its addresses are looked at");
    install.panel(&home).kill_all();
    // Every fetch is answered, from the moment of death until it leads to where the key went.
    until("the link leads to another panel", async || {
        let (status, now) = fetched(&http, &link).await;
        assert_eq!(status, 200, "while the panel is dead");
        assert!(now[0].contains(&uuid), "{now:?}");
        tokio::time::sleep(BETWEEN).await;
        serving().is_some_and(|place| place != home) && now != entries
    })
    .await;
    assert_eq!(process.try_wait().unwrap(), None, "it runs on");
    let written = std::fs::read_to_string(install.log()).unwrap();
    assert!(!written.contains('\u{1b}'), "no colours where no terminal is");
    let mut secrets = Secrets::default();
    secrets.add("link", link.rsplit('/').next().unwrap());
    secrets.add("id", uuid);
    secrets.add("bot token", telegram.token());
    secrets.add("panel's password", "admin-password");
    secrets.assert_untold(&written);
}

/// Waits until the service has seen an address in the links of the key's panel answer.
async fn seen_to_serve(install: &Install) {
    let settings = karvan::settings::Settings::read(install.variables(), karvan::settings::Need::Secrets);
    let store = karvan::app::open_store(&settings.unwrap()).await.unwrap();
    loop {
        let mut good = false;
        for (id, _) in &install.panels {
            let endpoints = store.endpoints(&id.parse().unwrap()).await.unwrap();
            good |= endpoints.iter().any(|endpoint| endpoint.good_at.is_some());
        }
        if good {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
