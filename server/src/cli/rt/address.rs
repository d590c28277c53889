//! Where Request Tracker's database is, as somebody gave it: on the command line, in a file or by
//! the environment. It may hold a password, and is never shown with it. Tests: below.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use desk::Secret;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use super::lines::unreadable;
use crate::cli::exit::Failure;
use crate::config::says_something;

/// The variable of the environment that has one.
pub(super) const VARIABLE: &str = "LATCHKEY_RT_DATABASE";

/// How one is written.
const WRITTEN: &str = "Write postgres://USER@HOST/DATABASE, mysql://USER@HOST/DATABASE or \
    sqlite:///PATH; in a password, % @ : / ? and # are written %25 %40 %3A %2F %3F and %23.";

/// What may be said behind a `?`. Anything else is refused here: what reads the address would pass
/// over it, or write it into the log, though it may be a password that is misspelt.
const OF_POSTGRES: &[&str] = &[
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// The same of MySQL.
const OF_MYSQL: &[&str] = &[
    "ssl-mode", "sslmode", "ssl-ca", "sslca", "ssl-cert", "sslcert", "ssl-key", "sslkey", "socket",
];

/// A database that is one, and how to reach it.
pub(super) struct Address {
    /// Of which kind it is.
    pub(super) server: Server,
    /// Without password.
    pub(super) shown: String,
    /// Whether a password is given with it.
    pub(super) has_password: bool,
}

/// The kinds that Request Tracker works on.
pub(super) enum Server {
    /// A file.
    Sqlite(PathBuf),
    /// PostgreSQL.
    Postgres(Box<PgConnectOptions>),
    /// MySQL, or MariaDB.
    MySql(Box<MySqlConnectOptions>),
}

/// The address that is given, by the first of these that there is; none: nobody says one.
pub(super) fn given(
    typed: Option<&Secret>,
    file: Option<&Path>,
) -> Result<Option<Address>, Failure> {
    if let Some(typed) = typed {
        return Address::parse(typed.expose()).map(Some);
    }
    if let Some(file) = file {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(file).map_err(|error| unreadable(&name, &error))?;
        let text = Secret::new(text);
        let line = text.expose().lines().map(str::trim).find(|line| !line.is_empty());
        let line = line.ok_or_else(|| Failure::Usage(format!("{name} is empty. {WRITTEN}")))?;
        return Address::parse(line).map(Some);
    }
    match std::env::var_os(VARIABLE).filter(|value| says_something(value)) {
        Some(value) => {
            let text = value.into_string().map(Secret::new).map_err(|_| unreadable_address())?;
            Address::parse(text.expose()).map(Some)
        }
        None => Ok(None),
    }
}

fn unreadable_address() -> Failure {
    Failure::Usage(format!("The address of Request Tracker’s database cannot be read. {WRITTEN}"))
}

impl Address {
    fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            // A file may be called anything; this is what a server's address would look like.
            let has_password = path.split_once(':').is_some_and(|(_, rest)| rest.contains('@'));
            if path.is_empty() || has_password {
                return Err(unreadable_address());
            }
            let (server, shown) = (Server::Sqlite(PathBuf::from(path)), path.to_owned());
            return Ok(Self { server, shown, has_password: false });
        }
        if !is_well_formed(text) {
            return Err(unreadable_address());
        }
        let url = Url::parse(text).map_err(|_| unreadable_address())?;
        let is_postgres = match url.scheme() {
            "postgres" | "postgresql" => true,
            "mysql" | "mariadb" => false,
            _ => return Err(unreadable_address()),
        };
        let is_in_query =
            |name: &str| url.query_pairs().any(|(key, value)| key == name && !value.is_empty());
        let has_name = !url.path().trim_matches('/').is_empty() || is_in_query("dbname");
        if !has_name {
            return Err(Failure::Usage(format!("The address names no database. {WRITTEN}")));
        }
        check_parameters(&url, if is_postgres { OF_POSTGRES } else { OF_MYSQL })?;
        let says_mode = is_in_query("sslmode") || is_in_query("ssl-mode");
        let server = if is_postgres { postgres(text, says_mode)? } else { mysql(text, says_mode)? };
        let has_password = url.password().is_some() || is_in_query("password");
        Ok(Self { server, shown: without_password(url), has_password })
    }

    /// The same with this password.
    pub(super) fn with_password(self, password: &Secret) -> Self {
        let server = match self.server {
            Server::Sqlite(path) => Server::Sqlite(path),
            Server::Postgres(options) => {
                Server::Postgres(Box::new(options.password(password.expose())))
            }
            Server::MySql(options) => Server::MySql(Box::new(options.password(password.expose()))),
        };
        Self { server, has_password: true, ..self }
    }
}

