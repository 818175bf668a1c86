//! What people see. Pure: each screen is made of what is known, nothing is asked here.

use std::collections::BTreeSet;

use crate::domain::key::Standing;
use crate::domain::{Region, Timestamp};
use crate::service::access::AccessState;
use crate::service::keys::{Advice, Diagnosis, KeyView, Location};
use crate::telegram::admin::press::AdminPress;
use crate::telegram::callback::Callback;
use crate::telegram::desk::About;
use crate::telegram::{Button, Screen, Visit};
use crate::text::apps::{App, System};
use crate::text::button::{self, Place};
use crate::text::key::LinkAfter;
use crate::text::user::Greeting;
use crate::text::{self, Html, Lang, T};

/// The menu of somebody who may have keys, or has some.
#[must_use]
pub fn home(t: &T, name: &str, keys: &[KeyView]) -> Screen {
    let greeting = if keys.is_empty() { Greeting::First } else { Greeting::Back };
    let first = match keys {
        [] => Button::press(button::get_key(t), Callback::GetKey { have: 0, region: None }),
        [key] => Button::press(button::my_key(t), Callback::Key(key.config)),
        _ => Button::press(button::my_keys(t), Callback::Keys),
    };
    Screen::new(text::user::hello(t, name, greeting)).row([first]).row(small(t))
}

/// What somebody sees who may not have a key (yet).
#[must_use]
pub fn outside(visit: &Visit, state: AccessState) -> Screen {
    let t = &visit.t;
    let words = text::access::welcome(t, &visit.person.first_name, state, false);
    let first = match state {
        AccessState::Granted => {
            Some(Button::press(button::get_key(t), Callback::GetKey { have: 0, region: None }))
        }
        AccessState::MayAsk => Some(Button::press(button::ask_access(t), Callback::AskAccess)),
        AccessState::Denied | AccessState::Closed | AccessState::NeedsInvite => contact(t, &visit.desk.about),
        AccessState::Requested => None,
    };
    Screen::new(words).row(first).row(small(t))
}

fn small(t: &T) -> [Button; 2] {
    [Button::press(button::language(t), Callback::Languages), Button::press(button::help(t), Callback::Help)]
}

/// The ways from an admin's menu into the fleet.
#[must_use]
pub fn for_admins(t: &T) -> [Button; 2] {
    let button = |label, press| Button::press(label, Callback::Admin(press));
    [
        button(text::admin::button::list(t), AdminPress::Panels(0)),
        button(text::admin::button::health(t), AdminPress::Health),
    ]
}

/// Which language? In the languages' own names.
#[must_use]
pub fn languages(t: &T) -> Screen {
    let names = Lang::ALL.map(|lang| Button::press(lang.native_name(), Callback::Speak(lang)));
    Screen::new(text::user::language_choose(t)).grid(1, names).row([menu(t)])
}

/// How it works.
#[must_use]
pub fn help(t: &T, about: &About) -> Screen {
    let words = text::help::user(t, about.support_contact.as_deref());
    Screen::new(words).row(contact(t, about)).row([menu(t)])
}

/// A key is there: which device is it for?
#[must_use]
pub fn ready(t: &T, key: &KeyView) -> Screen {
    let screen = Screen::new(text::key::ready(t, key.region.as_ref()));
    device_buttons(t, key, screen).row([Button::press(button::my_key(t), Callback::Key(key.config))])
}

/// Which device?
#[must_use]
pub fn devices(t: &T, key: &KeyView) -> Screen {
    let screen = Screen::new(text::guide::device_choose(t));
    device_buttons(t, key, screen).row([back(t, Callback::Key(key.config))])
}

fn device_buttons(t: &T, key: &KeyView, screen: Screen) -> Screen {
    let device = |system: System| {
        Button::press(button::device(t, system), Callback::App { config: key.config, system, app: 0 })
    };
    let (phones, computers) = System::ALL.split_at(2);
    screen.row(phones.iter().copied().map(device)).grid(3, computers.iter().copied().map(device))
}

