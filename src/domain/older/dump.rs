//! An SQL dump: `COPY … FROM stdin` as `pg_dump` writes it, `INSERT INTO` as `pg_dump --inserts` and SQLite's `.dump` do,
//! and as people write it by hand, with comments and `ON CONFLICT`.
//!
//! Only the tables that are wanted are kept, and nothing is carried out. Where an `INSERT` names no columns, those of
//! `CREATE TABLE` count.

use std::collections::BTreeMap;

use super::{Row, TABLES, Tables};

/// Why a dump cannot be used.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum Unusable {
    /// Something was begun and never ended.
    #[error("the dump ends in the middle; make it anew")]
    Cut,
    /// Rows without names for what stands in them.
    #[error("the dump does not say which columns {0} has; make it with the schema, or with --column-inserts")]
    Columns(String),
    /// A row with more or fewer values than there are columns.
    #[error("a row of {0} has another number of values than there are columns; make the dump anew")]
    Width(String),
}

/// Whether a text is an SQL dump at all: it has a statement that a dump consists of.
#[must_use]
pub fn is_dump(text: &str) -> bool {
    let begins = |line: &str| {
        let word = |head: &str| line.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head));
        ["CREATE TABLE ", "INSERT INTO ", "COPY ", "PRAGMA "].iter().any(|head| word(head))
    };
    text.lines().any(begins)
}

/// The tables in a dump.
///
/// # Errors
/// See [`Unusable`].
pub fn read(text: &str) -> Result<Tables, Unusable> {
    let mut scanner = Scanner { rest: text };
    let (mut tables, mut columns) = (Tables::new(), BTreeMap::new());
    while let Some(statement) = scanner.statement()? {
        let words: Vec<String> = statement.iter().take(2).map(Token::keyword).collect();
        match (words.first().map(String::as_str), words.get(1).map(String::as_str)) {
            (Some("create"), Some("table")) => drop(created(&statement, &mut columns)),
            // What a trigger would do is no row.
            (Some("create"), Some("trigger")) => {
                let mut inside = statement.iter().any(|token| token.keyword() == "begin");
                while inside && let Some(next) = scanner.statement()? {
                    inside = next.first().is_none_or(|token| token.keyword() != "end");
                }
            }
            (Some("insert" | "replace"), _) => inserted(&statement, &columns, &mut tables)?,
            (Some("copy"), _) if statement.iter().any(|token| token.keyword() == "stdin") => {
                copied(&statement, &mut scanner, &columns, &mut tables)?;
            }
            _ => {}
        }
    }
    Ok(tables)
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A word or a number without quotes.
    Word(String),
    /// A name in quotes.
    Name(String),
    /// A text in quotes.
    Text(String),
    Symbol(char),
}

impl Token {
    /// A word in lower case; nothing for everything else.
    fn keyword(&self) -> String {
        match self {
            Self::Word(word) => word.to_ascii_lowercase(),
            Self::Name(_) | Self::Text(_) | Self::Symbol(_) => String::new(),
        }
    }

    /// A table's or column's name, in lower case.
    fn name(&self) -> Option<String> {
        match self {
            Self::Word(name) | Self::Name(name) => Some(name.to_ascii_lowercase()),
            Self::Text(_) | Self::Symbol(_) => None,
        }
    }

    fn is(&self, symbol: char) -> bool {
        *self == Self::Symbol(symbol)
    }
}

struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    /// The tokens up to the `;` that ends a statement; `None` at the end.
    fn statement(&mut self) -> Result<Option<Vec<Token>>, Unusable> {
        let (mut tokens, mut open) = (Vec::new(), 0_i64);
        while let Some(token) = self.token()? {
            open += i64::from(token.is('(')) - i64::from(token.is(')'));
            match token {
                // A command of psql's own takes its line.
                Token::Symbol('\\') if tokens.is_empty() => drop(self.line()),
                Token::Symbol(';') if tokens.is_empty() => {}
                Token::Symbol(';') => return Ok(Some(tokens)),
                token => tokens.push(token),
            }
        }
        if open > 0 {
            return Err(Unusable::Cut);
        }
        Ok((!tokens.is_empty()).then_some(tokens))
    }

    /// The rest of this line, without its end.
    fn line(&mut self) -> &'a str {
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        line.strip_suffix('\r').unwrap_or(line)
    }

    fn token(&mut self) -> Result<Option<Token>, Unusable> {
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.starts_with("--") {
                self.line();
            } else if let Some(comment) = self.rest.strip_prefix("/*") {
                self.rest = comment.split_once("*/").ok_or(Unusable::Cut)?.1;
            } else {
                break;
            }
        }
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        Ok(Some(match first {
            '\'' => Token::Text(self.quoted('\'', '\'', false)?),
            '"' => Token::Name(self.quoted('"', '"', false)?),
            '`' => Token::Name(self.quoted('`', '`', false)?),
            '$' if self.dollars().is_some() => {
                let mark = self.dollars().unwrap_or_default();
                let (text, rest) = self.rest[mark.len()..].split_once(mark).ok_or(Unusable::Cut)?;
                self.rest = rest;
                Token::Text(text.to_owned())
            }
            _ if first.is_alphanumeric() || matches!(first, '_' | '-' | '+') => self.word()?,
            symbol => {
                self.rest = &self.rest[symbol.len_utf8()..];
                Token::Symbol(symbol)
            }
        }))
    }

    /// `$$` or `$name$`, which begins and ends the text of a function.
    fn dollars(&self) -> Option<&'a str> {
        let end = self.rest[1..].find('$')? + 2;
        let name = &self.rest[1..end - 1];
        name.chars().all(|c| c.is_alphanumeric() || c == '_').then_some(&self.rest[..end])
    }

    /// A word, or what a word stands in front of: `E'…'` with escapes, `X'…'` in hexadecimal.
    fn word(&mut self) -> Result<Token, Unusable> {
        let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
        let first = self.rest.chars().next().map_or(0, char::len_utf8);
        // A name holds no dot or dash, and a number may.
        let number = self.rest.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+');
        let ends = |c: char| !(inner(c) && (number || c.is_alphanumeric() || c == '_'));
        let end = self.rest[first..].find(ends).map_or(self.rest.len(), |at| at + first);
        let word = &self.rest[..end];
        self.rest = &self.rest[end..];
        if !self.rest.starts_with('\'') {
            return Ok(Token::Word(word.to_owned()));
        }
        match word {
            "E" | "e" => Ok(Token::Text(self.quoted('\'', '\'', true)?)),
            "X" | "x" => Ok(Token::Text(from_hex(&self.quoted('\'', '\'', false)?))),
            "N" | "n" | "B" | "b" => Ok(Token::Text(self.quoted('\'', '\'', false)?)),
            _ => Ok(Token::Word(word.to_owned())),
        }
    }

    /// What stands in quotes; the closing one doubled is one of them.
    fn quoted(&mut self, open: char, close: char, escapes: bool) -> Result<String, Unusable> {
        let mut text = String::new();
        let mut characters = self.rest[open.len_utf8()..].char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            if c == close {
                if characters.peek().is_some_and(|(_, next)| *next == close) {
                    characters.next();
                } else {
                    self.rest = &self.rest[open.len_utf8() + at + close.len_utf8()..];
                    return Ok(text);
                }
            }
            match (c, escapes) {
                ('\\', true) => text.extend(characters.next().map(|(_, c)| unescaped(c))),
                _ => text.push(c),
            }
        }
        Err(Unusable::Cut)
    }
}

/// What stands for a character after a backslash.
fn unescaped(c: char) -> char {
    match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        other => other,
    }
}

fn from_hex(text: &str) -> String {
    let bytes =
        (0..text.len() / 2).filter_map(|at| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok());
    String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned()
}

/// A name with its schema before it: the name, and what follows.
fn named(tokens: &[Token]) -> Option<(String, &[Token])> {
    match tokens {
        [_, Token::Symbol('.'), name, rest @ ..] => Some((name.name()?, rest)),
        [name, rest @ ..] => Some((name.name()?, rest)),
        [] => None,
    }
}

