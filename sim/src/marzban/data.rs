//! The panel's data plane: what its users connect to, apart from its API.
//!
//! Closed unless a test asks for it ([`Marzban::open_doors`]): most tests never connect to an inbound, and many panels
//! in one process cannot all have the ports of their configuration.

use super::inbound::{Inbound, Security};
use super::{Fault, Marzban};
use crate::net::{Behind, Door, DoorFault, Tls};

/// The doors of one panel, by inbound.
#[derive(Default)]
pub(super) struct Doors(Vec<(String, Door)>);

impl Doors {
    /// The doors follow the core: a dead one listens nowhere.
    pub(super) fn follow(&self, core_runs: bool) {
        for (_, door) in &self.0 {
            door.set_alive(core_runs);
        }
    }

    pub(super) fn close(&self) {
        for (_, door) in &self.0 {
            door.close();
        }
    }
}

impl Marzban {
    /// Opens a port on 127.0.0.1 for each inbound, and makes links name them. Once in a panel's life.
    ///
    /// # Errors
    /// When there is no free port, or a certificate cannot be made.
    pub fn open_doors(&self) -> anyhow::Result<()> {
        let inbounds = self.lock().inbounds.clone();
        for inbound in inbounds {
            let door = Door::open(behind(&inbound)?)?;
            self.set_host(&inbound.tag, "127.0.0.1", door.address().port());
            self.panel.doors().0.push((inbound.tag, door));
        }
        Ok(())
    }

    /// The door of an inbound. Panics when there is none: a test asked for what it did not open.
    #[must_use]
    pub fn door(&self, tag: &str) -> Door {
        let doors = self.panel.doors();
        let door = doors.0.iter().find(|(known, _)| known == tag);
        door.unwrap_or_else(|| panic!("no door is open for {tag}")).1.clone()
    }

    /// From now on links of this inbound name another place, such as a relay in front of it.
    pub fn set_host(&self, tag: &str, address: &str, port: u16) {
        let mut state = self.lock();
        for host in state.db.hosts.entry(tag.to_owned()).or_default() {
            address.clone_into(&mut host.address);
            host.port = Some(port);
        }
    }

    /// What users meet from now on, at all inbounds. The API goes on as it was.
    pub fn set_data_fault(&self, fault: DoorFault) {
        for (_, door) in &self.panel.doors().0 {
            door.set_fault(fault);
        }
    }

    /// The whole server is gone: API and inbounds refuse.
    pub fn kill_all(&self) {
        self.kill_data();
        self.kill_api();
    }

    /// The server vanishes from the network: nothing answers, nothing refuses.
    pub fn vanish(&self) {
        self.set_data_fault(DoorFault::BlackHole);
        self.set_fault(Fault::BlackHole);
    }

    /// The panel's API refuses; users are served as before.
    pub fn kill_api(&self) {
        self.set_fault(Fault::Refuse);
    }

    /// The inbounds refuse; the API goes on.
    pub fn kill_data(&self) {
        self.set_data_fault(DoorFault::Refuse);
    }

    /// All is well again.
    pub fn revive(&self) {
        self.set_data_fault(DoorFault::None);
        self.heal();
    }

    /// Whether a user with this VLESS id would be served now through one of the panel's own doors.
    #[must_use]
    pub fn serves(&self, vless_uuid: &str) -> bool {
        // The state first: doors are never held while it is waited for.
        self.works(vless_uuid) && self.panel.doors().0.iter().any(|(_, door)| door.serves())
    }
}

fn behind(inbound: &Inbound) -> anyhow::Result<Behind> {
    let tls = match &inbound.security {
        Security::None => None,
        Security::Tls { server_names } => Some(certificate(server_names)?),
        Security::Reality(reality) => Some(certificate(&reality.server_names)?),
    };
    let upgrades = matches!(inbound.network.as_str(), "ws" | "httpupgrade" | "xhttp" | "splithttp");
    Ok(match tls {
        tls if upgrades => Behind::WebSocket { path: inbound.path.clone(), tls },
        Some(tls) => Behind::Tls(tls),
        None => Behind::Core,
    })
}

fn certificate(names: &[String]) -> anyhow::Result<Tls> {
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    Tls::self_signed_for(if names.is_empty() { &["localhost"] } else { &names })
}
