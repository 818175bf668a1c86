//! The parameters of a call, whichever way they came: query, JSON, form or multipart.

use std::collections::HashMap;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Multipart, Request};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// The largest body taken, in bytes: Telegram's own limit for uploads.
const LARGEST: usize = 50 * 1024 * 1024;

/// A file that came with a call.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    /// The name that the sender gave it.
    pub name: Option<String>,
    pub bytes: Bytes,
}

/// The parameters of one call.
#[derive(Debug, Default)]
pub(crate) struct Params {
    values: Map<String, Value>,
    files: HashMap<String, Upload>,
}

impl Params {
    pub(crate) async fn read(request: Request<Body>) -> Result<Self, Refusal> {
        let mut params = Self::default();
        if let Some(query) = request.uri().query() {
            params.add_form(query.as_bytes());
        }
        let kind = request.headers().get("content-type").and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().to_ascii_lowercase();
        if kind.starts_with("multipart/") {
            params.add_multipart(request).await?;
            return Ok(params);
        }
        let body = to_bytes(request.into_body(), LARGEST).await;
        let body = body.map_err(|_| Refusal::new(413, "Request Entity Too Large"))?;
        if kind.starts_with("application/json") && !body.is_empty() {
            match serde_json::from_slice(&body) {
                Ok(Value::Object(values)) => params.values.extend(values),
                _ => return Err(Refusal::bad("can't parse JSON object")),
            }
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            params.add_form(&body);
        }
        params.values.retain(|_, value| !value.is_null());
        Ok(params)
    }

    /// Parameters made inside: a call that came as the answer to a webhook.
    pub(crate) fn from_map(values: Map<String, Value>) -> Self {
        Self { values, files: HashMap::new() }
    }

    fn add_form(&mut self, body: &[u8]) {
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = unescape(halves.next().unwrap_or_default());
            let value = unescape(halves.next().unwrap_or_default());
            self.values.insert(name, Value::String(value));
        }
    }

    async fn add_multipart(&mut self, mut request: Request<Body>) -> Result<(), Refusal> {
        axum::extract::DefaultBodyLimit::max(LARGEST).apply(&mut request);
        let wrong = |_| Refusal::bad("can't parse multipart data");
        let mut form = Multipart::from_request(request, &())
            .await
            .map_err(|_| Refusal::bad("can't parse multipart data"))?;
        while let Some(field) = form.next_field().await.map_err(wrong)? {
            let name = field.name().unwrap_or_default().to_owned();
            let file = field.file_name().map(str::to_owned);
            let is_file = file.is_some();
            let bytes = field.bytes().await.map_err(wrong)?;
            match std::str::from_utf8(&bytes) {
                Ok(text) if !is_file => drop(self.values.insert(name, Value::String(text.to_owned()))),
                _ => drop(self.files.insert(name, Upload { name: file, bytes })),
            }
        }
        Ok(())
    }

    /// What was sent, for the log of calls; files are left out.
    pub(crate) fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match self.values.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        match self.values.get(name)? {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.values.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "1"),
            _ => false,
        }
    }

    /// A structured parameter: given as JSON, or as text that holds JSON.
    pub(crate) fn json(&self, name: &str) -> Option<Result<Value, Refusal>> {
        match self.values.get(name)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(
                serde_json::from_str(text)
                    .map_err(|_| Refusal::bad(format!("can't parse {} JSON object", name.replace('_', " ")))),
            ),
            other => Some(Ok(other.clone())),
        }
    }

    /// The file that a parameter names: a part of that name, or `attach://part`.
    pub(crate) fn file(&self, name: &str) -> Option<&Upload> {
        self.files.get(name).or_else(|| self.attached(self.values.get(name)?.as_str()?))
    }

    /// The file that `attach://part` names.
    pub(crate) fn attached(&self, reference: &str) -> Option<&Upload> {
        self.files.get(reference.strip_prefix("attach://")?)
    }
}

fn unescape(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match (byte, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'+', _) => out.push(b' '),
            (b'%', Some(value)) => {
                out.push(value);
                rest = &tail[2..];
            }
            _ => out.push(*byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
