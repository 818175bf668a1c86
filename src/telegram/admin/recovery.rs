//! After a backup was restored: what would happen, and the word that lets everything go on.

use super::press::AdminPress;
use super::{button, claim, patiently, show};
use crate::service::backup::recovery::{Messages, Recovery};
use crate::store::StoreError;
use crate::store::flags::HOLD;
use crate::telegram::user::screens::menu;
use crate::telegram::{Admin, Desk, HandlerResult, Screen, Visit};
use crate::text::T;
use crate::text::admin::recovery as words;

/// Reads all panels, and shows what would happen.
pub async fn report(visit: &Visit) -> HandlerResult {
    let t = &visit.t;
    let recovery = Recovery::new(visit.desk.core.clone());
    let outlook = patiently(visit, words::reading(t), recovery.outlook()).await??;
    let Some(outlook) = outlook else {
        return show(visit, "recovery", Screen::new(words::nothing(t)).row([menu(t)])).await;
    };
    let go = |label, send| button(label, AdminPress::HoldRelease { send, screen: 0 });
    let mut screen = Screen::new(words::outlook(t, &outlook)).row([go(words::go(t), false)]);
    if outlook.messages + outlook.updates > 0 {
        screen = screen.row([go(words::go_and_send(t), true)]);
    }
    show(visit, "recovery", screen.row([menu(t)])).await
}

/// Everything goes on.
pub async fn release(visit: &Visit, admin: Admin, send: bool, screen: i64) -> HandlerResult {
    if !claim(visit, screen).await? {
        return Ok(());
    }
    let t = &visit.t;
    let messages = if send { Messages::Send } else { Messages::Drop };
    let released = Recovery::new(visit.desk.core.clone()).release(Some(admin.id()), messages).await?;
    let said = if released { words::released(t) } else { words::nothing(t) };
    show(visit, "recovery", Screen::new(said).row([menu(t)])).await
}

/// The message that says that everything is held; `None` once it is not.
///
/// # Errors
/// The database.
pub async fn held(desk: &Desk, t: &T) -> Result<Option<Screen>, StoreError> {
    let flag = desk.core.store.flag(HOLD).await?.filter(|flag| flag.raised);
    let look = || button(words::look(t), AdminPress::Hold);
    Ok(flag.map(|flag| Screen::new(words::held(t, flag.since)).row([look()])))
}
