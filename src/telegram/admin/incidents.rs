//! Incidents: one message for each, edited as it goes on, with buttons; and the list behind `/alerts`.
//!
//! The message stands in the admins' own chats or in the chat for alerts, where every admin may press. What one admin
//! does is shown to all: the courier edits the other messages.

use std::collections::BTreeMap;

use super::press::{AdminPress, AlertDeed};
use super::{back, button};
use crate::domain::incident::{Entry, Incident, Kind};
use crate::domain::instance::{AdminState, Health};
use crate::domain::{IncidentId, InstanceId, UserId};
use crate::service::failover::{EvacuateError, Failover};
use crate::service::fleet::FleetError;
use crate::service::incidents::{Incidents, Report, mute_until};
use crate::service::links::addresses::{AddressWatch, host_of};
use crate::store::StoreError;
use crate::store::flags::{EVACUATIONS_PAUSED, PANIC};
use crate::store::incidents::slot;
use crate::telegram::user::screens::menu;
use crate::telegram::{Admin, Desk, HandlerResult, Screen, Visit};
use crate::text::admin::button as label;
use crate::text::incident::{self as words, Shown};
use crate::text::{self, Html, T};

/// Incidents that are over and still listed.
const CLOSED: u64 = 10;
/// Buttons to incidents that go on.
const BUTTONS: usize = 8;

/// What the numbers in incidents stand for.
struct Names {
    panels: BTreeMap<InstanceId, String>,
    people: BTreeMap<UserId, String>,
    paused: bool,
}

impl Names {
    async fn of(desk: &Desk) -> Result<Self, StoreError> {
        let store = &desk.core.store;
        let panels = store.instances().await?.into_iter().map(|panel| (panel.id, panel.name)).collect();
        let mut people = BTreeMap::new();
        for admin in &desk.core.policy.admins {
            if let Some(person) = store.person(*admin).await? {
                people.insert(*admin, person.first_name);
            }
        }
        Ok(Self { panels, people, paused: store.is_raised(EVACUATIONS_PAUSED).await? })
    }

    fn show<'a>(&'a self, desk: &Desk, incident: &'a Incident) -> Shown<'a> {
        let (panels, people, paused) = (&self.panels, &self.people, self.paused);
        Shown { incident, panels, people, paused, now: desk.core.clock.now() }
    }
}

/// The message of an incident as it is now; `None`: there is no such incident.
///
/// # Errors
/// The database.
pub async fn render(desk: &Desk, t: &T, id: IncidentId) -> Result<Option<Screen>, StoreError> {
    let Some(incident) = desk.core.store.incident(id).await? else { return Ok(None) };
    let names = Names::of(desk).await?;
    let screen = Screen::new(words::alert(t, &names.show(desk, &incident)));
    Ok(Some(with_buttons(desk, t, &incident, names.paused, screen).await?))
}

async fn with_buttons(
    desk: &Desk,
    t: &T,
    incident: &Incident,
    paused: bool,
    screen: Screen,
) -> Result<Screen, StoreError> {
    if !incident.is_open() {
        return Ok(screen);
    }
    let press = |label: String, deed| button(label, AdminPress::AlertDo(incident.id, deed));
    let care = incident.acknowledged.is_none().then(|| press(label::acknowledge(t), AlertDeed::Acknowledge));
    let mute = if incident.is_muted(desk.core.clock.now()) {
        press(label::unmute(t), AlertDeed::Unmute)
    } else {
        press(label::mute(t), AlertDeed::Mute)
    };
    let mut screen = screen.row(care.into_iter().chain([mute]));
    if let Some(id) = &incident.instance
        && let Ok(view) = desk.fleet.view(id).await
    {
        let opens = view.instance.admin_state == AdminState::Open;
        screen = screen.row(opens.then(|| press(label::cordon(t), AlertDeed::Cordon)));
        let lives = matches!(view.health.health, Health::Healthy | Health::Degraded | Health::Recovering);
        let bad = !lives || incident.kind == Kind::Blocked;
        let leaving = matches!(
            incident.evacuation(),
            Some(
                Entry::EvacuationPlanned { .. }
                    | Entry::EvacuationProgress { .. }
                    | Entry::EvacuationPaused { .. }
                    | Entry::EvacuationResumed { .. }
            )
        );
        if paused {
            screen = screen.row([press(label::resume_moves(t), AlertDeed::Resume)]);
        } else if leaving {
            screen = screen.row([press(label::pause_moves(t), AlertDeed::Pause)]);
        }
        if bad && !leaving && view.counters.active > 0 {
            screen = screen.row([press(label::evacuate(t), AlertDeed::EvacuateAsk)]);
        }
    }
    if incident.kind == Kind::Links && AddressWatch::new(desk.core.clone()).next().is_some() {
        screen = screen.row([press(label::next_address(t), AlertDeed::NextAddress)]);
    }
    if incident.kind == Kind::Panic && desk.core.store.is_raised(PANIC).await? {
        screen = screen.row([press(label::brake_off(t), AlertDeed::BrakeOff)]);
    }
    Ok(screen)
}

