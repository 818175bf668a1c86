//! Backups that are made by themselves: when they are due, so many kept, given to the admins.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use karvan::domain::backup::Schedule;
use karvan::service::backup::{self, Backups, Carrier, Made, Plan};
use karvan::service::incidents::Incidents;
use karvan::store::backup::HOLD;

use crate::db::Kind;
use crate::memory::World;
use crate::{verify, world};

const HOUR: Duration = Duration::from_secs(3600);

/// Takes what it is given, or does not.
#[derive(Default)]
struct Mailbox {
    full: bool,
    given: Mutex<Vec<Made>>,
}

#[async_trait]
impl Carrier for Mailbox {
    async fn carry(&self, made: &Made) -> Result<(), String> {
        if self.full {
            return Err("the box is full".to_owned());
        }
        self.given.lock().unwrap().push(made.clone());
        Ok(())
    }
}

fn plan(folder: &Path) -> Plan {
    Plan { folder: folder.to_owned(), schedule: Schedule::At(13 * 60), keep: 2, to_chat: false }
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

async fn trouble(world: &World) -> Vec<String> {
    let open = Incidents::new(world.core.clone()).open().await.unwrap();
    open.iter().map(|incident| format!("{:?}", incident.timeline.last().unwrap())).collect()
}

#[tokio::test]
async fn a_backup_a_day_and_so_many_kept() {
    let (db, world) = world(Kind::Sqlite).await.unwrap();
    world.key().await;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("not/yet/there");
    let backups = Backups::new(world.core.clone(), plan(&place));
    let first = backups.tick().await.unwrap().expect("the first one is made at once");
    assert_eq!(backups.last().await.unwrap(), Some(first.clone()));
    assert_eq!(backups.tick().await.unwrap(), None, "one is enough");
    std::fs::write(place.join("notes.txt"), "not ours").unwrap();
    // One o'clock is an hour away.
    let mut made = Vec::new();
    for _ in 0..60 {
        world.clock.advance(HOUR);
        made.extend(backups.tick().await.unwrap());
    }
    assert_eq!(made.len(), 3, "at one o'clock each day: {made:?}");
    let left = files(&place);
    assert_eq!(left, ["karvan-20261122T130000Z.backup", "karvan-20261123T130000Z.backup", "notes.txt"]);
    let newest = std::fs::read(place.join(&left[1])).unwrap();
    assert!(verify(&db.store, &newest).unwrap().rows > 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(place.join(&left[1])).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "nobody else may read it");
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told_until_it_can() {
    let (_db, world) = world(Kind::Sqlite).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("here");
    std::fs::write(&place, "a file stands in the way").unwrap();
    let backups = Backups::new(world.core.clone(), plan(&place));
    backups.tick().await.unwrap_err();
    backups.tick().await.unwrap_err();
    let told = trouble(&world).await;
    assert!(told.len() == 1 && told[0].contains("backup"), "{told:?}");
    std::fs::remove_file(&place).unwrap();
    assert!(backups.tick().await.unwrap().is_some());
    assert!(trouble(&world).await.is_empty());
    assert_eq!(files(&place).len(), 1, "nothing half stays behind");
}

#[tokio::test]
async fn each_is_given_to_the_admins_if_they_wish_it() {
    let (_db, world) = world(Kind::Sqlite).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let wished = Plan { to_chat: true, ..plan(folder.path()) };
    let mailbox = Arc::new(Mailbox::default());
    let backups = Backups::new(world.core.clone(), wished.clone()).carried_by(mailbox.clone());
    let made = backups.tick().await.unwrap().unwrap();
    assert_eq!(*mailbox.given.lock().unwrap(), [made]);
    assert!(trouble(&world).await.is_empty());

    let full = Arc::new(Mailbox { full: true, ..Mailbox::default() });
    world.clock.advance(24 * HOUR);
    let backups = Backups::new(world.core.clone(), wished).carried_by(full);
    assert!(backups.tick().await.unwrap().is_some(), "it is made all the same");
    let told = trouble(&world).await;
    assert!(told.len() == 1 && told[0].contains("backup-not-sent"), "{told:?}");
}

#[tokio::test]
async fn none_is_made_of_what_nobody_has_looked_at() {
    let (_db, world) = world(Kind::Sqlite).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let backups = Backups::new(world.core.clone(), plan(folder.path()));
    world.core.store.raise_flag(HOLD, serde_json::json!({}), crate::db::at(0)).await.unwrap();
    assert_eq!(backups.tick().await.unwrap(), None);
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn a_file_that_is_there_is_not_written_over() {
    let (db, _world) = world(Kind::Sqlite).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.backup");
    std::fs::write(&file, "precious").unwrap();
    assert!(backup::make(&db.store, &file, crate::db::at(0)).await.is_err());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
}
