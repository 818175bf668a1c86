//! How a panel is set up.

use std::time::Duration;

use super::{Inbound, SimClock, Tls};

/// How a panel is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// A name for it, such as `de`.
    pub name: String,
    /// The sudo admin: name and password.
    pub admin: (String, String),
    /// The sudo admin lives in the environment only, with no row of its own: its users have no owner, and their
    /// deletion answers 500 though it worked.
    pub env_sudo: bool,
    /// What a reverse proxy puts before each path, such as `/secret`; empty for none.
    pub path_prefix: String,
    /// Serve TLS.
    pub tls: Option<Tls>,
    /// What the core listens on.
    pub inbounds: Vec<Inbound>,
    /// The port of the API; `None` picks a free one.
    pub port: Option<u16>,
    /// The panel's clock.
    pub clock: SimClock,
    /// The address that links name.
    pub host: String,
    /// Where the panel thinks it is reached: stands before `/sub/…`. Empty as by default, then the address is relative.
    pub subscription_url_prefix: String,
    /// Everything random follows from it: keys, tokens, drawn server names.
    pub seed: u64,
    /// Minutes a login token lives; 0 is for ever.
    pub token_minutes: u32,
    /// How long a page of users takes, for each user on it. Real ones need 8 to 13 ms.
    pub list_cost_per_user: Duration,
    /// How long the review of every 10 s holds up the next request, for each active user. Real ones need 0.1 to
    /// 0.15 ms, so that nothing is seen of it below some thousand users.
    pub review_cost_per_user: Duration,
    /// How long a login takes. Real ones need 0.7 s (bcrypt).
    pub login_cost: Duration,
    /// With more requests than this at once the panel jams: those too many and all that come later wait for
    /// `jam_time` and get a 500.
    pub parallel_limit: usize,
    /// How long a jam lasts: the wait for a database connection.
    pub jam_time: Duration,
    /// Idle connections are closed after this.
    pub keep_alive: Duration,
    /// The panel's version.
    pub version: String,
    /// Its core's version.
    pub core_version: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "de".to_owned(),
            admin: ("admin".to_owned(), "admin-password".to_owned()),
            env_sudo: false,
            path_prefix: String::new(),
            tls: None,
            inbounds: Inbound::defaults(20_100),
            port: None,
            clock: SimClock::real(),
            host: "127.0.0.1".to_owned(),
            subscription_url_prefix: String::new(),
            seed: 1,
            token_minutes: 1_440,
            list_cost_per_user: Duration::ZERO,
            review_cost_per_user: Duration::ZERO,
            login_cost: Duration::ZERO,
            parallel_limit: 64,
            jam_time: Duration::from_secs(30),
            keep_alive: Duration::from_secs(5),
            version: "0.8.4".to_owned(),
            core_version: "24.11.21".to_owned(),
        }
    }
}
