//! The Bot API as any client sees it: semantics of updates, and Telegram's own refusals.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use serde_json::{Value, json};
use sim::clock::SimClock;
use sim::telegram::{Fault, Group, Limits, Options, Person, Reach, Telegram};

/// A client that knows nothing but HTTP.
struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    fn of(telegram: &Telegram) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, base: format!("{}/bot{}", telegram.url(), telegram.token()) }
    }

    async fn raw(&self, method: &str, params: Value) -> Result<(u16, Value), reqwest::Error> {
        let response = self.http.post(format!("{}/{method}", self.base)).json(&params).send().await?;
        Ok((response.status().as_u16(), response.json().await?))
    }

    async fn ok(&self, method: &str, params: Value) -> Value {
        let (status, body) = self.raw(method, params).await.unwrap();
        assert_eq!((status, &body["ok"]), (200, &json!(true)), "{method}: {body}");
        body["result"].clone()
    }

    async fn refused(&self, method: &str, params: Value) -> String {
        let (status, body) = self.raw(method, params).await.unwrap();
        assert_eq!(body["ok"], json!(false), "{method}: {body}");
        assert_eq!(body["error_code"], json!(status));
        format!("{status} {}", body["description"].as_str().unwrap())
    }

    async fn updates(&self, offset: i64) -> Vec<Value> {
        self.ok("getUpdates", json!({"offset": offset})).await.as_array().unwrap().clone()
    }
}

async fn world() -> (Telegram, Client) {
    world_with(Options::default()).await
}

async fn world_with(options: Options) -> (Telegram, Client) {
    let telegram = Telegram::start(options).await.unwrap();
    let client = Client::of(&telegram);
    (telegram, client)
}

fn alice() -> Person {
    Person::new(1001, "Alice").username("alice")
}

#[tokio::test]
async fn an_update_stays_until_a_higher_offset_confirms_it() {
    let (telegram, client) = world().await;
    let alice = telegram.person(alice());
    alice.send("one").await;
    alice.send("two").await;
    let first = client.updates(0).await;
    assert_eq!(first.len(), 2);
    assert_eq!(client.updates(0).await, first, "unconfirmed updates are given again");
    let second = first[1]["update_id"].as_i64().unwrap();
    assert_eq!(client.updates(second).await, first[1..], "the offset confirms what lies below it");
    assert_eq!(telegram.pending(), 1);
    assert!(client.updates(second + 1).await.is_empty());
    telegram.quiet().await;
}

#[tokio::test]
async fn a_poll_waits_for_an_update() {
    let (telegram, client) = world().await;
    let alice = telegram.person(alice());
    let (updates, _) = tokio::join!(client.ok("getUpdates", json!({"timeout": 30})), alice.send("hello"));
    assert_eq!(updates[0]["message"]["text"], "hello");
    assert_eq!(updates[0]["message"]["from"]["language_code"], "en");
}

#[tokio::test]
async fn the_newer_of_two_pollers_wins() {
    let (telegram, client) = world().await;
    let alice = telegram.person(alice());
    let other = Client::of(&telegram);
    let older = tokio::spawn(async move { other.refused("getUpdates", json!({"timeout": 30})).await });
    telegram.expect_poll().await;
    // The newer poll ends only with an update, which is sent once the older one was told to go.
    let newer = tokio::spawn(async move {
        loop {
            let got = client.ok("getUpdates", json!({"timeout": 1})).await;
            if !got.as_array().unwrap().is_empty() {
                return got;
            }
        }
    });
    let conflict = older.await.unwrap();
    assert!(
        conflict.starts_with("409 Conflict: terminated by other getUpdates request; make sure"),
        "{conflict}"
    );
    alice.send("who gets this?").await;
    assert_eq!(newer.await.unwrap()[0]["message"]["text"], "who gets this?");
}

#[tokio::test]
async fn only_kinds_asked_for_are_kept() {
    let (telegram, client) = world().await;
    let alice = telegram.person(alice());
    client.ok("getUpdates", json!({"allowed_updates": ["callback_query"]})).await;
    alice.send("unheard").await;
    assert_eq!(telegram.pending(), 0);
    client.ok("getUpdates", json!({"allowed_updates": []})).await;
    alice.send("heard").await;
    assert_eq!(telegram.pending(), 1);
}

#[tokio::test]
async fn an_update_can_be_delivered_twice() {
    let (telegram, client) = world().await;
    let alice = telegram.person(alice());
    telegram.duplicate_next_update();
    alice.send("again").await;
    let id = client.updates(0).await[0]["update_id"].as_i64().unwrap();
    let again = client.updates(id + 1).await;
    assert_eq!(again[0]["update_id"], json!(id));
    assert!(client.updates(id + 1).await.is_empty());
    telegram.quiet().await;
}

