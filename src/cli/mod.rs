//! The commands of the binary.
//!
//! Each reads only the settings it needs. What goes wrong is said in a line or two that name what to do; the exit code is
//! 2 for a command or setting that cannot be used and 1 for everything else.

mod adopt;
mod backup;
mod by_hand;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
mod import;
mod instance;
mod key;
mod lock;
mod migrate;
mod probe;
mod rebalance;
mod reconcile;
mod restore;
mod run;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::settings::{Environment, LogFormat, Mistakes, Need, Settings};
use crate::store::SecretKey;

/// A Telegram bot that hands out VPN keys from a fleet of panels and looks after the fleet by itself.
#[derive(Debug, Parser)]
#[command(
    name = "karvan",
    version,
    after_help = "Settings are read from the environment and from .env; see .env.example."
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the bot (the default)
    Run,
    /// Try everything without a token, a panel or a server: a simulated Telegram and three simulated panels
    #[cfg(feature = "demo")]
    Demo {
        /// Play a short conversation in the terminal and end
        #[arg(long)]
        script: bool,
        /// The port of the page on 127.0.0.1
        #[arg(long, default_value_t = 8088)]
        port: u16,
    },
    /// Bring the database up to this version, or take steps back
    Migrate {
        #[command(subcommand)]
        what: migrate::What,
    },
    /// Manage the panels without the chat
    Instance {
        #[command(subcommand)]
        what: Box<instance::What>,
    },
    /// Take panels from a fleet file, or everything from the tables of an older system
    Import(import::Import),
    /// Say whose the accounts are that live on a panel already, and take over what is certain
    Adopt {
        /// The panel's id
        id: crate::domain::InstanceId,
        /// Do it; nothing on the panel changes
        #[arg(long)]
        apply: bool,
    },
    /// Empty a panel: by itself it says how far that is, or what would be
    Drain {
        /// The panel's id
        id: crate::domain::InstanceId,
        /// Begin it
        #[arg(long)]
        apply: bool,
    },
    /// Say who would go where if panels were lost; without names, which cannot be lost and when locations are full
    Simulate {
        /// Their ids
        ids: Vec<crate::domain::InstanceId>,
    },
    /// Plan maintenance: no new keys, no alarms, no evacuation
    Maintenance {
        #[command(subcommand)]
        what: by_hand::Maintenance,
    },
    /// Even out the load within each location, a few keys an hour
    Rebalance {
        /// Only say what would move
        #[arg(long)]
        dry_run: bool,
    },
    /// Hold the panels against the database, and say what would be done
    Reconcile {
        /// Only this panel
        #[arg(long)]
        instance: Option<crate::domain::InstanceId>,
        /// Do it
        #[arg(long)]
        apply: bool,
    },
    /// Make the key that seals secrets in the database
    Key {
        #[command(subcommand)]
        what: KeyCommand,
    },
    /// Write the whole database into a sealed file, while `run` goes on
    Backup {
        /// The file, or a folder; by itself BACKUP_DIR, or here
        to: Option<std::path::PathBuf>,
    },
    /// Bring a backup back; nothing acts afterwards before you confirm
    Restore(restore::Restore),
    /// Look for what is wrong, and say what to do about it
    Doctor,
    /// See from inside a country whether people reach the panels' addresses, and report it
    Probe {
        #[command(subcommand)]
        what: Option<probe::What>,
        /// Look once, say what was found, and end
        #[arg(long)]
        once: bool,
    },
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Print a new SECRET_KEY
    New,
    /// Seal everything in the database with the present SECRET_KEY, while `run` goes on
    Rotate {
        /// Only say what older keys have sealed
        #[arg(long)]
        check: bool,
    },
}

/// Runs the command that the command line names.
pub async fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no failures.
            let code = if error.use_stderr() { 2 } else { 0 };
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    match carry_out(arguments.command.unwrap_or(Command::Run)).await {
        Ok(code) => code,
        Err(error) if error.is::<Mistakes>() => {
            eprintln!("karvan: {error}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("karvan: {}", told(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes in a line. Some causes repeat what stands before them; nobody needs to read that twice.
fn told(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.is_empty() {
            said = cause;
        } else if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

async fn carry_out(command: Command) -> anyhow::Result<ExitCode> {
    let environment = Environment::load();
    let settings = |need| settings(&environment, need);
    match command {
        Command::Run => run::run(&settings(Need::Run)?).await?,
        #[cfg(feature = "demo")]
        Command::Demo { script, port } => {
            log(LogFormat::Human, if script { "error" } else { "karvan=info,warn" });
            demo::demo(script, port).await?;
        }
        Command::Migrate { what } => migrate::migrate(&settings(Need::Database)?, what).await?,
        Command::Instance { what } => {
            instance::instance(&settings(Need::Secrets)?, &environment, *what).await?;
        }
        Command::Import(what) => {
            import::import(&settings(Need::Secrets)?, &environment, &what).await?;
        }
        Command::Adopt { id, apply } => adopt::adopt(&settings(Need::Secrets)?, &id, apply).await?,
        Command::Drain { id, apply } => {
            by_hand::drain(&settings(Need::Secrets)?, &id, apply).await?;
        }
        Command::Simulate { ids } => by_hand::simulate(&settings(Need::Secrets)?, &ids).await?,
        Command::Maintenance { what } => by_hand::maintenance(&settings(Need::Secrets)?, what).await?,
        Command::Rebalance { dry_run } => {
            rebalance::rebalance(&settings(Need::Secrets)?, dry_run).await?;
        }
        Command::Reconcile { instance, apply } => {
            reconcile::reconcile(&settings(Need::Secrets)?, instance, apply).await?;
        }
        Command::Key { what: KeyCommand::New } => {
            println!("{}", SecretKey::generate(&mut rand::rng()).expose());
        }
        Command::Backup { to } => backup::backup(&settings(Need::Secrets)?, to).await?,
        Command::Restore(what) => restore::restore(&settings(Need::Secrets)?, what).await?,
        Command::Key { what: KeyCommand::Rotate { check } } => {
            key::rotate(&settings(Need::Secrets)?, check).await?;
        }
        Command::Probe { what: None, once } => {
            let settings = environment.settings(Need::Database)?;
            log(settings.log_format, "karvan=info,warn");
            probe::run(&settings, once).await?;
        }
        Command::Probe { what: Some(what), .. } => probe::manage(&settings(Need::Secrets)?, what).await?,
        Command::Doctor => {
            log(LogFormat::Human, "error");
            return Ok(doctor::doctor(&environment).await);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The settings, with logs set up as they say.
fn settings(environment: &Environment, need: Need) -> Result<Settings, Mistakes> {
    let settings = environment.settings(need)?;
    let quiet = if need == Need::Run { "karvan=info,warn" } else { "warn" };
    log(settings.log_format, quiet);
    Ok(settings)
}

/// Sets logs up: as much as `RUST_LOG` says, else as `usual` does.
fn log(format: LogFormat, usual: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // Colours are for a terminal: in a file, the journal or a container's log they are noise between the words.
    let layer = if std::io::stderr().is_terminal() { layer } else { layer.with_ansi(false) };
    // A second set-up, as in tests, changes nothing.
    drop(match format {
        LogFormat::Human => registry.with(layer).try_init(),
        LogFormat::Json => registry.with(layer.json()).try_init(),
    });
}
