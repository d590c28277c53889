//! Reads people and tokens from Request Tracker's own database, by whoever typed the command and
//! with their rights: in one transaction that writes nothing, a row at a time, with the same texts
//! that the guide gives for files (`sql/`). Tests: below, and by the program itself
//! `server/tests/server/command_line/request_tracker/`.

use std::collections::BTreeSet;
use std::time::Duration;

use desk::Secret;
use futures::{Stream, TryStreamExt as _};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, MySql, MySqlConnection, PgConnection,
    Postgres, Sqlite, SqliteConnection,
};

use super::address::{Address, Server};
use super::explain;
use crate::cli::exit::Failure;
use crate::cli::terminal;
use crate::cli::terminal::text::Text;

/// How long it may take until a database answers.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How long it may take from one row to the next.
const ROW_TIMEOUT: Duration = Duration::from_mins(1);

/// What is asked of one kind of database.
struct Dialect {
    begin: &'static str,
    columns: &'static str,
    people: &'static str,
    tokens: &'static str,
    tokens_expires: &'static str,
}

macro_rules! dialect {
    ($name:literal) => {
        Dialect {
            begin: include_str!(concat!("sql/begin.", $name, ".sql")),
            columns: include_str!(concat!("sql/columns.", $name, ".sql")),
            people: include_str!(concat!("sql/people.", $name, ".sql")),
            tokens: include_str!(concat!("sql/tokens.", $name, ".sql")),
            tokens_expires: include_str!(concat!("sql/tokens-expires.", $name, ".sql")),
        }
    };
}

const SQLITE: Dialect = dialect!("sqlite");
const POSTGRESQL: Dialect = dialect!("postgresql");
const MYSQL: Dialect = dialect!("mysql");

/// Columns without which it is no Request Tracker's database.
const NEEDED: [&str; 5] = [
    "users.name",
    "users.password",
    "principals.disabled",
    "groups.domain",
    "groupmembers.memberid",
];

/// What was read: a JSON object a line.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    pub(super) people: Text,
    pub(super) tokens: Text,
}

/// Reads all of it. Where the database wants a password and none was given, it is asked for at the
/// keyboard.
pub(super) async fn read(address: Address) -> Result<Fetched, Failure> {
    match once(&address).await {
        Err(Trouble::Database(error)) if !address.has_password && explain::is_password(&error) => {
            let prompt = format!("Password for {}", address.shown);
            let Ok(password) = terminal::current().ask(&prompt).map(Secret::new) else {
                return Err(explain::error(&error, &address));
            };
            let address = address.with_password(&password);
            once(&address).await.map_err(|trouble| trouble.failure(&address))
        }
        read => read.map_err(|trouble| trouble.failure(&address)),
    }
}

/// Why it was not read.
enum Trouble {
    Database(sqlx::Error),
    Late,
    Stuck,
    NoTables,
    NoTokens,
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl Trouble {
    fn failure(&self, address: &Address) -> Failure {
        match self {
            Self::Database(error) => explain::error(error, address),
            Self::Late => explain::late(address, TIMEOUT),
            Self::Stuck => explain::stuck(address, ROW_TIMEOUT),
            Self::NoTables => explain::no_tables(address),
            Self::NoTokens => explain::no_tokens(address),
        }
    }
}

async fn once(address: &Address) -> Result<Fetched, Trouble> {
    let connecting = tokio::time::timeout(TIMEOUT, Database::connect(&address.server));
    let mut database = connecting.await.map_err(|_| Trouble::Late)??;
    let dialect = database.dialect();
    let beginning = tokio::time::timeout(TIMEOUT, database.begin(dialect.begin));
    beginning.await.map_err(|_| Trouble::Late)??;
    let columns = database.lines(dialect.columns).await?;
    let columns: BTreeSet<&[u8]> = columns.split(|byte| *byte == b'\n').collect();
    let has = |column: &str| columns.contains(column.as_bytes());
    if !NEEDED.into_iter().all(has) {
        return Err(Trouble::NoTables);
    }
    if !has("authtokens.token") {
        return Err(Trouble::NoTokens);
    }
    let tokens = if has("authtokens.expires") { dialect.tokens_expires } else { dialect.tokens };
    let people = Text::new(database.lines(dialect.people).await?);
    let tokens = Text::new(database.lines(tokens).await?);
    // What has been read is read, however it ends.
    let _ = tokio::time::timeout(TIMEOUT, database.close()).await;
    Ok(Fetched { people, tokens })
}

/// A connection.
enum Database {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
    MySql(Box<MySqlConnection>),
}

impl Database {
    async fn connect(server: &Server) -> Result<Self, sqlx::Error> {
        Ok(match server {
            Server::Sqlite(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .read_only(true)
                    .create_if_missing(false)
                    .disable_statement_logging();
                Self::Sqlite(Box::new(options.connect().await?))
            }
            Server::Postgres(options) => {
                let options = options.as_ref().clone().disable_statement_logging();
                Self::Postgres(Box::new(options.connect().await?))
            }
            Server::MySql(options) => {
                let options = options.as_ref().clone().disable_statement_logging();
                Self::MySql(Box::new(options.connect().await?))
            }
        })
    }

