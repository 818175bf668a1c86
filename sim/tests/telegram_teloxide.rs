//! The framework that the bot is built on works against the simulated Telegram, and people can chat with it.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use sim::telegram::{Options, Person, Telegram};
use teloxide::dispatching::ShutdownToken;
use teloxide::payloads::{AnswerCallbackQuerySetters, SendMessageSetters, SendPhotoSetters};
use teloxide::prelude::*;
use teloxide::types::{
    BotCommand, BotCommandScope, CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, InputFile,
    InputMedia, InputMediaPhoto, ParseMode, Recipient,
};

/// One pixel.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 2, 0, 0, 0,
    3, 8, 6, 0, 0, 0,
];

type Failed = teloxide::RequestError;

fn bot_for(telegram: &Telegram) -> Bot {
    let client = teloxide::net::default_reqwest_settings().no_proxy().build().unwrap();
    Bot::with_client(telegram.token(), client).set_api_url(telegram.url().parse().unwrap())
}

fn menu() -> InlineKeyboardMarkup {
    InlineKeyboardMarkup::new([
        vec![
            InlineKeyboardButton::callback("⚡ Get key", "get"),
            InlineKeyboardButton::callback("🌍 Location", "loc"),
        ],
        vec![InlineKeyboardButton::url("Guide", "https://example.com/guide".parse().unwrap())],
    ])
}

async fn on_message(bot: Bot, message: Message) -> Result<(), Failed> {
    let text = format!(
        "<b>Welcome</b>, {}!",
        teloxide::utils::html::escape(message.chat.first_name().unwrap_or("?"))
    );
    bot.send_message(message.chat.id, text).parse_mode(ParseMode::Html).reply_markup(menu()).await?;
    Ok(())
}

async fn on_press(bot: Bot, query: CallbackQuery) -> Result<(), Failed> {
    match query.data.as_deref() {
        Some("get") => {
            bot.answer_callback_query(query.id.clone()).text("Done").await?;
            let message = query.message.as_ref().unwrap();
            let copy = InlineKeyboardButton::copy_text_button(
                "Copy",
                CopyTextButton { text: "vless://k".to_owned() },
            );
            bot.edit_message_text(message.chat().id, message.id(), "Your key")
                .reply_markup(InlineKeyboardMarkup::new([[copy]]))
                .await?;
        }
        _ => {
            bot.answer_callback_query(query.id.clone())
                .text("This menu is out of date")
                .show_alert(true)
                .await?;
        }
    }
    Ok(())
}

/// A small bot that runs until the token is shut down.
fn start_bot(telegram: &Telegram) -> (ShutdownToken, tokio::task::JoinHandle<()>) {
    let handler = dptree::entry()
        .branch(Update::filter_message().endpoint(on_message))
        .branch(Update::filter_callback_query().endpoint(on_press));
    let mut dispatcher = Dispatcher::builder(bot_for(telegram), handler).build();
    let stop = dispatcher.shutdown_token();
    (stop, tokio::spawn(async move { dispatcher.dispatch().await }))
}

#[tokio::test]
async fn a_person_chats_with_a_bot() {
    let telegram = Telegram::start(Options::default()).await.unwrap();
    let (stop, running) = start_bot(&telegram);
    let alice = telegram.person(Person::new(1001, "Al<ice>"));
    alice.send("/start").await;
    let welcome = alice.expect("Welcome").await;
    assert_eq!(welcome.labels(), [vec!["⚡ Get key", "🌍 Location"], vec!["Guide"]]);
    assert_eq!(alice.copy_from("Guide"), "https://example.com/guide");
    let click = alice.click("Get key").await;
    assert_eq!(click.text(), "Done");
    alice.expect("Your key").await;
    assert_eq!(alice.copy_from("Copy"), "vless://k");
    let answer = alice.press_data("forged").await;
    assert_eq!((answer.text.as_deref(), answer.alert), (Some("This menu is out of date"), true));
    telegram.quiet().await;
    assert_eq!(alice.transcript(), "Al<ice>: /start\nKarvan: Your key\n  [Copy ⧉]\n");
    let unmet = alice.try_click("Get key").await.unwrap_err().to_string();
    assert!(unmet.contains("there is no button \"Get key\"") && unmet.contains("[Copy]"), "{unmet}");
    stop.shutdown().unwrap().await;
    running.await.unwrap();
}

