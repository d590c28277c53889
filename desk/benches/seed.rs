//! Fills an empty store with people and tokens for `make bench`, past the desk's services: one at a
//! time they would take minutes. usage: `seed STORE PEOPLE TOKENS STRANGERS`; prints the tokens,
//! then as many more that are nobody's.

use std::error::Error;

use desk::{Desk, ImportUser, NetId, PlainToken, Settings};
use surrealdb::types::{SurrealValue, Variables};

/// Rows of one transaction.
const BATCH: usize = 1000;

#[derive(SurrealValue)]
#[surreal(crate = "surrealdb::types")]
struct Row {
    id: String,
    owner: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(store), Some(people), Some(tokens), Some(strangers)) =
        (args.next(), args.next(), args.next(), args.next())
    else {
        return Err("usage: seed STORE PEOPLE TOKENS STRANGERS".into());
    };
    let (people, tokens, strangers): (usize, usize, usize) =
        (people.parse()?, tokens.parse()?, strangers.parse()?);
    let settings = Settings { store: store.clone(), ..Settings::default() };
    let desk = Desk::open(settings.clone()).await?;
    let person = |n: usize| -> Result<ImportUser, Box<dyn Error>> {
        Ok(ImportUser {
            netid: NetId::parse(&format!("person{n}"))?,
            name: Some(format!("Person {n}")),
            email: Some(format!("person{n}@example.edu")),
            role: None,
            privileged: Some(true),
            disabled: None,
            password: None,
        })
    };
    desk.console().import_users(&(0..people).map(person).collect::<Result<Vec<_>, _>>()?).await?;
    desk.close().await;
    drop(desk);

    let db = open_again(&store).await?;
    db.use_ns("latchkey").use_db(&settings.database).await?;
    let mut left = tokens;
    while left > 0 {
        let batch = left.min(BATCH);
        let fresh: Vec<PlainToken> = (0..batch).map(|_| PlainToken::random()).collect();
        let row = |(n, token): (usize, &PlainToken)| Row {
            id: token.id().to_string(),
            owner: format!("person{}", (left - n) % people),
        };
        let mut vars = Variables::new();
        vars.insert("rows", fresh.iter().enumerate().map(row).collect::<Vec<_>>());
        let create = "FOR $row IN $rows { CREATE type::record('token', $row.id) CONTENT {
            owner: $row.owner, description: 'measured', access: 'full', networks: '', created: 0 } \
            }";
        db.query(create).bind(vars).await?.check()?;
        for token in &fresh {
            println!("{}", token.expose());
        }
        left -= batch;
    }
    (0..strangers).for_each(|_| println!("{}", PlainToken::random().expose()));
    Ok(())
}

/// The files are let go of a moment after the last handle.
async fn open_again(
    store: &str,
) -> Result<surrealdb::Surreal<surrealdb::engine::any::Any>, Box<dyn Error>> {
    loop {
        match surrealdb::engine::any::connect(store).await {
            Ok(db) => return Ok(db),
            Err(error)
                if error.to_string().contains("lock") || error.to_string().contains("LOCK") =>
            {
                tokio::task::yield_now().await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}
