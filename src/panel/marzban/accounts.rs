//! Accounts: made, changed, deleted, read; and what is done about a doubt.
//!
//! Marzban's answers to writes lie in four ways: a 409 for another reason than a taken name, a 500 after the write
//! was stored, a 500 after a delete that worked, and silence while the request waits to be executed. So everything
//! but a 200 that shows the account as wanted is followed by a read, and what the read shows is compared.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::http::{Body, Reply, Request};
use super::super::{Account, Applied, Call, Deleted, Page, PanelError, Trouble, Wanted};
use super::offer::Offer;
use super::wire::{User, Users};
use super::{Limit, Marzban, answer};
use crate::domain::AccountName;

const ONE: &str = "api/user/{name}";
/// Characters that Marzban keeps of a note.
const NOTE_LENGTH: usize = 500;
/// What our notes begin with.
const OUR_MARK: &str = "karvan:";
/// For a page of accounts: up to 13 ms an account on the panel.
const LIST_TIMEOUT: Duration = Duration::from_secs(15);
/// Accounts a page.
const PAGE: u32 = 100;

/// What a write came to.
enum Written {
    /// Answered 200, and shows this.
    Shown(Box<Shown>),
    /// Refused: the name is taken, or so the panel says.
    Taken,
    /// Nobody knows.
    Unclear(Trouble),
}

/// An account, and whether it has all the protocols it should have.
struct Shown {
    account: Account,
    complete: bool,
}

impl Shown {
    fn is_as(&self, wanted: &Wanted) -> bool {
        self.complete && self.account.is_as(wanted)
    }
}

/// What a read-back found.
enum Found {
    Account(Box<Shown>),
    Nothing,
    /// The panel fails on reading it, twice: it was stored half, with a field the panel itself cannot read.
    Poisoned,
}

impl Marzban {
    pub(super) async fn create_account(&self, wanted: &Wanted, call: Call) -> Result<Applied, PanelError> {
        let result = self.create_or_repair(wanted, call).await;
        result.map_err(|error| without_secrets(error, wanted))
    }

    pub(super) async fn update_account(&self, wanted: &Wanted, call: Call) -> Result<Applied, PanelError> {
        let result = self.update_and_see(wanted, call).await;
        result.map_err(|error| without_secrets(error, wanted))
    }

    async fn create_or_repair(&self, wanted: &Wanted, call: Call) -> Result<Applied, PanelError> {
        check(wanted)?;
        let limit = Limit::of(call);
        let mut offer = self.offer(limit).await?;
        let written = self.write(Method::POST, wanted, &mut offer, limit).await?;
        let (doubt, taken) = match written {
            Written::Shown(shown) if shown.is_as(wanted) => {
                return Ok(Applied { account: shown.account, settled: true });
            }
            // A new account is always active: pausing it takes a second request. Whatever else differs, too.
            Written::Shown(_) => return self.bring_to(wanted, &mut offer, None, limit, call).await,
            Written::Taken => (None, true),
            Written::Unclear(trouble) => (Some(trouble), false),
        };
        let found = match self.read_back(&wanted.name, &offer, call).await {
            Ok(found) => found,
            // The name belongs to another admin of the panel.
            Err(PanelError::Forbidden) if taken => return Err(PanelError::Exists { ours: false }),
            Err(error) => return Err(unsettled(error, doubt)),
        };
        match found {
            // Settled even after a doubt: a create that is still on its way is refused as long as this is there.
            Found::Account(shown) if !shown.account.credentials.are(&wanted.credentials) => {
                let ours = shown.account.note.as_deref().is_some_and(|note| note.starts_with(OUR_MARK));
                Err(PanelError::Exists { ours })
            }
            Found::Account(shown) if shown.is_as(wanted) => {
                Ok(Applied { account: shown.account, settled: doubt.is_none() })
            }
            // Half of it is there. It bears a name that only we give, so it may be overwritten.
            Found::Account(_) | Found::Poisoned => {
                self.bring_to(wanted, &mut offer, doubt, Limit::again(call), call).await
            }
            Found::Nothing => Err(doubt.map_or_else(
                || {
                    PanelError::Conflict(
                        "it says that the name is taken, and that there is no such account".to_owned(),
                    )
                },
                // A frozen panel may still make it.
                PanelError::Unclear,
            )),
        }
    }

    async fn update_and_see(&self, wanted: &Wanted, call: Call) -> Result<Applied, PanelError> {
        check(wanted)?;
        let limit = Limit::of(call);
        let mut offer = self.offer(limit).await?;
        self.put(wanted, &mut offer, limit, call).await
    }

