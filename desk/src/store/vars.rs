//! Names and values for a query.

/// Names and values for a query: `vars! { "netid" => netid, … }`.
macro_rules! vars {
    () => { surrealdb::types::Variables::new() };
    ($($name:literal => $value:expr),+ $(,)?) => {{
        let mut vars = surrealdb::types::Variables::new();
        $(vars.insert($name, $value);)+
        vars
    }};
}
pub(crate) use vars;
