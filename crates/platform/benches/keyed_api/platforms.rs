//! The same work on every platform: a key that is taken, and a charge where a sample costs something.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use latchkey_contract::{Amount, Environment, SecretText};
use latchkey_platform::{
    Entropy,
    manifest::{Manifest, Manifests},
};

use crate::{
    Figure, ROUND, ROUNDS,
    load::{MakeRequest, drive},
    median,
    setting::Server,
};

const CONNECTIONS: usize = 32;

/// One platform at one kind of work.
pub struct Measured {
    pub platform: String,
    pub figure: Figure,
}

/// Every platform's keys at an address where nothing is, which is told after the key was taken.
/// Test keys where there are any: live mode may be off at first.
pub async fn authorise(server: &Server) -> anyhow::Result<Vec<Measured>> {
    let mut requests = Vec::new();
    for manifest in Manifests::built_in()?.iter() {
        let test = manifest.environments().contains(&Environment::Test);
        let environment = if test { Environment::Test } else { Environment::Live };
        let keys = server.issue_keys(&manifest.slug, environment).await?;
        let heads: Vec<_> = keys
            .iter()
            .map(|key| format!("GET {}/nothing {}\r\n", base(manifest), headers(manifest, key)))
            .collect();
        let make: MakeRequest = Arc::new(move |connection, request| {
            request.extend_from_slice(heads[connection % heads.len()].as_bytes());
        });
        requests.push((manifest.name.clone(), 404, make));
    }
    in_turn(server, requests).await
}

/// Every platform's sample request with a JSON body that costs something, with live keys.
pub async fn charge(server: &Server) -> anyhow::Result<Vec<Measured>> {
    let mut requests = Vec::new();
    for manifest in Manifests::built_in()?.iter() {
        let sample = &manifest.sample;
        let json = sample.headers.iter().any(|header| header.value == "application/json");
        let Some(body) =
            sample.body.clone().filter(|_| json && sample.price.amount() > Amount::ZERO)
        else {
            continue;
        };
        let heads: Vec<_> = server
            .issue_keys(&manifest.slug, Environment::Live)
            .await?
            .iter()
            .map(|key| {
                let (base, path) = (base(manifest), &sample.path);
                let length = body.len();
                let own = sample.headers.iter().filter(|header| !header.value.contains("{uuid}"));
                let own: String =
                    own.map(|header| format!("{}: {}\r\n", header.name, header.value)).collect();
                let head = headers(manifest, key);
                format!("{} {base}{path} {head}{own}content-length: {length}\r\n", sample.method)
            })
            .collect();
        let repeat = manifest.idempotency.as_ref().map(|repeat| repeat.header.clone());
        let (run, sent) = (u64::from_le_bytes(Entropy::system().bytes()), AtomicU64::new(0));
        let make: MakeRequest = Arc::new(move |connection, request| {
            use std::io::Write as _;
            request.extend_from_slice(heads[connection % heads.len()].as_bytes());
            // Spread like random ones: the golden ratio visits every number once.
            let n = sent.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            if let Some(header) = &repeat {
                let _ = write!(request, "{header}: {n:016x}-{run:016x}\r\n");
            }
            let _ = write!(request, "\r\n{body}");
        });
        requests.push((manifest.name.clone(), accepted(server, &make).await?, make));
    }
    in_turn(server, requests).await
}

/// The status of an answer to one request.
async fn accepted(server: &Server, make: &MakeRequest) -> anyhow::Result<u16> {
    let status = crate::load::once(server.addr, make).await?;
    anyhow::ensure!((200..300).contains(&status), "the sample is answered with {status}");
    Ok(status)
}

/// Rounds of all platforms in turn; the median of each.
async fn in_turn(
    server: &Server,
    requests: Vec<(String, u16, MakeRequest)>,
) -> anyhow::Result<Vec<Measured>> {
    let mut figures = vec![Vec::new(); requests.len()];
    for _ in 0..ROUNDS {
        for ((_, status, make), figures) in requests.iter().zip(&mut figures) {
            let figure = drive(server.addr, CONNECTIONS, ROUND, *status, make.clone()).await?;
            figures.push(figure);
        }
    }
    let names = requests.into_iter().map(|(name, ..)| name);
    let measured = names
        .zip(figures)
        .map(|(platform, figures)| Measured { platform, figure: median(figures) });
    Ok(measured.collect())
}

fn base(manifest: &Manifest) -> String {
    manifest.base_url("")
}

/// The rest of the first line, and the headers that every request has.
fn headers(manifest: &Manifest, key: &SecretText) -> String {
    let scheme = &manifest.header_schemes[0];
    let (header, prefix) = (&scheme.header, &scheme.prefix);
    format!("HTTP/1.1\r\nhost: bench\r\n{header}: {prefix}{}\r\n", key.expose())
}
