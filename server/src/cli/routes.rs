//! `latchkey routes`: every route that `serve` answers, from the router's own table. Tests:
//! `server/tests/server/routes/`.

use clap::Args;

use super::exit::{ExitCode, Failure};
use super::show;

/// `latchkey routes`.
#[derive(Args, Debug)]
pub(super) struct Routes {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Routes {
    pub(super) fn run(&self) -> Result<ExitCode, Failure> {
        let routes = crate::router::routes();
        if self.json {
            show::json(&routes)?;
        } else {
            let row = |route: &crate::web::Route| {
                [
                    route.kind.words().to_owned(),
                    route.methods(),
                    route.path.clone(),
                    route.only_with.unwrap_or_default().to_owned(),
                ]
            };
            show::print(
                show::table(["kind", "methods", "path", "only with"], routes.iter().map(row))
                    .trim_end(),
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}
