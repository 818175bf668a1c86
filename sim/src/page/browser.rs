//! A headless Chromium for tests of the page: opens it, runs JavaScript on it, waits for a state, takes a picture.
//!
//! It speaks the DevTools protocol (<https://chromedevtools.github.io/devtools-protocol/>) over the smallest WebSocket
//! that will do (RFC 6455, client side, text frames), so that no driver and no further crate is needed.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// Where Chromium is looked for, besides the variable `CHROMIUM`.
const PLACES: [&str; 5] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/opt/google/chrome/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// No network but the page, no background services, no first-run screens.
const FLAGS: [&str; 13] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--lang=en-US",
    "--remote-debugging-port=0",
];

/// How long a state is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A page open in a browser of its own. The browser ends with it.
pub struct Browser {
    socket: Socket,
    last_id: u64,
    events: Vec<Value>,
    process: Child,
    _profile: Profile,
}

/// A directory that is removed at the end.
struct Profile(PathBuf);

impl Drop for Profile {
    fn drop(&mut self) {
        // The browser may still write into it; what stays is in the temporary directory.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Browser {
    /// Chromium's path, if it is installed.
    #[must_use]
    pub fn installed() -> Option<PathBuf> {
        let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
        named.into_iter().chain(PLACES.map(PathBuf::from)).find(|path| path.exists())
    }

    /// Opens the simulated chat's page in a window of this size.
    ///
    /// # Errors
    /// Chromium is missing or does not do as it is told.
    pub async fn open(url: &str, width: u32, height: u32) -> anyhow::Result<Self> {
        let mut browser = Self::blank(width, height).await?;
        browser.call("Page.navigate", json!({"url": url})).await?;
        browser.until("document.readyState === 'complete' && document.body.dataset.live === 'true'").await?;
        Ok(browser)
    }

    /// Opens an empty window of this size, for pages that want something set first.
    ///
    /// # Errors
    /// Chromium is missing or does not do as it is told.
    pub async fn blank(width: u32, height: u32) -> anyhow::Result<Self> {
        let chromium = Self::installed().context("no Chromium found; set CHROMIUM to its path")?;
        let profile = Profile(std::env::temp_dir().join(format!("sim-page-{}", uuid::Uuid::new_v4())));
        let mut process = Command::new(chromium)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.0.display()))
            .arg(format!("--window-size={width},{height}"))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("can't start Chromium")?;
        let stderr = process.stderr.take().context("Chromium's messages are not piped")?;
        let mut lines = BufReader::new(stderr).lines();
        let address = loop {
            let line = lines.next_line().await?.context("Chromium ended before it listened")?;
            if let Some(address) = line.strip_prefix("DevTools listening on ws://") {
                break address.split('/').next().unwrap_or_default().to_owned();
            }
        };
        // Its further messages are of no interest, but a full pipe would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let http = reqwest::Client::builder().no_proxy().build()?;
        let target: Value =
            http.put(format!("http://{address}/json/new?about:blank")).send().await?.json().await?;
        let socket =
            target["webSocketDebuggerUrl"].as_str().context("Chromium gave no address of the page")?;
        let path = socket.split_once("/devtools").map(|(_, path)| format!("/devtools{path}"));
        let socket = Socket::connect(&address, &path.context("an address without a path")?).await?;
        let mut browser = Self { socket, last_id: 0, events: Vec::new(), process, _profile: profile };
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        browser.call("Emulation.setDeviceMetricsOverride", size).await?;
        Ok(browser)
    }

    /// Runs JavaScript and returns its value; a promise is waited for.
    ///
    /// # Errors
    /// The script throws, or the browser is gone.
    pub async fn eval(&mut self, script: &str) -> anyhow::Result<Value> {
        let params = json!({
            "expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true,
        });
        let answer = self.call("Runtime.evaluate", params).await?;
        if let Some(details) = answer.get("exceptionDetails") {
            bail!("{script}: {}", details["exception"]["description"]);
        }
        Ok(answer["result"]["value"].clone())
    }

    /// Waits until an expression is true on the page.
    ///
    /// # Errors
    /// It does not become true; the error carries the text of the page.
    pub async fn until(&mut self, condition: &str) -> anyhow::Result<()> {
        let wait = format!(
            "new Promise((done) => {{ const end = performance.now() + {}; const look = () => {{ let yes = false; \
             try {{ yes = Boolean({condition}); }} catch {{ /* not there yet */ }} \
             if (yes || performance.now() > end) done(yes); else setTimeout(look, 20); }}; look(); }})",
            PATIENCE.as_millis()
        );
        // A navigation ends the script that waits; it is then asked again on the new page.
        for _ in 0..5 {
            match self.eval(&wait).await {
                Ok(Value::Bool(true)) => return Ok(()),
                Ok(_) => break,
                Err(error) if navigated(&error) => {}
                Err(error) => return Err(error),
            }
        }
        bail!(
            "never true: {condition}\n{}",
            self.eval("document.body.innerText").await?.as_str().unwrap_or_default()
        )
    }

    /// Clicks the first element that a CSS selector finds, once it is there.
    ///
    /// # Errors
    /// There is none, or the browser is gone.
    pub async fn click(&mut self, selector: &str) -> anyhow::Result<()> {
        let quoted = Value::from(selector);
        self.until(&format!("document.querySelector({quoted})")).await?;
        match self.eval(&format!("document.querySelector({quoted}).click()")).await {
            // It led elsewhere before the click was answered.
            Err(error) if navigated(&error) => Ok(()),
            clicked => clicked.map(drop),
        }
    }

    /// Types into the element that has the focus.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn type_text(&mut self, text: &str) -> anyhow::Result<()> {
        self.call("Input.insertText", json!({"text": text})).await.map(drop)
    }

    /// Presses a key such as `Enter` or `Escape`.
    ///
    /// # Errors
    /// The browser is gone.
    pub async fn press_key(&mut self, key: &str) -> anyhow::Result<()> {
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "Tab" => 9,
            _ => 0,
        };
        let text = if key == "Enter" { "\r" } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({
                "type": kind, "key": key, "code": key, "text": text,
                "windowsVirtualKeyCode": code, "nativeVirtualKeyCode": code,
            });
            self.call("Input.dispatchKeyEvent", event).await?;
        }
        Ok(())
    }

    /// Writes what the window shows as PNG.
    ///
    /// # Errors
    /// The file can't be written, or the browser is gone.
    pub async fn screenshot(&mut self, path: &Path) -> anyhow::Result<()> {
        // Two frames later everything that was changed is painted.
        self.eval("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))").await?;
        let answer = self.call("Page.captureScreenshot", json!({"format": "png"})).await?;
        let data = answer["data"].as_str().context("no picture in the answer")?;
        std::fs::write(path, STANDARD.decode(data)?)
            .with_context(|| format!("can't write {}", path.display()))
    }

    /// Ends the browser and removes what it wrote; without this it is killed and may leave its profile behind.
    ///
    /// # Errors
    /// It does not end.
    pub async fn close(mut self) -> anyhow::Result<()> {
        // It may be gone before it answers.
        let _ = self.call("Browser.close", json!({})).await;
        match tokio::time::timeout(PATIENCE, self.process.wait()).await {
            Ok(ended) => ended.map(drop).context("lost sight of Chromium"),
            Err(_) => self.process.kill().await.context("Chromium does not end"),
        }
    }

    /// What the browser told of its own accord since the last time, as `{"method": …, "params": …}`; only of domains
    /// that were enabled, such as by `Network.enable`.
    pub fn events(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.events)
    }

    /// Any command of the DevTools protocol.
    ///
    /// # Errors
    /// The browser refuses it, or is gone.
    pub async fn call(&mut self, method: &str, params: Value) -> anyhow::Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        self.socket.send(&json!({"id": id, "method": method, "params": params}).to_string()).await?;
        let answer = async {
            loop {
                let message: Value = serde_json::from_str(&self.socket.receive().await?)?;
                if message["id"] == id {
                    return anyhow::Ok(message);
                }
                if message.get("method").is_some() {
                    self.events.push(message);
                }
            }
        };
        let mut answer =
            tokio::time::timeout(PATIENCE * 2, answer).await.context("the browser does not answer")??;
        ensure!(answer.get("error").is_none(), "{method}: {}", answer["error"]["message"]);
        Ok(answer["result"].take())
    }
}

