//! A PostgreSQL to test on: the server of `TEST_DATABASE_URL`, or a private cluster from installed binaries.
//!
//! The private cluster listens on a Unix socket in its own directory only, so that no port is taken, and keeps nothing
//! safe (no fsync). PostgreSQL refuses to run as root, so root starts it as the user `postgres` (or `nobody`).
//!
//! Nothing stays behind, however the test process ends: a small shell keeps the cluster, reads from a pipe that only
//! this process holds open, and stops the server and removes the directory as soon as the pipe closes. A guard's `Drop`
//! would not do: statics are never dropped, and nothing is after a kill.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

use anyhow::{Context, anyhow, bail, ensure};

/// Names a server to test on, such as `postgres://user:password@127.0.0.1/postgres`; the user must be allowed to make
/// databases.
pub const SERVER_VARIABLE: &str = "TEST_DATABASE_URL";

/// Set to `1`, a missing PostgreSQL is a failure and not a reason to leave tests out.
pub const REQUIRE_VARIABLE: &str = "KARVAN_REQUIRE_POSTGRES";

/// Makes a cluster in a fresh directory, says `ready DIRECTORY`, and keeps it until standard input closes. A line there is
/// what `pg_ctl` is to do with it; then it says `done` (a restart of what does not run starts it as it was). `$1` is the
/// directory of the binaries. Enough connections for a machine's worth of tests, each with its own pool. SIGPIPE is
/// ignored, or saying `ready` to a process that was killed meanwhile would end the keeper before it has cleaned up.
const KEEPER: &str = r#"
set -u
trap '' PIPE
dir=$(mktemp -d /tmp/karvan-pg-XXXXXX) || exit 1
"$1/initdb" -D "$dir/data" -U postgres -A trust -N -E UTF8 --locale=C >"$dir/log" 2>&1 &&
"$1/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 -o "-F -c listen_addresses='' -c unix_socket_directories='$dir' \
 -c max_connections=400 -c synchronous_commit=off -c full_page_writes=off" start >/dev/null 2>&1 &&
echo "ready $dir" || { tail -n 5 "$dir/log" | tr '\n' ' '; echo; }
while read -r deed; do
    "$1/pg_ctl" -D "$dir/data" -l "$dir/log" -m fast -w -t 60 "$deed" >/dev/null 2>&1 && echo "done" || echo failed
done
"$1/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1
rm -rf "$dir"
"#;

/// Reads names of databases, one a line; drops them all when standard input closes. `$1` is psql, `$2` the server.
const SWEEPER: &str = r#"
names=""
while read -r name; do names="$names $name"; done
for name in $names; do "$1" -X -q -d "$2" -c "DROP DATABASE IF EXISTS $name WITH (FORCE)" >/dev/null 2>&1; done
"#;

/// A PostgreSQL server, shared by all tests of this process or one test's own.
#[derive(Debug)]
pub struct Cluster {
    psql: PathBuf,
    /// The server's address up to the name of a database, and what follows that name.
    address: (String, String),
    /// The database to be in while making others.
    maintenance: String,
    made: AtomicU32,
    /// Held open for as long as this process lives. An outside server's sweeper reads from it what to drop.
    lifeline: Mutex<ChildStdin>,
    /// What the keeper of a private cluster says.
    keeper: Option<Mutex<BufReader<ChildStdout>>>,
    outside: bool,
}

