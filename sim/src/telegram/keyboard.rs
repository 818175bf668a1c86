//! Keyboards: what a bot may put under a message, and what Telegram refuses.

use serde_json::{Value, json};

use super::refusal::Refusal;

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// What a press does.
    pub action: Action,
}

/// What pressing a button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Sends this data to the bot.
    Data(String),
    /// Opens this address.
    Url(String),
    /// Puts this text on the clipboard.
    Copy(String),
}

/// What came as `reply_markup`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Markup {
    /// Buttons under the message.
    Inline(Vec<Vec<Button>>),
    /// Buttons in place of the person's keyboard: a press sends the label as a message.
    Reply(Vec<Vec<String>>),
    /// Takes such a keyboard away.
    Remove,
    /// Asks the client to answer this message.
    ForceReply,
}

/// Data of a button, in bytes (<https://core.telegram.org/bots/api#inlinekeyboardbutton>).
const DATA_BYTES: usize = 64;
/// Text of a copy button, in characters (<https://core.telegram.org/bots/api#copytextbutton>).
const COPY_CHARS: usize = 256;
/// Buttons under one message.
const BUTTONS: usize = 100;

impl Markup {
    /// Reads `reply_markup`.
    pub(crate) fn parse(value: &Value) -> Result<Self, Refusal> {
        if !value.is_object() {
            return Err(Refusal::bad("object expected as reply markup"));
        }
        if let Some(rows) = value.get("inline_keyboard") {
            return Ok(Self::Inline(inline(rows)?));
        }
        if let Some(rows) = value.get("keyboard") {
            return Ok(Self::Reply(labels(rows)?));
        }
        if value["remove_keyboard"].as_bool() == Some(true) {
            return Ok(Self::Remove);
        }
        if value["force_reply"].as_bool() == Some(true) {
            return Ok(Self::ForceReply);
        }
        Err(Refusal::bad("can't parse reply keyboard markup: unknown kind of markup"))
    }
}

fn rows_of<'a>(value: &'a Value, what: &str) -> Result<Vec<&'a Vec<Value>>, Refusal> {
    let wrong =
        || Refusal::bad(format!("can't parse {what}: field of the markup must be an Array of Arrays"));
    let rows = value.as_array().ok_or_else(wrong)?;
    rows.iter().map(|row| row.as_array().ok_or_else(wrong)).collect()
}

fn inline(value: &Value) -> Result<Vec<Vec<Button>>, Refusal> {
    let mut rows = Vec::new();
    let mut count = 0;
    for row in rows_of(value, "inline keyboard")? {
        let buttons = row.iter().map(button).collect::<Result<Vec<_>, _>>()?;
        count += buttons.len();
        if !buttons.is_empty() {
            rows.push(buttons);
        }
    }
    if count > BUTTONS {
        return Err(Refusal::bad("REPLY_MARKUP_TOO_LONG"));
    }
    Ok(rows)
}

fn button(value: &Value) -> Result<Button, Refusal> {
    let wrong = |what: &str| Refusal::bad(format!("can't parse inline keyboard button: {what}"));
    let label = value["text"].as_str().ok_or_else(|| wrong("Field \"text\" must be of type String"))?;
    if label.trim().is_empty() {
        return Err(Refusal::bad("inline keyboard button text must be non-empty"));
    }
    let action =
        if let Some(url) = value["url"].as_str() {
            let checked = super::link::checked(url);
            Action::Url(checked.map_err(|why| {
                Refusal::bad(format!("inline keyboard button URL '{url}' is invalid: {why}"))
            })?)
        } else if let Some(data) = value["callback_data"].as_str() {
            if data.is_empty() || data.len() > DATA_BYTES {
                return Err(Refusal::bad("BUTTON_DATA_INVALID"));
            }
            Action::Data(data.to_owned())
        } else if let Some(copy) = value.get("copy_text").filter(|copy| !copy.is_null()) {
            let text = copy["text"].as_str().unwrap_or_default();
            if text.is_empty() || text.chars().count() > COPY_CHARS {
                return Err(Refusal::bad("BUTTON_COPY_TEXT_INVALID"));
            }
            Action::Copy(text.to_owned())
        } else {
            return Err(wrong("Text buttons are unallowed in the inline keyboard"));
        };
    Ok(Button { label: label.to_owned(), action })
}

fn labels(value: &Value) -> Result<Vec<Vec<String>>, Refusal> {
    let label = |button: &Value| {
        let text = button.as_str().or_else(|| button["text"].as_str());
        text.map(str::to_owned)
            .ok_or_else(|| Refusal::bad("can't parse keyboard button: Field \"text\" must be of type String"))
    };
    rows_of(value, "keyboard")?.into_iter().map(|row| row.iter().map(label).collect()).collect()
}

/// Inline buttons as Telegram writes them in a message.
pub(crate) fn to_json(rows: &[Vec<Button>]) -> Value {
    let button = |button: &Button| match &button.action {
        Action::Data(data) => json!({"text": button.label, "callback_data": data}),
        Action::Url(url) => json!({"text": button.label, "url": url}),
        Action::Copy(text) => json!({"text": button.label, "copy_text": {"text": text}}),
    };
    let rows: Vec<Vec<Value>> = rows.iter().map(|row| row.iter().map(button).collect()).collect();
    json!({"inline_keyboard": rows})
}
