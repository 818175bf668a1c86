//! Those who try many links, and those who take none of their answer: nobody else notices.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use karvan::http::listen::{Door, Patience};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::town::{Town, V2RAY};

/// Wrong links in a story.
const WRONG: usize = 10_000;
/// Connections at once.
const HANDS: usize = 16;

/// As many wrong links as there are left, as fast as they are answered. How many answers there were that were not the
/// bare 404.
async fn tries(door: SocketAddr, left: Arc<AtomicUsize>, many: bool) -> usize {
    let (mut odd, mut open) = (0, None::<TcpStream>);
    let mut answer = Vec::new();
    loop {
        let number = left.fetch_sub(1, Ordering::Relaxed);
        if number == 0 || number > WRONG {
            left.store(0, Ordering::Relaxed);
            return odd;
        }
        let mut stream = match open.take() {
            Some(stream) => stream,
            None => TcpStream::connect(door).await.unwrap(),
        };
        let from =
            if many { format!("10.{}.{}.7", number / 256, number % 256) } else { "10.0.0.7".to_owned() };
        let request = format!(
            "GET /sub/{number:A>28} HTTP/1.1\r\nhost: x\r\nuser-agent: {V2RAY}\r\nx-forwarded-for: {from}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        answer.clear();
        while !answer.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut answer).await.unwrap() == 0 {
                break;
            }
        }
        let text = String::from_utf8_lossy(&answer);
        odd += usize::from(!(text.starts_with("HTTP/1.1 404 ") && text.contains("content-length: 0\r\n")));
        if !text.contains("connection: close") {
            open = Some(stream);
        }
    }
}

/// What this process holds in memory.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

/// From one address, and from ten thousand: no question to panels or database, no memory, and everybody else is served.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_wrong_links_hinder_nobody() {
    let town = Town::three().await;
    let mut paths = Vec::new();
    for _ in 0..3 {
        paths.push(town.path(town.world.key().await).await);
    }
    for path in &paths {
        assert!(town.fetch(path, V2RAY).await.is_usable());
    }
    let asked = |town: &Town| ["de1", "nl1", "fi1"].map(|panel| town.asked(panel));
    let before = asked(&town);
    // From here on every question to the database fails.
    town.world.core.store.clone().close().await.unwrap();
    let memory = resident();
    for many in [false, true] {
        let left = Arc::new(AtomicUsize::new(WRONG));
        let hands: Vec<_> = (0..HANDS).map(|_| tokio::spawn(tries(town.door, left.clone(), many))).collect();
        let (mut served, began) = (0, Instant::now());
        // Each link may be asked for sixty times.
        while left.load(Ordering::Relaxed) > 0 && served < 80 {
            let got = town.fetch(&paths[served % paths.len()], V2RAY).await;
            assert!(got.is_usable(), "{got:?}");
            served += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for hand in hands {
            assert_eq!(hand.await.unwrap(), 0, "answers that were not the bare 404");
        }
        println!("{WRONG} wrong links, many addresses: {many}: {:?}, {served} right ones", began.elapsed());
        assert!(served > 5);
        town.passes(3);
    }
    assert_eq!(asked(&town), before, "no panel was asked");
    let grown = resident().saturating_sub(memory);
    println!("memory grew by {} KB", grown >> 10);
    assert!(grown < 64 << 20, "{grown}");
}

/// Whoever asks for much and takes nothing of it holds a connection for no longer than a moment.
#[tokio::test]
async fn who_takes_nothing_of_the_answer_is_let_go() {
    let much = Router::new().route("/", get(|| async { vec![b'x'; 32 << 20] }));
    let door = Door::open(([127, 0, 0, 1], 0).into(), much).await.unwrap();
    let patience = Patience { headers: Duration::from_secs(600), stall: Duration::from_millis(500) };
    let (door, stop) = (door.with_patience(patience), CancellationToken::new());
    let address = door.address().unwrap();
    let serving = tokio::spawn(door.serve(stop.clone()));
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 << 10).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let ask = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(ask).await.unwrap();
    // Not a byte is taken. Once the door has let go, what is said to it is refused.
    let let_go = async {
        while stream.write_all(b"\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), let_go).await.expect("let go");

    // Who takes it, be it slowly, gets all of it.
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let (mut taken, mut some) = (0, vec![0; 4 << 20]);
    loop {
        let read = stream.read(&mut some).await.unwrap();
        if read == 0 {
            break;
        }
        taken += read;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(taken > 32 << 20, "{taken}");
    stop.cancel();
    serving.await.unwrap();
}
