//! Memory that a server under load keeps resident.

use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::{
    load::drive,
    setting::{Server, resident_mib},
};

const LOAD: Duration = Duration::from_secs(600);
const ROUND: Duration = Duration::from_secs(5);
const CONNECTIONS: usize = 32;

/// Mebibytes in the middle of the load and at its end, which are the same where memory is flat.
pub struct Resident {
    pub halfway: f64,
    pub end: f64,
}

/// Ten minutes of charges and reads in turn.
pub async fn under_load() -> anyhow::Result<Resident> {
    let server = Server::start().await?;
    let (charge, read) = (server.charge(), server.status());
    let started = Instant::now();
    let mut halfway = None;
    while started.elapsed() < LOAD {
        for (status, request) in [(202, &charge), (200, &read)] {
            drive(server.addr, CONNECTIONS, ROUND, status, request.clone()).await?;
        }
        if halfway.is_none() && started.elapsed() > LOAD / 2 {
            halfway = Some(resident_mib(&server)?);
        }
    }
    let resident = Resident {
        halfway: halfway.context("the load ended before its middle")?,
        end: resident_mib(&server)?,
    };
    server.stop().await?;
    Ok(resident)
}
