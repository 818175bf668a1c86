//! The one gateway to Telegram.
//!
//! Every call goes through here: paced, with a time-out, its failure classified. teloxide gives the types and the
//! payloads; the call itself is ours, because teloxide's own sleeps 10 s on each 5xx, reads known refusals by exact
//! wording and unknown ones by none, and its errors may hold the address, which contains the token.
//!
//! Messages are HTML with link previews off. What is said to a person never fails because of what they did meanwhile:
//! an unmodified message, a vanished one to delete, a query that is too old are no errors here.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::multipart::{Form, Part};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use teloxide::payloads::{
    AnswerCallbackQuery, AnswerCallbackQuerySetters, DeleteMessage, DeleteWebhook, EditMessageText,
    EditMessageTextSetters, GetMe, GetWebhookInfo, SendChatAction, SendMessage, SendMessageSetters,
    SetMyCommands, SetMyCommandsSetters,
};
use teloxide::requests::Payload;
use teloxide::types::{
    BotCommand, BotCommandScope, CallbackQueryId, ChatAction, ChatId, LinkPreviewOptions, MessageId,
    ParseMode, ThreadId,
};
use tokio::sync::watch;
use url::Url;

use super::pacer::{Limits, Pacer};
use super::screen::Screen;
use crate::service::notice::Lane;

/// One ordinary call.
const CALL_TIMEOUT: Duration = Duration::from_secs(12);
/// How long `getUpdates` may hang.
pub(super) const POLL: Duration = Duration::from_secs(10);
/// A longer `retry_after` is given back to the caller.
const PATIENCE: Duration = Duration::from_secs(8);

/// So many failures in a row mean that Telegram is away.
const FAILURES_TO_DOWN: u32 = 3;
/// While it is away, it is tried this often.
const RETRY_EVERY: Duration = Duration::from_secs(2);

/// How Telegram is reached.
#[derive(Debug, Clone)]
pub struct Access {
    /// From @BotFather.
    pub token: SecretString,
    /// The Bot API server.
    pub api_url: Url,
    /// `http://`, `https://`, `socks5://` or `socks5h://`. None is taken from the environment unasked.
    pub proxy: Option<Url>,
}

/// Why a call failed. Holds no token, address or text of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TgError {
    /// Not reached, no answer in time, or a 5xx.
    #[error("Telegram cannot be reached: {0}")]
    Unreachable(&'static str),
    /// Too many requests: not before this.
    #[error("Telegram wants us to wait {} s", .0.as_secs())]
    RetryAfter(Duration),
    /// The token is wrong or was revoked.
    #[error("Telegram does not know the bot's token")]
    Token,
    /// The person blocked the bot or was deleted, the bot was removed from the group, or there is no such chat.
    #[error("the chat cannot be written to: {0}")]
    NoChat(String),
    /// The message to change is gone or is of another kind.
    #[error("the message cannot be changed: {0}")]
    Gone(String),
    /// Another program polls with the same token, or a webhook is set.
    #[error("another receiver takes the updates")]
    Conflict {
        /// It is a webhook, which we can remove.
        webhook: bool,
    },
    /// Telegram understood and refused: a mistake of ours.
    #[error("Telegram refuses: {0}")]
    Refused(String),
}

impl TgError {
    /// When the same call may succeed without anybody's help; `None`: never.
    #[must_use]
    pub fn retry_in(&self) -> Option<Duration> {
        match self {
            Self::RetryAfter(wait) => Some(*wait),
            Self::Unreachable(_) | Self::Token | Self::Conflict { .. } => Some(Duration::ZERO),
            Self::NoChat(_) | Self::Gone(_) | Self::Refused(_) => None,
        }
    }
}

/// The settings for Telegram cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Not a proxy.
    #[error("TELOXIDE_PROXY cannot be used as a proxy; write one such as socks5://127.0.0.1:1080")]
    Proxy,
    /// Not an address calls can be made under.
    #[error("TELOXIDE_API_URL cannot be used; write an address such as https://api.telegram.org")]
    ApiUrl,
    /// The TLS library or the resolver failed to start.
    #[error("the HTTP client cannot be made")]
    Client,
}

