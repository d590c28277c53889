//! Whoever had left before comes back by today's rules: by the word of those who had said so, and
//! of nobody else.

use desk::{LeaverLimit, NetId, PushError, Verdict, right, source};

use super::{Old, names, old};
use crate::directory::{active, person};
use crate::support::{get, origin};

impl Old {
    /// Synchronises with a directory that has, of those who were in it, all, and these too.
    async fn sync_with(&self, also: &[&str]) {
        let there = self
            .was
            .people
            .iter()
            .filter(|person| person.is_in_directory())
            .map(|person| person.netid.as_str());
        self.list.set(
            &there
                .chain(also.iter().copied())
                .map(|netid| person(netid, &["staff"]))
                .collect::<Vec<_>>(),
        );
        self.source(source::Directory)
            .synchronise(false, LeaverLimit::Percent(100.0), &origin(), &mut |_| {})
            .await
            .unwrap();
    }

    async fn push_active(&self, netid: &str) {
        let netid = NetId::parse(netid).unwrap();
        match self.source(source::Scim).push(&netid, &active(true), &origin()).await {
            // Deleted by the identity system: it makes them anew.
            Err(PushError::Unknown) => {
                self.source(source::Scim).push_new(&netid, &active(true), &origin()).await.unwrap()
            }
            pushed => pushed.unwrap(),
        };
    }

    async fn is_out(&self, netid: &str) -> bool {
        self.page(netid).await.user.disabled
    }
}

#[tokio::test]
async fn whoever_left_comes_back_by_whose_word_they_left_alone() {
    for name in names() {
        let old = old(&name).await;
        let gone: Vec<(&str, &[String])> = old
            .was
            .people
            .iter()
            .filter_map(|who| {
                Some((
                    who.netid.as_str(),
                    &who.gone.as_ref().filter(|gone| gone.at.is_some())?.by[..],
                ))
            })
            .collect();
        assert!(old.was.schema < 4 || gone.len() >= 4, "{name}");
        for (netid, by) in gone {
            let what = format!("{name}: {netid}, gone by {by:?}");
            let [ldap, scim] = ["ldap", "scim"].map(|word| by.iter().any(|by| by == word));
            old.sync_with(&[]).await;
            assert!(old.is_out(netid).await, "{what}");
            old.push_active(netid).await;
            assert_eq!(old.is_out(netid).await, ldap, "{what}, and pushed");
            if ldap {
                old.sync_with(&[netid]).await;
                assert!(!old.is_out(netid).await, "{what}, and in the directory again");
            } else {
                assert!(scim, "{what}");
            }
            assert!(!old.page(netid).await.departed, "{what}");
            // Their tokens stay revoked until an administrator says otherwise.
            let tokens: Vec<&str> = old
                .was
                .tokens
                .iter()
                .filter(|token| token.owner == netid)
                .map(|token| token.token.as_str())
                .collect();
            for token in &tokens {
                assert_eq!(
                    old.verify(token, None, &get()).await,
                    Verdict::Refused("revoked"),
                    "{what}"
                );
            }
            if !tokens.is_empty() {
                let permit = old.console().permit::<right::SetDisabled>(netid).await.unwrap();
                assert_eq!(
                    old.restore_tokens(&permit).await.unwrap() as usize,
                    tokens.len(),
                    "{what}"
                );
                assert!(
                    matches!(old.verify(tokens[0], None, &get()).await, Verdict::Good(_)),
                    "{what}"
                );
            }
        }
        assert!(old.console().verify_audit().await.unwrap().faults.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn the_directory_alone_does_not_bring_back_whom_an_identity_system_took_away() {
    for name in names() {
        let old = old(&name).await;
        let by_scim = old.was.people.iter().filter(|who| {
            who.gone.as_ref().is_some_and(|gone| gone.by.iter().any(|by| by == "scim"))
        });
        for who in by_scim {
            old.sync_with(&[&who.netid]).await;
            assert!(
                old.is_out(&who.netid).await && old.page(&who.netid).await.departed,
                "{name}: {}",
                who.netid
            );
        }
    }
}

#[tokio::test]
async fn an_administrators_word_stands_against_the_directorys() {
    for name in names() {
        let old = old(&name).await;
        let kept: Vec<_> = old.was.people.iter().filter(|who| who.kept).collect();
        assert!(old.was.schema < 4 || kept.len() >= 2, "{name}");
        old.sync_with(&[]).await;
        for who in &kept {
            assert_eq!(old.is_out(&who.netid).await, who.disabled, "{name}: {}", who.netid);
        }
        if old.was.schema < 4 {
            continue;
        }
        // otto was disabled by an administrator, whatever the directory has said since.
        assert!(old.is_out("otto").await && old.page("otto").await.departed, "{name}");
        old.sync_with(&["otto", "lena"]).await;
        for netid in ["otto", "lena"] {
            assert!(old.is_out(netid).await && !old.page(netid).await.departed, "{name}: {netid}");
        }
    }
}

#[tokio::test]
async fn whose_tokens_were_spared_has_them_again_or_loses_them_by_the_next_word() {
    for name in names() {
        for (groups, good) in [(["staff"], true), (["others"], false)] {
            let old = old(&name).await;
            let Some(who) = old.was.people.iter().find(|who| who.spared) else { continue };
            let token = old.was.tokens.iter().find(|token| token.owner == who.netid).unwrap();
            assert_eq!(
                old.verify(&token.token, None, &get()).await,
                Verdict::Refused("owner not privileged"),
                "{name}"
            );
            old.list.set(&[person(&who.netid, &groups)]);
            assert!(old.comes_in(&who.netid).await, "{name}");
            assert_eq!(
                matches!(old.verify(&token.token, None, &get()).await, Verdict::Good(_)),
                good,
                "{name}"
            );
            // What was revoked by that word stays so.
            old.list.set(&[person(&who.netid, &["staff"])]);
            assert!(old.comes_in(&who.netid).await, "{name}");
            assert_eq!(
                matches!(old.verify(&token.token, None, &get()).await, Verdict::Good(_)),
                good,
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn what_an_identity_system_and_a_provider_call_people_is_known_and_so_is_whose_turn_it_was() {
    for name in names() {
        let old = old(&name).await;
        if old.was.schema < 4 {
            continue;
        }
        let rosa = old
            .source(source::Scim)
            .pushed_user(&NetId::parse("rosa").unwrap())
            .await
            .unwrap()
            .unwrap();
        assert_eq!((rosa.external_id.as_deref(), rosa.active), (Some("ext-rosa"), true), "{name}");
        assert_eq!(
            old.source(source::Scim).pushed_user(&NetId::parse("tess").unwrap()).await,
            Ok(None),
            "{name}"
        );
        // In one of them olga's session here is of the same one there.
        let ended = old
            .source(source::OpenId)
            .end_issuers_sessions(Some("subject-of-ivan"), Some("s1"), &origin())
            .await;
        assert!(matches!(ended, Ok(1 | 2)), "{name}: {ended:?}");
        assert_eq!(old.source(source::Directory).take_sync_lease(600).await, Ok(None), "{name}");
        old.clock.advance(600);
        assert!(
            old.source(source::Directory).take_sync_lease(600).await.unwrap().is_some(),
            "{name}"
        );
    }
}
