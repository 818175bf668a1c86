//! People, who lets them in, and invitations.

use karvan::domain::UserId;
use karvan::domain::person::{Admission, AdmissionChange, Invite, Redeemed};
use karvan::store::Store;
use karvan::store::outbox::NewLetter;
use rstest::rstest;

use crate::db::{Kind, at};
use crate::world::seen;

#[rstest]
#[tokio::test]
async fn a_person_is_remembered_and_kept_up_to_date(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    let first = store.saw_person(&seen(5, Some("Alice")), at(0)).await.unwrap();
    assert_eq!((first.admission, first.created_at, first.blocked_bot), (Admission::None, at(0), false));
    store.set_language(UserId(5), "ru").await.unwrap();
    store.set_blocked(UserId(5), true).await.unwrap();
    assert!(store.person(UserId(5)).await.unwrap().unwrap().blocked_bot);

    let again = store.saw_person(&seen(5, None), at(60)).await.unwrap();
    assert_eq!(again.username, None);
    assert_eq!(again.language.as_deref(), Some("ru"), "what they chose stays");
    assert_eq!((again.created_at, again.last_seen_at), (at(0), at(60)));
    assert!(!again.blocked_bot, "who writes has let the bot in again");
    assert_eq!(store.person(UserId(5)).await.unwrap(), Some(again));
    assert_eq!(store.person(UserId(6)).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn a_person_is_found_by_id_and_by_the_name_they_have_now(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    store.saw_person(&seen(5, Some("Alice_99")), at(0)).await.unwrap();
    // The name went to somebody else, and the first holder was not seen since.
    store.saw_person(&seen(6, Some("alice_99")), at(60)).await.unwrap();
    let found = |named: &'static str| async move {
        store.find_person(named).await.unwrap().map(|person| person.id.0)
    };
    assert_eq!(found("@ALICE_99").await, Some(6));
    assert_eq!(found(" alice_99 ").await, Some(6));
    assert_eq!(found("5").await, Some(5));
    assert_eq!((found("@alice").await, found("%").await, found("").await), (None, None, None));
}

fn grant(by: i64) -> AdmissionChange<'static> {
    AdmissionChange {
        from: &[Admission::None, Admission::Requested],
        to: Admission::Granted,
        by: Some(UserId(by)),
        days: Some(30),
        gb: None,
    }
}

fn welcome(chat: i64) -> NewLetter {
    NewLetter {
        chat,
        lane: 0,
        slot: None,
        notice: serde_json::json!({ "notice": "access_granted" }),
        screen: None,
        not_before: at(0),
    }
}

#[rstest]
#[tokio::test]
async fn many_admins_at_once_decide_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    db.store.saw_person(&seen(5, None), at(0)).await.unwrap();
    let mut presses = tokio::task::JoinSet::new();
    for admin in 1..=12 {
        let store = db.store.clone();
        presses.spawn(async move {
            store.set_admission(UserId(5), &grant(admin), &[welcome(5)], at(1)).await.unwrap()
        });
    }
    let changed = presses.join_all().await;
    assert_eq!(changed.iter().filter(|changed| **changed).count(), 1);
    assert_eq!(db.store.waiting_letters().await.unwrap(), 1, "one decision, one letter");
    let person = db.store.person(UserId(5)).await.unwrap().unwrap();
    assert_eq!(
        (person.admission, person.granted_days, person.granted_gb),
        (Admission::Granted, Some(30), None)
    );
    assert!(!db.store.set_admission(UserId(99), &grant(1), &[], at(1)).await.unwrap(), "nobody of that id");
}

#[rstest]
#[tokio::test]
async fn those_who_ask_wait_in_line(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let ask = AdmissionChange {
        to: Admission::Requested,
        from: &[Admission::None],
        by: None,
        days: None,
        gb: None,
    };
    for (user, seconds) in [(7, 30), (5, 10), (6, 20)] {
        db.store.saw_person(&seen(user, None), at(seconds)).await.unwrap();
        assert!(db.store.set_admission(UserId(user), &ask, &[], at(seconds)).await.unwrap());
    }
    db.store.set_admission(UserId(6), &grant(1), &[], at(40)).await.unwrap();
    let asking = db.store.asking(10).await.unwrap();
    assert_eq!(asking.iter().map(|person| person.id.0).collect::<Vec<_>>(), [5, 7]);
    assert_eq!(db.store.asking(1).await.unwrap().len(), 1);
}