/// Whether Telegram can be reached, as the last calls saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// No call has succeeded or failed often enough yet.
    Unknown,
    /// Answers.
    Up,
    /// Does not answer, or not to us.
    Down,
}

/// The gateway. Cheap to clone.
#[derive(Clone)]
pub struct Tg(Arc<Inner>);

struct Inner {
    client: reqwest::Client,
    /// With the token in its path: never printed.
    base: Url,
    pacer: Pacer,
    reach: watch::Sender<Reach>,
    /// Failures in a row, and when the last one was.
    failures: Mutex<(u32, Instant)>,
}

/// Telegram's envelope.
#[derive(Deserialize)]
struct Envelope {
    ok: bool,
    #[serde(default)]
    result: Value,
    #[serde(default)]
    error_code: u16,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Deserialize, Default)]
struct Parameters {
    retry_after: Option<u64>,
}

impl Tg {
    /// A gateway over `access`. Makes no call.
    ///
    /// # Errors
    /// What cannot be used.
    pub fn new(access: &Access) -> Result<Self, AccessError> {
        Self::with_limits(access, Limits::TELEGRAM)
    }

    /// A gateway that keeps other limits than Telegram's.
    ///
    /// # Errors
    /// What cannot be used.
    pub fn with_limits(access: &Access, limits: Limits) -> Result<Self, AccessError> {
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(5))
            .timeout(POLL + CALL_TIMEOUT)
            .tcp_nodelay(true);
        if let Some(proxy) = &access.proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy.as_str()).map_err(|_| AccessError::Proxy)?);
        }
        let client = builder.build().map_err(|_| AccessError::Client)?;
        let mut base = access.api_url.clone();
        base.path_segments_mut()
            .map_err(|()| AccessError::ApiUrl)?
            .pop_if_empty()
            .push(&format!("bot{}", access.token.expose_secret()));
        let reach = watch::Sender::new(Reach::Unknown);
        let failures = Mutex::new((0, Instant::now()));
        Ok(Self(Arc::new(Inner { client, base, pacer: Pacer::new(limits), reach, failures })))
    }

    /// Whether Telegram can be reached, now and on each change.
    #[must_use]
    pub fn reach(&self) -> watch::Receiver<Reach> {
        self.0.reach.subscribe()
    }

    /// Whether it is better not to try now. Every other moment somebody may: that is how a return is noticed.
    #[must_use]
    pub fn is_away(&self) -> bool {
        let (_, last) = *self.0.failures.lock().expect("no holder of this lock can panic");
        *self.0.reach.borrow() == Reach::Down && last.elapsed() < RETRY_EVERY
    }

    /// A new message; its id.
    ///
    /// # Errors
    /// Never `Gone`.
    pub async fn send(&self, lane: Lane, chat: i64, screen: &Screen) -> Result<i64, TgError> {
        self.send_in(lane, chat, None, screen).await
    }

    /// A new message in a topic of a group; its id.
    ///
    /// # Errors
    /// Never `Gone`; a topic that is no more is `NoChat`.
    pub async fn send_in(
        &self,
        lane: Lane,
        chat: i64,
        topic: Option<i32>,
        screen: &Screen,
    ) -> Result<i64, TgError> {
        let mut payload = SendMessage::new(ChatId(chat), screen.text.as_str())
            .parse_mode(ParseMode::Html)
            .link_preview_options(no_preview());
        if let Some(topic) = topic {
            payload = payload.message_thread_id(ThreadId(MessageId(topic)));
        }
        if !screen.buttons.is_empty() {
            payload = payload.reply_markup(screen.keyboard());
        }
        let sent = self.paced(lane, chat, &payload).await?;
        message_id(&sent)
    }

    /// Changes a message in place; that it was so already is fine.
    ///
    /// # Errors
    /// `Gone`: a new message must be sent instead.
    pub async fn edit(&self, lane: Lane, chat: i64, message: i64, screen: &Screen) -> Result<(), TgError> {
        let payload = EditMessageText::new(ChatId(chat), to_message_id(message), screen.text.as_str())
            .parse_mode(ParseMode::Html)
            .link_preview_options(no_preview())
            .reply_markup(screen.keyboard());
        match self.paced(lane, chat, &payload).await {
            Err(TgError::Refused(why)) if why.contains("message is not modified") => Ok(()),
            other => other.map(drop),
        }
    }

    /// A picture with a caption, a message of its own; its id.
    ///
    /// # Errors
    /// Never `Gone`.
    pub async fn photo(&self, lane: Lane, chat: i64, png: Vec<u8>, caption: &Screen) -> Result<i64, TgError> {
        self.turn(lane, chat).await?;
        let markup = serde_json::to_string(&caption.keyboard()).expect("a keyboard is plain data");
        let part = Part::bytes(png).file_name("picture.png").mime_str("image/png").expect("a valid type");
        let form = Form::new()
            .text("chat_id", chat.to_string())
            .text("caption", caption.text.as_str().to_owned())
            .text("parse_mode", "HTML")
            .text("reply_markup", markup)
            .part("photo", part);
        let request = self.0.client.post(self.address("SendPhoto")).multipart(form);
        let sent = self.execute(request).await.inspect_err(|error| self.note(chat, error))?;
        message_id(&sent)
    }

    /// A file with a caption, a message of its own; its id.
    ///
    /// # Errors
    /// Never `Gone`.
    pub async fn document(
        &self,
        lane: Lane,
        chat: i64,
        topic: Option<i32>,
        name: &str,
        bytes: Vec<u8>,
        caption: &Screen,
    ) -> Result<i64, TgError> {
        self.turn(lane, chat).await?;
        // Tens of megabytes through a narrow line take their time.
        let patience = POLL + CALL_TIMEOUT + Duration::from_secs(bytes.len() as u64 / 100_000);
        let mut form = Form::new()
            .text("chat_id", chat.to_string())
            .text("caption", caption.text.as_str().to_owned())
            .text("parse_mode", "HTML")
            .part("document", Part::bytes(bytes).file_name(name.to_owned()));
        if let Some(topic) = topic {
            form = form.text("message_thread_id", topic.to_string());
        }
        let request = self.0.client.post(self.address("SendDocument")).multipart(form).timeout(patience);
        let sent = self.execute(request).await.inspect_err(|error| self.note(chat, error))?;
        message_id(&sent)
    }

    /// Deletes a message; that it is gone already, or too old to be deleted, is fine.
    ///
    /// # Errors
    /// Only when Telegram cannot be asked.
    pub async fn delete(&self, chat: i64, message: i64) -> Result<(), TgError> {
        let payload = DeleteMessage::new(ChatId(chat), to_message_id(message));
        // Deleting floods nobody: it does not count.
        match self.call(&payload, CALL_TIMEOUT).await.inspect_err(|error| self.note(chat, error)) {
            Err(TgError::Gone(_) | TgError::NoChat(_)) => Ok(()),
            other => other.map(drop),
        }
    }

    /// Answers a button, with a word if there is one to say; that the query is too old is fine.
    ///
    /// # Errors
    /// Only when Telegram cannot be asked.
    pub async fn answer(&self, query: &CallbackQueryId, word: Option<&str>) -> Result<(), TgError> {
        let mut payload = AnswerCallbackQuery::new(query.clone());
        if let Some(word) = word {
            payload = payload.text(word).show_alert(true);
        }
        match self.call(&payload, CALL_TIMEOUT).await {
            Err(TgError::Refused(_) | TgError::Gone(_)) => Ok(()),
            other => other.map(drop),
        }
    }

    /// The bot's user name, such as `karvan_bot`.
    ///
    /// # Errors
    /// Any.
    pub async fn username(&self) -> Result<String, TgError> {
        let me = self.call(&GetMe::new(), CALL_TIMEOUT).await?;
        let name = me.get("username").and_then(Value::as_str);
        name.map(str::to_owned).ok_or(TgError::Unreachable("a foreign answer"))
    }

    /// Sets the commands shown in a scope and language; `None` is for all other languages.
    ///
    /// # Errors
    /// Any.
    pub async fn set_commands(
        &self,
        scope: BotCommandScope,
        language: Option<&str>,
        commands: Vec<BotCommand>,
    ) -> Result<(), TgError> {
        let mut payload = SetMyCommands::new(commands).scope(scope);
        if let Some(language) = language {
            payload = payload.language_code(language);
        }
        self.call(&payload, CALL_TIMEOUT).await.map(drop)
    }

    /// Removes a webhook, keeping the updates that wait.
    ///
    /// # Errors
    /// Any.
    pub async fn delete_webhook(&self) -> Result<(), TgError> {
        self.call(&DeleteWebhook::new(), CALL_TIMEOUT).await.map(drop)
    }

    /// Asks for updates of these `kinds` to be sent to `url` with `secret` in their header, at most `connections` at a
    /// time.
    ///
    /// # Errors
    /// Any.
    pub async fn set_webhook(
        &self,
        url: &Url,
        secret: &SecretString,
        kinds: &[&str],
        connections: u8,
    ) -> Result<(), TgError> {
        let body = json!({
            "url": url.as_str(),
            "secret_token": secret.expose_secret(),
            "allowed_updates": kinds,
            "max_connections": connections,
        });
        let request = self.0.client.post(self.address("SetWebhook")).json(&body).timeout(CALL_TIMEOUT);
        self.execute(request).await.map(drop)
    }

    /// Where updates are sent; `None`: they wait to be fetched.
    ///
    /// # Errors
    /// Any.
    pub async fn webhook(&self) -> Result<Option<String>, TgError> {
        let info = self.call(&GetWebhookInfo::new(), CALL_TIMEOUT).await?;
        let url = info.get("url").and_then(Value::as_str).filter(|url| !url.is_empty());
        Ok(url.map(str::to_owned))
    }

    /// Whether a webhook takes the updates.
    ///
    /// # Errors
    /// Any.
    pub async fn has_webhook(&self) -> Result<bool, TgError> {
        Ok(self.webhook().await?.is_some())
    }

    /// Whether a chat can be written to: shows "typing…" there for a moment, which leaves nothing behind.
    ///
    /// # Errors
    /// `NoChat`: it cannot.
    pub async fn may_write(&self, chat: i64) -> Result<(), TgError> {
        self.call(&SendChatAction::new(ChatId(chat), ChatAction::Typing), CALL_TIMEOUT).await.map(drop)
    }

    /// The updates after `offset` as Telegram wrote them: teloxide's types do not survive a round trip through JSON.
    ///
    /// # Errors
    /// Any.
    pub async fn updates(&self, offset: Option<i64>, kinds: &[&str]) -> Result<Vec<Value>, TgError> {
        let body =
            json!({ "offset": offset, "timeout": POLL.as_secs(), "limit": 100, "allowed_updates": kinds });
        let request = self.0.client.post(self.address("GetUpdates")).json(&body).timeout(POLL + CALL_TIMEOUT);
        match self.execute(request).await? {
            Value::Array(updates) => Ok(updates),
            _ => Err(TgError::Unreachable("a foreign answer")),
        }
    }

    /// So many processes send beside each other: each keeps its share of Telegram's limits.
    pub(super) fn share(&self, replicas: u32) {
        self.0.pacer.share(replicas);
    }

    async fn turn(&self, lane: Lane, chat: i64) -> Result<(), TgError> {
        self.0.pacer.turn(lane, chat, PATIENCE).await.map_err(TgError::RetryAfter)
    }

    /// A call that counts for the limits; waits for its turn, and once more when Telegram asks for a short while.
    async fn paced<P: Payload + Serialize>(
        &self,
        lane: Lane,
        chat: i64,
        payload: &P,
    ) -> Result<Value, TgError> {
        self.turn(lane, chat).await?;
        let first = self.call(payload, CALL_TIMEOUT).await.inspect_err(|error| self.note(chat, error));
        let Err(TgError::RetryAfter(_)) = first else { return first };
        self.turn(lane, chat).await?;
        self.call(payload, CALL_TIMEOUT).await.inspect_err(|error| self.note(chat, error))
    }

    /// Remembers a 429.
    fn note(&self, chat: i64, error: &TgError) {
        if let TgError::RetryAfter(wait) = error {
            tracing::warn!(retry_after_s = wait.as_secs(), "Telegram asks us to slow down");
            self.0.pacer.hold(chat, *wait);
        }
    }

    async fn call<P: Payload + Serialize>(&self, payload: &P, timeout: Duration) -> Result<Value, TgError> {
        let request = self.0.client.post(self.address(P::NAME)).json(payload).timeout(timeout);
        self.execute(request).await
    }

    fn address(&self, method: &str) -> Url {
        let mut url = self.0.base.clone();
        url.path_segments_mut().expect("checked when the gateway was made").push(method);
        url
    }

    async fn execute(&self, request: reqwest::RequestBuilder) -> Result<Value, TgError> {
        let outcome = Self::exchange(request).await;
        let reach = match &outcome {
            Err(TgError::Unreachable(_) | TgError::Token) => {
                let mut failures = self.0.failures.lock().expect("no holder of this lock can panic");
                *failures = (failures.0 + 1, Instant::now());
                // One cut connection is no outage.
                if failures.0 < FAILURES_TO_DOWN {
                    return outcome;
                }
                Reach::Down
            }
            _ => {
                self.0.failures.lock().expect("no holder of this lock can panic").0 = 0;
                Reach::Up
            }
        };
        let before = self.0.reach.send_replace(reach);
        match (before, reach, &outcome) {
            (Reach::Up | Reach::Unknown, Reach::Down, Err(error)) => {
                tracing::warn!("{error}; messages wait, everything else goes on");
            }
            (Reach::Down, Reach::Up, _) => tracing::info!("Telegram answers again"),
            _ => {}
        }
        outcome
    }

    async fn exchange(request: reqwest::RequestBuilder) -> Result<Value, TgError> {
        let response = request.send().await.map_err(|error| TgError::Unreachable(trouble(&error)))?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| TgError::Unreachable(trouble(&error)))?;
        let Ok(envelope) = serde_json::from_slice::<Envelope>(&body) else {
            return Err(TgError::Unreachable(if status.is_server_error() {
                "a 5xx"
            } else {
                "a foreign answer"
            }));
        };
        if envelope.ok { Ok(envelope.result) } else { Err(classify(&envelope)) }
    }
}

