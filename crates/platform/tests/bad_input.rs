//! What goes wrong around a server is told in a sentence that says what to do.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{fs, net::TcpListener, path::Path};

use latchkey_client::IdempotencyKey;
use latchkey_contract::Environment;
use latchkey_platform::{Clock, Entropy, start_with};
use tempfile::TempDir;

use crate::support::{TestServer, config, new_key};

/// The sentence that a server on this folder does not start with.
async fn refusal(change: impl FnOnce(&mut latchkey_platform::Config), data: &Path) -> String {
    let mut config = config(data);
    change(&mut config);
    start_with(config, Clock::system(), Entropy::system()).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let data = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap();
    let told = refusal(|config| config.listen = addr, data.path()).await;
    assert!(told.contains(&format!("port {} on 127.0.0.1 is in use", addr.port())), "{told}");
    assert!(told.contains("choose another port"), "{told}");
}

#[tokio::test]
async fn an_address_of_another_computer_is_refused() {
    let data = TempDir::new().unwrap();
    let told = refusal(|config| config.listen = ([203, 0, 113, 7], 0).into(), data.path()).await;
    assert!(told.contains("cannot listen on 203.0.113.7"), "{told}");
}

#[tokio::test]
async fn two_servers_do_not_share_a_folder() {
    let server = TestServer::start().await;
    let told = refusal(|_| {}, server.data_dir()).await;
    assert!(told.contains("another Latchkey server runs on"), "{told}");
    let server = server.restart().await;
    server.sign_up("Northwind").await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let data = TempDir::new().unwrap();
    let file = data.path().join("latchkey.db");
    fs::write(&file, "Dear diary, ".repeat(1000)).unwrap();
    let told = refusal(|_| {}, data.path()).await;
    assert!(told.contains("is not a Latchkey database"), "{told}");
    assert!(fs::read_to_string(&file).unwrap().starts_with("Dear diary"));
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_named() {
    let data = TempDir::new().unwrap();
    fs::create_dir(data.path().join("latchkey.db")).unwrap();
    let told = refusal(|_| {}, data.path()).await;
    assert!(told.contains("latchkey.db"), "{told}");
    let file = TempDir::new().unwrap();
    let file = file.path().join("file");
    fs::write(&file, "").unwrap();
    let told = refusal(|_| {}, &file.join("below")).await;
    assert!(told.contains("the data folder"), "{told}");
}

#[tokio::test]
async fn a_newer_database_is_left_alone() {
    let data = TempDir::new().unwrap();
    let server = start_with(config(data.path()), Clock::system(), Entropy::system()).await;
    server.unwrap().shutdown().await;
    let file = data.path().join("latchkey.db");
    let database = rusqlite::Connection::open(&file).unwrap();
    let newer =
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_from_the_future', 1)";
    database.execute(newer, []).unwrap();
    drop(database);
    let told = refusal(|_| {}, data.path()).await;
    assert!(told.contains("newer version"), "{told}");
}

/// A file system of four megabytes, where this user may make one.
#[cfg(target_os = "linux")]
struct SmallDisk(TempDir);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs"]).arg(folder.path());
        mount.output().is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }

    /// Takes all the space that is left.
    fn fill(&self) -> std::path::PathBuf {
        use std::io::Write;
        let path = self.0.path().join("filler");
        let mut filler = fs::File::create(&path).unwrap();
        while filler.write_all(&[0; 4096]).is_ok() {}
        path
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_told_and_nothing_is_lost() {
    // Without the right to mount there is no small disk to fill; the store's own tests cover the
    // error code then.
    let Some(disk) = SmallDisk::mount() else { return };
    let data = disk.0.path().to_owned();
    let server = TestServer::start_as(move |config| config.data_dir = data).await;
    let partner = server.sign_up("Northwind").await;
    let (first, _) = partner.issue_key("clipia", Environment::Test).await;
    let filler = disk.fill();
    let refused = loop {
        let request = new_key("clipia", Environment::Test);
        let issued = partner.client.create_key(&request, &IdempotencyKey::random()).await;
        if let Err(error) = issued {
            break error;
        }
    };
    assert_eq!(refused.code(), Some("storage_full"), "{refused:?}");
    assert!(refused.to_string().contains("Free some space"), "{refused}");
    // What was there can still be read, and all goes on when there is space again.
    assert_eq!(partner.client.get_key(&first.id).await.unwrap().id, first.id);
    fs::remove_file(filler).unwrap();
    partner.issue_key("clipia", Environment::Test).await;
    server.stop().await;
}
