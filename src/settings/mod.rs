//! The environment, parsed and checked at once.
//!
//! All mistakes are reported together, each with the variable's name, what was expected and an example; no value is ever
//! repeated, because it may be secret. [`VARIABLES`] is the one list: `.env.example` and the README are tested against it.

mod environment;
mod public;
mod variables;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono_tz::Tz;
use secrecy::SecretString;
use url::Url;

use crate::domain::UserId;
use crate::domain::backup::Schedule;
use crate::domain::health::Thresholds;
use crate::domain::placement::{self, Strategy};
use crate::service::backup;
use crate::service::core::{AccessMode, Care, Policy, RebalanceMode};
use crate::service::links::Addresses;
use crate::store::SecretKey;
use crate::text::Lang;

pub use environment::Environment;
pub use public::Doors;
pub use variables::{VARIABLES, Variable};

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

/// What a command cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The database's address, which has a default.
    Database,
    /// The database and the key that opens what is sealed in it.
    Secrets,
    /// All that the bot runs with.
    Run,
}

/// All settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The bot's token.
    pub token: Option<SecretString>,
    /// The Bot API server.
    pub api_url: Url,
    /// The proxy for Telegram.
    pub telegram_proxy: Option<Url>,
    /// The proxy for panels without one of their own.
    pub panel_proxy: Option<Url>,
    /// The database.
    pub database_url: String,
    /// What seals secrets in the database.
    pub secret_key: Option<SecretKey>,
    /// Keys that sealed before, and still open.
    pub previous_keys: Vec<SecretKey>,
    /// The rules of the service.
    pub policy: Policy,
    /// How keys are placed.
    pub placement: placement::Policy,
    /// The language for people whose own we do not speak.
    pub default_language: Lang,
    /// Where days begin and end.
    pub timezone: Tz,
    /// Whom people write to.
    pub support_contact: Option<String>,
    /// A file of apps and guides instead of the built-in one.
    pub apps_file: Option<std::path::PathBuf>,
    /// Gets every alert as JSON.
    pub alert_webhook: Option<Url>,
    /// Asked every minute while all goes well.
    pub heartbeat: Option<Url>,
    /// Where people fetch their keys from us; `None`: from their panels.
    pub addresses: Option<Addresses>,
    /// Where HTTP is answered.
    pub doors: Doors,
    /// What the service is called in people's apps.
    pub service_name: String,
    /// Where Telegram brings updates; `None`: they are fetched.
    pub webhook: Option<Url>,
    /// What Telegram proves itself with there, if it is not derived.
    pub webhook_secret: Option<SecretString>,
    /// What `karvan probe` shows the service that it reports to.
    pub probe_token: Option<SecretString>,
    /// Adopted keys are moved by the service itself, as its own are.
    pub move_adopted: bool,
    /// When backups are made by themselves; `None`: never.
    pub backup: Option<backup::Plan>,
    /// How logs are written.
    pub log_format: LogFormat,
    /// A fingerprint of each setting that all processes over one database should share. Tells nothing of its value.
    pub fingerprints: BTreeMap<String, String>,
}

/// What is wrong with the settings: a line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes(pub Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the settings cannot be used:")?;
        for mistake in &self.0 {
            writeln!(f, "  - {mistake}")?;
        }
        write!(f, "They are read from the environment and from the file .env; .env.example explains each.")
    }
}