/// What a failed exchange looks like, without the address it was made to.
fn trouble(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection was cut"
    }
}

fn classify(envelope: &Envelope) -> TgError {
    /// A message that cannot be changed any more; `no text` is a picture where a text is to be edited.
    const GONE: [&str; 7] = [
        "message to edit not found",
        "message to delete not found",
        "message can't be edited",
        "message can't be deleted",
        "there is no text in the message",
        "MESSAGE_ID_INVALID",
        "message identifier is not specified",
    ];
    const NO_CHAT: [&str; 9] = [
        "chat not found",
        "user not found",
        "PEER_ID_INVALID",
        "group is deactivated",
        "message thread not found",
        "TOPIC_DELETED",
        "TOPIC_CLOSED",
        "not enough rights to send",
        "CHAT_WRITE_FORBIDDEN",
    ];
    let says = |words: &[&str]| words.iter().any(|word| envelope.description.contains(word));
    match envelope.error_code {
        429 => TgError::RetryAfter(Duration::from_secs(envelope.parameters.retry_after.unwrap_or(1).max(1))),
        401 | 404 => TgError::Token,
        403 => TgError::NoChat(scrub(&envelope.description)),
        409 => TgError::Conflict { webhook: envelope.description.contains("webhook") },
        500.. => TgError::Unreachable("a 5xx"),
        _ if says(&GONE) => TgError::Gone(scrub(&envelope.description)),
        _ if says(&NO_CHAT) => TgError::NoChat(scrub(&envelope.description)),
        _ => TgError::Refused(scrub(&envelope.description)),
    }
}

