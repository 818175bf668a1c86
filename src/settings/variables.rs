//! The one list of settings.

/// A setting.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name in the environment.
    pub name: &'static str,
    /// What holds when it is not set.
    pub default: Option<&'static str>,
    /// What it is for.
    pub meaning: &'static str,
    /// What is accepted.
    pub expected: &'static str,
    /// A value that is accepted.
    pub example: &'static str,
    /// Never to be shown.
    pub secret: bool,
}

const fn setting(
    name: &'static str,
    default: Option<&'static str>,
    meaning: &'static str,
    expected: &'static str,
    example: &'static str,
) -> Variable {
    Variable { name, default, meaning, expected, example, secret: false }
}

const fn secret(
    name: &'static str,
    meaning: &'static str,
    expected: &'static str,
    example: &'static str,
) -> Variable {
    Variable { name, default: None, meaning, expected, example, secret: true }
}

/// All settings, in the order in which they are explained.
pub const VARIABLES: &[Variable] = &[
    secret(
        "TELOXIDE_TOKEN",
        "The bot's token, from @BotFather on Telegram. Needed to run.",
        "a token as @BotFather gives it",
        "123456789:AAExampleExampleExampleExampleExampl",
    ),
    secret(
        "SECRET_KEY",
        "Seals passwords and keys in the database. Make one with `karvan key new` and keep a copy in a safe place: without it the database is worth nothing. Needed to run.",
        "32 bytes in base64, as `karvan key new` prints them",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    ),
    secret(
        "SECRET_KEY_PREVIOUS",
        "Older keys that still open what they sealed, while `karvan key rotate` changes it to SECRET_KEY.",
        "keys with commas between",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    ),
    setting(
        "ADMIN_IDS",
        None,
        "Telegram ids of the admins. Send the bot /id to learn yours.",
        "numbers with commas between",
        "123456789,987654321",
    ),
    setting(
        "ALERT_CHAT_ID",
        None,
        "A group that gets what concerns all admins, instead of each admin. The bot must be a member.",
        "the number of a chat; groups have a minus",
        "-1001234567890",
    ),
    setting(
        "ALERT_TOPIC_ID",
        None,
        "The topic of that group, if it has topics.",
        "the number of a topic",
        "12",
    ),
    setting(
        "ALERT_WEBHOOK_URL",
        None,
        "Gets every alert as JSON as well, for the days when Telegram cannot be reached.",
        "an address that begins with http:// or https://",
        "https://alerts.example.com/karvan",
    ),
    setting(
        "HEARTBEAT_URL",
        None,
        "Asked every minute while all goes well, for a watchman who alarms when it is not.",
        "an address that begins with http:// or https://",
        "https://watch.example.com/ping/karvan",
    ),
    setting(
        "SUMMARY_AT",
        Some("09:00"),
        "When the admins get the daily summary.",
        "a time of day such as 09:00, or never",
        "07:30",
    ),
    setting(
        "DATABASE_URL",
        Some("sqlite://karvan.db?mode=rwc"),
        "The database: a SQLite file or PostgreSQL.",
        "an address that begins with sqlite:// or postgres://",
        "postgres://karvan:password@localhost/karvan",
    ),
    setting(
        "PUBLIC_URL",
        None,
        "The address at which people fetch their keys from here, through a proxy with TLS or a CDN in front. With it a link stays the same for life; without it people get their panel's own, which changes when they move.",
        "an address that begins with https:// or http:// and has no path",
        "https://keys.example.com",
    ),
    setting(
        "PUBLIC_URLS",
        None,
        "More such addresses, for the day when one is blocked. All of them work always; new links have the first.",
        "addresses that begin with https:// or http:// and have no path, with commas between",
        "https://keys.example.net,https://keys.example.org",
    ),
    setting(
        "SUB_PATH",
        Some("/sub"),
        "The path of links, between the address and the key's token.",
        "a path such as /sub or /my/keys, of letters, digits, dots, dashes and _",
        "/feed",
    ),
    setting(
        "LISTEN_ADDR",
        Some("127.0.0.1:8080"),
        "Where links are answered, for the proxy in front. Only used with PUBLIC_URL or WEBHOOK_URL.",
        "an IP address with a port",
        "0.0.0.0:8080",
    ),
    setting(
        "TRUSTED_PROXIES",
        Some("127.0.0.1,::1"),
        "The proxies in front, whose word on who asks is believed (`X-Forwarded-For`).",
        "IP addresses or networks, with commas between",
        "127.0.0.1,::1,10.0.0.0/8",
    ),
    setting(
        "SERVICE_ADDR",
        Some("127.0.0.1:9090"),
        "Where machines may ask how the service does. Never for the public.",
        "an IP address with a port, or off",
        "0.0.0.0:9090",
    ),
    setting(
        "SERVICE_NAME",
        Some("VPN"),
        "What the service is called in people's apps.",
        "a text of at most 25 characters",
        "FastKeys",
    ),
    setting(
        "BACKUP_DIR",
        None,
        "The folder for backups. Without one none are made by themselves.",
        "the path of a folder",
        "/var/backups/karvan",
    ),
    setting(
        "BACKUP_AT",
        Some("04:00"),
        "When the daily backup is made.",
        "a time of day such as 09:00, or never",
        "03:30",
    ),
    setting(
        "BACKUP_EVERY",
        None,
        "A backup again after this time, instead of once a day.",
        "a time such as 48h, 90s, 15m or 3d, from 10m",
        "6h",
    ),
    setting("BACKUP_KEEP", Some("14"), "How many backups are kept.", "a number from 1 to 10000", "30"),
    setting(
        "BACKUP_TO_CHAT",
        Some("no"),
        "Whether each backup is also sent where alerts go. It is sealed with SECRET_KEY.",
        "yes or no",
        "yes",
    ),
    setting(
        "ACCESS",
        Some("approve"),
        "Who may have a key: `approve` asks the admins, `invite` wants an invitation, `open` is for everybody, `closed` for nobody new.",
        "approve, invite, open or closed",
        "approve",
    ),
    setting(
        "DEFAULT_DAYS",
        Some("30"),
        "How many days a new key lasts.",
        "a number from 1 to 3650, or unlimited",
        "30",
    ),
    setting(
        "DEFAULT_GB",
        Some("unlimited"),
        "How many GB (of 1024³ bytes) a new key may use.",
        "a number from 1 to 1000000, or unlimited",
        "100",
    ),
    setting("MAX_KEYS_PER_USER", Some("1"), "How many keys a person may have.", "a number from 1 to 50", "3"),
    setting(
        "LINGER",
        Some("48h"),
        "After a move: how long the old account goes on serving apps that have not updated yet; less once all have, \
         and nobody used it for a day.",
        "a time such as 48h, 90s, 15m or 3d",
        "48h",
    ),
    setting(
        "WARN_DAYS",
        Some("3,1"),
        "How many days before its end the owner of a key is told.",
        "numbers with commas between, or never",
        "7,3,1",
    ),
    setting(
        "WARN_PERCENT",
        Some("80,100"),
        "At which shares of its traffic the owner of a key is told.",
        "numbers from 1 to 100 with commas between, or never",
        "80,95,100",
    ),
    setting(
        "FAILOVER",
        Some("auto"),
        "Whether keys leave a dead panel: `auto` by themselves, `ask` when an admin says so, `off` never. A panel may say otherwise.",
        "auto, ask or off",
        "ask",
    ),
    setting(
        "EVACUATE_AFTER",
        Some("20s"),
        "How long after a panel is found dead its keys leave. Whoever asks is served elsewhere at once.",
        "a time such as 48h, 90s, 15m or 3d",
        "60s",
    ),
    setting(
        "REBALANCE",
        Some("suggest"),
        "Whether the load is evened out: `suggest` asks the admins, `auto` moves a few keys an hour, `off` does nothing.",
        "off, suggest or auto",
        "auto",
    ),
    setting(
        "MOVE_ADOPTED",
        Some("no"),
        "Whether adopted keys are moved by themselves too: off a dead panel, and to even out the load.",
        "yes or no",
        "yes",
    ),
    setting(
        "CHECK_INTERVAL",
        Some("5s"),
        "How often each panel is checked. A panel may say otherwise.",
        "a time from 1s to 10m",
        "15s",
    ),
    setting(
        "CHECK_TIMEOUT",
        Some("3s"),
        "After this time without an answer a check failed.",
        "a time from 1s to 30s",
        "5s",
    ),
    setting(
        "SILENCE",
        Some("45s"),
        "How long a panel and its servers must be silent before a single Karvan calls it dead.",
        "a time from 20s to 1h",
        "90s",
    ),
    setting(
        "PANIC_AT",
        Some("30%"),
        "When so many panels turn bad at once, the trouble is our own: nothing is moved until an admin says so or it is over.",
        "a share from 1% to 100%",
        "50%",
    ),
    setting(
        "REFERENCE_PROBES",
        Some(
            "https://www.gstatic.com/generate_204,https://cp.cloudflare.com/generate_204,1.1.1.1:443,8.8.8.8:443",
        ),
        "Addresses that prove that our own network works. Where these are blocked, name national ones.",
        "http(s) addresses or host:port, with commas between",
        "https://www.example.com/,10.0.0.1:53",
    ),
    setting(
        "VANTAGE",
        Some("main"),
        "The name of this server's uplink. Two Karvans with different ones agree sooner that a panel is dead.",
        "a name",
        "hetzner-fsn",
    ),
    secret(
        "PROBE_TOKEN",
        "Only for `karvan probe` on a server inside a country: the token that `karvan probe token` showed.",
        "43 letters, digits, _ or -",
        "Ex4mple-Ex4mple-Ex4mple-Ex4mple-Ex4mple-Ex4",
    ),
    setting(
        "PLACEMENT",
        Some("exact"),
        "How the panel for a key is chosen: `exact` takes the least loaded by exact counts; `marzban-load`, `capacity` and `round-robin` are older ways.",
        "exact, marzban-load, capacity or round-robin",
        "exact",
    ),
    setting(
        "SPILL_AT",
        Some("90%"),
        "How full panels of one priority are before those of the next are used.",
        "a share from 1% to 100%",
        "90%",
    ),
    setting(
        "DEFAULT_LANGUAGE",
        Some("en"),
        "The language for people whose own we do not speak.",
        "en, ru or fa",
        "ru",
    ),
    setting(
        "TIMEZONE",
        Some("UTC"),
        "The time zone in which dates are shown.",
        "a name from the IANA list",
        "Europe/Berlin",
    ),
    setting(
        "SUPPORT_CONTACT",
        None,
        "Whom people write to when nothing helps; shown as it is.",
        "a name, a link or an address",
        "@my_support",
    ),
    setting(
        "APPS_FILE",
        None,
        "A file of apps and guides to show instead of the built-in ones.",
        "the path of a YAML file",
        "apps.yaml",
    ),
    setting(
        "TELOXIDE_API_URL",
        Some("https://api.telegram.org"),
        "The Bot API server, if it is not Telegram's own: a mirror, or your own.",
        "an address that begins with http:// or https://",
        "https://api.telegram.org",
    ),
    setting(
        "TELOXIDE_PROXY",
        None,
        "A proxy for Telegram, where it is blocked on the server.",
        "an address that begins with http://, https://, socks5:// or socks5h://",
        "socks5h://127.0.0.1:1080",
    ),
    setting(
        "PANEL_PROXY",
        None,
        "A proxy for panels that have none of their own.",
        "an address that begins with http://, https://, socks5:// or socks5h://",
        "http://127.0.0.1:3128",
    ),
    setting(
        "WEBHOOK_URL",
        None,
        "Where Telegram brings updates, instead of being asked for them: the public address of LISTEN_ADDR, with a path of your choice. Several Karvans over one PostgreSQL need it.",
        "an address that begins with http:// or https:// and has a path",
        "https://bot.example.com/telegram",
    ),
    secret(
        "WEBHOOK_SECRET",
        "What Telegram proves itself with there. Without it, one is derived from SECRET_KEY.",
        "16 to 256 letters, digits, _ or -",
        "w3bhook-s3cret-Example",
    ),
    setting(
        "LOG_FORMAT",
        Some("human"),
        "How logs are written. RUST_LOG says how much, such as RUST_LOG=karvan=debug.",
        "human or json",
        "json",
    ),
];
