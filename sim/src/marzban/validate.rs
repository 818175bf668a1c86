//! What the panel accepts in the bodies for users, field by field, with the messages its validator (pydantic) gives.

use chrono::NaiveDateTime;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::answer::{Invalid, crash};
use super::inbound::{Inbound, Protocol};
use super::rows::{Account, Proxy, ResetStrategy, Status};
use super::state::State;
use super::usage;
use crate::net::Response;

/// A body that passed. For a change, `None` means "leave as it is".
pub(super) struct Fields {
    /// Empty when the body names none: such a user is stored, and nothing can show it.
    pub(super) proxies: Vec<Proxy>,
    /// For a change: the protocols whose inbounds change, too.
    pub(super) tags: Vec<(Protocol, Vec<String>)>,
    pub(super) expire: Option<i64>,
    pub(super) data_limit: Option<i64>,
    pub(super) reset_strategy: Option<ResetStrategy>,
    pub(super) note: Option<String>,
    pub(super) on_hold_expire_duration: Option<i64>,
    pub(super) on_hold_timeout: Option<NaiveDateTime>,
    pub(super) auto_delete_in_days: Option<i64>,
    pub(super) next_plan: Option<Plan>,
    pub(super) username: String,
    pub(super) status: Option<Status>,
}

/// A next plan as sent: without a limit the database refuses it.
pub(super) struct Plan {
    pub(super) data_limit: Option<i64>,
    pub(super) expire: Option<i64>,
    pub(super) add_remaining_traffic: bool,
    pub(super) fire_on_either: bool,
}

/// What is being validated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Create,
    Modify,
}

const NOT_A_DICTIONARY: &str = "Input should be a valid dictionary";

/// Validates a body.
///
/// # Errors
/// A 422, or the 500 of a validator that stumbles itself.
pub(super) fn fields(
    state: &mut State,
    body: &Map<String, Value>,
    purpose: Purpose,
) -> Result<Fields, Response> {
    let mut invalid = Invalid::default();
    let creates = purpose == Purpose::Create;

    let proxies = proxies(state, body.get("proxies"), creates, &mut invalid)?;
    let expire = integer(body, "expire", &mut invalid);
    let data_limit = data_limit(body, &mut invalid);
    let reset_strategy = reset_strategy(body, creates, &mut invalid);
    let tags = if creates {
        tags_to_create(&state.inbounds, body.get("inbounds"), &proxies, &mut invalid)?
    } else {
        tags_to_modify(&state.inbounds, body.get("inbounds"), &mut invalid)
    };
    let note = text(body, "note", &mut invalid);
    if note.as_ref().is_some_and(|note| note.chars().count() > 500) {
        invalid.add("note", "Value error, User's note can be a maximum of 500 character");
    }
    let on_hold_expire_duration = integer(body, "on_hold_expire_duration", &mut invalid);
    let on_hold_timeout = date(body, "on_hold_timeout", &mut invalid);
    let auto_delete_in_days = integer(body, "auto_delete_in_days", &mut invalid);
    let next_plan = plan(body.get("next_plan"), &mut invalid);
    let username = if creates { username(body.get("username"), &mut invalid) } else { String::new() };
    let on_hold = OnHold { duration: on_hold_expire_duration, expire };
    let status = status(body.get("status"), creates, &on_hold, &mut invalid);

    if !invalid.is_empty() {
        return Err(invalid.response());
    }
    Ok(Fields {
        proxies,
        tags,
        expire,
        data_limit,
        reset_strategy,
        note,
        on_hold_expire_duration,
        on_hold_timeout,
        auto_delete_in_days,
        next_plan,
        username,
        status,
    })
}

impl Fields {
    /// The inbounds a new user may not use: all that are not among the tags.
    pub(super) fn accounts(&self, inbounds: &[Inbound]) -> Vec<Account> {
        let account = |proxy: &Proxy| {
            let protocol = proxy.protocol();
            let wanted = self.tags.iter().find(|(other, _)| *other == protocol).map(|(_, tags)| tags);
            Account { proxy: proxy.clone(), excluded: excluded(inbounds, protocol, wanted) }
        };
        self.proxies.iter().map(account).collect()
    }
}

