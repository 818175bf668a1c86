//! `/api/user…` and what is about many users, but for the list.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::Rng;
use serde_json::json;
use tokio::time::Instant;

use super::answer::{crash, detail, json_object};
use super::auth::Identity;
use super::rows::{Account, NextPlan, Proxy, ResetStrategy, Status, User};
use super::state::State;
use super::usage::Period;
use super::validate::{self, Plan, Purpose, excluded, fields};
use crate::net::{Handled, Request, Response};

type Answer = Result<Response, Response>;

/// Of parallel deletions of one user, so many of those that came too late had looked early enough: 12 of 19 in the
/// recording.
const LATE_DELETES_THAT_SUCCEED: f64 = 12.0 / 19.0;

const ALREADY_EXISTS: &str = "User already exists";

impl State {
    /// `POST /api/user`
    pub(super) fn create_user(&mut self, request: &Request, who: &Identity) -> Answer {
        let body = json_object(request)?;
        let fields = fields(self, &body, Purpose::Create)?;
        self.protocols_enabled(&fields)?;
        if self.db.user(&fields.username).is_some() {
            return Err(detail(409, ALREADY_EXISTS));
        }
        let next_plan = match &fields.next_plan {
            None => None,
            // The database refuses the row, and the panel takes each refusal for a name that is taken.
            Some(plan) => Some(plan.complete().ok_or_else(|| detail(409, ALREADY_EXISTS))?),
        };
        let user = User {
            id: self.db.next_user_id(),
            accounts: fields.accounts(&self.inbounds),
            username: fields.username,
            status: fields.status.unwrap_or(Status::Active),
            expire: fields.expire.filter(|expire| *expire != 0),
            data_limit: fields.data_limit.filter(|limit| *limit != 0),
            reset_strategy: fields.reset_strategy.unwrap_or(ResetStrategy::NoReset),
            note: fields.note,
            on_hold_expire_duration: fields.on_hold_expire_duration.filter(|duration| *duration != 0),
            on_hold_timeout: fields.on_hold_timeout,
            auto_delete_in_days: fields.auto_delete_in_days,
            next_plan,
            used_traffic: 0,
            used_before_resets: 0,
            created_at: self.options.clock.now(),
            edited_at: None,
            reset_at: None,
            online_at: None,
            sub_updated_at: None,
            sub_last_user_agent: None,
            sub_revoked_at: None,
            admin: who.admin,
        };
        let id = user.id;
        // The core is told after the answer is made: of a row that cannot be shown it never hears.
        if !user.is_poisoned() {
            self.core.add(&self.inbounds, &user);
        }
        self.db.insert_user(user);
        Ok(self.user_answer(id))
    }

    /// `PUT /api/user/{username}`
    pub(super) fn modify_user(&mut self, request: &Request, username: &str, who: &Identity) -> Answer {
        let body = json_object(request)?;
        let fields = fields(self, &body, Purpose::Modify)?;
        let id = self.validated_user(username, who)?;
        self.protocols_enabled(&fields)?;
        let plan = fields.next_plan.as_ref().map(Plan::complete);
        if matches!(plan, Some(None)) {
            return Err(crash());
        }
        let now = self.options.clock.now();
        let inbounds = &self.inbounds;
        let user = self.db.users.get_mut(&id).ok_or_else(crash)?;
        for proxy in &fields.proxies {
            let protocol = proxy.protocol();
            match user.accounts.iter_mut().find(|account| account.proxy.protocol() == protocol) {
                Some(account) => account.proxy = proxy.clone(),
                None => {
                    user.accounts.push(Account { proxy: proxy.clone(), excluded: Vec::new() });
                }
            }
        }
        if !fields.proxies.is_empty() {
            let named = |account: &Account| {
                fields.proxies.iter().any(|proxy| proxy.protocol() == account.proxy.protocol())
            };
            user.accounts.retain(named);
        }
        for (protocol, tags) in &fields.tags {
            let account = user.accounts.iter_mut().find(|account| account.proxy.protocol() == *protocol);
            if let Some(account) = account {
                account.excluded = excluded(inbounds, *protocol, Some(tags));
            }
        }
        user.change(&fields, now);
        user.next_plan = plan.flatten();
        let user = user.clone();
        if !user.is_poisoned() {
            self.core.update(&self.inbounds, &user);
        }
        Ok(self.user_answer(id))
    }