async fn invite(store: &Store, code: &str, max_uses: u32, ends: Option<i64>) -> Invite {
    let invite = Invite {
        code: code.to_owned(),
        max_uses,
        used: 0,
        days: Some(7),
        gb: Some(50),
        expires_at: ends.map(at),
        revoked: false,
        created_at: at(0),
    };
    store.add_invite(&invite, UserId(1)).await.unwrap();
    invite
}

#[rstest]
#[tokio::test]
async fn an_invitation_lets_in_as_many_as_it_says(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let made = invite(&db.store, "abcd2345", 3, Some(100)).await;
    assert_eq!(db.store.invites().await.unwrap(), [made]);
    for user in 1..=20 {
        db.store.saw_person(&seen(user, None), at(0)).await.unwrap();
    }
    let mut redeeming = tokio::task::JoinSet::new();
    for user in 1..=20 {
        let store = db.store.clone();
        redeeming.spawn(async move { store.redeem("abcd2345", UserId(user), at(1)).await.unwrap() });
    }
    let results = redeeming.join_all().await;
    let count = |wanted| results.iter().filter(|result| **result == wanted).count();
    assert_eq!((count(Redeemed::Welcome), count(Redeemed::UsedUp)), (3, 17), "{results:?}");
    assert_eq!(db.store.invites().await.unwrap()[0].used, 3);
    let mut inside = 0;
    for user in 1..=20 {
        let person = db.store.person(UserId(user)).await.unwrap().unwrap();
        let let_in = person.admission == Admission::Granted;
        assert_eq!(
            (person.granted_days, person.granted_gb),
            if let_in { (Some(7), Some(50)) } else { (None, None) }
        );
        inside += usize::from(let_in);
    }
    assert_eq!(inside, 3, "who came too late is not let in");
}

#[rstest]
#[tokio::test]
async fn a_person_uses_an_invitation_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    invite(&db.store, "abcd2345", 10, None).await;
    db.store.saw_person(&seen(5, None), at(0)).await.unwrap();
    let mut taps = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = db.store.clone();
        taps.spawn(async move { store.redeem("abcd2345", UserId(5), at(1)).await.unwrap() });
    }
    let results = taps.join_all().await;
    assert_eq!(results.iter().filter(|result| **result == Redeemed::Welcome).count(), 1);
    assert_eq!(results.iter().filter(|result| **result == Redeemed::AlreadyIn).count(), 7);
    assert_eq!(db.store.invites().await.unwrap()[0].used, 1);
}

#[rstest]
#[tokio::test]
async fn an_invitation_that_is_over_lets_nobody_in(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let Some(db) = kind.fresh().await else { return };
    let store = &db.store;
    store.saw_person(&seen(5, None), at(0)).await.unwrap();
    invite(store, "ended234", 10, Some(100)).await;
    invite(store, "taken234", 10, None).await;
    let redeem = |code: &'static str, seconds| async move {
        store.redeem(code, UserId(5), at(seconds)).await.unwrap()
    };
    assert_eq!(redeem("ended234", 100).await, Redeemed::Expired);
    assert!(store.revoke_invite("taken234").await.unwrap());
    assert!(!store.revoke_invite("taken234").await.unwrap(), "taken back once");
    assert_eq!(redeem("taken234", 1).await, Redeemed::Expired);
    assert_eq!(redeem("nosuch23", 1).await, Redeemed::Unknown);
    assert_eq!(store.person(UserId(5)).await.unwrap().unwrap().admission, Admission::None);
    assert_eq!(redeem("ended234", 99).await, Redeemed::Welcome);
}
