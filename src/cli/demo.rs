//! Trying everything without a token, a panel or a server.
//!
//! Three simulated panels in three places, a simulated Telegram, and the real bot between them on a temporary SQLite file.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use secrecy::SecretString;
use sim::marzban::{Behind, Door, Fault, Marzban};
use sim::page::{MarzbanCard, PageOptions, Panel, PersonSpec, Role};
use sim::telegram::{Actor, Person, Telegram};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::domain::InstanceId;
use crate::domain::instance::{Connection, Mode, PanelKind, Weight};
use crate::service::fleet::{Draft, Fleet};
use crate::settings::{Need, Settings};
use crate::store::{SecretKey, Store};

/// Id, country, name and flag of each panel.
const PANELS: [(&str, &str, &str, &str); 3] = [
    ("de001", "de", "Frankfurt", "🇩🇪"),
    ("nl001", "nl", "Amsterdam", "🇳🇱"),
    ("fi001", "fi", "Helsinki", "🇫🇮"),
];
const ADMIN: i64 = 900;
/// How long the script waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the alert says once everybody is served elsewhere.
const MOVED: &str = "moved to other panels.";

struct Demo {
    telegram: Telegram,
    panels: sim::marzban::Fleet,
    fleet: Fleet,
    app: App,
    /// The world around, which proves that our own network works: the demo needs none.
    world: [Door; 2],
    _folder: tempfile::TempDir,
}

/// Runs the demo: the page until Ctrl-C, or the script.
pub(super) async fn demo(script: bool, port: u16) -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let stop = CancellationToken::new();
    let Demo { telegram, panels, fleet, app, world, _folder } = demo;
    let store = app.core.store.clone();
    let running = tokio::spawn(app.run(stop.clone()));
    let done =
        if script { play(&telegram, &panels, &store).await } else { show(&telegram, &panels, port).await };
    stop.cancel();
    running.await?;
    drop((fleet, world));
    telegram.stop();
    panels.shutdown().await;
    done
}

impl Demo {
    async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("no temporary folder can be made")?;
        let telegram = Telegram::start(sim::telegram::Options::default()).await?;
        let names: Vec<&str> = PANELS.iter().map(|(id, ..)| *id).collect();
        let panels = sim::marzban::Fleet::start(&names, &sim::marzban::Options::default()).await?;
        for panel in panels.iter() {
            panel.open_doors()?;
        }
        let world = [Door::open(Behind::Core)?, Door::open(Behind::Core)?];
        let anchors = world.each_ref().map(|door| door.address().to_string());
        let variables = BTreeMap::from([
            ("TELOXIDE_TOKEN".to_owned(), telegram.token()),
            ("TELOXIDE_API_URL".to_owned(), telegram.url()),
            ("SECRET_KEY".to_owned(), SecretKey::generate(&mut rand::rng()).expose()),
            (
                "DATABASE_URL".to_owned(),
                format!("sqlite://{}?mode=rwc", folder.path().join("demo.db").display()),
            ),
            ("ADMIN_IDS".to_owned(), ADMIN.to_string()),
            ("ACCESS".to_owned(), "open".to_owned()),
            ("DEFAULT_GB".to_owned(), "100".to_owned()),
            ("REFERENCE_PROBES".to_owned(), anchors.join(",")),
            // Who watches a demo does not want to wait as long as is wise in earnest.
            ("CHECK_INTERVAL".to_owned(), "1s".to_owned()),
            ("EVACUATE_AFTER".to_owned(), "3s".to_owned()),
            ("SUPPORT_CONTACT".to_owned(), "@karvan_demo".to_owned()),
            ("SERVICE_ADDR".to_owned(), "off".to_owned()),
        ]);
        let settings = Settings::read(&variables, Need::Run)?;
        let app = App::new(&settings).await?;
        let fleet = Fleet::new(app.core.clone());
        for (id, country, name, _) in PANELS {
            fleet.add(None, &draft(panels.panel(id), id, country, name)?).await?;
        }
        Ok(Self { telegram, panels, fleet, app, world, _folder: folder })
    }
}

fn draft(panel: &Marzban, id: &str, country: &str, name: &str) -> anyhow::Result<Draft> {
    Ok(Draft {
        id: Some(id.parse()?),
        name: name.to_owned(),
        note: String::new(),
        kind: PanelKind::Marzban,
        mode: Mode::Manage,
        base_url: panel.url().parse()?,
        username: "admin".to_owned(),
        password: SecretString::from("admin-password"),
        region: country.parse()?,
        provider: None,
        tags: Vec::new(),
        priority: 1,
        weight: Weight::ONE,
        max_users: 50,
        connection: Connection::default(),
    })
}

