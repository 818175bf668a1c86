//! A panel from an instance's description.

use std::sync::Arc;

use secrecy::SecretString;

use super::marzban::Marzban;
use super::read_only::ReadOnly;
use super::{Panel, PanelError};
use crate::domain::Clock;
use crate::domain::instance::{Instance, Mode, PanelKind};

/// What holds for all panels that say nothing else.
#[derive(Clone, Default)]
pub struct Defaults {
    /// `PANEL_PROXY`: the proxy for panels without one of their own. A panel whose proxy is the word `direct` goes
    /// without.
    pub panel_proxy: Option<String>,
}

/// The panel of `instance`, of the kind it names. Nothing is connected yet: the first call logs in. In
/// [`Mode::Observe`] the panel refuses every write with [`PanelError::Forbidden`].
///
/// `seed` spreads what would otherwise happen at one time on all panels, such as the renewal of logins.
///
/// # Errors
/// [`PanelError::Settings`] when the connection settings cannot be used.
pub fn connect(
    instance: &Instance,
    password: SecretString,
    defaults: &Defaults,
    clock: Arc<dyn Clock>,
    seed: u64,
) -> Result<Arc<dyn Panel>, PanelError> {
    let panel: Arc<dyn Panel> = match instance.kind {
        PanelKind::Marzban => Arc::new(Marzban::new(instance, password, defaults, clock, seed)?),
    };
    Ok(match instance.mode {
        Mode::Observe => Arc::new(ReadOnly::new(panel)),
        Mode::Manage => panel,
    })
}
