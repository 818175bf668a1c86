//! The page behind a link, in a real browser: phone and desktop, three languages, light and dark.
//!
//! `KARVAN_SCREENSHOTS=/some/folder cargo test --test page` writes a picture of each; the README's is
//! `docs/page.png`.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::routing::get;
use karvan::domain::key::Standing;
use karvan::domain::quota::GIB;
use karvan::domain::{Region, Timestamp};
use karvan::http::page::{PageView, language, page, system};
use karvan::text::apps::{Apps, System};
use karvan::text::page::Feeling;
use karvan::text::{Lang, Words};
use serde::Deserialize;
use serde_json::{Value, json};
use sim::page::Browser;
use tokio::net::TcpListener;

const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15";
const ANDROID: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36";
const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36";

/// Longer than a page takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

const LINK: &str = "https://vpn.example.com/sub/AAAAAAAAAAEAAAAAu1W2f9YxqkHn0q4c3m5Zzg";

fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// What the page under test shows; the rest is the same for all.
#[derive(Clone)]
struct Shown {
    feeling: Feeling,
    used: u64,
    limit: Option<u64>,
    notices: Vec<String>,
    name: String,
    link: String,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            feeling: Feeling::Works,
            used: GIB * 124 / 10,
            limit: Some(GIB * 50),
            notices: Vec::new(),
            name: "Alice".into(),
            link: LINK.into(),
        }
    }
}

impl Shown {
    fn feeling(feeling: Feeling) -> Self {
        Self { feeling, ..Self::default() }
    }

    fn answer(&self, lang: Lang, system: Option<System>) -> (HeaderMap, String) {
        let apps = Apps::built_in();
        let region: Region = "nl".parse().unwrap();
        let days = |days| Some(now() + chrono::TimeDelta::days(days));
        let view = PageView {
            name: &self.name,
            feeling: self.feeling,
            used: self.used,
            limit: self.limit,
            expires_at: days(if self.feeling == Feeling::Ended(Standing::Expired) { -2 } else { 23 }),
            now: now(),
            region: Some(&region),
            link: &self.link,
            support: Some("https://t.me/example_support"),
            bot: Some("example_bot"),
            notices: &self.notices,
            apps: &apps,
            system,
        };
        page(&view, Words::load(chrono_tz::Europe::Amsterdam).of(lang))
    }
}

#[derive(Deserialize)]
struct Tapped {
    lang: Option<String>,
}

/// The page as the link's endpoint would serve it.
async fn serve(shown: Shown) -> String {
    let answer = |State(shown): State<Arc<Shown>>, Query(tapped): Query<Tapped>, headers: HeaderMap| async move {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let lang = language(tapped.lang.as_deref(), header("accept-language"), Lang::En);
        shown.answer(lang, system(header("user-agent").unwrap_or_default()))
    };
    let router = Router::new().route("/sub/token", get(answer)).with_state(Arc::new(shown));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/sub/token", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// How the page is looked at.
#[derive(Clone, Copy)]
struct Look {
    width: u32,
    height: u32,
    agent: &'static str,
    lang: Lang,
    dark: bool,
    script: bool,
}

const PHONE: Look =
    Look { width: 390, height: 844, agent: IPHONE, lang: Lang::En, dark: false, script: true };
const DESKTOP: Look = Look { width: 1280, height: 800, agent: WINDOWS, ..PHONE };

/// `None` where no Chromium is installed.
async fn open(shown: Shown, look: Look) -> Option<Browser> {
    if Browser::installed().is_none() {
        let required = std::env::var("KARVAN_REQUIRE_CHROMIUM").is_ok_and(|value| value == "1");
        assert!(!required, "KARVAN_REQUIRE_CHROMIUM=1, but no Chromium is installed");
        eprintln!("left out: no Chromium is installed (apt-get install chromium)");
        return None;
    }
    let address = serve(shown).await;
    let mut browser = Browser::blank(look.width, look.height).await.unwrap();
    let dark = if look.dark { "dark" } else { "light" };
    let commands = [
        ("Network.enable", json!({})),
        ("Log.enable", json!({})),
        ("Runtime.enable", json!({})),
        (
            "Emulation.setUserAgentOverride",
            json!({ "userAgent": look.agent, "acceptLanguage": look.lang.code() }),
        ),
        (
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "prefers-color-scheme", "value": dark }] }),
        ),
        // A clipboard is for the window in front only.
        ("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })),
        ("Emulation.setScriptExecutionDisabled", json!({ "value": !look.script })),
        ("Page.navigate", json!({ "url": address })),
    ];
    for (method, params) in commands {
        browser.call(method, params).await.unwrap();
    }
    // No waiting within the page: where scripts are off, nothing wakes it up.
    let ready = "document.readyState === 'complete' && document.querySelector('h1') !== null";
    let look_again = async { while browser.eval(ready).await.ok() != Some(Value::Bool(true)) {} };
    tokio::time::timeout(PATIENCE, look_again).await.expect("the page is there");
    // The page's own script has run by now, or never will.
    browser.call("Emulation.setScriptExecutionDisabled", json!({ "value": false })).await.unwrap();
    Some(browser)
}

