//! `latchkey man`: the pages of the manual, one for each command, made from the commands
//! themselves, for whoever makes a package. Tests: `server/tests/server/command_line/manual.rs`.

use std::path::PathBuf;

use clap::{Arg, Args, Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};
use desk::Moment;

use super::exit::{self, ExitCode, Failure};
use super::{Cli, show};

/// What all pages of a package are headed by.
const MANUAL: &str = "Latchkey";

/// What is read and written, with what it is.
const FILES: [(&str, &str); 6] = [
    ("latchkey.toml", "The configuration, in the working folder, where --config names no other."),
    ("/etc/latchkey/latchkey.toml", "The configuration of the service that packages bring."),
    (
        "/etc/latchkey/credentials/",
        "That service's secrets, a file each, named by its key: ldap.bind_password. Root alone \
         reads them.",
    ),
    ("/var/lib/latchkey/data/", "That service's store."),
    ("/var/backups/latchkey/", "A folder for its backups."),
    ("/usr/share/doc/latchkey/", "The documents."),
];

/// Which variables count, with what for.
const ENVIRONMENT: [(&str, &str); 6] = [
    ("LATCHKEY_CONFIG", "The configuration file, as --config."),
    ("LATCHKEY_RT_DATABASE", "The address of Request Tracker's database, for rt import."),
    (
        "LATCHKEY_…",
        "One for each key of the configuration. It outweighs the file, and a flag outweighs both. \
         All of them: latchkey config --example",
    ),
    (
        "CREDENTIALS_DIRECTORY",
        "A folder with files latchkey_KEY or latchkey.KEY, such as latchkey_ldap.bind_password, \
         each with the value of that key. systemd sets it. They outweigh the file, and variables \
         outweigh them.",
    ),
    ("NOTIFY_SOCKET, WATCHDOG_USEC", "Set by systemd: serve says when it is ready, and lives."),
    ("LISTEN_FDS", "Set by systemd: serve listens at the socket that a unit has opened."),
];

/// `latchkey man`.
#[derive(Args, Debug)]
pub(super) struct Manual {
    /// The folder for the pages; made where there is none
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Of which moment the pages are, in seconds since 1970: the same moment makes the same pages
    #[arg(long, env = "SOURCE_DATE_EPOCH", value_name = "SECONDS", default_value_t = 0)]
    moment: i64,
}

impl Manual {
    pub(super) fn run(&self) -> Result<ExitCode, Failure> {
        let failed = |error: std::io::Error| {
            Failure::Other(format!("{} cannot be written: {error}", self.folder.display()))
        };
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        let pages = pages(&Moment::default().plus_seconds(self.moment).date());
        for (name, text) in &pages {
            std::fs::write(self.folder.join(format!("{name}.1")), text).map_err(failed)?;
        }
        show::print(&format!(
            "{} in {}",
            show::counted(pages.len(), "page"),
            self.folder.display()
        ));
        Ok(ExitCode::SUCCESS)
    }
}

/// Each page with its name: `latchkey-user-list`.
fn pages(date: &str) -> Vec<(String, Vec<u8>)> {
    // A page has no shorter form: what only `-h` leaves out has its text here.
    let mut cli =
        Cli::command().disable_help_subcommand(true).mut_args(|arg| arg.hide_short_help(false));
    cli.build();
    let mut pages = Vec::new();
    add(&mut pages, &cli, None, date);
    pages
}

fn add(pages: &mut Vec<(String, Vec<u8>)>, command: &Command, above: Option<&str>, date: &str) {
    let name = name(command);
    pages.push((name.clone(), page(command, above, date)));
    for below in below(command) {
        add(pages, below, Some(&name), date);
    }
}

fn below(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help")
}

