//! Messages to many people: who gets one, once, and how many did.

use std::collections::BTreeSet;

use karvan::domain::broadcast::{Audience, BroadcastState, Tally};
use karvan::domain::person::{Admission, AdmissionChange};
use karvan::domain::{BroadcastId, UserId};
use karvan::store::Store;
use karvan::store::broadcasts::{KeysThere, NewBroadcast, Place, Recipients};
use karvan::store::outbox::NewLetter;
use rstest::rstest;
use serde_json::json;

use crate::db::{Kind, at};
use crate::world::{add, id, key, seen, serve};

fn new(update_id: i64) -> NewBroadcast {
    NewBroadcast {
        by: UserId(1),
        update_id,
        audience: Audience::Everybody,
        recipients: Recipients::Everybody,
        text: "<b>Hello</b>".to_owned(),
    }
}

fn letter(lane: i32, slot: Option<&str>, id: BroadcastId) -> NewLetter {
    NewLetter {
        chat: 1,
        lane,
        slot: slot.map(str::to_owned),
        notice: json!({ "broadcast": id }),
        screen: None,
        not_before: at(10),
    }
}

async fn begin(store: &Store, new: &NewBroadcast) -> Option<BroadcastId> {
    let each = |id| letter(3, None, id);
    let progress = |id| letter(0, Some("broadcast:1"), id);
    store.begin_broadcast(new, each, progress, at(10)).await.unwrap()
}

/// The chats that get a message, in the order in which it goes out to them; none of them twice.
async fn recipients(store: &Store) -> Vec<i64> {
    let due = store.due_letters(at(10), 100).await.unwrap();
    assert_eq!(due[0].letter.lane, 0, "how far it is comes before it");
    let chats: Vec<i64> = due[1..].iter().map(|one| one.letter.chat).collect();
    assert!(due[1..].iter().all(|one| one.letter.lane == 3), "and everything else before it");
    assert_eq!(chats.iter().collect::<BTreeSet<_>>().len(), chats.len());
    chats
}

#[rstest]
#[tokio::test]
async fn everybody_who_can_be_written_to_gets_a_message_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    assert_eq!(begin(store, &new(7)).await, None, "nobody is there");
    assert_eq!(store.recent_broadcasts(9).await.unwrap(), []);
    for user in 1..=5 {
        store.saw_person(&seen(user, None), at(user)).await.unwrap();
    }
    store.set_blocked(UserId(2), true).await.unwrap();
    let refuse =
        AdmissionChange { from: &[Admission::None], to: Admission::Denied, by: None, days: None, gb: None };
    store.set_admission(UserId(3), &refuse, &[], at(9)).await.unwrap();
    assert_eq!(store.count_recipients(&Recipients::Everybody, at(9)).await.unwrap(), 3);

    let id = begin(store, &new(7)).await.unwrap();
    assert_eq!(recipients(store).await, [1, 4, 5]);
    // The update is handled again, and another admin writes at the same time.
    assert_eq!(begin(store, &new(7)).await, Some(id));
    assert_eq!(recipients(store).await, [1, 4, 5]);
    let mut again = new(8);
    again.recipients = Recipients::WithKey;
    assert_eq!(begin(store, &again).await, None, "nobody has a key");

    let broadcast = store.broadcast(id).await.unwrap().unwrap();
    assert_eq!((broadcast.text.as_str(), broadcast.state), ("<b>Hello</b>", BroadcastState::Running));
    assert_eq!((broadcast.audience, broadcast.created_at), (Audience::Everybody, at(10)));
    let record = store.audit(9, None).await.unwrap();
    assert_eq!(record.len(), 1);
    let subject = format!("broadcast {id}");
    assert_eq!((record[0].action.as_str(), &record[0].subject), ("broadcast-started", &subject));
    // Whatever a later version may do wrong: the database lets nobody have two.
    let twice = "INSERT INTO outbox (chat_id, lane, notice, not_before, attempts, created_at, broadcast_id) \
                 SELECT chat_id, lane, notice, not_before, attempts, created_at, broadcast_id FROM outbox \
                 WHERE chat_id = 4";
    let raw = sea_orm::Database::connect(&db.url).await.unwrap();
    assert!(sea_orm::ConnectionTrait::execute_unprepared(&raw, twice).await.is_err());
}

