//! The site's build: cargo for wasm32, wasm-bindgen, wasm-opt, content hashes, compressed copies, a
//! manifest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::{css, files, root, strip_unreachable, target};

/// How to build the site.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Quickly, neither optimised nor compressed, into a folder of its own.
    #[arg(long)]
    pub(crate) dev: bool,
    /// The rustup toolchain that can compile for wasm32; by default the current one.
    #[arg(long)]
    pub(crate) toolchain: Option<String>,
}

/// What rustc may emit for wasm32 nowadays.
const WASM_OPT: &[&str] = &[
    "-Oz",
    "--converge",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-sign-ext",
    "--enable-mutable-globals",
];

/// The sets of pages, each with its own JavaScript and WASM: the programs of `frontend`.
pub(crate) const SETS: [&str; 2] = ["settings", "admin"];

/// The file that names the site's parts, one `key value` a line. The server's build script reads
/// it.
pub(crate) const MANIFEST: &str = "manifest";

/// Builds the site as far as its inputs have changed, and tells its folder.
pub(crate) fn build(options: &Options) -> Result<PathBuf> {
    let out = target().join(if options.dev { "site-dev" } else { "site" });
    fs::create_dir_all(&out)?;
    let old = Manifest::read(&out);

    let folder = compile(options)?;
    let binaryen = files::read(&root().join("tools/wasm-opt/node_modules/binaryen/package.json"))?;
    let mut manifest = Manifest::default();
    for set in SETS {
        let compiled = files::read(&folder.join(set).with_extension("wasm"))?;
        let source = files::hash(&[
            &compiled,
            &binaryen,
            WASM_OPT.join(" ").as_bytes(),
            &[u8::from(options.dev)],
        ]);
        let key = |what: &str| format!("{set}-{what}");
        let (old_js, old_wasm) = (old.get(&key("js")), old.get(&key("wasm")));
        let (js, wasm) = if old.get(&key("source")) == source
            && out.join(old_js).is_file()
            && out.join(old_wasm).is_file()
        {
            manifest.files.extend([old_js.to_owned(), old_wasm.to_owned()]);
            (old_js.to_owned(), old_wasm.to_owned())
        } else {
            let (js, wasm) = bind(if options.dev {
                compiled
            } else {
                strip_unreachable::strip_unreachable(&compiled)?
            })?;
            let wasm = if options.dev { wasm } else { optimise(&wasm)? };
            (manifest.add(&out, "js", js.as_bytes())?, manifest.add(&out, "wasm", &wasm)?)
        };
        manifest.names.extend([(key("source"), source), (key("js"), js), (key("wasm"), wasm)]);
    }

    let style = root().join("style");
    let mut sheet = String::new();
    for path in files::walk(&style)? {
        if path.extension().is_some_and(|e| e == "css") && !path.starts_with("assets") {
            let text = files::read(&style.join(&path))?;
            sheet.push_str(
                &String::from_utf8(text)
                    .with_context(|| format!("{} is not UTF-8", path.display()))?,
            );
            sheet.push('\n');
        }
    }
    let css = manifest.add(&out, "css", css::minify(&sheet).as_bytes())?;
    manifest.names.push(("css".to_owned(), css));

    for path in files::walk(&style)?.iter().filter(|path| path.starts_with("assets")) {
        let name = path.to_str().context("file names are UTF-8")?.to_owned();
        files::write(&out.join(path), &files::read(&style.join(path))?)?;
        manifest.files.push(name);
    }

    if !options.dev {
        for name in &manifest.files {
            compress(&out.join(name))?;
        }
    }
    // Last, so that an interrupted build leaves a manifest that tells no lie.
    files::write(&out.join(MANIFEST), manifest.text().as_bytes())?;
    clean(&out, &manifest)?;
    Ok(out)
}

/// Compiles `frontend` for wasm32, and tells the folder. Its target folder is its own: no waiting
/// for a build of the server.
fn compile(options: &Options) -> Result<PathBuf> {
    let profile = if options.dev { "dev" } else { "wasm-release" };
    let folder = target().join("wasm");
    let mut cargo = Command::new("cargo");
    if let Some(toolchain) = &options.toolchain {
        cargo.arg(format!("+{toolchain}"));
    }
    cargo
        .current_dir(root())
        .args(["build", "--package", "frontend", "--bins", "--target", "wasm32-unknown-unknown"])
        .args(["--profile", profile, "--target-dir"])
        .arg(&folder)
        // Set by a `cargo run` above; they belong to the toolchain that runs this program.
        .env_remove("CARGO")
        .env_remove("RUSTC")
        .env_remove("LD_LIBRARY_PATH")
        .env("CARGO_ENCODED_RUSTFLAGS", flags());
    if options.dev {
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
    }
    run(&mut cargo)?;
    let profile_folder = if options.dev { "debug" } else { profile };
    Ok(folder.join("wasm32-unknown-unknown").join(profile_folder))
}

