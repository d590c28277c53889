//! `latchkey check`: the configuration, what it names, and the store. Tests:
//! `server/tests/server/command_line/`.

use std::time::SystemTime;

use desk::{Desk, OlderStore, OpenError};

use super::desk_source::open_as;
use super::exit::{ExitCode, Failure};
use super::{check_webhook, control, packaged, show, unheard};
use crate::config::Configuration;
use crate::oidc::Provider;

/// Neither is a fault: the configuration of the next program is looked at while this one runs, and
/// looking brings no store to a new schema under those that use it.
fn of_store_not_opened(store: &str, error: &OpenError) -> String {
    match error {
        OpenError::Older { found: 0, .. } => {
            format!("Store: {store} answers, and there is nothing in it. The first start fills it.")
        }
        OpenError::Older { found, known } => format!(
            "Store: {store} opens. Its schema is {found}, and this program brings it to {known} \
             when it starts, after which an older program does not open it: stop every node and \
             back it up first."
        ),
        _ => format!("Store: {store} is in use by a running Latchkey, and was not looked at."),
    }
}

/// Greets the mail server and logs in there, and sends nothing. One that is away for now is no
/// reason not to start, either.
async fn of_mail(configuration: &Configuration) -> Result<(), Failure> {
    let mailer = crate::notices::mailer(configuration);
    let Some(mailer) = mailer.map_err(|error| configuration.located(error))? else {
        return Ok(());
    };
    let server = mailer.server();
    let stated = match mailer.try_out().await {
        Ok(()) => format!("Mail server: {server} lets Latchkey in."),
        Err(why) => format!("Careful: the mail server {server} takes no mail: {}.", why.message),
    };
    show::print(&show::visible(&stated));
    Ok(())
}

/// Of the directories only a provider is asked. One that is away for now is no reason not to start.
async fn of_directories(configuration: &Configuration, provider: Option<&Provider>) {
    if let Some(provider) = provider {
        let stated = match provider.described().await {
            Ok(described) => format!("OpenID provider: {described}."),
            Err(error) => format!("Careful: OpenID: {error}."),
        };
        show::print(&show::visible(&stated));
    }
    if configuration.directories.ldap.is_some() {
        show::print("LDAP: was not asked. `latchkey directory test NETID` asks it for somebody.");
    }
}

/// Says of the configuration and the store how they are.
pub(super) async fn check(configuration: &Configuration) -> Result<ExitCode, Failure> {
    // What it names is read, too; of the directories only an OpenID provider is asked, what it
    // publishes.
    let directory =
        crate::directory::of(configuration).map_err(|error| configuration.located(error))?;
    let provider = crate::oidc::of(configuration).map_err(|error| configuration.located(error))?;
    crate::audit_stream::of(configuration).map_err(|error| configuration.located(error))?;
    crate::traces::check(configuration).map_err(|error| configuration.located(error))?;
    crate::notices::of(configuration).map_err(|error| configuration.located(error))?;
    let tls = crate::tls::Tls::of(configuration).map_err(|error| configuration.located(error))?;
    match &configuration.file {
        Some(file) => show::print(&format!("Configuration: {} is good.", file.display())),
        None => show::print("Configuration: good. No file is read."),
    }
    let of_unit = packaged::unwritten_backups(configuration);
    for hazard in configuration.hazards().into_iter().chain(of_unit) {
        show::print(&format!("Careful: {hazard}"));
    }
    let url = configuration.public_url.as_ref();
    for hazard in tls.iter().flat_map(|tls| tls.hazards(url, SystemTime::now())) {
        show::print(&format!("Careful: {hazard}"));
    }
    if let Some(hazard) = Desk::store_hazard(&configuration.desk).await {
        show::print(&format!("Careful: {hazard}."));
    }
    of_directories(configuration, provider.as_ref()).await;
    of_mail(configuration).await?;
    if let Some(webhook) = &configuration.webhook {
        show::print(&show::visible(&check_webhook::stated(webhook).await));
    }
    let store = &configuration.desk.store;
    if configuration.desk.makes_store() {
        show::print(&format!(
            "Store: there is none at {store}. The first start makes it; if there should be one, \
                correct store.url."
        ));
        return Ok(ExitCode::SUCCESS);
    }
    let desk = match open_as(configuration, OlderStore::RefuseEmptyToo, directory).await {
        Ok(desk) => desk,
        Err(error @ (OpenError::InUse(_) | OpenError::Older { .. })) => {
            show::print(&of_store_not_opened(store, &error));
            if matches!(error, OpenError::InUse(_)) {
                show::print(&control::server_in_words(configuration).await);
            }
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => return Err(error.into()),
    };
    if !desk.ready().await {
        return Err(Failure::Other(format!("The store {store} opens and does not answer.")));
    }
    let reserved = desk.console().people_of_reserved_names().await?;
    if !reserved.is_empty() {
        let names = reserved.iter().map(desk::NetId::as_str).collect::<Vec<_>>().join(", ");
        show::print(&format!(
            "Careful: {names} are names that are given to nobody any more \
                (people.reserved_netids), and there are such people."
        ));
    }
    if let Some(stated) = unheard::warning(&desk).await? {
        show::print(&format!("Careful: {stated}"));
    }
    if let Some(hazard) = desk.console().audit_key_hazard().await? {
        show::print(&format!("Careful: {hazard}"));
    }
    desk.close().await;
    show::print(&format!("Store: {store} opens, answers and has this program's schema."));
    if configuration.desk.folder().is_some() {
        show::print("Server: none runs on it.");
    }
    Ok(ExitCode::SUCCESS)
}
