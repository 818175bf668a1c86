//! Panels: list, card, live test, editing.

use std::time::Duration;

use crate::domain::instance::{AdminState, BaseUrl, Health, Instance, Mode, PanelKind};
use crate::domain::{InstanceId, Timestamp};
use crate::panel::{Inspection, PanelError, Warning};
use crate::service::fleet::{FleetError, InstanceView};

use super::super::{Html, T, error, number, plain, region, say, time, user};

/// What the checks found, in a few words.
#[must_use]
pub fn health(t: &T, health: Health) -> Html {
    match health {
        Health::Unknown => say!(t, "nodes-health-unknown"),
        Health::Healthy => say!(t, "nodes-health-healthy"),
        Health::Degraded => say!(t, "nodes-health-degraded"),
        Health::Suspect => say!(t, "nodes-health-suspect"),
        Health::Unreachable => say!(t, "nodes-health-unreachable"),
        Health::ControlDown => say!(t, "nodes-health-control-down"),
        Health::Down => say!(t, "nodes-health-down"),
        Health::Misconfigured => say!(t, "nodes-health-misconfigured"),
        Health::Blocked => say!(t, "nodes-health-blocked"),
        Health::Recovering => say!(t, "nodes-health-recovering"),
    }
}

/// What the admins decided, in a few words.
#[must_use]
pub fn admin_state(t: &T, state: AdminState, now: Timestamp) -> Html {
    match state {
        AdminState::Cordoned => say!(t, "nodes-state-cordoned"),
        AdminState::Maintenance { until: None } => say!(t, "nodes-state-maintenance"),
        AdminState::Maintenance { until: Some(until) } if until > now => {
            say!(t, "nodes-state-maintenance-until", until = time::date_time(t, until))
        }
        AdminState::Open | AdminState::Maintenance { until: Some(_) } => say!(t, "nodes-state-open"),
    }
}

/// All panels; buttons below open their cards.
#[must_use]
pub fn list(t: &T, instances: &[InstanceView], now: Timestamp) -> Html {
    if instances.is_empty() {
        return say!(t, "nodes-none");
    }
    let keys: u32 = instances.iter().map(|view| view.counters.active).sum();
    let head = say!(t, "nodes-list", count = instances.len(), keys = keys);
    let rows = instances.iter().map(|view| row(t, view, now));
    let mut pieces = fitting([head], rows, |hidden| say!(t, "nodes-exit-more", count = hidden)).into_iter();
    let head = pieces.next().unwrap_or_default();
    Html::paragraphs([head, Html::lines(pieces)])
}

/// One line a panel: state, name, flag, keys of the cap, how quickly it answered.
fn row(t: &T, view: &InstanceView, now: Timestamp) -> Html {
    let (instance, report) = (&view.instance, &view.health);
    let row = say!(
        t,
        "nodes-row",
        icon = icon(report.health),
        name = &instance.name,
        flag = instance.region.flag(),
        taken = view.counters.taken(),
        cap = instance.max_users,
    );
    let well = report.last_good_at.is_some() && report.last_good_at == report.checked_at;
    let row = match report.latency_ms.filter(|_| well) {
        Some(latency) => {
            say!(t, "nodes-row-latency", row = row, latency = latency_text(t, latency.into()))
        }
        None => row,
    };
    if instance.admin_state.accepts(now) {
        row
    } else {
        let state = admin_state(t, instance.admin_state, now);
        say!(t, "nodes-row-state", row = row, state = state)
    }
}

/// The sign that [`health`] begins with.
#[must_use]
pub fn icon(health: Health) -> &'static str {
    match health {
        Health::Unknown => "⚪",
        Health::Healthy => "🟢",
        Health::Degraded => "🟡",
        Health::Suspect | Health::ControlDown => "🟠",
        Health::Unreachable => "🔴",
        Health::Down => "⛔",
        Health::Misconfigured => "🔧",
        Health::Blocked => "🚧",
        Health::Recovering => "🔵",
    }
}

