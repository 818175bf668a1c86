//! What people do in the chat of the real binary, in more than one story.

use sim::marzban::Marzban;
use sim::telegram::{Actor, Message};

/// An admin empties the fullest panel by chat.
pub async fn moves_everybody(boss: &Actor, panels: &[Marzban]) {
    let fullest = panels.iter().max_by_key(|panel| panel.usernames().len()).unwrap();
    boss.send(&format!("/migrate {}", fullest.name())).await;
    boss.expect_button("Automatically").await;
    boss.tap("Automatically");
    let nothing = |message: &Message| message.text.contains("nothing to move");
    let has_start = |message: &Message| message.labels().concat().iter().any(|label| label.contains("Start"));
    let preview = boss.expect_that("a preview", |message| nothing(message) || has_start(message)).await;
    if has_start(&preview) {
        boss.tap("Start");
        // Others act meanwhile: then the new plan is shown, and nothing has begun.
        let told = |message: &Message| {
            nothing(message) || ["has begun", "have changed"].iter().any(|words| message.text.contains(words))
        };
        boss.expect_that("what became of it", told).await;
    }
}