impl Settings {
    /// Reads settings for a command that needs `need`.
    ///
    /// # Errors
    /// All mistakes together.
    pub fn read(variables: &BTreeMap<String, String>, need: Need) -> Result<Self, Mistakes> {
        let mut reader = Reader { variables, mistakes: Vec::new() };
        reader.look_for_typos();
        let timezone = reader.value("TIMEZONE").unwrap_or(Tz::UTC);
        let policy = Policy {
            access: reader.value("ACCESS").unwrap_or(AccessMode::Approve),
            default_days: reader.limit("DEFAULT_DAYS", 3650),
            default_gb: reader.limit("DEFAULT_GB", 1_000_000),
            max_keys_per_user: reader
                .checked("MAX_KEYS_PER_USER", |number: &u32| (1..=50).contains(number))
                .unwrap_or(1),
            linger: reader.value::<Span>("LINGER").map_or(Duration::ZERO, |span| span.0),
            keep_ended: KEEP_ENDED,
            admins: reader.list("ADMIN_IDS").into_iter().map(UserId).collect(),
            alert_chat: reader.optional("ALERT_CHAT_ID"),
            alert_topic: reader.checked("ALERT_TOPIC_ID", |topic: &i32| *topic > 0),
            care: Care { zone: timezone, ..Care::read(&mut reader) },
        };
        let placement = placement::Policy {
            strategy: reader.value("PLACEMENT").unwrap_or(Strategy::Exact),
            spill_at: reader.value::<Percent>("SPILL_AT").map_or(1.0, |percent| percent.0),
        };
        let settings = Self {
            token: reader.optional::<Token>("TELOXIDE_TOKEN").map(|token| token.0.into()),
            api_url: reader.value::<WebUrl>("TELOXIDE_API_URL").map_or_else(any_url, |url| url.0),
            telegram_proxy: reader.optional::<ProxyUrl>("TELOXIDE_PROXY").map(|url| url.0),
            panel_proxy: reader.optional::<ProxyUrl>("PANEL_PROXY").map(|url| url.0),
            database_url: reader.value::<DatabaseUrl>("DATABASE_URL").map_or_else(String::new, |url| url.0),
            secret_key: reader.optional("SECRET_KEY"),
            previous_keys: reader
                .optional::<PreviousKeys>("SECRET_KEY_PREVIOUS")
                .map_or_else(Vec::new, |keys| keys.0),
            policy,
            placement,
            default_language: reader.value("DEFAULT_LANGUAGE").unwrap_or_default(),
            timezone,
            support_contact: reader.optional("SUPPORT_CONTACT"),
            apps_file: reader.optional("APPS_FILE"),
            alert_webhook: reader.optional::<WebUrl>("ALERT_WEBHOOK_URL").map(|url| url.0),
            heartbeat: reader.optional::<WebUrl>("HEARTBEAT_URL").map(|url| url.0),
            addresses: public::addresses(&mut reader),
            doors: Doors::read(&mut reader),
            service_name: reader
                .checked("SERVICE_NAME", |name: &String| name.chars().count() <= 25)
                .unwrap_or_default(),
            webhook: reader.optional::<HookUrl>("WEBHOOK_URL").map(|url| url.0),
            webhook_secret: reader.optional::<HookSecret>("WEBHOOK_SECRET").map(|secret| secret.0.into()),
            probe_token: reader.optional::<ProbeToken>("PROBE_TOKEN").map(|token| token.0.into()),
            move_adopted: reader.value::<YesNo>("MOVE_ADOPTED").is_some_and(|word| word.0),
            backup: reader.backup(),
            log_format: reader.value("LOG_FORMAT").unwrap_or(LogFormat::Human),
            fingerprints: reader.fingerprints(),
        };
        if need == Need::Run {
            reader.require(
                "TELOXIDE_TOKEN",
                "write to @BotFather on Telegram, send /newbot, and put the token here",
            );
        }
        if need != Need::Database {
            reader.require(
                "SECRET_KEY",
                "make one with `karvan key new`, put it here and keep a copy in a safe place",
            );
        }
        if reader.mistakes.is_empty() { Ok(settings) } else { Err(Mistakes(reader.mistakes)) }
    }
}