#[rstest]
#[tokio::test]
async fn a_message_is_told_until_it_is_done_or_stopped(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    for user in 1..=5 {
        store.saw_person(&seen(user, None), at(user)).await.unwrap();
    }
    let id = begin(store, &new(7)).await.unwrap();
    let waiting = Tally { waiting: 5, ..Tally::default() };
    assert_eq!(store.broadcast_tally(id).await.unwrap(), waiting);
    let due = store.due_letters(at(10), 100).await.unwrap();
    let letters: Vec<_> = due.into_iter().filter(|one| one.letter.lane == 3).collect();
    store.letter_sent(&letters[0], Some(70), at(11)).await.unwrap();
    store.drop_letter(letters[1].id, "no-chat", at(11)).await.unwrap();
    store.drop_letter(letters[2].id, "refused", at(11)).await.unwrap();
    store.retry_letter(letters[3].id, at(60), "unreachable").await.unwrap();
    let tally = Tally { sent: 1, blocked: 1, failed: 1, left: 0, waiting: 2 };
    assert_eq!(store.broadcast_tally(id).await.unwrap(), tally);
    assert_eq!((tally.total(), tally.ended()), (5, 3));
    let progress = letter(2, Some("broadcast:1"), id);
    assert!(store.tell_broadcast(id, 3, false, &progress, at(12)).await.unwrap());
    let running = store.running_broadcasts().await.unwrap();
    assert_eq!(running.iter().map(|(one, told)| (one.id, *told)).collect::<Vec<_>>(), [(id, 3)]);

    let last = NewLetter { not_before: at(27), ..progress.clone() };
    assert!(store.stop_broadcast(id, UserId(1), &last, at(12)).await.unwrap());
    assert!(!store.stop_broadcast(id, UserId(1), &last, at(13)).await.unwrap());
    assert!(!store.tell_broadcast(id, 5, true, &progress, at(13)).await.unwrap(), "it stays stopped");
    // One was on its way, and arrived.
    store.letter_sent(&letters[4], Some(71), at(13)).await.unwrap();
    let tally = Tally { sent: 2, blocked: 1, failed: 1, left: 1, waiting: 0 };
    assert_eq!(store.broadcast_tally(id).await.unwrap(), tally);
    assert_eq!(store.running_broadcasts().await.unwrap(), []);
    let left = store.due_letters(at(100), 9).await.unwrap();
    assert_eq!(left.iter().map(|one| one.letter.lane).collect::<Vec<_>>(), [2], "only the last word");
    assert_eq!(store.broadcast(id).await.unwrap().unwrap().state, BroadcastState::Stopped);
    let actions: Vec<_> = store.audit(9, None).await.unwrap().into_iter().map(|one| one.action).collect();
    assert_eq!(actions, ["broadcast-stopped", "broadcast-started"]);

    // Its letters are forgotten with it, and not before: how many got it is counted from them.
    assert_eq!(store.forget_letters(at(1000), 100).await.unwrap(), 2, "those that told how far it was");
    assert_eq!(store.broadcast_tally(id).await.unwrap(), tally);
    assert_eq!(store.forget_broadcasts(at(12)).await.unwrap(), 0, "too young");
    assert_eq!(store.forget_broadcasts(at(13)).await.unwrap(), 1);
    assert_eq!(store.broadcast_tally(id).await.unwrap(), Tally::default());
    assert_eq!(store.broadcast(id).await.unwrap(), None);
    assert_eq!(store.due_letters(at(100), 9).await.unwrap().len(), 1, "what waits still waits");
}

#[rstest]
#[tokio::test]
async fn people_are_chosen_by_their_keys(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    add(store, "de1", 10).await;
    add(store, "nl1", 10).await;
    // 1 and 2 are served by de1, of which 2 asked for its exit in Finland; 3 by nl1; 4 was, and is suspended.
    for user in 1..=5 {
        if user < 5 {
            key(store, user).await;
        } else {
            store.saw_person(&seen(user, None), at(0)).await.unwrap();
        }
    }
    for operation in store.claim_operations("w", at(0), 9).await.unwrap() {
        let there = if operation.config.0 <= 2 { "de1" } else { "nl1" };
        serve(store, &operation, there).await;
    }
    db.tamper("UPDATE configs SET wanted_region = 'fi' WHERE owner = 2").await;
    db.tamper("UPDATE configs SET wish = 'suspended' WHERE owner = 4").await;

    let who = async |recipients: Recipients, now: i64| {
        let mut broadcast = new(now);
        broadcast.recipients = recipients;
        let each = |id| letter(3, None, id);
        let progress = |id| letter(0, Some("broadcast"), id);
        let Some(id) = store.begin_broadcast(&broadcast, each, progress, at(now)).await.unwrap() else {
            return Vec::new();
        };
        let due = store.due_letters(at(100), 99).await.unwrap();
        store.stop_broadcast(id, UserId(1), &letter(0, Some("broadcast"), id), at(now)).await.unwrap();
        let of_it = due.iter().filter(|one| one.letter.lane == 3);
        of_it.map(|one| one.letter.chat).collect::<Vec<_>>()
    };
    let of = |instance: &str, keys| Recipients::Of(vec![Place { instance: id(instance), keys }]);
    assert_eq!(who(Recipients::Everybody, 10).await, [1, 2, 3, 4, 5]);
    assert_eq!(who(Recipients::WithKey, 11).await, [1, 2, 3]);
    assert_eq!(who(Recipients::WithoutKey, 12).await, [4, 5]);
    assert_eq!(who(of("de1", KeysThere::All), 13).await, [1, 2]);
    assert_eq!(who(of("nl1", KeysThere::All), 14).await, [3]);
    let finland: karvan::domain::Region = "fi".parse().unwrap();
    assert_eq!(who(of("de1", KeysThere::Wanted(finland.clone())), 15).await, [2]);
    assert_eq!(who(of("de1", KeysThere::NotWanted(vec![finland])), 16).await, [1]);
    assert_eq!(who(Recipients::Of(Vec::new()), 17).await, Vec::<i64>::new());
    // Their time is over.
    assert_eq!(store.count_recipients(&Recipients::WithKey, at(2 * 86_400)).await.unwrap(), 0);
    assert_eq!(store.count_recipients(&Recipients::WithoutKey, at(2 * 86_400)).await.unwrap(), 5);
}
