//! What a restored copy undoes: read from the store that was moved away, or from a file of its
//! audit; told, and done again before the first start. Of a store that is damaged, as far as it can
//! be read. Tests: `server/tests/server/command_line/backup.rs`, `since_damaged.rs`.

use std::path::Path;

use desk::{
    AccountChange, BackupHeader, Changed, Desk, MovedAway, OpenError, Permit, Refusal, Restoring,
    RevokedTokens, Undone, UndoneChange, right,
};
use serde::Serialize;

use crate::cli::audit_copy::Copies;
use crate::cli::exit::{ExitCode, Failure, NOT_GOOD};
use crate::cli::show;
use crate::config::Configuration;

/// Rows of a file that are read at once.
const READ_AT_ONCE: usize = 500;

/// What was done again.
#[derive(Debug, Default, Serialize)]
pub(super) struct Again {
    /// How many tokens were revoked.
    tokens: u32,
    /// The NetIDs whose accounts were disabled.
    disabled: Vec<String>,
    /// What could not be done, and why, a sentence each.
    failed: Vec<String>,
    /// Why not all of it is known; none: it is.
    unread: Option<String>,
    was_revoked: bool,
    was_disabled: bool,
}

/// What to do where not all of it is known.
const NOT_ALL_KNOWN: &str = "What is not known is undone, and is not done again: tokens revoked \
    then work again, and accounts disabled then are enabled. Before the start move what was \
    restored away, and restore once more with --since FILE: the file of the audit’s stream, or a \
    copy of the audit (`latchkey audit export`, or the page) from after the backup. Without one \
    see docs/operations/crashes.md.";

/// As the store in this folder has it, the one that was moved away; and why that is not all, where
/// it is damaged.
pub(super) async fn of_store(
    folder: &Path,
    restoring: Option<&Restoring>,
    header: &BackupHeader,
    configuration: &Configuration,
) -> Result<(Undone, Option<String>), Failure> {
    let settings = |folder: &Path| desk::Settings {
        store: format!("rocksdb://{}", folder.display()),
        older_store: desk::OlderStore::RefuseEmptyToo,
        demo: header.demo,
        disk_reserve: 0,
        audit_keep: None,
        // None is made of what was moved away, and none goes for it.
        backups: desk::BackupSettings::default(),
        ..configuration.desk.clone()
    };
    let given = settings(folder);
    if given.makes_store() {
        return Err(OpenError::NotThere(given.store).into());
    }
    let nothing = |why: String| (Undone::default(), Some(why));
    let copying = match restoring {
        Some(restoring) => restoring.moved_away(folder).await,
        None => MovedAway::beside(folder).await,
    };
    let moved_away = match copying {
        Ok(moved_away) => moved_away,
        Err(OpenError::Damaged(_, why)) => return Ok(nothing(why)),
        Err(error) => return Err(error.into()),
    };
    let found = match Desk::open(settings(moved_away.folder())).await {
        Ok(desk) => {
            let found = read(&desk, header, &moved_away).await;
            desk.close().await;
            found
        }
        Err(OpenError::Damaged(_, why)) => Ok(nothing(moved_away.of_store(&why))),
        Err(error) => return Err(error.into()),
    };
    moved_away.let_go().await;
    found
}

/// Reads its audit, as far as that goes.
async fn read(
    desk: &Desk,
    header: &BackupHeader,
    moved_away: &MovedAway,
) -> Result<(Undone, Option<String>), Failure> {
    let mut undone = Undone::default();
    let mut unread = moved_away.unread();
    if desk.console().read_since(header, &mut undone).await.is_err() {
        let of = moved_away.of().display();
        unread = Some(format!("the audit of {of} cannot be read to its end"));
    }
    if let Err(why) = undone.check_source(header) {
        // Of one that is damaged it is what is missing.
        let Some(known) = unread else {
            return Err(Failure::Other(format!("{}: {why}.", moved_away.of().display())));
        };
        unread = Some(format!("{}; {why}", known.trim_end_matches('.')));
    }
    undone.in_order();
    Ok((undone, unread))
}

/// As a file of the audit has it.
pub(super) fn of_file(file: &Path, header: &BackupHeader) -> Result<Undone, Failure> {
    let wrong = |why: String| Failure::Other(format!("{}: {why}.", file.display()));
    let mut copies = Copies::open(file).map_err(wrong)?;
    let mut undone = Undone::default();
    loop {
        let rows = copies.next_rows(READ_AT_ONCE).map_err(wrong)?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            undone.add(header, row);
        }
    }
    undone.check_source(header).map_err(wrong)?;
    undone.in_order();
    Ok(undone)
}

/// Prints it, or what it would be.
pub(super) fn tell(undone: &Undone, dry_run: bool) {
    for sentence in undone.gaps.iter().chain(&undone.unsure) {
        show::print(&show::visible(sentence));
    }
    if undone.is_empty() {
        let known = if undone.gaps.is_empty() { "" } else { ", as far as is known" };
        show::print(&format!("Nothing had happened since the copy that it undoes{known}."));
        return;
    }
    let is_undone = if dry_run { "would be undone" } else { "is undone" };
    show::print(&format!("What had happened since the copy, and {is_undone}:"));
    let row = |change: &UndoneChange| {
        [change.at.exact(), change.words.to_owned(), change.subject.clone(), change.detail.clone()]
    };
    let rows = undone.changes.iter().map(row);
    show::print(show::table(["time", "what", "whose", "detail"], rows).trim_end());
}

impl Again {
    /// Nothing yet, where this is why not all is known.
    pub(super) fn of(unread: Option<String>) -> Self {
        Self { unread, ..Self::default() }
    }

