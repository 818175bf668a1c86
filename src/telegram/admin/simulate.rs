//! What would be if panels were lost, and how long there is room. Nothing here changes anything.

use super::press::AdminPress;
use super::{back, button, headed, key, nodes, show};
use crate::domain::InstanceId;
use crate::service::outlook::{Outlooks, SimulateError};
use crate::telegram::user::screens::menu;
use crate::telegram::{HandlerResult, Screen, Visit};
use crate::text::Html;
use crate::text::admin::{button as label, outlook as words};

/// The outlook, or what would be if the panels named behind the command were lost: `/simulate down de1 nl1`.
pub async fn command(visit: &Visit, rest: &str) -> HandlerResult {
    let mut names: Vec<&str> = rest.split_whitespace().collect();
    if names.first().is_some_and(|word| word.eq_ignore_ascii_case("down")) {
        names.remove(0);
    }
    if names.is_empty() {
        return outlook(visit, None).await;
    }
    let mut lost = Vec::new();
    for name in names {
        match nodes::find(visit, name).await? {
            Some(instance) => lost.push(instance.id),
            None => return outlook(visit, Some(words::unknown(&visit.t, name))).await,
        }
    }
    down(visit, &lost).await
}

/// Which panels cannot be lost, and when locations are full.
pub async fn outlook(visit: &Visit, head: Option<Html>) -> HandlerResult {
    let t = &visit.t;
    let outlook = Outlooks::new(visit.desk.core.clone()).outlook().await?;
    let panels = key::targets(visit, None, AdminPress::SimulateDown).await?;
    let screen = Screen::new(words::outlook(t, &outlook)).grid(2, panels).row([menu(t)]);
    show(visit, "simulate", headed(screen, head)).await
}

/// Who would go where.
pub async fn down(visit: &Visit, lost: &[InstanceId]) -> HandlerResult {
    let t = &visit.t;
    match Outlooks::new(visit.desk.core.clone()).simulate(lost).await {
        Ok(simulation) => {
            let card = match lost {
                [one] => Some(button(label::list(t), AdminPress::Panel(one.clone()))),
                _ => None,
            };
            let screen = Screen::new(words::simulation(t, &simulation))
                .row(card)
                .row([back(t, AdminPress::Simulate), menu(t)]);
            show(visit, "simulate", screen).await
        }
        Err(SimulateError::NotFound(id)) => outlook(visit, Some(words::unknown(t, id.as_str()))).await,
        Err(SimulateError::Store(error)) => Err(error.into()),
    }
}
