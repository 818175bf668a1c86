//! Constructs and wires.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use futures::FutureExt;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::domain::{Clock, CorrectedClock, SystemClock};
use crate::http::listen::{Door, serve_when_free};
use crate::http::public::Front;
use crate::panel;
use crate::panel::net_probe::NetProbe;
use crate::service::backup::Backups;
use crate::service::core::Signals;
use crate::service::executor::Executor;
use crate::service::leader::{Leader, Terms};
use crate::service::links::{LinkBook, Links};
use crate::service::panels::{Connector, Panels};
use crate::service::placer::Placer;
use crate::service::replicas::Member;
use crate::service::{Core, fleet::Fleet};
use crate::settings::Settings;
use crate::store::{Secrets, Store, flags};
use crate::task::beacon::{Beacon, Wording};
use crate::telegram::backup::Parcels;
use crate::telegram::tg::{Access, Tg};
use crate::telegram::{About, Desk, Hook, Intake};
use crate::text::apps::Apps;
use crate::text::incident::Shown;
use crate::text::{self, Lang, Words};
use crate::{http, task, telegram};

/// Connects to a database, and changes nothing there.
///
/// # Errors
/// The address cannot be used, or nobody answers there.
pub async fn connect(database_url: &str, secrets: Secrets) -> anyhow::Result<Store> {
    Store::open(database_url, secrets).await.with_context(|| match Store::file_of(database_url) {
        Some(file) => {
            format!("cannot open {}; check DATABASE_URL and who owns that folder", file.display())
        }
        None => "cannot open the database; check DATABASE_URL, and that the database runs".to_owned(),
    })
}

/// Connects to the database that the settings name, and changes nothing there.
///
/// # Errors
/// Nobody answers there.
pub async fn connect_with_key(settings: &Settings) -> anyhow::Result<Store> {
    let key = settings.secret_key.clone().context("SECRET_KEY is missing")?;
    connect(&settings.database_url, Secrets::new(key, settings.previous_keys.clone())).await
}

/// Checks that the `SECRET_KEY` is the one that sealed the database.
///
/// # Errors
/// It is another one.
pub async fn check_key(store: &Store) -> anyhow::Result<()> {
    store.check_secret_key().await.context(
        "SECRET_KEY does not open this database; put back the key it was made with, or name that one in \
             SECRET_KEY_PREVIOUS",
    )
}

/// Opens the database that the settings name, and checks that the `SECRET_KEY` is the one that sealed it.
///
/// # Errors
/// Nobody answers there, or the key is another one. The schema is brought up to this version first.
pub async fn open_store(settings: &Settings) -> anyhow::Result<Store> {
    let store = connect_with_key(settings).await?;
    store.migrate_up().await.context("cannot bring the database up to this version")?;
    check_key(&store).await?;
    Ok(store)
}

/// The services over a database.
///
/// # Errors
/// The database.
pub async fn core(settings: &Settings, store: Store, clock: Arc<dyn Clock>) -> anyhow::Result<Core> {
    let seed: u64 = rand::rng().random();
    let defaults =
        panel::connect::Defaults { panel_proxy: settings.panel_proxy.as_ref().map(ToString::to_string) };
    let panel_clock = clock.clone();
    let connector: Connector = Arc::new(move |instance, password| {
        panel::connect::connect(instance, password, &defaults, panel_clock.clone(), seed)
    });
    let mut chance = StdRng::from_rng(&mut rand::rng());
    let installation = store.installation(&mut chance).await?;
    let links = LinkBook::new(store.link_key(&mut chance).await?, settings.addresses.clone());
    let core = Core {
        panels: Arc::new(Panels::new(store.clone(), connector).with_probe(Arc::new(NetProbe::new()))),
        placer: Arc::new(Placer::new(seed, settings.placement).by_exit(settings.addresses.is_some())),
        policy: Arc::new(settings.policy.clone()),
        signals: Arc::new(Signals::default()),
        links: Arc::new(links),
        leader: Arc::new(Leader::alone(worker())),
        installation,
        store,
        clock,
    };
    core.placer.refresh(&core.store).await?;
    Ok(core)
}

