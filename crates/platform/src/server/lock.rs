use std::{
    fs::{self, File, TryLockError},
    io,
    path::Path,
};

use latchkey_store::StoreConfig;

use super::StartError;

/// The lock's file in the data folder.
const NAME: &str = "lock";

/// One process at a time works on a data folder. Held for as long as this lives; the system lets
/// go of it even if the process is killed.
#[derive(Debug)]
pub struct DataLock(
    #[expect(dead_code, reason = "the lock lives as long as the file is open")] File,
);

impl DataLock {
    /// Takes the folder, which is made where it is absent.
    ///
    /// # Errors
    /// [`StartError::DataInUse`] where another process has it.
    pub fn take(data_dir: &Path) -> Result<Self, StartError> {
        make_private(data_dir).map_err(|source| at_fault(data_dir, source))?;
        Self::take_file(data_dir)
    }

    /// Takes a folder that a server has worked on, or an empty one. Nothing is made elsewhere: the
    /// path may be mistyped.
    ///
    /// # Errors
    /// [`StartError::NoDatabase`]; as [`DataLock::take`].
    pub fn take_known(data_dir: &Path) -> Result<Self, StartError> {
        let database = StoreConfig { data_dir: data_dir.to_owned() }.file();
        if database.exists() || is_empty(data_dir) {
            return Self::take(data_dir);
        }
        Err(StartError::NoDatabase { path: data_dir.to_owned() })
    }

    fn take_file(data_dir: &Path) -> Result<Self, StartError> {
        let at_fault = |source| at_fault(data_dir, source);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(data_dir.join(NAME))
            .map_err(at_fault)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                Err(StartError::DataInUse { path: data_dir.to_owned() })
            }
            Err(TryLockError::Error(source)) => Err(at_fault(source)),
        }
    }
}

/// Whether nothing but a lock is in the folder, which an attempt to start may have left.
fn is_empty(data_dir: &Path) -> bool {
    fs::read_dir(data_dir)
        .is_ok_and(|mut inside| inside.all(|entry| entry.is_ok_and(|e| e.file_name() == NAME)))
}

fn at_fault(data_dir: &Path, source: io::Error) -> StartError {
    StartError::DataFolder { path: data_dir.to_owned(), source }
}

/// Makes the folder so that only its owner may look into it; one that was there is made so too,
/// where it is ours to change.
fn make_private(data_dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data_dir)?;
    #[cfg(unix)]
    if let Err(error) = tighten(data_dir) {
        let folder = data_dir.display();
        tracing::warn!(%folder, %error, "others may look into the data folder; make it mode 700");
    }
    Ok(())
}

#[cfg(unix)]
fn tighten(data_dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(data_dir)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(data_dir, fs::Permissions::from_mode(mode & 0o700))
}
