//! A small HTTP/1.1 load generator: one thread, keep-alive connections, requests written from
//! bytes made beforehand, so that it costs little beside the server it measures.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// Writes the next request of a connection.
pub type MakeRequest = Arc<dyn Fn(usize, &mut Vec<u8>) + Send + Sync>;

/// What a run found.
#[derive(Debug, Clone, Copy)]
pub struct Figure {
    /// Answers with the wanted status, a second.
    pub per_second: f64,
    /// Answers with another status.
    pub others: u64,
}

/// Sends requests over `connections` for `lasting` and counts the answers.
pub async fn drive(
    addr: SocketAddr,
    connections: usize,
    lasting: Duration,
    wanted: u16,
    make: MakeRequest,
) -> std::io::Result<Figure> {
    let stop = Arc::new(AtomicBool::new(false));
    let (good, others) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut tasks = JoinSet::new();
    for connection in 0..connections {
        let mut stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        let (stop, good, others, make) = (stop.clone(), good.clone(), others.clone(), make.clone());
        tasks.spawn(async move {
            let (mut request, mut buffer) = (Vec::new(), Vec::with_capacity(16 * 1024));
            while !stop.load(Ordering::Relaxed) {
                request.clear();
                make(connection, &mut request);
                stream.write_all(&request).await?;
                let status = read_answer(&mut stream, &mut buffer).await?;
                let counter = if status == wanted { &good } else { &others };
                counter.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<(), std::io::Error>(())
        });
    }
    let started = Instant::now();
    tokio::time::sleep(lasting).await;
    let per_second = good.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = tasks.join_next().await {
        ended.map_err(std::io::Error::other)??;
    }
    Ok(Figure { per_second, others: others.load(Ordering::Relaxed) })
}

/// Sends one request and tells its answer's status.
pub async fn once(addr: SocketAddr, make: &MakeRequest) -> std::io::Result<u16> {
    let mut stream = TcpStream::connect(addr).await?;
    let mut request = Vec::new();
    make(0, &mut request);
    stream.write_all(&request).await?;
    read_answer(&mut stream, &mut Vec::new()).await
}

/// Reads one answer with a `Content-Length` and tells its status.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<u16> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head]).map_err(std::io::Error::other)?;
        let status = text.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let length = content_length(text);
        while buffer.len() < head + 4 + length {
            if stream.read_buf(buffer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        return Ok(status);
    }
}

fn content_length(head: &str) -> usize {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}
