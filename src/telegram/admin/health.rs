//! How the fleet is doing, and a live test of all of it.

use std::time::Duration;

use futures::StreamExt as _;

use super::press::AdminPress;
use super::{button, headed, patiently, show};
use crate::domain::InstanceId;
use crate::service::watch::Watch;
use crate::telegram::user::screens::menu;
use crate::telegram::{HandlerResult, Screen, Visit};
use crate::text::Html;
use crate::text::admin::{button as label, health as words};

/// Panels asked at the same time.
const AT_ONCE: usize = 16;
/// A panel that has not answered by then counts as silent here; its check goes on by itself.
const PATIENCE: Duration = Duration::from_secs(20);
/// Keys counted on the waitlist.
const COUNTED: u64 = 10_000;

/// The fleet at a glance, and what the next key would get.
pub async fn overview(visit: &Visit, head: Option<Html>) -> HandlerResult {
    let (t, desk) = (&visit.t, &visit.desk);
    let views = desk.fleet.list().await?;
    let waiting = desk.core.store.waiting(COUNTED).await?.len();
    desk.core.placer.refresh(&desk.core.store).await?;
    let next = desk.explain.next_key(None);
    let words = words::overview(t, &views, waiting, &next, desk.core.clock.now());
    let test = (!views.is_empty()).then(|| button(label::test_all(t), AdminPress::HealthTest));
    let screen = Screen::new(words).row(test).row([button(label::list(t), AdminPress::Panels(0)), menu(t)]);
    show(visit, "health", headed(screen, head)).await
}

/// Asks all panels now.
pub async fn test(visit: &Visit) -> HandlerResult {
    let ids: Vec<_> = visit.desk.fleet.list().await?.into_iter().map(|view| view.instance.id).collect();
    let count = ids.len();
    let good = patiently(visit, words::checking(&visit.t), ask_all(visit, ids)).await?;
    overview(visit, Some(words::checked(&visit.t, good, count))).await
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
