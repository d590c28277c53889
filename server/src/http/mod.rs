//! The HTTP side: one table of routes, one file a middleware.

mod audit_file;
mod body_limit;
mod caller;
mod cross_site;
mod function_status;
mod here;
pub(crate) mod limiter;
mod pages;
mod panic;
mod plain_forms;
mod prefix;
mod proxies;
mod rate_limit;
mod refuse;
mod request_log;
mod right_path;
mod router;
mod routes;
mod same_origin;
mod security_headers;
mod session_pace;
mod shared;
mod shown_path;
mod spending;
mod strangers;
mod time_limit;

pub(crate) use caller::Caller;
pub(crate) use proxies::parse_address;
pub use proxies::parse_proxy;
pub(crate) use proxies::wide;
pub(crate) use rate_limit::take_log_in;
pub(crate) use refuse::problem;
pub use router::{router, routes};
pub(crate) use routes::Routes;
pub use routes::{Kind, Route};
pub use shared::Shared;
