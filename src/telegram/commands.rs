//! What Telegram shows of the bot: its commands, in each language, fitting the role.

use std::sync::Arc;
use std::time::Duration;

use teloxide::types::{BotCommand, BotCommandScope, ChatId, Recipient};
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use super::tg::TgError;
use crate::domain::UserId;
use crate::text::{self, Lang, T};

/// The setting that holds the bot's user name, for pages made while Telegram is away.
const BOT: &str = "bot";
/// Between two tries.
const RETRY: Duration = Duration::from_secs(30);

/// Introduces the bot as soon as Telegram can be reached; ends then. Until then the bot is called as it was last time.
pub(super) async fn run(desk: Arc<Desk>, stop: CancellationToken) {
    match desk.core.store.setting(BOT).await {
        Ok(known) => known.into_iter().for_each(|username| desk.core.signals.bot_is(username)),
        Err(error) => tracing::debug!("the bot's name is not known yet: {error}"),
    }
    while !stop.is_cancelled() {
        match introduce(&desk).await {
            Ok(()) => return,
            Err(error) => tracing::debug!("the commands are not published yet: {error}"),
        }
        let mut reach = desk.tg.reach();
        reach.mark_unchanged();
        tokio::select! {
            () = stop.cancelled() => return,
            _ = reach.changed() => {}
            () = tokio::time::sleep(RETRY) => {}
        }
    }
}

async fn introduce(desk: &Desk) -> Result<(), TgError> {
    let username = desk.tg.username().await?;
    if let Err(error) = desk.core.store.set_setting(BOT, &username).await {
        tracing::debug!("the bot's name is not kept: {error}");
    }
    tracing::info!("the bot is @{username}");
    desk.core.signals.bot_is(username);
    publish(desk, BotCommandScope::AllPrivateChats, text::command::user).await?;
    for admin in &desk.core.policy.admins {
        publish_for(desk, *admin).await?;
    }
    Ok(())
}

/// Shows an admin the admins' commands. One who never wrote to the bot has no chat yet: their `/start` does it again.
pub(super) async fn publish_for(desk: &Desk, admin: UserId) -> Result<(), TgError> {
    let scope = BotCommandScope::Chat { chat_id: Recipient::Id(ChatId(admin.0)) };
    match publish(desk, scope, text::command::admin).await {
        Err(TgError::NoChat(_) | TgError::Refused(_)) => Ok(()),
        other => other,
    }
}

async fn publish(
    desk: &Desk,
    scope: BotCommandScope,
    commands: fn(&T) -> Vec<(&'static str, String)>,
) -> Result<(), TgError> {
    let listed = |lang: Lang| {
        let commands = commands(desk.words.of(lang)).into_iter();
        commands.map(|(name, description)| BotCommand::new(name, description)).collect::<Vec<_>>()
    };
    for lang in Lang::ALL {
        desk.tg.set_commands(scope.clone(), Some(lang.code()), listed(lang)).await?;
    }
    // For all other languages.
    desk.tg.set_commands(scope, None, listed(desk.about.default_language)).await
}