/// What stands between the bracket that `tokens` begin with and the one that closes it, in parts between commas; what
/// follows.
fn bracketed(tokens: &[Token]) -> Option<(Vec<&[Token]>, &[Token])> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_u32, 1);
    if !tokens.first()?.is('(') {
        return None;
    }
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Symbol('(' | '[') => depth += 1,
            Token::Symbol(')' | ']') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    parts.push(&tokens[start..at]);
                    return Some((parts, &tokens[at + 1..]));
                }
            }
            Token::Symbol(',') if depth == 1 => {
                parts.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// `CREATE TABLE [IF NOT EXISTS] name (a int, b text, …)`
fn created(statement: &[Token], columns: &mut BTreeMap<String, Vec<String>>) -> Option<()> {
    let skipped =
        |token: &Token| matches!(token.keyword().as_str(), "create" | "table" | "if" | "not" | "exists");
    let start = statement.iter().position(|token| !skipped(token))?;
    let (name, rest) = named(&statement[start..])?;
    let (parts, _) = bracketed(rest)?;
    let constraint = |token: &Token| {
        let word = token.keyword();
        ["primary", "unique", "constraint", "foreign", "check", "exclude", "like"].contains(&word.as_str())
    };
    let names = parts.iter().filter_map(|part| part.first()).filter(|token| !constraint(token));
    columns.insert(name, names.filter_map(Token::name).collect());
    Some(())
}

/// `INSERT INTO name (a, b) VALUES (1, 'x'), (2, NULL) …`
fn inserted(
    statement: &[Token],
    known: &BTreeMap<String, Vec<String>>,
    tables: &mut Tables,
) -> Result<(), Unusable> {
    let Some(into) = statement.iter().position(|token| token.keyword() == "into") else { return Ok(()) };
    let Some((name, rest)) = named(&statement[into + 1..]) else { return Ok(()) };
    if !TABLES.contains(&name.as_str()) {
        return Ok(());
    }
    let Some(values) = rest.iter().position(|token| token.keyword() == "values") else { return Ok(()) };
    let columns: Vec<String> = match bracketed(&rest[..values]) {
        Some((parts, _)) => parts.iter().filter_map(|part| part.first()?.name()).collect(),
        None => known.get(&name).cloned().ok_or_else(|| Unusable::Columns(name.clone()))?,
    };
    let mut rest = &rest[values + 1..];
    while let Some((cells, after)) = bracketed(rest) {
        if cells.len() != columns.len() {
            return Err(Unusable::Width(name));
        }
        let cells = columns.iter().cloned().zip(cells.into_iter().map(value));
        let row: Row = cells.filter_map(|(column, cell)| Some((column, cell?))).collect();
        tables.entry(name.clone()).or_default().push(row);
        // What follows the rows, such as ON CONFLICT, says nothing about them.
        rest = after.strip_prefix(&[Token::Symbol(',')]).unwrap_or(&[]);
    }
    Ok(())
}

/// A value as SQL writes it; `None` is NULL, or something that only a database can work out.
fn value(tokens: &[Token]) -> Option<String> {
    match tokens {
        [Token::Word(word)] => (!word.eq_ignore_ascii_case("null")).then(|| word.clone()),
        // `'x'::character varying`
        [Token::Text(text), rest @ ..] if rest.first().is_none_or(|token| token.is(':')) => {
            Some(text.clone())
        }
        // Line ends as sqlite3 writes them: `replace('a\nb','\n',char(10))`.
        [Token::Word(word), rest @ ..] if word.eq_ignore_ascii_case("replace") => {
            let (parts, _) = bracketed(rest)?;
            let [text, from, to] = parts.as_slice() else { return None };
            Some(value(text)?.replace(&value(from)?, &value(to)?))
        }
        [Token::Word(word), rest @ ..] if word.eq_ignore_ascii_case("char") => {
            let (parts, _) = bracketed(rest)?;
            let codes = parts.iter().map(|part| value(part)?.parse().ok().and_then(char::from_u32));
            codes.collect()
        }
        _ => None,
    }
}

/// `COPY name (a, b) FROM stdin;` and lines with tabs between, up to `\.`.
fn copied(
    statement: &[Token],
    scanner: &mut Scanner<'_>,
    known: &BTreeMap<String, Vec<String>>,
    tables: &mut Tables,
) -> Result<(), Unusable> {
    let Some((name, rest)) = named(&statement[1..]) else { return Ok(()) };
    let wanted = TABLES.contains(&name.as_str());
    let columns: Vec<String> = match bracketed(rest) {
        Some((parts, _)) => parts.iter().filter_map(|part| part.first()?.name()).collect(),
        None if wanted => known.get(&name).cloned().ok_or_else(|| Unusable::Columns(name.clone()))?,
        None => Vec::new(),
    };
    scanner.line();
    loop {
        if scanner.rest.is_empty() {
            return Err(Unusable::Cut);
        }
        let line = scanner.line();
        if line == "\\." {
            return Ok(());
        }
        if !wanted {
            continue;
        }
        let cells: Vec<&str> = line.split('\t').collect();
        if cells.len() != columns.len() {
            return Err(Unusable::Width(name));
        }
        let cells = columns.iter().cloned().zip(cells).filter(|(_, cell)| *cell != "\\N");
        let row = cells.map(|(column, cell)| (column, plain(cell))).collect();
        tables.entry(name.clone()).or_default().push(row);
    }
}

/// A cell of `COPY` without its escapes.
fn plain(cell: &str) -> String {
    let (mut plain, mut characters) = (String::new(), cell.chars());
    while let Some(c) = characters.next() {
        match c {
            '\\' => plain.extend(characters.next().map(unescaped)),
            c => plain.push(c),
        }
    }
    plain
}
