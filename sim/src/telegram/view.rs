//! Messages and chats as a person sees them.

use super::html::Formatted;
use super::keyboard::Button;
use super::world::{Author, Content, Stored, World};

/// A visible message, as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id in its chat.
    pub id: i64,
    /// Its chat.
    pub chat: i64,
    /// Whether the bot wrote it.
    pub by_bot: bool,
    /// Who wrote it, by first name.
    pub author: String,
    /// The text, or the caption of a picture or a document.
    pub text: String,
    /// The marked parts of the text.
    pub entities: Vec<super::Entity>,
    /// The rows of buttons under it.
    pub buttons: Vec<Vec<Button>>,
    /// The picture or document.
    pub picture: Option<Picture>,
    /// Whether its words were changed.
    pub edited: bool,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Whether addresses in it unfold into a preview.
    pub preview: bool,
    /// The message it answers.
    pub reply_to: Option<i64>,
    /// Grows with every change in the simulated Telegram: what is larger changed later.
    pub revision: u64,
}

/// A picture or a document in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The id by which [`super::Telegram::file`] finds its bytes.
    pub file: String,
    /// The name of the file.
    pub name: String,
    /// Width and height in pixels; none for a document.
    pub size: Option<(u32, u32)>,
}

impl Message {
    pub(crate) fn of(world: &World, chat: i64, stored: &Stored) -> Self {
        let picture = match &stored.content {
            Content::Text(_) => None,
            Content::Photo { file, .. } | Content::Document { file, .. } => {
                let kept = &world.files[*file];
                let size = kept.size.filter(|_| matches!(stored.content, Content::Photo { .. }));
                Some(Picture { file: kept.id.clone(), name: kept.name.clone(), size })
            }
        };
        let Formatted { text, entities } = stored.content.words().clone();
        Self {
            id: stored.id,
            chat,
            by_bot: stored.author == Author::Bot,
            author: author(world, stored.author),
            text,
            entities,
            buttons: stored.buttons.clone(),
            picture,
            edited: stored.edited.is_some(),
            pinned: stored.pinned,
            preview: stored.preview,
            reply_to: stored.reply_to,
            revision: stored.revision,
        }
    }

    /// What stands on its buttons, row by row.
    #[must_use]
    pub fn labels(&self) -> Vec<Vec<String>> {
        self.buttons.iter().map(|row| row.iter().map(|button| button.label.clone()).collect()).collect()
    }

    /// The button with this label, or else the first that contains it.
    #[must_use]
    pub fn button(&self, label: &str) -> Option<&Button> {
        let mut all = self.buttons.iter().flatten();
        let exact = all.clone().find(|button| button.label == label);
        exact.or_else(|| all.find(|button| button.label.contains(label)))
    }

    /// The parts that are set as code, which a tap copies.
    #[must_use]
    pub fn codes(&self) -> Vec<String> {
        self.parts(&["code", "pre"])
    }

    /// The addresses behind links and those that stand in the text.
    #[must_use]
    pub fn links(&self) -> Vec<String> {
        let behind = self.entities.iter().filter(|entity| entity.kind == "text_link");
        behind.filter_map(|entity| entity.extra.clone()).chain(self.parts(&["url"])).collect()
    }

    fn parts(&self, kinds: &[&str]) -> Vec<String> {
        let units: Vec<u16> = self.text.encode_utf16().collect();
        let marked = self.entities.iter().filter(|entity| kinds.contains(&entity.kind.as_str()));
        marked.map(|e| String::from_utf16_lossy(&units[e.offset..e.offset + e.length])).collect()
    }
}

pub(crate) fn author(world: &World, author: Author) -> String {
    match author {
        Author::Bot => world.name.clone(),
        Author::Person(id) => {
            world.people.get(&id).map_or_else(|| id.to_string(), |human| human.spec.first_name.clone())
        }
    }
}

/// The commands shown to a person: the first scope and language that has any
/// (<https://core.telegram.org/bots/api#determining-list-of-commands>).
pub(crate) fn commands(world: &World, person: i64) -> Vec<(String, String)> {
    let language =
        world.people.get(&person).map(|human| human.spec.language_code.clone()).unwrap_or_default();
    // Telegram compares the two letters before any region.
    let language = language.split('-').next().unwrap_or_default().to_owned();
    for scope in [format!("chat:{person}"), "all_private_chats".to_owned(), "default".to_owned()] {
        for language in [language.clone(), String::new()] {
            if let Some(commands) = world.commands.get(&(scope.clone(), language)) {
                return commands.clone();
            }
        }
    }
    Vec::new()
}
