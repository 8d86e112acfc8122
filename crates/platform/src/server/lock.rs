use std::{
    fs::{self, File, TryLockError},
    io,
    path::Path,
};

use super::StartError;

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
        let at_fault =
            |source: io::Error| StartError::DataFolder { path: data_dir.to_owned(), source };
        make_private(data_dir).map_err(at_fault)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(data_dir.join("lock"))
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

/// Makes the folder so that only its owner may look into it.
fn make_private(data_dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data_dir)
}
