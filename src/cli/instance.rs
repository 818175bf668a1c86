//! The panels, without the chat.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use secrecy::SecretString;

use crate::app;
use crate::domain::instance::{BaseUrl, Connection, Health, Mode, PanelKind, Weight};
use crate::domain::{InstanceId, Region};
use crate::panel::{Inspection, PanelError, Warning};
use crate::service::fleet::{Draft, Edit, Fleet, FleetError, InstanceView};
use crate::settings::{Environment, Settings};

#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// Take a panel into the fleet; its password is read from standard input
    Add(Add),
    /// List the panels
    List,
    /// Look at a panel now
    Test {
        /// Its id
        id: InstanceId,
    },
    /// Change a panel
    Edit(Change),
    /// Take a panel out of the fleet
    Remove {
        /// Its id
        id: InstanceId,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Where its API is, such as https://vpn1.example.com:8000
    base_url: BaseUrl,
    /// The login
    #[arg(long, default_value = "admin")]
    username: String,
    /// Read the password from this environment variable instead of standard input
    #[arg(long)]
    password_env: Option<String>,
    /// Where its traffic leaves the network: a country code such as de
    #[arg(long)]
    region: Region,
    /// A short id such as de001; made up from the location when left out
    #[arg(long)]
    id: Option<InstanceId>,
    /// What people read
    #[arg(long)]
    name: Option<String>,
    /// At most this many accounts
    #[arg(long, default_value_t = 1000)]
    max_users: u32,
    /// Lower is filled first
    #[arg(long, default_value_t = 1)]
    priority: u16,
    /// Share among panels of one priority
    #[arg(long, default_value_t = 1.0)]
    weight: f64,
    /// Who hosts it
    #[arg(long)]
    provider: Option<String>,
    /// Your own remark
    #[arg(long, default_value = "")]
    note: String,
    #[command(flatten)]
    way: Way,
    /// Save it even though it cannot be reached now
    #[arg(long)]
    force: bool,
}

/// How a panel is reached, beyond its address. An empty value takes away what was set.
#[derive(Debug, Args)]
pub(super) struct Way {
    /// SHA-256 of the certificate it must show, for a self-signed one
    #[arg(long)]
    fingerprint: Option<String>,
    /// A file with the certificate authority that signed its certificate, in PEM
    #[arg(long)]
    ca: Option<PathBuf>,
    /// A proxy for this panel alone; `direct` goes without PANEL_PROXY
    #[arg(long)]
    proxy: Option<String>,
    /// Connect to this host:port instead of the address's own
    #[arg(long)]
    connect_to: Option<String>,
    /// Ask for this name in the TLS handshake instead of the address's own
    #[arg(long)]
    sni: Option<String>,
    /// A file with a certificate to show and its private key, in PEM
    #[arg(long)]
    client_certificate: Option<PathBuf>,
}

impl Way {
    /// `before` with what was given; `None` when nothing was.
    fn after(&self, before: Connection) -> anyhow::Result<Option<Connection>> {
        let given = self.fingerprint.is_some()
            || self.ca.is_some()
            || self.proxy.is_some()
            || self.connect_to.is_some()
            || self.sni.is_some()
            || self.client_certificate.is_some();
        if !given {
            return Ok(None);
        }
        let set = |given: &Option<String>, old: Option<String>| match given.as_deref() {
            Some("") => None,
            Some(text) => Some(text.to_owned()),
            None => old,
        };
        Ok(Some(Connection {
            fingerprint: set(&self.fingerprint, before.fingerprint),
            proxy: set(&self.proxy, before.proxy),
            connect_to: set(&self.connect_to, before.connect_to),
            sni: set(&self.sni, before.sni),
            ca_pem: read(self.ca.as_deref(), before.ca_pem)?,
            client_pem: read(self.client_certificate.as_deref(), before.client_pem)?,
            ..before
        }))
    }
}

