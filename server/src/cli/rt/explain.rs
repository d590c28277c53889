//! Why Request Tracker's database was not read, in a sentence with what to do. Tests: below, and
//! `server/tests/server/command_line/request_tracker/`.

use std::time::Duration;

use sqlx::Error;
use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;
use sqlx::sqlite::SqliteError;

use super::address::{Address, Server};
use crate::cli::exit::Failure;

/// What a database's answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// The name or the password is not theirs.
    Password,
    /// They may not read it.
    NotAllowed,
    /// There is no database of that name.
    NoDatabase,
    /// There is no such file, or they may not open it.
    NoFile,
    /// It is no file of SQLite's.
    NotSqlite,
    /// Somebody else has locked it.
    Locked,
    /// Anything else.
    Other,
}

/// By PostgreSQL's five letters.
fn of_code(code: &str) -> Meaning {
    match code {
        "28P01" | "28000" => Meaning::Password,
        "42501" => Meaning::NotAllowed,
        "3D000" => Meaning::NoDatabase,
        _ => Meaning::Other,
    }
}

/// By SQLite's number, of which the lowest byte is what it is about.
fn of_sqlite(code: &str) -> Meaning {
    match code.parse::<u32>().map(|code| code & 0xFF) {
        Ok(14) => Meaning::NoFile,
        Ok(26) => Meaning::NotSqlite,
        Ok(5 | 6) => Meaning::Locked,
        _ => Meaning::Other,
    }
}

/// By MySQL's number.
fn of_number(number: u16) -> Meaning {
    match number {
        1045 | 1698 => Meaning::Password,
        1044 | 1142 | 1143 => Meaning::NotAllowed,
        1049 => Meaning::NoDatabase,
        _ => Meaning::Other,
    }
}

