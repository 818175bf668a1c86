//! Commands as people type them.

use teloxide::types::Message;

/// A command with what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its name in lower case, without slash and bot name.
    pub name: String,
    /// What stands behind it, without spaces around.
    pub rest: String,
}

impl Command {
    /// The command that a message is, if it is one.
    #[must_use]
    pub fn of(message: &Message) -> Option<Self> {
        Self::read(message.text()?)
    }

    fn read(text: &str) -> Option<Self> {
        let text = text.strip_prefix('/')?;
        let (head, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let name = head.split('@').next().unwrap_or_default().to_lowercase();
        Some(Self { name, rest: rest.trim().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_as_people_type_them() {
        let read = |text| Command::read(text).map(|command| (command.name, command.rest));
        let command = |name: &str, rest: &str| Some((name.to_owned(), rest.to_owned()));
        assert_eq!(read("/start"), command("start", ""));
        assert_eq!(read("/Start@karvan_bot  inv_ab "), command("start", "inv_ab"));
        assert_eq!(read("/user\n@anna"), command("user", "@anna"));
        assert_eq!(read("/"), command("", ""));
        assert_eq!(read("hello /start"), None);
    }
}
