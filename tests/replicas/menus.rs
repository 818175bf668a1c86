//! One menu, two processes: what one of them was about to show when the other one showed something else.

use std::sync::Arc;
use std::time::Duration;

use karvan::domain::operation::Cause;
use karvan::domain::{ConfigId, SystemClock, UserId};
use karvan::service::notice::Lane;
use karvan::telegram::callback::Callback;
use karvan::telegram::menu::{Menus, Shown, Taken, WORKING};
use karvan::telegram::pacer::Limits;
use karvan::telegram::tg::{Access, Tg};
use karvan::telegram::{About, Button, Desk, Screen, Visit};
use karvan::text::apps::Apps;
use karvan::text::user::Work;
use karvan::text::{Html, Words};
use rstest::rstest;
use serde_json::json;
use sim::telegram::{Action, Actor, Fault, Message, Options, Person, Telegram};

use crate::THREE;
use crate::db::{Db, Kind};

/// Whose chat it is.
const ALICE: UserId = UserId(7);

/// One process's way to Telegram.
fn gateway(telegram: &Telegram) -> Tg {
    let api_url = telegram.url().parse().unwrap();
    let access = Access { token: telegram.token().as_str().into(), api_url, proxy: None };
    Tg::with_limits(&access, Limits::NONE).unwrap()
}

/// A chat with a message of the bot, and two processes that both take it for the menu.
struct Chat {
    telegram: Telegram,
    person: Actor,
    message: i64,
    one: Menus,
    other: Menus,
}

impl Chat {
    async fn on(db: &Db) -> Self {
        let telegram = Telegram::start(Options::default()).await.unwrap();
        let person = telegram.person(Person::new(ALICE.0, "Alice"));
        person.has_spoken();
        let tg = gateway(&telegram);
        let menus = |store| Menus::new(store, Arc::new(SystemClock), gateway(&telegram));
        let (one, other) = (menus(db.store.clone()), menus(db.again().await));
        let message = tg.send(Lane::Reply, person.chat(), &says("at first")).await.unwrap();
        Self { telegram, person, message, one, other }
    }
}

/// A screen with a button that bears its number.
fn says(words: &str) -> Screen {
    let reset = Callback::Reset { config: ConfigId(1), screen: 0 };
    Screen::new(Html::escape(words)).row([Button::press("yes", reset)])
}

/// The number on the button that stands there.
fn number_on(message: &Message) -> i64 {
    let Action::Data(data) = &message.buttons[0][0].action else { panic!("it sends nothing") };
    match data.parse().unwrap() {
        Callback::Reset { screen, .. } => screen,
        other => panic!("{other}"),
    }
}

#[rstest]
#[tokio::test]
async fn what_stands_there_is_not_out_of_date(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let Chat { telegram, person, message, one, other } = Chat::on(&db).await;
    // A word of one process is on its way for long, and another one's arrives before it.
    telegram.inject("editMessageText", Some(ALICE.0), 1, Fault::Delay(Duration::from_secs(1)));
    let late = Shown { update_id: 68, view: "late" };
    let late =
        tokio::spawn(async move { one.show(ALICE.0, Some(message), late, says("late")).await.unwrap() });
    telegram.faults_met().await;
    let quick = Shown { update_id: 69, view: "quick" };
    other.show(ALICE.0, Some(message), quick, says("quick")).await.unwrap();
    person.expect("quick").await;
    late.await.unwrap();
    let seen = number_on(&person.expect("late").await);
    let pressed = other.take(ALICE.0, message, 70, Some(seen)).await.unwrap();
    assert!(matches!(pressed, Taken::Screen(_)), "{pressed:?}, though it stands there");
}

