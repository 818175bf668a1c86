//! `GET /api/users`: pages, filters, order.

use std::cmp::Ordering;

use serde::Serialize;

use super::answer::{Invalid, UserResponse, crash, detail};
use super::auth::Identity;
use super::rows::{Status, User};
use super::state::State;
use super::validate::parse_integer;
use crate::net::{Handled, Request, Response};

impl State {
    /// `GET /api/users`: costs time for each user returned.
    pub(super) fn list_users(&mut self, request: &Request, who: &Identity) -> Result<Handled, Response> {
        let query = Query::of(request)?;
        let owners = self.owners(request, who);
        let mut found = self
            .owned(owners.as_deref())
            .filter(|user| query.matches(user))
            .map(|user| user.id)
            .collect::<Vec<_>>();
        let total = found.len();
        found.sort_by(|a, b| query.compare(&self.db.users[a], &self.db.users[b]));
        let page = found.into_iter().skip(query.offset).take(query.limit).collect::<Vec<_>>();
        let returned = u32::try_from(page.len()).unwrap_or(u32::MAX);
        let users = page.into_iter().map(|id| self.view(id)).collect::<Option<Vec<_>>>();
        #[derive(Serialize)]
        struct Page {
            users: Vec<UserResponse>,
            total: usize,
        }
        let response = users.map_or_else(crash, |users| Response::json(200, &Page { users, total }));
        Ok(Handled { response, takes: self.options.list_cost_per_user * returned })
    }
}

/// What `GET /api/users` is asked for.
struct Query<'a> {
    offset: usize,
    limit: usize,
    usernames: Vec<&'a str>,
    search: Option<String>,
    status: Option<Status>,
    sort: Vec<(SortKey, bool)>,
}

#[derive(Clone, Copy)]
enum SortKey {
    Username,
    UsedTraffic,
    DataLimit,
    Expire,
    CreatedAt,
}

impl<'a> Query<'a> {
    fn of(request: &'a Request) -> Result<Self, Response> {
        let mut invalid = Invalid::default();
        let mut number = |name: &str| {
            let value = request.query(name).map_or(Ok(0), parse_integer);
            value.unwrap_or_else(|problem| {
                invalid.add(name, problem);
                0
            })
        };
        let (offset, limit) = (number("offset"), number("limit"));
        let status = request.query("status").map(|name| (name, Status::parse(name)));
        if let Some((_, None)) = status {
            let statuses = "'active', 'disabled', 'limited', 'expired' or 'on_hold'";
            invalid.add("status", format!("Input should be {statuses}"));
        }
        if !invalid.is_empty() {
            return Err(invalid.response());
        }
        let sort = request.query("sort").map(|sort| sort.trim_matches(',').split(',')).into_iter().flatten();
        let usernames = request.query.iter().filter(|(key, _)| key == "username");
        Ok(Self {
            offset: usize::try_from(offset).unwrap_or(0),
            // Zero and less mean all.
            limit: usize::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX),
            usernames: usernames.map(|(_, name)| name.as_str()).collect(),
            search: request.query("search").filter(|text| !text.is_empty()).map(str::to_lowercase),
            status: status.and_then(|(_, status)| status),
            sort: sort.map(sort_key).collect::<Result<_, _>>()?,
        })
    }

    fn matches(&self, user: &User) -> bool {
        let named = self.usernames.is_empty() || self.usernames.contains(&user.username.as_str());
        let found = self.search.as_ref().is_none_or(|pattern| {
            let like = |text: &str| is_like(&format!("%{pattern}%"), &text.to_lowercase());
            like(&user.username) || user.note.as_deref().is_some_and(like)
        });
        named && found && self.status.is_none_or(|status| status == user.status)
    }

    /// Without a sort there is no promise; rows come as they were made. Nulls are the smallest.
    fn compare(&self, a: &User, b: &User) -> Ordering {
        let mut order = Ordering::Equal;
        for (key, descending) in &self.sort {
            let by_key = match key {
                SortKey::Username => a.username.cmp(&b.username),
                SortKey::UsedTraffic => a.used_traffic.cmp(&b.used_traffic),
                SortKey::DataLimit => a.data_limit.cmp(&b.data_limit),
                SortKey::Expire => a.expire.cmp(&b.expire),
                SortKey::CreatedAt => a.created_at.cmp(&b.created_at),
            };
            order = order.then(if *descending { by_key.reverse() } else { by_key });
        }
        order.then(a.id.cmp(&b.id))
    }
}

fn sort_key(option: &str) -> Result<(SortKey, bool), Response> {
    let (name, descending) = option.strip_prefix('-').map_or((option, false), |name| (name, true));
    let key = match name {
        "username" => SortKey::Username,
        "used_traffic" => SortKey::UsedTraffic,
        "data_limit" => SortKey::DataLimit,
        "expire" => SortKey::Expire,
        "created_at" => SortKey::CreatedAt,
        _ => return Err(detail(400, &format!("\"{option}\" is not a valid sort option"))),
    };
    Ok((key, descending))
}

/// SQL's `LIKE`: `%` is anything, `_` one character.
fn is_like(pattern: &str, text: &str) -> bool {
    let pattern = pattern.chars().collect::<Vec<_>>();
    // places[i]: the pattern up to i matches the text read so far
    let mut places = vec![false; pattern.len() + 1];
    let spread = |places: &mut Vec<bool>| {
        for (at, sign) in pattern.iter().enumerate() {
            if *sign == '%' && places[at] {
                places[at + 1] = true;
            }
        }
    };
    places[0] = true;
    spread(&mut places);
    for letter in text.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (at, sign) in pattern.iter().enumerate() {
            if places[at] && (*sign == '_' || *sign == letter) {
                next[at + 1] = true;
            }
            if places[at] && *sign == '%' {
                next[at] = true;
            }
        }
        places = next;
        spread(&mut places);
    }
    places[pattern.len()]
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn wildcards_match_as_in_sql() {
        for (pattern, text, expected) in [
            ("%list__%", "list_1", true),
            ("%list__%", "list_", false),
            ("%a%b%", "xxaxxbxx", true),
            ("%a%b%", "xxbxxa", false),
            ("%%", "", true),
            ("abc", "abcd", false),
            ("%100%%", "at 100 percent", true),
        ] {
            assert_eq!(is_like(pattern, text), expected, "{pattern} {text}");
        }
    }
}