/// Where pictures go, if they are wanted.
fn folder() -> Option<PathBuf> {
    std::env::var_os("KARVAN_SCREENSHOTS").map(PathBuf::from)
}

async fn picture(browser: &mut Browser, name: &str) {
    let Some(folder) = folder() else { return };
    std::fs::create_dir_all(&folder).unwrap();
    browser.screenshot(&folder.join(format!("{name}.png"))).await.unwrap();
}

/// The whole page in one picture.
async fn long_picture(browser: &mut Browser, name: &str, look: Look) {
    if folder().is_none() {
        return;
    }
    let height = browser.eval("document.documentElement.scrollHeight").await.unwrap();
    let size =
        json!({"width": look.width, "height": height, "deviceScaleFactor": 1, "mobile": look.width < 600});
    browser.call("Emulation.setDeviceMetricsOverride", size).await.unwrap();
    picture(browser, name).await;
}

/// Nothing was asked of anybody but the page itself, and nobody complained.
fn nothing_odd(browser: &mut Browser) {
    for event in browser.events() {
        let params = &event["params"];
        match event["method"].as_str().unwrap() {
            "Network.requestWillBeSent" => {
                let url = params["request"]["url"].as_str().unwrap();
                let own = url.starts_with("http://127.0.0.1:") && url.contains("/sub/token");
                assert!(own || url.starts_with("data:"), "asked for {url}");
            }
            "Log.entryAdded" => panic!("{}", params["entry"]["text"]),
            "Runtime.exceptionThrown" | "Runtime.consoleAPICalled" => panic!("{params}"),
            _ => {}
        }
    }
}

/// Elements that stick out of the window, or out of sight at its side.
const STICKING_OUT: &str = "[...document.querySelectorAll('body *')].filter((e) => { \
    if (e.closest('.unseen') || !e.checkVisibility()) return false; const r = e.getBoundingClientRect(); \
    return r.right > innerWidth + 0.5 || r.left < -0.5; }).map((e) => e.outerHTML.slice(0, 80))";

/// Things to tap that a thumb would miss.
const TOO_SMALL: &str = "[...document.querySelectorAll('a, button, summary, input')].filter((e) => \
    e.checkVisibility()).filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.outerHTML.slice(0, 80))";

/// Texts whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3).
const TOO_FAINT: &str = "(() => { \
    const parse = (c) => (c.match(/[\\d.]+/g) || []).map(Number); \
    const light = ([r, g, b]) => { const l = [r, g, b].map((v) => { v /= 255; \
        return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); \
        return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2]; }; \
    const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); \
        if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; }; \
    const faint = []; \
    for (const e of document.querySelectorAll('body *')) { \
        if (e.closest('script') || !e.checkVisibility() \
            || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue; \
        const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x); \
        const ratio = (a + 0.05) / (b + 0.05); \
        if (ratio < 4.5) faint.push(ratio.toFixed(2) + ' ' + e.outerHTML.slice(0, 80)); } \
    return faint; })()";