impl Care {
    fn read(reader: &mut Reader<'_>) -> Self {
        let normal = Thresholds::default();
        let mut span = |name, least: u64, most: u64, normal: Duration| {
            let fits = |span: &Span| (least..=most).contains(&span.0.as_secs());
            reader.checked(name, fits).map_or(normal, |span| span.0)
        };
        let health = Thresholds {
            check_interval: span("CHECK_INTERVAL", 1, 600, normal.check_interval),
            check_timeout: span("CHECK_TIMEOUT", 1, 30, normal.check_timeout),
            silence: span("SILENCE", 20, 3_600, normal.silence),
            ..normal
        };
        let evacuate_after = span("EVACUATE_AFTER", 0, 366 * 86_400, Duration::from_secs(20));
        let panic_enter = reader.value::<Percent>("PANIC_AT").map_or(health.panic_enter, |share| share.0);
        let panic_leave = health.panic_leave.min(panic_enter);
        Self {
            health: Thresholds { panic_enter, panic_leave, ..health },
            failover: reader.value("FAILOVER").unwrap_or_default(),
            evacuate_after,
            rebalance: reader.value("REBALANCE").unwrap_or(RebalanceMode::Suggest),
            vantage: reader.value("VANTAGE").unwrap_or_default(),
            anchors: reader.value::<Anchors>("REFERENCE_PROBES").map_or_else(Vec::new, |anchors| anchors.0),
            warn_days: reader.marks("WARN_DAYS", 365),
            warn_percent: reader.marks("WARN_PERCENT", 100),
            summary_at: reader.value::<TimeOfDay>("SUMMARY_AT").and_then(|time| time.0),
            ..Self::default()
        }
    }
}

/// Settings that each process may have of its own: where it stands, and how it gets out.
const OWN: [&str; 12] = [
    "SECRET_KEY",
    "SECRET_KEY_PREVIOUS",
    "DATABASE_URL",
    "VANTAGE",
    "PROBE_TOKEN",
    "LISTEN_ADDR",
    "SERVICE_ADDR",
    "REFERENCE_PROBES",
    "TELOXIDE_PROXY",
    "PANEL_PROXY",
    "APPS_FILE",
    "LOG_FORMAT",
];

/// How long an ended key keeps its account and its place.
const KEEP_ENDED: Duration = Duration::from_secs(3 * 86_400);

fn any_url() -> Url {
    Url::parse("https://api.telegram.org").expect("a valid address")
}

struct Reader<'a> {
    variables: &'a BTreeMap<String, String>,
    mistakes: Vec<String>,
}

