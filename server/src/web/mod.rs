//! The HTTP side: what makes the table of routes, one file a middleware, and what all that answers
//! shares. What stands in the table is [`crate::router`]’s.

mod app_state;
pub(crate) mod audit_file;
mod authorization;
pub(crate) mod body_limit;
pub(crate) mod caller;
pub(crate) mod cross_site;
mod error_response;
mod form;
pub(crate) mod function_status;
pub(crate) mod limiter;
mod live_streams;
mod pace;
pub(crate) mod pages;
pub(crate) mod panic;
pub(crate) mod post_redirect_get;
pub(crate) mod prefix;
mod proxies;
mod query_params;
pub(crate) mod rate_limit;
pub(crate) mod request_context;
pub(crate) mod request_log;
mod reserved;
pub(crate) mod right_path;
pub(crate) mod routes;
mod same_origin;
pub(crate) mod security_headers;
pub(crate) mod session_pace;
mod shown_path;
mod spending;
mod strangers;
pub(crate) mod time_limit;

pub use app_state::AppState;
pub(crate) use authorization::Authorization;
pub(crate) use body_limit::throw_away;
pub(crate) use caller::Caller;
pub(crate) use error_response::{problem, problems_for_wrong_methods};
pub(crate) use form::is_form;
pub(crate) use live_streams::OpenStream;
pub(crate) use pace::Pace;
pub(crate) use proxies::parse_address;
pub(crate) use query_params::QueryParams;
pub(crate) use rate_limit::{take_return, take_vouched};
pub(crate) use reserved::ReservedPaths;
pub(crate) use routes::Routes;
pub use routes::{Kind, Route};
