//! Whose a panel's own link says that it is. Not to be believed before the panel has answered it.
//!
//! Marzban 0.4 and later (`app/utils/jwt.py`, `create_subscription_token`): base64url without padding of
//! `NAME,UNIX_SECONDS`, and ten letters of a signature. Before that, a JSON Web Token with the name in `sub`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::AccountName;

/// Letters of Marzban's signature.
const SIGNATURE: usize = 10;
/// No panel has longer names.
const LONGEST: usize = 64;

/// The account in a link's token; `None`: no panel we know writes such tokens.
#[must_use]
pub fn owner(token: &str) -> Option<AccountName> {
    let name = signed(token).or_else(|| web_token(token))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '@');
    let fits = (1..=LONGEST).contains(&name.len()) && name.chars().all(plain);
    fits.then(|| AccountName::stored(name))
}

fn signed(token: &str) -> Option<String> {
    let (head, _) = token.split_at_checked(token.len().checked_sub(SIGNATURE)?)?;
    let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(head).ok()?).ok()?;
    let (name, seconds) = plain.rsplit_once(',')?;
    seconds.parse::<u32>().ok()?;
    Some(name.to_owned())
}

fn web_token(token: &str) -> Option<String> {
    let mut parts = token.split('.');
    let (_, claims, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    let claims: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    Some(claims.get("sub")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_name_stands_in_the_token() {
        let token = format!("{}abcdefghij", URL_SAFE_NO_PAD.encode("user_123,1700000000"));
        assert_eq!(owner(&token).unwrap().as_str(), "user_123");
        let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"ali","access":"subscription","iat":1690000000}"#);
        assert_eq!(owner(&format!("eyJhbGciOiJIUzI1NiJ9.{claims}.c2ln")).unwrap().as_str(), "ali");
        let odd = format!("{}abcdefghij", URL_SAFE_NO_PAD.encode("a/../b,1700000000"));
        for wrong in ["", "short", "user_123-1", &odd, "AAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(owner(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_makes_it_panic(token in any::<String>()) {
            let _ = owner(&token);
        }
    }
}