/// The tags of a protocol's inbounds that are not wanted.
pub(super) fn excluded(
    inbounds: &[Inbound],
    protocol: Protocol,
    wanted: Option<&Vec<String>>,
) -> Vec<String> {
    inbounds
        .iter()
        .filter(|inbound| inbound.protocol == protocol)
        .filter(|inbound| wanted.is_none_or(|tags| !tags.contains(&inbound.tag)))
        .map(|inbound| inbound.tag.clone())
        .collect()
}

fn proxies(
    state: &mut State,
    value: Option<&Value>,
    creates: bool,
    invalid: &mut Invalid,
) -> Result<Vec<Proxy>, Response> {
    let settings = match value {
        // The default is not validated: the first trap.
        None => return Ok(Vec::new()),
        Some(Value::Object(settings)) => settings,
        Some(Value::Null) if creates => &Map::new(),
        Some(_) => return Err(crash()),
    };
    if creates && settings.is_empty() {
        invalid.add("proxies", "Value error, Each user needs at least one proxy");
    }
    let mut proxies = Vec::new();
    for (name, settings) in settings {
        let Some(protocol) = Protocol::parse(name) else {
            invalid.add("proxies", format!("Value error, '{name}' is not a valid ProxyTypes"));
            return Ok(Vec::new());
        };
        let Some(settings) = settings.as_object() else {
            invalid.add("proxies", "Input should be a valid dictionary or object to extract fields from");
            return Ok(Vec::new());
        };
        let mut wrong = Invalid::default();
        proxies.push(proxy(state, protocol, settings, &mut wrong));
        if !wrong.is_empty() {
            invalid.append(wrong);
            return Ok(Vec::new());
        }
    }
    Ok(proxies)
}

fn proxy(
    state: &mut State,
    protocol: Protocol,
    settings: &Map<String, Value>,
    invalid: &mut Invalid,
) -> Proxy {
    let flow = match settings.get("flow") {
        None => String::new(),
        Some(Value::String(flow)) if flow.is_empty() || flow == "xtls-rprx-vision" => flow.clone(),
        Some(_) => {
            if matches!(protocol, Protocol::Vless | Protocol::Trojan) {
                invalid.add("flow", "Input should be '' or 'xtls-rprx-vision'");
            }
            String::new()
        }
    };
    match protocol {
        Protocol::Vless => Proxy::Vless { id: id(state, settings, invalid), flow },
        Protocol::Vmess => Proxy::Vmess { id: id(state, settings, invalid) },
        Protocol::Trojan => Proxy::Trojan { password: password(state, settings, invalid), flow },
        Protocol::Shadowsocks => {
            let password = password(state, settings, invalid);
            let method = match settings.get("method") {
                None => "chacha20-ietf-poly1305".to_owned(),
                Some(Value::String(method))
                    if ["aes-128-gcm", "aes-256-gcm", "chacha20-ietf-poly1305"]
                        .contains(&method.as_str()) =>
                {
                    method.clone()
                }
                Some(_) => {
                    let methods = "'aes-128-gcm', 'aes-256-gcm' or 'chacha20-ietf-poly1305'";
                    invalid.add("method", format!("Input should be {methods}"));
                    String::new()
                }
            };
            Proxy::Shadowsocks { password, method }
        }
    }
}

fn id(state: &mut State, settings: &Map<String, Value>, invalid: &mut Invalid) -> Uuid {
    match settings.get("id") {
        None => state.new_uuid(),
        Some(Value::String(id)) => Uuid::parse_str(id).unwrap_or_else(|error| {
            invalid.add("id", format!("Input should be a valid UUID, {}", uuid_problem(id, &error)));
            Uuid::nil()
        }),
        Some(_) => {
            invalid.add("id", "UUID input should be a string, bytes or UUID object");
            Uuid::nil()
        }
    }
}

/// The validator parses with the same library in an older version, whose words for a wrong character were others.
fn uuid_problem(id: &str, error: &uuid::Error) -> String {
    match id.chars().zip(1..).find(|(letter, _)| !letter.is_ascii_hexdigit() && *letter != '-') {
        Some((letter, place)) => format!(
            "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `{letter}` at {place}"
        ),
        None => error.to_string(),
    }
}