    /// `DELETE /api/user/{username}`
    pub(super) fn delete_user(&mut self, request: &Request, username: &str, who: &Identity) -> Answer {
        let done = || Response::json(200, &json!({ "detail": "User successfully deleted" }));
        let raced = self.deleted.get(username).is_some_and(|deleted| request.arrived <= *deleted);
        if raced && self.db.user(username).is_none() && self.rng.random_bool(LATE_DELETES_THAT_SUCCEED) {
            return Ok(done());
        }
        let id = self.validated_user(username, who)?;
        let user = self.db.users.get(&id).cloned().ok_or_else(crash)?;
        self.db.remove_user(id);
        self.deleted.insert(username.to_owned(), Instant::now());
        if user.admin.is_none() {
            // It stumbles over the missing owner after the row is gone and before the core is told, which therefore
            // goes on letting the client in until it is started anew.
            return Err(crash());
        }
        self.core.remove(&user.email());
        Ok(done())
    }

    /// `POST /api/user/{username}/reset`
    pub(super) fn reset_user(&mut self, username: &str, who: &Identity) -> Answer {
        let id = self.validated_user(username, who)?;
        self.reset_usage(id, self.options.clock.now());
        Ok(self.user_answer(id))
    }

    /// `POST /api/user/{username}/revoke_sub`
    pub(super) fn revoke_user(&mut self, username: &str, who: &Identity) -> Answer {
        let id = self.validated_user(username, who)?;
        let mut user = self.db.users.get(&id).cloned().ok_or_else(crash)?;
        user.sub_revoked_at = Some(self.options.clock.now());
        for account in &mut user.accounts {
            account.proxy = self.renew(&account.proxy);
        }
        if user.status.connects() && !user.is_poisoned() {
            self.core.update(&self.inbounds, &user);
        }
        self.db.insert_user(user);
        Ok(self.user_answer(id))
    }

    /// `POST /api/user/{username}/active-next`
    pub(super) fn next_plan(&mut self, username: &str, who: &Identity) -> Answer {
        let id = self.validated_user(username, who)?;
        let user = self.db.users.get_mut(&id).filter(|user| user.next_plan.is_some());
        let user = user.ok_or_else(|| detail(404, "User doesn't have next plan"))?;
        user.start_next_plan();
        let user = user.clone();
        self.db.user_usage.retain(|(_, other, _), _| *other != id);
        self.core.add(&self.inbounds, &user);
        Ok(self.user_answer(id))
    }

    /// `GET /api/user/{username}/usage`
    pub(super) fn user_usage(&mut self, request: &Request, username: &str, who: &Identity) -> Answer {
        let id = self.validated_user(username, who)?;
        let period = Period::of(request, ["start", "end"], self.options.clock.now())?;
        let usages = self.user_usages(Some(&[id]), &period);
        Ok(Response::json(200, &json!({ "username": username, "usages": usages })))
    }

    /// `GET /api/users/usage`
    pub(super) fn users_usage(&mut self, request: &Request, who: &Identity) -> Answer {
        let period = Period::of(request, ["start", "end"], self.options.clock.now())?;
        let owners = self.owners(request, who);
        let ids = self.owned(owners.as_deref()).map(|user| user.id).collect::<Vec<_>>();
        Ok(Response::json(200, &json!({ "usages": self.user_usages(Some(&ids), &period) })))
    }

    /// `GET` and `DELETE /api/users/expired`
    pub(super) fn expired_users(&mut self, request: &Request, who: &Identity, delete: bool) -> Answer {
        let now = self.options.clock.now();
        let period = Period::of(request, ["expired_after", "expired_before"], now)?;
        let own = who.admin.filter(|_| !who.is_sudo);
        let expired = self
            .db
            .users
            .values()
            .filter(|user| matches!(user.status, Status::Expired | Status::Limited))
            .filter(|user| own.is_none() || user.admin == own)
            .filter(|user| {
                let expire = user.expire.and_then(|expire| DateTime::<Utc>::from_timestamp(expire, 0));
                expire.is_some_and(|expire| period.contains(expire))
            })
            .map(|user| (user.id, user.username.clone()))
            .collect::<Vec<_>>();
        if delete && expired.is_empty() {
            return Err(detail(404, "No expired users found in the specified date range"));
        }
        if delete {
            for (id, _) in &expired {
                self.db.remove_user(*id);
            }
        }
        let names = expired.into_iter().map(|(_, name)| name).collect::<Vec<_>>();
        Ok(Response::json(200, &names))
    }

