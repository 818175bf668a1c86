//! Which clients the panel's core would let in.
//!
//! Xray's VLESS validator keeps two maps, by email and by UUID (`proxy/vless/validator.go`). Adding a second account
//! with a known UUID replaces the entry under that UUID, so its traffic is charged to the newcomer alone, and removing
//! either account takes the UUID away from both. Emails are the panel's `{row id}.{name}`.
//!
//! Only VLESS is modelled: it is what tests ask about, and the only protocol here whose double accounts hurt.

use std::collections::HashMap;

use super::inbound::{Inbound, Protocol};
use super::rows::{Proxy, User};

/// The proxy core of one panel.
#[derive(Debug, Clone)]
pub(super) struct Xray {
    pub(super) started: bool,
    /// `false`: it dies at once when started, as with a broken configuration or a taken port.
    pub(super) can_start: bool,
    validators: HashMap<String, Validator>,
}

#[derive(Debug, Clone, Default)]
struct Validator {
    by_email: HashMap<String, Client>,
    by_uuid: HashMap<String, Client>,
}

#[derive(Debug, Clone)]
struct Client {
    email: String,
    user: u64,
    uuid: String,
    /// What the core expects.
    flow: String,
    /// What the account's links make the client send.
    client_flow: String,
}

impl Xray {
    /// Started with the accounts of the database.
    pub(super) fn new<'a>(inbounds: &[Inbound], users: impl Iterator<Item = &'a User>) -> Self {
        let mut core = Self { started: false, can_start: true, validators: HashMap::new() };
        core.start(inbounds, users);
        core
    }

    /// Starts anew with all accounts that may connect. A configuration made for a start keeps the flow on `raw`.
    pub(super) fn start<'a>(&mut self, inbounds: &[Inbound], users: impl Iterator<Item = &'a User>) -> bool {
        self.started = self.can_start;
        self.validators.clear();
        if self.started {
            for user in users.filter(|user| user.status.connects()) {
                self.insert(inbounds, user, true);
            }
        }
        self.started
    }

    /// What the panel does after a creation or a reset: adds, and leaves alone what is there.
    pub(super) fn add(&mut self, inbounds: &[Inbound], user: &User) {
        self.insert(inbounds, user, false);
    }

    /// What the panel does after a change: removes and adds.
    pub(super) fn update(&mut self, inbounds: &[Inbound], user: &User) {
        self.remove(&user.email());
        if user.status.connects() {
            self.insert(inbounds, user, false);
        }
    }

    /// New connections of this account are refused from now on. Open ones run to their end.
    pub(super) fn remove(&mut self, email: &str) {
        if !self.started {
            return;
        }
        for validator in self.validators.values_mut() {
            if let Some(client) = validator.by_email.remove(email) {
                validator.by_uuid.remove(&client.uuid);
            }
        }
    }

    /// The row id of the account that a new connection with this UUID would be charged to; `None` when it is refused.
    pub(super) fn admits(&self, uuid: &str) -> Option<u64> {
        let uuid = uuid.to_ascii_lowercase();
        let clients = self.validators.values().filter_map(|validator| validator.by_uuid.get(&uuid));
        self.started
            .then(|| {
                clients.filter(|client| client.flow == client.client_flow).map(|client| client.user).min()
            })
            .flatten()
    }

    fn insert(&mut self, inbounds: &[Inbound], user: &User, at_start: bool) {
        if !self.started {
            return;
        }
        for inbound in inbounds.iter().filter(|inbound| inbound.protocol == Protocol::Vless) {
            let Some(account) = user.account(Protocol::Vless) else { continue };
            let Proxy::Vless { id, flow } = &account.proxy else { continue };
            if account.excluded.contains(&inbound.tag) {
                continue;
            }
            let client_flow = if inbound.takes_flow() { flow.clone() } else { String::new() };
            let stripped = inbound.network == "raw" && !at_start;
            let client = Client {
                email: user.email(),
                user: user.id,
                uuid: id.to_string(),
                flow: if stripped { String::new() } else { client_flow.clone() },
                client_flow,
            };
            let validator = self.validators.entry(inbound.tag.clone()).or_default();
            if !validator.by_email.contains_key(&client.email) {
                validator.by_email.insert(client.email.clone(), client.clone());
                validator.by_uuid.insert(client.uuid.clone(), client);
            }
        }
    }
}
