//! The binary as an operator meets it.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};

use sim::marzban::{Fault, Marzban, Options};
use sim::telegram::{Person, Telegram};

const PASSWORD: &str = "admin-password";
const TOKEN: &str = "123456789:AAExampleExampleExampleExampleExampl";

struct Desk {
    folder: tempfile::TempDir,
    key: String,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = String::from_utf8(karvan().args(["key", "new"]).output().unwrap().stdout).unwrap();
        Self { folder, key: key.trim().to_owned() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = karvan();
        command.args(arguments).current_dir(self.folder.path()).env("SECRET_KEY", &self.key);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    /// With a line on standard input.
    fn told(&self, arguments: &[&str], line: &str) -> Output {
        let mut command = self.command(arguments);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        // A command that refuses before it reads has closed the pipe, which is fine.
        drop(writeln!(child.stdin.take().unwrap(), "{line}"));
        child.wait_with_output().unwrap()
    }
}

fn karvan() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_karvan"));
    command.env_clear();
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// An account that somebody else made on a panel.
async fn add_user(panel: &Marzban, name: &str, uuid: &str) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let login = [("username", "admin"), ("password", PASSWORD)];
    let token = client.post(format!("{}/api/admin/token", panel.url())).form(&login).send().await.unwrap();
    let token: serde_json::Value = token.json().await.unwrap();
    let user =
        serde_json::json!({ "username": name, "proxies": { "vless": { "id": uuid } }, "inbounds": {} });
    let made = client
        .post(format!("{}/api/user", panel.url()))
        .bearer_auth(token["access_token"].as_str().unwrap())
        .json(&user)
        .send()
        .await
        .unwrap();
    assert!(made.status().is_success(), "{:?}", made.text().await);
}

#[test]
fn missing_settings_are_told_together() {
    let folder = tempfile::tempdir().unwrap();
    let output = karvan()
        .current_dir(folder.path())
        .env("TELOXIDE_TOKEN", "hush-hush")
        .env("LINGER", "soon")
        .output()
        .unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for part in ["TELOXIDE_TOKEN: expected", "SECRET_KEY is missing", "LINGER: expected", ".env.example"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!said.contains("hush"), "{said}");
}

#[test]
fn a_line_of_the_file_that_cannot_be_read_is_a_mistake() {
    let desk = Desk::new();
    std::fs::write(desk.folder.path().join(".env"), "ADMIN_IDS=1, 2\nDATABASE_URL=hush hush\n").unwrap();
    let output = desk.run(&["migrate", "status"]);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("line 1") && said.contains("ADMIN_IDS='…'"), "{said}");
    assert!(said.contains("line 2") && !said.contains("hush"), "{said}");
}