fn meaning(error: &(dyn DatabaseError + 'static)) -> Meaning {
    if let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() {
        return of_number(error.number());
    }
    let code = error.code().unwrap_or_default();
    let is_sqlite = error.try_downcast_ref::<SqliteError>().is_some();
    if is_sqlite { of_sqlite(&code) } else { of_code(&code) }
}

/// Whether the database does not take the password, or wants one.
pub(super) fn is_password(error: &Error) -> bool {
    error.as_database_error().is_some_and(|error| meaning(error) == Meaning::Password)
}

/// Why it was not read.
pub(super) fn error(error: &Error, address: &Address) -> Failure {
    let shown = &address.shown;
    let words = match error {
        Error::Database(database) => {
            return of_database(meaning(database.as_ref()), database.message(), address);
        }
        Error::Io(error) => format!(
            "{shown} cannot be reached: {error}. Does the database run, does it listen there, and \
             may this machine reach it?"
        ),
        Error::Tls(error) => {
            let (authority, without) = match address.server {
                Server::MySql(_) => ("?ssl-ca=FILE", "?ssl-mode=DISABLED"),
                Server::Postgres(_) | Server::Sqlite(_) => {
                    ("?sslrootcert=FILE", "?sslmode=disable")
                }
            };
            format!(
                "{shown} has no TLS that is trusted: {error}. Behind the address, name its \
                 authority ({authority}), or say that it needs none ({without}) where nobody else \
                 is on the way to it."
            )
        }
        error => format!("{shown} cannot be read: {error}."),
    };
    Failure::Other(words)
}

fn of_database(meaning: Meaning, message: &str, address: &Address) -> Failure {
    let shown = &address.shown;
    Failure::Other(match meaning {
        Meaning::Password => format!(
            "{shown} does not let this user in: {message}. Give name and password as \
             RT_SiteConfig has them ($DatabaseUser, $DatabasePassword), or those of a user who may \
             read."
        ),
        Meaning::NotAllowed => format!(
            "{shown}: {message}. This user may not read all that is needed: the tables Users, \
             Principals, Groups, GroupMembers and AuthTokens."
        ),
        Meaning::NoDatabase => format!(
            "{shown}: {message}. Its name is $DatabaseName in RT_SiteConfig, often rt5 or \
             rtdb."
        ),
        Meaning::NoFile => format!(
            "{shown} cannot be opened: is there such a file, and may you read it and its folder? \
             Its name is $DatabaseName in RT_SiteConfig."
        ),
        Meaning::NotSqlite => format!("{shown} is no database of SQLite’s."),
        Meaning::Locked => {
            format!("{shown} is locked by somebody who writes. Try again in a moment.")
        }
        Meaning::Other => format!("{shown} answers: {message}."),
    })
}

/// Nobody answers there.
pub(super) fn late(address: &Address, timeout: Duration) -> Failure {
    Failure::Other(format!(
        "{} does not answer within {} seconds. Does the database run, and may this machine reach \
         it?",
        address.shown,
        timeout.as_secs()
    ))
}

/// It has begun to answer, and says nothing more.
pub(super) fn stuck(address: &Address, timeout: Duration) -> Failure {
    Failure::Other(format!(
        "{} has sent nothing for {} seconds, so nothing was brought. Look whether somebody has \
         locked its tables, and try again; or bring files, as \
         docs/integrations/request-tracker-import.md says.",
        address.shown,
        timeout.as_secs()
    ))
}

/// It is another program's database.
pub(super) fn no_tables(address: &Address) -> Failure {
    let user = match address.server {
        Server::Sqlite(_) => "",
        Server::Postgres(_) | Server::MySql(_) => ", or this user may not see them",
    };
    Failure::Other(format!(
        "In {} there are no tables of Request Tracker’s (Users, Principals, Groups, \
         GroupMembers){user}. Its database is $DatabaseName in RT_SiteConfig.",
        address.shown
    ))
}

/// It is an older Request Tracker's.
pub(super) fn no_tokens(address: &Address) -> Failure {
    Failure::Other(format!(
        "In {} there is no table AuthTokens, or this user may not see it: a Request Tracker before \
         5 has no tokens. Upgrade it first, or bring in its people alone: write them to a file as \
         docs/integrations/request-tracker-import.md says, and give it by --people without \
         --tokens.",
        address.shown
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_s_answer_is_understood() {
        for (code, expected) in [
            ("28P01", Meaning::Password),
            ("42501", Meaning::NotAllowed),
            ("3D000", Meaning::NoDatabase),
            ("42601", Meaning::Other),
        ] {
            assert_eq!(of_code(code), expected, "{code}");
        }
        for (code, expected) in [
            ("14", Meaning::NoFile),
            ("526", Meaning::NoFile),
            ("26", Meaning::NotSqlite),
            ("5", Meaning::Locked),
            ("1", Meaning::Other),
        ] {
            assert_eq!(of_sqlite(code), expected, "{code}");
        }
        for (number, expected) in [
            (1045, Meaning::Password),
            (1142, Meaning::NotAllowed),
            (1049, Meaning::NoDatabase),
            (1064, Meaning::Other),
        ] {
            assert_eq!(of_number(number), expected, "{number}");
        }
    }

    #[test]
    fn whoever_is_not_reached_is_named_without_password() {
        let typed = desk::Secret::new("mysql://rt:s3cret@db/rt5".to_owned());
        let address = crate::cli::rt::address::given(Some(&typed), None);
        let address = address.ok().flatten().expect("an address");
        let refused = Error::Io(std::io::ErrorKind::ConnectionRefused.into());
        let untrusted = error(&Error::Tls("a stranger".into()), &address).to_string();
        assert!(untrusted.contains("?ssl-ca=FILE") && untrusted.contains("?ssl-mode=DISABLED"));
        for failure in [
            error(&refused, &address),
            late(&address, Duration::from_secs(15)),
            stuck(&address, Duration::from_mins(1)),
            no_tables(&address),
            no_tokens(&address),
            of_database(Meaning::Password, "Access denied", &address),
        ] {
            let words = failure.to_string();
            assert!(words.contains("mysql://rt@db/rt5") && !words.contains("s3cret"), "{words}");
        }
    }
}