fn people() -> [(Person, Role); 4] {
    [
        (Person::new(101, "Alice").username("alice").language("en"), Role::User),
        (Person::new(102, "Борис").username("boris").language("ru"), Role::User),
        (Person::new(103, "سارا").username("sara").language("fa"), Role::User),
        (Person::new(ADMIN, "Olga").username("olga_admin").language("en"), Role::Admin),
    ]
}

/// The page, until Ctrl-C.
async fn show(telegram: &Telegram, panels: &sim::marzban::Fleet, port: u16) -> anyhow::Result<()> {
    let cards = PANELS.iter().map(|(id, _, name, flag)| {
        Arc::new(MarzbanCard::new(panels.panel(id).clone(), name, flag)) as Arc<dyn Panel>
    });
    let options = |port| PageOptions {
        telegram: telegram.clone(),
        panels: cards.clone().collect(),
        people: people().into_iter().map(|(person, role)| PersonSpec { person, role }).collect(),
        port,
    };
    let url = match sim::page::serve(options(Some(port))).await {
        Ok(url) => url,
        // Somebody else has that port; any other will do.
        Err(_) => sim::page::serve(options(None)).await?,
    };
    println!("Open {url} in a browser. Stop with Ctrl-C.");
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// A short story: a key is issued, its server dies, the service moves it by itself, and it still works.
async fn play(telegram: &Telegram, panels: &sim::marzban::Fleet, store: &Store) -> anyhow::Result<()> {
    let mut people = people().into_iter();
    let (person, _) = people.next().context("somebody")?;
    let (admin, _) = people.next_back().context("an admin")?;
    let (alice, olga) = (telegram.person(person), telegram.person(admin).with_patience(PATIENCE));
    let alice = alice.with_patience(PATIENCE);
    olga.send("/start").await;
    olga.expect_button("Get a key").await;
    println!("— Alice wants a key —");
    alice.send("/start").await;
    alice.expect_button("Get a key").await;
    alice.click("Get a key").await;
    alice.expect_button("Android").await;
    alice.click("Android").await;
    alice.expect_button("Copy").await;
    let link = alice.copy_from("Copy");
    println!("{}", alice.transcript());
    let home = serving(panels, &alice).context("no panel serves Alice's key")?;
    was_seen_to_serve(store, &home).await?;
    println!("\n— Alice's key is on {home}. Its server dies, and nobody presses anything —");
    panels.panel(&home).kill_all();
    let moved = alice.expect("moved your key").await;
    let told = olga.expect(MOVED).await;
    println!("\n— Olga, the admin, reads one message, edited as it went on —\n{}", told.text);
    println!("\n— Alice reads —\n{}", moved.text);
    let name = PANELS.iter().find(|(id, ..)| *id == home).map_or(home.as_str(), |(_, _, name, _)| *name);
    let alerts = olga.messages().iter().filter(|message| message.text.contains(name)).count();
    ensure!(alerts == 1, "Olga was sent {alerts} messages of one outage");
    let now = serving(panels, &alice).context("no panel serves Alice's key any more")?;
    ensure!(now != home, "the key did not move");
    ensure!(!moved.text.contains("old one still works"), "Alice was told that a dead server still works");
    ensure!(!link.is_empty(), "the link was empty");
    println!("\nThe key was issued on {home}, moved to {now}, and works.");
    Ok(())
}

/// Waits until the service has seen the addresses in the links of a panel's users answer: before, it could not tell a
/// dead server from a dead panel.
async fn was_seen_to_serve(store: &Store, panel: &str) -> anyhow::Result<()> {
    let id: InstanceId = panel.parse()?;
    let look = async {
        while !store.endpoints(&id).await?.iter().any(|endpoint| endpoint.good_at.is_some()) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, look).await.context("no address of the panel's users was looked at")?
}

/// The panel that has the newest account of the person's key, if a client could connect to it now.
fn serving(panels: &sim::marzban::Fleet, person: &Actor) -> Option<String> {
    let mark = format!("tg:{}", person.id());
    let mut newest: Option<(String, String)> = None;
    for panel in panels.iter().filter(|panel| !matches!(panel.fault(), Fault::Refuse)) {
        for name in panel.usernames() {
            let Some(user) = panel.user(&name) else { continue };
            let theirs = user.note.as_deref().is_some_and(|note| note.ends_with(&mark));
            let works = user.uuid.as_deref().is_some_and(|uuid| panel.serves(uuid));
            if theirs && works && newest.as_ref().is_none_or(|(best, _)| *best < name) {
                newest = Some((name, panel.name().to_owned()));
            }
        }
    }
    newest.map(|(_, panel)| panel)
}
