//! Tables of older systems of this family: what panels they knew, and whose account is where.
//!
//! Nobody wrote down how these tables look everywhere, and each system has added columns of its own. So columns are found
//! by the names that are in use ([`columns`]), what is not there is left to its default, and what nobody knows is not read.
//! A row that cannot be used is named with what to do about it; the others are used all the same.

pub mod columns;
pub mod dump;
mod why;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::instance::{BaseUrl, Weight};
use super::quota::Bytes;
use super::{Region, Timestamp, UserId};
use columns::Cells;

pub use why::{LeftOut, Why};

/// A row: its columns by name in lower case; what is NULL is not there.
pub type Row = BTreeMap<String, String>;

/// Tables by name in lower case, as far as they are read.
pub type Tables = BTreeMap<String, Vec<Row>>;

/// The tables that are read.
pub const TABLES: [&str; 6] =
    ["marzban_instances", "servers", "vpn_nodes", "user_node_assignments", "configs", "users"];

/// Those that describe panels; where two know the same panel, the first counts.
const PANELS: [&str; 3] = ["marzban_instances", "servers", "vpn_nodes"];

/// A row of a table, such as `servers 3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// Its id there, or its number where it has none.
    pub id: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.table, self.id)
    }
}

/// A panel as an older system knew it.
#[derive(Clone, PartialEq)]
pub struct OldPanel {
    /// Where it stands.
    pub place: Place,
    /// Its name.
    pub name: Option<String>,
    /// Where its API is.
    pub base_url: BaseUrl,
    /// The login.
    pub username: Option<String>,
    /// Its password, if the table holds it readable.
    pub password: Option<String>,
    /// Where its traffic leaves the network, if a country's code tells.
    pub region: Option<Region>,
    /// Its cap.
    pub max_users: Option<u32>,
    /// Its tier.
    pub priority: Option<u16>,
    /// Its share.
    pub weight: Option<Weight>,
    /// Whether it took new keys.
    pub active: bool,
}

/// Secrets never reach a log.
impl std::fmt::Debug for OldPanel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OldPanel({})", self.place)
    }
}

/// A person as an older system knew them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldPerson {
    /// Telegram's id.
    pub id: UserId,
    /// As they call themselves.
    pub first_name: Option<String>,
    /// Without the `@`.
    pub username: Option<String>,
    /// The language of their Telegram.
    pub language: Option<String>,
}

/// An account on a panel, and whose it is.
#[derive(Clone, PartialEq, Eq)]
pub struct OldAccount {
    /// Where it stands.
    pub place: Place,
    /// Its panel. `None`: the row names none, and only one panel can have it.
    pub panel: Option<Place>,
    /// Its name on the panel.
    pub name: Option<String>,
    /// The id that it serves. An account has a name or this.
    pub uuid: Option<Uuid>,
    /// Whose.
    pub owner: UserId,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// How much it may use.
    pub data_limit: Option<Bytes>,
    /// What it has used.
    pub used: Bytes,
}

/// Secrets never reach a log.
impl std::fmt::Debug for OldAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OldAccount({} of {})", self.place, self.owner)
    }
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Older {
    /// The panels.
    pub panels: Vec<OldPanel>,
    /// The people.
    pub people: Vec<OldPerson>,
    /// The accounts.
    pub accounts: Vec<OldAccount>,
    /// How many rows are switched off, deleted or of somebody who is banned: they are left alone.
    pub switched_off: usize,
    /// Rows that cannot be used.
    pub left_out: Vec<LeftOut>,
}

/// What the tables say.
#[must_use]
pub fn read(tables: &Tables) -> Older {
    let mut reader =
        Reader { tables, older: Older::default(), people: BTreeMap::new(), banned: BTreeSet::new() };
    reader.people();
    for table in PANELS {
        for (place, row) in rows(tables, table) {
            reader.panel(place, row);
        }
    }
    reader.regions_of_nodes();
    for table in ["user_node_assignments", "configs"] {
        for (place, row) in rows(tables, table) {
            match reader.account(&place, row) {
                Ok(Some(account)) => reader.older.accounts.push(account),
                Ok(None) => reader.older.switched_off += 1,
                Err(why) => reader.leave(place, why),
            }
        }
    }
    reader.older
}

