//! What users' apps fetch: `/sub/<token>`, without a login.

use std::time::Duration;

use url::Url;

use super::super::http::{Lane, Request};
use super::super::{PanelError, Subscription, Trouble};
use super::{Limit, Marzban, answer};

/// Headers of a subscription that are handed on, besides its kind. All others are ours to say, or nobody's business.
const KEPT: [&str; 2] = ["routing", "routing-enable"];

impl Marzban {
    /// The panel writes its links for the world: with a public name that may lead to a CDN, or nowhere from here. What
    /// is asked is always the panel itself, where we reach it, for the last two parts of the link's path: `sub/<token>`.
    pub(super) async fn fetch(
        &self,
        url: &str,
        agent: &str,
        timeout: Duration,
    ) -> Result<Subscription, PanelError> {
        let path = path_of(url).ok_or(PanelError::NotFound)?;
        let limit = Limit::within(timeout);
        let place = self.http.place(Lane::Fetch, limit.deadline).await?;
        let request = || Request { name: &path, agent: Some(agent), ..Request::get("{path}") };
        let mut reply = self.http.send(&place, request(), None, limit.deadline).await;
        // An idle connection that the panel had just closed.
        if matches!(reply, Err(PanelError::Unclear(Trouble::Cut))) {
            reply = self.http.send(&place, request(), None, limit.deadline).await;
        }
        let reply = reply?;
        let foreign = || PanelError::NotPanel(Trouble::Foreign(reply.status));
        let header = |name: &str| reply.headers.get(name).and_then(|value| value.to_str().ok());
        let content_type = header("content-type").map(str::to_owned);
        match reply.status {
            200 => {}
            // Marzban says only `Not Found` here, as of any other path.
            404 => return Err(PanelError::NotFound),
            _ => return Err(answer::failure(&reply)),
        }
        // A page is somebody else's: a challenge, or the operator's own. A client must never get it for its keys.
        if content_type.as_deref().is_some_and(|kind| kind.starts_with("text/html")) {
            return Err(foreign());
        }
        let headers = KEPT.iter().filter_map(|name| Some(((*name).to_owned(), header(name)?.to_owned())));
        Ok(Subscription { content_type, headers: headers.collect(), body: reply.body })
    }
}

/// The last two parts of a link's path.
fn path_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let [.., path, token] = parts[..] else { return None };
    Some(format!("{path}/{token}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_asked_for_at_the_panel_itself() {
        assert_eq!(path_of("https://sub.example.com/sub/dG9rZW4").unwrap(), "sub/dG9rZW4");
        assert_eq!(path_of("https://vpn1.example.com:8000/secret/sub/x-y_z/").unwrap(), "sub/x-y_z");
        assert_eq!(path_of("https://vpn1.example.com/only"), None);
        assert_eq!(path_of("/sub/relative"), None);
    }
}