    fn dialect(&self) -> &'static Dialect {
        match self {
            Self::Sqlite(_) => &SQLITE,
            Self::Postgres(_) => &POSTGRESQL,
            Self::MySql(_) => &MYSQL,
        }
    }

    /// Begins a transaction: what is read is of one moment.
    async fn begin(&mut self, text: &'static str) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => connection.as_mut().execute(text).await.map(drop),
            Self::Postgres(connection) => connection.as_mut().execute(text).await.map(drop),
            Self::MySql(connection) => connection.as_mut().execute(text).await.map(drop),
        }
    }

    /// The first column of every row, a line each.
    async fn lines(&mut self, text: &'static str) -> Result<Vec<u8>, Trouble> {
        let text = text.trim_end().trim_end_matches(';');
        let mut lines = Vec::new();
        match self {
            Self::Sqlite(connection) => {
                // A text may be any bytes there: which row has odd ones is told by its reader.
                let mut rows =
                    sqlx::query_scalar::<Sqlite, Vec<u8>>(text).fetch(connection.as_mut());
                while let Some(row) = next(&mut rows, ROW_TIMEOUT).await? {
                    add(&mut lines, &row);
                }
            }
            Self::Postgres(connection) => {
                let mut rows =
                    sqlx::query_scalar::<Postgres, String>(text).fetch(connection.as_mut());
                while let Some(row) = next(&mut rows, ROW_TIMEOUT).await? {
                    add(&mut lines, row.as_bytes());
                }
            }
            // MySQL calls JSON and texts by several types, all of which are bytes.
            Self::MySql(connection) => {
                let mut rows =
                    sqlx::query_scalar::<MySql, Vec<u8>>(text).fetch(connection.as_mut());
                while let Some(row) = next(&mut rows, ROW_TIMEOUT).await? {
                    add(&mut lines, &row);
                }
            }
        }
        Ok(lines)
    }

    async fn close(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
            Self::MySql(connection) => connection.close().await,
        }
    }
}

/// The next row, where it comes within that time.
async fn next<T>(
    rows: &mut (impl Stream<Item = Result<T, sqlx::Error>> + Unpin),
    within: Duration,
) -> Result<Option<T>, Trouble> {
    let next = tokio::time::timeout(within, rows.try_next());
    Ok(next.await.map_err(|_| Trouble::Stuck)??)
}

fn add(lines: &mut Vec<u8>, row: &[u8]) {
    lines.extend_from_slice(row);
    lines.push(b'\n');
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;
    use futures::stream::{iter, pending};

    use super::*;
    use crate::kept::documents;

    /// What is read by the program is what people write files with.
    #[test]
    fn the_guide_has_the_same_texts() {
        let guide = documents()
            .into_iter()
            .find(|(path, _)| path.ends_with("docs/integrations/request-tracker-import.md"))
            .map(|(_, text)| text)
            .expect("the guide");
        for dialect in [SQLITE, POSTGRESQL, MYSQL] {
            for text in [dialect.people, dialect.tokens, dialect.tokens_expires] {
                assert!(guide.contains(text), "the guide lacks:\n{text}");
            }
        }
    }

    #[tokio::test]
    async fn a_database_that_says_nothing_more_is_not_waited_for() {
        let mut rows = iter([Ok::<_, sqlx::Error>("a row")]).chain(pending());
        assert_eq!(next(&mut rows, Duration::ZERO).await.ok().flatten(), Some("a row"));
        let stuck = next(&mut rows, Duration::ZERO).await;
        assert!(matches!(stuck, Err(Trouble::Stuck)));
        let mut rows = iter([Err::<&str, _>(sqlx::Error::RowNotFound)]);
        let failed = next(&mut rows, Duration::ZERO).await;
        assert!(matches!(failed, Err(Trouble::Database(_))));
    }

    #[test]
    fn tokens_with_an_end_are_the_same_but_for_it() {
        for dialect in [SQLITE, POSTGRESQL, MYSQL] {
            let (one, other) = (dialect.tokens, dialect.tokens_expires);
            let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
            let end =
                one.bytes().rev().zip(other.bytes().rev()).take_while(|(a, b)| a == b).count();
            assert!(same + end >= one.len() && other.contains("t.Expires"), "{other}");
        }
    }
}
