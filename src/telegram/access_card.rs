//! The card by which admins decide about somebody who asks for access: one message for each admin (or one in the alert
//! chat), edited when one of them has decided.

use super::callback::Callback;
use super::desk::Desk;
use super::roles::Admin;
use super::screen::{Button, Screen};
use super::visit::Visit;
use super::{HandlerResult, user};
use crate::domain::UserId;
use crate::domain::person::{Admission, Person};
use crate::store::StoreError;
use crate::text::access::Decided;
use crate::text::{self, T};

/// Days and GiB to choose from.
const CHOICES: [(u32, u32); 6] = [(7, 10), (30, 30), (30, 100), (90, 200), (180, 500), (365, 1000)];

/// The card as it stands now; `None` when the person is not known.
///
/// # Errors
/// The database.
pub(super) async fn of(desk: &Desk, t: &T, user: UserId) -> Result<Option<Screen>, StoreError> {
    Ok(desk.core.store.person(user).await?.map(|person| card(t, &person)))
}

fn card(t: &T, person: &Person) -> Screen {
    let user = person.id;
    match person.admission {
        Admission::Granted => Screen::new(words(t, person, Decided::Granted)),
        Admission::Denied => Screen::new(words(t, person, Decided::Denied))
            .row([Button::press(text::access::grant(t), Callback::GrantAfterAll(user))]),
        Admission::None | Admission::Requested => Screen::new(words(t, person, Decided::Open))
            .row([
                Button::press(text::access::grant(t), Callback::Grant { user, days: None, gb: None }),
                Button::press(text::access::deny(t), Callback::Deny(user)),
            ])
            .row([Button::press(text::access::limits(t), Callback::GrantChoices(user))]),
    }
}

fn words(t: &T, person: &Person, decided: Decided) -> text::Html {
    text::access::card(t, &person.first_name, person.username.as_deref(), person.id, decided)
}

/// With which limits?
pub(super) async fn choices(visit: Visit, _: Admin, user: UserId) -> HandlerResult {
    visit.answer(None);
    let Some(person) = visit.desk.core.store.person(user).await? else { return Ok(()) };
    let t = &visit.t;
    if matches!(person.admission, Admission::Granted | Admission::Denied) {
        return Ok(visit.amend(&card(t, &person)).await?);
    }
    let choice = |(days, gb): (u32, u32)| {
        let grant = Callback::Grant { user, days: Some(days), gb: Some(gb) };
        Button::press(text::access::choice(t, days, gb), grant)
    };
    let screen = Screen::new(words(t, &person, Decided::Choosing))
        .grid(2, CHOICES.map(choice))
        .row([user::screens::back(t, Callback::GrantCard(user))]);
    Ok(visit.amend(&screen).await?)
}

/// The card again.
pub(super) async fn again(visit: Visit, _: Admin, user: UserId) -> HandlerResult {
    visit.answer(None);
    redraw(&visit, user).await
}

/// Lets a person in.
pub(super) async fn grant(
    visit: Visit,
    admin: Admin,
    (user, days, gb): (UserId, Option<u32>, Option<u32>),
) -> HandlerResult {
    let decided = visit.desk.access.grant(admin.id(), user, days, gb).await?;
    settle(&visit, user, decided).await
}

/// Lets a person in who had been refused.
pub(super) async fn grant_after_all(visit: Visit, admin: Admin, user: UserId) -> HandlerResult {
    let decided = visit.desk.access.let_in(admin.id(), user).await?;
    settle(&visit, user, decided).await
}

/// Refuses a person.
pub(super) async fn deny(visit: Visit, admin: Admin, user: UserId) -> HandlerResult {
    let decided = visit.desk.access.deny(admin.id(), user).await?;
    settle(&visit, user, decided).await
}

/// Tells the admin whether it was their press that decided; the others' cards are edited by the courier.
async fn settle(visit: &Visit, user: UserId, decided: bool) -> HandlerResult {
    visit.answer((!decided).then(|| text::access::decided_before(&visit.t)));
    redraw(visit, user).await
}

async fn redraw(visit: &Visit, user: UserId) -> HandlerResult {
    let t = visit.desk.words_for(visit.chat).await?;
    if let Some(card) = of(&visit.desk, &t, user).await? {
        visit.amend(&card).await?;
    }
    Ok(())
}