/// `erase_components` as for the server (`.cargo/config.toml`), without which no page comes to
/// life. Messages of panics name source files: without the builder's home folder they are shorter
/// and tell nothing of it.
fn flags() -> String {
    let cargo_home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")))
        .unwrap_or_default();
    let mut flags = vec!["--cfg=erase_components".to_owned()];
    for registry in fs::read_dir(cargo_home.join("registry/src")).into_iter().flatten().flatten() {
        flags.push(format!("--remap-path-prefix={}/=", registry.path().display()));
    }
    flags.sort();
    flags.join("\u{1f}")
}

/// wasm-bindgen: the WASM made ready for the browser, and the JavaScript that loads it.
fn bind(compiled: Vec<u8>) -> Result<(String, Vec<u8>)> {
    let mut output = Bindgen::new()
        .input_bytes("latchkey", compiled)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()?;
    ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "a dependency brings JavaScript files of its own, which this build does not carry"
    );
    let js = crate::js::shorter(output.js());
    Ok((js, output.wasm_mut().emit_wasm()))
}

/// wasm-opt, for size.
fn optimise(wasm: &[u8]) -> Result<Vec<u8>> {
    let folder = target().join("wasm");
    let (before, after) = (folder.join("before-opt.wasm"), folder.join("after-opt.wasm"));
    fs::write(&before, wasm)?;
    run(Command::new(root().join("tools/wasm-opt/node_modules/.bin/wasm-opt"))
        .args(WASM_OPT)
        .arg(&before)
        .arg("-o")
        .arg(&after))?;
    files::read(&after)
}

/// Writes the .br and .gz beside a file, unless they are there and no older.
fn compress(path: &Path) -> Result<()> {
    if !files::compressible(path) {
        return Ok(());
    }
    let (br, gz) = (files::with_suffix(path, "br"), files::with_suffix(path, "gz"));
    let modified = |path: &Path| fs::metadata(path).and_then(|m| m.modified()).ok();
    let of = modified(path);
    if modified(&br) >= of && modified(&gz) >= of {
        return Ok(());
    }
    let content = files::read(path)?;
    files::write(&br, &files::brotli(&content)?)?;
    files::write(&gz, &files::gzip(&content)?)
}

/// Removes what earlier builds have left.
fn clean(out: &Path, manifest: &Manifest) -> Result<()> {
    for path in files::walk(out)? {
        let name = path.to_string_lossy().into_owned();
        let base = name.strip_suffix(".br").or_else(|| name.strip_suffix(".gz")).unwrap_or(&name);
        if name != MANIFEST && !manifest.files.iter().any(|file| file == base) {
            fs::remove_file(out.join(&path))?;
        }
    }
    Ok(())
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status =
        command.status().with_context(|| format!("cannot start {name}; has tools/setup run?"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// What the site consists of.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    /// Names of what pages load: `settings-js`, `settings-wasm`, `css` …; `settings-source` is the
    /// hash of everything that the two are made from.
    names: Vec<(String, String)>,
    /// All files, those named among them; the compressed copies go without saying.
    files: Vec<String>,
}

impl Manifest {
    /// The manifest of a built site; an empty one where there is none.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut manifest = Self::default();
        for line in fs::read_to_string(folder.join(MANIFEST)).unwrap_or_default().lines() {
            match line.split_once(' ') {
                Some(("file", name)) => manifest.files.push(name.to_owned()),
                Some((key, value)) => manifest.names.push((key.to_owned(), value.to_owned())),
                None => {}
            }
        }
        manifest
    }

    /// The name that goes by this key; empty where there is none.
    pub(crate) fn get(&self, key: &str) -> &str {
        self.names.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
    }

    fn text(&self) -> String {
        let names = self.names.iter().map(|(key, value)| format!("{key} {value}\n"));
        names.chain(self.files.iter().map(|file| format!("file {file}\n"))).collect()
    }

    /// Writes a file under a name that holds its hash, and tells the name.
    fn add(&mut self, out: &Path, extension: &str, content: &[u8]) -> Result<String> {
        let name = format!("latchkey.{}.{extension}", files::hash(&[content]));
        files::write(&out.join(&name), content)?;
        self.files.push(name.clone());
        Ok(name)
    }
}