/// Whether each part stands where it belongs. What reads an address forgives much: a slash too few,
/// or a character of the password that means something, and the password is a name to it. Nothing
/// of such a one may be shown.
fn is_well_formed(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (server, name) = place.split_once('/').unwrap_or((place, ""));
    let (user, _) = server.split_once('@').unwrap_or(("", server));
    let user = user.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let is_of = |part: &str, more: &str| {
        part.chars().all(|character| character.is_ascii_alphanumeric() || more.contains(character))
    };
    is_of(scheme, "")
        && !text.contains(|c: char| c == '#' || c.is_whitespace() || c.is_control())
        && server.matches('@').count() <= 1
        && is_of(&user, "._-~$+%")
        && !user.contains("%3a")
        && !user.contains("%2f")
        && !name.contains(['/', ':', '@'])
        && !query.contains('@')
}

/// Refuses what is not known behind the `?`, by its name: where that may as well be the rest of a
/// password, by no name.
fn check_parameters(url: &Url, known: &[&str]) -> Result<(), Failure> {
    for (name, value) in url.query_pairs() {
        if known.contains(&name.as_ref()) {
            continue;
        }
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'));
        if !is_name || value.is_empty() {
            return Err(unreadable_address());
        }
        return Err(Failure::Usage(format!(
            "The address of Request Tracker’s database says {name}, which means nothing there. \
             What may stand behind its ? is {}.",
            known.join(", ")
        )));
    }
    Ok(())
}

/// PostgreSQL there. On another machine it has to prove which it is, unless the address says
/// otherwise.
fn postgres(text: &str, says_mode: bool) -> Result<Server, Failure> {
    let options: PgConnectOptions = text.parse().map_err(|_| unreadable_address())?;
    let is_near = options.get_socket().is_some() || is_this_machine(options.get_host());
    let options =
        if says_mode || is_near { options } else { options.ssl_mode(PgSslMode::VerifyFull) };
    Ok(Server::Postgres(Box::new(options)))
}

/// The same of MySQL.
fn mysql(text: &str, says_mode: bool) -> Result<Server, Failure> {
    let options: MySqlConnectOptions = text.parse().map_err(|_| unreadable_address())?;
    let is_near = options.get_socket().is_some() || is_this_machine(options.get_host());
    let options =
        if says_mode || is_near { options } else { options.ssl_mode(MySqlSslMode::VerifyIdentity) };
    Ok(Server::MySql(Box::new(options)))
}

