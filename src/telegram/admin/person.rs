//! A person: their card, their access, a key for them.

use teloxide::types::Message;

use super::dialogue::{AdminStep, For};
use super::press::AdminPress;
use super::{back, button, claim, headed, key, migrate, show, why};
use crate::domain::UserId;
use crate::domain::key::Standing;
use crate::domain::operation::Cause;
use crate::domain::person::{Admission, Person};
use crate::telegram::dialogue::{Step, Talk};
use crate::telegram::user::screens::menu;
use crate::telegram::{Admin, Button, HandlerResult, Screen, Visit};
use crate::text::admin::{button as label, person as words};
use crate::text::{self, Html};

/// Days to choose from.
pub(super) const DAYS: [u32; 4] = [7, 30, 90, 365];
/// GiB to choose from.
pub(super) const GB: [u32; 4] = [10, 50, 100, 500];

/// Keys with a button each: Telegram takes 100.
pub(super) const KEYS: usize = 60;

/// A person as the admin named them behind a command; without a name, whom?
pub async fn named(visit: &Visit, talk: &Talk, reason: For, name: &str) -> HandlerResult {
    if name.is_empty() {
        return whom(visit, talk, reason, None).await;
    }
    match visit.desk.core.store.find_person(plain(name)).await? {
        Some(person) => found(visit, talk, reason, person.id).await,
        None => whom(visit, talk, reason, Some(words::not_found(&visit.t))).await,
    }
}

/// A name without what people paste around it.
fn plain(name: &str) -> &str {
    let name = name.trim();
    name.rsplit_once("t.me/").map_or(name, |(_, name)| name).trim_end_matches('/')
}

/// Whom?
pub(super) async fn whom(visit: &Visit, talk: &Talk, reason: For, head: Option<Html>) -> HandlerResult {
    talk.update(Step::Admin(AdminStep::Whom(reason))).await?;
    let t = &visit.t;
    let ask = match reason {
        For::Card | For::Migrate => words::ask(t),
        For::Why => text::admin::why::ask(t),
    };
    let screen = Screen::new(ask).row([button(text::button::cancel(t), AdminPress::Leave)]);
    show(visit, "whom", headed(screen, head)).await
}

/// A person was named, or a message of theirs forwarded.
pub async fn answered(visit: &Visit, _: Admin, talk: &Talk, reason: For, message: &Message) -> HandlerResult {
    let store = &visit.desk.core.store;
    let person = match (message.forward_from_user(), message.text()) {
        (Some(user), _) => match i64::try_from(user.id.0) {
            Ok(id) => store.person(UserId(id)).await?,
            Err(_) => None,
        },
        (None, Some(name)) => store.find_person(plain(name)).await?,
        (None, None) => None,
    };
    match person {
        Some(person) => {
            talk.exit().await?;
            found(visit, talk, reason, person.id).await
        }
        None => whom(visit, talk, reason, Some(words::not_found(&visit.t))).await,
    }
}

async fn found(visit: &Visit, talk: &Talk, reason: For, user: UserId) -> HandlerResult {
    match reason {
        For::Card => card(visit, user, None).await,
        For::Why => why::of_person(visit, user).await,
        For::Migrate => migrate::of_person(visit, talk, user).await,
    }
}

/// A person's card.
pub async fn card(visit: &Visit, user: UserId, head: Option<Html>) -> HandlerResult {
    let t = &visit.t;
    let Some(person) = visit.desk.core.store.person(user).await? else {
        return show(visit, "person", Screen::new(words::not_found(t)).row([menu(t)])).await;
    };
    let mut keys = visit.desk.keys.of(user).await?;
    keys.retain(|key| key.standing != Standing::Revoked);
    let card = words::card(t, &person, &keys, visit.desk.core.clock.now());
    let of = |key: &crate::service::keys::KeyView| {
        button(text::button::key(t, key.number), AdminPress::Key(key.config))
    };
    let migrate = (!keys.is_empty()).then(|| button(label::move_key(t), AdminPress::MigratePerson(user)));
    let screen = Screen::new(card)
        .grid(3, keys.iter().take(KEYS).map(of))
        .row([button(label::give(t), AdminPress::Give(user))].into_iter().chain(migrate))
        .row(access(visit, &person))
        .row([menu(t)]);
    show(visit, "person", headed(screen, head)).await
}

/// Let in, or not: what was not decided can be decided either way.
fn access(visit: &Visit, person: &Person) -> Vec<Button> {
    let t = &visit.t;
    let admit = button(label::approve(t), AdminPress::Admit(person.id));
    let withdraw = |label: String| button(label, AdminPress::Withdraw(person.id));
    match person.admission {
        Admission::None => vec![admit],
        Admission::Requested => vec![admit, withdraw(label::deny(t))],
        Admission::Granted => vec![withdraw(label::withdraw(t))],
        Admission::Denied => vec![admit],
    }
}

/// Lets a person in.
pub async fn admit(visit: &Visit, admin: Admin, user: UserId) -> HandlerResult {
    let changed = visit.desk.access.let_in(admin.id(), user).await?;
    decided(visit, user, changed).await
}

/// Takes a person's access away, or refuses it.
pub async fn withdraw(visit: &Visit, admin: Admin, user: UserId) -> HandlerResult {
    let changed = visit.desk.access.withdraw(admin.id(), user).await?;
    decided(visit, user, changed).await
}

async fn decided(visit: &Visit, user: UserId, changed: bool) -> HandlerResult {
    let t = &visit.t;
    let word = if changed { text::admin::done(t) } else { text::access::decided_before(t) };
    visit.answer(Some(word));
    card(visit, user, None).await
}

/// A new key: for how long?
pub async fn give_days(visit: &Visit, user: UserId) -> HandlerResult {
    let t = &visit.t;
    let person = visit.desk.core.store.person(user).await?;
    let policy = &visit.desk.core.policy;
    let usual = AdminPress::GiveKey { user, days: policy.default_days, gb: policy.default_gb, screen: 0 };
    let screen = Screen::new(words::give_days(t, user, person.as_ref()))
        .grid(2, DAYS.map(|days| button(label::days(t, days), AdminPress::GiveDays(user, Some(days)))))
        .row([
            button(label::unlimited(t), AdminPress::GiveDays(user, None)),
            button(label::as_usual(t), usual),
        ])
        .row([back(t, AdminPress::Person(user))]);
    show(visit, "give", screen).await
}

/// And with how much traffic?
pub async fn give_traffic(visit: &Visit, user: UserId, days: Option<u32>) -> HandlerResult {
    let t = &visit.t;
    let with = |gb| AdminPress::GiveKey { user, days, gb, screen: 0 };
    let screen = Screen::new(words::give_traffic(t))
        .grid(2, GB.map(|gb| button(label::traffic(t, gb), with(Some(gb)))))
        .row([button(label::unlimited(t), with(None)), back(t, AdminPress::Give(user))]);
    show(visit, "give", screen).await
}

/// Makes it. The button works once.
pub async fn give(
    visit: &Visit,
    admin: Admin,
    user: UserId,
    days: Option<u32>,
    gb: Option<u32>,
    seen: i64,
) -> HandlerResult {
    if !claim(visit, seen).await? {
        return Ok(());
    }
    debug_assert_eq!(admin.id(), visit.user(), "the proof is the presser's");
    match visit.desk.keys.give(&visit.ask(Cause::Admin, None), user, days, gb).await {
        Ok(asked) => key::carried(visit, asked).await,
        Err(error) => key::refuse(visit, None, error).await,
    }
}