    /// Whether all that is undone is known.
    pub(super) fn knows_all(&self) -> bool {
        self.unread.is_none()
    }

    /// Revokes the tokens that were.
    pub(super) async fn revoke(&mut self, desk: &Desk, undone: &Undone) -> Result<(), Failure> {
        self.was_revoked = true;
        for (netid, tokens) in &undone.tokens {
            let Some(permit) = of_person::<right::RevokeTokensOf>(desk, netid).await? else {
                continue;
            };
            let revoked = match tokens {
                RevokedTokens::All => desk.revoke_all_tokens(&permit).await.map_err(Into::into),
                RevokedTokens::Some(ids) => revoke_each(desk, netid, &permit, ids).await,
            };
            match revoked {
                Ok(many) => self.tokens += many,
                Err(why) => self.failed.push(format!("Tokens of {netid}: {why}")),
            }
        }
        Ok(())
    }

    /// Disables whose account had been disabled since the copy, unless it is already.
    pub(super) async fn disable(&mut self, desk: &Desk, undone: &Undone) -> Result<(), Failure> {
        self.was_disabled = true;
        for netid in undone.disabled.keys() {
            let Some(permit) = of_person::<right::SetDisabled>(desk, netid).await? else {
                continue;
            };
            if permit.person().is_none_or(|person| person.disabled) {
                continue;
            }
            let disabled = Some(Changed { permit, from: false, to: true });
            let change = AccountChange { disabled, ..AccountChange::default() };
            match desk.change_account(&change).await {
                Ok(()) => self.disabled.push(netid.clone()),
                // Such as the only administrator of the copy.
                Err(why) => self.failed.push(format!("{netid} is not disabled: {why}")),
            }
        }
        Ok(())
    }

    /// How the restore ends by it: what could not be done again, or is not known, is not to be
    /// overlooked.
    pub(super) fn code(&self, undone: &Undone) -> ExitCode {
        let is_good = self.failed.is_empty() && undone.gaps.is_empty() && self.knows_all();
        if is_good { ExitCode::SUCCESS } else { ExitCode::from(NOT_GOOD) }
    }

    /// Prints what was done, and what is left to do.
    pub(super) fn tell(&self, undone: &Undone, place: &Path) {
        // Nothing is ever restored over a store.
        let later = |flag: &str| {
            format!("To have it done, remove {} and restore again with {flag}.", place.display())
        };
        if self.was_revoked {
            show::print(&format!("{} revoked again.", show::counted(self.tokens, "token")));
        } else if !undone.tokens.is_empty() {
            let how = later("--revoke-again");
            show::print(&show::visible(&format!("No token was revoked again. {how}")));
        }
        if self.was_disabled {
            let names = self.disabled.join(", ");
            let many = show::people(self.disabled.len());
            let named = if names.is_empty() { String::new() } else { format!(": {names}") };
            show::print(&show::visible(&format!("{many} disabled again{named}.")));
        } else if !undone.disabled.is_empty() {
            let how = later("--disable-again");
            show::print(&show::visible(&format!("Nobody was disabled again. {how}")));
        }
        self.failed.iter().for_each(|failed| show::print(&show::visible(failed)));
        self.tell_unread();
    }

    /// Prints which part is not known.
    pub(super) fn tell_unread(&self) {
        if let Some(why) = &self.unread {
            let why = why.trim_end_matches('.');
            let stated = format!("Not all that had happened is known: {why}. {NOT_ALL_KNOWN}");
            show::print(&show::visible(&stated));
        }
    }
}

/// The operator's permit upon somebody; none: the copy does not have them.
async fn of_person<R: desk::Right>(desk: &Desk, netid: &str) -> Result<Option<Permit<R>>, Failure> {
    match desk.console().permit::<R>(netid).await {
        Ok(permit) => Ok(Some(permit)),
        // They came after it; or it is no NetID, of a client's row.
        Err(Refusal::UserUnknown | Refusal::NetIdUnreadable) => Ok(None),
        Err(refusal) => Err(refusal.into()),
    }
}

/// Revokes those of somebody's tokens whose ids begin so; answers how many.
async fn revoke_each(
    desk: &Desk,
    netid: &str,
    permit: &Permit<right::RevokeTokensOf>,
    ids: &[String],
) -> Result<u32, Failure> {
    let see = desk.console().permit::<right::SeeTokensOf>(netid).await?;
    let mut many = 0;
    for token in desk.tokens_of(&see).await? {
        let is_meant = ids.iter().any(|id| token.id.as_str().starts_with(id.as_str()));
        if !is_meant || token.revoked.is_some() {
            continue;
        }
        match desk.revoke_token(permit, token.id.as_str()).await {
            Ok(()) => many += 1,
            // It has expired meanwhile.
            Err(Refusal::TokenOver) => {}
            Err(refusal) => return Err(refusal.into()),
        }
    }
    Ok(many)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_done_again_or_is_not_known_is_in_the_exit_code() {
        let mut again = Again::default();
        let mut undone = Undone::default();
        assert_eq!(again.code(&undone), ExitCode::SUCCESS);
        again.failed.push("otto is not disabled".to_owned());
        assert_eq!(again.code(&undone), ExitCode::from(NOT_GOOD));
        again.failed.clear();
        undone.gaps.push("Rows 6 to 9 of node main were removed".to_owned());
        assert_eq!(again.code(&undone), ExitCode::from(NOT_GOOD));
        let unread = Again::of(Some("damaged".to_owned()));
        assert_eq!(unread.code(&Undone::default()), ExitCode::from(NOT_GOOD));
    }
}