/// By its loopback, or by a socket's folder.
fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// What may be shown of it: what is asked for behind a `?` may be a password as well.
fn without_password(mut url: Url) -> String {
    // Where it has no host it has no password before it either.
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, bool) {
        match Address::parse(text) {
            Ok(address) => (address.shown, address.has_password),
            Err(failure) => (failure.to_string(), false),
        }
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (text, shown, has_password) in [
            ("postgres://rt@db.example.org/rt5", "postgres://rt@db.example.org/rt5", false),
            ("postgresql://rt:s3cret@[::1]:5433/rt5", "postgresql://rt@[::1]:5433/rt5", true),
            ("mysql://rt:s3%40cret@db/rt5?ssl-mode=REQUIRED", "mysql://rt@db/rt5", true),
            ("mariadb://rt:s3cret@db/rt5", "mariadb://rt@db/rt5", true),
            (
                "mysql://rt@db/rt5?ssl-mode=VERIFY_IDENTITY&ssl-ca=/ca.pem",
                "mysql://rt@db/rt5",
                false,
            ),
            (
                "postgres://rt@db/rt5?sslmode=verify-full&sslrootcert=/ca.pem",
                "postgres://rt@db/rt5",
                false,
            ),
            ("postgres:///rt5?host=/run/postgresql", "postgres:///rt5", false),
            ("postgres://db/rt5?user=rt&password=s3cret", "postgres://db/rt5", true),
            (" sqlite:///var/lib/rt/rt5.db\n", "/var/lib/rt/rt5.db", false),
            ("sqlite:rt5.db", "rt5.db", false),
        ] {
            assert_eq!(parsed(text), (shown.to_owned(), has_password), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_not_repeated() {
        for text in [
            "",
            "rt:s3cret@db/rt5",
            "oracle://rt:s3cret@db/rt5",
            "mysql://rt:s3cret@db",
            "postgres://rt:s3cret@db/",
            "mysql://rt:s3cret@db:x/rt5",
            "sqlite://",
        ] {
            let (words, _) = parsed(text);
            assert!(words.contains("mysql://USER@HOST/DATABASE"), "{text}: {words}");
            assert!(!words.contains("s3cret"), "{words}");
        }
    }

    #[test]
    fn of_a_mistyped_address_nothing_is_shown() {
        for text in [
            "postgres:rt:s3cret@db/rt5",
            "mysql:rt:s3cret@db/rt5",
            "postgres:/rt:s3cret@db/rt5",
            "postgres:///rt:s3cret@db/rt5",
            "postgres://rt:123/s3cret@db/rt5",
            "postgres://rt:123#s3cret@db/rt5",
            "postgres://rt:123/x#s3cret@db",
            "postgres://rt:12/3?s3cret&x=y@db/rt5",
            "postgres://rt:12/3?host=s3cret@db",
            "postgres://rt@db/rt5?s3cret",
            "postgres://rt@s3cret@db/rt5",
            "postgres://rt%3As3cret@db/rt5",
            "mysql://rt;s3cret@db/rt5",
            "mysql://rt:123/db/s3cret",
            "mysql://rt:1\t/s3cret@db",
            "sqlite://rt:s3cret@db/rt5",
            "sqlite:rt:s3cret@db/rt5",
        ] {
            let Err(failure) = Address::parse(text) else { panic!("{text}") };
            let words = failure.to_string();
            assert!(words.contains("Write postgres://") && !words.contains("s3cret"), "{words}");
        }
    }

    #[test]
    fn another_machine_proves_which_it_is_unless_the_address_says_otherwise() {
        for (text, is_proved) in [
            ("postgres://rt@db.example.org/rt5", true),
            ("postgres://rt@10.0.0.7/rt5", true),
            ("postgres:///rt5?host=db.example.org", true),
            ("postgres://localhost/rt5?hostaddr=10.0.0.7", true),
            ("postgres://rt@localhost.example.org/rt5", true),
            ("postgres://rt@db/rt5?sslmode=require", false),
            ("postgres://rt@db/rt5?ssl-mode=disable", false),
            ("postgres://rt@localhost/rt5?sslmode=prefer", false),
            ("postgres://rt@127.0.0.1/rt5?sslmode=verify-full", true),
            ("postgres:///rt5?host=/run/postgresql", false),
            ("postgres://%2Frun%2Fpostgresql/rt5", false),
            ("mysql://rt@db.example.org/rt5", true),
            ("mariadb://rt@[2001:db8::7]/rt5", true),
            ("mysql://rt@db/rt5?ssl-mode=PREFERRED", false),
            ("mysql://rt@db/rt5?sslmode=DISABLED", false),
            ("mysql://rt@LOCALHOST/rt5", false),
            ("mysql://rt@127.0.0.2/rt5", false),
            ("mysql://rt@[::1]/rt5", false),
            ("mysql://rt@db/rt5?socket=/run/mysqld/mysqld.sock", false),
        ] {
            let Ok(address) = Address::parse(text) else { panic!("{text}") };
            let proved = match address.server {
                Server::Postgres(options) => {
                    matches!(options.get_ssl_mode(), PgSslMode::VerifyFull)
                }
                Server::MySql(options) => {
                    matches!(options.get_ssl_mode(), MySqlSslMode::VerifyIdentity)
                }
                Server::Sqlite(_) => panic!("{text}"),
            };
            assert_eq!(proved, is_proved, "{text}");
        }
    }

    #[test]
    fn what_means_nothing_is_refused_by_its_name_and_never_with_its_value() {
        for (text, name) in [
            ("postgres://rt@db/rt5?passwd=s3cret", "says passwd,"),
            ("mysql://rt@db/rt5?password=s3cret", "says password,"),
            ("mysql://rt@db/rt5?ssl-mode=REQUIRED&charset=s3cret", "says charset,"),
            ("postgres://rt@db/rt5?options[s3cret]=x", "Write postgres://"),
            // A password with a question mark of its own.
            ("postgres://rt:12/3?s3cret@db/rt5", "Write postgres://"),
            ("postgres://rt:12/3?s3cret=y@db/rt5", "Write postgres://"),
            ("postgres://rt:12?s3cret=y@db/rt5", "Write postgres://"),
            ("postgres://rt@db/rt5?sslmode=s3cret", "Write postgres://"),
        ] {
            let (words, _) = parsed(text);
            assert!(words.contains(name) && !words.contains("s3cret"), "{text}: {words}");
        }
    }

    #[test]
    fn a_file_has_it_in_its_first_line_that_is_not_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("address");
        let shown = |text: &str| {
            std::fs::write(&file, text).expect("written");
            given(None, Some(&file)).ok().flatten().map(|address| address.shown)
        };
        assert_eq!(shown("\n mysql://rt:s3cret@db/rt5 \n").as_deref(), Some("mysql://rt@db/rt5"));
        assert_eq!(shown("\n"), None);
        assert!(given(None, Some(&folder.path().join("none"))).is_err());
        let typed = Secret::new("sqlite:rt5.db".to_owned());
        let both = given(Some(&typed), Some(&file)).ok().flatten().map(|address| address.shown);
        assert_eq!(both.as_deref(), Some("rt5.db"));
    }
}
