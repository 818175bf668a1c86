//! Callers that stop waiting in the middle of what they asked for: a time-out, a person who is answered elsewhere.

use std::time::Duration;

use futures::future::join_all;
use futures::poll;
use karvan::store::menus::Menu;
use karvan::store::outbox::NewLetter;
use rstest::rstest;

use crate::db::{Kind, at};

/// More than it takes to put a letter into the outbox.
const STEPS: i64 = 8;
/// Callers at once, each with a connection of its own.
const CALLERS: usize = 4;
/// As many as there are connections.
const WRITERS: i64 = 24;

#[rstest]
#[tokio::test]
async fn who_stops_waiting_leaves_nothing_open_that_others_write_into(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.fresh().await else { return };
    // Each time they stop one step later, whatever that step is.
    for steps in 0..STEPS {
        let notice = serde_json::json!({ "steps": steps });
        let letters = [NewLetter { chat: 1, lane: 2, slot: None, notice, screen: None, not_before: at(0) }];
        let mut callers: Vec<_> = (0..CALLERS).map(|_| Box::pin(db.store.post(&letters, at(0)))).collect();
        for _ in 0..steps {
            let mut waiting = Vec::new();
            for mut caller in callers {
                if poll!(caller.as_mut()).is_pending() {
                    waiting.push(caller);
                }
            }
            callers = waiting;
            // What they wait for has the time to come.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        drop(callers);
        // Their connections have the time to come back, and each is used by somebody.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let menu = Menu { message_id: 1, screen: 1, view: "home".into(), update_id: None };
        let shows = (0..WRITERS).map(|writer| db.store.show_menu(steps * WRITERS + writer, &menu, at(0)));
        assert!(join_all(shows).await.into_iter().all(Result::unwrap));
        let shown = db.peek("SELECT CAST(count(*) AS text) FROM menus").await;
        assert_eq!(shown, Some(((steps + 1) * WRITERS).to_string()), "after {steps} steps: others see it");
    }
}
