//! Uploads: files that come with jobs, kept apart from media until the job has ended.
//!
//! A file is named after its job, so that what no open job has is known: it is left of a call that
//! broke off, and goes at the next start.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::{fs::File, io::AsyncWriteExt};

/// The folder of uploads. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Uploads(Arc<Path>);

/// A file that is being received. Dropped before it is kept, it is removed.
#[derive(Debug)]
pub struct NewUpload {
    file: Option<File>,
    path: PathBuf,
    size: u64,
}

impl Uploads {
    /// Keeps files in `uploads` below the data folder, which nobody else may look into.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn in_folder(data_dir: &Path) -> io::Result<Self> {
        let folder = data_dir.join("uploads");
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        Ok(Self(folder.into()))
    }

    /// Where the file lies that came with a job as `field`.
    #[must_use]
    pub fn path(&self, job_id: &str, field: &str) -> PathBuf {
        self.0.join(format!("{job_id}.{field}"))
    }

    /// Begins a file of a job to be.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn begin(&self, job_id: &str, field: &str) -> io::Result<NewUpload> {
        let path = self.path(job_id, field);
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        let file = options.open(&path).await?;
        Ok(NewUpload { file: Some(file), path, size: 0 })
    }

    /// Removes what came with a job as these fields, where it is there.
    pub async fn remove(&self, job_id: &str, fields: &[&str]) {
        for field in fields {
            remove_file(&self.path(job_id, field)).await;
        }
    }

    /// Removes what no job of `open` came with.
    pub(super) async fn keep_only(&self, open: &HashSet<String>) {
        let Ok(mut files) = tokio::fs::read_dir(&self.0).await else { return };
        while let Ok(Some(file)) = files.next_entry().await {
            if !file.file_name().to_str().is_some_and(|name| open.contains(job_of(name))) {
                remove_file(&file.path()).await;
            }
        }
    }
}

async fn remove_file(path: &Path) {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(%error, "an upload could not be removed; it goes at the next start");
        }
        _ => {}
    }
}

fn job_of(name: &str) -> &str {
    name.split_once('.').map_or(name, |(job, _)| job)
}

impl NewUpload {
    /// Writes on.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.size += bytes.len() as u64;
        match &mut self.file {
            Some(file) => file.write_all(bytes).await,
            None => Ok(()),
        }
    }

    /// Ends the writing; the file is still removed unless it is kept.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn finish(&mut self) -> io::Result<()> {
        match self.file.take() {
            Some(mut file) => file.flush().await,
            None => Ok(()),
        }
    }

    /// Bytes received.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file stays until its job has ended.
    pub fn keep(mut self) {
        self.path = PathBuf::new();
    }
}

impl Drop for NewUpload {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_stays_as_long_as_its_job_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let uploads = Uploads::in_folder(folder.path()).unwrap();
        let count = || fs::read_dir(folder.path().join("uploads")).unwrap().count();
        drop(uploads.begin("a", "image").await.unwrap());
        assert_eq!(count(), 0, "a call that broke off");
        for job in ["a", "b"] {
            let mut upload = uploads.begin(job, "image").await.unwrap();
            upload.write(b"bytes").await.unwrap();
            upload.finish().await.unwrap();
            upload.keep();
        }
        assert_eq!(fs::read(uploads.path("a", "image")).unwrap(), b"bytes");
        uploads.remove("a", &["image", "product"]).await;
        assert!(uploads.path("b", "image").exists() && count() == 1);
        uploads.keep_only(&HashSet::new()).await;
        assert_eq!(count(), 0);
    }
}
