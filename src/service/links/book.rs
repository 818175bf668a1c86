//! How our links are written and read again.

use std::sync::atomic::{AtomicUsize, Ordering};

use rand::Rng;

use crate::domain::ConfigId;
use crate::domain::link::{Link, LinkKey};

/// Where people fetch their keys from us: one or more addresses, all valid for ever, and the path of links below them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    origins: Vec<String>,
    path: String,
}

impl Addresses {
    /// Addresses such as `https://keys.example.com`, in the order in which they are shown, and a path such as `/sub`.
    /// `None` without an address.
    #[must_use]
    pub fn new(origins: Vec<String>, path: String) -> Option<Self> {
        (!origins.is_empty()).then_some(Self { origins, path })
    }

    /// The addresses, in the order in which they are shown.
    #[must_use]
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    /// The path of links.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The address that a request for `host` came by; the first one when it names none of ours, as behind a CDN that
    /// writes its own.
    #[must_use]
    pub fn by_host(&self, host: &str) -> &str {
        let host = host.to_ascii_lowercase();
        let fits = |origin: &&String| {
            origin.split_once("://").is_some_and(|(_, authority)| {
                authority == host || authority.split(':').next() == host.split(':').next()
            })
        };
        self.origins.iter().find(fits).unwrap_or(&self.origins[0])
    }
}

/// Writes links and reads them again.
#[derive(Debug)]
pub struct LinkBook {
    key: LinkKey,
    addresses: Option<Addresses>,
    shown: AtomicUsize,
}

impl LinkBook {
    /// Links signed by `key`; without addresses, people get those of their panels.
    #[must_use]
    pub fn new(key: LinkKey, addresses: Option<Addresses>) -> Self {
        Self { key, addresses, shown: AtomicUsize::new(0) }
    }

    /// No links of our own.
    pub fn none(rng: &mut impl Rng) -> Self {
        Self::new(LinkKey::generate(rng), None)
    }

    /// Whether links are ours, and so stay the same through every move.
    #[must_use]
    pub fn are_ours(&self) -> bool {
        self.addresses.is_some()
    }

    /// Where people fetch their keys from us.
    #[must_use]
    pub fn addresses(&self) -> Option<&Addresses> {
        self.addresses.as_ref()
    }

    /// The address that new links have.
    #[must_use]
    pub fn shown(&self) -> Option<&str> {
        let addresses = self.addresses.as_ref()?;
        let shown = self.shown.load(Ordering::Relaxed);
        addresses.origins.get(shown).or(addresses.origins.first()).map(String::as_str)
    }

    /// From now on new links have this address, if it is one of ours.
    pub fn show(&self, origin: &str) {
        let addresses = self.addresses.as_ref();
        let found = addresses.and_then(|addresses| addresses.origins.iter().position(|ours| ours == origin));
        if let Some(index) = found {
            self.shown.store(index, Ordering::Relaxed);
        }
    }

    /// A key's link of an epoch; `None` without addresses. A secret.
    #[must_use]
    pub fn link(&self, config: ConfigId, epoch: u32) -> Option<String> {
        let path = &self.addresses.as_ref()?.path;
        let token = self.key.token(Link { config, epoch });
        Some(format!("{}{path}/{token}", self.shown()?))
    }

    /// What a token says; `None` when it is none of ours. Asks nobody.
    #[must_use]
    pub fn read(&self, token: &str) -> Option<Link> {
        self.key.read(token)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn book(origins: &[&str]) -> LinkBook {
        let key = LinkKey::generate(&mut StdRng::seed_from_u64(7));
        let origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
        LinkBook::new(key, Addresses::new(origins, "/sub".to_owned()))
    }

    #[test]
    fn a_link_is_read_again() {
        let book = book(&["https://a.example", "https://b.example:8443"]);
        let link = book.link(ConfigId(5), 2).unwrap();
        let token = link.strip_prefix("https://a.example/sub/").unwrap();
        assert_eq!(book.read(token), Some(Link { config: ConfigId(5), epoch: 2 }));
        book.show("https://b.example:8443");
        book.show("https://unknown.example");
        assert_eq!(book.link(ConfigId(5), 2).unwrap(), format!("https://b.example:8443/sub/{token}"));
        assert_eq!(self::book(&[]).link(ConfigId(5), 2), None);
    }

    #[test]
    fn an_address_is_known_by_its_host() {
        let book = book(&["https://a.example", "https://b.example:8443"]);
        let by = |host: &str| book.addresses().unwrap().by_host(host).to_owned();
        assert_eq!(by("B.example"), "https://b.example:8443");
        assert_eq!(by("b.example:8443"), "https://b.example:8443");
        assert_eq!(by("a.example:80"), "https://a.example");
        assert_eq!(by("origin.internal"), "https://a.example", "a proxy that writes its own name");
    }
}
