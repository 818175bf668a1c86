//! Invitations: made by buttons, passed on as a link, taken back.

use super::person::{DAYS, GB};
use super::press::{AdminPress, Code};
use super::{back, button, claim, show};
use crate::telegram::user::screens::menu;
use crate::telegram::user::start::INVITE_PREFIX;
use crate::telegram::{Admin, Button, HandlerResult, Screen, Visit};
use crate::text;
use crate::text::admin::{button as label, invite as words};

/// People to choose from.
const USES: [u32; 4] = [1, 5, 10, 50];
/// Invitations with a button each.
const SHOWN: usize = 10;

/// All invitations.
pub async fn list(visit: &Visit) -> HandlerResult {
    let (t, now) = (&visit.t, visit.desk.core.clock.now());
    let invites = visit.desk.access.invites().await?;
    let open = invites.iter().filter(|invite| {
        !invite.revoked && invite.used < invite.max_uses && invite.expires_at.is_none_or(|end| end > now)
    });
    let of = |invite: &crate::service::access::Invite| {
        let code = invite.code.parse::<Code>().ok()?;
        Some(button(label::invite_revoke(t, &invite.code), AdminPress::InviteRevoke(code)))
    };
    let screen = Screen::new(words::list(t, &invites, now))
        .row([button(label::invite_make(t), AdminPress::InviteNew)])
        .grid(2, open.take(SHOWN).filter_map(of))
        .row([menu(t)]);
    show(visit, "invites", screen).await
}

/// For how many people?
pub async fn ask_uses(visit: &Visit) -> HandlerResult {
    let t = &visit.t;
    let screen = Screen::new(words::ask_uses(t))
        .grid(2, USES.map(|uses| button(label::uses(t, uses), AdminPress::InviteDays(uses))))
        .row([back(t, AdminPress::Invites)]);
    show(visit, "invite", screen).await
}

/// For how long? What is not chosen is as usual.
pub async fn ask_days(visit: &Visit, uses: u32) -> HandlerResult {
    let t = &visit.t;
    let of = |days| AdminPress::InviteTraffic(uses, days);
    let screen = Screen::new(words::ask_days(t))
        .grid(2, DAYS.map(|days| button(label::days(t, days), of(Some(days)))))
        .row([button(label::as_usual(t), of(None))])
        .row([back(t, AdminPress::InviteNew)]);
    show(visit, "invite", screen).await
}

/// And with how much traffic?
pub async fn ask_traffic(visit: &Visit, uses: u32, days: Option<u32>) -> HandlerResult {
    let t = &visit.t;
    let of = |gb| AdminPress::InviteMake { uses, days, gb, screen: 0 };
    let screen = Screen::new(words::ask_traffic(t))
        .grid(2, GB.map(|gb| button(label::traffic(t, gb), of(Some(gb)))))
        .row([button(label::as_usual(t), of(None))])
        .row([back(t, AdminPress::InviteDays(uses))]);
    show(visit, "invite", screen).await
}

/// Makes it. The button works once.
pub async fn make(
    visit: &Visit,
    admin: Admin,
    uses: u32,
    days: Option<u32>,
    gb: Option<u32>,
    seen: i64,
) -> HandlerResult {
    if !claim(visit, seen).await? {
        return Ok(());
    }
    let t = &visit.t;
    let username = match visit.desk.core.signals.bot() {
        Some(username) => username,
        None => visit.desk.tg.username().await?,
    };
    let invite = visit.desk.access.make_invite(admin.id(), uses, days, gb).await?;
    let link = format!("https://t.me/{username}?start={INVITE_PREFIX}{}", invite.code);
    let screen = Screen::new(words::made(t, &invite, &link))
        .row(Button::copy(text::button::copy_link(t), &link))
        .row([back(t, AdminPress::Invites), menu(t)]);
    show(visit, "invite", screen).await
}

/// Takes one back.
pub async fn revoke(visit: &Visit, admin: Admin, code: &Code) -> HandlerResult {
    let revoked = visit.desk.access.revoke_invite(admin.id(), code.as_str()).await?;
    visit.answer(Some(words::revoked(&visit.t, revoked)));
    list(visit).await
}
