//! What looking at a thousand panels costs: one process runs all of Karvan's loops over panels that live in another.
//!
//! `cargo bench --bench probes` prints a table of processor time and memory; `--panels N` takes another number,
//! `--quick` a hundred for a few seconds. Every panel is a simulated Marzban that answers over HTTP; each is looked at
//! every 5 s, in detail every 30 s. Beside it stands what the bare requests cost with nothing done about the answers: a
//! reference, because machines differ.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use karvan::domain::instance::{AdminState, Care, Connection, Health, Instance, Mode, PanelKind, Weight};
use karvan::domain::{Clock, SystemClock};
use karvan::service::executor::Executor;
use karvan::settings::{Need, Settings};
use karvan::store::SecretKey;
use karvan::{app, task};
use sim::clock::SimClock;
use sim::marzban::{Inbound, Marzban, Options};
use tokio_util::sync::CancellationToken;

/// Ticks of the kernel's clock in a second, as `/proc/self/stat` counts.
const TICKS: f64 = 100.0;
/// The login of every panel.
const ADMIN: (&str, &str) = ("admin", "admin-password");

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let number = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse::<u32>().ok()
    };
    if let Some(count) = number("--be-panels") {
        return be_panels(count).await;
    }
    tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR).with_writer(std::io::stderr).init();
    let count = number("--panels").unwrap_or(if quick { 100 } else { 1_000 });
    let lasts = Duration::from_secs(if quick { 10 } else { 60 });
    let (mut panels, addresses) = elsewhere(count)?;

    let folder = tempfile::tempdir()?;
    let variables = [
        ("SECRET_KEY", SecretKey::generate(&mut rand::rng()).expose()),
        ("DATABASE_URL", format!("sqlite://{}?mode=rwc", folder.path().join("bench.db").display())),
        ("ADMIN_IDS", "1".to_owned()),
        // Our own network is taken for well without asking anybody.
        ("REFERENCE_PROBES", addresses[0].trim_start_matches("http://").to_owned()),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value)).into();
    let settings = Settings::read(&variables, Need::Secrets)?;
    let store = app::open_store(&settings).await?;
    let core = app::core(&settings, store, Arc::new(SystemClock)).await?;
    for (place, address) in (1..).zip(&addresses) {
        add(&core.store, place, address).await?;
    }
    let stop = CancellationToken::new();
    let executor = Executor::new(core.clone(), "bench");
    let running = tokio::spawn(task::run(core.clone(), executor, stop.clone()));
    // Until each was looked at in detail once.
    let healthy = async || -> anyhow::Result<usize> {
        let all = core.store.health().await?;
        Ok(all.iter().filter(|(_, report)| report.health == Health::Healthy).count())
    };
    while healthy().await? < count as usize {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let (before, began) = (processor()?, std::time::Instant::now());
    tokio::time::sleep(lasts).await;
    let share = (processor()? - before) / began.elapsed().as_secs_f64();
    let (memory, healthy) = (memory()?, healthy().await?);
    stop.cancel();
    running.await?;
    let bare = reference(&addresses, lasts).await?;
    println!("| panels | looked at | processor | the bare requests | memory | healthy in the end |");
    println!("| --- | --- | --- | --- | --- | --- |");
    println!(
        "| {count} | every 5 s, in detail every 30 s | {:.1} % of one core | {:.1} % | {memory:.0} MB | {healthy} |",
        share * 100.0,
        bare * 100.0,
    );
    panels.kill()?;
    panels.wait()?;
    Ok(())
}

/// The share of a core that the same requests take when nothing is done about the answers: each panel is asked once
/// every 5 s over a connection of its own, and four times every 30 s over two.
async fn reference(addresses: &[String], lasts: Duration) -> anyhow::Result<f64> {
    let client =
        |idle| reqwest::Client::builder().no_proxy().http1_only().pool_max_idle_per_host(idle).build();
    let (fresh, kept) = (client(0)?, client(2)?);
    let every = |seconds: u64, place: usize| {
        let period = Duration::from_secs(seconds);
        let offset = period.mul_f64(place as f64 / addresses.len() as f64);
        tokio::time::interval_at(tokio::time::Instant::now() + offset, period)
    };
    // A task each: whoever polls a thousand of them by hand whenever one goes on pays for that, too.
    let mut looks = tokio::task::JoinSet::new();
    for (place, address) in addresses.iter().enumerate() {
        let (mut quick, mut detailed) = (every(5, place), every(30, place));
        let (fresh, kept, address) = (fresh.clone(), kept.clone(), address.clone());
        looks.spawn(async move {
            loop {
                let asked = tokio::select! {
                    _ = quick.tick() => ask(&fresh, &address).await,
                    _ = detailed.tick() => {
                        let both = async || tokio::try_join!(ask(&kept, &address), ask(&kept, &address));
                        both().await.and(both().await).map(drop)
                    }
                };
                if let Err(error) = asked {
                    return error;
                }
            }
        });
    }
    let (before, began) = (processor()?, std::time::Instant::now());
    tokio::select! {
        Some(error) = looks.join_next() => return Err(error?.into()),
        () = tokio::time::sleep(lasts) => {}
    }
    Ok((processor()? - before) / began.elapsed().as_secs_f64())
}

async fn ask(client: &reqwest::Client, address: &str) -> reqwest::Result<()> {
    client.get(format!("{address}/api/core")).send().await?.bytes().await.map(drop)
}

/// The process that the panels live in, and their addresses.
fn elsewhere(count: u32) -> anyhow::Result<(Child, Vec<String>)> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--be-panels", &count.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = BufReader::new(child.stdout.take().expect("it was asked for"));
    let addresses = output.lines().take(count as usize).collect::<Result<_, _>>()?;
    Ok((child, addresses))
}

/// Panels until the one who started them is gone.
async fn be_panels(count: u32) -> anyhow::Result<()> {
    let mut panels = Vec::new();
    for seed in 0..count {
        let options = Options {
            name: format!("p{seed}"),
            clock: SimClock::real(),
            seed: seed.into(),
            admin: (ADMIN.0.to_owned(), ADMIN.1.to_owned()),
            inbounds: Inbound::defaults(443),
            ..Options::default()
        };
        let panel = Marzban::start(options).await?;
        println!("{}", panel.url());
        panels.push(panel);
    }
    std::io::stdout().flush()?;
    tokio::task::spawn_blocking(|| std::io::stdin().lines().last()).await?;
    Ok(())
}

async fn add(store: &karvan::store::Store, place: u32, address: &str) -> anyhow::Result<()> {
    let instance = Instance {
        id: format!("de{place:04}").parse()?,
        name: format!("DE {place}"),
        note: String::new(),
        kind: PanelKind::Marzban,
        mode: Mode::Manage,
        base_url: address.parse()?,
        username: ADMIN.0.to_owned(),
        region: "de".parse()?,
        provider: None,
        tags: Vec::new(),
        admin_state: AdminState::Open,
        priority: 1,
        weight: Weight::ONE,
        max_users: 1_000,
        connection: Connection::default(),
        care: Care::default(),
    };
    let added = store.add_instance(&instance, &ADMIN.1.to_owned().into(), SystemClock.now()).await?;
    anyhow::ensure!(added, "{place} is there already");
    Ok(())
}

/// Seconds of processor time that this process has used.
fn processor() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks: f64 =
        after.split_whitespace().skip(11).take(2).filter_map(|one| one.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS)
}

/// Resident memory of this process in MB.
fn memory() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kilobytes: f64 = line.split_whitespace().next().unwrap_or_default().parse()?;
    Ok(kilobytes / 1024.0)
}