#[rstest]
#[tokio::test]
async fn a_button_outlives_the_process_that_showed_it(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let Chat { person, message, one, other, .. } = Chat::on(&db).await;
    let asks = Shown { update_id: 70, view: "sure" };
    one.show(ALICE.0, Some(message), asks, says("Are you sure?")).await.unwrap();
    let seen = number_on(&person.expect("sure").await);
    // It was killed before it could note that the update is done: another one handles it once more.
    other.show(ALICE.0, Some(message), asks, says("Are you sure?")).await.unwrap();
    let pressed = other.take(ALICE.0, message, 71, Some(seen)).await.unwrap();
    let Taken::Screen(wish) = pressed else { panic!("{pressed:?}, though nothing else was shown") };

    // The wish has one screen too, however often it is handled; its result is another one.
    assert_eq!(one.take(ALICE.0, message, 71, Some(seen)).await.unwrap(), Taken::Screen(wish));
    assert_eq!(one.take(ALICE.0, message, 72, Some(seen)).await.unwrap(), Taken::Pending);
    let working = Shown { update_id: 71, view: WORKING };
    let wish = one.show(ALICE.0, Some(message), working, says("This takes a while")).await.unwrap();
    assert_eq!(other.take(ALICE.0, message, 71, Some(seen)).await.unwrap(), Taken::Screen(wish));
    let result = Shown { update_id: 71, view: "result" };
    let shown = one.show(ALICE.0, Some(message), result, says("done")).await.unwrap();
    assert_eq!(shown, wish, "the same press goes on");
    assert_eq!(one.show(ALICE.0, Some(message), result, says("done")).await.unwrap(), shown);
    assert_eq!(other.take(ALICE.0, message, 73, Some(seen)).await.unwrap(), Taken::Stale);
}

#[rstest]
#[tokio::test]
async fn an_answer_that_is_given_once_more_stands_where_it_stood(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.fresh().await else { return };
    let Chat { person, one, other, .. } = Chat::on(&db).await;
    let answers = Shown { update_id: 70, view: "home" };
    one.show(ALICE.0, None, answers, says("Hello")).await.unwrap();
    let first = person.expect("Hello").await;
    other.show(ALICE.0, None, answers, says("Hello again")).await.unwrap();
    let again = person.expect("Hello again").await;
    assert_eq!((again.id, number_on(&again)), (first.id, number_on(&first)));
}

/// As when a process that was taken for dead goes on.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wish_waits_on_one_screen_however_many_handle_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.fresh().await else { return };
    let Chat { message, one, other, .. } = Chat::on(&db).await;
    for update in 0..30 {
        let both = [one.clone(), other.clone()].map(|menus| {
            tokio::spawn(async move { menus.take(ALICE.0, message, update, None).await.unwrap() })
        });
        let [first, second] = both;
        assert_eq!(first.await.unwrap(), second.await.unwrap(), "of update {update}");
    }
}

#[rstest]
#[tokio::test]
async fn a_word_that_comes_late_does_not_cover_the_answer(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some((db, world)) = crate::world(kind, &THREE).await else { return };
    let Chat { telegram, person, other, .. } = Chat::on(&db).await;
    world.meets(ALICE).await;
    let (words, apps) = (Words::load(chrono_tz::UTC), Apps::built_in());
    let desk = Desk::new(world.core.clone(), words, apps, About::default(), gateway(&telegram));
    let sent = json!({ "update_id": 70, "message": {
        "message_id": 100, "date": 1, "text": "a key, please",
        "chat": { "id": ALICE.0, "type": "private", "first_name": "Alice" },
        "from": { "id": ALICE.0, "is_bot": false, "first_name": "Alice" },
    } });
    // As text: teloxide does not read an update from a value.
    let update = serde_json::from_str(&sent.to_string()).unwrap();
    let visit = Visit::of(&desk, &update, false).await.unwrap().unwrap();
    let Taken::Screen(screen) = visit.take_screen(None).await.unwrap() else { panic!("it is new") };
    let asked = desk.keys.issue(&visit.ask(Cause::Owner, Some(screen)), ALICE, None).await.unwrap();

    // This process says that it takes a while; before its word arrives, another one made the key and told of it.
    telegram.inject("editMessageText", Some(ALICE.0), 1, Fault::Delay(Duration::from_secs(1)));
    let waits = tokio::spawn(async move { visit.await_result(asked, screen, Work::Key).await.unwrap() });
    telegram.faults_met().await;
    world.settle().await;
    let told = other.amend(ALICE.0, screen, says("The key is ready"), std::future::ready(true)).await;
    assert!(told.unwrap());
    person.expect("The key is ready").await;
    waits.await.unwrap();
    person.expect("Which device").await;
}