impl Cluster {
    /// The server of this process, started by the first call; `None` when there is no PostgreSQL, which is said on
    /// standard error once.
    ///
    /// # Panics
    /// There is no PostgreSQL although [`REQUIRE_VARIABLE`] demands it, or there is one that does not start.
    pub async fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Result<Option<Cluster>, String>> = OnceLock::new();
        // Starting blocks for a second or two: not on a thread that serves other tasks.
        let start = || SHARED.get_or_init(|| Self::start().map_err(|error| format!("{error:#}")));
        let cluster = tokio::task::spawn_blocking(start).await.expect("starting PostgreSQL never panics");
        match cluster {
            Ok(cluster) => cluster.as_ref(),
            Err(problem) => panic!("PostgreSQL does not start: {problem}"),
        }
    }

    /// A server that nobody else uses, to be stopped and started. `None`: no PostgreSQL is installed, which is said on standard
    /// error; a server from outside does not do.
    ///
    /// # Panics
    /// It does not start.
    pub async fn own() -> Option<&'static Self> {
        let Some(binaries) = binaries() else {
            eprintln!("no PostgreSQL is installed: what restarts one is left out");
            return None;
        };
        let started = tokio::task::spawn_blocking(move || Self::private(&binaries));
        let cluster = started.await.expect("starting PostgreSQL never panics").expect("PostgreSQL starts");
        // As long as the process, like the shared one: databases refer to it.
        Some(Box::leak(Box::new(cluster)))
    }

    /// Stops the server as an operator does: connections are ended, what was committed stays.
    ///
    /// # Errors
    /// It is not ours to stop, or does not.
    pub async fn stop(&'static self) -> anyhow::Result<()> {
        self.control("stop").await
    }

    /// Starts the server again; waits until it takes connections.
    ///
    /// # Errors
    /// It is not ours to start, or does not come back.
    pub async fn starts_again(&'static self) -> anyhow::Result<()> {
        self.control("restart").await
    }

    async fn control(&'static self, deed: &'static str) -> anyhow::Result<()> {
        tokio::task::spawn_blocking(move || {
            let keeper = self.keeper.as_ref().context("a server from outside is not ours to stop")?;
            let mut keeper = keeper.lock().expect("no holder of this lock can panic");
            writeln!(self.lifeline.lock().expect("no holder of this lock can panic"), "{deed}")?;
            let mut said = String::new();
            keeper.read_line(&mut said)?;
            ensure!(said.trim() == "done", "PostgreSQL does not {deed}: {}", said.trim());
            Ok(())
        })
        .await?
    }

    /// The address of a new, empty database on this server.
    ///
    /// # Errors
    /// The server does not make it.
    pub async fn database(&'static self) -> anyhow::Result<String> {
        tokio::task::spawn_blocking(|| self.make_database()).await?
    }

    fn make_database(&self) -> anyhow::Result<String> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let name = format!("karvan_test_{}_{number}", std::process::id());
        if self.outside {
            let mut sweeper = self.lifeline.lock().expect("no holder of this lock can panic");
            writeln!(sweeper, "{name}").context("the sweeper of databases is gone")?;
        }
        self.run(&format!("CREATE DATABASE {name}"))?;
        Ok(self.url(&name))
    }

    /// Runs one statement in the maintenance database; waits for the server if it is busy copying.
    fn run(&self, statement: &str) -> anyhow::Result<()> {
        let mut psql = Command::new(&self.psql);
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &self.url(&self.maintenance), "-c", statement]);
        let output = psql.stdin(Stdio::null()).output().context("psql cannot be run")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{statement}: {}", said.trim());
        Ok(())
    }

    fn url(&self, database: &str) -> String {
        format!("{}{database}{}", self.address.0, self.address.1)
    }

    fn start() -> anyhow::Result<Option<Self>> {
        let outside = std::env::var(SERVER_VARIABLE).ok().filter(|url| !url.is_empty());
        let binaries = binaries();
        match (outside, binaries) {
            (Some(url), _) => Self::outside(&url).map(Some),
            (None, Some(binaries)) => Self::private(&binaries).map(Some),
            (None, None) if std::env::var(REQUIRE_VARIABLE).is_ok_and(|value| value == "1") => {
                bail!("{REQUIRE_VARIABLE}=1, but no PostgreSQL is installed and {SERVER_VARIABLE} is not set")
            }
            (None, None) => {
                eprintln!(
                    "no PostgreSQL is installed and {SERVER_VARIABLE} is not set: its tests are left out"
                );
                Ok(None)
            }
        }
    }

    /// Uses a server that runs already; our databases on it are dropped when this process ends.
    fn outside(url: &str) -> anyhow::Result<Self> {
        let psql = find("psql").with_context(|| format!("{SERVER_VARIABLE} needs psql in PATH"))?;
        let (address, maintenance) = split(url)
            .ok_or_else(|| anyhow!("{SERVER_VARIABLE} is no postgres:// address with a database"))?;
        let mut sweeper = Command::new("sh");
        sweeper.args(["-c", SWEEPER, "sweeper"]).arg(&psql).arg(url);
        sweeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let lifeline = sweeper.spawn()?.stdin.take().context("the sweeper has no input")?;
        let cluster = Self {
            psql,
            address,
            maintenance,
            made: AtomicU32::new(0),
            lifeline: Mutex::new(lifeline),
            keeper: None,
            outside: true,
        };
        cluster.run("SELECT 1")?;
        Ok(cluster)
    }

    /// Makes a cluster of our own.
    fn private(binaries: &Path) -> anyhow::Result<Self> {
        let mut keeper = as_ordinary_user()?;
        keeper.args(["sh", "-c", KEEPER, "keeper"]).arg(binaries).current_dir("/");
        // Its own process group: an interrupt from the terminal must not end the keeper before it has cleaned up.
        keeper.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut keeper = keeper.spawn().context("no shell to keep the cluster")?;
        let lifeline = keeper.stdin.take().context("the keeper has no input")?;
        let mut said = String::new();
        let mut output = BufReader::new(keeper.stdout.take().context("the keeper has no output")?);
        output.read_line(&mut said)?;
        let directory = said.trim().strip_prefix("ready ").ok_or_else(|| anyhow!("{}", said.trim()))?;
        Ok(Self {
            psql: binaries.join("psql"),
            // Both libpq and sqlx take the socket's directory from `host` and leave the named host alone.
            address: ("postgres://postgres@localhost/".to_owned(), format!("?host={directory}")),
            maintenance: "postgres".to_owned(),
            made: AtomicU32::new(0),
            lifeline: Mutex::new(lifeline),
            keeper: Some(Mutex::new(output)),
            outside: false,
        })
    }
}