impl Reader<'_> {
    /// The text of a variable: what is set, else its default. Empty is unset.
    fn text(&self, name: &str) -> Option<String> {
        let set = self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
        let variable = VARIABLES.iter().find(|variable| variable.name == name).expect("listed");
        set.or(variable.default).map(ToOwned::to_owned)
    }

    /// A variable that has a default.
    fn value<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.checked(name, |_| true)
    }

    /// A variable that has a default and must pass a check.
    fn checked<T: FromStr>(&mut self, name: &str, check: impl Fn(&T) -> bool) -> Option<T> {
        let text = self.text(name)?;
        match text.parse::<T>() {
            Ok(value) if check(&value) => Some(value),
            _ => {
                self.wrong(name);
                None
            }
        }
    }

    /// A variable that may be unset.
    fn optional<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.checked(name, |_| true)
    }

    /// A fingerprint of each setting that all processes over one database should share, keyed by the `SECRET_KEY`.
    fn fingerprints(&self) -> BTreeMap<String, String> {
        let Some(key) = self.text("SECRET_KEY").and_then(|key| key.parse::<SecretKey>().ok()) else {
            return BTreeMap::new();
        };
        let shared = VARIABLES.iter().filter(|variable| !OWN.contains(&variable.name));
        let print = |variable: &Variable| {
            let text = format!("{}={}", variable.name, self.text(variable.name).unwrap_or_default());
            (variable.name.to_owned(), key.fingerprint(&text))
        };
        shared.map(print).collect()
    }

    /// A number from 1 up, or `0` or `unlimited` for none.
    fn limit(&mut self, name: &str, most: u32) -> Option<u32> {
        let text = self.text(name)?;
        if text == "unlimited" || text == "0" {
            return None;
        }
        self.checked(name, |number: &u32| (1..=most).contains(number))
    }

    /// Numbers from 1 up with commas between, the largest first, or `never`.
    fn marks(&mut self, name: &str, most: u32) -> Vec<u32> {
        let Some(text) = self.text(name).filter(|text| text != "never") else { return Vec::new() };
        let numbers: Result<Vec<u32>, _> = text.split(',').map(|part| part.trim().parse()).collect();
        match numbers {
            Ok(mut numbers) if numbers.iter().all(|number| (1..=most).contains(number)) => {
                numbers.sort_unstable_by_key(|number| std::cmp::Reverse(*number));
                numbers.dedup();
                numbers
            }
            _ => {
                self.wrong(name);
                Vec::new()
            }
        }
    }

    /// When backups are made.
    fn backup(&mut self) -> Option<backup::Plan> {
        let folder = self.optional::<std::path::PathBuf>("BACKUP_DIR");
        let at = self.value::<TimeOfDay>("BACKUP_AT").and_then(|time| time.0);
        let every = self.checked("BACKUP_EVERY", |span: &Span| span.0 >= Duration::from_secs(600));
        let keep = self.checked("BACKUP_KEEP", |keep: &usize| (1..=10_000).contains(keep));
        let to_chat = self.value::<YesNo>("BACKUP_TO_CHAT").is_some_and(|word| word.0);
        let schedule = match (every, at) {
            (Some(span), _) => Schedule::Every(span.0),
            (None, Some(minute)) => Schedule::At(minute),
            (None, None) => return None,
        };
        Some(backup::Plan { folder: folder?, schedule, keep: keep.unwrap_or(14), to_chat })
    }

    /// Numbers with commas or spaces between.
    fn list(&mut self, name: &str) -> Vec<i64> {
        let Some(text) = self.text(name) else { return Vec::new() };
        let parts = text.split([',', ' ', ';']).filter(|part| !part.is_empty());
        let numbers: Result<Vec<i64>, _> = parts.map(str::parse).collect();
        match numbers {
            Ok(numbers) if numbers.iter().all(|number| *number > 0) => numbers,
            _ => {
                self.wrong(name);
                Vec::new()
            }
        }
    }

    fn wrong(&mut self, name: &str) {
        let variable = VARIABLES.iter().find(|variable| variable.name == name).expect("listed");
        let Variable { expected, example, .. } = variable;
        self.mistakes.push(format!("{name}: expected {expected}, for example {name}={example}"));
    }

    fn require(&mut self, name: &str, how: &str) {
        if self.text(name).is_none() {
            self.mistakes.push(format!("{name} is missing: {how}"));
        }
    }

    /// A name that is almost one of ours is a mistake that would otherwise stay silent.
    fn look_for_typos(&mut self) {
        for name in self.variables.keys() {
            let known = VARIABLES.iter().any(|variable| variable.name == name);
            let close = VARIABLES.iter().find(|variable| is_typo_of(name, variable.name));
            if let (false, Some(close)) = (known, close) {
                self.mistakes.push(format!("{name} is no setting; did you mean {}?", close.name));
            }
        }
    }
}

/// Whether `name` is `known` with one letter wrong, missing or too many, or two swapped.
fn is_typo_of(name: &str, known: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (name.chars().collect(), known.chars().collect());
    if known.len() < 6 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let rest = |word: &[char]| word.len().saturating_sub(head + tail.min(word.len() - head));
    let (left, right) = (rest(&a), rest(&b));
    let swapped = left == 2 && right == 2 && a[head] == b[head + 1] && a[head + 1] == b[head];
    (left <= 1 && right <= 1) || swapped
}

