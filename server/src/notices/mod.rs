//! What people are told, to where they look: by mail, and by a webhook. The desk says what is due,
//! and to whom ([`desk::Desk::notices_due`]); here it is put into words and handed over.
//!
//! | file | what |
//! |---|---|
//! | [`worker`] | what runs by itself: what is due, sent and noted one by one |
//! | [`compose`](mod@compose) | a notice in words |
//! | [`wording`] | what is said of each kind, and where it leads |
//! | [`inserted`] | what somebody else wrote, in a sentence of ours |
//! | [`html`] | the same words as HTML |
//! | [`mail`] | a mail, and the server that takes it |
//! | [`in_the_clear`] | a connection before TLS is spoken on it |
//! | [`webhook`] | a message that is posted, and its signature |
//! | [`undelivered`] | why something was not taken, and what that means for it |
//! | [`sample`] | one of each kind, to be looked at |
//! | [`status`] | how it goes, for whoever watches |
//!
//! Tests: `compose_tests.rs`, `mail_tests.rs`, and with real servers `tools/test-mail`.

mod compose;
#[cfg(test)]
mod compose_tests;
mod html;
mod in_the_clear;
mod inserted;
mod mail;
#[cfg(test)]
mod mail_tests;
mod sample;
mod status;
mod undelivered;
mod webhook;
mod wording;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use desk::{Desk, Driver, NoticeKind};
use tokio::sync::{Mutex, watch};
use url::Url;

use crate::config::{ConfigError, Configuration};

use compose::{Site, compose};
pub(crate) use mail::Mailer;
pub(crate) use status::NoticesStatus;
use webhook::Receiver;
use worker::{Way, Worker};

/// How long a stop waits for a notice that is being handed over.
const LAST_ONE: Duration = Duration::from_secs(2);

/// By what notices go: all that is configured.
#[derive(Debug)]
pub(crate) struct Ways {
    mail: Option<Mailer>,
    webhook: Option<Receiver>,
}

/// By what the configuration has notices go.
///
/// # Errors
/// [`ConfigError::Senseless`] where a file that it names cannot be used.
pub(crate) fn of(configuration: &Configuration) -> Result<Ways, ConfigError> {
    let webhook = configuration.webhook.as_ref().map(Receiver::of).transpose()?;
    Ok(Ways { mail: mailer(configuration)?, webhook })
}

/// By what mail is sent; none: it is not.
///
/// # Errors
/// [`ConfigError::Senseless`] where a file that it names cannot be used.
pub(crate) fn mailer(configuration: &Configuration) -> Result<Option<Mailer>, ConfigError> {
    let settings = configuration.mail.as_ref().zip(configuration.public_url.as_ref());
    settings.map(|(settings, public_url)| Mailer::of(settings, public_url)).transpose()
}

/// Sends what is due until `stopping` is true, and ends then, once what is under way is noted.
pub(crate) async fn send_regularly(
    ways: Ways,
    desk: Desk,
    status: Arc<NoticesStatus>,
    mut stopping: watch::Receiver<bool>,
) {
    let driver = Driver::default();
    let mut under_way = Vec::new();
    let ways = [
        ways.mail.map(|mailer| ("sending mail", Way::Mail(mailer))),
        ways.webhook.map(|receiver| ("posting notices", Way::Webhook(receiver))),
    ];
    for (name, way) in ways.into_iter().flatten() {
        let one = Arc::new(Mutex::new(()));
        under_way.push(one.clone());
        let worker = Worker {
            desk: desk.clone(),
            way,
            status: status.clone(),
            under_way: one,
            stopping: stopping.clone(),
        };
        driver.run(name, move || worker.clone().run());
    }
    // The sender is the server: where it is gone, so is this.
    let _ = stopping.wait_for(|stops| *stops).await;
    let last = async {
        for one in &under_way {
            drop(one.lock().await);
        }
    };
    if tokio::time::timeout(LAST_ONE, last).await.is_err() {
        tracing::warn!("a notice was not handed over in time: it may be sent once more");
    }
    driver.stop();
}

/// The mail of a kind with made-up contents, to be looked at: as plain text, or as HTML.
pub(crate) fn shown(kind: NoticeKind, public_url: &Url, as_html: bool) -> String {
    let words = compose(&sample::sample(kind), &Site::new(public_url));
    if as_html {
        html::page(&words)
    } else {
        format!("Subject: {}\n\n{}", words.subject, words.plain())
    }
}