/// The fleet alone, for commands that need no bot.
///
/// # Errors
/// The database.
pub async fn fleet(settings: &Settings) -> anyhow::Result<(Fleet, Store)> {
    let store = open_store(settings).await?;
    let core = core(settings, store.clone(), Arc::new(SystemClock)).await?;
    Ok((Fleet::new(core), store))
}

/// All services, for commands that need no bot.
///
/// # Errors
/// The database.
pub async fn services(settings: &Settings) -> anyhow::Result<(Core, Store)> {
    let store = open_store(settings).await?;
    Ok((core(settings, store.clone(), Arc::new(SystemClock)).await?, store))
}

/// The bot, ready to run.
pub struct App {
    /// What all services share.
    pub core: Core,
    desk: Arc<Desk>,
    executor: Executor,
    beacon: Beacon,
    links: Links,
    public: Option<Door>,
    service: Option<SocketAddr>,
    /// What takes part in the election, if there may be others.
    member: Option<Member>,
    intake: Intake,
    backups: Option<Backups>,
}

/// What names this process in claims and leases: another one after each start.
fn worker() -> String {
    format!("{}-{:08x}", std::process::id(), rand::rng().random::<u32>())
}

/// How updates come in.
fn intake(settings: &Settings, core: &Core) -> Intake {
    let Some(url) = settings.webhook.clone() else { return Intake::Polling };
    let secret = webhook_secrets(settings, core).remove(0);
    Intake::Webhook(Hook { url, secret })
}

/// What Telegram may prove itself with: first the one that it is told, then those that it may still know.
fn webhook_secrets(settings: &Settings, core: &Core) -> Vec<SecretString> {
    match &settings.webhook_secret {
        Some(secret) => vec![secret.clone()],
        None => core.store.secrets().derive("webhook").into_iter().map(Into::into).collect(),
    }
}

/// Incidents in words for machines that pass them on.
fn wording(desk: &Desk, lang: Lang) -> Wording {
    let (t, core) = (desk.words.of(lang).clone(), desk.core.clone());
    Arc::new(move |incident, names| {
        let panels = names.iter().cloned().collect();
        let people = std::collections::BTreeMap::new();
        let now = core.clock.now();
        let shown = Shown { incident, panels: &panels, people: &people, paused: false, now };
        (text::incident::title(&t, &shown), text::incident::alert(&t, &shown).to_plain())
    })
}

/// The door for the proxy in front: taken before anything runs, because without it people's links are dead.
async fn public_door(
    settings: &Settings,
    core: &Core,
    links: Links,
    apps: Apps,
) -> anyhow::Result<Option<Door>> {
    if settings.addresses.is_none() && settings.webhook.is_none() {
        return Ok(None);
    }
    let front = Front {
        links,
        apps,
        words: Words::load(settings.timezone),
        name: settings.service_name.clone(),
        support_contact: settings.support_contact.clone(),
        default_language: settings.default_language,
        trusted: settings.doors.trusted.clone(),
    };
    let mut routes = http::public::routes(front);
    routes = routes.merge(http::vantage::routes(core.clone(), settings.doors.trusted.clone()));
    if let Some(url) = &settings.webhook {
        let secrets = webhook_secrets(settings, core);
        routes = routes.merge(http::webhook::router(core.clone(), url.path(), secrets));
    }
    let address = settings.doors.public;
    let door = Door::open(address, http::closed(routes)).await;
    door.map(Some).with_context(|| format!("cannot listen at LISTEN_ADDR {address}; does another program?"))
}

