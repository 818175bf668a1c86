//! The page: what it tells, what it takes, and how it behaves in a real browser (left out where none is installed).

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sim::page::{Act, Browser, PageOptions, Panel, PanelState, PanelView, PersonSpec, Role};
use sim::telegram::{Options, Person, Telegram};

/// A panel that only remembers what was done to it.
struct Toy(Mutex<PanelState>);

impl Panel for Toy {
    fn view(&self) -> PanelView {
        PanelView {
            name: "de".to_owned(),
            title: "Germany".to_owned(),
            flag: "🇩🇪".to_owned(),
            state: *self.0.lock().unwrap(),
            accounts: 3,
            requests: 0,
            recent: Vec::new(),
        }
    }

    fn act(&self, act: Act) {
        *self.0.lock().unwrap() = match act {
            Act::Stop => PanelState::Stopped,
            Act::Slow => PanelState::Slow,
            Act::Freeze => PanelState::Frozen,
            Act::Resume => PanelState::Running,
        };
    }
}

/// A bot made of raw calls, a page, and a panel.
struct World {
    telegram: Telegram,
    page: String,
    panel: Arc<Toy>,
    http: reqwest::Client,
}

impl World {
    async fn new() -> Self {
        let telegram = Telegram::start(Options::default()).await.unwrap();
        let panel = Arc::new(Toy(Mutex::new(PanelState::Running)));
        let page = sim::page::serve(PageOptions {
            telegram: telegram.clone(),
            panels: vec![panel.clone()],
            people: vec![
                PersonSpec { person: Person::new(1001, "Alice"), role: Role::User },
                PersonSpec { person: Person::new(1, "Root"), role: Role::Admin },
            ],
            port: None,
        });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { page: page.await.unwrap(), telegram, panel, http }
    }

    async fn bot(&self, method: &str, params: Value) -> Value {
        let url = format!("{}/bot{}/{method}", self.telegram.url(), self.telegram.token());
        let body: Value = self.http.post(url).json(&params).send().await.unwrap().json().await.unwrap();
        assert_eq!(body["ok"], true, "{method}: {body}");
        body["result"].clone()
    }

    /// The next update that the bot gets.
    async fn update(&self, offset: i64) -> Value {
        self.bot("getUpdates", json!({"offset": offset, "timeout": 20})).await[0].clone()
    }

    async fn say(&self, text: &str, buttons: Value) -> Value {
        let message = json!({
            "chat_id": 1001, "text": text, "parse_mode": "HTML", "reply_markup": {"inline_keyboard": buttons},
        });
        self.bot("sendMessage", message).await
    }
}

#[tokio::test]
async fn the_page_tells_what_changed_and_takes_what_is_done() {
    let world = World::new().await;
    let ask = async |since: u64| -> Value {
        world
            .http
            .get(format!("{}/news?since={since}", world.page))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    };
    let post = async |path: &str, body: Value| {
        world.http.post(format!("{}/{path}", world.page)).json(&body).send().await.unwrap()
    };
    let news = ask(0).await;
    assert_eq!(news["chats"][0]["head"]["started"], false);
    assert_eq!(news["panels"][0]["state"], "running");
    assert_eq!(post("send", json!({"person": 1001, "text": "/start"})).await.status(), 200);
    assert_eq!(post("send", json!({"person": 77, "text": "/start"})).await.status(), 404);
    assert_eq!(world.update(0).await["message"]["text"], "/start");
    let told = ask(news["revision"].as_u64().unwrap()).await;
    assert_eq!(told["chats"][0]["messages"][0]["text"], "/start");
    assert_eq!(post("panel", json!({"panel": "de", "act": "freeze"})).await.status(), 204);
    assert_eq!(world.panel.view().state, PanelState::Frozen);
    let form =
        world.http.post(format!("{}/send", world.page)).body("person=1001&text=x").send().await.unwrap();
    assert_eq!(form.status(), 403, "another site's form is not taken");
    let foreign = world.http.get(&world.page).header("host", "evil.example:80").send().await.unwrap();
    assert_eq!(foreign.status(), 403, "nor another site's name");
}

