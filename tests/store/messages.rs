//! Updates in, letters out, screens, conversations, records.

use std::collections::BTreeSet;

use karvan::domain::UserId;
use karvan::store::Store;
use karvan::store::inbox::Received;
use karvan::store::menus::Menu;
use karvan::store::outbox::NewLetter;
use rstest::rstest;
use serde_json::json;
use tokio::task::JoinSet;

use crate::db::{Kind, at};

fn update(update_id: i64, chat_key: i64) -> Received {
    Received { update_id, chat_key, raw: format!(r#"{{"update_id":{update_id},"text":"سلام 🙂"}}"#) }
}

/// No update at all.
const NOTHING: [i64; 0] = [];

async fn undone(store: &Store, busy: &[i64], seconds: i64) -> Vec<i64> {
    let busy: BTreeSet<i64> = busy.iter().copied().collect();
    let found = store.undone_updates(&busy, at(seconds), 100).await.unwrap();
    found.iter().map(|undone| undone.update.update_id).collect()
}

#[rstest]
#[tokio::test]
async fn updates_are_kept_once_and_in_the_order_of_their_chat(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    let batch = [update(10, 1), update(11, 1), update(12, 2), update(13, 3)];
    assert_eq!(store.receive(&batch, at(0)).await.unwrap(), 4);
    assert_eq!(store.receive(&[update(13, 3), update(14, 3)], at(1)).await.unwrap(), 1, "13 came before");
    assert_eq!(undone(store, &[], 1).await, [10, 12, 13]);
    assert_eq!(undone(store, &[1], 1).await, [12, 13], "a busy chat waits");
    store.update_done(10, None, at(1)).await.unwrap();
    assert_eq!(undone(store, &[], 1).await, [11, 12, 13]);
    assert_eq!(store.last_update().await.unwrap(), Some(14));
    let raw = store.undone_updates(&BTreeSet::new(), at(1), 100).await.unwrap().remove(0).update.raw;
    assert_eq!(raw, update(11, 1).raw);
}

#[rstest]
#[tokio::test]
async fn an_update_whose_process_died_comes_again(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    store.receive(&[update(10, 1), update(11, 1)], at(0)).await.unwrap();
    assert!(store.begin_update(10, "dead", at(0), at(30)).await.unwrap());
    assert!(!store.begin_update(10, "other", at(29), at(60)).await.unwrap(), "one process at a time");
    assert_eq!(undone(store, &[], 29).await, NOTHING, "a later one of the chat does not overtake it");
    assert_eq!(undone(store, &[], 30).await, [10]);
    store.take_over_from_the_dead(&["dead".to_owned()], at(4)).await.unwrap();
    assert_eq!(undone(store, &[], 29).await, NOTHING, "it lives");
    assert_eq!(store.take_over_from_the_dead(&["other".to_owned()], at(5)).await.unwrap(), 1);
    let again = store.undone_updates(&BTreeSet::new(), at(5), 100).await.unwrap();
    assert_eq!((again[0].update.update_id, again[0].attempts), (10, 1));
    store.update_done(10, Some("panicked"), at(6)).await.unwrap();
    store.update_done(11, None, at(7)).await.unwrap();
    assert_eq!(undone(store, &[], 100).await, NOTHING);
    assert_eq!(store.forget_updates(at(100)).await.unwrap(), 1);
    assert_eq!(store.last_update().await.unwrap(), Some(11), "the last one says where polling goes on");
    assert_eq!(store.receive(&[update(11, 1)], at(8)).await.unwrap(), 0);
}

fn letter(chat: i64, lane: i32, slot: Option<&str>, text: &str) -> NewLetter {
    NewLetter {
        chat,
        lane,
        slot: slot.map(str::to_owned),
        notice: json!({ "notice": text }),
        screen: Some(3),
        not_before: at(10),
    }
}

async fn due(store: &Store, seconds: i64) -> Vec<String> {
    let found = store.due_letters(at(seconds), 100).await.unwrap();
    found.iter().map(|stored| stored.letter.notice["notice"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[tokio::test]
async fn letters_go_out_by_lane_and_age(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    let bulk = letter(1, 3, None, "bulk");
    let later = NewLetter { not_before: at(20), ..letter(1, 0, None, "later") };
    store
        .post(&[bulk, letter(1, 1, None, "alert"), letter(2, 0, None, "reply"), later], at(0))
        .await
        .unwrap();
    assert_eq!(due(store, 9).await, Vec::<String>::new());
    assert_eq!(due(store, 10).await, ["reply", "alert", "bulk"]);
    assert_eq!(due(store, 20).await, ["reply", "later", "alert", "bulk"]);

    let stored = store.due_letters(at(20), 100).await.unwrap();
    assert_eq!(stored[0].letter, letter(2, 0, None, "reply"));
    store.letter_sent(&stored[0], Some(77), at(21)).await.unwrap();
    store.retry_letter(stored[1].id, at(30), "429").await.unwrap();
    store.drop_letter(stored[2].id, "blocked", at(21)).await.unwrap();
    assert_eq!(due(store, 29).await, ["bulk"]);
    assert_eq!(due(store, 30).await, ["later", "bulk"]);
    assert_eq!(store.due_letters(at(30), 1).await.unwrap()[0].attempts, 1);
    assert_eq!(store.waiting_letters().await.unwrap(), 2);
}

#[rstest]
#[tokio::test]
async fn the_newest_letter_of_a_slot_is_the_one_to_send(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    store.post(&[letter(1, 1, Some("incident:1"), "suspect")], at(0)).await.unwrap();
    store.post(&[letter(1, 1, Some("incident:2"), "other")], at(0)).await.unwrap();
    let sending = store.due_letters(at(10), 100).await.unwrap().remove(0);
    store.post(&[letter(1, 1, Some("incident:1"), "down")], at(1)).await.unwrap();
    assert_eq!(due(store, 10).await, ["other", "down"]);
    // The older one was on its way when the newer came: it was sent all the same, and the newer edits that message.
    assert_eq!(store.sent_message("incident:1").await.unwrap(), None);
    store.letter_sent(&sending, Some(501), at(2)).await.unwrap();
    assert_eq!(store.sent_message("incident:1").await.unwrap(), Some((1, 501)));
    assert_eq!(due(store, 10).await, ["other", "down"], "the newer one still waits");
    let newer = store.due_letters(at(10), 100).await.unwrap().remove(1);
    store.letter_sent(&newer, Some(502), at(3)).await.unwrap();
    assert_eq!(store.sent_message("incident:1").await.unwrap(), Some((1, 502)));
    store.post(&[letter(1, 1, Some("incident:1"), "recovered")], at(4)).await.unwrap();
    assert_eq!(due(store, 10).await, ["other", "recovered"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_letters_of_a_slot_at_once_are_one(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let mut posting = JoinSet::new();
    for number in 0..40 {
        let store = db.store.clone();
        posting.spawn(async move {
            // Two slots in either order: nobody may wait for anybody in a circle.
            let mut letters = [letter(1, 2, Some("batch:1"), "one"), letter(2, 2, Some("batch:2"), "two")];
            if number % 2 == 0 {
                letters.reverse();
            }
            store.post(&letters, at(0)).await
        });
    }
    for result in posting.join_all().await {
        result.unwrap();
    }
    assert_eq!(db.store.waiting_letters().await.unwrap(), 2);
}

#[rstest]
#[tokio::test]
async fn letters_that_are_done_are_forgotten_and_no_others(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    let texts = ["sent", "dropped", "waits", "sent too"];
    for (text, written) in texts.iter().zip(0..) {
        store.post(&[letter(1, 1, None, text)], at(written)).await.unwrap();
    }
    let stored = store.due_letters(at(10), 100).await.unwrap();
    store.letter_sent(&stored[0], None, at(11)).await.unwrap();
    store.drop_letter(stored[1].id, "blocked", at(11)).await.unwrap();
    store.letter_sent(&stored[3], None, at(11)).await.unwrap();
    assert_eq!(store.forget_letters(at(3), 1).await.unwrap(), 1, "no more than was allowed");
    assert_eq!(store.forget_letters(at(3), 100).await.unwrap(), 1, "the last one is too young");
    assert_eq!(store.forget_letters(at(100), 100).await.unwrap(), 1);
    assert_eq!(store.forget_letters(at(100), 100).await.unwrap(), 0);
    assert_eq!(due(store, 10).await, ["waits"]);
}

/// A screen that an update showed in a message.
fn shown(message_id: i64, screen: i64, view: &str, update_id: i64) -> Menu {
    Menu { message_id, screen, view: view.to_owned(), update_id: Some(update_id) }
}

#[rstest]
#[tokio::test]
async fn a_menu_never_goes_back(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    assert_eq!(store.menu(1).await.unwrap(), None);
    assert!(store.show_menu(1, &shown(500, 1, "main", 70), at(0)).await.unwrap());
    assert!(store.show_menu(1, &shown(500, 2, "card", 71), at(1)).await.unwrap());

    // Two processes that saw the same screen, and one that was stopped for a while.
    let mut racing = JoinSet::new();
    for update in 72..82 {
        let (store, menu) = (store.clone(), shown(500, 3, "result", update));
        racing.spawn(async move { store.show_menu(1, &menu, at(2)).await.unwrap().then_some(menu) });
    }
    let won: Vec<_> = racing.join_all().await.into_iter().flatten().collect();
    assert_eq!(won.len(), 1, "one of them shows what comes next");
    assert!(!store.show_menu(1, &shown(500, 2, "late", 71), at(3)).await.unwrap());
    assert_eq!(store.menu(1).await.unwrap().as_ref(), won.first());
    assert_eq!(store.menu(2).await.unwrap(), None, "of another chat nothing is known");

    // What one update shows is one screen, though it may come to be in another message.
    let moved = Menu { message_id: 501, ..won[0].clone() };
    assert!(store.show_menu(1, &moved, at(4)).await.unwrap());
    assert_eq!(store.menu(1).await.unwrap(), Some(moved));
}

#[rstest]
#[tokio::test]
async fn a_conversation_outlives_a_restart(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    db.store.set_dialogue(1, r#"{"step":"name"}"#, at(0)).await.unwrap();
    db.store.set_dialogue(1, r#"{"step":"password"}"#, at(1)).await.unwrap();
    let restarted = db.again().await;
    assert_eq!(restarted.dialogue(1).await.unwrap().as_deref(), Some(r#"{"step":"password"}"#));
    restarted.end_dialogue(1).await.unwrap();
    restarted.end_dialogue(1).await.unwrap();
    assert_eq!(db.store.dialogue(1).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn records_are_read_newest_first_in_pages(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    for number in 0..5 {
        let actor = (number % 2 == 0).then_some(UserId(number));
        store
            .record(actor, "key-changed", &format!("key {number}"), json!({ "days": number }), at(number))
            .await
            .unwrap();
    }
    let page = store.audit(2, None).await.unwrap();
    let subjects: Vec<_> = page.iter().map(|entry| entry.subject.as_str()).collect();
    assert_eq!(subjects, ["key 4", "key 3"]);
    assert_eq!(
        (page[0].actor, page[0].at, page[0].detail.clone()),
        (Some(UserId(4)), at(4), json!({ "days": 4 }))
    );
    assert_eq!(page[1].actor, None);
    let rest = store.audit(10, Some(page[1].id)).await.unwrap();
    assert_eq!(
        rest.iter().map(|entry| entry.subject.as_str()).collect::<Vec<_>>(),
        ["key 2", "key 1", "key 0"]
    );
}

#[rstest]
#[tokio::test]
async fn a_setting_keeps_its_last_value(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    assert_eq!(db.store.setting("panic").await.unwrap(), None);
    db.store.set_setting("panic", "on").await.unwrap();
    db.store.set_setting("panic", "off").await.unwrap();
    assert_eq!(db.store.setting("panic").await.unwrap().as_deref(), Some("off"));
}