/// An address as what stands before and after the name of its database, and that name.
fn split(url: &str) -> Option<((String, String), String)> {
    let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"))?;
    let path = url.len() - rest.len() + rest.find('/')? + 1;
    let end = url.find('?').unwrap_or(url.len());
    let name = url.get(path..end).filter(|name| !name.is_empty())?;
    Some(((url[..path].to_owned(), url[end..].to_owned()), name.to_owned()))
}

/// A program of PATH, with links followed: Debian links only some of PostgreSQL's programs.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(program)).find(|file| file.is_file())
}

/// The directory that holds all of PostgreSQL's programs, the newest version first.
fn binaries() -> Option<PathBuf> {
    let linked = find("initdb").and_then(|initdb| initdb.canonicalize().ok());
    let linked = linked.and_then(|initdb| initdb.parent().map(Path::to_owned));
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_unstable_by_key(|(version, _)| std::cmp::Reverse(*version));
    let candidates = linked.into_iter().chain(versions.into_iter().map(|(_, directory)| directory));
    let whole = |directory: &PathBuf| {
        ["initdb", "pg_ctl", "postgres", "psql"].iter().all(|program| directory.join(program).is_file())
    };
    candidates.into_iter().find(whole)
}

/// A command that runs what follows as somebody PostgreSQL accepts: ourselves, or for root the user `postgres` or
/// `nobody`.
fn as_ordinary_user() -> anyhow::Result<Command> {
    let root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if !root {
        return Ok(Command::new("env"));
    }
    let known = std::fs::read_to_string("/etc/passwd").context("/etc/passwd cannot be read")?;
    let exists = |user: &&str| known.lines().any(|line| line.split(':').next() == Some(*user));
    let user = ["postgres", "nobody"].into_iter().find(exists).context("root needs the user `postgres`")?;
    if let Some(setpriv) = find("setpriv") {
        let group = if user == "nobody" { "nogroup" } else { user };
        let mut command = Command::new(setpriv);
        command.args([&format!("--reuid={user}"), &format!("--regid={group}"), "--init-groups", "--"]);
        Ok(command)
    } else {
        let mut command = Command::new("runuser");
        command.args(["-u", user, "--"]);
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_split_around_its_database() {
        let ((before, after), name) = split("postgres://u:p@127.0.0.1:5432/main?sslmode=disable").unwrap();
        assert_eq!((before.as_str(), name.as_str()), ("postgres://u:p@127.0.0.1:5432/", "main"));
        assert_eq!(after, "?sslmode=disable");
        assert!(split("postgres://localhost").is_none());
        assert!(split("postgres://localhost/").is_none());
        assert!(split("sqlite://karvan.db").is_none());
    }

    #[tokio::test]
    async fn databases_are_fresh_and_apart() {
        let Some(cluster) = Cluster::shared().await else { return };
        let (one, two) = (cluster.database().await.unwrap(), cluster.database().await.unwrap());
        assert_ne!(one, two);
        let query = |url: &str, statement: &str| {
            let mut psql = Command::new(&cluster.psql);
            psql.args(["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement])
                .output()
                .unwrap()
        };
        assert!(query(&one, "CREATE TABLE mine (id int)").status.success());
        assert!(query(&one, "SELECT * FROM mine").status.success());
        assert!(!query(&two, "SELECT * FROM mine").status.success());
    }
}
