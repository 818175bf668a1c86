//! What services have to say, as messages: made when they are sent, from what is true then, in the reader's language.

use super::access_card;
use super::admin;
use super::callback::Callback;
use super::desk::{About, Desk};
use super::menu::ShowError;
use super::screen::{Button, Screen};
use super::user::screens;
use crate::domain::ConfigId;
use crate::domain::key::{Role, Standing};
use crate::service::keys::{KeyError, KeyView};
use crate::service::links::told;
use crate::service::notice::{Change, Notice, Warning};
use crate::store::StoreError;
use crate::text::notice::LinkAfter;
use crate::text::{self, Html, T};

/// A notice as a message; `None` when it says nothing any more, such as of a key that was taken away meanwhile.
///
/// # Errors
/// The database.
pub(super) async fn render(desk: &Desk, t: &T, notice: &Notice) -> Result<Option<Screen>, ShowError> {
    let screen = match notice {
        Notice::KeyReady { config } => match view(desk, *config).await? {
            Some(key) if key.standing == Standing::Live => Some(screens::ready(t, &key)),
            Some(key) => Some(card(desk, t, &key).await?),
            None => None,
        },
        Notice::KeyWaits { config, .. } => match view(desk, *config).await? {
            // It found its place before anybody was told that it waits.
            Some(key) if !key.preparing.is_some_and(|doing| doing.waits_for_room) => None,
            Some(key) => Some(screens::waits(t, &key, &locations(desk).await?)),
            None => None,
        },
        Notice::KeyMoved { config, asked } => match view(desk, *config).await? {
            Some(key) if key.link_stays => {
                let words = text::notice::moved(t, key.region.as_ref(), *asked, LinkAfter::Same);
                Some(with_steps(t, &key, words))
            }
            Some(key) => {
                let link = after_move(desk, *config).await?;
                let words = text::notice::moved(t, key.region.as_ref(), *asked, link);
                Some(with_link(t, &key, words))
            }
            None => None,
        },
        Notice::UpdateApp { config, since } => {
            match (told::needs_word(&desk.core, *config, *since).await?, view(desk, *config).await?) {
                (Some(app), Some(key)) if key.standing == Standing::Live => {
                    Some(with_steps(t, &key, text::notice::update_app(t, app.as_deref())))
                }
                _ => None,
            }
        }
        Notice::NewAddress { config, since } => {
            let fetched = desk.core.store.fetches_of(*config).await?;
            match view(desk, *config).await? {
                Some(key) if fetched.first().is_none_or(|last| last.at < *since) => {
                    Some(with_link(t, &key, text::notice::new_address(t)))
                }
                _ => None,
            }
        }
        Notice::KeyReset { config } => {
            view(desk, *config).await?.map(|key| with_link(t, &key, text::key::reset_done(t)))
        }
        Notice::KeyChanged { config, change } => {
            let words = text::notice::changed(t, *change);
            match view(desk, *config).await? {
                Some(key) if *change != Change::Revoked => Some(card(desk, t, &key).await?.headed(words)),
                _ => Some(Screen::new(words).row([screens::menu(t)])),
            }
        }
        Notice::WishFailed { config, problem } => {
            let words = text::notice::wish_failed(t, problem);
            view(desk, *config).await?.map(|key| {
                Screen::new(words).row([Button::press(text::button::my_key(t), Callback::Key(key.config))])
            })
        }
        Notice::DidItWork { config } => {
            let key = view(desk, *config).await?;
            key.filter(|key| key.standing == Standing::Live).map(|key| screens::works_question(t, &key))
        }
        Notice::Warning { config, warning } => {
            view(desk, *config).await?.map(|key| warned(t, &key, warning, &desk.about))
        }
        Notice::AccessGranted => {
            let get = Callback::GetKey { have: 0, region: None };
            let get = Button::press(text::button::get_key(t), get);
            Some(Screen::new(text::access::granted(t)).row([get]))
        }
        Notice::AccessDenied => {
            Some(Screen::new(text::access::denied(t)).row(screens::contact(t, &desk.about)))
        }
        Notice::AccessRequested { user } => access_card::of(desk, t, *user).await?,
        Notice::BatchProgress { .. }
        | Notice::Broadcast { .. }
        | Notice::BroadcastProgress { .. }
        | Notice::Incident { .. }
        | Notice::AlertChatLost
        | Notice::Summary { .. }
        | Notice::InstanceProblem { .. }
        | Notice::Drained { .. }
        | Notice::Maintenance { .. }
        | Notice::Held
        | Notice::NoRoom { .. } => admin::notices::render(desk, t, notice).await?,
    };
    Ok(screen)
}

async fn view(desk: &Desk, config: ConfigId) -> Result<Option<KeyView>, StoreError> {
    let view = stored(desk.keys.view(config).await)?.flatten();
    Ok(view.filter(|key| key.standing != Standing::Revoked))
}

/// Whether the link that the owner holds still leads to a server that serves.
async fn after_move(desk: &Desk, config: ConfigId) -> Result<LinkAfter, StoreError> {
    let key = desk.core.store.key(config).await?;
    let left = key.iter().flat_map(|key| &key.accounts).filter(|account| account.role == Role::Lingering);
    let serves = left.into_iter().any(|account| desk.core.placer.serves(&account.instance));
    Ok(if serves { LinkAfter::New } else { LinkAfter::NewOnly })
}

async fn locations(desk: &Desk) -> Result<Vec<crate::service::keys::Location>, StoreError> {
    Ok(stored(desk.keys.locations().await)?.unwrap_or_default())
}

/// Reading a key can only fail with its database.
fn stored<V>(read: Result<V, KeyError>) -> Result<Option<V>, StoreError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(KeyError::Store(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

async fn card(desk: &Desk, t: &T, key: &KeyView) -> Result<Screen, StoreError> {
    let (limit, now) = (desk.core.policy.max_keys_per_user, desk.core.clock.now());
    let have = screens::count(&stored(desk.keys.of(key.owner).await)?.unwrap_or_default());
    Ok(screens::card(t, key, have, limit, &desk.about, now))
}

/// What the owner of a key should know in time.
fn warned(t: &T, key: &KeyView, warning: &Warning, about: &About) -> Screen {
    Screen::new(text::warning::warning(t, key.number, warning))
        .row([Button::press(text::button::my_key(t), Callback::Key(key.config))])
        .row(screens::contact(t, about))
}

/// News of a key whose link stays: the app only has to be told to update.
fn with_steps(t: &T, key: &KeyView, words: Html) -> Screen {
    Screen::new(words)
        .row([Button::press(text::button::setup(t), Callback::Devices(key.config))])
        .row([Button::press(text::button::my_key(t), Callback::Key(key.config)), screens::menu(t)])
}

/// News of a key whose link has to be copied anew.
fn with_link(t: &T, key: &KeyView, words: Html) -> Screen {
    let link = key.link.as_deref();
    let copy = link.and_then(|link| Button::copy(text::button::copy_key(t), link));
    let written = if copy.is_none() { link.map(|link| text::key::link(t, link)) } else { None };
    Screen::new(Html::paragraphs([words, written.unwrap_or_default()]))
        .row(copy)
        .row([Button::press(text::button::setup(t), Callback::Devices(key.config))])
        .row([Button::press(text::button::my_key(t), Callback::Key(key.config)), screens::menu(t)])
}
