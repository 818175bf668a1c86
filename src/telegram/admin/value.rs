//! What admins type, read as values. Pure, and forgiving of what people paste.

use secrecy::SecretString;

use crate::domain::Region;
use crate::domain::instance::{BaseUrl, Connection, Mode, Weight};
use crate::service::fleet::Edit;
use crate::text::admin::Misfit;
use crate::text::admin::panel::Field;
use crate::text::number;

/// The longest name: it stands on buttons.
const LONGEST_NAME: u32 = 40;
/// The longest remark.
const LONGEST_NOTE: u32 = 500;
/// The longest line of settings.
const LONGEST_LINE: u32 = 300;
/// The largest tier.
const LAST_PRIORITY: u32 = 1000;
/// The largest cap: no panel holds more.
const LARGEST_CAP: u32 = 1_000_000;

/// What a value is read beside: some fields are part of a greater one.
pub struct Beside<'a> {
    /// The user name that a new password belongs to.
    pub username: &'a str,
    /// The password that a new user name belongs to.
    pub password: SecretString,
    /// The connection of which one setting changes.
    pub connection: &'a Connection,
}

/// A typed value of a field.
///
/// # Errors
/// Why it does not fit.
pub fn read(field: Field, text: &str, beside: &Beside<'_>) -> Result<Edit, Misfit> {
    let connection = |change: &dyn Fn(&mut Connection)| {
        let mut connection = beside.connection.clone();
        change(&mut connection);
        Ok(Edit::Connection(connection))
    };
    match field {
        Field::Name => Ok(Edit::Name(line(text, LONGEST_NAME)?)),
        Field::Note => Ok(Edit::Note(short(text, LONGEST_NOTE)?)),
        Field::Address => Ok(Edit::BaseUrl(address(text)?)),
        Field::Username => Ok(Edit::Login(line(text, LONGEST_LINE)?, beside.password.clone())),
        Field::Password => Ok(Edit::Login(beside.username.to_owned(), password(text)?)),
        Field::Region => Ok(Edit::Region(region(text)?)),
        Field::Provider => Ok(Edit::Provider(Some(line(text, LONGEST_NAME)?))),
        Field::Tags => Ok(Edit::Tags(list(text)?)),
        Field::Priority => {
            let number = whole(text, 0, LAST_PRIORITY)?;
            Ok(Edit::Priority(u16::try_from(number).expect("the bound is below")))
        }
        Field::Weight => Ok(Edit::Weight(weight(text)?)),
        Field::Cap => Ok(Edit::MaxUsers(whole(text, 1, LARGEST_CAP)?)),
        Field::Mode => Ok(Edit::Mode(Mode::Manage)),
        Field::Proxy => {
            let proxy = proxy(text)?;
            connection(&|connection| connection.proxy = Some(proxy.clone()))
        }
        Field::Headers => {
            let headers = headers(text)?;
            connection(&|connection| connection.headers = headers.clone())
        }
        Field::Ca => {
            let pem = certificate(text)?;
            connection(&|connection| connection.ca_pem = Some(pem.clone()))
        }
        Field::Fingerprint => {
            let print = fingerprint(text)?;
            connection(&|connection| connection.fingerprint = Some(print.clone()))
        }
        Field::ConnectTo => {
            let target = connect_to(text)?;
            connection(&|connection| connection.connect_to = Some(target.clone()))
        }
        Field::Sni => {
            let name = line(text, LONGEST_LINE)?;
            if name.contains(['/', ':', ' ', '@']) {
                return Err(Misfit::Name);
            }
            connection(&|connection| connection.sni = Some(name.clone()))
        }
        Field::ClientCertificate => {
            let pem = client_certificate(text)?;
            connection(&|connection| connection.client_pem = Some(pem.clone()))
        }
        Field::Inbounds => {
            let inbounds = list(text)?;
            connection(&|connection| connection.inbounds = inbounds.clone())
        }
    }
}

/// The field without a value; `None` when it needs one.
#[must_use]
pub fn clear(field: Field, connection: &Connection) -> Option<Edit> {
    let mut connection = connection.clone();
    match field {
        Field::Note => return Some(Edit::Note(String::new())),
        Field::Provider => return Some(Edit::Provider(None)),
        Field::Tags => return Some(Edit::Tags(Vec::new())),
        Field::Proxy => connection.proxy = None,
        Field::Headers => connection.headers.clear(),
        Field::Ca => connection.ca_pem = None,
        Field::Fingerprint => connection.fingerprint = None,
        Field::ConnectTo => connection.connect_to = None,
        Field::Sni => connection.sni = None,
        Field::ClientCertificate => connection.client_pem = None,
        Field::Inbounds => connection.inbounds.clear(),
        Field::Name
        | Field::Address
        | Field::Username
        | Field::Password
        | Field::Region
        | Field::Priority
        | Field::Weight
        | Field::Cap
        | Field::Mode => return None,
    }
    Some(Edit::Connection(connection))
}

