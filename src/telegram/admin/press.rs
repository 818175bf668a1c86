//! What the admins' buttons send back.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;

use crate::domain::broadcast::Audience;
use crate::domain::instance::AdminState;
use crate::domain::{
    BatchId, BroadcastId, ConfigId, IncidentId, InstanceId, Region, Timestamp, UserId, WindowId,
};
use crate::service::reconcile::Answer;
use crate::store::batches::BatchState;
use crate::telegram::callback::{Parts, UnknownCallback};
use crate::text::admin::addnode::Question;
use crate::text::admin::panel::Field;

/// What an admin's button sends back. `screen` is the number of the screen it stood on: pressed twice, such a button has
/// its effect once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminPress {
    /// What admins can do.
    Help,
    /// Leave the question that is open.
    Leave,

    /// The panels, from this one on.
    Panels(u32),
    /// A panel's card.
    Panel(InstanceId),
    /// Ask a panel now.
    Test(InstanceId),
    /// New keys, or none.
    Open(InstanceId, Opening),
    /// Maintenance for how long?
    Maintenance(InstanceId),
    /// The keys on a panel, from this one on.
    KeysOn(InstanceId, u32),
    /// Out of the fleet; asked twice, so this is how often the admin said yes.
    Remove(InstanceId, u8),
    /// Move everyone away, and take no new keys; how far that is.
    Drain(InstanceId),
    /// Something about that.
    DrainDo(InstanceId, DrainDeed),
    /// Which panels cannot be lost, and when locations are full?
    Simulate,
    /// What would be if this one were lost?
    SimulateDown(InstanceId),
    /// All planned maintenance.
    Windows,
    /// Plan one for this panel.
    WindowNew(InstanceId),
    /// Give one up, or end it.
    WindowCancel(WindowId),

    /// Which field of a panel?
    Edit(InstanceId),
    /// Which of the fields that few need?
    EditMore(InstanceId),
    /// The new value of a field, please.
    EditField(InstanceId, Field),
    /// No value.
    EditClear(InstanceId, Field),
    /// This location.
    EditRegion(InstanceId, Region),
    /// Use it, or only watch.
    EditMode(InstanceId, bool),

    /// A new panel.
    Add,
    /// Another answer to this question.
    AddAsk(Question),
    /// The suggested name.
    AddName,
    /// This location.
    AddRegion(Region),
    /// This many keys.
    AddCap(u32),
    /// Test it again.
    AddTest,
    /// Go on to what is missing.
    AddOn,
    /// Go on although the test failed.
    AddAnyway,
    /// What few need.
    AddMore,
    /// The value of such a field, please.
    AddField(Field),
    /// No value.
    AddClear(Field),
    /// Take it into the fleet.
    AddSave {
        /// The screen.
        screen: i64,
    },

    /// How the fleet is doing.
    Health,
    /// The same, from this panel on.
    HealthFrom(u32),
    /// Ask all panels now.
    HealthTest,
    /// How the service itself does.
    HealthSystem,
    /// One panel's health.
    HealthOf(InstanceId),
    /// Look at it now.
    HealthCheck(InstanceId),
    /// New keys, or none, from there.
    HealthOpen(InstanceId, Opening),
    /// Blocked for some people?
    BlockedAsk(InstanceId),
    /// It is, or is not any more.
    Blocked(InstanceId, bool),
    /// A panel's exits.
    Exits(InstanceId),
    /// One of them, by its row.
    Exit(InstanceId, i64),
    /// Something about it.
    ExitDo(InstanceId, i64, ExitDeed),
    /// Where does an exit leave the network?
    ExitRegion(InstanceId, i64),
    /// There; `None`: where its panel stands.
    ExitRegionIs(InstanceId, i64, Option<Region>),
    /// A panel's links, and through which exit each leads.
    ExitLinks(InstanceId),
    /// One of them, by its number.
    ExitLink(InstanceId, u32),
    /// It leads through this exit, or through none.
    ExitLinkIs(InstanceId, u32, Option<i64>),
    /// What its address and name say counts again.
    ExitLinkClear(InstanceId, u32),
    /// Restart the core? Asked twice: this is how often the admin said yes.
    RestartCore(InstanceId, u8),
    /// Restart it.
    RestartNow {
        /// The panel.
        id: InstanceId,
        /// The screen.
        screen: i64,
    },

    /// A person.
    Person(UserId),
    /// Let a person in.
    Admit(UserId),
    /// Take a person's access away.
    Withdraw(UserId),
    /// A new key: for how long?
    Give(UserId),
    /// And with how much traffic?
    GiveDays(UserId, Option<u32>),
    /// Make it.
    GiveKey {
        /// Whose.
        user: UserId,
        /// For so long.
        days: Option<u32>,
        /// With so many GiB.
        gb: Option<u32>,
        /// The screen.
        screen: i64,
    },

    /// A key's card.
    Key(ConfigId),
    /// How much more?
    Extend(ConfigId),
    /// So much more.
    ExtendBy {
        /// The key.
        config: ConfigId,
        /// Days.
        days: u16,
        /// GiB.
        gb: u16,
        /// The screen.
        screen: i64,
    },
    /// Take a key away? Asked twice: this is how often the admin said yes.
    Revoke(ConfigId, u8),
    /// Something that needs no more words.
    Do {
        /// The key.
        config: ConfigId,
        /// What.
        deed: Deed,
        /// The screen.
        screen: i64,
    },
    /// Where to?
    Move(ConfigId),
    /// There, or wherever is best.
    MoveTo {
        /// The key.
        config: ConfigId,
        /// Where.
        to: Option<InstanceId>,
        /// The screen.
        screen: i64,
    },
    /// Why is it there?
    Why(ConfigId),

    /// Whose keys shall move?
    Migrate,
    /// Those of a panel.
    MigratePanel(InstanceId),
    /// Those of a person.
    MigratePerson(UserId),
    /// There, or wherever is best.
    MigrateTo(Option<InstanceId>),
    /// As previewed.
    MigrateStart {
        /// The plan that was shown.
        plan: u64,
        /// The screen.
        screen: i64,
    },
    /// A set of moves.
    Batch(BatchId, Turn),

    /// A message to many people: to whom?
    Broadcast,
    /// To those of which location?
    BroadcastRegions,
    /// To those of which panel?
    BroadcastPanels,
    /// To these: what shall they read?
    BroadcastTo(Audience),
    /// As previewed.
    BroadcastSend {
        /// The screen.
        screen: i64,
    },
    /// Something about one.
    BroadcastDo(BroadcastId, BroadcastDeed),

    /// How even is the load?
    Rebalance,
    /// Even it out; so many moves were shown.
    RebalanceRun(u32),
    /// Take back what a run moved.
    RebalanceBack(BatchId),
    /// A run.
    RebalanceTurn(BatchId, Turn),

    /// Which panel shall be held against the database?
    Reconcile,
    /// What differs there?
    ReconcilePanel(InstanceId),
    /// Put it right.
    ReconcileGo {
        /// The panel.
        id: InstanceId,
        /// The screen.
        screen: i64,
    },
    /// What only a person can decide.
    ReconcileAnswer {
        /// The panel.
        id: InstanceId,
        /// The decision.
        answer: Answer,
        /// The screen.
        screen: i64,
    },

    /// Whose accounts that live on a panel already shall be looked at?
    Adopt,
    /// Whose are they?
    AdoptPanel(InstanceId),
    /// Take over what is certain.
    AdoptGo {
        /// The panel.
        id: InstanceId,
        /// The screen.
        screen: i64,
    },

    /// Everything is held: what would happen if it went on?
    Hold,
    /// Everything goes on.
    HoldRelease {
        /// The messages that waited in the backup are sent too.
        send: bool,
        /// The screen.
        screen: i64,
    },

    /// All invitations.
    Invites,
    /// A new one: for how many people?
    InviteNew,
    /// For how long?
    InviteDays(u32),
    /// And with how much traffic?
    InviteTraffic(u32, Option<u32>),
    /// Make it.
    InviteMake {
        /// For how many people.
        uses: u32,
        /// Their keys' days.
        days: Option<u32>,
        /// Their keys' GiB.
        gb: Option<u32>,
        /// The screen.
        screen: i64,
    },
    /// Take one back.
    InviteRevoke(Code),

    /// How many keys and how much traffic, over such a time.
    Stats(Period),

    /// The record, older than this entry.
    Audit(Option<i64>),

    /// All incidents.
    Alerts,
    /// One of them.
    Alert(IncidentId),
    /// Something about one of them.
    AlertDo(IncidentId, AlertDeed),
}