async fn finds_nothing(browser: &mut Browser, script: &str, what: &str) {
    let found = browser.eval(script).await.unwrap();
    assert_eq!(found, json!([]), "{what}");
}

#[tokio::test]
async fn it_reads_well_on_every_device_in_every_language_and_light() {
    for lang in Lang::ALL {
        for (device, look) in [("phone", PHONE), ("desktop", DESKTOP)] {
            for dark in [false, true] {
                let look = Look { lang, dark, ..look };
                let Some(mut browser) = open(Shown::default(), look).await else { return };
                let name = format!("{device}-{lang}-{}", if dark { "dark" } else { "light" });
                picture(&mut browser, &name).await;
                let direction =
                    browser.eval("getComputedStyle(document.querySelector('h1')).direction").await;
                assert_eq!(direction.unwrap(), if lang.is_rtl() { "rtl" } else { "ltr" });
                assert_eq!(browser.eval("document.documentElement.lang").await.unwrap(), lang.code());
                // All that is folded is looked at, too.
                browser
                    .eval("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
                    .await
                    .unwrap();
                finds_nothing(&mut browser, STICKING_OUT, &name).await;
                finds_nothing(&mut browser, TOO_SMALL, &name).await;
                finds_nothing(&mut browser, TOO_FAINT, &name).await;
                nothing_odd(&mut browser);
                if lang == Lang::Fa && !dark || lang == Lang::En && dark {
                    long_picture(&mut browser, &format!("{name}-open"), look).await;
                }
                browser.close().await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn the_smallest_phone_shows_it_whole() {
    let notices =
        vec!["🇳🇱 Netherlands is slow today; we are on it. https://status.example.com/incidents/2026".into()];
    let long = "A-very-long-name-without-any-space-that-nobody-would-break-by-hand".to_owned();
    for lang in Lang::ALL {
        let shown =
            Shown { notices: notices.clone(), name: long.clone(), ..Shown::feeling(Feeling::Trouble) };
        let look = Look { width: 320, height: 640, agent: ANDROID, lang, ..PHONE };
        let Some(mut browser) = open(shown, look).await else { return };
        picture(&mut browser, &format!("smallest-{lang}")).await;
        browser
            .eval("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            .await
            .unwrap();
        assert_eq!(browser.eval("document.documentElement.scrollWidth").await.unwrap(), 320);
        finds_nothing(&mut browser, STICKING_OUT, "at 320 px").await;
        finds_nothing(&mut browser, TOO_FAINT, "of a notice").await;
        nothing_odd(&mut browser);
        browser.close().await.unwrap();
    }
}

#[tokio::test]
async fn one_tap_takes_the_link_along() {
    let Some(mut browser) = open(Shown::default(), PHONE).await else { return };
    let permissions = json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
    browser.call("Browser.grantPermissions", permissions).await.unwrap();
    browser.click("#copy").await.unwrap();
    browser.until("document.querySelector('#said').textContent === 'Copied'").await.unwrap();
    assert_eq!(browser.eval("navigator.clipboard.readText()").await.unwrap(), LINK);
    nothing_odd(&mut browser);
    browser.close().await.unwrap();
}

#[tokio::test]
async fn one_tap_changes_the_language() {
    let Some(mut browser) = open(Shown::default(), PHONE).await else { return };
    browser.click("a[hreflang=fa]").await.unwrap();
    browser.until("document.documentElement.dir === 'rtl'").await.unwrap();
    assert_eq!(browser.eval("document.querySelector('[aria-current]').textContent").await.unwrap(), "فارسی");
    nothing_odd(&mut browser);
    browser.close().await.unwrap();
}

#[tokio::test]
async fn without_javascript_all_is_there_but_the_copy_button() {
    let Some(mut browser) = open(Shown::default(), Look { script: false, ..PHONE }).await else { return };
    picture(&mut browser, "phone-no-script").await;
    let seen =
        |selector: &str| format!("document.querySelector({}).checkVisibility()", Value::from(selector));
    assert_eq!(browser.eval(&seen("#copy")).await.unwrap(), false);
    assert_eq!(browser.eval("document.querySelector('#link').value").await.unwrap(), LINK);
    for selector in ["#link", "a[href^='streisand://import/']", "summary"] {
        assert_eq!(browser.eval(&seen(selector)).await.unwrap(), true, "{selector}");
    }
    browser.close().await.unwrap();
}

#[tokio::test]
async fn an_ended_key_says_what_to_do_and_offers_nothing_else() {
    let standings = [Standing::Suspended, Standing::Expired, Standing::Exhausted, Standing::Revoked];
    for (standing, lang) in standings.into_iter().zip([Lang::Fa, Lang::En, Lang::Ru, Lang::En]) {
        let used = if standing == Standing::Exhausted { GIB * 50 } else { GIB * 12 };
        let shown = Shown { used, ..Shown::feeling(Feeling::Ended(standing)) };
        let Some(mut browser) = open(shown, Look { lang, ..PHONE }).await else { return };
        picture(&mut browser, &format!("ended-{standing:?}-{lang}").to_lowercase()).await;
        assert_eq!(
            browser.eval("document.querySelectorAll('#link, .app, .qr, script').length").await.unwrap(),
            0
        );
        let bot = "document.querySelector('a[href=\"https://t.me/example_bot\"]').checkVisibility()";
        assert_eq!(browser.eval(bot).await.unwrap(), true);
        finds_nothing(&mut browser, TOO_FAINT, "of an ended key").await;
        nothing_odd(&mut browser);
        browser.close().await.unwrap();
    }
}

/// A breach of the policy would be seen by the tests above; this shows that the policy is there at all.
#[tokio::test]
async fn nothing_foreign_may_run() {
    let Some(mut browser) = open(Shown::default(), PHONE).await else { return };
    let inject = "(() => { const s = document.createElement('script'); s.textContent = 'window.foreign = 1'; \
        document.body.append(s); const i = new Image(); i.src = 'https://foreign.example/x.png'; \
        document.body.append(i); document.body.setAttribute('style', 'color: red'); return window.foreign ?? 0; })()";
    assert_eq!(browser.eval(inject).await.unwrap(), 0);
    assert_ne!(browser.eval("getComputedStyle(document.body).color").await.unwrap(), "rgb(255, 0, 0)");
    browser.until("performance.now() > 0").await.unwrap();
    let refused = browser.events().iter().filter(|event| event["method"] == "Log.entryAdded").count();
    assert!(refused >= 3, "{refused} refusals");
    browser.close().await.unwrap();
}

#[test]
fn the_headers_keep_the_page_to_its_reader() {
    let (headers, body) = Shown::default().answer(Lang::Fa, None);
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap();
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; "));
    for foreign in ["unsafe", "http:", "https:", "*"] {
        assert!(!policy.contains(foreign), "{policy}");
    }
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
    assert_eq!(header("content-language"), "fa");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("cache-control"), "private, no-store");
    assert!(header("x-robots-tag").contains("noindex"));
    assert!(!body.to_lowercase().contains("karvan") && !body.to_lowercase().contains("marzban"));
    // All there is to load stands in the page.
    assert!(!body.contains("src=") && !body.contains("@import") && !body.contains("url("));
}

/// What panels and people wrote is shown, not run.
#[test]
fn whatever_is_shown_is_escaped() {
    let evil = "\"><script>alert(1)</script>".to_owned();
    let shown = Shown {
        name: evil.clone(),
        notices: vec![evil.clone()],
        link: format!("https://x.example/{evil}"),
        ..Shown::default()
    };
    let (_, body) = shown.answer(Lang::En, Some(System::Android));
    assert!(!body.contains("<script>alert"));
    assert!(body.contains("&lt;script&gt;alert"));
}

/// The README's picture.
#[tokio::test]
async fn the_picture_of_the_readme_is_taken() {
    if folder().is_none() {
        return;
    }
    let Some(mut browser) = open(Shown::default(), PHONE).await else { return };
    let size = json!({"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": true});
    browser.call("Emulation.setDeviceMetricsOverride", size).await.unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/page.png");
    browser.screenshot(&path).await.unwrap();
    browser.close().await.unwrap();
}
