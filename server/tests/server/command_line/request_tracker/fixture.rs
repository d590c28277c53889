//! A Request Tracker's database as SQLite has it, with as much of its schema as an import reads and
//! some that it does not, and people whose names are what names are.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};

use crate::support::Latchkey;

/// How the tests call the database's file.
pub(super) const FILE: &str = "rt5.db";

/// As an address.
pub(super) const ADDRESS: &str = "sqlite:rt5.db";

/// Alice's strings, and those of the others.
pub(super) const STRINGS: [&str; 5] = [
    "1-22-fb0f18df162000adaa369581d826d112",
    "1-22-1c78295acb6a8a52419945d4c57e7bc9",
    "1-24-87e52d28a32f0975226625f71cf3f880",
    "1-26-5f2536866284d0435e6e99810fb392fc",
    "1-28-b673405107dbb71c0c306a0235df7651",
];

/// What Request Tracker keeps of them, by bcrypt's least cost.
pub(super) const HASHES: [&str; 5] = [
    "!bcrypt!04!cKY1ZTQMyRUGMFTt8Nx9puca9JaDklDqyyeJ7zu90.9E/Bu.zARWO",
    "!bcrypt!04!j81NWZ5Y/bZ23aYxEvOviORF5JUMWNRJ6uAk3cO4OOUpQGsSe4jhK",
    "!bcrypt!04!O6bKwI.a0Iii.eT8jb5gEuTZi42X4XCHfCwd0yyX22omM29r7FsPC",
    "!bcrypt!04!uw0adGnaVaetGOjAyYBN2e56LpILRVuGOMDQuVZ61uNfLxO.EoKw2",
    "!bcrypt!04!YE0eEClqz7DQppqwnVGzJOEWW3WnuztTXaYtBnyZuJPrO0y.CZcRS",
];

/// Alice's local password.
pub(super) const PASSWORD: &str = "brisk amber violin meadow";

/// And what Request Tracker keeps of it.
pub(super) const PASSWORD_HASH: &str =
    "!bcrypt!04!pehDx31t2nUPW3/DQnilpuxT3h41Krayb33Irm.I4gjA5V2DkPcQe";

const SCHEMA: &str = "
    CREATE TABLE Users (
        id INTEGER PRIMARY KEY, Name varchar(200) collate nocase NOT NULL,
        Password varchar(256) collate nocase NULL, AuthToken varchar(16) NULL, Comments text NULL,
        EmailAddress varchar(120) collate nocase NULL, RealName varchar(120) collate nocase NULL,
        Creator integer NULL DEFAULT 0, Created DATETIME NULL,
        LastUpdatedBy integer NULL DEFAULT 0, LastUpdated DATETIME NULL);
    CREATE TABLE Principals (
        id INTEGER PRIMARY KEY, PrincipalType VARCHAR(16) NOT NULL, ObjectId integer NULL,
        Disabled int2 NOT NULL DEFAULT 0);
    CREATE TABLE Groups (
        id INTEGER, Name varchar(200) collate nocase NULL, Description varchar(255) NULL,
        Domain varchar(64) collate nocase, Instance integer);
    CREATE TABLE GroupMembers (
        id INTEGER PRIMARY KEY, GroupId integer NOT NULL, MemberId integer NOT NULL);
    INSERT INTO Groups VALUES (4, 'Privileged', '', 'SystemInternal', 4);
    INSERT INTO Groups VALUES (5, 'Unprivileged', '', 'SystemInternal', 5);
    INSERT INTO Groups VALUES (90, 'Privileged', 'a group of somebody''s', 'UserDefined', 90);";

const TOKENS: &str = "
    CREATE TABLE AuthTokens (
        id INTEGER PRIMARY KEY, Owner int(11) NOT NULL DEFAULT 0,
        Token VARCHAR(256) collate nocase NULL, Description VARCHAR(255) collate nocase NOT NULL
        DEFAULT '', LastUsed timestamp DEFAULT NULL, Creator int(11) NOT NULL DEFAULT 0,
        Created timestamp DEFAULT NULL, LastUpdatedBy int(11) NOT NULL DEFAULT 0,
        LastUpdated timestamp DEFAULT NULL);";

/// Somebody of Request Tracker's.
struct Somebody {
    id: u32,
    name: &'static str,
    real_name: Option<&'static str>,
    email: Option<&'static str>,
    password: Option<&'static str>,
    is_disabled: bool,
    is_privileged: bool,
}

const NOBODY: Somebody = Somebody {
    id: 0,
    name: "",
    real_name: None,
    email: None,
    password: None,
    is_disabled: false,
    is_privileged: true,
};