#[tokio::test]
async fn a_person_chats_in_a_browser() {
    if Browser::installed().is_none() {
        eprintln!("left out: no Chromium is installed");
        return;
    }
    let world = World::new().await;
    let mut browser = Browser::open(&world.page, 1280, 800).await.unwrap();

    // Start, and an answer with buttons appears without a reload.
    browser.click("#start").await.unwrap();
    let start = world.update(0).await;
    assert_eq!(start["message"]["text"], "/start");
    let mut offset = start["update_id"].as_i64().unwrap() + 1;
    let hello = "<b>Hello</b> &lt;script&gt; <code>vless://x</code>";
    let buttons = json!([[{"text": "⚡ Get key", "callback_data": "get"}], [{"text": "Copy", "copy_text": {"text": "sub-link"}}]]);
    let sent = world.say(hello, buttons).await;
    let bubble = format!("[data-message='{}']", sent["message_id"]);
    browser.until(&format!("document.querySelector(\"{bubble} b\").textContent === 'Hello'")).await.unwrap();
    browser
        .until(&format!("document.querySelector(\"{bubble}\").innerText.includes('<script>')"))
        .await
        .unwrap();

    // A press reaches the bot; its answer is a toast, its edit changes the message in place.
    browser.eval(&format!("window.kept = document.querySelector(\"{bubble}\"); 0")).await.unwrap();
    browser.click(&format!("{bubble} [data-label='⚡ Get key']")).await.unwrap();
    let press = world.update(offset).await;
    assert_eq!(press["callback_query"]["data"], "get");
    offset = press["update_id"].as_i64().unwrap() + 1;
    let query = &press["callback_query"]["id"];
    world.bot("answerCallbackQuery", json!({"callback_query_id": query, "text": "One moment"})).await;
    browser
        .until("!document.querySelector('#toast').hidden && document.querySelector('#toast').textContent === 'One moment'")
        .await
        .unwrap();
    let edit = json!({"chat_id": 1001, "message_id": sent["message_id"], "text": "Your key"});
    world.bot("editMessageText", edit).await;
    browser.until("window.kept.isConnected && window.kept.innerText.includes('edited')").await.unwrap();
    browser
        .until("window.kept.innerText.includes('Your key') && !window.kept.querySelector('.rows')")
        .await
        .unwrap();

    // Typing and Enter send; copying copies; an alert is a window.
    browser.eval("document.querySelector('#text').focus()").await.unwrap();
    browser.type_text("سلام").await.unwrap();
    browser.press_key("Enter").await.unwrap();
    let typed = world.update(offset).await;
    assert_eq!(typed["message"]["text"], "سلام");
    offset = typed["update_id"].as_i64().unwrap() + 1;
    world.say("Take it", json!([[{"text": "Copy", "copy_text": {"text": "sub-link"}}, {"text": "?", "callback_data": "q"}]])).await;
    browser.click("[data-label='Copy']").await.unwrap();
    browser.until("document.body.dataset.copied === 'sub-link'").await.unwrap();
    browser.click("[data-label='?']").await.unwrap();
    let press = world.update(offset).await;
    let answer =
        json!({"callback_query_id": press["callback_query"]["id"], "text": "Read me", "show_alert": true});
    world.bot("answerCallbackQuery", answer).await;
    browser.until("document.querySelector('#alert').open").await.unwrap();
    browser.press_key("Escape").await.unwrap();
    browser.until("!document.querySelector('#alert').open").await.unwrap();

    // The other person's tab counts what was not read; the panel's card follows its panel.
    browser.click("#tab-1").await.unwrap();
    browser.until("location.hash === '#/1' && !document.querySelector('#start').hidden").await.unwrap();
    world.say("While you were away", json!([])).await;
    browser.until("document.querySelector('#tab-1001 .badge').textContent === '1'").await.unwrap();
    browser.click("[data-panel='de'] [data-act='stop']").await.unwrap();
    browser.until("document.querySelector(\"[data-panel='de']\").dataset.state === 'stopped'").await.unwrap();
    assert_eq!(world.panel.view().state, PanelState::Stopped);
    browser.click("[data-panel='de'] [data-act='resume']").await.unwrap();
    browser.until("document.querySelector(\"[data-panel='de']\").dataset.state === 'running'").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn the_page_fits_a_phone() {
    if Browser::installed().is_none() {
        eprintln!("left out: no Chromium is installed");
        return;
    }
    let world = World::new().await;
    world.telegram.person(Person::new(1001, "Alice")).send("/start").await;
    let long = "https://vpn.example.com/sub/".to_owned() + &"x".repeat(200);
    world.say(&format!("<code>{long}</code>"), json!([[{"text": "A rather long label on a button", "callback_data": "a"}, {"text": "Another one", "callback_data": "b"}]])).await;
    let mut browser = Browser::open(&world.page, 360, 740).await.unwrap();
    browser.until("document.querySelectorAll('.message').length === 2").await.unwrap();
    let fits =
        "document.documentElement.scrollWidth <= innerWidth && scroll.scrollWidth <= scroll.clientWidth";
    browser.eval("window.scroll = document.querySelector('#scroll'); 0").await.unwrap();
    browser.until(fits).await.unwrap();
    browser.until("getComputedStyle(document.querySelector('#fleet')).display === 'none'").await.unwrap();
    browser.click("[data-show='fleet']").await.unwrap();
    browser.until("getComputedStyle(document.querySelector('#chat')).display === 'none'").await.unwrap();
    browser.until("document.documentElement.scrollWidth <= innerWidth").await.unwrap();
    browser.close().await.unwrap();
}