/// As many rows as a message holds beside `head`, and a last one for the rest.
pub(super) fn fitting(
    head: impl IntoIterator<Item = Html>,
    rows: impl ExactSizeIterator<Item = Html>,
    more: impl Fn(usize) -> Html,
) -> Vec<Html> {
    // Room for the last row, and for whatever a caller adds below.
    const SPARE: usize = 400;
    let mut pieces: Vec<_> = head.into_iter().collect();
    let mut length: usize = pieces.iter().map(Html::telegram_len).sum::<usize>() + SPARE;
    let all = rows.len();
    for (shown, row) in rows.enumerate() {
        length += row.telegram_len() + 2;
        if length > Html::MAX_TEXT {
            pieces.push(more(all - shown));
            break;
        }
        pieces.push(row);
    }
    pieces
}

/// Everything about a panel that is no secret.
#[must_use]
pub fn card(t: &T, view: &InstanceView, now: Timestamp) -> Html {
    let (instance, report) = (&view.instance, &view.health);
    let title = say!(
        t,
        "nodes-card-title",
        name = &instance.name,
        id = Html::code(t, instance.id.as_str()),
        location = region::label(t, &instance.region),
    );
    let state = Html::lines([
        say!(
            t,
            "nodes-card-health",
            health = health(t, report.health),
            since = time::date_time(t, report.since),
        ),
        problem(t, report.problem.as_deref()),
        checked(t, view, now),
        match instance.mode {
            Mode::Manage => admin_state(t, instance.admin_state, now),
            Mode::Observe => say!(t, "nodes-mode-observe"),
        },
    ]);
    let (counters, cap) = (&view.counters, instance.max_users);
    let room = Html::lines([
        say!(
            t,
            "nodes-card-room",
            bar = number::bar(counters.taken().into(), cap.into()),
            taken = counters.taken(),
            cap = cap,
        ),
        say!(
            t,
            "nodes-card-counts",
            active = counters.active,
            reserved = counters.reserved,
            lingering = counters.lingering,
            foreign = counters.foreign,
        ),
        say!(t, "nodes-card-share", priority = instance.priority, weight = instance.weight.get()),
    ]);
    let head = [title, state, room, described(t, instance, report.version.as_deref())];
    let exits = view.nodes.iter().map(|node| super::exits::row(t, node, None));
    let exits = fitting(head.iter().cloned(), exits, |hidden| say!(t, "nodes-exit-more", count = hidden));
    let exits: Vec<_> = exits.into_iter().skip(head.len()).collect();
    let exits = if exits.is_empty() {
        Html::default()
    } else {
        Html::lines([say!(t, "nodes-exits")].into_iter().chain(exits))
    };
    Html::paragraphs(head.into_iter().chain([exits]))
}

pub(super) fn problem(t: &T, word: Option<&str>) -> Html {
    word.map(|word| say!(t, "nodes-card-problem", problem = error::problem(t, word))).unwrap_or_default()
}

pub(super) fn checked(t: &T, view: &InstanceView, now: Timestamp) -> Html {
    match (view.health.checked_at, view.health.latency_ms) {
        (None, _) => Html::default(),
        (Some(at), Some(latency)) if view.health.last_good_at == Some(at) => {
            let latency = latency_text(t, latency.into());
            say!(t, "nodes-card-checked", ago = time::ago(t, at, now), latency = latency)
        }
        (Some(at), _) => say!(t, "nodes-card-checked-silent", ago = time::ago(t, at, now)),
    }
}

pub(super) fn latency_text(t: &T, milliseconds: u64) -> String {
    plain!(t, "unit-milliseconds", count = milliseconds)
}

