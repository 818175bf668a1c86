//! Setting, deleting and describing the webhook.
//!
//! Plain `http` addresses are taken, as a Bot API server in local mode does; Telegram's own wants `https`.

use serde_json::{Value, json};

use super::Outcome;
use crate::telegram::params::Params;
use crate::telegram::refusal::Refusal;
use crate::telegram::updates::Webhook;
use crate::telegram::world::World;

pub(super) fn set(world: &mut World, params: &Params) -> Outcome {
    let url = params.text("url").unwrap_or_default();
    if url.is_empty() {
        return Ok(delete(world, params));
    }
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(Refusal::bad("bad webhook: HTTPS url must be provided for webhook"));
    }
    let secret = params.text("secret_token").filter(|secret| !secret.is_empty());
    if let Some(secret) = &secret {
        if secret.len() > 256 {
            return Err(Refusal::bad("secret token is too long"));
        }
        if !secret.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-') {
            return Err(Refusal::bad("secret token contains unallowed characters"));
        }
    }
    let allowed = params.json("allowed_updates").transpose()?;
    let connections = params.int("max_connections").unwrap_or(40).clamp(1, 100);
    let updates = &mut world.updates;
    updates.set_allowed(allowed.as_ref());
    if params.flag("drop_pending_updates") {
        updates.queue.clear();
    }
    let max_connections = usize::try_from(connections).unwrap_or(40);
    updates.webhook = Some(Webhook { url, secret, max_connections, last_error: None });
    updates.poll += 1;
    updates.poll_ended_by_webhook = true;
    Ok(json!(true))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Value {
    world.updates.webhook = None;
    if params.flag("drop_pending_updates") {
        world.updates.queue.clear();
    }
    json!(true)
}

pub(super) fn info(world: &World) -> Value {
    let updates = &world.updates;
    let mut info = json!({
        "url": updates.webhook.as_ref().map_or("", |webhook| webhook.url.as_str()),
        "has_custom_certificate": false,
        "pending_update_count": updates.queue.len(),
    });
    if let Some(webhook) = &updates.webhook {
        info["max_connections"] = json!(webhook.max_connections);
        info["ip_address"] = json!("127.0.0.1");
        if let Some((at, message)) = &webhook.last_error {
            info["last_error_date"] = json!(at.timestamp());
            info["last_error_message"] = json!(message);
        }
    }
    if let Some(allowed) = &updates.allowed {
        info["allowed_updates"] = json!(allowed);
    }
    info
}
