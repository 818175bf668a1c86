//! Several panels at once.

use super::{Inbound, Marzban, Options};

/// Panels that live on one clock.
#[derive(Debug, Clone)]
pub struct Fleet {
    panels: Vec<Marzban>,
}

impl Fleet {
    /// Starts one panel for each name, alike but for name, seed and the ports in their links; their subscription
    /// addresses are absolute, as on a panel that was set up with care.
    ///
    /// # Errors
    /// When a port is taken.
    pub async fn start(names: &[&str], like: &Options) -> anyhow::Result<Self> {
        let mut panels = Vec::new();
        for (index, name) in (0_u16..).zip(names) {
            let options = Options {
                name: (*name).to_owned(),
                seed: like.seed.wrapping_mul(1_000).wrapping_add(u64::from(index)),
                inbounds: Inbound::defaults(20_100 + 100 * index),
                host: format!("{name}.vpn.example"),
                ..like.clone()
            };
            let panel = Marzban::start(options).await?;
            panel.set_subscription_url_prefix(&panel.url());
            panels.push(panel);
        }
        Ok(Self { panels })
    }

    /// The panel of this name. Panics when there is none: a test asked for what it did not start.
    #[must_use]
    pub fn panel(&self, name: &str) -> &Marzban {
        let panel = self.panels.iter().find(|panel| panel.name() == name);
        panel.unwrap_or_else(|| panic!("no panel is called {name}"))
    }

    /// All, in the order of their names at the start.
    pub fn iter(&self) -> impl Iterator<Item = &Marzban> {
        self.panels.iter()
    }

    /// On how many panels a user of this name exists.
    #[must_use]
    pub fn copies(&self, username: &str) -> usize {
        self.panels.iter().filter(|panel| panel.user(username).is_some()).count()
    }

    /// The names of the panels whose core lets in this VLESS id now.
    #[must_use]
    pub fn works_on(&self, vless_uuid: &str) -> Vec<String> {
        let working = self.panels.iter().filter(|panel| panel.works(vless_uuid));
        working.map(|panel| panel.name().to_owned()).collect()
    }

    /// Ends all.
    pub async fn shutdown(&self) {
        for panel in &self.panels {
            panel.shutdown().await;
        }
    }
}
