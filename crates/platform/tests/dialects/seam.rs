//! The seam between platforms: nothing outside manifests and dialects knows one by name.

use std::{
    fs,
    path::{Path, PathBuf},
};

use latchkey_platform::manifest::Manifests;

/// What the search covers, from the repository's root.
const SEARCHED: [&str; 6] =
    ["crates", "src-tauri", "xtask", "ui/src", "ui/static", "tauri.conf.json"];
/// What may name platforms: their own places, tests, and what is generated or built.
const EXEMPT: [&str; 8] = [
    "crates/platform/manifests",
    "crates/platform/src/dialects",
    "/tests/",
    "/benches/",
    "/target/",
    "/node_modules/",
    "/gen/",
    ".test.ts",
];
const TEXT: [&str; 10] = ["rs", "toml", "ts", "js", "svelte", "html", "css", "json", "svg", "md"];

#[test]
fn nothing_outside_manifests_and_dialects_names_a_platform() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let manifests = Manifests::built_in().unwrap();
    let names: Vec<String> = manifests
        .iter()
        .flat_map(|manifest| {
            let mut names = vec![manifest.slug.clone(), manifest.name.to_lowercase()];
            names.extend(manifest.hosts.clone());
            names
        })
        .collect();
    let mut files = Vec::new();
    for place in SEARCHED {
        collect(&root.join(place), &mut files);
    }
    assert!(files.len() > 50, "the search found only {} files", files.len());
    let mut found = Vec::new();
    for file in files {
        let path = file.strip_prefix(&root).unwrap().display().to_string();
        if EXEMPT.iter().any(|exempt| format!("/{path}").contains(exempt)) {
            continue;
        }
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let code = without_tests(&text).to_lowercase();
        for (number, line) in (1..).zip(code.lines()) {
            if let Some(name) = names.iter().find(|name| line.contains(name.as_str())) {
                found.push(format!("{path}:{number}: {name}"));
            }
        }
    }
    assert!(found.is_empty(), "a platform is named in\n{}", found.join("\n"));
}

/// A Rust file up to its unit tests.
fn without_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]").map_or(text, |(code, _)| code)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    let skipped = ["node_modules", "target", "gen"];
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap().path();
            let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !skipped.contains(&name.as_str()) {
                collect(&entry, files);
            }
        }
    } else if path.extension().is_some_and(|end| TEXT.iter().any(|text| end == *text)) {
        files.push(path.to_owned());
    }
}