    /// The second step of a create: the account is there, or half there, and is brought to the wanted state. From
    /// here on no failure may say that nothing was done.
    async fn bring_to(
        &self,
        wanted: &Wanted,
        offer: &mut Arc<Offer>,
        doubt: Option<Trouble>,
        limit: Limit,
        call: Call,
    ) -> Result<Applied, PanelError> {
        match self.put(wanted, offer, limit, call).await {
            Ok(applied) => Ok(Applied { settled: applied.settled && doubt.is_none(), ..applied }),
            Err(PanelError::Unavailable(trouble)) => Err(PanelError::Unclear(trouble)),
            Err(error) => Err(unsettled(error, doubt)),
        }
    }

    /// Changes an account and sees that it is so.
    async fn put(
        &self,
        wanted: &Wanted,
        offer: &mut Arc<Offer>,
        limit: Limit,
        call: Call,
    ) -> Result<Applied, PanelError> {
        let doubt = match self.write(Method::PUT, wanted, offer, limit).await? {
            Written::Shown(shown) if shown.is_as(wanted) => {
                return Ok(Applied { account: shown.account, settled: true });
            }
            Written::Shown(_) => None,
            Written::Taken => return Err(PanelError::Conflict("it refuses the change".to_owned())),
            Written::Unclear(trouble) => Some(trouble),
        };
        match self.read_back(&wanted.name, offer, call).await {
            Ok(Found::Account(shown)) if shown.is_as(wanted) => {
                Ok(Applied { account: shown.account, settled: doubt.is_none() })
            }
            Ok(Found::Account(_) | Found::Nothing | Found::Poisoned) => Err(doubt.map_or_else(
                || PanelError::Conflict("it takes the change and shows another state".to_owned()),
                PanelError::Unclear,
            )),
            Err(error) => Err(unsettled(error, doubt)),
        }
    }

    pub(super) async fn delete_account(&self, name: &AccountName, call: Call) -> Result<Deleted, PanelError> {
        let request = || Request { method: Method::DELETE, name: name.as_str(), ..Request::get(ONE) };
        let outcome = self.send(request, Limit::of(call)).await;
        let (trouble, is_own) = match outcome {
            Ok(reply) if reply.status == 200 => {
                // A challenge page is a 200, too.
                answer::parse::<Gone>(&reply)?;
                return Ok(Deleted { settled: true });
            }
            Ok(reply) => match answer::failure(&reply) {
                PanelError::NotFound => return Ok(Deleted { settled: true }),
                PanelError::Unclear(trouble) => (trouble, answer::is_own_failure(&reply)),
                error => return Err(error),
            },
            Err(PanelError::Unclear(trouble)) => (trouble, false),
            Err(error) => return Err(error),
        };
        match self.read_account(name, Limit::read_back(call)).await {
            // Marzban answers 500 to every delete by an admin that lives in its environment only, after the delete.
            // That request has ended, so with the account gone nothing is left to come.
            Ok(None) => Ok(Deleted { settled: is_own }),
            Ok(Some(_)) | Err(_) => Err(PanelError::Unclear(trouble)),
        }
    }