/// The text of a file that was named, else what was there before; an empty name takes it away.
fn read(file: Option<&Path>, before: Option<String>) -> anyhow::Result<Option<String>> {
    match file {
        None => Ok(before),
        Some(file) if file.as_os_str().is_empty() => Ok(None),
        Some(file) => {
            let text = std::fs::read_to_string(file);
            Ok(Some(text.with_context(|| format!("cannot read {}", file.display()))?))
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Change {
    /// Its id
    id: InstanceId,
    /// What people read
    #[arg(long)]
    name: Option<String>,
    /// Where its API is
    #[arg(long)]
    base_url: Option<BaseUrl>,
    /// The login; its password is read from standard input or from --password-env
    #[arg(long)]
    username: Option<String>,
    /// Read the new password from this environment variable
    #[arg(long)]
    password_env: Option<String>,
    /// A country code
    #[arg(long)]
    region: Option<Region>,
    /// At most this many accounts
    #[arg(long)]
    max_users: Option<u32>,
    /// Lower is filled first
    #[arg(long)]
    priority: Option<u16>,
    /// Share among panels of one priority
    #[arg(long)]
    weight: Option<f64>,
    /// Who hosts it; empty for nobody in particular
    #[arg(long)]
    provider: Option<String>,
    /// Your own remark
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    way: Way,
}

pub(super) async fn instance(
    settings: &Settings,
    environment: &Environment,
    what: What,
) -> anyhow::Result<()> {
    let (fleet, store) = app::fleet(settings).await?;
    let done = carry_out(&fleet, environment, what).await;
    store.close().await?;
    done
}

async fn carry_out(fleet: &Fleet, environment: &Environment, what: What) -> anyhow::Result<()> {
    match what {
        What::Add(add) => add_panel(fleet, environment, add).await,
        What::List => {
            let all = fleet.list().await?;
            if all.is_empty() {
                println!("No panels yet. Add one with `karvan instance add`, or in chat with /addnode.");
            }
            for view in all {
                println!("{}", line(&view));
            }
            Ok(())
        }
        What::Test { id } => match fleet.test(&id).await? {
            Ok(inspection) => {
                print_inspection(&inspection);
                Ok(())
            }
            Err(error) => bail!("{id} does not work: {}", advice(&error)),
        },
        What::Edit(change) => edit(fleet, environment, change).await,
        What::Remove { id } => {
            match fleet.remove(None, &id).await {
                Err(error @ FleetError::InUse { .. }) => bail!(
                    "{id} stays: {error}. Move the keys away first (in chat: /migrate), and wait until it is empty."
                ),
                other => other?,
            }
            println!("{id} is out of the fleet.");
            Ok(())
        }
    }
}

async fn add_panel(fleet: &Fleet, environment: &Environment, add: Add) -> anyhow::Result<()> {
    // What is wrong with the command itself is said before anybody types a password.
    let weight = Weight::try_from(add.weight)?;
    let connection = add.way.after(Connection::default())?.unwrap_or_default();
    let password = password(environment, add.password_env.as_deref())?;
    // The flag of the region is shown before each name.
    let id = match add.id {
        Some(id) => id,
        None => fleet.free_id(&add.region).await?,
    };
    let name = add.name.unwrap_or_else(|| id.as_str().to_uppercase());
    let draft = Draft {
        id: Some(id),
        name,
        note: add.note,
        kind: PanelKind::Marzban,
        mode: Mode::Manage,
        base_url: add.base_url,
        username: add.username,
        password,
        region: add.region,
        provider: add.provider,
        tags: Vec::new(),
        priority: add.priority,
        weight,
        max_users: add.max_users,
        connection,
    };
    match fleet.try_out(&draft).await {
        Ok(inspection) => print_inspection(&inspection),
        Err(error) if add.force => println!("It cannot be used now: {}", advice(&error)),
        Err(error) => bail!("not saved: {} Save it anyway with --force.", advice(&error)),
    }
    let id = fleet.add(None, &draft).await?;
    println!("Saved as {id}.");
    Ok(())
}

async fn edit(fleet: &Fleet, environment: &Environment, change: Change) -> anyhow::Result<()> {
    let id = &change.id;
    let view = fleet.view(id).await?;
    let mut edits = Vec::new();
    // Read before a password is asked for.
    let weight = change.weight.map(Weight::try_from).transpose()?;
    let connection = change.way.after(view.instance.connection)?;
    if change.username.is_some() || change.password_env.is_some() {
        let username = change.username.clone().unwrap_or(view.instance.username);
        edits.push(Edit::Login(username, password(environment, change.password_env.as_deref())?));
    }
    edits.extend(change.base_url.map(Edit::BaseUrl));
    edits.extend(connection.map(Edit::Connection));
    let reached_otherwise = !edits.is_empty();
    edits.extend(change.name.map(Edit::Name));
    edits.extend(change.note.map(Edit::Note));
    edits.extend(change.provider.map(|name| Edit::Provider(Some(name).filter(|name| !name.is_empty()))));
    edits.extend(change.region.map(Edit::Region));
    edits.extend(change.max_users.map(Edit::MaxUsers));
    edits.extend(change.priority.map(Edit::Priority));
    edits.extend(weight.map(Edit::Weight));
    if edits.is_empty() {
        bail!("nothing to change; see `karvan instance edit --help`");
    }
    for edit in edits {
        fleet.edit(None, id, edit).await?;
    }
    if reached_otherwise {
        match fleet.test(id).await? {
            Ok(inspection) => print_inspection(&inspection),
            Err(error) => println!("It is changed, but cannot be used now: {}", advice(&error)),
        }
    }
    println!("{}", line(&fleet.view(id).await?));
    Ok(())
}

/// The password, never from the command line, where everybody on the machine could read it.
fn password(environment: &Environment, variable: Option<&str>) -> anyhow::Result<SecretString> {
    if let Some(variable) = variable {
        let value = environment.get(variable).with_context(|| {
            format!("the variable {variable} is not set, neither in the environment nor in .env")
        })?;
        return Ok(value.to_owned().into());
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprint!("Password (shown as you type; or pipe it in, or use --password-env): ");
        std::io::stderr().flush()?;
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    let text = line.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        bail!("the password is empty; pipe it in, or name a variable with --password-env");
    }
    Ok(text.to_owned().into())
}

/// A panel in a line.
fn line(view: &InstanceView) -> String {
    let (instance, counters) = (&view.instance, view.counters);
    let health = match view.health.health {
        Health::Unknown => "not checked",
        Health::Healthy => "well",
        Health::Degraded => "partly well",
        Health::Suspect => "in doubt",
        Health::Unreachable => "unreachable",
        Health::ControlDown => "API silent",
        Health::Down => "down",
        Health::Misconfigured => "refuses us",
        Health::Blocked => "blocked",
        Health::Recovering => "recovering",
    };
    format!(
        "{:<16} {} {:<24} {:>5} of {:<5} {:<12} {}",
        instance.id.as_str(),
        instance.region.flag(),
        instance.name,
        counters.taken(),
        instance.max_users,
        health,
        instance.base_url
    )
}

fn print_inspection(found: &Inspection) {
    let overview = &found.overview;
    let core = if overview.core_started { "running" } else { "stopped" };
    println!("Version {}, core {core}, {} active users.", overview.version, overview.users_active);
    for inbound in &found.inbounds {
        println!("  {} ({}, {}, {})", inbound.tag, inbound.protocol, inbound.network, inbound.security);
    }
    for warning in &found.warnings {
        println!("Attention: {}", warned(warning));
    }
}

/// What a trap means and what to do.
pub(super) fn warned(warning: &Warning) -> String {
    match warning {
        Warning::NoInbounds => {
            "it has no inbounds: keys made here would be empty. Add one on the panel.".to_owned()
        }
        Warning::CoreStopped => {
            "its core does not run: nobody can connect. Start it on the panel.".to_owned()
        }
        Warning::RealityRaw { tag } => format!(
            "inbound {tag}: its network is called \"raw\"; new users cannot connect until the core restarts. \
             Write \"tcp\" instead."
        ),
        Warning::UnknownInbound { tag } => format!("it has no inbound {tag}. Check the list of inbounds."),
        Warning::PlainHttp => "plain http: the password crosses the network readable. Use https.".to_owned(),
    }
}

/// How a panel fails and what to do.
pub(super) fn advice(error: &PanelError) -> String {
    use crate::panel::Trouble;
    match error {
        PanelError::Unauthorised => "it refuses the login. Check user name and password.".to_owned(),
        PanelError::Forbidden => "the login may not do this. Use one with more rights.".to_owned(),
        PanelError::Unavailable(trouble) | PanelError::Unclear(trouble) | PanelError::NotPanel(trouble) => {
            match trouble {
                Trouble::Refused => "nobody listens there. Check the port, and that the panel runs.",
                Trouble::Dns => "its name is unknown. Check the address.",
                Trouble::Unreachable => "there is no way to it from here. Check the network or use a proxy.",
                Trouble::Timeout => "it does not answer in time. Check the address and the firewall.",
                Trouble::Cut => "the connection is cut. Check that http and https are not mixed up.",
                Trouble::Certificate => {
                    "its certificate is not trusted. For a self-signed one give its --fingerprint."
                }
                Trouble::Proxy => "the proxy refuses. Check the proxy's address and login.",
                Trouble::Server(_) => "it fails with a server error. Look at the panel's log.",
                Trouble::TooMany => "it is asked too often. Try again in a minute.",
                Trouble::Foreign(_) => "what answers there is no Marzban. Check the address and its path.",
                Trouble::Garbled => "its answer cannot be read. Check the address.",
                Trouble::TooLate | Trouble::Busy => "too much waits for it. Try again in a minute.",
            }
            .to_owned()
        }
        other => format!("{other}."),
    }
}