fn described(t: &T, instance: &Instance, version: Option<&str>) -> Html {
    let given = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(str::to_owned);
    let tags = Html::list(t, instance.tags.iter().map(String::as_str));
    Html::lines([
        version
            .map(|version| say!(t, "nodes-card-version", kind = kind(instance.kind), version = version))
            .unwrap_or_default(),
        say!(t, "nodes-card-address", address = address(t, &instance.base_url)),
        say!(t, "nodes-card-login", username = Html::code(t, &instance.username)),
        given(&instance.provider)
            .map(|provider| say!(t, "nodes-card-provider", provider = provider))
            .unwrap_or_default(),
        if tags.is_empty() { Html::default() } else { say!(t, "nodes-card-tags", tags = tags) },
        given(&Some(instance.note.clone()))
            .map(|note| say!(t, "nodes-card-note", note = note))
            .unwrap_or_default(),
    ])
}

pub(super) fn kind(kind: PanelKind) -> &'static str {
    match kind {
        PanelKind::Marzban => "Marzban",
    }
}

/// A panel's address without its path, which is often a secret.
#[must_use]
pub fn address(t: &T, url: &BaseUrl) -> Html {
    let (scheme, rest) = url.as_str().split_once("://").unwrap_or(("https", url.as_str()));
    let shown = match rest.split_once('/') {
        Some((host, _)) => format!("{scheme}://{host}/…"),
        None => url.as_str().to_owned(),
    };
    Html::code(t, &shown)
}

/// Above the keys that a panel serves.
#[must_use]
pub fn keys(t: &T, name: &str, count: u32) -> Html {
    match count {
        0 => say!(t, "nodes-keys-none", name = name),
        count => say!(t, "nodes-keys", name = name, count = count),
    }
}

/// A live test is under way.
#[must_use]
pub fn testing(t: &T) -> Html {
    say!(t, "nodes-testing")
}

/// What a live test found.
#[must_use]
pub fn tested(t: &T, result: &Result<Inspection, PanelError>) -> Html {
    match result {
        Ok(inspection) => inspected(t, inspection),
        Err(error) => say!(t, "nodes-test-bad", problem = error::panel(t, error)),
    }
}

fn inspected(t: &T, inspection: &Inspection) -> Html {
    const SHOWN: usize = 12;
    let overview = &inspection.overview;
    let mut facts = vec![
        say!(t, "nodes-test-good", latency = latency(t, overview.latency)),
        say!(t, "nodes-test-version", version = &overview.version),
        say!(t, "nodes-test-users", active = overview.users_active, total = overview.users_total),
    ];
    let mut inbounds: Vec<_> = inspection
        .inbounds
        .iter()
        .take(SHOWN)
        .map(|inbound| {
            format!("{} ({}/{}/{})", inbound.tag, inbound.protocol, inbound.network, inbound.security)
        })
        .collect();
    if inspection.inbounds.len() > SHOWN {
        inbounds.push("…".into());
    }
    if !inbounds.is_empty() {
        let inbounds = Html::list(t, inbounds.iter().map(String::as_str));
        facts.push(say!(t, "nodes-test-inbounds", inbounds = inbounds));
    }
    if !overview.nodes.is_empty() {
        let connected = overview.nodes.iter().filter(|node| node.status.is_connected()).count();
        facts.push(say!(t, "nodes-test-exits", connected = connected, total = overview.nodes.len()));
    }
    if !inspection.sudo {
        facts.push(say!(t, "nodes-test-not-sudo"));
    }
    let warnings = inspection.warnings.iter().take(SHOWN).map(|warning| warn(t, warning));
    Html::paragraphs([Html::lines(facts), Html::lines(warnings)])
}

pub(super) fn latency(t: &T, latency: Duration) -> String {
    latency_text(t, u64::try_from(latency.as_millis()).unwrap_or(u64::MAX))
}

fn warn(t: &T, warning: &Warning) -> Html {
    match warning {
        Warning::NoInbounds => say!(t, "nodes-warning-no-inbounds"),
        Warning::CoreStopped => say!(t, "nodes-warning-core-stopped"),
        Warning::RealityRaw { tag } => say!(t, "nodes-warning-reality-raw", tag = Html::code(t, tag)),
        Warning::UnknownInbound { tag } => say!(t, "nodes-warning-unknown-inbound", tag = Html::code(t, tag)),
        Warning::PlainHttp => say!(t, "nodes-warning-plain-http"),
    }
}

