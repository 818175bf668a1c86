//! The shapes of answers: errors, users.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::links;
use super::rows::{NextPlan, Ordered, Proxy, ResetStrategy, Status, iso, iso_naive};
use super::state::State;
use crate::net::{Request, Response};

/// `{"detail": "text"}`
pub(super) fn detail(status: u16, text: &str) -> Response {
    Response::json(status, &json!({ "detail": text }))
}

/// A bug of the panel, a poisoned row, a locked database: all look like this.
pub(super) fn crash() -> Response {
    Response::text(500, "text/plain; charset=utf-8", "Internal Server Error")
}

/// What validation found: by the last part of the field's path, the message. A later one replaces an earlier.
#[derive(Debug, Default)]
pub(super) struct Invalid(Ordered<String>);

impl Default for Ordered<String> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl Invalid {
    pub(super) fn one(field: &str, message: impl Into<String>) -> Self {
        let mut invalid = Self::default();
        invalid.add(field, message);
        invalid
    }

    pub(super) fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.0.retain(|(known, _)| known != field);
        self.0.0.push((field.to_owned(), message.into()));
    }

    pub(super) fn append(&mut self, other: Self) {
        for (field, message) in other.0.0 {
            self.add(&field, message);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.0.is_empty()
    }

    /// The 422 for it.
    pub(super) fn response(&self) -> Response {
        #[derive(Serialize)]
        struct Body<'a> {
            detail: &'a Ordered<String>,
        }
        Response::json(422, &Body { detail: &self.0 })
    }
}

/// A JSON object in the request's body, or the 422 for what is there instead.
pub(super) fn json_object(request: &Request) -> Result<Map<String, Value>, Response> {
    const NO_OBJECT: &str = "Input should be a valid dictionary or object to extract fields from";
    let essence =
        request.header("content-type").map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let is_json = essence.is_none_or(|kind| kind == "application/json" || kind.ends_with("+json"));
    if request.body.is_empty() {
        return Err(Invalid::one("body", "Field required").response());
    }
    if !is_json {
        return Err(Invalid::one("body", NO_OBJECT).response());
    }
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::Null) => Err(Invalid::one("body", "Field required").response()),
        Ok(_) => Err(Invalid::one("body", NO_OBJECT).response()),
        Err(error) => {
            // Python names the place of the first character it cannot use.
            let column = if error.is_eof() { error.column() } else { error.column().saturating_sub(1) };
            let before =
                request.body.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
            let place = before.map(<[u8]>::len).sum::<usize>() + column;
            Err(Invalid::one(&place.to_string(), "JSON decode error").response())
        }
    }
}

/// A user as the API shows it.
#[derive(Serialize)]
pub(super) struct UserResponse {
    pub(super) proxies: Ordered<Proxy>,
    expire: Option<i64>,
    data_limit: Option<i64>,
    data_limit_reset_strategy: ResetStrategy,
    inbounds: Ordered<Vec<String>>,
    note: Option<String>,
    sub_updated_at: Option<String>,
    sub_last_user_agent: Option<String>,
    online_at: Option<String>,
    on_hold_expire_duration: Option<i64>,
    on_hold_timeout: Option<String>,
    auto_delete_in_days: Option<i64>,
    next_plan: Option<NextPlan>,
    username: String,
    status: Status,
    used_traffic: u64,
    lifetime_used_traffic: u64,
    created_at: String,
    pub(super) links: Vec<String>,
    pub(super) subscription_url: String,
    excluded_inbounds: Ordered<Vec<String>>,
    admin: Option<Value>,
}

impl State {
    /// A user as the API shows it; `None` for a poisoned row, which nothing can show.
    pub(super) fn view(&mut self, id: u64) -> Option<UserResponse> {
        let user = self.db.users.get(&id).filter(|user| !user.is_poisoned())?.clone();
        let links = links::endpoints(self, &user).iter().map(links::Endpoint::share_link).collect();
        let admin = self.db.admins.iter().find(|admin| Some(admin.id) == user.admin);
        Some(UserResponse {
            proxies: user.proxies(),
            expire: user.expire,
            data_limit: user.data_limit,
            data_limit_reset_strategy: user.reset_strategy,
            inbounds: user.tags(&self.inbounds, false),
            sub_updated_at: user.sub_updated_at.map(iso),
            sub_last_user_agent: user.sub_last_user_agent.clone(),
            online_at: user.online_at.map(iso),
            on_hold_expire_duration: user.on_hold_expire_duration,
            on_hold_timeout: user.on_hold_timeout.map(iso_naive),
            auto_delete_in_days: user.auto_delete_in_days,
            next_plan: user.next_plan.clone(),
            status: user.status,
            used_traffic: user.used_traffic,
            lifetime_used_traffic: user.used_before_resets + user.used_traffic,
            created_at: iso(user.created_at),
            links,
            subscription_url: self.subscription_url(&user.username),
            excluded_inbounds: user.tags(&self.inbounds, true),
            admin: admin.map(super::rows::Admin::view),
            note: user.note,
            username: user.username,
        })
    }

    /// The 200 with a user, or the 500 of a poisoned one.
    pub(super) fn user_answer(&mut self, id: u64) -> Response {
        self.view(id).map_or_else(crash, |user| Response::json(200, &user))
    }
}

impl UserResponse {
    /// What the subscriber itself is shown: no note, no owner, no inbounds.
    pub(super) fn public(&self) -> Value {
        let mut public = serde_json::to_value(self).expect("a user becomes JSON");
        if let Some(public) = public.as_object_mut() {
            for hidden in ["note", "admin", "inbounds", "excluded_inbounds", "auto_delete_in_days"] {
                public.remove(hidden);
            }
        }
        public
    }
}
