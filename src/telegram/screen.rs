//! What a message shows: a text, and buttons below it.

use teloxide::types::{CopyTextButton, InlineKeyboardButton, InlineKeyboardButtonKind, InlineKeyboardMarkup};
use url::Url;

use super::callback::Callback;
use crate::text::Html;

/// The longest text a button can copy.
const LONGEST_COPY: usize = 256;

/// A text, and buttons below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Screen {
    /// What is read.
    pub text: Html,
    /// Rows of buttons.
    pub buttons: Vec<Vec<Button>>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Button {
    /// Sends something to us.
    Press(String, Callback),
    /// Opens an address (http, https or tg; Telegram takes no others).
    Open(String, Url),
    /// Copies a text of 1 to 256 characters.
    Copy(String, String),
}

impl Screen {
    /// A text without buttons.
    #[must_use]
    pub fn new(text: Html) -> Self {
        Self { text, buttons: Vec::new() }
    }

    /// One more row; an empty one is left out.
    #[must_use]
    pub fn row(mut self, row: impl IntoIterator<Item = Button>) -> Self {
        let row = row.into_iter().collect::<Vec<_>>();
        if !row.is_empty() {
            self.buttons.push(row);
        }
        self
    }

    /// Rows of `width` buttons each.
    #[must_use]
    pub fn grid(mut self, width: usize, buttons: impl IntoIterator<Item = Button>) -> Self {
        let buttons = buttons.into_iter().collect::<Vec<_>>();
        self.buttons.extend(buttons.chunks(width.max(1)).map(<[Button]>::to_vec));
        self
    }

    /// The same screen with `head` above its text.
    #[must_use]
    pub fn headed(mut self, head: Html) -> Self {
        self.text = Html::paragraphs([head, self.text]);
        self
    }

    /// The same screen with its `number` in the buttons that must have their effect once.
    #[must_use]
    pub fn stamped(mut self, number: i64) -> Self {
        for button in self.buttons.iter_mut().flatten() {
            match button {
                Button::Press(_, Callback::Relocate { screen, .. } | Callback::Reset { screen, .. }) => {
                    *screen = number;
                }
                Button::Press(_, Callback::Admin(press)) => press.stamp(number),
                Button::Press(..) | Button::Open(..) | Button::Copy(..) => {}
            }
        }
        self
    }

    /// The buttons as Telegram wants them.
    #[must_use]
    pub fn keyboard(&self) -> InlineKeyboardMarkup {
        InlineKeyboardMarkup::new(self.buttons.iter().map(|row| row.iter().map(Button::to_telegram)))
    }
}

impl Button {
    /// A button that sends `callback` to us.
    #[must_use]
    pub fn press(label: impl Into<String>, callback: Callback) -> Self {
        Self::Press(label.into(), callback)
    }

    /// A button that copies `text`; `None` when it is too long for a button.
    #[must_use]
    pub fn copy(label: impl Into<String>, text: &str) -> Option<Self> {
        let fits = (1..=LONGEST_COPY).contains(&text.encode_utf16().count());
        fits.then(|| Self::Copy(label.into(), text.to_owned()))
    }

    /// A button that opens `address`; `None` when Telegram would not take it.
    #[must_use]
    pub fn open(label: impl Into<String>, address: &str) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        matches!(url.scheme(), "http" | "https" | "tg").then(|| Self::Open(label.into(), url))
    }

    fn to_telegram(&self) -> InlineKeyboardButton {
        match self {
            Self::Press(label, callback) => InlineKeyboardButton::callback(label, callback.to_string()),
            Self::Open(label, url) => InlineKeyboardButton::url(label.clone(), url.clone()),
            Self::Copy(label, text) => {
                let copy = CopyTextButton { text: text.clone() };
                InlineKeyboardButton::new(label, InlineKeyboardButtonKind::CopyText(copy))
            }
        }
    }
}