/// A text of at most `most` characters.
fn short(text: &str, most: u32) -> Result<String, Misfit> {
    let text = text.trim();
    if text.is_empty() {
        Err(Misfit::Empty)
    } else if text.chars().count() > most as usize {
        Err(Misfit::Long { most })
    } else {
        Ok(text.to_owned())
    }
}

/// The same on one line.
fn line(text: &str, most: u32) -> Result<String, Misfit> {
    let text = short(text, most)?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A panel's name.
///
/// # Errors
/// Empty or long.
pub fn name(text: &str) -> Result<String, Misfit> {
    line(text, LONGEST_NAME)
}

/// A user name.
///
/// # Errors
/// Empty or long.
pub fn username(text: &str) -> Result<String, Misfit> {
    line(text, LONGEST_LINE)
}

/// A password: everything that was typed counts, but the line's end.
///
/// # Errors
/// Empty or long.
pub fn password(text: &str) -> Result<SecretString, Misfit> {
    let password = text.trim_matches(['\n', '\r']);
    if password.is_empty() {
        Err(Misfit::Empty)
    } else if password.chars().count() > LONGEST_LINE as usize {
        Err(Misfit::Long { most: LONGEST_LINE })
    } else {
        Ok(SecretString::from(password.to_owned()))
    }
}

/// A panel's address.
///
/// # Errors
/// What to write instead.
pub fn address(text: &str) -> Result<BaseUrl, Misfit> {
    line(text, 1000)?.parse().map_err(Misfit::Url)
}

/// A location.
///
/// # Errors
/// No code.
pub fn region(text: &str) -> Result<Region, Misfit> {
    text.parse().map_err(|_| Misfit::Region)
}

/// A whole number, in any of our languages' digits.
///
/// # Errors
/// No number, or out of bounds.
pub fn whole(text: &str, least: u32, most: u32) -> Result<u32, Misfit> {
    number::parse_whole(text.trim())
        .and_then(|number| u32::try_from(number).ok())
        .filter(|number| (least..=most).contains(number))
        .ok_or(Misfit::Number { least, most })
}

/// A cap.
///
/// # Errors
/// No number, or out of bounds.
pub fn cap(text: &str) -> Result<u32, Misfit> {
    whole(text, 1, LARGEST_CAP)
}

/// Digits of all our languages as ASCII, and their decimal signs as a point.
fn ascii_digits(text: &str) -> String {
    let ascii = |c: char| match c {
        '۰'..='۹' => char::from_digit(c as u32 - '۰' as u32, 10).unwrap_or(c),
        '٠'..='٩' => char::from_digit(c as u32 - '٠' as u32, 10).unwrap_or(c),
        ',' | '٫' => '.',
        '−' | '–' => '-',
        other => other,
    };
    text.trim().chars().map(ascii).collect()
}

fn weight(text: &str) -> Result<Weight, Misfit> {
    let number: f64 = ascii_digits(text).parse().map_err(|_| Misfit::Weight)?;
    Weight::try_from(number).map_err(|_| Misfit::Weight)
}

/// Words between commas or line ends.
fn list(text: &str) -> Result<Vec<String>, Misfit> {
    let text = short(text, LONGEST_NOTE)?;
    let words = text.split([',', '،', '\n', ';']).map(str::trim).filter(|word| !word.is_empty());
    let words: Vec<_> = words.map(str::to_owned).collect();
    if words.is_empty() { Err(Misfit::Empty) } else { Ok(words) }
}

fn proxy(text: &str) -> Result<String, Misfit> {
    let text = line(text, LONGEST_LINE)?;
    if text == "direct" {
        return Ok(text);
    }
    let url = url::Url::parse(&text).map_err(|_| Misfit::Proxy)?;
    let known = matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h");
    if known && url.host_str().is_some_and(|host| !host.is_empty()) { Ok(text) } else { Err(Misfit::Proxy) }
}

fn headers(text: &str) -> Result<Vec<(String, String)>, Misfit> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let (name, value) = (name.trim(), value.trim());
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        let plain = !name.is_empty() && name.bytes().all(token) && !value.chars().any(char::is_control);
        plain.then(|| (name.to_owned(), value.to_owned()))
    };
    let headers: Option<Vec<_>> = lines.map(header).collect();
    headers.filter(|headers| (1..=20).contains(&headers.len())).ok_or(Misfit::Headers)
}

