//! The page with a small bot that shows off what a chat can hold: `cargo run -p sim --example page [PORT]`.
//!
//! The bot knows no panels; it is here to look at the page without the real one.

use std::sync::Arc;

use sim::marzban::{Fleet, Options as PanelOptions};
use sim::page::{MarzbanCard, PageOptions, Panel, PersonSpec, Role};
use sim::telegram::{Options, Person, Telegram};
use teloxide::payloads::{
    AnswerCallbackQuerySetters, EditMessageTextSetters, SendMessageSetters, SendPhotoSetters,
};
use teloxide::prelude::*;
use teloxide::types::{
    BotCommand, ChatAction, CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, ParseMode,
};

type Done = Result<(), teloxide::RequestError>;

const LINK: &str = "https://vpn.example.com/sub/Y2FydmFuLDE3MDAwMDAwMDA";

fn menu() -> InlineKeyboardMarkup {
    let button = InlineKeyboardButton::callback;
    InlineKeyboardMarkup::new([
        vec![button("⚡ Get key", "get")],
        vec![button("🌍 Location", "place"), button("❓ Help", "help")],
    ])
}

fn key_menu() -> InlineKeyboardMarkup {
    let button = InlineKeyboardButton::callback;
    let guide = "https://example.com/guide".parse().expect("a constant address");
    InlineKeyboardMarkup::new([
        vec![InlineKeyboardButton::copy_text_button("Copy key", CopyTextButton { text: LINK.to_owned() })],
        vec![button("🔄 Refresh", "refresh"), button("▦ QR", "qr")],
        vec![InlineKeyboardButton::url("Guide", guide), button("« Menu", "menu")],
    ])
}

async fn on_message(bot: Bot, message: Message) -> Done {
    let chat = message.chat.id;
    match message.text().unwrap_or_default() {
        "/nodes" => {
            let text = "<b>Panels</b>\n🇩🇪 <b>Germany</b> · <code>de</code> · 12 of 100\n🇳🇱 <b>Netherlands</b> · <code>nl</code> · 9 of 100\n\
                        <blockquote expandable>de: answers in 12 ms\nnl: answers in 15 ms\nfi: answers in 31 ms\nall: 31 keys\nlast check 5 s ago</blockquote>\n<tg-spoiler>a secret</tg-spoiler> /health";
            bot.send_message(chat, text).parse_mode(ParseMode::Html).await?;
        }
        "/code" => {
            let text = "<pre><code class=\"language-json\">{\"id\": \"de\", \"region\": \"de\"}</code></pre>";
            bot.send_message(chat, text).parse_mode(ParseMode::Html).await?;
        }
        _ if message.from.as_ref().is_some_and(|from| from.language_code.as_deref() == Some("fa")) => {
            let text = "<b>خوش آمدید!</b>\nبا یک لمس کلید خود را بگیرید. لینک شما <code>vpn.example.com</code> هرگز تغییر نمی‌کند.";
            let menu = [
                vec![InlineKeyboardButton::callback("⚡ دریافت کلید", "get")],
                vec![InlineKeyboardButton::callback("🌍 مکان", "place")],
            ];
            let menu = InlineKeyboardMarkup::new(menu);
            bot.send_message(chat, text).parse_mode(ParseMode::Html).reply_markup(menu).await?;
        }
        _ => {
            let name = teloxide::utils::html::escape(message.chat.first_name().unwrap_or("friend"));
            let text = format!(
                "👋 Welcome, <b>{name}</b>!\n\nOne tap and you have a <i>VPN key</i>. Its link never changes."
            );
            bot.send_message(chat, text).parse_mode(ParseMode::Html).reply_markup(menu()).await?;
        }
    }
    Ok(())
}

async fn on_press(bot: Bot, query: CallbackQuery) -> Done {
    let Some(message) = query.message.as_ref() else { return Ok(()) };
    let (chat, id) = (message.chat().id, message.id());
    let answer = bot.answer_callback_query(query.id.clone());
    match query.data.as_deref().unwrap_or_default() {
        "get" => {
            answer.await?;
            bot.send_chat_action(chat, ChatAction::Typing).await?;
            let text = format!(
                "🔑 <b>Your key</b>\nLocation: 🇩🇪 Germany\n▓▓▓░░░░░░░ 3.1 of 10 GB\n28 days left\n\n<code>{LINK}</code>"
            );
            let edit = bot.edit_message_text(chat, id, text).parse_mode(ParseMode::Html);
            edit.reply_markup(key_menu()).await?;
        }
        "qr" => {
            answer.await?;
            let photo = bot.send_photo(chat, InputFile::memory(include_bytes!("page.png").as_slice()));
            photo.caption("Scan it with the app on your other device.").await?;
        }
        "refresh" => {
            answer.text("Everything is in order ✔").await?;
        }
        "menu" => {
            answer.await?;
            bot.edit_message_text(chat, id, "What would you like to do?").reply_markup(menu()).await?;
        }
        _ => {
            answer.text("This menu is out of date.\nSend /start for a new one.").show_alert(true).await?;
        }
    }
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let port = std::env::args().nth(1).map(|port| port.parse()).transpose()?;
    let telegram = Telegram::start(Options::default()).await?;
    let fleet = Fleet::start(&["de", "nl", "fi"], &PanelOptions::default()).await?;
    let titles = [("Germany", "🇩🇪"), ("Netherlands", "🇳🇱"), ("Finland", "🇫🇮")];
    let panels = fleet.iter().zip(titles).zip([12, 9, 4]).map(|((panel, (title, flag)), accounts)| {
        panel.add_foreign_users(accounts);
        Arc::new(MarzbanCard::new(panel.clone(), title, flag)) as Arc<dyn Panel>
    });
    let person = |person, role| PersonSpec { person, role };
    let url = sim::page::serve(PageOptions {
        telegram: telegram.clone(),
        panels: panels.collect(),
        people: vec![
            person(Person::new(1001, "Alice"), Role::User),
            person(Person::new(1002, "Борис").language("ru"), Role::User),
            person(Person::new(1003, "سارا").language("fa"), Role::User),
            person(Person::new(1, "Root"), Role::Admin),
        ],
        port,
    })
    .await?;
    println!("{url}");
    let bot = Bot::new(telegram.token()).set_api_url(telegram.url().parse()?);
    let commands = [("start", "Show the menu"), ("nodes", "List the panels"), ("code", "Show some code")];
    bot.set_my_commands(commands.map(|(name, about)| BotCommand::new(name, about))).await?;
    let handler = dptree::entry()
        .branch(Update::filter_message().endpoint(on_message))
        .branch(Update::filter_callback_query().endpoint(on_press));
    Dispatcher::builder(bot, handler).build().dispatch().await;
    Ok(())
}
