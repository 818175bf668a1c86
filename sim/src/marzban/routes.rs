//! Which path is what, and what the framework (Starlette) answers when nothing fits.

use serde_json::json;

use super::answer::detail;
use super::auth::Identity;
use super::state::State;
use super::users::at_once;
use crate::net::{Handled, Request, Response};

/// The panel's paths in its order, with the methods each takes. The same path may stand here twice.
const ROUTES: &[(&str, &str)] = &[
    ("POST", "/api/admin/token"),
    ("GET", "/api/admin"),
    ("POST", "/api/admin"),
    ("PUT", "/api/admin/{}"),
    ("DELETE", "/api/admin/{}"),
    ("GET", "/api/admins"),
    ("GET", "/api/core"),
    ("POST", "/api/core/restart"),
    ("GET", "/api/core/config"),
    ("POST", "/api/node"),
    ("GET", "/api/node/{}"),
    ("GET", "/api/nodes"),
    ("PUT", "/api/node/{}"),
    ("POST", "/api/node/{}/reconnect"),
    ("DELETE", "/api/node/{}"),
    ("GET", "/api/nodes/usage"),
    ("GET", "/sub/{}"),
    ("GET", "/sub/{}/"),
    ("GET", "/sub/{}/info"),
    ("GET", "/sub/{}/usage"),
    ("GET", "/sub/{}/{}"),
    ("GET", "/api/system"),
    ("GET", "/api/inbounds"),
    ("GET", "/api/hosts"),
    ("PUT", "/api/hosts"),
    ("POST", "/api/user"),
    ("GET", "/api/user/{}"),
    ("PUT", "/api/user/{}"),
    ("DELETE", "/api/user/{}"),
    ("POST", "/api/user/{}/reset"),
    ("POST", "/api/user/{}/revoke_sub"),
    ("GET", "/api/users"),
    ("GET", "/api/user/{}/usage"),
    ("POST", "/api/user/{}/active-next"),
    ("GET", "/api/users/usage"),
    ("GET", "/api/users/expired"),
    ("DELETE", "/api/users/expired"),
];

/// What the path's placeholders hold, when it fits the pattern. None is ever empty.
fn fit<'a>(pattern: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let mut values = Vec::new();
    let mut parts = path.split('/');
    for expected in pattern.split('/') {
        let part = parts.next()?;
        if expected == "{}" && !part.is_empty() {
            values.push(part);
        } else if expected != part {
            return None;
        }
    }
    parts.next().is_none().then_some(values)
}

fn is_known(path: &str) -> bool {
    ROUTES.iter().any(|(_, pattern)| fit(pattern, path).is_some())
}

impl State {
    /// Executes a request.
    pub(super) fn route(&mut self, request: &Request) -> Handled {
        let path = request.path.clone();
        let fitting =
            ROUTES.iter().filter_map(|(method, pattern)| Some((*method, *pattern, fit(pattern, &path)?)));
        let fitting = fitting.collect::<Vec<_>>();
        match fitting.iter().find(|(method, ..)| *method == request.method) {
            Some((method, pattern, values)) => {
                self.dispatch(request, method, pattern, values).unwrap_or_else(at_once)
            }
            None => at_once(match fitting.first() {
                // It names the methods of the first route only.
                Some((method, ..)) => detail(405, "Method Not Allowed").with_header("allow", *method),
                None => self.elsewhere(request, &path),
            }),
        }
    }

    /// A path that is nothing: sent on when only the slash at its end is wrong.
    fn elsewhere(&self, request: &Request, path: &str) -> Response {
        let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
        if path != "/" && is_known(&other) {
            let query =
                request.target.split_once('?').map_or_else(String::new, |(_, query)| format!("?{query}"));
            return Response::empty(307)
                .with_header("location", format!("{}{other}{query}", request.origin()));
        }
        detail(404, "Not Found")
    }

