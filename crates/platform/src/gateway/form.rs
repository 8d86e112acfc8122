//! Reading a form with files: `multipart/form-data`. Files go to disk as they come, chunk by
//! chunk; texts are short and stay in memory.

use axum::{
    body::Body,
    http::{HeaderMap, header},
};
use multer::{Constraints, Field, Multipart, SizeLimit};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{BODY_PATIENCE, Refusal};
use crate::jobs::{NewUpload, Uploads};

/// The largest file a form may have, in bytes.
pub const FILE_LIMIT: u64 = 20_000_000;
/// The longest text, in bytes.
const TEXT_LIMIT: usize = 4_096;
/// Parts of a form at most.
const MOST_PARTS: usize = 32;
/// What texts and the seams between parts may take, in bytes.
const SEAMS: u64 = 200_000;

/// A form that was read. Files that are not kept go with it.
#[derive(Debug)]
pub struct Form {
    /// The texts, by field; [`super::Fields`] reads them.
    pub texts: Map<String, Value>,
    files: Vec<(&'static str, NewUpload)>,
}

impl Form {
    /// The file that came as `field`.
    #[must_use]
    pub fn file(&self, field: &str) -> Option<&NewUpload> {
        self.files.iter().find(|(name, _)| *name == field).map(|(_, file)| file)
    }

    /// The files stay until their job has ended.
    pub fn keep_files(self) {
        self.files.into_iter().for_each(|(_, file)| file.keep());
    }
}

/// Where the files of a form go: which fields are files, and for which job to be.
#[derive(Debug, Clone, Copy)]
pub struct FilesFor<'j> {
    pub job_id: &'j str,
    pub fields: &'static [&'static str],
}

/// Reads a form.
pub(super) async fn read_form(
    headers: &HeaderMap,
    body: Body,
    uploads: &Uploads,
    files: FilesFor<'_>,
) -> Result<Form, Refusal> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = multer::parse_boundary(content_type.unwrap_or_default())
        .map_err(|error| Refusal::MalformedForm(sentence(&error)))?;
    let whole = FILE_LIMIT * files.fields.len() as u64 + SEAMS;
    let constraints = Constraints::new().size_limit(SizeLimit::new().whole_stream(whole));
    let parts = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
    timeout(BODY_PATIENCE, read_parts(parts, uploads, files))
        .await
        .unwrap_or(Err(Refusal::BodyUnread))
}

async fn read_parts(
    mut parts: Multipart<'_>,
    uploads: &Uploads,
    files: FilesFor<'_>,
) -> Result<Form, Refusal> {
    let mut form = Form { texts: Map::new(), files: Vec::new() };
    for _ in 0..MOST_PARTS {
        let Some(part) = parts.next_field().await.map_err(unreadable)? else { return Ok(form) };
        let name = part.name().unwrap_or_default().to_owned();
        match files.fields.iter().find(|field| **field == name) {
            Some(field) if form.file(field).is_some() => {
                return Err(Refusal::invalid(name, "is there twice"));
            }
            Some(_) if part.file_name().is_none() => {
                return Err(Refusal::invalid(name, "must be a file"));
            }
            Some(field) => {
                let upload = uploads.begin(files.job_id, field).await.map_err(not_kept)?;
                form.files.push((field, read_file(part, field, upload).await?));
            }
            None if part.file_name().is_some() => skip(part).await?,
            None => {
                let text = read_text(part, &name).await?;
                form.texts.insert(name, Value::String(text));
            }
        }
    }
    Err(Refusal::MalformedForm(format!("It may have at most {MOST_PARTS} parts")))
}

async fn read_file(
    mut part: Field<'_>,
    field: &str,
    mut upload: NewUpload,
) -> Result<NewUpload, Refusal> {
    while let Some(chunk) = part.chunk().await.map_err(unreadable)? {
        if upload.size() + chunk.len() as u64 > FILE_LIMIT {
            return Err(Refusal::FileTooLarge { field: field.to_owned(), limit: FILE_LIMIT });
        }
        upload.write(&chunk).await.map_err(not_kept)?;
    }
    upload.finish().await.map_err(not_kept)?;
    Ok(upload)
}

async fn read_text(mut part: Field<'_>, name: &str) -> Result<String, Refusal> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(unreadable)? {
        if bytes.len() + chunk.len() > TEXT_LIMIT {
            return Err(Refusal::invalid(name, format!("is longer than {TEXT_LIMIT} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| Refusal::invalid(name, "must be text in UTF-8"))
}

/// A file that nobody asked for.
async fn skip(mut part: Field<'_>) -> Result<(), Refusal> {
    while part.chunk().await.map_err(unreadable)?.is_some() {}
    Ok(())
}

fn unreadable(error: multer::Error) -> Refusal {
    match error {
        multer::Error::StreamSizeExceeded { limit } => {
            Refusal::FileTooLarge { field: "the form".to_owned(), limit }
        }
        multer::Error::StreamReadFailed(_) => Refusal::BodyUnread,
        error => Refusal::MalformedForm(sentence(&error)),
    }
}

fn not_kept(error: std::io::Error) -> Refusal {
    Refusal::Unavailable { cause: format!("an upload could not be kept: {error}") }
}

/// An error's text as the beginning of a sentence.
fn sentence(error: &multer::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
