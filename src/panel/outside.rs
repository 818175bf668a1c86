//! How an address looks from here to anybody: what answers, and what time it says it is.
//!
//! No login, no redirect followed, and what is answered is not kept. The time is the one of the `Date` header (RFC 9110,
//! 6.6.1), in whole seconds: good enough to notice a clock that is wrong.

use std::time::Duration;

use chrono::DateTime;

use super::{Trouble, trouble};
use crate::domain::Timestamp;

/// What was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// Whether there was more than headers.
    pub has_body: bool,
    /// What time it is there.
    pub date: Option<Timestamp>,
}

/// Asks `url` once.
///
/// # Errors
/// Nobody answers, or not in HTTP.
pub async fn look(url: &str, proxy: Option<&str>, timeout: Duration) -> Result<Answered, Trouble> {
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(timeout)
        .timeout(timeout);
    if let Some(proxy) = proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(|_| Trouble::Proxy)?);
    }
    let client = builder.build().map_err(|_| Trouble::Unreachable)?;
    let failed = |error: reqwest::Error| match trouble::of(&error, proxy.is_some()) {
        super::PanelError::Unavailable(trouble)
        | super::PanelError::Unclear(trouble)
        | super::PanelError::NotPanel(trouble) => trouble,
        _ => Trouble::Cut,
    };
    let response = client.get(url).send().await.map_err(failed)?;
    let date = response.headers().get("date").and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()).map(|date| date.to_utc());
    let status = response.status().as_u16();
    let has_body = !response.bytes().await.map_err(failed)?.is_empty();
    Ok(Answered { status, has_body, date })
}