    /// One account; `None` when the panel says that there is none.
    pub(super) async fn read_account(
        &self,
        name: &AccountName,
        limit: Limit,
    ) -> Result<Option<Account>, PanelError> {
        match answer::parse::<User>(&self.ask_for(name, limit).await?) {
            Ok(user) => Ok(Some(user.account(&self.base_url))),
            Err(PanelError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What stands there after a write that left a doubt. Asked twice when the panel fails on it.
    async fn read_back(&self, name: &AccountName, offer: &Offer, call: Call) -> Result<Found, PanelError> {
        let limit = Limit::read_back(call);
        let mut reply = self.ask_for(name, limit).await?;
        if reply.status >= 500 {
            reply = self.ask_for(name, limit).await?;
        }
        if answer::is_own_failure(&reply) {
            return Ok(Found::Poisoned);
        }
        match answer::parse::<User>(&reply) {
            Ok(user) => Ok(Found::Account(Box::new(self.shown(user, offer)))),
            Err(PanelError::NotFound) => Ok(Found::Nothing),
            Err(error) => Err(error),
        }
    }

    async fn ask_for(&self, name: &AccountName, limit: Limit) -> Result<Reply, PanelError> {
        self.read(|| Request { name: name.as_str(), ..Request::get(ONE) }, limit).await
    }

    pub(super) async fn list_accounts(
        &self,
        prefix: &str,
        offset: u32,
        limit: u32,
    ) -> Result<Page, PanelError> {
        let limit = limit.clamp(1, PAGE).to_string();
        let query =
            [("search", prefix), ("offset", &offset.to_string()), ("limit", &limit), ("sort", "username")];
        let query: Vec<_> = query.map(|(name, value)| (name, value.to_owned())).into();
        let request = || Request { query: query.clone(), ..Request::get("api/users") };
        let reply = self.read(request, Limit::within(LIST_TIMEOUT)).await?;
        let page: Users = answer::parse(&reply)?;
        // The panel searches anywhere in name and note.
        let accounts = page.users.into_iter().map(|user| user.account(&self.base_url));
        let accounts = accounts.filter(|account| account.name.as_str().starts_with(prefix)).collect();
        Ok(Page { accounts, total: page.total })
    }

    /// Sends a create or a change. What the panel refuses as invalid is sent once more if its inbounds turn out to
    /// have changed.
    async fn write(
        &self,
        method: Method,
        wanted: &Wanted,
        offer: &mut Arc<Offer>,
        limit: Limit,
    ) -> Result<Written, PanelError> {
        let refused = match self.write_once(&method, wanted, offer, limit).await {
            Err(error @ PanelError::Invalid(_)) => error,
            outcome => return outcome,
        };
        match self.offer_unlike(Some(offer), limit).await {
            Ok(fresh) if fresh != *offer => *offer = fresh,
            _ => return Err(refused),
        }
        self.write_once(&method, wanted, offer, limit).await
    }

    async fn write_once(
        &self,
        method: &Method,
        wanted: &Wanted,
        offer: &Offer,
        limit: Limit,
    ) -> Result<Written, PanelError> {
        let is_new = *method == Method::POST;
        let template = if is_new { "api/user" } else { ONE };
        let body = body(wanted, offer, is_new);
        let request = || Request {
            method: method.clone(),
            name: wanted.name.as_str(),
            body: Body::Json(&body),
            ..Request::get(template)
        };
        let reply = match self.send(request, limit).await {
            Err(PanelError::Unclear(trouble)) => return Ok(Written::Unclear(trouble)),
            outcome => outcome?,
        };
        match answer::parse::<User>(&reply) {
            Ok(user) => Ok(Written::Shown(Box::new(self.shown(user, offer)))),
            Err(PanelError::Conflict(_)) => Ok(Written::Taken),
            Err(PanelError::Unclear(trouble)) => Ok(Written::Unclear(trouble)),
            Err(error) => Err(error),
        }
    }

    fn shown(&self, user: User, offer: &Offer) -> Shown {
        let complete = offer.is_served_by(user.proxies.keys());
        Shown { account: user.account(&self.base_url), complete }
    }
}

/// `{"detail": "User successfully deleted"}`
#[derive(Deserialize)]
struct Gone {
    #[expect(dead_code, reason = "that it is there makes the answer Marzban's")]
    detail: String,
}

/// The body of a create or a change. Everything is always named: what is left out Marzban makes up (secrets), reads as
/// nothing (inbounds) or leaves as it was (limits, on a change).
fn body(wanted: &Wanted, offer: &Offer, is_new: bool) -> Value {
    // A create takes no other status.
    let status = if wanted.enabled || is_new { "active" } else { "disabled" };
    let note: String = wanted.note.chars().take(NOTE_LENGTH).collect();
    let mut body = json!({
        "proxies": offer.proxies(&wanted.credentials),
        "inbounds": offer.inbounds(),
        // Zero is "never" and "unlimited".
        "expire": wanted.expires_at.map_or(0, |at| at.timestamp().max(1)),
        "data_limit": wanted.data_limit.unwrap_or(0),
        "data_limit_reset_strategy": "no_reset",
        "status": status,
        "note": note,
    });
    if is_new {
        body["username"] = json!(wanted.name);
    }
    body
}

/// Refuses what Marzban would take for something else.
fn check(wanted: &Wanted) -> Result<(), PanelError> {
    if wanted.data_limit == Some(0) {
        return Err(PanelError::Invalid("a limit of zero would be none".to_owned()));
    }
    Ok(())
}

/// `error`, or the doubt that an earlier request of the same call left, if the error knows of none.
fn unsettled(error: PanelError, doubt: Option<Trouble>) -> PanelError {
    match doubt {
        Some(trouble) if error.is_settled() => PanelError::Unclear(trouble),
        _ => error,
    }
}

fn without_secrets(error: PanelError, wanted: &Wanted) -> PanelError {
    let uuid = wanted.credentials.uuid.to_string();
    answer::without(error, &[&uuid, &wanted.credentials.password])
}
