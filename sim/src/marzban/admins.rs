//! `/api/admin…`: logins.

use serde_json::{Map, Value, json};

use super::answer::{Invalid, detail, json_object};
use super::auth::{Identity, unauthorised};
use super::rows::Admin;
use super::state::State;
use crate::net::{Request, Response, form_pairs};

type Answer = Result<Response, Response>;

impl State {
    /// `POST /api/admin/token`: a form, not JSON.
    pub(super) fn token(&mut self, request: &Request) -> Answer {
        let kind = request.header("content-type").unwrap_or_default();
        let form = if kind.starts_with("application/x-www-form-urlencoded") {
            form_pairs(&String::from_utf8_lossy(&request.body))
        } else {
            Vec::new()
        };
        let field = |name: &str| {
            let pair = form.iter().rev().find(|(key, value)| key == name && !value.is_empty());
            pair.map(|(_, value)| value.as_str())
        };
        let mut invalid = Invalid::default();
        if field("grant_type").is_some_and(|kind| !kind.contains("password")) {
            invalid.add("grant_type", "String should match pattern 'password'");
        }
        for name in ["username", "password"] {
            if field(name).is_none() {
                invalid.add(name, "Field required");
            }
        }
        let (Some(username), Some(password), true) =
            (field("username"), field("password"), invalid.is_empty())
        else {
            return Err(invalid.response());
        };
        let token = self.login(username, password);
        let token = token.ok_or_else(|| unauthorised("Incorrect username or password"))?;
        Ok(Response::json(200, &json!({ "access_token": token, "token_type": "bearer" })))
    }

    /// `GET /api/admin`
    pub(super) fn current_admin(&self, who: &Identity) -> Response {
        let row = self.db.admin(&who.username).map(Admin::view);
        let of_environment = || {
            json!({
                "username": who.username,
                "is_sudo": who.is_sudo,
                "telegram_id": null,
                "discord_webhook": null,
                "users_usage": null,
            })
        };
        Response::json(200, &row.unwrap_or_else(of_environment))
    }

    /// `GET /api/admins`
    pub(super) fn admins(&self, who: &Identity) -> Answer {
        who.sudo()?;
        Ok(Response::json(200, &self.db.admins.iter().map(Admin::view).collect::<Vec<_>>()))
    }

    /// `POST /api/admin`
    pub(super) fn create_admin(&mut self, request: &Request, who: &Identity) -> Answer {
        who.sudo()?;
        let body = json_object(request)?;
        let mut invalid = Invalid::default();
        let username = required_text(&body, "username", &mut invalid);
        let is_sudo = required_flag(&body, &mut invalid);
        let password = required_text(&body, "password", &mut invalid);
        if !invalid.is_empty() {
            return Err(invalid.response());
        }
        if self.db.admin(&username).is_some() {
            return Err(detail(409, "Admin already exists"));
        }
        let admin = self.db.add_admin(&username, &password, is_sudo);
        admin.telegram_id = body.get("telegram_id").and_then(Value::as_i64);
        Ok(Response::json(200, &admin.view()))
    }

    /// `PUT /api/admin/{username}`
    pub(super) fn modify_admin(&mut self, request: &Request, username: &str, who: &Identity) -> Answer {
        who.sudo()?;
        let body = json_object(request)?;
        let mut invalid = Invalid::default();
        let is_sudo = required_flag(&body, &mut invalid);
        if !invalid.is_empty() {
            return Err(invalid.response());
        }
        let admin = self.db.admin(username).ok_or_else(|| detail(404, "Admin not found"))?;
        if admin.is_sudo && username != who.username {
            let advice = "You're not allowed to edit another sudoer's account. Use marzban-cli instead.";
            return Err(detail(403, advice));
        }
        if let Some(password) = body.get("password").and_then(Value::as_str) {
            self.change_password(username, password);
        }
        let admin = self.db.admins.iter_mut().find(|admin| admin.username == username);
        let admin = admin.expect("it was there a moment ago");
        admin.is_sudo = is_sudo;
        Ok(Response::json(200, &admin.view()))
    }

    /// `DELETE /api/admin/{username}`
    pub(super) fn delete_admin(&mut self, username: &str, who: &Identity) -> Answer {
        who.sudo()?;
        let admin = self.db.admin(username).ok_or_else(|| detail(404, "Admin not found"))?;
        if admin.is_sudo {
            let advice = "You're not allowed to delete sudo accounts. Use marzban-cli instead.";
            return Err(detail(403, advice));
        }
        let id = admin.id;
        self.db.admins.retain(|admin| admin.id != id);
        for user in self.db.users.values_mut().filter(|user| user.admin == Some(id)) {
            user.admin = None;
        }
        Ok(Response::json(200, &json!({ "detail": "Admin removed successfully" })))
    }

    /// A new password; tokens made before die. (Those of an admin of the environment live on.)
    pub(super) fn change_password(&mut self, username: &str, password: &str) {
        let now = self.options.clock.now();
        let first = self.tokens.next();
        if let Some(admin) = self.db.admins.iter_mut().find(|admin| admin.username == username) {
            password.clone_into(&mut admin.password);
            admin.password_changed = Some((now, first));
        }
        if self.options.admin.0 == username {
            password.clone_into(&mut self.options.admin.1);
        }
    }
}

fn required_text(body: &Map<String, Value>, field: &str, invalid: &mut Invalid) -> String {
    match body.get(field) {
        Some(Value::String(text)) => return text.clone(),
        Some(_) => invalid.add(field, "Input should be a valid string"),
        None => invalid.add(field, "Field required"),
    }
    String::new()
}

fn required_flag(body: &Map<String, Value>, invalid: &mut Invalid) -> bool {
    match body.get("is_sudo") {
        Some(Value::Bool(flag)) => return *flag,
        Some(_) => invalid.add("is_sudo", "Input should be a valid boolean"),
        None => invalid.add("is_sudo", "Field required"),
    }
    false
}
