//! Those who have no link, and those who mean ill.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::town::{Town, V2RAY};

/// What comes back, without the day it was said.
fn undated(answer: &str) -> String {
    let lines = answer.split("\r\n").filter(|line| !line.to_lowercase().starts_with("date:"));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn everything_that_is_not_there_looks_the_same() {
    let town = Town::three().await;
    let key = town.world.key().await;
    let path = town.path(key).await;
    let token = path.rsplit('/').next().unwrap();
    let cut = &token[..token.len() - 1];
    let paths = [
        "/".to_owned(),
        "/favicon.ico".to_owned(),
        "/robots.txt".to_owned(),
        "/healthz".to_owned(),
        "/metrics".to_owned(),
        "/sub".to_owned(),
        "/sub/".to_owned(),
        "/sub/x".to_owned(),
        format!("/sub/{cut}"),
        format!("/sub/{token}A"),
        format!("/sub/{token}/"),
        format!("/sub/{token}/info"),
        format!("/sub//{token}"),
        format!("//sub/{token}"),
        format!("/SUB/{token}"),
        format!("/sub/../sub/{token}"),
        format!("/sub/./{token}"),
        format!("/sub/%2e%2e/sub/{token}"),
        format!("/sub/{}", token.replace(&token[..1], &format!("%{:02X}", token.as_bytes()[0]))),
        format!("/sub/{token}%00"),
        format!("/sub/{token}%20"),
        format!("/sub/{token};x"),
        "/sub/%FF%FE".to_owned(),
        "/sub/..%2f..%2fetc%2fpasswd".to_owned(),
        format!("/sub/{}", "A".repeat(4_000)),
    ];
    let mut answers = Vec::new();
    for path in &paths {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: x\r\nuser-agent: {V2RAY}\r\nconnection: close\r\n\r\n");
        answers.push((path, undated(&town.raw(request.as_bytes()).await)));
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND"] {
        let request = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        answers.push((&path, undated(&town.raw(request.as_bytes()).await)));
    }
    for (path, answer) in answers {
        assert_eq!(answer, "HTTP/1.1 404 Not Found\nconnection: close\ncontent-length: 0\n\n", "{path}");
    }
    // The one that is there, written otherwise by a proxy.
    let whole =
        format!("GET http://keys.example.com{path}?x=1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(town.raw(whole.as_bytes()).await.starts_with("HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_wrong_link_asks_nobody() {
    let town = Town::three().await;
    let known = town.path(town.world.key().await).await;
    let unknown = town.path(town.world.key().await).await;
    assert!(town.fetch(&known, V2RAY).await.is_usable());
    // From here on every question to the database fails.
    town.world.core.store.clone().close().await.unwrap();
    for junk in ["x", "AQABAAAAAAAAAAAAAAAAAAAAAAA", &known[5..known.len() - 2]] {
        let got = town.fetch(&format!("/sub/{junk}"), V2RAY).await;
        assert_eq!((got.status, got.body.as_str()), (404, ""), "{junk}");
    }
    assert_eq!(town.fetch(&unknown, V2RAY).await.status, 503, "a right one asks");
    town.passes(3);
    assert!(town.fetch(&known, V2RAY).await.is_usable(), "what was known goes on without the database");
}

#[tokio::test]
async fn who_tries_many_wrong_ones_hinders_nobody_else() {
    let town = Town::three().await;
    let path = town.path(town.world.key().await).await;
    let (mut open, mut closed) = (0, 0);
    for number in 0..200 {
        let got = town.fetch(&format!("/sub/{number}"), V2RAY).await;
        assert_eq!(got.status, 404);
        if got.header("connection") == "close" { closed += 1 } else { open += 1 }
    }
    assert_eq!((open, closed), (60, 140));
    assert!(town.fetch(&path, V2RAY).await.is_usable(), "a right one is right from any address");
    // Another address has its own patience: the proxy in front names it.
    let other = [("user-agent", V2RAY), ("x-forwarded-for", "1.2.3.4, 198.51.100.7")];
    assert_eq!(town.ask("GET", "/sub/x", &other).await.header("connection"), "");
}

#[tokio::test]
async fn one_link_is_not_asked_without_end() {
    let town = Town::three().await;
    let path = town.path(town.world.key().await).await;
    let other = town.path(town.world.key().await).await;
    let mut served = 0;
    let refused = loop {
        let got = town.fetch(&path, V2RAY).await;
        if got.status != 200 {
            break got;
        }
        served += 1;
        assert!(served < 200, "it is asked without end");
    };
    assert_eq!((served, refused.status, refused.header("retry-after")), (60, 429, "30"));
    assert!(town.fetch(&other, V2RAY).await.is_usable());
    town.passes(30);
    assert!(town.fetch(&path, V2RAY).await.is_usable());
}

#[tokio::test]
async fn headers_have_an_end() {
    let town = Town::three().await;
    let long = format!("GET /sub/x HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "a".repeat(40_000));
    let answer = town.raw(long.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431 ") || answer.is_empty(), "{answer}");
    let many: String = (0..200).map(|n| format!("x-{n}: 1\r\n")).collect();
    let answer = town.raw(format!("GET /sub/x HTTP/1.1\r\nhost: x\r\n{many}\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let answer = town.raw(b"\x16\x03\x01\x02\x00 this is TLS\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 ") || answer.is_empty(), "{answer}");
    assert!(town.fetch(&town.path(town.world.key().await).await, V2RAY).await.is_usable(), "the door stands");
}

/// Whoever sends a header a minute, or takes an answer a byte a minute, holds a connection for no longer than that.
#[tokio::test]
async fn slow_clients_are_let_go() {
    let town = Town::three().await;
    let began = Instant::now();
    let mut slow = Vec::new();
    for beginning in ["", "GET /sub/x", "GET /sub/x HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        let mut stream = TcpStream::connect(town.door).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    for mut stream in slow {
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        read.expect("let go").ok();
    }
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert!(town.fetch(&town.path(town.world.key().await).await, V2RAY).await.is_usable());
}