/// What goes on, and what was.
pub async fn list(visit: &Visit) -> HandlerResult {
    let (desk, t) = (&visit.desk, &visit.t);
    let open = Incidents::new(desk.core.clone()).open().await?;
    let closed = desk.core.store.closed_incidents(CLOSED).await?;
    let names = Names::of(desk).await?;
    let open_shown: Vec<_> = open.iter().map(|incident| names.show(desk, incident)).collect();
    let closed_shown: Vec<_> = closed.iter().map(|incident| names.show(desk, incident)).collect();
    let buttons = open_shown.iter().take(BUTTONS);
    let buttons = buttons.map(|shown| button(words::title(t, shown), AdminPress::Alert(shown.incident.id)));
    let screen = Screen::new(words::list(t, &open_shown, &closed_shown))
        .grid(1, buttons.collect::<Vec<_>>())
        .row([button(label::list(t), AdminPress::Panels(0)), menu(t)]);
    super::show(visit, "alerts", screen).await
}

/// One incident, from the list.
pub async fn one(visit: &Visit, id: IncidentId) -> HandlerResult {
    match render(&visit.desk, &visit.t, id).await? {
        Some(screen) => super::show(visit, "alert", screen.row([back(&visit.t, AdminPress::Alerts)])).await,
        None => list(visit).await,
    }
}

/// A button of an incident, wherever it stands.
pub async fn deed(visit: &Visit, admin: Admin, id: IncidentId, deed: AlertDeed) -> HandlerResult {
    let (desk, t) = (&visit.desk, &visit.t);
    let incidents = Incidents::new(desk.core.clone());
    let Some(incident) = desk.core.store.incident(id).await? else {
        visit.answer(Some(text::user::menu_old_toast(t)));
        return Ok(());
    };
    if !incident.is_open() {
        visit.answer(Some(words::over(t)));
        return redraw(visit, id).await;
    }
    let failover = Failover::new(desk.core.clone());
    let (by, now) = (admin.id(), desk.core.clock.now());
    let unchanged = |changed: bool| (!changed).then(|| words::nothing_changed(t));
    let toast = match deed {
        AlertDeed::Look => None,
        AlertDeed::Acknowledge => {
            let fresh = incidents.acknowledge(by, id).await?;
            (!fresh).then(|| words::acknowledged_before(t))
        }
        AlertDeed::Mute => unchanged(incidents.mute(by, id, mute_until(now)).await?),
        AlertDeed::Unmute => unchanged(incidents.unmute(by, id).await?),
        AlertDeed::Cordon => cordon(visit, by, &incident).await?,
        AlertDeed::EvacuateAsk => return evacuate_ask(visit, &incident).await,
        AlertDeed::Evacuate => evacuate(visit, by, &incident).await?,
        AlertDeed::Pause => unchanged(failover.pause(by).await?),
        AlertDeed::Resume | AlertDeed::BrakeOff => unchanged(failover.resume(by).await?),
        AlertDeed::NextAddress => next_address(visit, by, &incident).await?,
    };
    visit.answer(toast);
    redraw(visit, id).await
}