fn password(state: &mut State, settings: &Map<String, Value>, invalid: &mut Invalid) -> String {
    match settings.get("password") {
        None => state.new_password(),
        Some(Value::String(password)) => password.clone(),
        Some(_) => {
            invalid.add("password", "Input should be a valid string");
            String::new()
        }
    }
}

fn tags_to_create(
    inbounds: &[Inbound],
    value: Option<&Value>,
    proxies: &[Proxy],
    invalid: &mut Invalid,
) -> Result<Vec<(Protocol, Vec<String>)>, Response> {
    let given = match value {
        // Not validated either: no inbound at all. The second trap.
        None => return Ok(Vec::new()),
        Some(Value::Object(given)) => given,
        Some(_) => return Err(crash()),
    };
    let mut tags = Vec::new();
    for proxy in proxies {
        let protocol = proxy.protocol();
        match given.get(protocol.name()).and_then(Value::as_array).filter(|tags| !tags.is_empty()) {
            Some(wanted) => tags.push((protocol, known(inbounds, wanted, invalid))),
            // An empty list, like none, means all.
            None => {
                let all = inbounds.iter().filter(|inbound| inbound.protocol == protocol);
                tags.push((protocol, all.map(|inbound| inbound.tag.clone()).collect()));
            }
        }
    }
    Ok(tags)
}

fn tags_to_modify(
    inbounds: &[Inbound],
    value: Option<&Value>,
    invalid: &mut Invalid,
) -> Vec<(Protocol, Vec<String>)> {
    let given = match value {
        None => return Vec::new(),
        Some(Value::Object(given)) => given,
        Some(_) => {
            invalid.add("inbounds", NOT_A_DICTIONARY);
            return Vec::new();
        }
    };
    let mut tags = Vec::new();
    for (name, wanted) in given {
        let (Some(protocol), Some(wanted)) = (Protocol::parse(name), wanted.as_array()) else {
            invalid.add("inbounds", NOT_A_DICTIONARY);
            continue;
        };
        tags.push((protocol, known(inbounds, wanted, invalid)));
    }
    tags
}

fn known(inbounds: &[Inbound], tags: &[Value], invalid: &mut Invalid) -> Vec<String> {
    let tags = tags.iter().map(|tag| tag.as_str().map_or_else(|| tag.to_string(), str::to_owned));
    let tags = tags.collect::<Vec<_>>();
    if let Some(unknown) = tags.iter().find(|tag| !inbounds.iter().any(|inbound| inbound.tag == **tag)) {
        invalid.add("inbounds", format!("Value error, Inbound {unknown} doesn't exist"));
    }
    tags
}

fn data_limit(body: &Map<String, Value>, invalid: &mut Invalid) -> Option<i64> {
    let limit = match body.get("data_limit") {
        Some(Value::Number(number)) =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "the panel cuts floats, too")]
            number.as_i64().or_else(|| number.as_f64().map(|float| float as i64))
        }
        Some(Value::Bool(flag)) => Some(i64::from(*flag)),
        None | Some(Value::Null) => None,
        Some(_) => {
            invalid.add("data_limit", "Value error, data_limit must be an integer or a float, not a string");
            None
        }
    };
    if limit.is_some_and(|limit| limit < 0) {
        invalid.add("data_limit", "Input should be greater than or equal to 0");
    }
    limit
}

fn reset_strategy(body: &Map<String, Value>, creates: bool, invalid: &mut Invalid) -> Option<ResetStrategy> {
    let default = creates.then_some(ResetStrategy::NoReset);
    let Some(value) = body.get("data_limit_reset_strategy") else { return default };
    let strategy = value.as_str().and_then(ResetStrategy::parse);
    if strategy.is_none() {
        invalid
            .add("data_limit_reset_strategy", "Input should be 'no_reset', 'day', 'week', 'month' or 'year'");
    }
    strategy
}

fn plan(value: Option<&Value>, invalid: &mut Invalid) -> Option<Plan> {
    match value {
        None | Some(Value::Null) => None,
        Some(Value::Object(plan)) => Some(Plan {
            data_limit: integer(plan, "data_limit", invalid),
            expire: integer(plan, "expire", invalid),
            add_remaining_traffic: plan
                .get("add_remaining_traffic")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            fire_on_either: plan.get("fire_on_either").and_then(Value::as_bool).unwrap_or(true),
        }),
        Some(_) => {
            let message = "Input should be a valid dictionary or object to extract fields from";
            invalid.add("next_plan", message);
            None
        }
    }
}