/// What answers HTTP, as loops.
fn doors(
    core: &Core,
    public: Option<Door>,
    service: Option<SocketAddr>,
    stop: &CancellationToken,
) -> Vec<(&'static str, task::Run)> {
    let mut doors: Vec<(&'static str, task::Run)> = Vec::new();
    if let Some(door) = public {
        let until = stop.clone();
        doors.push(("links", Box::new(move || door.clone().serve(until.clone()).boxed())));
    }
    if let Some(address) = service {
        let until = stop.clone();
        let routes = http::closed(http::service::router(core.clone()));
        let open = move || serve_when_free("SERVICE_ADDR", address, routes.clone(), until.clone()).boxed();
        doors.push(("service", Box::new(open)));
    }
    doors
}

impl App {
    /// Wires everything that `settings` describe.
    ///
    /// # Errors
    /// The database, the apps file, or addresses that cannot be used.
    pub async fn new(settings: &Settings) -> anyhow::Result<Self> {
        let store = open_store(settings).await?;
        let several = !store.is_sqlite();
        let clock = Arc::new(CorrectedClock::default());
        let mut core = core(settings, store, clock.clone()).await?;
        if several {
            let elected = Leader::elected(worker(), core.clock.clone(), Terms::default());
            core.leader = Arc::new(elected);
        }
        let member = several.then(|| Member::new(core.clone(), Some(clock), settings.fingerprints.clone()));
        let (flag, now, no_facts) = (flags::MOVE_ADOPTED, core.clock.now(), serde_json::Value::Null);
        match settings.move_adopted {
            true => core.store.raise_flag(flag, no_facts, now).await?,
            false => core.store.lower_flag(flag, no_facts, now).await?,
        };
        let token = settings.token.clone().context("TELOXIDE_TOKEN is missing")?;
        let access =
            Access { token, api_url: settings.api_url.clone(), proxy: settings.telegram_proxy.clone() };
        let tg = Tg::new(&access).context("the settings for Telegram cannot be used")?;
        let apps = match &settings.apps_file {
            Some(file) => std::fs::read_to_string(file)
                .with_context(|| format!("cannot read APPS_FILE {}", file.display()))?
                .parse()?,
            None => Apps::built_in(),
        };
        let about = About {
            support_contact: settings.support_contact.clone(),
            default_language: settings.default_language,
        };
        let links = Links::new(core.clone());
        let public = public_door(settings, &core, links.clone(), apps.clone()).await?;
        let desk = Desk::new(core.clone(), Words::load(settings.timezone), apps, about, tg);
        let executor = Executor::new(core.clone(), core.leader.me());
        let intake = intake(settings, &core);
        let (webhook, heartbeat) = (settings.alert_webhook.clone(), settings.heartbeat.clone());
        let words = wording(&desk, settings.default_language);
        let beacon = Beacon::new(core.clone(), webhook, heartbeat, words)
            .context("the HTTP client for ALERT_WEBHOOK_URL and HEARTBEAT_URL cannot be made")?;
        let service = settings.doors.service;
        let carrier = Arc::new(Parcels::new(desk.clone()));
        let backups =
            settings.backup.clone().map(|plan| Backups::new(core.clone(), plan).carried_by(carrier));
        Ok(Self { core, desk, executor, beacon, links, public, service, member, intake, backups })
    }

    /// Runs until `stop`; what has begun is finished or parked. Telegram away, at the start or later, stops nothing
    /// else.
    pub async fn run(self, stop: CancellationToken) {
        let Self { core, desk, executor, beacon, links, public, service, member, intake, backups } = self;
        tracing::info!(installation = core.installation.as_str(), "Karvan runs");
        let store = core.store.clone();
        let until = stop.clone();
        let chat: task::Run =
            Box::new(move || telegram::run_with(desk.clone(), intake.clone(), until.clone()).boxed());
        let doors = doors(&core, public, service, &stop);
        let links = Some(links).filter(|links| links.core().links.are_ours());
        let beside = task::Beside { beacon: Some(beacon), chat: Some(chat), doors, links, member, backups };
        task::run_with(core.clone(), executor, beside, stop).await;
        // What did not end in time is another process's at once.
        if let Err(error) = store.farewell(core.leader.me(), core.clock.now()).await {
            tracing::warn!(error = format!("{error:#}"), "others will wait for what is left");
        }
        if let Err(error) = store.close().await {
            tracing::warn!(error = format!("{error:#}"), "the database did not close in order");
        }
        tracing::info!("Karvan has stopped");
    }
}