/// The rows of a table, each with its place.
fn rows<'a>(tables: &'a Tables, table: &'static str) -> impl Iterator<Item = (Place, &'a Row)> {
    let all = tables.get(table).map_or(&[][..], Vec::as_slice);
    all.iter().zip(1..).map(move |(row, number)| {
        let id = row.first(&columns::ID).map_or_else(|| format!("row {number}"), str::to_owned);
        (Place { table, id }, row)
    })
}

struct Reader<'a> {
    tables: &'a Tables,
    older: Older,
    /// People by the number that the older system gave them.
    people: BTreeMap<String, UserId>,
    banned: BTreeSet<UserId>,
}

impl Reader<'_> {
    fn leave(&mut self, place: Place, why: Why) {
        self.older.left_out.push(LeftOut { place, why });
    }

    fn people(&mut self) {
        // Some tables of people have Telegram's id as their own, and some have no other.
        let named = rows(self.tables, "users").any(|(_, row)| row.first(&columns::TELEGRAM).is_some());
        let column = if named { &columns::TELEGRAM[..] } else { &columns::ID[..] };
        for (place, row) in rows(self.tables, "users") {
            let Some(id) = row.telegram(column) else {
                self.leave(place, Why::NoTelegramId);
                continue;
            };
            let number = row.first(&columns::ID).map_or_else(|| id.to_string(), str::to_owned);
            self.people.insert(number, id);
            if row.is(&columns::BANNED) == Some(true) {
                self.banned.insert(id);
                self.older.switched_off += 1;
                continue;
            }
            self.older.people.push(OldPerson {
                id,
                first_name: row.first(&["first_name", "full_name", "name"]).map(str::to_owned),
                username: row
                    .first(&["username", "tg_username", "telegram_username"])
                    .map(|name| name.trim_start_matches('@').to_owned()),
                language: row.first(&["language_code", "language", "lang", "locale"]).map(str::to_owned),
            });
        }
    }

    fn panel(&mut self, place: Place, row: &Row) {
        if row.keys().any(|column| column.starts_with("xui_") || column.starts_with("x3ui_")) {
            return self.leave(place, Why::ForeignKind);
        }
        // A node that another panel drives may have an address of its own.
        if place.table == "vpn_nodes" && self.panel_named(row).is_some() {
            return;
        }
        let url = match row.address() {
            Some(Ok(url)) => url,
            // A node is driven by a panel that stands elsewhere; a server may be one of them too.
            None if place.table != "marzban_instances" => return,
            Some(Err(why)) => return self.leave(place, Why::Address(why)),
            None => return self.leave(place, Why::NoAddress),
        };
        self.older.panels.push(OldPanel {
            name: row.first(&columns::NAME).map(str::to_owned),
            base_url: url,
            username: row.first(&columns::LOGIN).map(str::to_owned),
            password: row
                .first(&columns::PASSWORD)
                .filter(|word| columns::is_readable(word))
                .map(str::to_owned),
            region: row.region(),
            max_users: row.number(&columns::CAP).filter(|cap| *cap > 0),
            priority: row.number(&["priority", "preference", "tier"]),
            weight: row.number::<f64>(&["weight"]).and_then(|weight| Weight::try_from(weight).ok()),
            active: row.is_on(),
            place,
        });
    }

    /// A panel that does not say where it is stands where its nodes do, if they agree.
    fn regions_of_nodes(&mut self) {
        let mut told: BTreeMap<Place, BTreeSet<Region>> = BTreeMap::new();
        for (place, row) in rows(self.tables, "vpn_nodes") {
            let panel = self.known(&place).or_else(|| self.panel_named(row));
            if let (Some(panel), Some(region)) = (panel, row.region()) {
                told.entry(panel).or_default().insert(region);
            }
        }
        for panel in self.older.panels.iter_mut().filter(|panel| panel.region.is_none()) {
            if let Some(regions) = told.get(&panel.place).filter(|regions| regions.len() == 1) {
                panel.region = regions.first().cloned();
            }
        }
    }

    /// `None`: switched off there.
    fn account(&self, place: &Place, row: &Row) -> Result<Option<OldAccount>, Why> {
        if !row.is_on() || row.is(&["deleted", "is_deleted", "revoked"]) == Some(true) {
            return Ok(None);
        }
        let name = row.first(&columns::ACCOUNT).map(str::to_owned);
        let uuid = row.uuid();
        if name.is_none() && uuid.is_none() {
            return Err(Why::NoAccount);
        }
        let owner = self.owner(row)?;
        if self.banned.contains(&owner) {
            return Ok(None);
        }
        Ok(Some(OldAccount {
            place: place.clone(),
            panel: self.panel_of(row)?,
            name,
            uuid,
            owner,
            expires_at: row.time(&columns::EXPIRES),
            data_limit: row.bytes(&columns::LIMIT, &columns::LIMIT_GB).filter(|limit| *limit > 0),
            used: row.bytes(&columns::USED, &columns::USED_GB).unwrap_or(0),
        }))
    }

    /// A Telegram id where the column is called so; else the number of a person, where there is a table of them.
    fn owner(&self, row: &Row) -> Result<UserId, Why> {
        if row.first(&columns::TELEGRAM).is_some() {
            return row.telegram(&columns::TELEGRAM).ok_or(Why::OwnerNoTelegramId);
        }
        let number = row.first(&columns::USER).ok_or(Why::NoOwner)?;
        if !self.tables.contains_key("users") {
            return row.telegram(&columns::USER).ok_or(Why::OwnerNumber);
        }
        self.people.get(number).copied().ok_or(Why::OwnerUnknown)
    }

    /// `None`: the row names no panel at all.
    fn panel_of(&self, row: &Row) -> Result<Option<Place>, Why> {
        if let Some(panel) = self.panel_named(row) {
            return Ok(Some(panel));
        }
        let Some(node) = row.first(&columns::NODE) else {
            let named = row.first(&columns::SERVER).or_else(|| row.first(&columns::INSTANCE));
            return if named.is_some() { Err(Why::PanelUnknown) } else { Ok(None) };
        };
        let of_node = rows(self.tables, "vpn_nodes")
            .find(|(place, row)| place.id == node || row.first(&columns::NAME) == Some(node))
            .ok_or(Why::NodeUnknown)?;
        let panel = self.known(&of_node.0).or_else(|| self.panel_named(of_node.1));
        panel.map(Some).ok_or(Why::NodeAlone)
    }

    fn known(&self, place: &Place) -> Option<Place> {
        self.older.panels.iter().any(|panel| panel.place == *place).then(|| place.clone())
    }

    /// The panel that a row names by id or by name. A column `server_id` has kept its name where the panels have moved
    /// from `servers` to `marzban_instances`.
    fn panel_named(&self, row: &Row) -> Option<Place> {
        let named = [
            (row.first(&columns::INSTANCE), ["marzban_instances", "servers"]),
            (row.first(&columns::SERVER), ["servers", "marzban_instances"]),
        ];
        let candidates = named.into_iter().filter_map(|(name, tables)| Some((name?, tables)));
        let mut places = candidates.flat_map(|(name, tables)| tables.map(|table| (name, table)));
        places.find_map(|(name, table)| {
            let all = || self.older.panels.iter().filter(|panel| panel.place.table == table);
            let found = all()
                .find(|panel| panel.place.id == name)
                .or_else(|| all().find(|panel| panel.name.as_deref() == Some(name)));
            found.map(|panel| panel.place.clone())
        })
    }
}

#[cfg(test)]
mod tests;
