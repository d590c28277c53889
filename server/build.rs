//! Makes the table of the site's files that the binary carries, from the folder that
//! `LATCHKEY_SITE` names; by default from `site` in cargo's target folder, where `tools/site` puts
//! it. Without a site (a plain `cargo test`) it is empty.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use content_type::content_type;
use manifest::Manifest;

#[path = "src/content_type.rs"]
mod content_type;
#[path = "src/manifest.rs"]
mod manifest;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LATCHKEY_SITE");
    let out = PathBuf::from(
        env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?,
    );
    let folder = match env::var_os("LATCHKEY_SITE").filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        // OUT_DIR is `<target folder>/<profile>/build/server-…/out`.
        None => out.ancestors().nth(4).unwrap_or(&out).join("site"),
    };
    // Of a folder that is not there cargo would think that it has changed, each time.
    fs::create_dir_all(&folder)?;
    println!("cargo::rerun-if-changed={}", folder.display());
    fs::write(out.join("site.rs"), table(&folder)?)
}

#[expect(clippy::unnecessary_debug_formatting, reason = "quoted, as Rust reads them")]
fn table(folder: &Path) -> io::Result<String> {
    let text = match fs::read_to_string(folder.join("manifest")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        text => text?,
    };
    // As it is shown for debugging, it is as it is written in a source file.
    let mut table = format!("static NAMES: Manifest<'static> = {:?};\n", Manifest::read(&text));
    table.push_str("static FILES: &[SiteFile] = &[\n");
    for name in text.lines().filter_map(|line| line.strip_prefix("file ")) {
        let path = folder.join(name);
        let packed = |suffix: &str| {
            let path = folder.join(format!("{name}.{suffix}"));
            if path.is_file() {
                format!("Some(include_bytes!({path:?}))")
            } else {
                "None".to_owned()
            }
        };
        let _ = writeln!(
            table,
            "SiteFile {{ path: {name:?}, content_type: {:?}, raw: include_bytes!({path:?}), br: \
                {}, gz: {} }},",
            content_type(name),
            packed("br"),
            packed("gz"),
        );
    }
    table.push_str("];\n");
    Ok(table)
}
