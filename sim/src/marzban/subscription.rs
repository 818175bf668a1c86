//! `/sub/{token}…`: what clients fetch, without a login.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use super::answer::{Invalid, crash, detail};
use super::formats;
use super::links::{Endpoint, endpoints};
use super::rows::User;
use super::state::State;
use super::usage::Period;
use crate::net::{Request, Response};

type Answer = Result<Response, Response>;

/// A client's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Links,
    XrayJson,
    Clash,
    ClashMeta,
    SingBox,
    Outline,
}

impl Format {
    /// By the beginning of the User-Agent.
    fn of_agent(agent: &str) -> Self {
        let lower = agent.to_ascii_lowercase();
        let begins = |names: &[&str]| names.iter().any(|name| lower.starts_with(name));
        if begins(&["clash-verge", "clash-meta", "clash.meta", "clashmeta", "flclash", "mihomo"]) {
            Self::ClashMeta
        } else if begins(&["clash", "stash"]) {
            Self::Clash
        } else if ["SFA", "SFI", "SFM", "SFT"].iter().any(|name| agent.starts_with(name))
            || begins(&["karing", "hiddifynext"])
        {
            Self::SingBox
        } else if ["SS", "Outline", "Shadowsocks"].iter().any(|name| agent.starts_with(name)) {
            Self::Outline
        } else {
            Self::Links
        }
    }

    /// By the last part of the path.
    fn of_path(name: &str) -> Option<Self> {
        Some(match name {
            "sing-box" => Self::SingBox,
            "clash-meta" => Self::ClashMeta,
            "clash" => Self::Clash,
            "outline" => Self::Outline,
            "v2ray" => Self::Links,
            "v2ray-json" => Self::XrayJson,
            _ => return None,
        })
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Links => "text/plain; charset=utf-8",
            Self::Clash | Self::ClashMeta => "text/yaml; charset=utf-8",
            Self::XrayJson | Self::SingBox | Self::Outline => "application/json",
        }
    }

    fn render(self, endpoints: &[Endpoint]) -> String {
        match self {
            Self::Links => {
                let links = endpoints.iter().map(Endpoint::share_link).collect::<Vec<_>>();
                BASE64.encode(links.join("\n"))
            }
            Self::Clash => formats::clash(endpoints, false),
            Self::ClashMeta => formats::clash(endpoints, true),
            Self::SingBox => formats::sing_box(endpoints).to_string(),
            Self::XrayJson => formats::xray(endpoints).to_string(),
            Self::Outline => formats::outline(endpoints),
        }
    }
}

impl State {
    /// `GET /sub/{token}` and `GET /sub/{token}/`. Disabled, expired and limited users get theirs, too.
    pub(super) fn subscription(&mut self, request: &Request, token: &str) -> Answer {
        let user = self.by_token(token)?;
        if request.header("accept").is_some_and(|accept| accept.contains("text/html")) {
            let page = self.page(&user);
            return Ok(Response::text(200, "text/html; charset=utf-8", page));
        }
        let agent = request.header("user-agent").unwrap_or_default();
        let now = self.options.clock.now();
        if let Some(user) = self.db.user_mut(&user.username) {
            user.sub_updated_at = Some(now);
            user.sub_last_user_agent = Some(agent.to_owned());
        }
        Ok(self.rendered(request, &user, Format::of_agent(agent)))
    }

    /// `GET /sub/{token}/{client_type}`
    pub(super) fn subscription_as(&mut self, request: &Request, token: &str, client: &str) -> Answer {
        let user = self.by_token(token)?;
        let format = Format::of_path(client).ok_or_else(|| {
            let pattern = "'sing-box|clash-meta|clash|outline|v2ray|v2ray-json'";
            Invalid::one("client_type", format!("String should match pattern {pattern}")).response()
        })?;
        Ok(self.rendered(request, &user, format))
    }

    /// `GET /sub/{token}/info`
    pub(super) fn subscription_info(&mut self, token: &str) -> Answer {
        let user = self.by_token(token)?;
        Ok(self.view(user.id).map_or_else(crash, |view| Response::json(200, &view.public())))
    }

    /// `GET /sub/{token}/usage`
    pub(super) fn subscription_usage(&self, request: &Request, token: &str) -> Answer {
        let user = self.by_token(token)?;
        let period = Period::of(request, ["start", "end"], self.options.clock.now())?;
        let usages = self.user_usages(Some(&[user.id]), &period);
        Ok(Response::json(200, &json!({ "usages": usages, "username": user.username })))
    }

    fn by_token(&self, token: &str) -> Result<User, Response> {
        let user = self.subscriber(token).ok_or_else(|| detail(404, "Not Found"))?;
        if user.is_poisoned() { Err(crash()) } else { Ok(user.clone()) }
    }

    fn rendered(&mut self, request: &Request, user: &User, format: Format) -> Response {
        let endpoints = endpoints(self, user);
        let total = user.data_limit.unwrap_or(0);
        let expire = user.expire.unwrap_or(0);
        let info = format!("upload=0; download={}; total={total}; expire={expire}", user.used_traffic);
        Response::text(200, format.content_type(), format.render(&endpoints))
            .with_header("content-disposition", format!("attachment; filename=\"{}\"", user.username))
            .with_header("profile-web-page-url", format!("{}{}", request.origin(), request.path))
            .with_header("support-url", "https://t.me/")
            .with_header("profile-title", format!("base64:{}", BASE64.encode("Subscription")))
            .with_header("profile-update-interval", "12")
            .with_header("subscription-userinfo", info)
    }

    fn page(&mut self, user: &User) -> String {
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let links = endpoints(self, user).iter().map(Endpoint::share_link).collect::<Vec<_>>();
        let inputs = links.iter().map(|link| {
            format!(
                "<div><input class=\"link-input\" type=\"text\" value=\"{}\" readonly></div>\n",
                escape(link)
            )
        });
        format!(
            "<!DOCTYPE html>\n<html>\n\n<head>\n    <title>Subscription Information</title>\n</head>\n\n<body>\n\
             <h1>User Information</h1>\n<p>Username: {}</p>\n<p>Status: {}</p>\n<h2>Links:</h2>\n{}</body>\n</html>\n",
            escape(&user.username),
            user.status,
            inputs.collect::<String>(),
        )
    }
}
