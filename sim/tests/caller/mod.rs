//! A client of a panel with its login, in the few verbs that tests need.

use std::time::Duration;

use reqwest::{Client, ClientBuilder, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sim::marzban::Marzban;

pub struct Caller {
    pub http: Client,
    url: String,
    token: String,
}

impl Caller {
    pub async fn log_in(panel: &Marzban) -> Self {
        Self::log_in_with(panel, Client::builder()).await
    }

    pub async fn log_in_with(panel: &Marzban, client: ClientBuilder) -> Self {
        Self::log_in_as(panel, client, "admin", "admin-password").await.unwrap()
    }

    /// `None` when the panel refuses the login.
    pub async fn log_in_as(
        panel: &Marzban,
        client: ClientBuilder,
        username: &str,
        password: &str,
    ) -> Option<Self> {
        let http = client.no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
        let form = format!("username={username}&password={password}");
        let login = http.post(format!("{}/api/admin/token", panel.url()));
        let login = login.header("content-type", "application/x-www-form-urlencoded").body(form);
        let answer: Value = login.send().await.unwrap().json().await.unwrap();
        let token = answer["access_token"].as_str()?.to_owned();
        Some(Self { http, url: panel.url(), token })
    }

    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    /// A user with VLESS on all inbounds.
    pub fn create(&self, name: &str) -> RequestBuilder {
        self.post_user(&json!({ "username": name, "proxies": { "vless": {} }, "inbounds": {} }))
    }

    pub fn post_user(&self, body: &Value) -> RequestBuilder {
        self.ask(Method::POST, "/api/user").json(body)
    }

    pub async fn status(&self, path: &str) -> StatusCode {
        self.ask(Method::GET, path).send().await.unwrap().status()
    }
}
