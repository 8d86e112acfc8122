//! Is something newer than what was made from it?

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// The time of the last change below a file or folder. A folder counts itself, so that a deleted file is seen;
/// what is not there has never changed.
pub fn newest(path: &Path) -> io::Result<Option<SystemTime>> {
    let Ok(own) = fs::symlink_metadata(path) else { return Ok(None) };
    let mut newest_yet = Some(own.modified()?);
    if own.is_dir() {
        for entry in fs::read_dir(path)? {
            newest_yet = newest_yet.max(newest(&entry?.path())?);
        }
    }
    Ok(newest_yet)
}

/// Whether `made` is missing or older than any of its sources.
pub fn is_stale<'a>(made: &Path, sources: impl IntoIterator<Item = &'a Path>) -> io::Result<bool> {
    let Some(made) = newest(made)? else { return Ok(true) };
    for source in sources {
        if newest(source)?.is_some_and(|changed| changed > made) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use super::*;

    fn write_at(path: &Path, seconds: u64) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = File::create(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
    }

    fn age_folder(path: &Path, seconds: u64) {
        File::open(path)
            .unwrap()
            .set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .unwrap();
    }

    #[test]
    fn missing_older_and_newer() {
        let folder = tempfile::tempdir().unwrap();
        let (made, sources) = (folder.path().join("dist/index.html"), folder.path().join("src"));
        write_at(&sources.join("deep/page.svelte"), 100);
        age_folder(&sources.join("deep"), 100);
        age_folder(&sources, 100);
        assert!(is_stale(&made, [sources.as_path()]).unwrap(), "nothing made yet");
        write_at(&made, 200);
        assert!(!is_stale(&made, [sources.as_path()]).unwrap(), "made after the sources");
        write_at(&sources.join("deep/page.svelte"), 300);
        assert!(is_stale(&made, [sources.as_path()]).unwrap(), "a source changed");
    }

    #[test]
    fn a_deleted_source_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (made, sources) = (folder.path().join("index.html"), folder.path().join("src"));
        write_at(&sources.join("page.svelte"), 100);
        age_folder(&sources, 100);
        write_at(&made, 200);
        fs::remove_file(sources.join("page.svelte")).unwrap();
        assert!(is_stale(&made, [sources.as_path()]).unwrap());
    }

    #[test]
    fn a_source_that_is_not_there_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("index.html");
        write_at(&made, 200);
        assert!(!is_stale(&made, [folder.path().join("static").as_path()]).unwrap());
    }
}