/// One app for a device: where to get it, the key to copy, the steps.
#[must_use]
pub fn app(t: &T, key: &KeyView, system: System, apps: &[App], chosen: &App) -> Screen {
    let config = key.config;
    let link = key.link.as_deref();
    let alone = apps.len() < 2;
    let words = text::guide::app(t, system, chosen, link, alone);
    let words = if link.is_none() { Html::paragraphs([words, text::key::link_none(t)]) } else { words };
    let other = chosen.download_other.as_deref();
    let others = (!alone).then(|| Button::press(button::other_apps(t), Callback::Apps { config, system }));
    Screen::new(words)
        .row(link.and_then(|link| Button::copy(button::copy_key(t), link)))
        .row(Button::open(button::download(t, chosen), &chosen.download))
        .row(other.and_then(|address| Button::open(button::download_other(t), address)))
        .row(others.into_iter().chain([Button::press(button::other_device(t), Callback::Devices(config))]))
        .row([Button::press(button::my_key(t), Callback::Key(config))])
}

/// All apps for a device.
#[must_use]
pub fn apps(t: &T, key: &KeyView, system: System, apps: &[App]) -> Screen {
    let config = key.config;
    let choice = |(index, app): (usize, &App)| {
        let number = u8::try_from(index).unwrap_or(u8::MAX);
        Button::press(app.name.clone(), Callback::App { config, system, app: number })
    };
    Screen::new(text::guide::apps_choose(t, system))
        .grid(2, apps.iter().enumerate().map(choice))
        .row([back(t, Callback::App { config, system, app: 0 })])
}

/// A key's card.
#[must_use]
pub fn card(t: &T, key: &KeyView, have: u32, limit: u32, about: &About, now: Timestamp) -> Screen {
    let config = key.config;
    let press = |label: String, callback| Button::press(label, callback);
    let mut screen = Screen::new(text::key::card(t, key, have > 1, now));
    let serves = key.standing == Standing::Live && key.region.is_some();
    if serves {
        let link = key.link.as_deref();
        let copy = link.and_then(|link| Button::copy(button::copy_key(t), link));
        if let (None, Some(link)) = (&copy, link) {
            screen.text = Html::paragraphs([screen.text, text::key::link(t, link)]);
        }
        screen = screen
            .row(copy.into_iter().chain([press(button::setup(t), Callback::Devices(config))]))
            .row([
                press(button::location(t), Callback::Locations(config)),
                press(button::refresh(t), Callback::Refresh(config)),
            ])
            .row([press(button::broken(t), Callback::Broken(config))])
            .row([press(button::more(t), Callback::More(config))]);
    } else if key.standing == Standing::Live {
        // Being made, or waiting for room.
        screen = screen.row([
            press(button::location(t), Callback::Locations(config)),
            press(button::refresh(t), Callback::Key(config)),
        ]);
    } else {
        screen = screen.row(contact(t, about));
    }
    let more = (have < limit)
        .then(|| press(button::one_more_key(t), Callback::GetKey { have, region: None }))
        .filter(|_| key.region.is_some());
    let list = (have > 1).then(|| press(button::my_keys(t), Callback::Keys));
    screen.row(list.into_iter().chain(more)).row([menu(t)])
}

/// All keys of a person who has several, or none.
#[must_use]
pub fn list(t: &T, keys: &[KeyView], limit: u32) -> Screen {
    let have = count(keys);
    let words = if keys.is_empty() { text::key::none(t) } else { text::key::list(t, keys) };
    let choices = keys.iter().map(|key| Button::press(button::key(t, key.number), Callback::Key(key.config)));
    let label = if keys.is_empty() { button::get_key(t) } else { button::one_more_key(t) };
    let more = (have < limit).then(|| Button::press(label, Callback::GetKey { have, region: None }));
    Screen::new(words).grid(2, choices).row(more).row([menu(t)])
}

/// How many keys a person has.
#[must_use]
pub fn count(keys: &[KeyView]) -> u32 {
    u32::try_from(keys.len()).unwrap_or(u32::MAX)
}

/// Where could a key lead?
#[must_use]
pub fn locations(t: &T, key: &KeyView, places: &[Location]) -> Screen {
    let config = key.config;
    let to = |region| Callback::Relocate { config, region, screen: 0 };
    let choice = |location: &Location| {
        let place = if key.region.as_ref() == Some(&location.region) {
            Place::Here
        } else if location.open {
            Place::Open
        } else {
            Place::Full
        };
        Button::press(button::place(t, &location.region, place), to(Some(location.region.clone())))
    };
    let link = match (&key.link, key.link_stays) {
        (None, _) => LinkAfter::First,
        (Some(_), true) => LinkAfter::Same,
        (Some(_), false) => LinkAfter::New,
    };
    Screen::new(text::key::location_choose(t, link))
        .row([Button::press(button::location_automatic(t), to(None))])
        .grid(2, places.iter().map(choice))
        .row([back(t, Callback::Key(config))])
}

