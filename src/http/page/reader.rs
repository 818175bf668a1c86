//! Who reads the page: in which language, on which system.

use crate::text::Lang;
use crate::text::apps::System;

/// The language to answer in: the one that was tapped (`?lang=`), else what the browser asks for (`Accept-Language`,
/// RFC 9110), else the one its owner uses in the chat.
#[must_use]
pub fn language(tapped: Option<&str>, accept_language: Option<&str>, owners: Lang) -> Lang {
    let tapped = tapped.and_then(|code| code.parse().ok());
    tapped.or_else(|| accept_language.and_then(wished)).unwrap_or(owners)
}

/// The first of ours in the order of the browser's wish.
fn wished(accept_language: &str) -> Option<Lang> {
    let mut wishes: Vec<(u16, &str)> = accept_language
        .split(',')
        .take(32)
        .filter_map(|wish| {
            let (code, weight) = wish.split_once(';').unwrap_or((wish, ""));
            let weight =
                weight.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.trim().parse::<f32>().ok())?;
            let thousandths = (weight.clamp(0.0, 1.0) * 1000.0) as u16;
            (thousandths > 0).then_some((thousandths, code.trim()))
        })
        .collect();
    wishes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    wishes.into_iter().find_map(|(_, code)| Lang::from_telegram(code))
}

/// The system that a browser says it runs on. An iPad passes for a Mac, as it wishes to.
#[must_use]
pub fn system(user_agent: &str) -> Option<System> {
    let has = |word: &str| user_agent.contains(word);
    if has("Android") {
        Some(System::Android)
    } else if has("iPhone") || has("iPad") || has("iPod") {
        Some(System::Ios)
    } else if has("Windows") {
        Some(System::Windows)
    } else if has("Macintosh") {
        Some(System::Macos)
    } else if has("Linux") || has("X11") {
        Some(System::Linux)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Some("fa"), Some("ru"), Lang::Fa)]
    #[case(Some("xx"), Some("ru-RU,ru;q=0.9,en;q=0.8"), Lang::Ru)]
    #[case(None, Some("de-DE,de;q=0.9,en;q=0.5,fa;q=0.7"), Lang::Fa)]
    #[case(None, Some("uk"), Lang::Ru)]
    #[case(None, Some("en;q=0, fa;q=0.001"), Lang::Fa)]
    #[case(None, Some("de"), Lang::Fa)]
    #[case(None, Some(";q=x,,*"), Lang::Fa)]
    #[case(None, None, Lang::Fa)]
    fn the_reader_is_answered_in_their_language(
        #[case] tapped: Option<&str>,
        #[case] accept: Option<&str>,
        #[case] lang: Lang,
    ) {
        assert_eq!(language(tapped, accept, Lang::Fa), lang);
    }

    #[rstest]
    #[case("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36", Some(System::Android))]
    #[case("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)", Some(System::Ios))]
    #[case("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", Some(System::Windows))]
    #[case("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", Some(System::Macos))]
    #[case("Mozilla/5.0 (X11; Linux x86_64)", Some(System::Linux))]
    #[case("Lynx/2.9", None)]
    fn systems_are_told_apart(#[case] agent: &str, #[case] found: Option<System>) {
        assert_eq!(system(agent), found);
    }
}