#[test]
fn an_address_of_the_database_that_cannot_be_used_is_not_repeated() {
    let desk = Desk::new();
    for address in ["postgres://root:hunter2@:5x/y", "postgres://root:hunter2@127.0.0.1/y?sslmode=odd"] {
        let output = desk.command(&["instance", "list"]).env("DATABASE_URL", address).output().unwrap();
        let said = text(&output);
        assert!(!output.status.success() && said.contains("DATABASE_URL"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    let lost = desk
        .command(&["instance", "list"])
        .env("DATABASE_URL", "sqlite://no/such/folder/karvan.db?mode=rwc")
        .output()
        .unwrap();
    assert!(text(&lost).contains("no/such/folder/karvan.db; check DATABASE_URL"), "{}", text(&lost));
    assert_eq!(text(&lost).matches("unable to open").count(), 1, "said once: {}", text(&lost));
}

#[test]
fn the_schema_goes_up_and_down() {
    let desk = Desk::new();
    assert!(text(&desk.run(&["migrate", "status"])).contains("pending"));
    assert!(!text(&desk.run(&["migrate", "up"])).contains("pending"));
    assert!(text(&desk.run(&["migrate", "down", "1"])).contains("pending"));
    assert!(!text(&desk.run(&["migrate", "up"])).contains("pending"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panel_is_added_tested_changed_and_removed() {
    let panel = Marzban::start(Options::default()).await.unwrap();
    let desk = Desk::new();
    let url = panel.url();
    let wrong = desk.told(&["instance", "add", &url, "--region", "de"], "no-such-password");
    assert!(!wrong.status.success());
    assert!(text(&wrong).contains("refuses the login"), "{}", text(&wrong));
    let added = desk.told(&["instance", "add", &url, "--region", "de", "--name", "Frankfurt"], PASSWORD);
    assert!(added.status.success(), "{}", text(&added));
    assert!(text(&added).contains("Saved as de001"), "{}", text(&added));
    let twice = desk.told(&["instance", "add", &url, "--region", "de"], PASSWORD);
    assert!(text(&twice).contains("already, as de001"), "{}", text(&twice));
    let tested = desk.run(&["instance", "test", "de001"]);
    assert!(text(&tested).contains("Version 0.8.4"), "{}", text(&tested));
    let edited = desk.run(&["instance", "edit", "de001", "--max-users", "77", "--name", "Main"]);
    assert!(text(&edited).contains("Main") && text(&edited).contains("of 77"), "{}", text(&edited));
    panel.set_fault(Fault::Refuse);
    let dead = desk.run(&["instance", "test", "de001"]);
    assert!(!dead.status.success() && text(&dead).contains("nobody listens there"), "{}", text(&dead));
    let moved = desk.run(&["instance", "edit", "de001", "--proxy", "direct"]);
    assert!(moved.status.success(), "{}", text(&moved));
    assert!(text(&moved).contains("cannot be used now: nobody listens"), "{}", text(&moved));
    panel.heal();
    let login = desk.told(&["instance", "edit", "de001", "--username", "admin"], PASSWORD);
    assert!(text(&login).contains("Version 0.8.4"), "{}", text(&login));
    let unknown = text(&desk.run(&["instance", "remove", "de009"]));
    assert!(unknown.contains("no instance de009") && !unknown.contains("stays"), "{unknown}");
    assert!(desk.run(&["instance", "remove", "de001"]).status.success());
    assert!(text(&desk.run(&["instance", "list"])).contains("No panels yet"));
    for output in [wrong, added, twice, tested, edited, dead] {
        assert!(!text(&output).contains("password\""), "{}", text(&output));
        assert!(!text(&output).contains(PASSWORD) && !text(&output).contains("no-such-password"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_secret_key_is_told_plainly() {
    let panel = Marzban::start(Options::default()).await.unwrap();
    let mut desk = Desk::new();
    assert!(desk.told(&["instance", "add", &panel.url(), "--region", "nl"], PASSWORD).status.success());
    desk.key = Desk::new().key;
    let refused = desk.run(&["instance", "list"]);
    assert!(!refused.status.success());
    assert!(text(&refused).contains("SECRET_KEY does not open this database"), "{}", text(&refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_file_is_taken_once() {
    let panel = Marzban::start(Options::default()).await.unwrap();
    let desk = Desk::new();
    let file = desk.folder.path().join("fleet.yaml");
    let fleet = |cap: &str| {
        format!(
            "instances:\n  - id: fi001\n    name: Helsinki\n    base_url: {}\n    username: admin\n    \
             password_env: FI001_PASSWORD\n    region: fi\n    max_users: {cap}\n",
            panel.url()
        )
    };
    std::fs::write(&file, fleet("10")).unwrap();
    let import = |more: &[&str]| {
        let arguments = [&["import", "fleet.yaml"], more].concat();
        let output = desk.command(&arguments).env("FI001_PASSWORD", PASSWORD).output().unwrap();
        assert!(output.status.success(), "{}", text(&output));
        text(&output)
    };
    assert!(import(&["--dry-run"]).contains("fi001: would be added"));
    assert!(text(&desk.run(&["instance", "list"])).contains("No panels yet"));
    assert!(import(&[]).contains("fi001: is added"));
    assert!(import(&[]).contains("fi001: unchanged"));
    std::fs::write(&file, fleet("20")).unwrap();
    assert!(import(&["--dry-run"]).contains("would change cap"));
    assert!(import(&[]).contains("changes cap"));
    // A password that was changed on the panel reaches the database.
    let changed = desk.command(&["import", "fleet.yaml"]).env("FI001_PASSWORD", "another").output().unwrap();
    assert!(text(&changed).contains("fi001: changes login"), "{}", text(&changed));
    assert!(text(&desk.run(&["instance", "test", "fi001"])).contains("refuses the login"));
    std::fs::write(desk.folder.path().join(".env"), format!("FI001_PASSWORD={PASSWORD}\n")).unwrap();
    assert!(text(&desk.run(&["import", "fleet.yaml"])).contains("changes login"), "from .env as well");
    assert!(text(&desk.run(&["instance", "test", "fi001"])).contains("Version 0.8.4"));
    // One panel under two names is refused before anything is changed.
    let twice = fleet("30").replace("id: fi001", "id: fi002") + &fleet("40").replace("instances:\n", "");
    std::fs::write(&file, twice).unwrap();
    let refused = desk.run(&["import", "fleet.yaml"]);
    assert!(text(&refused).contains("this base_url stands twice"), "{}", text(&refused));
    std::fs::write(&file, fleet("30").replace("id: fi001", "id: fi002")).unwrap();
    let refused = desk.run(&["import", "fleet.yaml", "--dry-run"]);
    assert!(text(&refused).contains("in the fleet already, as fi001"), "{}", text(&refused));
    std::fs::remove_file(desk.folder.path().join(".env")).unwrap();
    let missing = desk.run(&["import", "fleet.yaml"]);
    assert!(text(&missing).contains("the variable FI001_PASSWORD is not set"), "{}", text(&missing));
    std::fs::write(&file, "instances:\n  - id: 1\n  - id: de1\n    region: germany\n").unwrap();
    let mistakes = text(&desk.run(&["import", "fleet.yaml"]));
    assert!(mistakes.contains("instance 1:") && mistakes.contains("instance 2:"), "{mistakes}");
}

/// An older system's dump, its SQLite file, and what a person sees of both; the panel's password nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn the_tables_of_an_older_system_are_taken_in() {
    const BOBS: &str = "b831381d-6324-4d53-ad4f-8cda48b30811";
    let panel = Marzban::start(Options::default()).await.unwrap();
    add_user(&panel, "bob_old", BOBS).await;
    let desk = Desk::new();
    let tables = format!(
        "CREATE TABLE marzban_instances (id TEXT, name TEXT, base_url TEXT, username TEXT, password TEXT);\n\
         INSERT INTO marzban_instances VALUES('s001','Frankfurt','{}/','admin','{PASSWORD}');\n\
         CREATE TABLE configs (id INTEGER, tg_id INTEGER, server_id TEXT, username TEXT);\n\
         INSERT INTO configs VALUES(1,123456789,'s001','bob_old');\n\
         INSERT INTO configs VALUES(2,123456789,'s001','gone');\n",
        panel.url()
    );
    std::fs::write(desk.folder.path().join("old.sql"), &tables).unwrap();
    let old = sea_orm::Database::connect(format!(
        "sqlite://{}?mode=rwc",
        desk.folder.path().join("old.db").display()
    ));
    let old = old.await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&old, &tables).await.unwrap();
    old.close().await.unwrap();
    let said = |arguments: &[&str]| {
        let said = text(&desk.run(&[&["import"], arguments].concat()));
        assert!(!said.contains(PASSWORD) && !said.contains(BOBS), "{said}");
        said
    };
    assert!(said(&["old.sql"]).contains("marzban_instances s001: no country"), "nobody says where it is");
    let preview = said(&["old.sql", "--region", "de", "--dry-run"]);
    for part in
        ["s001 (Frankfurt), marzban_instances s001: would be added", "bob_old (123456789)", "Nothing is done"]
    {
        assert!(preview.contains(part), "{part} in {preview}");
    }
    assert!(preview.contains("configs 2: no such account on s001; make it there"), "{preview}");
    assert!(text(&desk.run(&["instance", "list"])).contains("No panels yet"));
    panel.clear_requests();
    let done = said(&["old.sql", "--region", "de"]);
    assert!(done.contains("Taken in: 1 panels, 0 people who are new to the bot, 1 keys"), "{done}");
    for again in ["old.sql", "old.db", "sqlite://old.db"] {
        let done = said(&[again, "--region", "de"]);
        assert!(
            done.contains("is in the fleet already") && done.contains("Taken in: 0 panels"),
            "{again}: {done}"
        );
        assert!(
            done.contains("0 keys") && done.contains("1 accounts are their owner's keys already"),
            "{done}"
        );
    }
    assert!(text(&desk.run(&["instance", "list"])).contains("s001"));
    let writes: Vec<_> = panel
        .requests()
        .into_iter()
        .filter(|asked| asked.method != "GET" && asked.path != "/api/admin/token")
        .collect();
    assert!(writes.is_empty(), "nothing on the panel changes: {writes:?}");

    std::fs::write(desk.folder.path().join("cut.sql"), &tables[..tables.len() - 10]).unwrap();
    assert!(said(&["cut.sql"]).contains("the dump ends in the middle"));
    std::fs::write(desk.folder.path().join("archive"), b"PGDMP\x01").unwrap();
    assert!(said(&["archive"]).contains("pg_restore -f dump.sql archive"));
    std::fs::write(desk.folder.path().join("other.sql"), "CREATE TABLE payments (id INT);\n").unwrap();
    assert!(said(&["other.sql"]).contains("none of the tables is there"));
    assert!(said(&["nowhere.sql"]).contains("cannot read nowhere.sql"));
}

#[test]
fn a_second_bot_on_one_file_is_refused_and_a_stop_is_orderly() {
    let desk = Desk::new();
    let bot = || {
        let mut command = desk.command(&["run"]);
        command
            .env("TELOXIDE_TOKEN", TOKEN)
            .env("TELOXIDE_API_URL", "http://127.0.0.1:9")
            .env("ADMIN_IDS", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    };
    let mut first = bot().spawn().unwrap();
    let mut log = BufReader::new(first.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(log.any(|line| line.contains("Karvan runs")), "the bot never started");
    // Nobody may wait for the log to be read.
    let rest = std::thread::spawn(move || log.count());
    let second = bot().output().unwrap();
    assert!(!second.status.success());
    assert!(text(&second).contains("another karvan runs with this database"), "{}", text(&second));
    let taken_away = desk.run(&["migrate", "down", "1"]);
    assert!(text(&taken_away).contains("another karvan runs"), "{}", text(&taken_away));
    assert!(!text(&desk.run(&["migrate", "status"])).contains("pending"));
    // SIGTERM, as a supervisor sends it; Telegram cannot be reached all the while.
    let stopped = Command::new("kill").arg(first.id().to_string()).status().unwrap();
    assert!(stopped.success());
    assert!(first.wait().unwrap().success(), "an orderly stop is no failure");
    rest.join().unwrap();
}

#[test]
fn a_stop_in_the_middle_of_the_start_is_orderly() {
    let desk = Desk::new();
    // Takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("postgres://karvan:hunter2@{}/karvan", silent.local_addr().unwrap());
    let mut bot = desk
        .command(&["run"])
        .env("TELOXIDE_TOKEN", TOKEN)
        .env("DATABASE_URL", address)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _connection = silent.accept().unwrap();
    assert!(Command::new("kill").arg(bot.id().to_string()).status().unwrap().success());
    // Left alone it would give up on the database, and that is a failure.
    assert!(bot.wait().unwrap().success(), "a stop that was asked for is no failure");
}

#[test]
fn the_doctor_says_what_to_do_and_changes_nothing() {
    let desk = Desk::new();
    let look = || {
        let mut command = desk.command(&["doctor"]);
        command.env("TELOXIDE_TOKEN", TOKEN).env("TELOXIDE_API_URL", "http://127.0.0.1:9");
        command.env("REFERENCE_PROBES", "http://127.0.0.1:9/");
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        text(&output)
    };
    let said = look();
    for part in ["TELOXIDE_PROXY", "ADMIN_IDS is empty", "does not exist yet", "Anchors: only 0 of 1 answer"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(!desk.folder.path().join("karvan.db").exists(), "looking makes no database");
    desk.run(&["migrate", "up"]);
    desk.run(&["migrate", "down", "1"]);
    let said = look();
    assert!(said.contains(": 1 of ") && said.contains("steps of the schema are not taken"), "{said}");
    assert!(text(&desk.run(&["migrate", "status"])).contains("pending"), "looking takes no step");
    desk.run(&["migrate", "up"]);
    let said = look();
    assert!(said.contains("SECRET_KEY opens it") && said.contains("/addnode"), "{said}");
    // Without a token the rest is looked at all the same.
    let said =
        text(&desk.command(&["doctor"]).env("REFERENCE_PROBES", "http://127.0.0.1:9/").output().unwrap());
    assert!(said.contains("TELOXIDE_TOKEN is missing") && said.contains("SECRET_KEY opens it"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_knows_whom_the_bot_can_write_to() {
    let telegram = Telegram::start(sim::telegram::Options::default()).await.unwrap();
    let panel = Marzban::start(Options::default()).await.unwrap();
    let desk = Desk::new();
    assert!(desk.told(&["instance", "add", &panel.url(), "--region", "nl"], PASSWORD).status.success());
    telegram.person(Person::new(900, "Olga")).send("/start").await;
    let look = |admins: &str, token: &str| {
        let mut command = desk.command(&["doctor"]);
        command.env("TELOXIDE_TOKEN", token).env("TELOXIDE_API_URL", telegram.url());
        command.env("REFERENCE_PROBES", telegram.url());
        let output = command.env("ADMIN_IDS", admins).output().unwrap();
        (output.status.code(), text(&output))
    };
    let (code, said) = look("900", &telegram.token());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("admin 900 can be written to") && said.contains("All is well."), "{said}");
    let (code, said) = look("900,901", &telegram.token());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("admin 901 cannot be written to"), "{said}");
    let (_, said) = look("900", TOKEN);
    assert!(said.contains("does not know this TELOXIDE_TOKEN") && !said.contains(TOKEN), "{said}");
    let hook = format!("{}/bot{}/setWebhook", telegram.url(), telegram.token());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = serde_json::json!({ "url": "https://example.com/hook" });
    assert!(client.post(hook).json(&body).send().await.unwrap().status().is_success());
    let (code, said) = look("900", &telegram.token());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("a webhook takes the bot's updates"), "{said}");
    // Where one is wished for, it is as it should be.
    let mut wished = desk.command(&["doctor"]);
    wished.env("TELOXIDE_TOKEN", telegram.token()).env("TELOXIDE_API_URL", telegram.url());
    wished.env("REFERENCE_PROBES", telegram.url()).env("ADMIN_IDS", "900");
    let output = wished.env("WEBHOOK_URL", "https://example.com/hook").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("as WEBHOOK_URL says"), "{}", text(&output));
    telegram.stop();
}

/// A web server that is none of ours, on a free port; it ends with the test.
fn foreign_site() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut line = String::new();
            drop(BufReader::new(client.try_clone().unwrap()).read_line(&mut line));
            drop(
                client.write_all(
                    b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\nConnection: close\r\n\r\nnginx",
                ),
            );
        }
    });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_sees_our_addresses_from_outside() {
    let tls = sim::marzban::Tls::self_signed_for(&["127.0.0.1"]).unwrap();
    let untrusted = Marzban::start(Options { tls: Some(tls), ..Options::default() }).await.unwrap();
    let desk = Desk::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = free.local_addr().unwrap().to_string();
    drop(free);
    let command = |arguments: &[&str]| {
        let mut command = desk.command(arguments);
        command
            .env("TELOXIDE_TOKEN", TOKEN)
            .env("TELOXIDE_API_URL", "http://127.0.0.1:9")
            .env("REFERENCE_PROBES", "http://127.0.0.1:9/")
            .env("ADMIN_IDS", "1")
            .env("LISTEN_ADDR", &listen)
            .env("SERVICE_ADDR", "off")
            .env("PUBLIC_URL", format!("http://{listen}"));
        command
    };
    let ours = format!("http://{listen} is answered by this service");
    let said = text(&command(&["doctor"]).output().unwrap());
    assert!(said.contains("nobody listens there. Start `karvan run`") && !said.contains(&ours), "{said}");

    let mut bot = command(&["run"]).stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(bot.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(log.any(|line| line.contains("Karvan runs")), "the bot never started");
    let rest = std::thread::spawn(move || log.count());
    let said = text(&command(&["doctor"]).output().unwrap());
    assert!(said.contains(&ours) && said.contains("is the only address"), "{said}");
    assert!(said.contains("is not encrypted"), "{said}");
    let foreign = foreign_site();
    let more = format!("{foreign},{}", untrusted.url());
    let output = command(&["doctor"]).env("PUBLIC_URLS", more).output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&ours) && !said.contains("is the only address"), "{said}");
    assert!(said.contains(&format!("{foreign}: a web server answers with a page of its own")), "{said}");
    assert!(said.contains(&format!("{}: its certificate is not trusted", untrusted.url())), "{said}");
    // A vantage needs neither key nor database.
    let token = String::from_utf8(command(&["probe", "token", "ir-1"]).output().unwrap().stdout).unwrap();
    let look = |token: &str| {
        let mut probe = karvan();
        probe
            .args(["probe", "--once"])
            .env("PUBLIC_URL", format!("http://{listen}"))
            .env("PROBE_TOKEN", token);
        let output = probe.current_dir(desk.folder.path().join("there")).output().unwrap();
        (output.status.success(), text(&output))
    };
    std::fs::create_dir(desk.folder.path().join("there")).unwrap();
    let doctor = || text(&command(&["doctor"]).output().unwrap());
    assert!(doctor().contains("ir-1 has never reported"), "{}", doctor());
    let (done, said) = look(token.trim());
    assert!(done && said.contains("0 addresses reported."), "nobody has a key yet: {said}");
    assert!(text(&command(&["probe", "list"]).output().unwrap()).contains("ir-1: reported "));
    let said = doctor();
    assert!(said.contains("ir-1 reports") && said.contains("one alone proves nothing"), "{said}");
    let (done, said) = look(&"A".repeat(43));
    assert!(!done && said.contains("does not know this token"), "{said}");
    assert!(command(&["probe", "forget", "ir-1"]).output().unwrap().status.success());
    let (done, said) = look(token.trim());
    assert!(!done && said.contains("does not know this token") && !said.contains(token.trim()), "{said}");
    let stopped = Command::new("kill").arg(bot.id().to_string()).status().unwrap();
    assert!(stopped.success() && bot.wait().unwrap().success());
    rest.join().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_if_maintenance_and_emptying_go_without_the_chat() {
    let panel = Marzban::start(Options::default()).await.unwrap();
    let desk = Desk::new();
    let added = desk.told(&["instance", "add", &panel.url(), "--region", "de"], PASSWORD);
    assert!(added.status.success(), "{}", text(&added));
    let outlook = text(&desk.run(&["simulate"]));
    assert!(outlook.contains("any one of 0 panels") && outlook.contains("de: room for 1000"), "{outlook}");
    assert!(text(&desk.run(&["simulate", "de001"])).contains("de001: 0 keys move"));
    assert!(text(&desk.run(&["simulate", "xx9"])).contains("no instance xx9"));
    assert!(text(&desk.run(&["drain", "de001"])).contains("nothing to move"));
    assert!(text(&desk.run(&["drain", "xx9"])).contains("nothing of that name"));
    let plan = |when: &[&str]| {
        let arguments = [&["maintenance", "plan", "de001"], when].concat();
        text(&desk.command(&arguments).env("ADMIN_IDS", "9001").stdin(Stdio::null()).output().unwrap())
    };
    assert!(plan(&["tonight", "2h"]).contains("the beginning must be like 22:30"));
    assert!(plan(&["22:30", "2w"]).contains("the duration must be like 30m"));
    assert!(plan(&["now", "2h"]).contains("planned as no. 1"), "{}", plan(&["now", "2h"]));
    assert!(plan(&["now", "1h"]).contains("another maintenance is planned"));
    let list = text(&desk.run(&["maintenance", "list"]));
    assert!(list.contains("1: de001 from ") && list.contains("goes on"), "{list}");
    let nobody = text(&desk.run(&["maintenance", "cancel", "1"]));
    assert!(nobody.contains("ADMIN_IDS is missing"), "{nobody}");
    let cancel = || desk.command(&["maintenance", "cancel", "1"]).env("ADMIN_IDS", "9001").output().unwrap();
    assert!(cancel().status.success());
    assert!(text(&cancel()).contains("is over, or never was"));
    assert!(desk.run(&["maintenance", "list"]).stdout.is_empty());
}
