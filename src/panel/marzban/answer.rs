//! What an answer means, and whether it is the panel's at all.
//!
//! Marzban answers in JSON, and failures as `{"detail": …}`: a text, or for a 422 a map from a field to its complaint.
//! Only a 500 of its own is plain text. Everything else comes from something in front of it or in its place: a
//! challenge page, a login page, another program.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::http::Reply;
use super::super::{PanelError, Trouble};

/// Characters of the panel's own words that an error keeps.
const DETAIL_LENGTH: usize = 200;

/// Whether the panel itself says that the login does not count (any more).
pub(super) fn refuses_login(reply: &Reply) -> bool {
    reply.status == 401 && detail(reply).is_some()
}

/// Whether this is the 500 that Marzban answers after an exception of its own: the request has ended, though nobody
/// knows where.
pub(super) fn is_own_failure(reply: &Reply) -> bool {
    reply.status == 500 && reply.body.trim_ascii() == b"Internal Server Error"
}

/// The body of a success, or what the failure means.
pub(super) fn parse<T: DeserializeOwned>(reply: &Reply) -> Result<T, PanelError> {
    if !(200..300).contains(&reply.status) {
        return Err(failure(reply));
    }
    let body = reply.body.trim_ascii();
    serde_json::from_slice(body).map_err(|error| {
        if error.is_eof() && !body.is_empty() {
            PanelError::Unclear(Trouble::Garbled)
        } else {
            PanelError::NotPanel(Trouble::Foreign(reply.status))
        }
    })
}

/// What a status other than a success means.
///
/// - 5xx: unclear, whoever says it.
/// - 429: Marzban has no limit of its own (0.8.4), so a front says it, *instead of* passing the request on
///   (RFC 6585 §4): not executed, whatever the body.
/// - 408 and 504 alike: a front waited too long for the request or its answer.
/// - 407: a proxy that forwards plain HTTP wants a password.
/// - 400, 403, 404, 409, 422: the panel's when they carry its `detail`, somebody else's when not. A 404 must say
///   `User not found` or `Node not found`: a wrong path says `Not Found`.
pub(super) fn failure(reply: &Reply) -> PanelError {
    let foreign = || PanelError::NotPanel(Trouble::Foreign(reply.status));
    let detail = detail(reply);
    match (reply.status, detail) {
        (500.., _) => PanelError::Unclear(Trouble::Server(reply.status)),
        (429, _) => PanelError::Unavailable(Trouble::TooMany),
        (408, _) => PanelError::Unclear(Trouble::Timeout),
        (407, _) => PanelError::Unavailable(Trouble::Proxy),
        (401, Some(_)) => PanelError::Unauthorised,
        (403, Some(_)) => PanelError::Forbidden,
        (404, Some(detail)) if detail == "User not found" || detail == "Node not found" => {
            PanelError::NotFound
        }
        (409, Some(detail)) => PanelError::Conflict(short(&detail)),
        (400 | 422, Some(detail)) => PanelError::Invalid(short(&detail)),
        _ => foreign(),
    }
}

/// `detail` of a failure as a line of text; `None` when the body is not Marzban's.
fn detail(reply: &Reply) -> Option<String> {
    let body: Value = serde_json::from_slice(&reply.body).ok()?;
    match body.get("detail")? {
        Value::String(text) => Some(text.clone()),
        Value::Object(fields) => {
            let lines = fields.iter().map(|(field, complaint)| {
                let complaint = complaint.as_str().map_or_else(|| complaint.to_string(), str::to_owned);
                format!("{field}: {complaint}")
            });
            Some(lines.collect::<Vec<_>>().join("; "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// The panel's words, short and without line breaks.
fn short(detail: &str) -> String {
    detail.chars().map(|c| if c.is_control() { ' ' } else { c }).take(DETAIL_LENGTH).collect()
}

/// `error` without `secrets`, should the panel repeat what it was sent.
pub(super) fn without(error: PanelError, secrets: &[&str]) -> PanelError {
    let clean = |text: String| secrets.iter().fold(text, |text, secret| text.replace(secret, "…"));
    match error {
        PanelError::Invalid(text) => PanelError::Invalid(clean(text)),
        PanelError::Conflict(text) => PanelError::Conflict(clean(text)),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, headers: reqwest::header::HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    #[rstest]
    #[case(404, r#"{"detail":"User not found"}"#, PanelError::NotFound)]
    #[case(404, r#"{"detail":"Node not found"}"#, PanelError::NotFound)]
    #[case(404, r#"{"detail":"Not Found"}"#, PanelError::NotPanel(Trouble::Foreign(404)))]
    #[case(404, "<html>", PanelError::NotPanel(Trouble::Foreign(404)))]
    #[case(403, r#"{"detail":"You're not allowed"}"#, PanelError::Forbidden)]
    #[case(403, "<title>Just a moment...</title>", PanelError::NotPanel(Trouble::Foreign(403)))]
    #[case(401, r#"{"detail":"Could not validate credentials"}"#, PanelError::Unauthorised)]
    #[case(401, "Authorization Required", PanelError::NotPanel(Trouble::Foreign(401)))]
    #[case(409, r#"{"detail":"User already exists"}"#, PanelError::Conflict("User already exists".to_owned()))]
    #[case(422, r#"{"detail":{"note":"too\nlong"}}"#, PanelError::Invalid("note: too long".to_owned()))]
    #[case(422, "[]", PanelError::NotPanel(Trouble::Foreign(422)))]
    #[case(429, "slow down", PanelError::Unavailable(Trouble::TooMany))]
    #[case(500, "Internal Server Error", PanelError::Unclear(Trouble::Server(500)))]
    #[case(502, r#"{"detail":"User not found"}"#, PanelError::Unclear(Trouble::Server(502)))]
    #[case(307, "", PanelError::NotPanel(Trouble::Foreign(307)))]
    #[case(407, "", PanelError::Unavailable(Trouble::Proxy))]
    fn what_failures_mean(#[case] status: u16, #[case] body: &str, #[case] meaning: PanelError) {
        assert_eq!(failure(&reply(status, body)), meaning);
    }

    #[rstest]
    #[case("{\"version\": \"0.8.4\"", PanelError::Unclear(Trouble::Garbled))]
    #[case("", PanelError::NotPanel(Trouble::Foreign(200)))]
    #[case("<!doctype html>", PanelError::NotPanel(Trouble::Foreign(200)))]
    #[case("{\"other\": true}", PanelError::NotPanel(Trouble::Foreign(200)))]
    fn a_success_is_no_success_without_its_body(#[case] body: &str, #[case] meaning: PanelError) {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct System {
            version: String,
        }
        assert_eq!(parse::<System>(&reply(200, body)), Err(meaning));
        let good = parse::<System>(&reply(200, "{\"version\": \"0.8.4\"}"));
        assert_eq!(good, Ok(System { version: "0.8.4".to_owned() }));
    }

    #[test]
    fn what_was_sent_is_not_repeated() {
        let error = PanelError::Invalid("password: `geheim` is too short".to_owned());
        assert_eq!(without(error, &["geheim"]), PanelError::Invalid("password: `…` is too short".to_owned()));
    }
}