/// What became of an admin's decision about new keys.
#[must_use]
pub fn state_changed(t: &T, name: &str, state: AdminState, now: Timestamp) -> Html {
    match state {
        AdminState::Open => say!(t, "nodes-opened", name = name),
        AdminState::Cordoned => say!(t, "nodes-cordoned", name = name),
        AdminState::Maintenance { .. } => {
            Html::lines([Html::piece(t, name).bold(), admin_state(t, state, now)])
        }
    }
}

/// How long shall the maintenance last?
#[must_use]
pub fn maintenance_choose(t: &T, name: &str) -> Html {
    say!(t, "nodes-maintenance-choose", name = name)
}

/// Take it out of the fleet?
#[must_use]
pub fn remove_confirm(t: &T, name: &str) -> Html {
    say!(t, "nodes-remove-confirm", name = name)
}

/// Asked a second time: there is no way back.
#[must_use]
pub fn remove_sure(t: &T, name: &str) -> Html {
    say!(t, "nodes-remove-sure", name = name)
}

/// It is out.
#[must_use]
pub fn removed(t: &T, name: &str) -> Html {
    say!(t, "nodes-removed", name = name)
}

/// Why the fleet refuses a change.
#[must_use]
pub fn refused(t: &T, error: &FleetError) -> Html {
    let code = |id: &InstanceId| Html::code(t, id.as_str());
    match error {
        FleetError::NotFound(_) => say!(t, "nodes-not-found"),
        FleetError::IdTaken(id) => say!(t, "nodes-id-taken", id = code(id)),
        FleetError::AlreadyThere(id) => say!(t, "nodes-already-there", id = code(id)),
        FleetError::InUse { keys, leftovers } => {
            say!(t, "nodes-in-use", keys = *keys, leftovers = *leftovers)
        }
        FleetError::Store(_) => user::failed(t),
    }
}

/// A field that can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// What people read.
    Name,
    /// The operator's remark.
    Note,
    /// Where its API is.
    Address,
    /// The user name.
    Username,
    /// The password. Secret.
    Password,
    /// Where its traffic leaves the network.
    Region,
    /// Who hosts it.
    Provider,
    /// Free labels.
    Tags,
    /// Tier.
    Priority,
    /// Share within the tier.
    Weight,
    /// At most so many keys.
    Cap,
    /// Look only, or use.
    Mode,
    /// A proxy for this panel. Secret.
    Proxy,
    /// Extra headers. Secret.
    Headers,
    /// An own certificate authority.
    Ca,
    /// The certificate's fingerprint.
    Fingerprint,
    /// Another `host:port`.
    ConnectTo,
    /// The name that TLS asks for.
    Sni,
    /// The certificate to show, with its key.
    ClientCertificate,
    /// Inbounds to offer.
    Inbounds,
}

impl Field {
    /// What it is called.
    #[must_use]
    pub fn name(self, t: &T) -> String {
        match self {
            Self::Name => plain!(t, "nodes-field-name"),
            Self::Note => plain!(t, "nodes-field-note"),
            Self::Address => plain!(t, "nodes-field-address"),
            Self::Username => plain!(t, "nodes-field-username"),
            Self::Password => plain!(t, "nodes-field-password"),
            Self::Region => plain!(t, "nodes-field-region"),
            Self::Provider => plain!(t, "nodes-field-provider"),
            Self::Tags => plain!(t, "nodes-field-tags"),
            Self::Priority => plain!(t, "nodes-field-priority"),
            Self::Weight => plain!(t, "nodes-field-weight"),
            Self::Cap => plain!(t, "nodes-field-cap"),
            Self::Mode => plain!(t, "nodes-field-mode"),
            Self::Proxy => plain!(t, "nodes-field-proxy"),
            Self::Headers => plain!(t, "nodes-field-headers"),
            Self::Ca => plain!(t, "nodes-field-ca"),
            Self::Fingerprint => plain!(t, "nodes-field-fingerprint"),
            Self::ConnectTo => plain!(t, "nodes-field-connect-to"),
            Self::Sni => plain!(t, "nodes-field-sni"),
            Self::ClientCertificate => plain!(t, "nodes-field-client-certificate"),
            Self::Inbounds => plain!(t, "nodes-field-inbounds"),
        }
    }

