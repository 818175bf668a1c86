//! From one tap to a working key on a device.

use crate::domain::operation::Cause;
use crate::domain::{ConfigId, Region};
use crate::telegram::menu::Taken;
use crate::telegram::{HandlerResult, Visit};
use crate::text::apps::System;
use crate::text::user::Work;

use super::{gone, key, own, refuse, screens, show};

/// A key. Pressed twice, or on an old menu, it shows the key there is: `have` says how many the person had when the
/// button was shown.
pub async fn get_key(visit: Visit, (have, region): (u32, Option<Region>)) -> HandlerResult {
    let keys = visit.desk.keys.of(visit.user()).await?;
    if screens::count(&keys) != have {
        return if visit.is_pending().await? { Ok(()) } else { key::mine(visit).await };
    }
    let Taken::Screen(screen) = visit.take_screen(None).await? else { return Ok(()) };
    match visit.desk.keys.issue(&visit.ask(Cause::Owner, Some(screen)), visit.user(), region).await {
        Ok(asked) => {
            visit.await_result(asked, screen, Work::Key).await?;
            Ok(())
        }
        Err(error) => refuse(&visit, None, error).await,
    }
}

/// Which device?
pub async fn devices(visit: Visit, config: ConfigId) -> HandlerResult {
    let Some(view) = own(&visit, config).await? else { return gone(&visit).await };
    show(&visit, "devices", screens::devices(&visit.t, &view)).await
}

/// One app for a device. A number that the list of apps has no longer means the first.
pub async fn app(visit: Visit, (config, system, app): (ConfigId, System, u8)) -> HandlerResult {
    let Some(view) = own(&visit, config).await? else { return gone(&visit).await };
    let apps = visit.desk.apps.on(system);
    let Some(chosen) = apps.get(usize::from(app)).or_else(|| apps.first()) else {
        return show(&visit, "devices", screens::devices(&visit.t, &view)).await;
    };
    show(&visit, "app", screens::app(&visit.t, &view, system, apps, chosen)).await
}

/// All apps for a device.
pub async fn apps(visit: Visit, (config, system): (ConfigId, System)) -> HandlerResult {
    let Some(view) = own(&visit, config).await? else { return gone(&visit).await };
    let screen = screens::apps(&visit.t, &view, system, visit.desk.apps.on(system));
    show(&visit, "apps", screen).await
}