macro_rules! tags {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $tag:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $tag),+ })
            }
        }

        impl FromStr for $name {
            type Err = UnknownCallback;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($tag => Ok(Self::$variant),)+ _ => Err(UnknownCallback) }
            }
        }
    };
}

tags! {
    /// What an admin decides about new keys.
    Opening {
        /// New keys.
        Open = "o",
        /// None.
        Closed = "c",
        /// Maintenance for a quarter of an hour.
        Quarter = "q",
        /// Maintenance for an hour.
        Hour = "h",
        /// Maintenance until it is opened.
        Forever = "f",
    }
}

impl Opening {
    /// What it means from `now` on.
    #[must_use]
    pub fn state(self, now: Timestamp) -> AdminState {
        let until = |span: TimeDelta| AdminState::Maintenance { until: Some(now + span) };
        match self {
            Self::Open => AdminState::Open,
            Self::Closed => AdminState::Cordoned,
            Self::Quarter => until(TimeDelta::minutes(15)),
            Self::Hour => until(TimeDelta::hours(1)),
            Self::Forever => AdminState::Maintenance { until: None },
        }
    }
}

tags! {
    /// What is done to a key with one tap.
    Deed {
        /// Traffic from zero.
        Reset = "z",
        /// Paused.
        Suspend = "s",
        /// Serves again.
        Resume = "r",
        /// Taken away.
        Revoke = "x",
    }
}

tags! {
    /// What is done about a panel that everybody leaves.
    DrainDeed {
        /// How far is it?
        Look = "l",
        /// Stops for now.
        Pause = "p",
        /// Goes on.
        GoOn = "g",
        /// Stops for good.
        Stop = "x",
        /// Whoever is left moves too.
        Rest = "r",
        /// Everything gone at once?
        FinishAsk = "f",
        /// Really?
        FinishSure = "s",
        /// At once.
        Finish = "y",
    }
}

