//! Backups: made when they are due, kept so many, and given to the admins if they wish it. What comes after one was
//! restored is in [`recovery`].

pub mod recovery;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

use crate::domain::Timestamp;
use crate::domain::backup::{Schedule, file_name, superseded};
use crate::domain::incident::{Entry, Kind, Severity};
use crate::store::Store;
use crate::store::backup::BackupError;

use super::Core;
use super::incidents::{Incidents, Report};

/// A bot may send no larger file (Bot API, `sendDocument`).
pub const LARGEST_FILE: u64 = 50 * 1000 * 1000;
/// The setting that remembers the last one.
const LAST: &str = "backup-last";
/// What an incident about it is called.
const SUBJECT: &str = "backup";

/// When backups are made, where, and how many are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The folder. Without one none are made by themselves.
    pub folder: PathBuf,
    /// When.
    pub schedule: Schedule,
    /// How many are kept.
    pub keep: usize,
    /// Each is sent to the admins' chat.
    pub to_chat: bool,
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// When.
    pub at: Timestamp,
    /// The file.
    pub file: PathBuf,
    /// How large it is.
    pub bytes: u64,
    /// Rows in it.
    pub rows: u64,
}

/// Takes a file to the admins.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Sends a backup to every chat that alerts go to.
    ///
    /// # Errors
    /// Why nobody has it, for the log and the admins.
    async fn carry(&self, made: &Made) -> Result<(), String>;
}

/// Why a backup was not made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The folder or the file.
    #[error("cannot write {}", file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The database.
    #[error("the backup is not made")]
    Backup(#[from] BackupError),
}

/// Makes a backup of `store` in `file`, which must not be there yet. It is whole as soon as it has its name.
///
/// # Errors
/// See [`MakeError`]; then there is no file.
pub async fn make(store: &Store, file: &Path, now: Timestamp) -> Result<Made, MakeError> {
    let failed = |file: &Path| {
        let file = file.to_owned();
        move |source| MakeError::File { file, source }
    };
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    if file.exists() {
        return Err(failed(file)(io::ErrorKind::AlreadyExists.into()));
    }
    let out = create(&part).map_err(failed(&part))?;
    match write(store, out, now).await {
        Ok((rows, bytes)) => {
            fs::rename(&part, file).and_then(|()| settle(file)).map_err(failed(file))?;
            Ok(Made { at: now, file: file.to_owned(), bytes, rows })
        }
        Err(error) => {
            // Half a backup is of no use to anybody.
            drop(fs::remove_file(&part));
            Err(error.into())
        }
    }
}

async fn write(store: &Store, file: File, now: Timestamp) -> Result<(u64, u64), BackupError> {
    let mut chance = StdRng::from_rng(&mut rand::rng());
    let mut out = BufWriter::new(file);
    let contents = store.dump(&mut out, &mut chance, now).await?;
    out.flush()?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok((contents.rows, file.metadata()?.len()))
}

/// A new file that nobody else may read.
fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A name that was given outlasts a loss of power only once its folder is written.
fn settle(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Removes the oldest backups of a folder but for `keep`; their names.
///
/// # Errors
/// The folder.
pub fn prune(folder: &Path, keep: usize) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let names: Vec<String> =
        entries.iter().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let gone = superseded(&names, keep);
    for name in &gone {
        fs::remove_file(folder.join(name))?;
    }
    Ok(gone)
}

/// Makes backups when they are due. Cheap to clone.
#[derive(Clone)]
pub struct Backups {
    core: Core,
    plan: Arc<Plan>,
    carrier: Option<Arc<dyn Carrier>>,
}

impl Backups {
    /// Backups of `core`'s database by `plan`.
    #[must_use]
    pub fn new(core: Core, plan: Plan) -> Self {
        Self { core, plan: Arc::new(plan), carrier: None }
    }

    /// Each backup is given to `carrier` if the plan says so.
    #[must_use]
    pub fn carried_by(self, carrier: Arc<dyn Carrier>) -> Self {
        Self { carrier: Some(carrier), ..self }
    }

    /// Makes a backup if one is due. Only the process that plans for all does this.
    ///
    /// # Errors
    /// What kept it from being made, which the admins are told as well.
    pub async fn tick(&self) -> Result<Option<Made>, MakeError> {
        let now = self.core.clock.now();
        let last = self.last().await?.map(|made| made.at);
        let held = self.core.store.held().await.map_err(BackupError::from)?;
        if held || !self.plan.schedule.is_due(last, now, self.core.policy.care.zone) {
            return Ok(None);
        }
        match self.one(now).await {
            Ok(made) => {
                self.say(None).await?;
                if self.plan.to_chat {
                    self.hand_over(&made).await?;
                }
                Ok(Some(made))
            }
            Err(error) => {
                self.say(Some("backup")).await?;
                Err(error)
            }
        }
    }

    async fn one(&self, now: Timestamp) -> Result<Made, MakeError> {
        let folder = &self.plan.folder;
        let failed = |source| MakeError::File { file: folder.clone(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        let made = make(&self.core.store, &folder.join(file_name(now)), now).await?;
        let text = serde_json::to_string(&made).expect("a backup that was made is plain data");
        self.core.store.set_setting(LAST, &text).await.map_err(BackupError::from)?;
        let gone = prune(folder, self.plan.keep).map_err(failed)?;
        tracing::info!(bytes = made.bytes, rows = made.rows, removed = gone.len(), "a backup was made");
        Ok(made)
    }

    async fn hand_over(&self, made: &Made) -> Result<(), MakeError> {
        let Some(carrier) = &self.carrier else { return Ok(()) };
        let carried = if made.bytes > LARGEST_FILE {
            Err("too large for Telegram".to_owned())
        } else {
            carrier.carry(made).await
        };
        if let Err(problem) = carried {
            tracing::warn!("the backup stays in its folder: {problem}");
            self.say(Some("backup-not-sent")).await?;
        }
        Ok(())
    }

    /// Tells the admins that a part of it fails, or that nothing does any more.
    async fn say(&self, problem: Option<&str>) -> Result<(), MakeError> {
        let incidents = Incidents::new(self.core.clone());
        let told = match problem {
            None => incidents.close(Kind::System, SUBJECT, Entry::Over).await.map(drop),
            Some(problem) => {
                let report = Report {
                    kind: Kind::System,
                    subject: SUBJECT.to_owned(),
                    instance: None,
                    severity: Severity::Warning,
                    affected: None,
                    entry: Entry::SystemTrouble { problem: problem.to_owned() },
                };
                incidents.report(&report).await.map(drop)
            }
        };
        Ok(told.map_err(BackupError::from)?)
    }

    /// The last one that was made by itself.
    ///
    /// # Errors
    /// The database.
    pub async fn last(&self) -> Result<Option<Made>, BackupError> {
        let text = self.core.store.setting(LAST).await?;
        // What cannot be read is as good as none: the next one is due.
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }
}
