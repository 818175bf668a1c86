//! Countries as the reader calls them.

use crate::domain::Region;

use super::T;

/// Flag and name, such as `🇩🇪 Germany`; a country without a name here is shown by its code.
#[must_use]
pub fn label(t: &T, region: &Region) -> String {
    format!("{} {}", region.flag(), name(t, region))
}

/// The name alone.
#[must_use]
pub fn name(t: &T, region: &Region) -> String {
    let key = format!("region-{}", region.code());
    if t.loader().has(&key) { t.loader().get(&key) } else { region.code().to_ascii_uppercase() }
}

#[cfg(test)]
mod tests {
    use super::super::{Lang, Words};
    use super::*;

    #[test]
    fn a_country_has_a_name_in_each_language() {
        let words = Words::load(chrono_tz::UTC);
        let all =
            |code: &str| Lang::ALL.map(|lang| label(words.of(lang), &code.parse().unwrap())).join(" | ");
        insta::assert_snapshot!(all("de"), @"🇩🇪 Germany | 🇩🇪 Германия | 🇩🇪 آلمان");
        insta::assert_snapshot!(all("aq"), @"🇦🇶 AQ | 🇦🇶 AQ | 🇦🇶 AQ");
    }
}