    /// `GET /api/user/{username}`
    pub(super) fn read_user(&mut self, username: &str, who: &Identity) -> Answer {
        let id = self.validated_user(username, who)?;
        Ok(self.user_answer(id))
    }

    fn validated_user(&self, username: &str, who: &Identity) -> Result<u64, Response> {
        let user = self.db.user(username).ok_or_else(|| detail(404, "User not found"))?;
        who.may_touch(user)?;
        Ok(user.id)
    }

    fn protocols_enabled(&self, fields: &validate::Fields) -> Result<(), Response> {
        let missing = fields
            .proxies
            .iter()
            .map(Proxy::protocol)
            .find(|protocol| !self.inbounds.iter().any(|inbound| inbound.protocol == *protocol));
        match missing {
            Some(protocol) => {
                Err(detail(400, &format!("Protocol {} is disabled on your server", protocol.name())))
            }
            None => Ok(()),
        }
    }

    /// The owners asked for; those without sudo always get their own.
    pub(super) fn owners(&self, request: &Request, who: &Identity) -> Option<Vec<Option<u64>>> {
        if !who.is_sudo {
            return Some(vec![who.admin]);
        }
        let named = request.query.iter().filter(|(key, _)| key == "admin").collect::<Vec<_>>();
        // An unknown name gets an id that nobody has.
        let id = |name: &str| Some(self.db.admin(name).map_or(0, |admin| admin.id));
        (!named.is_empty()).then(|| named.iter().map(|(_, name)| id(name)).collect())
    }

    pub(super) fn owned<'a>(&'a self, owners: Option<&'a [Option<u64>]>) -> impl Iterator<Item = &'a User> {
        self.db.users.values().filter(move |user| owners.is_none_or(|owners| owners.contains(&user.admin)))
    }
}

impl Plan {
    fn complete(&self) -> Option<NextPlan> {
        Some(NextPlan {
            data_limit: self.data_limit?,
            expire: self.expire,
            add_remaining_traffic: self.add_remaining_traffic,
            fire_on_either: self.fire_on_either,
        })
    }
}

impl User {
    /// Everything of a change but proxies, inbounds and the next plan. The status follows from the new limits at once.
    fn change(&mut self, fields: &validate::Fields, now: DateTime<Utc>) {
        if let Some(status) = fields.status {
            self.status = status;
        }
        if let Some(limit) = fields.data_limit {
            self.data_limit = (limit != 0).then_some(limit);
            if !matches!(self.status, Status::Expired | Status::Disabled) {
                if self.is_used_up() {
                    self.status = Status::Limited;
                } else if self.status != Status::OnHold {
                    self.status = Status::Active;
                }
            }
        }
        if let Some(expire) = fields.expire {
            self.expire = (expire != 0).then_some(expire);
            if matches!(self.status, Status::Active | Status::Expired) {
                let over = self.expire.is_some_and(|expire| expire <= now.timestamp());
                self.status = if over { Status::Expired } else { Status::Active };
            }
        }
        if let Some(note) = &fields.note {
            self.note = Some(note.clone()).filter(|note| !note.is_empty());
        }
        if let Some(strategy) = fields.reset_strategy {
            self.reset_strategy = strategy;
        }
        self.on_hold_timeout = fields.on_hold_timeout.or(self.on_hold_timeout);
        self.on_hold_expire_duration = fields.on_hold_expire_duration.or(self.on_hold_expire_duration);
        self.edited_at = Some(now);
    }
}

/// An answer that takes no time of its own.
pub(super) fn at_once(response: Response) -> Handled {
    Handled { response, takes: Duration::ZERO }
}
