//! `ui/src/lib/backend/bindings.ts`: the commands and events as TypeScript sees them.

use std::path::Path;

use specta_typescript::{Error, Typescript};
use tauri_specta::Builder;

use crate::{commands::commands, notice::events};

/// What the page may call and hear.
#[must_use]
pub fn builder() -> Builder<tauri::Wry> {
    Builder::new()
        .commands(commands())
        .events(events())
        .dangerously_cast_bigints_to_number()
        .disable_serde_phases()
}

/// Writes the bindings.
///
/// # Errors
/// A type that TypeScript cannot say, or a file that cannot be written.
pub fn export(path: &Path) -> Result<(), Error> {
    let header = "// Generated from the Rust commands; `LATCHKEY_EXPORT=1 cargo test -p latchkey bindings` writes it anew.\n";
    builder().export(Typescript::default().header(header), path)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::PathBuf};

    use super::*;

    fn root() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
    }

    fn exported() -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bindings.ts");
        export(&path).unwrap();
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn the_bindings_are_up_to_date() {
        let checked_in = root().join("ui/src/lib/backend/bindings.ts");
        if std::env::var_os("LATCHKEY_EXPORT").is_some() {
            export(&checked_in).unwrap();
        }
        let stale = fs::read_to_string(checked_in).unwrap() != exported();
        assert!(!stale, "run LATCHKEY_EXPORT=1 cargo test -p latchkey bindings");
    }

    #[test]
    fn the_page_may_call_every_command_and_no_other() {
        let bindings = exported();
        let called = bindings.split("__TAURI_INVOKE").skip(1).filter_map(|call| {
            let call = call.split_once("(\"")?.1;
            Some(call.split_once('"')?.0.to_owned())
        });
        let called: BTreeSet<String> = called.filter(|name| !name.contains('|')).collect();
        let permission =
            fs::read_to_string(root().join("src-tauri/permissions/console.toml")).unwrap();
        let quoted = permission.split("commands.allow").nth(1).unwrap();
        let allowed: BTreeSet<String> =
            quoted.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        assert_eq!(called, allowed);
    }
}