/// No new keys.
async fn cordon(visit: &Visit, by: UserId, incident: &Incident) -> anyhow::Result<Option<String>> {
    let (desk, t) = (&visit.desk, &visit.t);
    let Some(instance) = &incident.instance else { return Ok(None) };
    match desk.fleet.set_admin_state(Some(by), instance, AdminState::Cordoned).await {
        Ok(()) => {}
        Err(FleetError::NotFound(_)) => return Ok(Some(text::user::menu_old_toast(t))),
        Err(error) => return Err(error.into()),
    }
    note(desk, incident, Entry::Cordoned { by }).await?;
    Ok(None)
}

/// New links have the next address, if the one that fell is theirs; pressed twice, it moves on once.
async fn next_address(visit: &Visit, by: UserId, incident: &Incident) -> anyhow::Result<Option<String>> {
    let (desk, t) = (&visit.desk, &visit.t);
    let shown = desk.core.links.shown().map(host_of);
    if shown != Some(incident.subject.as_str()) {
        return Ok(Some(words::nothing_changed(t)));
    }
    match AddressWatch::new(desk.core.clone()).switch(by).await? {
        Some(next) => {
            note(desk, incident, Entry::LinksMoved { by, to: host_of(&next).to_owned() }).await?;
            Ok(None)
        }
        None => Ok(Some(words::address_none(t))),
    }
}

/// Adds to an incident what an admin did.
async fn note(desk: &Desk, incident: &Incident, entry: Entry) -> Result<(), StoreError> {
    let report = Report {
        kind: incident.kind,
        subject: incident.subject.clone(),
        instance: incident.instance.clone(),
        severity: incident.severity,
        affected: None,
        entry,
    };
    Incidents::new(desk.core.clone()).report(&report).await?;
    Ok(())
}

/// Everybody away: really?
async fn evacuate_ask(visit: &Visit, incident: &Incident) -> HandlerResult {
    visit.answer(None);
    let (desk, t) = (&visit.desk, visit.desk.words_for(visit.chat).await?);
    let Some(instance) = &incident.instance else { return Ok(()) };
    let Ok(view) = desk.fleet.view(instance).await else { return redraw(visit, incident.id).await };
    let names = Names::of(desk).await?;
    let question = words::evacuate_confirm(&t, &view.instance.name, view.counters.active);
    let text = Html::paragraphs([words::alert(&t, &names.show(desk, incident)), question]);
    let press = |label: String, deed| button(label, AdminPress::AlertDo(incident.id, deed));
    let screen = Screen::new(text).row([
        press(label::evacuate_yes(&t), AlertDeed::Evacuate),
        press(text::button::back(&t), AlertDeed::Look),
    ]);
    Ok(visit.amend(&screen).await?)
}

/// Everybody away, and no new keys.
async fn evacuate(visit: &Visit, by: UserId, incident: &Incident) -> anyhow::Result<Option<String>> {
    let (desk, t) = (&visit.desk, &visit.t);
    let Some(instance) = &incident.instance else { return Ok(None) };
    let toast = cordon(visit, by, incident).await?;
    if toast.is_some() {
        return Ok(toast);
    }
    match Failover::new(desk.core.clone()).evacuate(by, instance).await {
        Ok(_) => Ok(None),
        Err(EvacuateError::Empty) => Ok(Some(words::evacuate_empty(t))),
        Err(EvacuateError::NotFound) => Ok(Some(text::user::menu_old_toast(t))),
        Err(EvacuateError::Store(error)) => Err(error.into()),
    }
}

/// The pressed message as it is now: the incident's own, or the screen of the list.
async fn redraw(visit: &Visit, id: IncidentId) -> HandlerResult {
    let desk = &visit.desk;
    let own = desk.core.store.sent_message(&slot(id, visit.chat)).await?;
    let is_own = own.is_some_and(|(_, message)| Some(message) == visit.pressed_message());
    if !is_own && visit.is_private() {
        return one(visit, id).await;
    }
    let t = desk.words_for(visit.chat).await?;
    if let Some(screen) = render(desk, &t, id).await? {
        visit.amend(&screen).await?;
    }
    Ok(())
}