    /// Whether its value may not be shown, and the message with a new one is deleted.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::Proxy | Self::Headers | Self::Address | Self::ClientCertificate)
    }

    /// Its value as it may be shown.
    #[must_use]
    pub fn value(self, t: &T, instance: &Instance) -> Html {
        let connection = &instance.connection;
        let text = |text: &str| if text.is_empty() { not_set(t) } else { Html::piece(t, text) };
        let code = |text: &str| if text.is_empty() { not_set(t) } else { Html::code(t, text) };
        let hidden = |is_set: bool| if is_set { say!(t, "nodes-value-set") } else { not_set(t) };
        match self {
            Self::Name => text(&instance.name),
            Self::Note => text(&instance.note),
            Self::Address => address(t, &instance.base_url),
            Self::Username => code(&instance.username),
            Self::Password => hidden(true),
            Self::Region => text(&region::label(t, &instance.region)),
            Self::Provider => text(instance.provider.as_deref().unwrap_or_default()),
            Self::Tags if instance.tags.is_empty() => not_set(t),
            Self::Tags => Html::list(t, instance.tags.iter().map(String::as_str)),
            Self::Priority => text(&number::whole(t, instance.priority.into())),
            Self::Weight => text(&number::decimal(t.lang(), instance.weight.get(), 2)),
            Self::Cap => text(&number::whole(t, instance.max_users.into())),
            Self::Mode => match instance.mode {
                Mode::Manage => say!(t, "nodes-mode-use-label"),
                Mode::Observe => say!(t, "nodes-mode-observe-label"),
            },
            Self::Proxy => hidden(connection.proxy.is_some()),
            Self::Headers => hidden(!connection.headers.is_empty()),
            Self::Ca => hidden(connection.ca_pem.is_some()),
            Self::Fingerprint => code(connection.fingerprint.as_deref().unwrap_or_default()),
            Self::ConnectTo => code(connection.connect_to.as_deref().unwrap_or_default()),
            Self::Sni => code(connection.sni.as_deref().unwrap_or_default()),
            Self::ClientCertificate => hidden(connection.client_pem.is_some()),
            Self::Inbounds => code(&connection.inbounds.join(", ")),
        }
    }
}

fn not_set(t: &T) -> Html {
    say!(t, "nodes-value-none")
}

/// What shall be changed?
#[must_use]
pub fn edit_choose(t: &T, name: &str) -> Html {
    say!(t, "nodes-edit-choose", name = name)
}

/// The new value, please. `instance`: the one that has an old value.
#[must_use]
pub fn edit_ask(t: &T, field: Field, instance: Option<&Instance>) -> Html {
    match instance {
        Some(instance) if !field.is_secret() => {
            say!(t, "nodes-edit-ask", field = field.name(t), value = field.value(t, instance))
        }
        _ => say!(t, "nodes-edit-ask-secret", field = field.name(t)),
    }
}

/// Look only, or use?
#[must_use]
pub fn mode_choose(t: &T, name: &str) -> Html {
    say!(t, "nodes-mode-choose", name = name)
}

/// Saved. `below`: the new cap is below what is there.
#[must_use]
pub fn edit_saved(t: &T, below: bool) -> Html {
    if below { say!(t, "nodes-edit-saved-below") } else { say!(t, "nodes-edit-saved") }
}
