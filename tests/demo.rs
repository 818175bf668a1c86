//! The demo as a newcomer starts it: the script in a terminal, and the page in a browser.
//!
//! `KARVAN_SCREENSHOT=docs/chat.png cargo test --test demo` takes the README's picture anew.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use sim::page::Browser;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Longer than either takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(120);

fn demo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_karvan"));
    // No setting of the machine, and no .env, may leak into the demo.
    command.env_clear().current_dir(std::env::temp_dir()).arg("demo").args(arguments);
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

async fn interrupt(mut demo: Child) {
    let pid = demo.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().await.unwrap().success());
    let ended = tokio::time::timeout(PATIENCE, demo.wait()).await.expect("it ends on Ctrl-C").unwrap();
    assert!(ended.success(), "{ended}");
}

#[tokio::test]
async fn the_script_issues_a_key_moves_it_and_ends_well() {
    let ended = tokio::time::timeout(PATIENCE, demo(&["--script"]).output()).await.expect("it ends").unwrap();
    let (out, err) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{}\n{out}\n{err}", ended.status);
    let last = out.lines().last().unwrap();
    let (from, to) = last
        .strip_prefix("The key was issued on ")
        .and_then(|rest| rest.strip_suffix(", and works."))
        .and_then(|rest| rest.split_once(", moved to "))
        .unwrap_or_else(|| panic!("the last line is {last:?}"));
    assert_ne!(from, to);
    for word in ["ERROR", "panicked"] {
        assert!(!err.contains(word), "{err}");
    }
    // The one thing to be warned of is the outage that the script plays.
    let warnings: Vec<_> = err.lines().filter(|line| line.contains("WARN")).collect();
    assert!(warnings.iter().all(|line| line.contains("everybody leaves instance")), "{err}");
}

#[tokio::test]
async fn the_page_hands_out_a_key_by_three_clicks() {
    if Browser::installed().is_none() {
        let required = std::env::var("KARVAN_REQUIRE_CHROMIUM").is_ok_and(|value| value == "1");
        assert!(!required, "KARVAN_REQUIRE_CHROMIUM=1, but no Chromium is installed");
        eprintln!("left out: no Chromium is installed (apt-get install chromium)");
        return;
    }
    let mut demo = demo(&["--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
    let url = line.split_whitespace().find(|word| word.starts_with("http://127.0.0.1:")).unwrap();

    let mut browser = Browser::open(url, 1280, 800).await.unwrap();
    browser.click("#start").await.unwrap();
    browser.click("[data-label='⚡ Get a key']").await.unwrap();
    browser.click("[data-label*='Android']").await.unwrap();
    browser.click("[data-label*='Copy']").await.unwrap();
    // The panel's own link, as it stands in the card.
    browser.until("/^https?:\\/\\/.*\\/sub\\//.test(document.body.dataset.copied)").await.unwrap();
    let accounts = "[...document.querySelectorAll('[data-accounts]')].reduce((sum, b) => sum + Number(b.textContent), 0)";
    browser.until(&format!("{accounts} === 1")).await.unwrap();
    if let Some(path) = std::env::var_os("KARVAN_SCREENSHOT") {
        browser.click("[data-label*='Menu']").await.unwrap();
        browser.click("[data-label*='My key']").await.unwrap();
        browser.until("document.querySelector(\"[data-label*='Location']\")").await.unwrap();
        browser.until("document.querySelector('#toast').hidden").await.unwrap();
        browser.screenshot(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).await.unwrap();
    }
    browser.close().await.unwrap();
    interrupt(demo).await;
}
