//! Backups on their way to the admins, and the word that lets everything go on after one was restored.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use karvan::domain::UserId;
use karvan::domain::backup::Schedule;
use karvan::service::backup::recovery::Recovery;
use karvan::service::backup::{Backups, Plan};
use karvan::store::backup::BackupError;
use karvan::store::{SecretKey, Secrets, Store};
use karvan::telegram::backup::Parcels;
use sim::telegram::Group;

use crate::world::{Start, World, plain, reads};

fn backups(world: &World, folder: &Path) -> Backups {
    let plan = Plan { folder: folder.to_owned(), schedule: Schedule::At(11 * 60), keep: 2, to_chat: true };
    Backups::new(world.core.clone(), plan).carried_by(Arc::new(Parcels::new(world.desk())))
}

/// A database without any table.
async fn blank(folder: &Path, secrets: Secrets) -> Store {
    let url = format!("sqlite://{}?mode=rwc", folder.join("other.db").display());
    Store::open(&url, secrets).await.unwrap()
}

#[tokio::test]
async fn the_admins_get_a_file_that_opens_with_the_key_and_nothing_else() {
    let world = World::open().await;
    let (boss, alice) = (world.admin().await, world.alice());
    world.first_key(&alice).await;
    world.rests().await;
    let folder = tempfile::tempdir().unwrap();
    let made = backups(&world, folder.path()).tick().await.unwrap().expect("one is due");
    let parcel = boss.expect("Backup of").await;
    assert!(parcel.text.starts_with("💾 Backup of 21 Nov 2026, 12:00"), "{}", parcel.text);
    assert!(parcel.text.contains("SECRET_KEY"), "{}", parcel.text);
    let sent = parcel.picture.expect("a file");
    assert_eq!(Some(sent.name.as_str()), made.file.file_name().and_then(|name| name.to_str()));
    let file = world.telegram.file(&sent.file).unwrap();
    assert!(file == std::fs::read(&made.file).unwrap(), "the file as it is in the folder");

    // Telegram learns nothing from it.
    let store = &world.core.store;
    let key = store.keys_of(UserId(alice.id())).await.unwrap()[0];
    let secrets = store.credentials(key).await.unwrap().unwrap();
    for word in [secrets.uuid.to_string().as_str(), "Alice", "admin-password", "assignments"] {
        assert!(!file.windows(word.len()).any(|some| some == word.as_bytes()), "{word}");
    }
    let foreign = Secrets::new(SecretKey::generate(&mut rand::rng()), Vec::new());
    let stranger = blank(tempfile::tempdir().unwrap().path(), foreign).await;
    let refused = stranger.verify_backup(file.as_slice());
    assert!(matches!(refused, Err(BackupError::WrongKey { .. })), "{refused:?}");
    let ours = blank(folder.path(), Secrets::new(world.key.clone(), Vec::new())).await;
    ours.restore(file.as_slice(), false, world.core.clock.now()).await.unwrap();
    assert_eq!(ours.credentials(key).await.unwrap().unwrap(), secrets);
}

#[tokio::test]
async fn a_chat_for_alerts_gets_it_instead_of_each_admin() {
    let world = World::with(Start { alert_chat: Some(-100_500), ..Start::default() }).await;
    let group = world.telegram.group(Group { id: -100_500, title: "Alerts".to_owned(), ..Group::default() });
    let boss = world.admin().await;
    let folder = tempfile::tempdir().unwrap();
    backups(&world, folder.path()).tick().await.unwrap().expect("one is due");
    assert!(group.transcript().contains("Backup of"), "{}", group.transcript());
    world.rests().await;
    assert!(!boss.transcript().contains("Backup of"));
}

#[tokio::test]
async fn after_a_restore_nothing_acts_until_an_admin_says_so_in_the_chat() {
    let mut world = World::open().await;
    let (boss, alice) = (world.admin().await, world.alice());
    world.first_key(&alice).await;
    world.rests().await;
    let folder = tempfile::tempdir().unwrap();
    let made = backups(&world, folder.path()).tick().await.unwrap().expect("one is due");
    // Bob's key is newer than the backup.
    let bob = world.person(1002, "Bob", "en");
    world.first_key(&bob).await;
    world.rests().await;
    assert_eq!(world.accounts(), 2);

    world.stops().await;
    let file = std::fs::read(&made.file).unwrap();
    world.passes(Duration::from_secs(60));
    // As the command does, beside the program.
    let command = Store::open(&world.url, Secrets::new(world.key.clone(), Vec::new())).await.unwrap();
    command.restore(file.as_slice(), true, world.core.clock.now()).await.unwrap();
    command.close().await.unwrap();
    Recovery::new(world.core.clone()).tell().await.unwrap();
    world.starts();
    boss.expect("Everything is held").await;
    let carol = world.person(1003, "Carol", "en");
    carol.send("/start").await;
    carol.expect_button("⚡").await;
    carol.click("⚡").await;
    carol.expect("takes").await;

    let mark = boss.mark();
    boss.click("What would happen?").await;
    boss.expect_since(mark, "If everything went on").await;
    world.telegram.quiet().await;
    insta::assert_snapshot!(plain(&boss.last_message().unwrap().text), @"
    ✋ Everything is held since 21 Nov 2026, 12:01

    The backup is of 21 Nov 2026, 12:00. If everything went on:

    ▫️ keys made or made again: 1
    ▫️ accounts deleted from panels, if still there: 0
    ✉️ messages that waited in the backup: 1
    📥 requests of people that waited in it: 0

    ▫️ de1: 0 of 1 accounts missing, 0 newer than the backup
    ▫️ nl1: 0 of 0 accounts missing, 1 newer than the backup

    Accounts that are newer than the backup are left alone. Messages and requests that waited were most likely sent and handled since: without need, go on without them.
    ");
    assert_eq!(world.accounts(), 2, "no account was made or deleted");
    // Nobody else is asked.
    alice.send("/restore").await;
    alice.press_data("A:hr:0:0").await;
    world.telegram.quiet().await;
    assert!(!alice.transcript().contains("held"), "{}", alice.transcript());

    boss.tap("Go on");
    boss.tap("Go on");
    boss.expect("Everything goes on").await;
    carol.expect_button("Android").await;
    world.settles().await;
    world.rests().await;
    assert_eq!(world.accounts(), 3, "Carol's is made, Bob's is left alone");
    insta::assert_snapshot!(reads(&carol), @r"
    Carol: /start
    Karvan: 🎉 Your key is ready!
      🌍 🇳🇱 Netherlands

      Which device is it for?
      [🤖 Android] [🍏 iPhone, iPad]
      [🪟 Windows] [💻 Mac] [🐧 Linux]
      [🔑 My key]
    ");
    boss.send("/restore").await;
    boss.expect("Nothing is held").await;
}