#[tokio::test]
async fn pictures_documents_and_the_rest_parse_in_teloxide() {
    let telegram = Telegram::start(Options::default()).await.unwrap();
    let bot = bot_for(&telegram);
    let alice = telegram.person(Person::new(1001, "Alice"));
    alice.send("/start").await;
    let chat = ChatId(1001);

    let me = bot.get_me().await.unwrap();
    assert_eq!(me.username(), "karvan_bot");
    let photo = bot.send_photo(chat, InputFile::memory(PNG)).caption("<b>QR</b>").parse_mode(ParseMode::Html);
    let sent = photo.reply_markup(menu()).await.unwrap();
    assert_eq!((sent.photo().unwrap()[0].width, sent.photo().unwrap()[0].height), (2, 3));
    assert_eq!(sent.caption(), Some("QR"));
    let refused = bot.edit_message_text(chat, sent.id, "text").await.unwrap_err();
    assert!(
        refused.to_string().contains("Bad Request: there is no text in the message to edit"),
        "{refused}"
    );
    bot.edit_message_caption(chat, sent.id).caption("New").await.unwrap();
    let media = InputMediaPhoto::new(InputFile::memory(PNG)).caption("Other");
    bot.edit_message_media(chat, sent.id, InputMedia::Photo(media)).await.unwrap();
    let file = bot.get_file(sent.photo().unwrap()[0].file.id.clone()).await.unwrap();
    let url = format!("{}/file/bot{}/{}", telegram.url(), telegram.token(), file.path);
    let bytes =
        reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap().bytes().await;
    assert_eq!(bytes.unwrap(), PNG);
    let document = bot.send_document(chat, InputFile::memory("a,b").file_name("fleet.csv")).await.unwrap();
    assert_eq!(document.document().unwrap().file_name.as_deref(), Some("fleet.csv"));
    assert_eq!(alice.transcript(), "Alice: /start\nKarvan: [photo: Other]\nKarvan: [document fleet.csv]\n");

    let info = bot.get_chat(chat).await.unwrap();
    assert_eq!(info.first_name(), Some("Alice"));
    assert!(bot.get_chat_member(chat, UserId(1001)).await.unwrap().is_present());
    bot.send_chat_action(chat, teloxide::types::ChatAction::Typing).await.unwrap();
    bot.pin_chat_message(chat, sent.id).await.unwrap();
    assert_eq!(bot.get_chat(chat).await.unwrap().pinned_message.unwrap().id, sent.id);
    let scope = BotCommandScope::Chat { chat_id: Recipient::Id(chat) };
    bot.set_my_commands([BotCommand::new("nodes", "Panels")]).scope(scope.clone()).await.unwrap();
    assert_eq!(bot.get_my_commands().scope(scope).await.unwrap()[0].command, "nodes");
    assert_eq!(bot.get_webhook_info().await.unwrap().url, None);
    bot.delete_messages(chat, [sent.id, document.id]).await.unwrap();
    assert_eq!(alice.messages().len(), 1);
}

#[tokio::test]
async fn refusals_are_known_to_teloxide() {
    use teloxide::{ApiError, RequestError};
    let telegram = Telegram::start(Options::default()).await.unwrap();
    let bot = bot_for(&telegram);
    let alice = telegram.person(Person::new(1001, "Alice"));
    alice.send("/start").await;
    let api = |refused: RequestError| match refused {
        RequestError::Api(error) => error,
        other => panic!("{other}"),
    };
    let sent = bot.send_message(ChatId(1001), "x").await.unwrap();
    let same = bot.edit_message_text(ChatId(1001), sent.id, "x").await.unwrap_err();
    assert_eq!(api(same), ApiError::MessageNotModified);
    let unparsed = bot.send_message(ChatId(1001), "<x>").parse_mode(ParseMode::Html).await.unwrap_err();
    assert!(matches!(api(unparsed), ApiError::CantParseEntities(_)));
    assert_eq!(api(bot.send_message(ChatId(7), "x").await.unwrap_err()), ApiError::ChatNotFound);
    alice.block_bot();
    assert_eq!(api(bot.send_message(ChatId(1001), "x").await.unwrap_err()), ApiError::BotBlocked);
    telegram.flood_next("sendMessage", 3);
    let flood = bot.send_message(ChatId(1001), "x").await.unwrap_err();
    assert!(matches!(flood, RequestError::RetryAfter(seconds) if seconds.seconds() == 3));
    let wrong = Bot::new("123456:WRONG").set_api_url(telegram.url().parse().unwrap());
    assert_eq!(api(wrong.get_me().await.unwrap_err()), ApiError::InvalidToken);
}
