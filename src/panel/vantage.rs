//! A vantage's way home: it fetches what it is to look at, and brings what it found.

use std::time::Duration;

use futures::StreamExt;
use secrecy::{ExposeSecret, SecretString};

use super::endpoint::Endpoint;
use super::probe::{CARRY, Probe};
use super::{Trouble, trouble};
use crate::domain::health::vantage::{Finding, Findings, Target, Targets};

/// No answer from home within this time is none.
const PATIENCE: Duration = Duration::from_secs(20);
/// Addresses that are looked at at once: a thousand that do not answer take five minutes, and those that do take seconds.
const AT_ONCE: usize = 32;

/// Why home is not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AwayError {
    /// It answers as to anybody: the token is wrong or forgotten, or the address is another's.
    #[error(
        "the service does not know this token; see that PROBE_TOKEN is the one that `karvan probe token` showed, and \
         that PUBLIC_URL and SUB_PATH are those of the service"
    )]
    Unknown,
    /// It cannot be reached.
    #[error("the service is not reached: {0}")]
    Trouble(Trouble),
}

/// The way home.
pub struct Home {
    client: reqwest::Client,
    addresses: Vec<String>,
    token: SecretString,
}

impl Home {
    /// The way to a service whose links are at these addresses, path included.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(addresses: Vec<String>, token: SecretString) -> Result<Self, AwayError> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(PATIENCE)
            .timeout(PATIENCE)
            .build()
            .map_err(|_| AwayError::Trouble(Trouble::Unreachable))?;
        Ok(Self { client, addresses, token })
    }

    /// What is to be looked at, from the first of the addresses that answers: one of them may be blocked here.
    ///
    /// # Errors
    /// None answers, or not to us.
    pub async fn targets(&self) -> Result<Targets, AwayError> {
        let response = self.ask(|address| self.client.get(address)).await?;
        response.json().await.map_err(|_| AwayError::Unknown)
    }

    /// Brings what was found.
    ///
    /// # Errors
    /// None answers, or not to us.
    pub async fn bring(&self, findings: &Findings) -> Result<(), AwayError> {
        self.ask(|address| self.client.post(address).json(findings)).await.map(drop)
    }

    async fn ask(
        &self,
        request: impl Fn(&str) -> reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, AwayError> {
        let mut last = AwayError::Unknown;
        for address in &self.addresses {
            let request = request(address).bearer_auth(self.token.expose_secret());
            match request.send().await {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(_) => last = AwayError::Unknown,
                Err(error) => {
                    last = AwayError::Trouble(match trouble::of(&error, false) {
                        super::PanelError::Unavailable(trouble)
                        | super::PanelError::Unclear(trouble)
                        | super::PanelError::NotPanel(trouble) => trouble,
                        _ => Trouble::Cut,
                    });
                }
            }
        }
        Err(last)
    }
}

/// Looks at every target; what proves nothing, such as trouble of our own, is left out.
pub async fn look(probe: &dyn Probe, targets: &[Target]) -> Findings {
    let looks = targets.iter().map(|target| async move {
        let endpoint: Endpoint = serde_json::from_value(target.spec.clone()).ok()?;
        let carried = probe.carry(&endpoint, CARRY).await;
        let word = carried.word();
        let reached = carried.is_well();
        (reached || carried.is_failure()).then(|| Finding {
            id: target.id,
            reached,
            word: word.to_owned(),
            bytes: carried.bytes,
        })
    });
    let found = futures::stream::iter(looks).buffer_unordered(AT_ONCE);
    Findings { found: found.filter_map(std::future::ready).collect().await }
}
