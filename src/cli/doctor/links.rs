//! Our own addresses as others see them: whether it is us who answers there.
//!
//! A link that nobody was given gets a bare 404 from us, and hardly from anybody else: web servers write a page.

use std::time::Duration;

use futures::future::join_all;

use crate::panel::Trouble;
use crate::panel::outside::{self, Answered};
use crate::service::links::Addresses;

use super::Findings;

/// An answer after this is none.
const PATIENCE: Duration = Duration::from_secs(10);
/// A token as ours look, and that none of our keys wrote.
const MADE_UP: &str = "AQEAAAAAAAAAAAAAAAAAAAAAAA";

/// Looks at each address of links.
pub(super) async fn look(addresses: Option<&Addresses>, findings: &mut Findings) {
    let Some(addresses) = addresses else {
        return findings.note(
            "Links: PUBLIC_URL is not set. People have their panels' own links, which change when they are moved.",
        );
    };
    let origins = addresses.origins();
    let places: Vec<String> =
        origins.iter().map(|origin| format!("{origin}{}/{MADE_UP}", addresses.path())).collect();
    let seen = join_all(places.iter().map(|place| outside::look(place, None, PATIENCE))).await;
    for (origin, seen) in origins.iter().zip(&seen) {
        match judge(seen) {
            Ok(()) => findings.good(&format!("Links: {origin} is answered by this service.")),
            Err(what) => findings.bad(&format!("Links: {origin}: {what}")),
        }
        if origin.starts_with("http://") {
            findings.note(&format!(
                "Links: {origin} is not encrypted: whoever listens on the way can take people's keys. Put a proxy with \
                 a certificate in front."
            ));
        }
    }
    if let [only] = origins {
        findings.note(&format!(
            "Links: {only} is the only address. On the day it is blocked nobody can fetch a key: name another domain, \
             with another provider, in PUBLIC_URLS."
        ));
    }
}

/// Whether what was seen is us; if not, what to do.
fn judge(seen: &Result<Answered, Trouble>) -> Result<(), String> {
    let seen = match seen {
        Ok(seen) => seen,
        Err(trouble) => {
            let what = match trouble {
                Trouble::Dns => "the name cannot be resolved. Set its DNS record, or correct PUBLIC_URL.",
                Trouble::Refused => {
                    "nobody listens there. Start `karvan run` and the proxy in front of LISTEN_ADDR, and check the port."
                }
                Trouble::Certificate => {
                    "its certificate is not trusted, or bears another name; apps fetch nothing there. Renew it."
                }
                Trouble::Timeout | Trouble::Unreachable => {
                    "no answer. Check the firewall, and that the DNS record leads to this service."
                }
                _ => {
                    "the connection is cut. Check the proxy in front, and that http or https is right in PUBLIC_URL."
                }
            };
            return Err(what.to_owned());
        }
    };
    match (seen.status, seen.has_body) {
        (404, false) => Ok(()),
        (404, true) => {
            Err("a web server answers with a page of its own. Let it pass SUB_PATH on to LISTEN_ADDR, and \
                            leave the answer as it is."
                .to_owned())
        }
        (status @ (500..=599), _) => Err(format!(
            "the proxy in front says {status}: it does not reach the service. Start `karvan run`, and let the proxy \
             lead to LISTEN_ADDR."
        )),
        (status @ (301..=308), _) => Err(format!(
            "it leads elsewhere (status {status}), and not every app follows. Answer at this very address, or put the \
             other one into PUBLIC_URL."
        )),
        (status @ (401 | 403 | 429), _) => Err(format!(
            "something in front refuses (status {status}). Let it pass SUB_PATH on without a challenge: apps cannot \
             answer one."
        )),
        (status, _) => Err(format!(
            "another site answers there (status {status}). Let SUB_PATH lead to LISTEN_ADDR, or correct PUBLIC_URL."
        )),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn answered(status: u16, has_body: bool) -> Result<Answered, Trouble> {
        Ok(Answered { status, has_body, date: None })
    }

    #[rstest]
    #[case(answered(404, true), "page of its own")]
    #[case(answered(502, true), "says 502")]
    #[case(answered(301, false), "leads elsewhere")]
    #[case(answered(403, true), "without a challenge")]
    #[case(answered(200, true), "another site")]
    #[case(answered(204, false), "another site")]
    #[case(Err(Trouble::Dns), "DNS record")]
    #[case(Err(Trouble::Refused), "nobody listens")]
    #[case(Err(Trouble::Certificate), "certificate")]
    #[case(Err(Trouble::Timeout), "firewall")]
    #[case(Err(Trouble::Cut), "http or https")]
    fn what_is_not_us_says_what_to_do(#[case] seen: Result<Answered, Trouble>, #[case] says: &str) {
        let said = judge(&seen).unwrap_err();
        assert!(said.contains(says), "{said}");
    }

    #[test]
    fn a_bare_404_is_us() {
        assert_eq!(judge(&answered(404, false)), Ok(()));
    }
}