/// Telegram quotes what it refuses, and what we send may be a key's link: nothing within quotes is kept.
fn scrub(description: &str) -> String {
    let mut parts = description.split(['\'', '"']);
    let head = parts.next().unwrap_or_default();
    // An apostrophe within a word ("can't") opens no quotation.
    let rest = parts.next().filter(|rest| head.ends_with("can") && rest.starts_with('t'));
    rest.map_or_else(|| head.trim_end().to_owned(), |rest| format!("{head}'{rest}").trim_end().to_owned())
}

fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

fn message_id(message: &Value) -> Result<i64, TgError> {
    message.get("message_id").and_then(Value::as_i64).ok_or(TgError::Unreachable("a foreign answer"))
}

/// Telegram's message ids are 32 bits wide; the database keeps 64.
fn to_message_id(message: i64) -> MessageId {
    MessageId(i32::try_from(message).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn refusal(error_code: u16, description: &str) -> TgError {
        let parameters = Parameters { retry_after: Some(7) };
        classify(&Envelope {
            ok: false,
            result: Value::Null,
            error_code,
            description: description.into(),
            parameters,
        })
    }

    #[rstest]
    #[case(429, "Too Many Requests: retry after 7", TgError::RetryAfter(Duration::from_secs(7)))]
    #[case(401, "Unauthorized", TgError::Token)]
    #[case(404, "Not Found", TgError::Token)]
    #[case(502, "Bad Gateway", TgError::Unreachable("a 5xx"))]
    #[case(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", TgError::Conflict { webhook: true })]
    #[case(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", TgError::Conflict { webhook: false })]
    #[case(403, "Forbidden: bot was blocked by the user", TgError::NoChat("Forbidden: bot was blocked by the user".into()))]
    #[case(400, "Bad Request: message can't be edited", TgError::Gone("Bad Request: message can't be edited".into()))]
    #[case(400, "Bad Request: message thread not found", TgError::NoChat("Bad Request: message thread not found".into()))]
    #[case(400, "Bad Request: chat not found", TgError::NoChat("Bad Request: chat not found".into()))]
    #[case(400, "Bad Request: inline keyboard button URL 'https://x/sub/secret' is invalid", TgError::Refused("Bad Request: inline keyboard button URL".into()))]
    #[case(400, "Bad Request: can't parse entities: Unsupported start tag \"secret\" at byte offset 3", TgError::Refused("Bad Request: can't parse entities: Unsupported start tag".into()))]
    fn refusals_are_told_apart_and_quote_nothing(
        #[case] code: u16,
        #[case] description: &str,
        #[case] expected: TgError,
    ) {
        assert_eq!(refusal(code, description), expected);
    }

    #[tokio::test]
    async fn an_error_never_shows_the_token() {
        let token = "123456:SECRET";
        let api_url = "http://127.0.0.1:1".parse().unwrap(); // nobody listens on port 1
        let tg = Tg::new(&Access { token: token.into(), api_url, proxy: None }).unwrap();
        let error = tg.username().await.unwrap_err();
        assert_eq!(error, TgError::Unreachable("no connection"));
        assert!(!format!("{error} {error:?}").contains("SECRET"));
        assert_eq!(*tg.reach().borrow(), Reach::Unknown, "one failure is no outage");
        for _ in 1..FAILURES_TO_DOWN {
            tg.username().await.unwrap_err();
        }
        assert_eq!(*tg.reach().borrow(), Reach::Down);
        assert!(tg.is_away());
    }
}
