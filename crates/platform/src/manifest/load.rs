//! Reading manifests: the built-in ones, and a folder of further ones.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Manifest, validate};

const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/manifests.rs"));

/// Every platform this server carries, by slug.
#[derive(Debug, Clone)]
pub struct Manifests(Vec<Arc<Manifest>>);

/// A mistake in a manifest: where it is, and what to write instead.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("{file}, line {line}: {message}")]
    Syntax { file: String, line: usize, message: String },
    #[error("{file}, line {line}, field `{field}`: {message}")]
    Field { file: String, line: usize, field: String, message: String },
    #[error("{file}: its slug `{slug}` is the one of {other} too; choose another")]
    SlugTaken { file: String, slug: String, other: String },
    #[error("{file}: its host `{host}` is one of {other} too; choose another")]
    HostTaken { file: String, host: String, other: String },
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: holds no manifest; put one *.toml file a platform there", path.display())]
    Empty { path: PathBuf },
}

impl Manifests {
    /// The manifests this program was built with.
    ///
    /// # Errors
    /// The first mistake found.
    pub fn built_in() -> Result<Self, ManifestError> {
        Self::collect(built_in())
    }

    /// Those, and every `*.toml` of a folder.
    ///
    /// # Errors
    /// The first mistake found, or what cannot be read.
    pub fn with_dir(path: &Path) -> Result<Self, ManifestError> {
        Self::collect(built_in().chain(read_dir(path)?))
    }

    fn collect(files: impl IntoIterator<Item = (String, String)>) -> Result<Self, ManifestError> {
        let mut manifests: Vec<(String, Arc<Manifest>)> = Vec::new();
        for (file, text) in files {
            let manifest = Manifest::parse(&file, &text)?;
            if let Some((other, _)) = manifests.iter().find(|(_, m)| m.slug == manifest.slug) {
                let (slug, other) = (manifest.slug, other.clone());
                return Err(ManifestError::SlugTaken { file, slug, other });
            }
            for (other, known) in &manifests {
                let host = known.hosts.iter().find(|host| manifest.hosts.contains(host));
                if let Some(host) = host.cloned() {
                    let other = other.clone();
                    return Err(ManifestError::HostTaken { file, host, other });
                }
            }
            manifests.push((file, Arc::new(manifest)));
        }
        Ok(Self(manifests.into_iter().map(|(_, manifest)| manifest).collect()))
    }

    #[must_use]
    pub fn get(&self, slug: &str) -> Option<&Arc<Manifest>> {
        self.iter().find(|manifest| manifest.slug == slug)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Manifest>> {
        self.0.iter()
    }
}

impl Manifest {
    /// Reads one manifest; `file` names it in errors.
    ///
    /// # Errors
    /// The first mistake with its line, its field and the remedy.
    pub fn parse(file: &str, text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text).map_err(|error| ManifestError::Syntax {
            file: file.to_owned(),
            line: line_of(text, error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        })?;
        match validate::check(&manifest) {
            Ok(()) => Ok(manifest),
            Err(mistake) => Err(ManifestError::Field {
                file: file.to_owned(),
                line: line_of(text, validate::locate(text, &mistake.field)),
                field: mistake.field,
                message: mistake.message,
            }),
        }
    }
}

/// File and text of what this program was built with.
fn built_in() -> impl Iterator<Item = (String, String)> {
    BUILT_IN.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned()))
}

/// File and text of a folder's manifests, by name.
fn read_dir(path: &Path) -> Result<Vec<(String, String)>, ManifestError> {
    let unreadable = |path: &Path| {
        let path = path.to_owned();
        move |source| ManifestError::Unreadable { path, source }
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable(path))? {
        let file = entry.map_err(unreadable(path))?.path();
        if file.extension().is_some_and(|end| end == "toml") {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(ManifestError::Empty { path: path.to_owned() });
    }
    files.sort();
    let mut texts = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(unreadable(&file))?;
        texts.push((file.display().to_string(), text));
    }
    Ok(texts)
}

/// The line, from 1, that holds the byte at `offset`.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