#[tokio::test]
async fn wrong_tokens_methods_and_paths_are_refused() {
    let (telegram, client) = world().await;
    let url = telegram.url();
    let description = async |path: &str| {
        let response = client.http.get(format!("{url}{path}")).send().await.unwrap();
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        format!("{status} {}", body["description"].as_str().unwrap())
    };
    assert_eq!(description("/bot123456:WRONG/getMe").await, "401 Unauthorized");
    assert_eq!(description("/botnonsense/getMe").await, "401 Unauthorized: invalid token specified");
    assert_eq!(description("/elsewhere").await, "404 Not Found");
    assert_eq!(client.refused("sendSmoke", json!({})).await, "404 Not Found: method not found");
    assert_eq!(client.ok("GETME", json!({})).await["username"], "karvan_bot");
}

#[tokio::test]
async fn texts_that_telegram_refuses() {
    let (telegram, client) = world().await;
    let alice = telegram.person(alice());
    let send = async |text: &str| {
        client.refused("sendMessage", json!({"chat_id": 1001, "text": text, "parse_mode": "HTML"})).await
    };
    assert_eq!(send("x").await, "400 Bad Request: chat not found", "nobody wrote to the bot yet");
    alice.send("/start").await;
    assert_eq!(send(" <b> \n</b> ").await, "400 Bad Request: message text is empty");
    assert_eq!(
        send("<div>x</div>").await,
        "400 Bad Request: can't parse entities: Unsupported start tag \"div\" at byte offset 0"
    );
    let longest = "🔑".repeat(2048);
    client
        .ok(
            "sendMessage",
            json!({"chat_id": 1001, "text": format!("<b>{longest}</b>"), "parse_mode": "HTML"}),
        )
        .await;
    assert_eq!(send(&format!("{longest}x")).await, "400 Bad Request: message is too long");
    let caption = json!({"chat_id": 1001, "photo": "x", "caption": "x".repeat(1025)});
    assert_eq!(client.refused("sendPhoto", caption).await, "400 Bad Request: message caption is too long");
    assert_eq!(
        client.refused("sendMessage", json!({"chat_id": 5, "text": "x"})).await,
        "400 Bad Request: chat not found"
    );
    assert_eq!(
        client.refused("sendMessage", json!({"text": "x"})).await,
        "400 Bad Request: chat_id is empty"
    );
}

#[tokio::test]
async fn buttons_that_telegram_refuses() {
    let (telegram, client) = world().await;
    telegram.person(alice()).send("/start").await;
    let with = |button: Value| json!({"chat_id": 1001, "text": "x", "reply_markup": {"inline_keyboard": [[button]]}});
    let send = async |button: Value| client.refused("sendMessage", with(button)).await;
    client.ok("sendMessage", with(json!({"text": "b", "callback_data": "x".repeat(64)}))).await;
    client.ok("sendMessage", with(json!({"text": "b", "copy_text": {"text": "x".repeat(256)}}))).await;
    client.ok("sendMessage", with(json!({"text": "b", "url": "tg://resolve?domain=x"}))).await;
    let long = json!({"text": "b", "callback_data": "я".repeat(33)});
    assert_eq!(send(long).await, "400 Bad Request: BUTTON_DATA_INVALID");
    let long = json!({"text": "b", "copy_text": {"text": "x".repeat(257)}});
    assert_eq!(send(long).await, "400 Bad Request: BUTTON_COPY_TEXT_INVALID");
    assert_eq!(
        send(json!({"text": "b", "url": "vless://x@example.com"})).await,
        "400 Bad Request: inline keyboard button URL 'vless://x@example.com' is invalid: Unsupported URL protocol"
    );
    assert_eq!(
        send(json!({"text": "b"})).await,
        "400 Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
    );
}