const PEOPLE: [Somebody; 8] = [
    Somebody { id: 1, name: "RT_System", is_privileged: false, ..NOBODY },
    Somebody { id: 6, name: "Nobody", is_privileged: false, ..NOBODY },
    Somebody { id: 14, name: "root", real_name: Some("Enoch Root"), ..NOBODY },
    Somebody {
        id: 22,
        name: "alice",
        real_name: Some("Alice Döe"),
        email: Some("alice@example.org"),
        password: Some(PASSWORD_HASH),
        ..NOBODY
    },
    Somebody { id: 24, name: "Bob", password: Some("*NO-PASSWORD*"), ..NOBODY },
    Somebody {
        id: 26,
        name: "zoé.müller@example.org",
        real_name: Some("Zoé Müller"),
        email: Some("zoé.müller@example.org"),
        ..NOBODY
    },
    Somebody { id: 28, name: "dave", real_name: Some("Dave Gone"), is_disabled: true, ..NOBODY },
    Somebody { id: 30, name: "selma", password: Some(""), is_privileged: false, ..NOBODY },
];

/// The token of this number, whose hash and string is the one before.
struct Token {
    id: usize,
    owner: u32,
    description: &'static str,
    last_used: Option<&'static str>,
}

const ALL_TOKENS: [Token; 5] = [
    Token {
        id: 1,
        owner: 22,
        description: "night “backup”",
        last_used: Some("2026-11-01 03:00:00"),
    },
    Token { id: 2, owner: 22, description: "mail\nrobot", last_used: None },
    Token { id: 3, owner: 24, description: "Bob’s", last_used: Some("1970-01-01 00:00:00") },
    Token { id: 4, owner: 26, description: "reports", last_used: None },
    Token { id: 5, owner: 28, description: "left behind", last_used: None },
];

async fn connected(latchkey: &Latchkey, file: &str) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(latchkey.path(file)).create_if_missing(true);
    options.connect().await.unwrap()
}

/// Changes the database.
pub(super) async fn change(latchkey: &Latchkey, sql: &str) {
    let mut connection = connected(latchkey, FILE).await;
    connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    connection.close().await.unwrap();
}

/// Another program's database.
pub(super) async fn of_another_program(latchkey: &Latchkey) {
    change(latchkey, "CREATE TABLE Users (id INTEGER PRIMARY KEY, Name text);").await;
}

/// Request Tracker 4's: it knows no tokens.
pub(super) async fn of_version_4(latchkey: &Latchkey) {
    change(latchkey, SCHEMA).await;
    people(latchkey).await;
}

/// Request Tracker 5.0.3's, with its people and their tokens.
pub(super) async fn of_version_5(latchkey: &Latchkey) {
    of_version_4(latchkey).await;
    change(latchkey, TOKENS).await;
    for token in ALL_TOKENS {
        let insert = "INSERT INTO AuthTokens (id, Owner, Token, Description, LastUsed, Creator, \
            Created) VALUES (?, ?, ?, ?, ?, ?, '2026-01-31 10:00:00')";
        let mut connection = connected(latchkey, FILE).await;
        sqlx::query(insert)
            .bind(i64::try_from(token.id).unwrap())
            .bind(i64::from(token.owner))
            .bind(HASHES[token.id - 1])
            .bind(token.description)
            .bind(token.last_used)
            .bind(i64::from(token.owner))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }
}

async fn people(latchkey: &Latchkey) {
    let mut connection = connected(latchkey, FILE).await;
    for somebody in PEOPLE {
        let id = i64::from(somebody.id);
        sqlx::query("INSERT INTO Principals VALUES (?, 'User', ?, ?)")
            .bind(id)
            .bind(id)
            .bind(i64::from(somebody.is_disabled))
            .execute(&mut connection)
            .await
            .unwrap();
        sqlx::query(
            "INSERT INTO Users (id, Name, Password, EmailAddress, RealName, Created) \
             VALUES (?, ?, ?, ?, ?, '2020-02-29 08:00:00')",
        )
        .bind(id)
        .bind(somebody.name)
        .bind(somebody.password)
        .bind(somebody.email)
        .bind(somebody.real_name)
        .execute(&mut connection)
        .await
        .unwrap();
        let group: i64 = if somebody.is_privileged { 4 } else { 5 };
        sqlx::query("INSERT INTO GroupMembers (GroupId, MemberId) VALUES (?, ?)")
            .bind(group)
            .bind(id)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    connection.close().await.unwrap();
}

/// What the guide's text for SQLite writes into a file.
pub(super) async fn lines(latchkey: &Latchkey, text: &'static str) -> String {
    let mut connection = connected(latchkey, FILE).await;
    let lines: Vec<String> = sqlx::query_scalar(text).fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    lines.join("\n") + "\n"
}
