//! Greeting, help, language, invitations, and everything that is no button.

use teloxide::types::{ChatMemberKind, Message, Update, UpdateKind};

use crate::domain::{UserId, claim};
use crate::service::access::AccessState;
use crate::telegram::command::Command;
use crate::telegram::dialogue::{Step, Talk};
use crate::telegram::{Admin, HandlerResult, Screen, Visit, commands};
use crate::text::{self, Html, Lang};

use super::{screens, show};

/// What a deep link to an invitation begins with: `t.me/<bot>?start=inv_<code>`.
pub const INVITE_PREFIX: &str = "inv_";
/// The length of an invitation's code.
const CODE_LENGTH: usize = 8;
/// A text longer than this gets another hint than a word that we do not know.
const LONG_TEXT: usize = 1000;

/// `/start`, also by an invitation's link. Ends whatever was being asked.
pub async fn start(visit: Visit, command: Command, talk: Talk, step: Step) -> HandlerResult {
    if step != Step::Idle {
        talk.exit().await?;
    }
    if is_admin(&visit) {
        // Only now has this admin a chat in which commands can be shown.
        commands::publish_for(&visit.desk, visit.user()).await?;
    }
    match command.rest.strip_prefix(INVITE_PREFIX) {
        Some(code) => redeem(&visit, code).await,
        None => home(visit).await,
    }
}

fn is_admin(visit: &Visit) -> bool {
    Admin::check(&visit.desk.core.policy, visit.user()).is_some()
}

/// The menu.
pub async fn home(visit: Visit) -> HandlerResult {
    let screen = home_screen(&visit).await?;
    show(&visit, "home", screen).await
}

async fn home_screen(visit: &Visit) -> anyhow::Result<Screen> {
    let keys = visit.desk.keys.of(visit.user()).await?;
    let state = visit.desk.access.state(visit.user()).await?;
    let mut screen = if keys.is_empty() && state != AccessState::Granted {
        screens::outside(visit, state)
    } else {
        screens::home(&visit.t, &visit.person.first_name, &keys)
    };
    if visit.is_private() && is_admin(visit) {
        screen = screen.row(screens::for_admins(&visit.t));
    }
    if visit.desk.core.policy.admins.is_empty() {
        screen.text = Html::paragraphs([screen.text, text::user::setup_no_admins(&visit.t, visit.user())]);
    }
    Ok(screen)
}

/// Uses an invitation.
async fn redeem(visit: &Visit, code: &str) -> HandlerResult {
    let t = &visit.t;
    let came = visit.desk.access.redeem(visit.user(), &code.trim().to_lowercase()).await?;
    let words = text::access::redeemed(t, came);
    let screen = home_screen(visit).await?;
    show(visit, "home", Screen { text: words, ..screen }).await
}

/// Asks the admins for access.
pub async fn ask_access(visit: Visit) -> HandlerResult {
    let state = visit.desk.access.request(visit.user()).await?;
    let mut screen = screens::outside(&visit, state);
    if state == AccessState::Requested {
        screen.text = text::access::asked(&visit.t);
    }
    show(&visit, "access", screen).await
}

/// How it works.
pub async fn help(visit: Visit) -> HandlerResult {
    let screen = screens::help(&visit.t, &visit.desk.about);
    show(&visit, "help", screen).await
}

/// Which language?
pub async fn languages(visit: Visit) -> HandlerResult {
    let screen = screens::languages(&visit.t);
    show(&visit, "languages", screen).await
}

/// This language.
pub async fn speak(visit: Visit, lang: Lang) -> HandlerResult {
    visit.desk.core.store.set_language(visit.user(), lang.code()).await?;
    let visit = visit.speaking(lang);
    visit.answer(Some(text::user::language_changed(&visit.t)));
    home(visit).await
}

/// A person's own id: whoever sets a bot up needs it.
pub async fn id(visit: Visit) -> HandlerResult {
    visit.say(&Screen::new(text::user::id(&visit.t, visit.user()))).await?;
    Ok(())
}