#[tokio::test]
async fn edits_that_telegram_refuses() {
    let (telegram, client) = world().await;
    let alice = telegram.person(alice());
    let own = alice.send("/start").await;
    let sent =
        client.ok("sendMessage", json!({"chat_id": 1001, "text": "<b>x</b>", "parse_mode": "HTML"})).await;
    let id = sent["message_id"].as_i64().unwrap();
    let edit = async |id: i64, text: &str| {
        client
            .refused(
                "editMessageText",
                json!({"chat_id": 1001, "message_id": id, "text": text, "parse_mode": "HTML"}),
            )
            .await
    };
    assert_eq!(
        edit(id, "<strong>x</strong>").await,
        "400 Bad Request: message is not modified: specified new message content and reply markup are exactly the \
         same as a current content and reply markup of the message"
    );
    assert_eq!(edit(99, "y").await, "400 Bad Request: message to edit not found");
    assert_eq!(edit(own, "y").await, "400 Bad Request: message can't be edited");
    assert_eq!(edit(id, &"x".repeat(4097)).await, "400 Bad Request: MESSAGE_TOO_LONG");
    assert_eq!(
        client
            .refused("editMessageCaption", json!({"chat_id": 1001, "message_id": id, "caption": "c"}))
            .await,
        "400 Bad Request: there is no caption in the message to edit"
    );
    client.ok("deleteMessage", json!({"chat_id": 1001, "message_id": id})).await;
    assert_eq!(edit(id, "y").await, "400 Bad Request: message to edit not found");
    assert_eq!(
        client.refused("deleteMessage", json!({"chat_id": 1001, "message_id": id})).await,
        "400 Bad Request: message to delete not found"
    );
}

#[tokio::test]
async fn old_presses_and_old_messages_expire() {
    let clock = SimClock::manual(chrono::DateTime::UNIX_EPOCH);
    let (telegram, client) = world_with(Options { clock: clock.clone(), ..Options::default() }).await;
    let alice = telegram.person(alice());
    alice.send("/start").await;
    let button = json!({"inline_keyboard": [[{"text": "Go", "callback_data": "g"}]]});
    let sent = client.ok("sendMessage", json!({"chat_id": 1001, "text": "x", "reply_markup": button})).await;
    let query = alice.tap("Go");
    clock.advance(Duration::from_secs(61));
    let too_old = "400 Bad Request: query is too old and response timeout expired or query ID is invalid";
    assert_eq!(client.refused("answerCallbackQuery", json!({"callback_query_id": query})).await, too_old);
    assert_eq!(client.refused("answerCallbackQuery", json!({"callback_query_id": "7"})).await, too_old);
    clock.advance(Duration::from_secs(48 * 3600));
    assert_eq!(
        client.refused("deleteMessage", json!({"chat_id": 1001, "message_id": sent["message_id"]})).await,
        "400 Bad Request: message can't be deleted for everyone"
    );
}

#[tokio::test]
async fn a_person_can_block_the_bot_and_come_back() {
    let (telegram, client) = world().await;
    let alice = telegram.person(alice());
    alice.send("/start").await;
    alice.block_bot();
    let refused = client.refused("sendMessage", json!({"chat_id": 1001, "text": "x"})).await;
    assert_eq!(refused, "403 Forbidden: bot was blocked by the user");
    alice.send("/start").await;
    client.ok("sendMessage", json!({"chat_id": 1001, "text": "x"})).await;
    let updates = client.updates(0).await;
    let statuses: Vec<_> =
        updates.iter().map(|update| &update["my_chat_member"]["new_chat_member"]["status"]).collect();
    assert_eq!(statuses, [&json!(null), &json!("kicked"), &json!("member"), &json!(null)]);
}

#[tokio::test]
async fn flood_limits_follow_the_clock() {
    let clock = SimClock::manual(chrono::DateTime::UNIX_EPOCH);
    let limits = Some(Limits::telegram());
    let (telegram, client) = world_with(Options { clock: clock.clone(), limits, ..Options::default() }).await;
    telegram.person(alice()).send("/start").await;
    let message = json!({"chat_id": 1001, "text": "x"});
    for _ in 0..3 {
        client.ok("sendMessage", message.clone()).await;
    }
    let (status, body) = client.raw("sendMessage", message.clone()).await.unwrap();
    assert_eq!(status, 429);
    assert_eq!(body["parameters"]["retry_after"], 1);
    assert_eq!(body["description"], "Too Many Requests: retry after 1");
    clock.advance(Duration::from_secs(1));
    client.ok("sendMessage", message).await;
}

#[tokio::test]
async fn faults_happen_on_demand_and_once() {
    let (telegram, client) = world().await;
    let alice = telegram.person(alice());
    alice.send("/start").await;
    let message = json!({"chat_id": 1001, "text": "x"});
    telegram.fail_next("sendMessage", 502, "Bad Gateway");
    assert_eq!(client.refused("sendMessage", message.clone()).await, "502 Bad Gateway");
    telegram.flood_next("*", 7);
    let (_, body) = client.raw("sendMessage", message.clone()).await.unwrap();
    assert_eq!(body["parameters"]["retry_after"], 7);
    telegram.inject("sendMessage", None, 1, Fault::DropBefore);
    assert!(client.raw("sendMessage", message.clone()).await.is_err());
    assert_eq!(alice.messages().len(), 1, "cut before anything was done");
    telegram.inject("sendMessage", Some(1001), 1, Fault::DropAfter);
    assert!(client.raw("sendMessage", message.clone()).await.is_err());
    assert_eq!(alice.messages().len(), 2, "done, and only the answer lost");
    client.ok("sendMessage", message).await;
}