tags! {
    /// What is done about an incident.
    AlertDeed {
        /// How is it?
        Look = "l",
        /// I take care of it.
        Acknowledge = "a",
        /// No new messages of it for a while.
        Mute = "m",
        /// New messages again.
        Unmute = "u",
        /// No new keys there.
        Cordon = "c",
        /// Everybody away?
        EvacuateAsk = "e",
        /// Everybody away.
        Evacuate = "y",
        /// No more moves for now.
        Pause = "p",
        /// Moves again.
        Resume = "r",
        /// Moves in spite of the evidence.
        BrakeOff = "b",
        /// Another address for new links.
        NextAddress = "n",
    }
}

tags! {
    /// What is done about a message to many people.
    BroadcastDeed {
        /// How far is it?
        Look = "l",
        /// Nobody else gets it.
        Stop = "x",
    }
}

tags! {
    /// Over how long figures are shown.
    Period {
        /// A week.
        Week = "7",
        /// A month.
        Month = "30",
        /// A quarter of a year.
        Quarter = "90",
    }
}

impl Period {
    /// How many days that is.
    #[must_use]
    pub fn days(self) -> u32 {
        match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }
}

tags! {
    /// What is done with an exit.
    ExitDeed {
        /// Not counted.
        Hide = "h",
        /// Counted again.
        Show = "s",
        /// Connected anew.
        Reconnect = "r",
    }
}

tags! {
    /// What is done to a set of moves.
    Turn {
        /// How far is it?
        Look = "l",
        /// Stops for now.
        Pause = "p",
        /// Goes on.
        GoOn = "g",
        /// Stops for good.
        Stop = "x",
    }
}

impl Turn {
    /// The state that the set is put into; `None` when it is only looked at.
    pub(super) fn state(self) -> Option<BatchState> {
        match self {
            Self::Look => None,
            Self::Pause => Some(BatchState::Paused),
            Self::GoOn => Some(BatchState::Running),
            Self::Stop => Some(BatchState::Cancelled),
        }
    }
}

/// An invitation's code: letters and digits, at most 16.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Code {
    type Err = UnknownCallback;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if plain { Ok(Self(text.to_owned())) } else { Err(UnknownCallback) }
    }
}

/// Fields with their tags.
const FIELDS: [(Field, &str); 20] = [
    (Field::Name, "n"),
    (Field::Note, "o"),
    (Field::Address, "a"),
    (Field::Username, "u"),
    (Field::Password, "p"),
    (Field::Region, "r"),
    (Field::Provider, "h"),
    (Field::Tags, "t"),
    (Field::Priority, "i"),
    (Field::Weight, "w"),
    (Field::Cap, "c"),
    (Field::Mode, "m"),
    (Field::Proxy, "x"),
    (Field::Headers, "e"),
    (Field::Ca, "s"),
    (Field::Fingerprint, "f"),
    (Field::ConnectTo, "d"),
    (Field::Sni, "j"),
    (Field::ClientCertificate, "k"),
    (Field::Inbounds, "b"),
];

/// Questions with their tags.
const QUESTIONS: [(Question, &str); 6] = [
    (Question::Address, "a"),
    (Question::Username, "u"),
    (Question::Password, "p"),
    (Question::Region, "r"),
    (Question::Name, "n"),
    (Question::Cap, "c"),
];

/// Answers with their tags.
const ANSWERS: [(Answer, &str); 5] = [
    (Answer::MakeAgain, "m"),
    (Answer::WrongPanel, "w"),
    (Answer::Restored, "r"),
    (Answer::TakeOver, "t"),
    (Answer::PutBack, "b"),
];