/// A bot's token: a number, a colon, and at least twenty letters, digits, `_` or `-`.
struct Token(String);

impl FromStr for Token {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (id, secret) = text.split_once(':').ok_or(())?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let valid = !id.is_empty()
            && id.chars().all(|c| c.is_ascii_digit())
            && secret.len() >= 20
            && secret.chars().all(plain);
        if valid { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

/// Where Telegram brings updates: an address with a path, or it would stand where links do.
struct HookUrl(Url);

impl FromStr for HookUrl {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let WebUrl(url) = text.parse()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        let path = url.path();
        let valid = path.len() > 1 && path.chars().all(plain) && url.query().is_none();
        if valid && url.fragment().is_none() { Ok(Self(url)) } else { Err(()) }
    }
}

/// What a webhook may have as its secret: see `setWebhook` of the Bot API. A short one is none.
struct HookSecret(String);

impl FromStr for HookSecret {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let valid = (16..=256).contains(&text.len()) && text.chars().all(plain);
        if valid { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

/// The token of a vantage: 32 bytes in base64url.
struct ProbeToken(String);

impl FromStr for ProbeToken {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if text.len() == 43 && text.chars().all(plain) { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

/// Keys with commas between.
struct PreviousKeys(Vec<SecretKey>);

impl FromStr for PreviousKeys {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let keys = text.split(',').map(str::trim).filter(|key| !key.is_empty());
        keys.map(|key| key.parse().map_err(|_| ())).collect::<Result<_, _>>().map(Self)
    }
}

/// An http or https address.
struct WebUrl(Url);

impl FromStr for WebUrl {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let url = Url::parse(text).map_err(|_| ())?;
        if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(Self(url)) } else { Err(()) }
    }
}

/// The address of a proxy.
struct ProxyUrl(Url);

impl FromStr for ProxyUrl {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let url = Url::parse(text).map_err(|_| ())?;
        let known = matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h");
        if known && url.has_host() { Ok(Self(url)) } else { Err(()) }
    }
}

/// The address of a database.
struct DatabaseUrl(String);

impl FromStr for DatabaseUrl {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let known = ["sqlite:", "postgres://", "postgresql://"];
        if known.iter().any(|scheme| text.starts_with(scheme)) { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

/// A length of time such as `48h`, `90s`, `15m` or `3d`; `0` is none.
struct Span(Duration);

impl FromStr for Span {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "0" {
            return Ok(Self(Duration::ZERO));
        }
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or(())?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return Err(()),
        };
        let number: u64 = number.parse().map_err(|_| ())?;
        // A year is more than anybody means.
        let span = number.checked_mul(seconds).filter(|span| *span <= 366 * 86_400).ok_or(())?;
        Ok(Self(Duration::from_secs(span)))
    }
}

/// Addresses that prove that our own network works.
struct Anchors(Vec<String>);

impl FromStr for Anchors {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let usable = |address: &str| match address.split_once("://") {
            Some(_) => address.parse::<WebUrl>().is_ok(),
            None => address.rsplit_once(':').is_some_and(|(host, port)| {
                !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)
            }),
        };
        let addresses: Vec<String> =
            text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
        if addresses.iter().all(|address| usable(address)) { Ok(Self(addresses)) } else { Err(()) }
    }
}

/// A time of day such as `09:00` in minutes after midnight, or `never`.
struct TimeOfDay(Option<u32>);

impl FromStr for TimeOfDay {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "never" {
            return Ok(Self(None));
        }
        let (hours, minutes) = text.split_once(':').ok_or(())?;
        let hours: u32 = hours.parse().map_err(|_| ())?;
        let minutes: u32 = minutes.parse().map_err(|_| ())?;
        if hours < 24 && minutes < 60 { Ok(Self(Some(hours * 60 + minutes))) } else { Err(()) }
    }
}

/// `yes` or `no`.
struct YesNo(bool);

