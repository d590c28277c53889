//! Makes the table of the site's files that the binary carries, from the folder that `LATCHKEY_SITE` names.
//! Without it (a plain `cargo test`) the table is empty.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LATCHKEY_SITE");
    let site = env::var_os("LATCHKEY_SITE").filter(|value| !value.is_empty()).map(PathBuf::from);
    let table = match site {
        Some(folder) => table(&folder)?,
        None => "static NAMES: [&str; 3] = [\"\", \"\", \"\"];\nstatic FILES: &[SiteFile] = &[];\n".to_owned(),
    };
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out).join("site.rs"), table)
}

fn table(folder: &Path) -> io::Result<String> {
    // The manifest changes with every file, since it holds their hashes.
    let manifest = folder.join("manifest");
    println!("cargo::rerun-if-changed={}", manifest.display());
    let text = fs::read_to_string(&manifest)
        .map_err(|error| io::Error::other(format!("LATCHKEY_SITE has no built site, {}: {error}", manifest.display())))?;
    let lines = || text.lines().filter_map(|line| line.split_once(' '));
    let named = |key: &str| lines().find(|(k, _)| *k == key).map_or("", |(_, value)| value);

    let mut table = format!("static NAMES: [&str; 3] = {:?};\n", [named("js"), named("wasm"), named("css")]);
    table.push_str("static FILES: &[SiteFile] = &[\n");
    for (_, name) in lines().filter(|(key, _)| *key == "file") {
        let path = folder.join(name);
        let packed = |suffix: &str| {
            let path = folder.join(format!("{name}.{suffix}"));
            if path.is_file() { format!("Some(include_bytes!({path:?}))") } else { "None".to_owned() }
        };
        let _ = writeln!(
            table,
            "SiteFile {{ path: {name:?}, content_type: {:?}, raw: include_bytes!({path:?}), br: {}, gz: {} }},",
            content_type(name),
            packed("br"),
            packed("gz"),
        );
        println!("cargo::rerun-if-changed={}", path.display());
    }
    table.push_str("];\n");
    Ok(table)
}

include!("src/content_type.rs");
