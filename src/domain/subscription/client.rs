//! Who asks: which format a client takes, and whether it is a client at all.

use super::Format;

/// The format for a client, by the beginning of its `User-Agent`, as Marzban 0.8 decides it (`app/routers/subscription.py`)
/// with its settings as they come.
#[must_use]
pub fn family(user_agent: &str) -> Format {
    let lower = user_agent.to_ascii_lowercase();
    let begins = |names: &[&str]| names.iter().any(|name| lower.starts_with(name));
    if begins(&["clash-verge", "clash-meta", "clash.meta", "clashmeta", "flclash", "mihomo"]) {
        Format::Mihomo
    } else if begins(&["clash", "stash"]) {
        Format::Clash
    } else if SING_BOX.iter().any(|name| user_agent.starts_with(name)) || begins(&["karing", "hiddifynext"]) {
        Format::SingBox
    } else if OUTLINE.iter().any(|name| user_agent.starts_with(name)) {
        Format::Outline
    } else {
        Format::Base64
    }
}

/// sing-box for Android, iOS, macOS and tvOS.
const SING_BOX: [&str; 4] = ["SFA", "SFI", "SFM", "SFT"];

/// Those that take one Shadowsocks server.
const OUTLINE: [&str; 3] = ["SS", "Outline", "Shadowsocks"];

/// Words in the `User-Agent` of apps that take keys. Some ask for pages as a browser would, and must not get one.
const CLIENTS: [&str; 25] = [
    "v2ray",
    "clash",
    "mihomo",
    "sing-box",
    "hiddify",
    "happ/",
    "streisand",
    "v2box",
    "shadowrocket",
    "karing",
    "stash",
    "surge",
    "quantumult",
    "loon/",
    "nekobox",
    "nekoray",
    "foxray",
    "fair/",
    "napsternet",
    "throne",
    "outline",
    "shadowsocks",
    "v2raytun",
    "exclave",
    "husi/",
];

/// Those who fetch a link only to show what is behind it, wherever somebody sends it.
const PREVIEWS: [&str; 9] = [
    "telegrambot",
    "twitterbot",
    "whatsapp",
    "facebookexternalhit",
    "slackbot",
    "discordbot",
    "vkshare",
    "viber",
    "skypeuripreview",
];

/// Whether a person looks at the link in a browser: it asks for a page, and is not one of the apps.
#[must_use]
pub fn is_browser(user_agent: &str, accept: Option<&str>) -> bool {
    let wants_page = accept.is_some_and(|accept| {
        accept
            .split(',')
            .any(|kind| kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/html"))
    });
    let lower = user_agent.to_ascii_lowercase();
    let is_app = family(user_agent) != Format::Base64 || CLIENTS.iter().any(|name| lower.contains(name));
    wants_page && !is_app && !is_preview(user_agent)
}

/// Whether it is a messenger's server that looks what is behind a link somebody sent.
#[must_use]
pub fn is_preview(user_agent: &str) -> bool {
    let lower = user_agent.to_ascii_lowercase();
    PREVIEWS.iter().any(|name| lower.contains(name))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const PAGE: Option<&str> = Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");

    #[rstest]
    #[case("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15", PAGE, true)]
    #[case("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", Some("*/*"), false)]
    #[case("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", None, false)]
    #[case("v2rayNG/1.8.5", PAGE, false)]
    #[case("ClashX Pro/1.9", PAGE, false)]
    #[case("Shadowrocket/2070 CFNetwork", PAGE, false)]
    #[case("TelegramBot (like TwitterBot)", PAGE, false)]
    #[case("Lynx/2.9", Some("TEXT/HTML;q=0.5"), true)]
    fn browsers_are_told_from_apps(#[case] agent: &str, #[case] accept: Option<&str>, #[case] browser: bool) {
        assert_eq!(is_browser(agent, accept), browser);
    }
}
