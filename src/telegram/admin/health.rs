//! How the fleet is doing, and a live test of all of it.

use std::time::Duration;

use futures::StreamExt as _;

use super::press::AdminPress;
use super::{back, button, headed, patiently, show};
use crate::domain::InstanceId;
use crate::service::fleet::InstanceView;
use crate::service::health::detail;
use crate::service::system;
use crate::service::watch::Watch;
use crate::telegram::user::screens::menu;
use crate::telegram::{HandlerResult, Screen, Visit};
use crate::text::Html;
use crate::text::admin::{button as label, health as words, panel, system as system_words};

/// Panels on one screen.
const PAGE: usize = 20;
/// Panels asked at the same time.
const AT_ONCE: usize = 16;
/// A panel that has not answered by then counts as silent here; its check goes on by itself.
const PATIENCE: Duration = Duration::from_secs(20);
/// Keys counted on the waitlist.
const COUNTED: u64 = 10_000;

/// The fleet at a glance from the `from`th panel on, the troubled first; and what the next key would get.
pub async fn overview(visit: &Visit, from: u32, head: Option<Html>) -> HandlerResult {
    let (t, desk) = (&visit.t, &visit.desk);
    let views = desk.fleet.list().await?;
    let waiting = desk.core.store.waiting(COUNTED).await?.len();
    desk.core.placer.refresh(&desk.core.store).await?;
    let next = desk.explain.next_key(None);
    let uptimes = detail::uptimes(&desk.core).await?;
    let order = words::order(&views);
    let from = (from as usize).min(order.len().saturating_sub(1)) / PAGE * PAGE;
    let page: Vec<_> = order.iter().skip(from).take(PAGE).copied().collect();
    let now = desk.core.clock.now();
    let fleet = words::Fleet { all: &views, page: &page, uptimes: &uptimes, waiting, next: &next, now };
    let of = |view: &&InstanceView| {
        let name = format!("{} {}", panel::icon(view.health.health), view.instance.name);
        button(name, AdminPress::HealthOf(view.instance.id.clone()))
    };
    let turn = |to: usize| AdminPress::HealthFrom(u32::try_from(to).unwrap_or(u32::MAX));
    let previous = (from > 0).then(|| button(label::previous(t), turn(from.saturating_sub(PAGE))));
    let next = (views.len() > from + PAGE).then(|| button(label::next(t), turn(from + PAGE)));
    let test = (!views.is_empty()).then(|| button(label::test_all(t), AdminPress::HealthTest));
    let screen = Screen::new(words::overview(t, &fleet))
        .grid(2, page.iter().map(of))
        .row(previous.into_iter().chain(next))
        .row(test.into_iter().chain([button(label::system(t), AdminPress::HealthSystem)]))
        .row([button(label::list(t), AdminPress::Panels(0)), menu(t)]);
    show(visit, "health", headed(screen, head)).await
}

/// How the service itself does.
pub async fn system(visit: &Visit) -> HandlerResult {
    let (t, core) = (&visit.t, &visit.desk.core);
    let found = system::look(core).await?;
    let screen = Screen::new(system_words::overview(t, &found, core.clock.now()))
        .row([button(label::refresh(t), AdminPress::HealthSystem), back(t, AdminPress::Health)]);
    show(visit, "health-system", screen).await
}

/// Asks all panels now.
pub async fn test(visit: &Visit) -> HandlerResult {
    let ids: Vec<_> = visit.desk.fleet.list().await?.into_iter().map(|view| view.instance.id).collect();
    let count = ids.len();
    let good = patiently(visit, words::checking(&visit.t), ask_all(visit, ids)).await?;
    overview(visit, 0, Some(words::checked(&visit.t, good, count))).await
}

/// How many of them answered well.
async fn ask_all(visit: &Visit, ids: Vec<InstanceId>) -> usize {
    let watch = Watch::new(visit.desk.core.clone());
    let asked = ids.into_iter().map(|id| {
        let watch = watch.clone();
        async move { matches!(watch.check(&id).await, Ok(Ok(_))) }
    });
    let mut answers = futures::stream::iter(asked).buffer_unordered(AT_ONCE);
    let mut good = 0;
    let counting = async {
        while let Some(well) = answers.next().await {
            good += usize::from(well);
        }
    };
    // Whoever is silent until then has not answered well; how many did stands in `good`.
    let _ = tokio::time::timeout(PATIENCE, counting).await;
    good
}