fn name(command: &Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

fn page(command: &Command, above: Option<&str>, date: &str) -> Vec<u8> {
    let version = env!("CARGO_PKG_VERSION");
    let man = Man::new(command.clone())
        .title(name(command).to_uppercase())
        .date(date)
        .source(format!("latchkey {version}"))
        .manual(MANUAL);
    let mut text: Vec<u8> = Vec::new();
    let mut own = Roff::new();
    // Nothing that is written to memory fails.
    let _ = man.render_title(&mut text);
    let _ = man.render_name_section(&mut text);
    let _ = synopsis(command).to_writer(&mut text);
    let _ = man.render_description_section(&mut text);
    let _ = man.render_options_section(&mut text);
    if below(command).next().is_some() {
        let _ = man.render_subcommands_section(&mut text);
    }
    // What follows the help of the program itself are its exit codes.
    let after = command.get_after_help().map(ToString::to_string).filter(|_| above.is_some());
    if let Some(after) = after {
        own.control("SH", ["DETAILS"]);
        as_it_is(&mut own, &after);
    }
    own.control("SH", ["EXIT STATUS"]);
    as_it_is(&mut own, exit::CODES.split_once('\n').map_or(exit::CODES, |(_, codes)| codes));
    list(&mut own, "FILES", &FILES);
    list(&mut own, "ENVIRONMENT", &ENVIRONMENT);
    own.control("SH", ["SEE ALSO"]);
    own.text(see_also(command, above));
    // Between a help and the values that an option has, two breaks and a blank line are made, and
    // paragraphs of a help are parted by one. Its readers warn of each.
    let made = String::from_utf8_lossy(&text).replace("\n.br\n\n.br\n", "\n.sp\n");
    let made = made.replace("\n\n", "\n.sp\n").replace("\n.sp\n.br\n", "\n.sp\n");
    let mut text = made.into_bytes();
    let _ = own.to_writer(&mut text);
    text
}

/// How it is typed: each option with the name of its value, those of every command last.
fn synopsis(command: &Command) -> Roff {
    let is_shown =
        |arg: &&Arg| !arg.is_hide_set() && !["help", "version"].contains(&arg.get_id().as_str());
    let (everywhere, own): (Vec<&Arg>, Vec<&Arg>) =
        command.get_arguments().filter(is_shown).partition(|arg| arg.is_global_set());
    let mut line = vec![bold(command.get_bin_name().unwrap_or_else(|| command.get_name()))];
    for arg in own.into_iter().chain(everywhere) {
        let is_bare = arg.is_positional() || arg.is_required_set();
        line.push(roman(if is_bare { format!(" {arg}") } else { format!(" [{arg}]") }));
    }
    if below(command).next().is_some() {
        line.push(roman(if command.is_subcommand_required_set() {
            " COMMAND"
        } else {
            " [COMMAND]"
        }));
    }
    let mut section = Roff::new();
    section.control("SH", ["SYNOPSIS"]);
    section.text(line);
    section
}

/// Lines that are broken already.
fn as_it_is(page: &mut Roff, text: &str) {
    page.control("nf", []);
    for line in text.trim_end().lines() {
        page.text([roman(line)]);
    }
    page.control("fi", []);
}

fn list(page: &mut Roff, heading: &str, items: &[(&str, &str)]) {
    page.control("SH", [heading]);
    for (name, what) in items {
        page.control("TP", []);
        page.text([bold(*name)]);
        page.text([roman(*what)]);
    }
}

/// The pages above and below, and of the program itself what it stands beside.
fn see_also(command: &Command, above: Option<&str>) -> Vec<Inline> {
    let around = above.map(str::to_owned).into_iter().chain(below(command).map(name));
    let mut pages: Vec<(String, &str)> = around.map(|name| (name, "(1)")).collect();
    match above {
        None => pages.push(("systemd.service".to_owned(), "(5)")),
        Some(above) if above != "latchkey" => pages.insert(0, ("latchkey".to_owned(), "(1)")),
        Some(_) => {}
    }
    let mut line = Vec::new();
    for (at, (name, section)) in pages.into_iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        line.extend([roman(comma), bold(name), roman(section)]);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_that_is_shown_has_its_page_with_every_section() {
        let pages = pages("2026-11-30");
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        for there in ["latchkey", "latchkey-serve", "latchkey-user", "latchkey-user-import"] {
            assert!(names.contains(&there), "{names:?}");
        }
        for hidden in ["latchkey-seed", "latchkey-man", "latchkey-help", "latchkey-user-help"] {
            assert!(!names.contains(&hidden), "{names:?}");
        }
        for (name, text) in &pages {
            let text = String::from_utf8_lossy(text);
            for section in
                ["NAME", "SYNOPSIS", "\"EXIT STATUS\"", "FILES", "ENVIRONMENT", "\"SEE ALSO\""]
            {
                assert_eq!(text.matches(&format!("\n.SH {section}\n")).count(), 1, "{name}");
            }
            assert!(!text.contains("latchkey\\-seed"), "{name}");
            assert!(text.contains(" 1 2026-11-30 \"latchkey "), "{name}");
            let made = text.split("\n.SH DETAILS\n").next().unwrap_or_default();
            assert!(!made.contains("\n\n"), "{name}: its readers warn of a blank line");
        }
    }

    #[test]
    fn each_option_has_its_text_and_the_name_of_its_value() {
        for (name, text) in pages("2026-11-30") {
            let text = String::from_utf8_lossy(&text).into_owned();
            let mut headings = text.split("\n.TP\n").skip(1);
            assert!(
                headings.all(|item| item.lines().nth(1).is_some_and(|help| help != ".sp")),
                "{name}: an option without a text"
            );
            let synopsis = text.split(".SH SYNOPSIS\n").nth(1).and_then(|rest| rest.lines().next());
            let synopsis = synopsis.expect("a line").replace('\\', "");
            for option in ["[--config <FILE>]", "[--node <NAME>]"] {
                assert!(synopsis.contains(option), "{name}: {synopsis}");
            }
        }
    }

    #[test]
    fn what_follows_the_help_stands_on_the_page_once() {
        let pages = pages("2026-11-30");
        let text = |name: &str| {
            let found = pages.iter().find(|(page, _)| page == name).expect(name);
            String::from_utf8_lossy(&found.1).into_owned()
        };
        assert!(!text("latchkey").contains("Exit codes:"));
        assert!(text("latchkey-user-import").contains("\n.SH DETAILS\n"));
        assert!(
            text("latchkey-user-list").contains("\\fBlatchkey\\fR(1), \\fBlatchkey\\-user\\fR")
        );
    }
}