/// `^(?=\w{3,32}\b)[a-zA-Z0-9-_@.]+(?:_[a-zA-Z0-9-_@.]+)*$`, which lets through more than its message says.
fn username(value: Option<&Value>, invalid: &mut Invalid) -> String {
    let Some(value) = value else {
        invalid.add("username", "Field required");
        return String::new();
    };
    let Some(name) = value.as_str() else {
        invalid.add("username", "Input should be a valid string");
        return String::new();
    };
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let first_run = name.chars().take_while(|letter| is_word(*letter)).count();
    // `$` also matches before a newline at the very end.
    let body = name.strip_suffix('\n').unwrap_or(name);
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_@.".contains(letter);
    if !(3..=32).contains(&first_run) || !body.chars().all(allowed) {
        invalid.add(
            "username",
            "Value error, Username only can be 3 to 32 characters and contain a-z, 0-9, and underscores in between.",
        );
    }
    name.to_owned()
}

struct OnHold {
    duration: Option<i64>,
    expire: Option<i64>,
}

fn status(value: Option<&Value>, creates: bool, on_hold: &OnHold, invalid: &mut Invalid) -> Option<Status> {
    let Some(value) = value else { return creates.then_some(Status::Active) };
    let status = value.as_str().and_then(Status::parse).filter(|status| match status {
        Status::Active | Status::OnHold => true,
        Status::Disabled => !creates,
        Status::Limited | Status::Expired => false,
    });
    match status {
        None if creates => invalid.add("status", "Input should be 'active' or 'on_hold'"),
        None => invalid.add("status", "Input should be 'active', 'disabled' or 'on_hold'"),
        Some(Status::OnHold) if on_hold.duration.unwrap_or(0) == 0 => {
            let message = "User cannot be on hold without a valid on_hold_expire_duration.";
            invalid.add("status", format!("Value error, {message}"));
        }
        Some(Status::OnHold) if on_hold.expire.unwrap_or(0) != 0 => {
            invalid.add("status", "Value error, User cannot be on hold with specified expire.");
        }
        Some(_) => {}
    }
    status
}

fn text(body: &Map<String, Value>, field: &str, invalid: &mut Invalid) -> Option<String> {
    match body.get(field) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => {
            invalid.add(field, "Input should be a valid string");
            None
        }
    }
}

fn date(body: &Map<String, Value>, field: &str, invalid: &mut Invalid) -> Option<NaiveDateTime> {
    let text = match body.get(field) {
        None | Some(Value::Null) => return None,
        Some(Value::Number(seconds)) => {
            let seconds = seconds.as_i64().filter(|seconds| *seconds != 0)?;
            return chrono::DateTime::from_timestamp(seconds, 0).map(|time| time.naive_utc());
        }
        Some(Value::String(text)) => text,
        Some(_) => {
            invalid.add(field, "Input should be a valid datetime");
            return None;
        }
    };
    let time = usage::date(text);
    if time.is_none() {
        let problem = if text.len() < 10 { "input is too short" } else { "invalid character in year" };
        invalid.add(field, format!("Input should be a valid datetime or date, {problem}"));
    }
    time.map(|time| time.naive_utc())
}

/// An integer as pydantic takes it outside its strict mode.
fn integer(body: &Map<String, Value>, field: &str, invalid: &mut Invalid) -> Option<i64> {
    let problem = match body.get(field) {
        None | Some(Value::Null) => return None,
        Some(Value::Bool(flag)) => return Some(i64::from(*flag)),
        Some(Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => return Some(integer),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "it has no fraction, and the range is the panel's affair"
            )]
            (None, Some(float)) if float.fract() == 0.0 => return Some(float as i64),
            _ => "Input should be a valid integer, got a number with a fractional part",
        },
        Some(Value::String(text)) => match parse_integer(text) {
            Ok(integer) => return Some(integer),
            Err(problem) => problem,
        },
        Some(_) => "Input should be a valid integer",
    };
    invalid.add(field, problem);
    None
}

/// An integer in a query or a path.
pub(super) fn parse_integer(text: &str) -> Result<i64, &'static str> {
    text.trim().parse().map_err(|_| "Input should be a valid integer, unable to parse string as an integer")
}