    fn dispatch(
        &mut self,
        request: &Request,
        method: &str,
        pattern: &str,
        values: &[&str],
    ) -> Result<Handled, Response> {
        let value = values.first().copied().unwrap_or_default();
        if method == "GET" && pattern == "/api/users" {
            let who = self.identify(request)?;
            return self.list_users(request, &who);
        }
        let open = match (method, pattern) {
            ("POST", "/api/admin/token") => {
                let response = self.token(request);
                return Ok(Handled {
                    response: response.unwrap_or_else(|refusal| refusal),
                    takes: self.options.login_cost,
                });
            }
            ("GET", "/sub/{}" | "/sub/{}/") => Some(self.subscription(request, value)),
            ("GET", "/sub/{}/info") => Some(self.subscription_info(value)),
            ("GET", "/sub/{}/usage") => Some(self.subscription_usage(request, value)),
            ("GET", "/sub/{}/{}") => {
                let client = values.get(1).copied().unwrap_or_default();
                Some(self.subscription_as(request, value, client))
            }
            _ => None,
        };
        let response = match open {
            Some(response) => response?,
            None => {
                let who = self.identify(request)?;
                self.known_caller(request, method, pattern, value, &who)?
            }
        };
        Ok(at_once(response))
    }

    fn known_caller(
        &mut self,
        request: &Request,
        method: &str,
        pattern: &str,
        value: &str,
        who: &Identity,
    ) -> Result<Response, Response> {
        match (method, pattern) {
            ("GET", "/api/admin") => Ok(self.current_admin(who)),
            ("POST", "/api/admin") => self.create_admin(request, who),
            ("PUT", "/api/admin/{}") => self.modify_admin(request, value, who),
            ("DELETE", "/api/admin/{}") => self.delete_admin(value, who),
            ("GET", "/api/admins") => self.admins(who),
            ("GET", "/api/core") => Ok(self.core_stats()),
            ("POST", "/api/core/restart") => self.core_restart(who),
            ("GET", "/api/core/config") => self.core_config(who),
            ("POST", "/api/node") => self.create_node(request, who),
            ("GET", "/api/node/{}") => self.read_node(value, who),
            ("GET", "/api/nodes") => self.list_nodes(who),
            ("PUT", "/api/node/{}") => self.modify_node(request, value, who),
            ("POST", "/api/node/{}/reconnect") => self.reconnect_node(value, who),
            ("DELETE", "/api/node/{}") => self.delete_node(value, who),
            ("GET", "/api/nodes/usage") => self.nodes_usage(request, who),
            ("GET", "/api/system") => Ok(self.system(who)),
            ("GET", "/api/inbounds") => Ok(self.inbounds()),
            ("GET", "/api/hosts") => self.hosts(who),
            ("PUT", "/api/hosts") => self.change_hosts(request, who),
            ("POST", "/api/user") => self.create_user(request, who),
            ("GET", "/api/user/{}") => self.read_user(value, who),
            ("PUT", "/api/user/{}") => self.modify_user(request, value, who),
            ("DELETE", "/api/user/{}") => self.delete_user(request, value, who),
            ("POST", "/api/user/{}/reset") => self.reset_user(value, who),
            ("POST", "/api/user/{}/revoke_sub") => self.revoke_user(value, who),
            ("GET", "/api/user/{}/usage") => self.user_usage(request, value, who),
            ("POST", "/api/user/{}/active-next") => self.next_plan(value, who),
            ("GET", "/api/users/usage") => self.users_usage(request, who),
            ("GET", "/api/users/expired") => self.expired_users(request, who, false),
            ("DELETE", "/api/users/expired") => self.expired_users(request, who, true),
            _ => Err(Response::json(404, &json!({ "detail": "Not Found" }))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_paths_only() {
        assert_eq!(fit("/api/user/{}", "/api/user/x"), Some(vec!["x"]));
        assert_eq!(fit("/api/user/{}", "/api/user/"), None);
        assert_eq!(fit("/api/user/{}", "/api/user/a/b"), None);
        assert_eq!(fit("/sub/{}/", "/sub/x/"), Some(vec!["x"]));
        assert!(is_known("/api/user"));
        assert!(!is_known("/api/nope"));
    }
}