/// Leaves whatever was being asked.
pub async fn cancel(visit: Visit, talk: Talk) -> HandlerResult {
    talk.exit().await?;
    home(visit).await
}

/// Takes a message away.
pub async fn close(visit: Visit) -> HandlerResult {
    if let Some(message) = visit.pressed_message() {
        visit.desk.tg.delete(visit.chat, message).await?;
    }
    Ok(())
}

/// Everything that is no command and no button: a kind hint and the menu; nothing is echoed. A code may be an invitation.
pub async fn words(visit: Visit, message: Message) -> HandlerResult {
    if let Some(code) = message.text().and_then(invite_code) {
        let state = visit.desk.access.state(visit.user()).await?;
        if state != AccessState::Granted {
            return redeem(&visit, code).await;
        }
    }
    if let Some(claimed) = message.text().and_then(claim::read) {
        return visit.unattended(|visit| super::claim::claim(visit, message, claimed)).await;
    }
    let t = &visit.t;
    let hint = match message.text() {
        Some(text) if text.starts_with('/') => text::user::command_unknown(t),
        Some(text) if text.chars().count() > LONG_TEXT => text::user::text_long(t),
        Some(_) => text::user::text_unknown(t),
        None => text::user::media_unknown(t),
    };
    let screen = home_screen(&visit).await?;
    show(&visit, "home", screen.headed(hint)).await
}

/// The code in what somebody typed or pasted: alone, with its prefix, or at the end of its link.
fn invite_code(text: &str) -> Option<&str> {
    let text = text.trim();
    let code = text.rsplit_once(INVITE_PREFIX).map_or(text, |(_, code)| code);
    let plain = code.len() == CODE_LENGTH && code.bytes().all(|b| b.is_ascii_alphanumeric());
    // A word of eight letters is no code by itself; with a digit or the prefix it may be one.
    let meant = text.contains(INVITE_PREFIX) || code.bytes().any(|b| b.is_ascii_digit());
    (plain && meant).then_some(code)
}

/// A button of an old version, or a forged one.
pub async fn unknown_press(visit: Visit) -> HandlerResult {
    visit.answer(Some(text::user::menu_old_toast(&visit.t)));
    if !visit.is_private() {
        return Ok(());
    }
    stale(visit).await
}

/// A fresh menu instead of one that is out of date.
pub async fn stale(visit: Visit) -> HandlerResult {
    let screen = home_screen(&visit).await?.headed(text::user::menu_old(&visit.t));
    show(&visit, "home", screen).await
}

/// A button that is not for this person. Strangers get no hint at what it does.
pub async fn foreign_press(visit: Visit) -> HandlerResult {
    visit.answer(Some(text::user::button_foreign(&visit.t)));
    Ok(())
}

/// Too much at once: said once, then nothing until it is quieter.
pub async fn slow_down(visit: Visit) -> HandlerResult {
    let word = text::user::slow_down(&visit.t);
    if visit.pressed_message().is_some() {
        visit.answer(Some(word));
    } else if visit.is_private() {
        visit.say(&Screen::new(Html::escape(&word))).await?;
    }
    Ok(())
}

/// Somebody blocked the bot, or let it in again.
pub async fn membership(desk: std::sync::Arc<crate::telegram::Desk>, update: Update) -> HandlerResult {
    let UpdateKind::MyChatMember(member) = &update.kind else { return Ok(()) };
    if member.chat.is_private() {
        let blocked = matches!(member.new_chat_member.kind, ChatMemberKind::Banned(_) | ChatMemberKind::Left);
        desk.core.store.set_blocked(UserId(member.chat.id.0), blocked).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_in_what_people_paste() {
        assert_eq!(invite_code(" inv_abcdefgh "), Some("abcdefgh"));
        assert_eq!(invite_code("https://t.me/karvan_bot?start=inv_ab23cd45"), Some("ab23cd45"));
        assert_eq!(invite_code("AB23cd45"), Some("AB23cd45"));
        for text in ["thankyou", "hello", "ab23cd456", "inv_", "привет12", ""] {
            assert_eq!(invite_code(text), None, "{text}");
        }
    }
}