#[tokio::test]
async fn telegram_can_vanish_and_come_back() {
    let (telegram, client) = world().await;
    client.ok("getMe", json!({})).await;
    telegram.set_reach(Reach::Refused).await;
    assert!(client.raw("getMe", json!({})).await.unwrap_err().is_connect());
    telegram.set_reach(Reach::Open).await;
    client.ok("getMe", json!({})).await;
    telegram.set_reach(Reach::BlackHole).await;
    let swallowed = tokio::spawn({
        let client = Client::of(&telegram);
        async move { client.raw("getMe", json!({})).await }
    });
    let impatient =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_millis(300)).build().unwrap();
    assert!(impatient.get(format!("{}/getMe", client.base)).send().await.unwrap_err().is_timeout());
    telegram.set_reach(Reach::Open).await;
    assert!(swallowed.await.unwrap().is_err(), "what was swallowed is never answered");
    client.ok("getMe", json!({})).await;
}

#[tokio::test]
async fn a_form_is_as_good_as_json() {
    let (telegram, client) = world().await;
    let alice = telegram.person(alice());
    alice.send("/start").await;
    let markup = r#"{"inline_keyboard":[[{"text":"Go","callback_data":"g"}]]}"#;
    let form = [("chat_id", "1001"), ("text", "a+b & c"), ("reply_markup", markup)];
    let sent = client.http.post(format!("{}/sendMessage", client.base)).form(&form).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    assert_eq!(alice.transcript(), "Alice: /start\nKarvan: a+b & c\n  [Go]\n");
    let got =
        client.http.get(format!("{}/sendMessage?chat_id=1001&text=%D0%B4%D0%B0", client.base)).send().await;
    assert_eq!(got.unwrap().status(), 200);
    assert_eq!(alice.last_message().unwrap().text, "да");
}

#[tokio::test]
async fn commands_are_shown_by_scope_and_language() {
    let (telegram, client) = world().await;
    let anna = telegram.person(Person::new(7, "Anna").language("ru"));
    anna.send("/start").await;
    let set = async |extra: Value, word: &str| {
        let mut params = json!({"commands": [{"command": "key", "description": word}]});
        params.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        client.ok("setMyCommands", params).await;
        anna.commands()[0].1.clone()
    };
    assert_eq!(set(json!({}), "default").await, "default");
    assert_eq!(set(json!({"language_code": "ru"}), "по-русски").await, "по-русски");
    assert_eq!(set(json!({"scope": {"type": "all_private_chats"}}), "private").await, "private");
    assert_eq!(set(json!({"scope": {"type": "chat", "chat_id": 7}}), "hers").await, "hers");
    client.ok("deleteMyCommands", json!({"scope": {"type": "chat", "chat_id": 7}})).await;
    assert_eq!(anna.commands()[0].1, "private");
    let bad = json!({"commands": [{"command": "Key", "description": "x"}]});
    assert_eq!(client.refused("setMyCommands", bad).await, "400 Bad Request: BOT_COMMAND_INVALID");
}

#[tokio::test]
async fn groups_have_privacy_topics_and_doors() {
    let (telegram, client) = world().await;
    let alice = telegram.person(alice());
    let group = telegram.group(Group {
        id: -1001,
        title: "Ops".to_owned(),
        topics: vec![(5, "Alerts".to_owned())],
        ..Group::default()
    });
    let there = alice.in_group(&group);
    there.send("chatter").await;
    assert_eq!(telegram.pending(), 0, "privacy mode");
    there.send("/health@karvan_bot").await;
    there.send("/health@other_bot").await;
    assert_eq!(telegram.pending(), 1);
    client.ok("sendMessage", json!({"chat_id": -1001, "text": "up", "message_thread_id": 5})).await;
    assert_eq!(there.in_topic(5).transcript(), "Karvan: up\n");
    let wrong = json!({"chat_id": -1001, "text": "up", "message_thread_id": 6});
    assert_eq!(client.refused("sendMessage", wrong).await, "400 Bad Request: message thread not found");
    group.kick_bot(1001);
    assert_eq!(
        client.refused("sendMessage", json!({"chat_id": -1001, "text": "up"})).await,
        "403 Forbidden: bot was kicked from the supergroup chat"
    );
}