fn tag_of<V: PartialEq>(list: &[(V, &'static str)], value: &V) -> &'static str {
    list.iter().find(|(known, _)| known == value).map_or("", |(_, tag)| tag)
}

fn of_tag<V: Copy>(list: &[(V, &str)], tag: &str) -> Result<V, UnknownCallback> {
    list.iter().find(|(_, known)| *known == tag).map(|(value, _)| *value).ok_or(UnknownCallback)
}

fn opt<V: ToString>(value: Option<&V>) -> String {
    value.map_or_else(|| "-".into(), ToString::to_string)
}

impl AdminPress {
    /// Puts the number of the screen into a button that must have its effect once.
    pub fn stamp(&mut self, number: i64) {
        match self {
            Self::AddSave { screen }
            | Self::GiveKey { screen, .. }
            | Self::ExtendBy { screen, .. }
            | Self::Do { screen, .. }
            | Self::MoveTo { screen, .. }
            | Self::MigrateStart { screen, .. }
            | Self::BroadcastSend { screen }
            | Self::RestartNow { screen, .. }
            | Self::ReconcileGo { screen, .. }
            | Self::ReconcileAnswer { screen, .. }
            | Self::HoldRelease { screen, .. }
            | Self::AdoptGo { screen, .. }
            | Self::InviteMake { screen, .. } => *screen = number,
            _ => {}
        }
    }

    /// Whether it may be pressed in the chat for alerts too.
    #[must_use]
    pub fn is_for_groups(&self) -> bool {
        matches!(self, Self::AlertDo(..))
    }

    /// Whether it answers a question of a dialogue; any other press leaves the dialogue.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        matches!(
            self,
            Self::AddAsk(_)
                | Self::AddName
                | Self::AddRegion(_)
                | Self::AddCap(_)
                | Self::AddTest
                | Self::AddOn
                | Self::AddAnyway
                | Self::AddMore
                | Self::AddField(_)
                | Self::AddClear(_)
                | Self::AddSave { .. }
                | Self::MigrateTo(_)
                | Self::MigrateStart { .. }
                | Self::BroadcastSend { .. }
                // Stands on a message of its own.
                | Self::Batch(..)
                | Self::BroadcastDo(..)
                | Self::Stats(_)
                | Self::AlertDo(..)
        )
    }
}

impl fmt::Display for AdminPress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Help => f.write_str("h"),
            Self::Leave => f.write_str("q"),
            Self::Panels(from) => write!(f, "n:{from}"),
            Self::Panel(id) => write!(f, "p:{id}"),
            Self::Test(id) => write!(f, "t:{id}"),
            Self::Open(id, opening) => write!(f, "o:{id}:{opening}"),
            Self::Maintenance(id) => write!(f, "m:{id}"),
            Self::KeysOn(id, from) => write!(f, "ko:{id}:{from}"),
            Self::Remove(id, yes) => write!(f, "rm:{id}:{yes}"),
            Self::Drain(id) => write!(f, "dr:{id}"),
            Self::DrainDo(id, deed) => write!(f, "dd:{id}:{deed}"),
            Self::Simulate => f.write_str("sm"),
            Self::SimulateDown(id) => write!(f, "sd:{id}"),
            Self::Windows => f.write_str("mw"),
            Self::WindowNew(id) => write!(f, "mn:{id}"),
            Self::WindowCancel(id) => write!(f, "mc:{id}"),
            Self::Edit(id) => write!(f, "e:{id}"),
            Self::EditMore(id) => write!(f, "em:{id}"),
            Self::EditField(id, field) => write!(f, "ef:{id}:{}", tag_of(&FIELDS, field)),
            Self::EditClear(id, field) => write!(f, "ec:{id}:{}", tag_of(&FIELDS, field)),
            Self::EditRegion(id, region) => write!(f, "er:{id}:{region}"),
            Self::EditMode(id, manage) => write!(f, "eo:{id}:{}", u8::from(*manage)),
            Self::Add => f.write_str("a"),
            Self::AddAsk(question) => write!(f, "aq:{}", tag_of(&QUESTIONS, question)),
            Self::AddName => f.write_str("an"),
            Self::AddRegion(region) => write!(f, "ar:{region}"),
            Self::AddCap(cap) => write!(f, "ac:{cap}"),
            Self::AddTest => f.write_str("at"),
            Self::AddOn => f.write_str("ao"),
            Self::AddAnyway => f.write_str("ay"),
            Self::AddMore => f.write_str("am"),
            Self::AddField(field) => write!(f, "af:{}", tag_of(&FIELDS, field)),
            Self::AddClear(field) => write!(f, "ax:{}", tag_of(&FIELDS, field)),
            Self::AddSave { screen } => write!(f, "as:{screen}"),
            Self::Health => f.write_str("l"),
            Self::HealthTest => f.write_str("lt"),
            Self::HealthFrom(from) => write!(f, "lf:{from}"),
            Self::HealthSystem => f.write_str("ls"),
            Self::HealthOf(id) => write!(f, "lp:{id}"),
            Self::HealthCheck(id) => write!(f, "lc:{id}"),
            Self::HealthOpen(id, opening) => write!(f, "lo:{id}:{opening}"),
            Self::BlockedAsk(id) => write!(f, "la:{id}"),
            Self::Blocked(id, blocked) => write!(f, "lb:{id}:{}", u8::from(*blocked)),
            Self::Exits(id) => write!(f, "lx:{id}"),
            Self::Exit(id, node) => write!(f, "le:{id}:{node}"),
            Self::ExitDo(id, node, deed) => write!(f, "ld:{id}:{node}:{deed}"),
            Self::ExitRegion(id, node) => write!(f, "lq:{id}:{node}"),
            Self::ExitRegionIs(id, node, region) => write!(f, "lz:{id}:{node}:{}", opt(region.as_ref())),
            Self::ExitLinks(id) => write!(f, "lu:{id}"),
            Self::ExitLink(id, link) => write!(f, "lv:{id}:{link}"),
            Self::ExitLinkIs(id, link, exit) => write!(f, "lw:{id}:{link}:{}", opt(exit.as_ref())),
            Self::ExitLinkClear(id, link) => write!(f, "ly:{id}:{link}"),
            Self::RestartCore(id, yes) => write!(f, "lr:{id}:{yes}"),
            Self::RestartNow { id, screen } => write!(f, "ln:{id}:{screen}"),
            Self::Person(user) => write!(f, "u:{user}"),
            Self::Admit(user) => write!(f, "ug:{user}"),
            Self::Withdraw(user) => write!(f, "uw:{user}"),
            Self::Give(user) => write!(f, "g:{user}"),
            Self::GiveDays(user, days) => write!(f, "gd:{user}:{}", opt(days.as_ref())),
            Self::GiveKey { user, days, gb, screen } => {
                write!(f, "gk:{user}:{}:{}:{screen}", opt(days.as_ref()), opt(gb.as_ref()))
            }
            Self::Key(config) => write!(f, "k:{config}"),
            Self::Extend(config) => write!(f, "x:{config}"),
            Self::ExtendBy { config, days, gb, screen } => write!(f, "xb:{config}:{days}:{gb}:{screen}"),
            Self::Revoke(config, yes) => write!(f, "kr:{config}:{yes}"),
            Self::Do { config, deed, screen } => write!(f, "kd:{config}:{deed}:{screen}"),
            Self::Move(config) => write!(f, "v:{config}"),
            Self::MoveTo { config, to, screen } => write!(f, "vt:{config}:{}:{screen}", opt(to.as_ref())),
            Self::Why(config) => write!(f, "w:{config}"),
            Self::Migrate => f.write_str("i"),
            Self::MigratePanel(id) => write!(f, "ip:{id}"),
            Self::MigratePerson(user) => write!(f, "iu:{user}"),
            Self::MigrateTo(to) => write!(f, "it:{}", opt(to.as_ref())),
            Self::MigrateStart { plan, screen } => write!(f, "is:{plan}:{screen}"),
            Self::Batch(batch, turn) => write!(f, "b:{batch}:{turn}"),
            Self::Broadcast => f.write_str("s"),
            Self::BroadcastRegions => f.write_str("sr"),
            Self::BroadcastPanels => f.write_str("sp"),
            Self::BroadcastTo(audience) => write!(f, "st:{audience}"),
            Self::BroadcastSend { screen } => write!(f, "ss:{screen}"),
            Self::BroadcastDo(broadcast, deed) => write!(f, "sx:{broadcast}:{deed}"),
            Self::Rebalance => f.write_str("j"),
            Self::RebalanceRun(moves) => write!(f, "jr:{moves}"),
            Self::RebalanceBack(batch) => write!(f, "jb:{batch}"),
            Self::RebalanceTurn(batch, turn) => write!(f, "jt:{batch}:{turn}"),
            Self::Reconcile => f.write_str("y"),
            Self::ReconcilePanel(id) => write!(f, "yp:{id}"),
            Self::ReconcileGo { id, screen } => write!(f, "yg:{id}:{screen}"),
            Self::ReconcileAnswer { id, answer, screen } => {
                write!(f, "ya:{id}:{}:{screen}", tag_of(&ANSWERS, answer))
            }
            Self::Adopt => f.write_str("f"),
            Self::AdoptPanel(id) => write!(f, "fp:{id}"),
            Self::AdoptGo { id, screen } => write!(f, "fg:{id}:{screen}"),
            Self::Hold => f.write_str("hh"),
            Self::HoldRelease { send, screen } => write!(f, "hr:{}:{screen}", u8::from(*send)),
            Self::Invites => f.write_str("c"),
            Self::InviteNew => f.write_str("cn"),
            Self::InviteDays(uses) => write!(f, "cd:{uses}"),
            Self::InviteTraffic(uses, days) => write!(f, "ct:{uses}:{}", opt(days.as_ref())),
            Self::InviteMake { uses, days, gb, screen } => {
                write!(f, "cm:{uses}:{}:{}:{screen}", opt(days.as_ref()), opt(gb.as_ref()))
            }
            Self::InviteRevoke(code) => write!(f, "cr:{code}"),
            Self::Stats(period) => write!(f, "ds:{period}"),
            Self::Audit(before) => write!(f, "d:{}", opt(before.as_ref())),
            Self::Alerts => f.write_str("z"),
            Self::Alert(incident) => write!(f, "zi:{incident}"),
            Self::AlertDo(incident, deed) => write!(f, "zd:{incident}:{deed}"),
        }
    }
}