impl FromStr for YesNo {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "yes" => Ok(Self(true)),
            "no" => Ok(Self(false)),
            _ => Err(()),
        }
    }
}

/// A share such as `90%` or `0.9`, from 1 to 100 %.
struct Percent(f64);

impl FromStr for Percent {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let share = match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().map_err(|_| ())? / 100.0,
            None => text.parse().map_err(|_| ())?,
        };
        if (0.01..=1.0).contains(&share) { Ok(Self(share)) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn of(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const TOKEN: &str = "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn two_secrets_are_enough_to_run() {
        let set = of(&[("TELOXIDE_TOKEN", TOKEN), ("SECRET_KEY", KEY)]);
        let settings = Settings::read(&set, Need::Run).unwrap();
        assert_eq!(settings.database_url, "sqlite://karvan.db?mode=rwc");
        assert_eq!(settings.policy.linger, Duration::from_secs(48 * 3600));
        assert_eq!(settings.policy.access, AccessMode::Approve);
        let shown = format!("{settings:?}");
        assert!(!shown.contains("AAAA"), "{shown}");
    }

    #[test]
    fn all_mistakes_come_together_and_repeat_no_value() {
        let set = of(&[
            ("TELOXIDE_TOKEN", "my-secret-token"),
            ("ADMIN_IDS", "12, alice"),
            ("LINGER", "two days"),
            ("DEFAULT_DAYS", "-1"),
            ("SPILL_AT", "900%"),
            ("TELOXIDE_TOKN", TOKEN),
            ("DATABASE_URL", "mysql://root:hunter2@db"),
        ]);
        let error = Settings::read(&set, Need::Run).unwrap_err().to_string();
        for name in
            ["TELOXIDE_TOKEN:", "ADMIN_IDS:", "LINGER:", "DEFAULT_DAYS:", "SPILL_AT:", "DATABASE_URL:"]
        {
            assert!(error.contains(name), "{name} in {error}");
        }
        assert!(error.contains("TELOXIDE_TOKN is no setting; did you mean TELOXIDE_TOKEN?"), "{error}");
        assert!(error.contains("SECRET_KEY is missing"), "{error}");
        assert!(
            !error.contains("my-secret") && !error.contains("hunter2") && !error.contains("alice"),
            "{error}"
        );
    }

    #[test]
    fn a_command_asks_only_for_what_it_needs() {
        assert!(Settings::read(&of(&[]), Need::Database).is_ok());
        let missing = Settings::read(&of(&[]), Need::Secrets).unwrap_err();
        assert_eq!(missing.0.len(), 1);
    }

    #[test]
    fn every_example_and_default_is_accepted() {
        let examples = of(&VARIABLES.iter().map(|v| (v.name, v.example)).collect::<Vec<_>>());
        Settings::read(&examples, Need::Run).unwrap();
    }

    #[rstest]
    #[case("90s", Some(90))]
    #[case("48h", Some(172_800))]
    #[case("3d", Some(259_200))]
    #[case("0", Some(0))]
    #[case("48", None)]
    #[case("h", None)]
    #[case("-1h", None)]
    #[case("99999999999d", None)]
    #[case("é", None)]
    fn spans(#[case] text: &str, #[case] seconds: Option<u64>) {
        assert_eq!(text.parse::<Span>().ok().map(|span| span.0.as_secs()), seconds);
    }

    #[rstest]
    #[case("ADMINIDS", "ADMIN_IDS", true)]
    #[case("ADMIN_ID", "ADMIN_IDS", true)]
    #[case("SECRET_KYE", "SECRET_KEY", true)]
    #[case("HOME", "LINGER", false)]
    #[case("ACCESS_KEY", "ACCESS", false)]
    fn typos(#[case] name: &str, #[case] known: &str, #[case] is: bool) {
        assert_eq!(is_typo_of(name, known), is);
    }
}
