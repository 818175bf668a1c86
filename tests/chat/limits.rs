//! What the program owes to Telegram, and what no log may hold.

use std::io;
use std::sync::{Arc, Mutex};

use karvan::telegram::pacer;
use sim::telegram::Limits;
use tracing_subscriber::fmt::MakeWriter;

use crate::world::{Start, World};

#[tokio::test]
async fn telegrams_limits_are_kept() {
    let world =
        World::with(Start { limits: pacer::Limits::TELEGRAM, real_time: true, ..Start::default() }).await;
    world.telegram.set_limits(Some(Limits::telegram()));
    let people = (0..12).map(|id| world.person(2000 + id, "Somebody", "en")).collect::<Vec<_>>();
    for person in &people {
        person.send("/start").await;
    }
    for person in &people {
        person.expect_button("⚡").await;
        for label in ["Help", "⚡", "Language", "Help"] {
            person.tap(label);
        }
    }
    for person in &people {
        person.expect("How it works").await;
    }
    world.rests().await;
    let refused = world.telegram.calls().into_iter().filter(|call| call.status == 429).count();
    assert_eq!(refused, 0, "nobody had to tell us to slow down");
    assert_eq!(world.accounts(), people.len());
}

/// Everything that is logged by anything in this process, at every level.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<Vec<u8>>>);

impl io::Write for Book {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Book {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_log_holds_a_secret() {
    let book = Book::default();
    let log =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(book.clone()).finish();
    // Other stories of this process are welcome to be logged too.
    tracing::subscriber::set_global_default(log).unwrap();
    let world = World::open().await;
    let alice = world.alice();
    world.first_key(&alice).await;
    alice.send("my secret word is sesame-street").await;
    alice.expect("buttons best").await;
    alice.send("/key").await;
    alice.expect_button("Copy").await;
    let link = alice.copy_from("Copy");
    // Refusals quote what they refuse; failures know where they were going.
    world.telegram.fail_next("editMessageText", 400, &format!("Bad Request: button URL '{link}' is invalid"));
    alice.tap("Refresh");
    world.telegram.expect_call(|call| call.status == 400).await;
    world.telegram.set_reach(sim::telegram::Reach::Refused).await;
    world.telegram.set_reach(sim::telegram::Reach::Open).await;
    world.telegram.expect_poll().await;
    let logged = String::from_utf8(book.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("karvan"), "something is logged at all");
    let secret = link.rsplit('/').next().unwrap();
    for word in [world.telegram.token().as_str(), secret, "sesame-street", "admin-password"] {
        let line = logged.lines().find(|line| line.contains(word));
        assert_eq!(line, None, "a secret is in a log");
    }
}
