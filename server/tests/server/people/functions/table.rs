//! Every server function, and who is refused it.

use desk::{Denied, Helper, Refusal, Role};

pub(super) type Fields<'a> = &'a [(&'a str, &'a str)];

const NEW: &str = "plain copper teapot garden";

/// A function, what is sent to it, and who is refused it in which words. `{token}` stands for the
/// id of a token of tia's, `{session}` for that of a session of tia's.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) function: &'static str,
    pub(super) fields: Vec<(&'static str, &'static str)>,
    pub(super) refused: Vec<(&'static str, Refusal)>,
}

fn row(
    function: &'static str,
    fields: Fields<'static>,
    refused: &[(&'static str, Refusal)],
) -> Row {
    Row { function, fields: fields.to_vec(), refused: refused.to_vec() }
}

const UNPRIVILEGED: Refusal = no(Denied::ActorNotPrivileged(Helper::HelpDesk));

const NO_PASSWORD: Refusal = no(Denied::FirstPasswordBySomeoneElse(Helper::HelpDesk));

const fn no(denied: Denied) -> Refusal {
    Refusal::NotAllowed(denied)
}

const LOW: Refusal = no(Denied::RoleTooLow);

const ABOVE: Refusal = no(Denied::SubjectAbove { role: Role::Admin });

fn set_local_password(
    netid: &'static str,
    own: &'static str,
    refused: &[(&'static str, Refusal)],
) -> Row {
    let fields =
        [("netid", netid), ("own_password", own), ("new", NEW), ("retype", NEW), ("form", "1")];
    Row { function: "set_local_password", fields: fields.to_vec(), refused: refused.to_vec() }
}

pub(super) fn rows() -> Vec<Row> {
    [users(), tokens_and_sessions_of_others(), accounts(), audit(), tokens(), passwords(), own()]
        .concat()
}

/// Admin → Users.
#[rustfmt::skip]
fn users() -> Vec<Row> {
    vec![
        row("find_users", &[("query", "s")], &[("sam", LOW), ("tia", LOW), ("guest", LOW)]),
        row("user_page", &[("netid", "sam")], &[("tia", LOW), ("guest", LOW)]),
        row("generate_passphrase", &[], &[("tia", LOW)]),
        set_local_password("sam", "{own}", &[("tia", LOW), ("guest", LOW), ("sam", LOW)]),
        set_local_password(
            "ada", "{own}",
            &[("rae", ABOVE), ("helen", ABOVE), ("ada", no(Denied::Oneself))],
        ),
        set_local_password("guest", "{own}", &[("helen", no(Denied::SubjectNotPrivileged))]),
        set_local_password("dave", "{own}", &[("helen", no(Denied::SubjectDisabled))]),
        set_local_password("nobody", "{own}", &[("helen", Refusal::UserUnknown)]),
        set_local_password("sam", "not it, not it", &[("helen", Refusal::OwnPasswordIncorrect)]),
    ]
}

/// Admin → Users, a person's tokens and sessions.
#[rustfmt::skip]
fn tokens_and_sessions_of_others() -> Vec<Row> {
    vec![
        row(
            "revoke_token_of", &[("netid", "tia"), ("id", "{token}"), ("own_password", "{own}")],
            &[("sam", LOW), ("rae", LOW)],
        ),
        row(
            "revoke_all_tokens_of", &[("netid", "tia"), ("own_password", "{own}")],
            &[("sam", LOW), ("rae", LOW)],
        ),
        row(
            "revoke_all_tokens_of", &[("netid", "ada"), ("own_password", "{own}")],
            &[("helen", ABOVE)],
        ),
        row(
            "end_sessions_of", &[("netid", "tia"), ("own_password", "{own}")],
            &[("sam", LOW), ("rae", LOW)],
        ),
        row(
            "restore_tokens_of", &[("netid", "tia"), ("own_password", "{own}")],
            &[("sam", LOW), ("rae", LOW), ("helen", LOW)],
        ),
        row(
            "restore_tokens_of", &[("netid", "ada"), ("own_password", "{own}")],
            &[("ada", no(Denied::OwnAccount(Helper::Operator)))],
        ),
        row(
            "restore_tokens_of", &[("netid", "dave"), ("own_password", "{own}")],
            &[("ada", no(Denied::SubjectDisabled))],
        ),
        row(
            "restore_tokens_of", &[("netid", "guest"), ("own_password", "{own}")],
            &[("ada", no(Denied::SubjectNotPrivileged))],
        ),
    ]
}

/// Admin → Users, the account itself.
#[rustfmt::skip]
fn accounts() -> Vec<Row> {
    vec![
        row(
            "open_account", &[("netid", "tia"), ("own_password", "{own}")],
            &[("sam", LOW), ("rae", LOW)],
        ),
        row(
            "open_account", &[("netid", "ada"), ("own_password", "{own}")],
            &[("helen", ABOVE), ("ada", no(Denied::OwnAccount(Helper::Operator)))],
        ),
        row(
            "change_account",
            &[
                ("netid", "sam"), ("role", "admin"), ("was_role", "staff"), ("privileged", "true"),
                ("was_privileged", "true"), ("was_disabled", "false"), ("own_password", "{own}"),
            ],
            &[("sam", LOW), ("rae", LOW), ("helen", LOW)],
        ),
        row(
            "change_account",
            &[
                ("netid", "ada"), ("role", "admin"), ("was_role", "admin"), ("privileged", "true"),
                ("was_privileged", "true"), ("was_disabled", "false"),
            ],
            &[
                ("sam", LOW), ("rae", LOW), ("helen", LOW),
                ("ada", no(Denied::OwnAccount(Helper::Operator))),
            ],
        ),
        row(
            "change_account",
            &[
                ("netid", "ada"), ("role", "staff"), ("was_role", "admin"), ("privileged", "true"),
                ("was_privileged", "true"), ("was_disabled", "false"), ("own_password", "{own}"),
            ],
            &[("ada", no(Denied::OwnAccount(Helper::Operator)))],
        ),
    ]
}

/// Admin → Audit.
#[rustfmt::skip]
fn audit() -> Vec<Row> {
    vec![
        row("list_audit", &[("query", "actor=tia")], &[("tia", LOW), ("rae", LOW), ("helen", LOW)]),
    ]
}

/// Settings → Auth Tokens.
#[rustfmt::skip]
fn tokens() -> Vec<Row> {
    vec![
        row("own_tokens", &[], &[]),
        row(
            "create_token",
            &[
                ("description", "x"), ("expires", "30"), ("access", "full"),
                ("own_password", "{own}"), ("form", "1"),
            ],
            &[
                ("guest", UNPRIVILEGED), ("sam", NO_PASSWORD),
                ("tia", Refusal::OwnPasswordIncorrect),
            ],
        ),
        row(
            "edit_token",
            &[
                ("id", "{token}"), ("description", "x"), ("expires", "30"),
                ("was_description", "tia's"), ("was_networks", ""), ("was_expires", ""),
                ("own_password", "{own}"),
            ],
            &[("guest", UNPRIVILEGED), ("ada", Refusal::TokenUnknown)],
        ),
        row(
            "renew_token",
            &[("id", "{token}"), ("overlap", "60"), ("form", "1"), ("own_password", "{own}")],
            &[("guest", UNPRIVILEGED), ("sam", NO_PASSWORD), ("ada", Refusal::TokenUnknown)],
        ),
        row(
            "recognise_network", &[("id", "{token}"), ("network", "192.0.2.0/24")],
            &[("rae", Refusal::TokenUnknown), ("ada", Refusal::TokenUnknown)],
        ),
        row(
            "revoke_idle_tokens", &[("own_password", "{own}")],
            &[("guest", UNPRIVILEGED), ("sam", NO_PASSWORD)],
        ),
        row(
            "revoke_token", &[("id", "{token}"), ("own_password", "{own}")],
            &[("guest", UNPRIVILEGED), ("ada", Refusal::TokenUnknown)],
        ),
        row(
            "revoke_all_tokens", &[("own_password", "{own}")],
            &[("guest", UNPRIVILEGED), ("sam", NO_PASSWORD)],
        ),
    ]
}

/// Settings → About Me.
#[rustfmt::skip]
fn passwords() -> Vec<Row> {
    vec![
        row(
            "change_password",
            &[("form", "1"), ("current", "{own}"), ("new", NEW), ("retype", NEW)],
            &[("sam", NO_PASSWORD), ("guest", UNPRIVILEGED)],
        ),
        row(
            "change_password",
            &[("form", "1"), ("current", "not it, not it"), ("new", NEW), ("retype", NEW)],
            &[("tia", Refusal::CurrentPasswordIncorrect)],
        ),
        row(
            "set_first_password", &[("form", "1"), ("new", NEW), ("retype", NEW)],
            &[("sam", NO_PASSWORD), ("guest", UNPRIVILEGED)],
        ),
        row("judge_password", &[("new", NEW)], &[("guest", UNPRIVILEGED), ("sam", NO_PASSWORD)]),
        row("judge_password", &[("new", NEW), ("subject", "sam")], &[("tia", LOW), ("guest", LOW)]),
        row(
            "judge_password", &[("new", NEW), ("subject", "ada")],
            &[("rae", ABOVE), ("ada", no(Denied::Oneself))],
        ),
    ]
}

/// Settings → Sessions, Notices and Activity.
#[rustfmt::skip]
fn own() -> Vec<Row> {
    vec![
        row("own_sessions", &[], &[]),
        row(
            "end_session", &[("id", "{session}")],
            &[("rae", Refusal::SessionUnknown), ("ada", Refusal::SessionUnknown)],
        ),
        row("end_other_sessions", &[], &[]),
        row("set_notices", &[("form", "1")], &[]),
        row("new_calendar", &[("form", "1")], &[]),
        row("end_calendar", &[("form", "1")], &[]),
        row("own_activity", &[], &[]),
    ]
}