impl FromStr for AdminPress {
    type Err = UnknownCallback;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = Parts::of(text);
        let tag: String = parts.next()?;
        let field = |parts: &mut Parts<'_>| of_tag(&FIELDS, &parts.next::<String>()?);
        let press = match tag.as_str() {
            "h" => Self::Help,
            "q" => Self::Leave,
            "n" => Self::Panels(parts.next()?),
            "p" => Self::Panel(parts.next()?),
            "t" => Self::Test(parts.next()?),
            "o" => Self::Open(parts.next()?, parts.next()?),
            "m" => Self::Maintenance(parts.next()?),
            "ko" => Self::KeysOn(parts.next()?, parts.next()?),
            "rm" => Self::Remove(parts.next()?, parts.next()?),
            "dr" => Self::Drain(parts.next()?),
            "dd" => Self::DrainDo(parts.next()?, parts.next()?),
            "sm" => Self::Simulate,
            "sd" => Self::SimulateDown(parts.next()?),
            "mw" => Self::Windows,
            "mn" => Self::WindowNew(parts.next()?),
            "mc" => Self::WindowCancel(parts.next()?),
            "e" => Self::Edit(parts.next()?),
            "em" => Self::EditMore(parts.next()?),
            "ef" => Self::EditField(parts.next()?, field(&mut parts)?),
            "ec" => Self::EditClear(parts.next()?, field(&mut parts)?),
            "er" => Self::EditRegion(parts.next()?, parts.next()?),
            "eo" => Self::EditMode(parts.next()?, parts.next::<u8>()? == 1),
            "a" => Self::Add,
            "aq" => Self::AddAsk(of_tag(&QUESTIONS, &parts.next::<String>()?)?),
            "an" => Self::AddName,
            "ar" => Self::AddRegion(parts.next()?),
            "ac" => Self::AddCap(parts.next()?),
            "at" => Self::AddTest,
            "ao" => Self::AddOn,
            "ay" => Self::AddAnyway,
            "am" => Self::AddMore,
            "af" => Self::AddField(field(&mut parts)?),
            "ax" => Self::AddClear(field(&mut parts)?),
            "as" => Self::AddSave { screen: parts.next()? },
            "l" => Self::Health,
            "lt" => Self::HealthTest,
            "lf" => Self::HealthFrom(parts.next()?),
            "ls" => Self::HealthSystem,
            "lp" => Self::HealthOf(parts.next()?),
            "lc" => Self::HealthCheck(parts.next()?),
            "lo" => Self::HealthOpen(parts.next()?, parts.next()?),
            "la" => Self::BlockedAsk(parts.next()?),
            "lb" => Self::Blocked(parts.next()?, parts.next::<u8>()? == 1),
            "lx" => Self::Exits(parts.next()?),
            "le" => Self::Exit(parts.next()?, parts.next()?),
            "ld" => Self::ExitDo(parts.next()?, parts.next()?, parts.next()?),
            "lq" => Self::ExitRegion(parts.next()?, parts.next()?),
            "lz" => Self::ExitRegionIs(parts.next()?, parts.next()?, parts.next_opt()?),
            "lu" => Self::ExitLinks(parts.next()?),
            "lv" => Self::ExitLink(parts.next()?, parts.next()?),
            "lw" => Self::ExitLinkIs(parts.next()?, parts.next()?, parts.next_opt()?),
            "ly" => Self::ExitLinkClear(parts.next()?, parts.next()?),
            "lr" => Self::RestartCore(parts.next()?, parts.next()?),
            "ln" => Self::RestartNow { id: parts.next()?, screen: parts.next()? },
            "u" => Self::Person(parts.next()?),
            "ug" => Self::Admit(parts.next()?),
            "uw" => Self::Withdraw(parts.next()?),
            "g" => Self::Give(parts.next()?),
            "gd" => Self::GiveDays(parts.next()?, parts.next_opt()?),
            "gk" => Self::GiveKey {
                user: parts.next()?,
                days: parts.next_opt()?,
                gb: parts.next_opt()?,
                screen: parts.next()?,
            },
            "k" => Self::Key(parts.next()?),
            "x" => Self::Extend(parts.next()?),
            "xb" => Self::ExtendBy {
                config: parts.next()?,
                days: parts.next()?,
                gb: parts.next()?,
                screen: parts.next()?,
            },
            "kr" => Self::Revoke(parts.next()?, parts.next()?),
            "kd" => Self::Do { config: parts.next()?, deed: parts.next()?, screen: parts.next()? },
            "v" => Self::Move(parts.next()?),
            "vt" => Self::MoveTo { config: parts.next()?, to: parts.next_opt()?, screen: parts.next()? },
            "w" => Self::Why(parts.next()?),
            "i" => Self::Migrate,
            "ip" => Self::MigratePanel(parts.next()?),
            "iu" => Self::MigratePerson(parts.next()?),
            "it" => Self::MigrateTo(parts.next_opt()?),
            "is" => Self::MigrateStart { plan: parts.next()?, screen: parts.next()? },
            "b" => Self::Batch(parts.next()?, parts.next()?),
            "s" => Self::Broadcast,
            "sr" => Self::BroadcastRegions,
            "sp" => Self::BroadcastPanels,
            "st" => Self::BroadcastTo(parts.next()?),
            "ss" => Self::BroadcastSend { screen: parts.next()? },
            "sx" => Self::BroadcastDo(parts.next()?, parts.next()?),
            "j" => Self::Rebalance,
            "jr" => Self::RebalanceRun(parts.next()?),
            "jb" => Self::RebalanceBack(parts.next()?),
            "jt" => Self::RebalanceTurn(parts.next()?, parts.next()?),
            "y" => Self::Reconcile,
            "yp" => Self::ReconcilePanel(parts.next()?),
            "yg" => Self::ReconcileGo { id: parts.next()?, screen: parts.next()? },
            "ya" => Self::ReconcileAnswer {
                id: parts.next()?,
                answer: of_tag(&ANSWERS, &parts.next::<String>()?)?,
                screen: parts.next()?,
            },
            "f" => Self::Adopt,
            "fp" => Self::AdoptPanel(parts.next()?),
            "fg" => Self::AdoptGo { id: parts.next()?, screen: parts.next()? },
            "hh" => Self::Hold,
            "hr" => Self::HoldRelease { send: parts.next::<u8>()? == 1, screen: parts.next()? },
            "c" => Self::Invites,
            "cn" => Self::InviteNew,
            "cd" => Self::InviteDays(parts.next()?),
            "ct" => Self::InviteTraffic(parts.next()?, parts.next_opt()?),
            "cm" => Self::InviteMake {
                uses: parts.next()?,
                days: parts.next_opt()?,
                gb: parts.next_opt()?,
                screen: parts.next()?,
            },
            "cr" => Self::InviteRevoke(parts.next()?),
            "ds" => Self::Stats(parts.next()?),
            "d" => Self::Audit(parts.next_opt()?),
            "z" => Self::Alerts,
            "zi" => Self::Alert(parts.next()?),
            "zd" => Self::AlertDo(parts.next()?, parts.next()?),
            _ => return Err(UnknownCallback),
        };
        parts.end(press)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::telegram::callback::{Callback, LONGEST};