/// No room: the key waits; elsewhere there may be some.
#[must_use]
pub fn waits(t: &T, key: &KeyView, places: &[Location]) -> Screen {
    let open = places.iter().filter(|location| location.open).map(|location| &location.region);
    let open = open.filter(|region| key.region.as_ref() != Some(*region));
    let open = open.collect::<BTreeSet<&Region>>();
    let elsewhere = open.iter().map(|region| {
        let callback = Callback::Relocate { config: key.config, region: Some((*region).clone()), screen: 0 };
        Button::press(button::place(t, region, Place::Open), callback)
    });
    Screen::new(text::key::waits(t, key.region.is_some(), !open.is_empty()))
        .grid(2, elsewhere)
        .row([Button::press(button::my_key(t), Callback::Key(key.config)), menu(t)])
}

/// What is needed seldom.
#[must_use]
pub fn more(t: &T, key: &KeyView) -> Screen {
    let config = key.config;
    Screen::new(text::key::more(t))
        .row([Button::press(button::reset(t), Callback::ResetAsk(config))])
        .row([
            Button::press(button::links(t), Callback::Links(config)),
            Button::press(button::qr(t), Callback::Qr(config)),
        ])
        .row([back(t, Callback::Key(config))])
}

/// A new link?
#[must_use]
pub fn reset_confirm(t: &T, key: &KeyView) -> Screen {
    let config = key.config;
    Screen::new(text::key::reset_confirm(t))
        .row([Button::press(button::reset_yes(t), Callback::Reset { config, screen: 0 })])
        .row([back(t, Callback::More(config))])
}

/// The bare keys.
#[must_use]
pub fn links(t: &T, key: &KeyView, links: &[String]) -> Screen {
    Screen::new(text::key::links(t, links)).row([back(t, Callback::More(key.config))])
}

/// Below the QR code: a picture cannot turn into another screen, so it can only be closed.
#[must_use]
pub fn qr(t: &T) -> Screen {
    Screen::new(text::key::qr(t)).row([Button::press(button::close(t), Callback::Close)])
}

/// What may be wrong, and what to do.
#[must_use]
pub fn diagnosis(t: &T, key: &KeyView, found: &Diagnosis, about: &About, now: Timestamp) -> Screen {
    let config = key.config;
    let contact_name = about.support_contact.as_deref();
    let mut screen = Screen::new(text::help::check(t, found, contact_name, now));
    for advice in &found.advice {
        screen = screen.row(match advice {
            Advice::UpdateApp => Some(Button::press(button::setup(t), Callback::Devices(config))),
            Advice::Refresh => Some(Button::press(button::refresh(t), Callback::Refresh(config))),
            Advice::OtherLocation => Some(Button::press(button::location(t), Callback::Locations(config))),
            Advice::Reset => Some(Button::press(button::reset(t), Callback::ResetAsk(config))),
            Advice::Contact => contact(t, about),
            Advice::Renew => None,
        });
    }
    screen.row([back(t, Callback::Key(config))])
}

/// Does it work?
#[must_use]
pub fn works_question(t: &T, key: &KeyView) -> Screen {
    let verdict = |works| Callback::Verdict { config: key.config, works };
    Screen::new(text::key::works_question(t)).row([
        Button::press(button::works(t), verdict(true)),
        Button::press(button::works_not(t), verdict(false)),
    ])
}

/// Opens a chat with a person, if the operator named one that Telegram can open.
#[must_use]
pub fn contact(t: &T, about: &About) -> Option<Button> {
    let contact = about.support_contact.as_deref()?.trim();
    match contact.strip_prefix('@') {
        Some(name) => Button::open(button::contact(t), &format!("https://t.me/{name}")),
        None => Button::open(button::contact(t), contact),
    }
}

/// The way home.
#[must_use]
pub fn menu(t: &T) -> Button {
    Button::press(button::menu(t), Callback::Home)
}

/// The way back.
#[must_use]
pub fn back(t: &T, to: Callback) -> Button {
    Button::press(button::back(t), to)
}