/// Whether a script ended because its page gave way to another one.
fn navigated(error: &anyhow::Error) -> bool {
    let text = error.to_string();
    ["context was destroyed", "Inspected target navigated"].iter().any(|word| text.contains(word))
}

/// The client's half of a WebSocket.
struct Socket {
    stream: BufReader<TcpStream>,
}

impl Socket {
    async fn connect(address: &str, path: &str) -> anyhow::Result<Self> {
        let mut stream = BufReader::new(TcpStream::connect(address).await?);
        let hello = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.write_all(hello.as_bytes()).await?;
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        ensure!(line.contains(" 101 "), "no WebSocket: {line}");
        while line != "\r\n" {
            line.clear();
            ensure!(
                stream.read_line(&mut line).await? > 0,
                "the connection ended in the middle of the headers"
            );
        }
        Ok(Self { stream })
    }

    async fn send(&mut self, text: &str) -> anyhow::Result<()> {
        self.frame(0x81, text.as_bytes()).await
    }

    /// One frame. A client must mask; a mask of zeros leaves the bytes as they are.
    async fn frame(&mut self, kind: u8, payload: &[u8]) -> anyhow::Result<()> {
        let mut frame = vec![kind];
        match payload.len() {
            length @ 0..=125 => frame.push(0x80 | u8::try_from(length)?),
            length @ 126..=0xFFFF => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(length)?.to_be_bytes());
            }
            length => {
                frame.push(0x80 | 127);
                frame.extend(u64::try_from(length)?.to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        self.stream.write_all(&frame).await?;
        Ok(())
    }

    /// The next whole text message.
    async fn receive(&mut self) -> anyhow::Result<String> {
        let mut message = Vec::new();
        loop {
            let head = self.stream.read_u16().await?.to_be_bytes();
            let length = match head[1] & 0x7F {
                126 => usize::from(self.stream.read_u16().await?),
                127 => usize::try_from(self.stream.read_u64().await?)?,
                short => usize::from(short),
            };
            let mut payload = vec![0; length];
            self.stream.read_exact(&mut payload).await?;
            match head[0] & 0x0F {
                0 | 1 => message.extend(payload),
                8 => bail!("the browser closed the connection"),
                9 => self.frame(0x8A, &payload).await?,
                _ => {}
            }
            if matches!(head[0] & 0x0F, 0 | 1) && head[0] & 0x80 != 0 {
                return Ok(String::from_utf8(message)?);
            }
        }
    }
}