    fn any_press() -> impl Strategy<Value = AdminPress> {
        let id = || "[a-z][a-z0-9-]{0,15}".prop_map(|id| id.parse::<InstanceId>().unwrap());
        let number = || 0..=i64::MAX;
        let config = || number().prop_map(ConfigId);
        // At most 52 significant bits, says Telegram.
        let user = || (0..1_i64 << 52).prop_map(UserId);
        let region = || "[a-z]{2}".prop_map(|code| code.parse::<Region>().unwrap());
        let limit = || prop::option::of(any::<u32>());
        let field = || prop::sample::select(FIELDS.map(|(field, _)| field).to_vec());
        let question = prop::sample::select(QUESTIONS.map(|(question, _)| question).to_vec());
        let plain = vec![
            AdminPress::Help,
            AdminPress::Leave,
            AdminPress::Add,
            AdminPress::AddName,
            AdminPress::AddTest,
            AdminPress::AddOn,
            AdminPress::AddAnyway,
            AdminPress::AddMore,
            AdminPress::Health,
            AdminPress::HealthTest,
            AdminPress::HealthSystem,
            AdminPress::Migrate,
            AdminPress::Broadcast,
            AdminPress::BroadcastRegions,
            AdminPress::BroadcastPanels,
            AdminPress::Rebalance,
            AdminPress::Reconcile,
            AdminPress::Hold,
            AdminPress::Adopt,
            AdminPress::Invites,
            AdminPress::InviteNew,
            AdminPress::Alerts,
            AdminPress::Simulate,
            AdminPress::Windows,
        ];
        let of_panel: Vec<fn(InstanceId) -> AdminPress> = vec![
            AdminPress::Panel,
            AdminPress::Test,
            AdminPress::Maintenance,
            AdminPress::Drain,
            AdminPress::SimulateDown,
            AdminPress::WindowNew,
            AdminPress::Edit,
            AdminPress::EditMore,
            AdminPress::MigratePanel,
            AdminPress::ReconcilePanel,
            AdminPress::AdoptPanel,
            AdminPress::HealthOf,
            AdminPress::HealthCheck,
            AdminPress::BlockedAsk,
            AdminPress::Exits,
            AdminPress::ExitLinks,
        ];
        let of_key: Vec<fn(ConfigId) -> AdminPress> =
            vec![AdminPress::Key, AdminPress::Extend, AdminPress::Move, AdminPress::Why];
        let of_person: Vec<fn(UserId) -> AdminPress> = vec![
            AdminPress::Person,
            AdminPress::Admit,
            AdminPress::Withdraw,
            AdminPress::Give,
            AdminPress::MigratePerson,
        ];
        let panels = prop_oneof![
            (prop::sample::select(of_panel), id()).prop_map(|(press, id)| press(id)),
            any::<u32>().prop_map(AdminPress::Panels),
            (id(), prop::sample::select(Opening::ALL)).prop_map(|(id, to)| AdminPress::Open(id, to)),
            (id(), any::<u32>()).prop_map(|(id, from)| AdminPress::KeysOn(id, from)),
            (id(), prop::sample::select(DrainDeed::ALL)).prop_map(|(id, deed)| AdminPress::DrainDo(id, deed)),
            (id(), any::<u8>()).prop_map(|(id, yes)| AdminPress::Remove(id, yes)),
            (id(), field()).prop_map(|(id, field)| AdminPress::EditField(id, field)),
            (id(), field()).prop_map(|(id, field)| AdminPress::EditClear(id, field)),
            (id(), region()).prop_map(|(id, region)| AdminPress::EditRegion(id, region)),
            (id(), any::<bool>()).prop_map(|(id, manage)| AdminPress::EditMode(id, manage)),
            question.prop_map(AdminPress::AddAsk),
            region().prop_map(AdminPress::AddRegion),
            any::<u32>().prop_map(AdminPress::AddCap),
            field().prop_map(AdminPress::AddField),
            field().prop_map(AdminPress::AddClear),
            number().prop_map(|screen| AdminPress::AddSave { screen }),
            (id(), number()).prop_map(|(id, screen)| AdminPress::ReconcileGo { id, screen }),
            (id(), number()).prop_map(|(id, screen)| AdminPress::AdoptGo { id, screen }),
            (any::<bool>(), number()).prop_map(|(send, screen)| AdminPress::HoldRelease { send, screen }),
            (id(), prop::sample::select(ANSWERS.map(|(answer, _)| answer).to_vec()), number())
                .prop_map(|(id, answer, screen)| AdminPress::ReconcileAnswer { id, answer, screen }),
        ];
        let health = prop_oneof![
            any::<u32>().prop_map(AdminPress::HealthFrom),
            (id(), prop::sample::select(Opening::ALL)).prop_map(|(id, to)| AdminPress::HealthOpen(id, to)),
            (id(), any::<bool>()).prop_map(|(id, blocked)| AdminPress::Blocked(id, blocked)),
            (id(), number()).prop_map(|(id, node)| AdminPress::Exit(id, node)),
            (id(), number(), prop::sample::select(ExitDeed::ALL))
                .prop_map(|(id, node, deed)| AdminPress::ExitDo(id, node, deed)),
            (id(), number()).prop_map(|(id, node)| AdminPress::ExitRegion(id, node)),
            (id(), number(), prop::option::of(region()))
                .prop_map(|(id, node, region)| AdminPress::ExitRegionIs(id, node, region)),
            (id(), any::<u32>()).prop_map(|(id, link)| AdminPress::ExitLink(id, link)),
            (id(), any::<u32>(), prop::option::of(number()))
                .prop_map(|(id, link, exit)| AdminPress::ExitLinkIs(id, link, exit)),
            (id(), any::<u32>()).prop_map(|(id, link)| AdminPress::ExitLinkClear(id, link)),
            (id(), any::<u8>()).prop_map(|(id, yes)| AdminPress::RestartCore(id, yes)),
            (id(), number()).prop_map(|(id, screen)| AdminPress::RestartNow { id, screen }),
        ];
        let keys = prop_oneof![
            (prop::sample::select(of_key), config()).prop_map(|(press, config)| press(config)),
            (config(), any::<u8>()).prop_map(|(config, yes)| AdminPress::Revoke(config, yes)),
            (config(), prop::sample::select(Deed::ALL), number())
                .prop_map(|(config, deed, screen)| AdminPress::Do { config, deed, screen }),
            (config(), any::<u16>(), any::<u16>(), number())
                .prop_map(|(config, days, gb, screen)| { AdminPress::ExtendBy { config, days, gb, screen } }),
            (config(), prop::option::of(id()), number())
                .prop_map(|(config, to, screen)| AdminPress::MoveTo { config, to, screen }),
            prop::option::of(id()).prop_map(AdminPress::MigrateTo),
            (any::<u64>(), number()).prop_map(|(plan, screen)| AdminPress::MigrateStart { plan, screen }),
            (number(), prop::sample::select(Turn::ALL))
                .prop_map(|(batch, turn)| AdminPress::Batch(BatchId(batch), turn)),
            (number(), prop::sample::select(Turn::ALL))
                .prop_map(|(batch, turn)| AdminPress::RebalanceTurn(BatchId(batch), turn)),
            any::<u32>().prop_map(AdminPress::RebalanceRun),
            number().prop_map(|batch| AdminPress::RebalanceBack(BatchId(batch))),
            number().prop_map(|id| AdminPress::Alert(IncidentId(id))),
            number().prop_map(|id| AdminPress::WindowCancel(WindowId(id))),
            (number(), prop::sample::select(AlertDeed::ALL))
                .prop_map(|(id, deed)| AdminPress::AlertDo(IncidentId(id), deed)),
        ];
        let people =
            prop_oneof![
                (prop::sample::select(of_person), user()).prop_map(|(press, user)| press(user)),
                (user(), limit()).prop_map(|(user, days)| AdminPress::GiveDays(user, days)),
                (user(), limit(), limit(), number())
                    .prop_map(|(user, days, gb, screen)| AdminPress::GiveKey { user, days, gb, screen }),
                any::<u32>().prop_map(AdminPress::InviteDays),
                (any::<u32>(), limit()).prop_map(|(uses, days)| AdminPress::InviteTraffic(uses, days)),
                (any::<u32>(), limit(), limit(), number())
                    .prop_map(|(uses, days, gb, screen)| AdminPress::InviteMake { uses, days, gb, screen }),
                "[a-z2-7]{8}".prop_map(|code| AdminPress::InviteRevoke(code.parse().unwrap())),
                prop::option::of(number()).prop_map(AdminPress::Audit),
                prop::sample::select(Period::ALL).prop_map(AdminPress::Stats),
            ];
        let audience = prop_oneof![
            prop::sample::select(vec![Audience::Everybody, Audience::WithKey, Audience::WithoutKey]),
            region().prop_map(Audience::Region),
            id().prop_map(Audience::Instance),
        ];
        let broadcasts = prop_oneof![
            audience.prop_map(AdminPress::BroadcastTo),
            number().prop_map(|screen| AdminPress::BroadcastSend { screen }),
            (number(), prop::sample::select(BroadcastDeed::ALL))
                .prop_map(|(id, deed)| AdminPress::BroadcastDo(BroadcastId(id), deed)),
        ];
        prop_oneof![prop::sample::select(plain), panels, health, keys, people, broadcasts]
    }

    proptest! {
        #[test]
        fn presses_survive_telegram(press in any_press()) {
            let callback = Callback::Admin(press);
            let data = callback.to_string();
            prop_assert!((1..=LONGEST).contains(&data.len()), "{data}");
            prop_assert_eq!(data.parse::<Callback>(), Ok(callback));
        }

        #[test]
        fn nothing_forged_makes_it_panic(data in any::<String>()) {
            let _ = data.parse::<AdminPress>();
        }
    }
}
