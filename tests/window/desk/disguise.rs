//! Finding a secret in whatever it might be written as.

use std::{fs, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};

/// A secret and everything it may look like.
pub struct Secret {
    /// What it is: never the secret itself.
    pub what: String,
    forms: Vec<Vec<u8>>,
}

impl Secret {
    pub fn new(what: impl Into<String>, text: &str) -> Self {
        assert!(text.len() > 12, "too short to be told from chance");
        let hex = hex::encode(text);
        let escaped: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let mut forms = vec![
            text.as_bytes().to_vec(),
            hex.to_uppercase().into_bytes(),
            hex.into_bytes(),
            escaped.into_bytes(),
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            text.bytes().rev().collect(),
        ];
        for before in 0..3 {
            let encoded = in_base64(text, before);
            forms.push(encoded.replace('+', "-").replace('/', "_").into_bytes());
            forms.push(encoded.into_bytes());
        }
        Self { what: what.into(), forms }
    }

    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms.iter().any(|form| contains(bytes, form))
    }
}

/// The middle of its base64, after so many other bytes (modulo three): what stands there whatever
/// surrounds it.
fn in_base64(text: &str, before: usize) -> String {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(text.as_bytes());
    let whole = bytes.len() / 3 * 3;
    let encoded = BASE64_STANDARD_NO_PAD.encode(&bytes[..whole]);
    encoded[if before == 0 { 0 } else { 4 }..].to_owned()
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    let first = wanted[0];
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == first) {
        if rest[at..].starts_with(wanted) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

/// Where in a folder secrets lie: in the names and contents of files.
pub fn found_under(folder: &Path, secrets: &[Secret]) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let kind = entry.file_type().unwrap();
            // A file may vanish while it is looked for: then it holds nothing any more.
            let content = if kind.is_file() { fs::read(&path).unwrap_or_default() } else { vec![] };
            let name = path.to_string_lossy().into_owned();
            for secret in secrets {
                if secret.is_in(&content) || secret.is_in(name.as_bytes()) {
                    found.push(format!("{} in {name}", secret.what));
                }
            }
            if kind.is_dir() {
                folders.push(path);
            }
        }
    }
    found
}

#[test]
fn a_disguised_secret_is_found() {
    let text = "sk_live_A1b2C3d4E5f6G7h8I9j0";
    let secret = Secret::new("a key", text);
    for before in ["", "x", "xy", "{\"key\":\""] {
        let encoded = BASE64_STANDARD_NO_PAD.encode(format!("{before}{text} and more"));
        assert!(secret.is_in(encoded.as_bytes()), "after {before:?}");
    }
    assert!(secret.is_in(hex::encode(text).as_bytes()));
    assert!(!secret.is_in(b"sk_live_A1b2C3d4E5f6G7h8I9j"));
}