/// Forgives that some programs make long dashes of the PEM's own.
fn certificate(text: &str) -> Result<String, Misfit> {
    let text = text.trim().replace('—', "--").replace('–', "-");
    let whole = text.contains("-----BEGIN CERTIFICATE-----") && text.contains("-----END CERTIFICATE-----");
    if whole { Ok(text) } else { Err(Misfit::Certificate) }
}

/// A certificate with its private key.
fn client_certificate(text: &str) -> Result<String, Misfit> {
    let pem = certificate(text)?;
    let keyed = pem.contains("PRIVATE KEY-----") && pem.matches("-----END ").count() >= 2;
    if keyed { Ok(pem) } else { Err(Misfit::ClientCertificate) }
}

/// 64 hex digits, as browsers and `openssl x509 -fingerprint` write them.
fn fingerprint(text: &str) -> Result<String, Misfit> {
    let text = text.rsplit('=').next().unwrap_or_default();
    let hex: String = text.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    let valid = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    if valid { Ok(hex.to_ascii_lowercase()) } else { Err(Misfit::Fingerprint) }
}

fn connect_to(text: &str) -> Result<String, Misfit> {
    let text = line(text, LONGEST_LINE)?;
    let (host, port) = text.rsplit_once(':').ok_or(Misfit::ConnectTo)?;
    let port: u16 = port.parse().map_err(|_| Misfit::ConnectTo)?;
    if host.is_empty() || port == 0 || host.contains(['/', ' ', '@']) {
        Err(Misfit::ConnectTo)
    } else {
        Ok(text)
    }
}

/// How much more a key may have: `30d` or `50g`, with a minus less, in the letters of all our languages.
///
/// # Errors
/// Neither.
pub fn extension(text: &str) -> Result<(Option<i32>, Option<i32>), Misfit> {
    const MOST: i32 = 100_000;
    let text = ascii_digits(&text.to_lowercase());
    let text = text.trim_start_matches('+');
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: i32 = number.parse().map_err(|_| Misfit::Extension)?;
    let number =
        Some(number).filter(|number| *number != 0 && number.abs() <= MOST).ok_or(Misfit::Extension)?;
    match unit.trim() {
        "d" | "day" | "days" | "д" | "дн" | "день" | "дня" | "дней" | "روز" => {
            Ok((Some(number), None))
        }
        "g" | "gb" | "gib" | "г" | "гб" | "گ" | "گیگ" | "گیگابایت" => Ok((None, Some(number))),
        _ => Err(Misfit::Extension),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("30d", Ok((Some(30), None)))]
    #[case("+7 days", Ok((Some(7), None)))]
    #[case("-5 дней", Ok((Some(-5), None)))]
    #[case("۵۰ گیگ", Ok((None, Some(50))))]
    #[case("10GB", Ok((None, Some(10))))]
    #[case("10", Err(Misfit::Extension))]
    #[case("0d", Err(Misfit::Extension))]
    #[case("99999999999d", Err(Misfit::Extension))]
    #[case("1-2d", Err(Misfit::Extension))]
    fn more_as_people_write_it(
        #[case] text: &str,
        #[case] expected: Result<(Option<i32>, Option<i32>), Misfit>,
    ) {
        assert_eq!(extension(text), expected);
    }

    #[test]
    fn values_as_people_paste_them() {
        assert_eq!(headers(" X-Token: a:b \n\nAccept: *").unwrap().len(), 2);
        assert_eq!(headers("no header"), Err(Misfit::Headers));
        assert_eq!(headers(""), Err(Misfit::Headers));
        let print = "SHA256 Fingerprint=".to_owned() + &["AB"; 32].join(":");
        assert_eq!(fingerprint(&print).unwrap(), "ab".repeat(32));
        assert_eq!(fingerprint("ab"), Err(Misfit::Fingerprint));
        assert_eq!(proxy("socks5://u:p@10.0.0.1:1080").unwrap(), "socks5://u:p@10.0.0.1:1080");
        assert_eq!(proxy("ftp://x"), Err(Misfit::Proxy));
        assert_eq!(connect_to("10.0.0.5:8000").unwrap(), "10.0.0.5:8000");
        assert_eq!(connect_to("10.0.0.5"), Err(Misfit::ConnectTo));
        assert!((weight("۲٫۵").unwrap().get() - 2.5).abs() < 1e-9);
        assert_eq!(weight("NaN"), Err(Misfit::Weight));
        assert_eq!(whole("۵۰۰", 1, 1000), Ok(500));
        assert_eq!(whole("0", 1, 10), Err(Misfit::Number { least: 1, most: 10 }));
        assert_eq!(line("  a \n b ", 10).unwrap(), "a b");
        assert_eq!(password("").err(), Some(Misfit::Empty));
        assert_eq!(list("fast، cheap\nnew").unwrap(), ["fast", "cheap", "new"]);
    }
}
