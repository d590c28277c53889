//! What a store of before holds is there as it was: people, passwords, tokens, sessions, clients,
//! the audit.

use desk::{
    Actor, Cookie, LocalState, OpenError, PasswordChange, RecordedAction, Refusal, Settings,
    Verdict,
};
use serde_json::Value;

use super::{Old, OldPerson, names, old};
use crate::support::{World, get, origin, request, secret, try_reopen};

/// All that a store shows.
async fn all(old: &Old) -> Vec<Value> {
    let mut all = Vec::new();
    for row in old.console().list_users("", 1000).await.unwrap() {
        all.push(serde_json::to_value(old.page(&row.netid).await).unwrap());
        all.push(old.tokens(&row.netid).await);
    }
    let mut query = desk::AuditQuery::default();
    loop {
        let page = old.console().audit(&query).await.unwrap();
        for row in &page.rows {
            assert!(
                matches!(row.action, RecordedAction::Known(_))
                    && !matches!(row.actor, Actor::Other(_)),
                "{}: {row:?}",
                old.name
            );
        }
        all.push(serde_json::to_value(&page.rows).unwrap());
        match page.next {
            Some(next) => query.before = next,
            None => return all,
        }
    }
}

#[tokio::test]
async fn everybody_is_as_they_were_and_opening_again_changes_nothing() {
    for name in names() {
        let old = old(&name).await;
        let report = old.console().verify_audit().await.unwrap();
        assert_eq!(
            (report.faults, report.notes, report.rows),
            (vec![], vec![], old.was.audit_rows),
            "{name}"
        );
        let there: Vec<String> = old
            .console()
            .list_users("", 1000)
            .await
            .unwrap()
            .into_iter()
            .map(|row| row.netid)
            .collect();
        assert_eq!(
            there,
            old.was.people.iter().map(|person| person.netid.clone()).collect::<Vec<_>>(),
            "{name}"
        );
        for was in &old.was.people {
            is_as_it_was(&old, was).await;
        }
        let before = all(&old).await;
        let old = old.again().await;
        assert_eq!(all(&old).await, before, "{name}");
        assert!(old.console().verify_audit().await.unwrap().faults.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn each_was_made_for_the_demo_and_is_opened_for_nothing_else() {
    for name in names() {
        let World { desk, settings, folder, .. } = old(&name).await.world;
        drop(desk);
        let opened = try_reopen(Settings { demo: false, ..settings }).await;
        assert!(matches!(opened, Err(OpenError::Demo(_))), "{name}: {opened:?}");
        drop(folder);
    }
}

async fn is_as_it_was(old: &Old, was: &OldPerson) {
    let what = format!("{}: {}", old.name, was.netid);
    let page = old.page(&was.netid).await;
    let user = &page.user;
    assert_eq!(
        (&user.name, &user.email, user.privileged, user.disabled),
        (&was.name, &was.email, was.privileged, was.disabled),
        "{what}"
    );
    // Whoever left is staff again, as they would be if they left today.
    let role = if was.gone.is_some() { "staff" } else { &was.role };
    assert_eq!(user.role.word(), role, "{what}");
    assert_eq!(page.source.code(), if was.kept { "desk" } else { &was.source }, "{what}");
    assert_eq!(serde_json::to_value(&page.local).unwrap(), was.local, "{what}");
    assert_eq!(page.departed, was.gone.is_some(), "{what}");
    assert_eq!(
        page.departed_at.map(|at| at.0),
        was.gone.as_ref().and_then(|gone| gone.at),
        "{what}"
    );
    let tokens = old.tokens(&was.netid).await;
    assert_eq!(tokens.as_array().unwrap().len(), was.tokens.len(), "{what}");
    for (token, was) in tokens.as_array().unwrap().iter().zip(&was.tokens) {
        for (field, value) in was.as_object().unwrap().iter().filter(|(field, _)| *field != "uses")
        {
            assert_eq!(&token[field], value, "{what}: {field}");
        }
        // How often: since there is such a count.
        if let Some(uses) = was["uses"].as_u64() {
            let counts = token["days"]["counts"].as_array().unwrap();
            assert_eq!(counts.iter().filter_map(Value::as_u64).sum::<u64>(), uses, "{what}");
        }
    }
}

#[tokio::test]
async fn whoever_logged_in_does_and_every_local_password_confirms() {
    for name in names() {
        let old = old(&name).await;
        for was in &old.was.people {
            let what = format!("{name}: {}", was.netid);
            // Whom wrong passwords alone had kept out comes in: no number of them closes a log-in
            // any more.
            let comes_in = was.logs_in || was.netid == "guest";
            assert_eq!(old.comes_in(&was.netid).await, comes_in, "{what}");
            let Some(password) =
                was.local_password.as_deref().filter(|_| was.logs_in && was.privileged)
            else {
                continue;
            };
            let netid_password = if was.is_own() {
                format!("{}-netid-password", was.netid)
            } else {
                format!("{}'s password", was.netid)
            };
            let (cookie, _) =
                old.log_in(&was.netid, &secret(&netid_password), &origin()).await.unwrap();
            let visitor = old.look(&cookie).await.unwrap();
            let confirmed = old.confirm(&visitor, password).await;
            let new = secret("seven otters cross the weir");
            let change =
                PasswordChange { current: secret(password), new: new.clone(), retype: new };
            if old.page(&was.netid).await.local.state == LocalState::Own {
                confirmed.unwrap();
                let wrong = old.confirm(&visitor, "wrong").await;
                assert_eq!(wrong.unwrap_err(), Refusal::OwnPasswordIncorrect, "{what}");
            } else {
                // An initial one is good for choosing one's own.
                assert!(matches!(confirmed, Err(Refusal::NotAllowed(_))), "{what}");
            }
            let visitor = old.person_by(&was.netid, &netid_password).await;
            old.change_own_password(&visitor, &change, &origin())
                .await
                .unwrap_or_else(|error| panic!("{what}: {error:?}"));
        }
        assert!(old.console().verify_audit().await.unwrap().faults.is_empty(), "{name}");
    }
}

impl Old {
    async fn person_by(&self, netid: &str, password: &str) -> desk::Visitor {
        let (cookie, _) = self.log_in(netid, &secret(password), &origin()).await.unwrap();
        self.look(&cookie).await.unwrap()
    }
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Good(_) => "good",
        Verdict::Refused(_) => "refused",
        Verdict::Forbidden(_) => "forbidden",
        Verdict::Unavailable => "unavailable",
        Verdict::TooMany { .. } => "too many",
    }
}

#[tokio::test]
async fn every_token_is_answered_as_it_was() {
    for name in names() {
        let old = old(&name).await;
        for token in &old.was.tokens {
            for (how, was) in &token.answers {
                let (method, address) = how.split_once(' ').unwrap();
                let method = if method == "GET" { "GET" } else { "POST" };
                let verdict = old.verify(&token.token, None, &request(method, address)).await;
                assert_eq!(word(&verdict), was, "{name}: {} by {how}", token.token);
                if let Verdict::Good(good) = verdict {
                    assert_eq!(good.netid.as_str(), token.owner, "{name}");
                }
            }
        }
        let Some(client) = &old.was.client else { continue };
        let known = old.client(&client.name, &secret(&client.secret)).await.unwrap().unwrap();
        assert!(old.client(&client.name, &secret("wrong")).await.unwrap().is_none(), "{name}");
        assert_eq!(old.console().clients().await.unwrap().len(), 1, "{name}");
        for token in &old.was.tokens {
            let verdict = known.introspect(&token.token, get().address).await;
            // Whoever asks about a token does not say what for.
            let good = token.answers["GET 192.0.2.7"] == "good";
            assert_eq!(matches!(verdict, Verdict::Good(_)), good, "{name}: {}", token.token);
        }
    }
}

#[tokio::test]
async fn sessions_go_on_and_a_new_token_is_shown_once() {
    for name in names() {
        let old = old(&name).await;
        for session in &old.was.sessions {
            let cookie = Cookie::parse(&session.cookie).unwrap();
            let visitor = old.look(&cookie).await.unwrap();
            assert_eq!(visitor.netid().as_str(), session.netid, "{name}");
            // Nobody knows any more by which password it was confirmed.
            assert_eq!(visitor.me().confirmed_until, None, "{name}");
            let shown = old.take_for_reveal(&visitor, &cookie).await.unwrap();
            assert_eq!(
                shown.map(|(token, _)| token.expose().to_owned()),
                session.waiting,
                "{name}"
            );
            assert!(old.take_for_reveal(&visitor, &cookie).await.unwrap().is_none(), "{name}");
        }
        // One of tia's ends, the others go on; then all others.
        let cookies: Vec<Cookie> = old
            .was
            .sessions
            .iter()
            .map(|session| Cookie::parse(&session.cookie).unwrap())
            .collect();
        let tia = old.look(&cookies[0]).await.unwrap();
        old.log_out(&tia, &origin()).await.unwrap();
        assert_eq!(old.look(&cookies[0]).await.unwrap_err(), Refusal::SessionEnded, "{name}");
        let tia = old.look(&cookies[2]).await.unwrap();
        old.end_other_own_sessions(&tia, &origin()).await.unwrap();
        assert_eq!(old.own_sessions(&tia).await.unwrap().len(), 1, "{name}");
        old.look(&cookies[1]).await.unwrap();
    }
}
