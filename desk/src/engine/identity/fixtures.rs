//! People for the tables of tests beside this file.

use crate::engine::identity::decision::{DirectoryUse, ProvisionRules};
use crate::engine::identity::directory::ExternalIdentity;
use crate::engine::identity::groups::GroupRules;
use crate::engine::identity::reserved::ReservedNames;
use crate::store::rows::User;
use crate::{LocalPassword, LocalState, NameParts, NetId, Person, Role, Source};

pub(crate) fn netid(text: &str) -> NetId {
    NetId::parse(text).expect("a NetID")
}

/// Somebody enabled and privileged of the campus directory.
pub(crate) fn user(name: &str) -> User {
    User {
        person: Person {
            netid: netid(name),
            role: Role::Staff,
            privileged: true,
            disabled: false,
            local: LocalState::None,
        },
        name: name.to_owned(),
        name_parts: NameParts::default(),
        email: String::new(),
        source: Source::Ldap,
        rev: 0,
        local: LocalPassword {
            state: LocalState::None,
            set_at: None,
            set_by: String::new(),
            lapses_at: None,
        },
        local_hash: None,
        netid_hash: None,
        departed_at: None,
        departed_by: Vec::new(),
        revocation_pending: false,
        external_id: None,
        pushed_groups: None,
        device_epoch: 0,
        subject: None,
        directory_id: None,
        linked: false,
        last_log_in: None,
        former: None,
        created: 0,
    }
}

/// Who disabled somebody.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DisabledBy {
    Nobody,
    Administrator,
    /// These, by saying that they no longer have them.
    Sources(&'static [Source]),
    /// An administrator had, before these no longer had them.
    AdministratorBefore(&'static [Source]),
}

/// The same person, disabled.
pub(crate) fn disabled(mut user: User, by: DisabledBy) -> User {
    let codes =
        |sources: &[Source]| sources.iter().map(|source| source.code().to_owned()).collect();
    user.person.disabled = !matches!(by, DisabledBy::Nobody);
    match by {
        DisabledBy::Nobody | DisabledBy::Administrator => {}
        DisabledBy::Sources(sources) => {
            (user.departed_at, user.departed_by) = (Some(1), codes(sources));
        }
        DisabledBy::AdministratorBefore(sources) => user.departed_by = codes(sources),
    }
    user
}

/// What is said of somebody: the name as it is known, no address, and these groups; none: not said.
pub(crate) fn says(name: &str, groups: Option<&[&str]>) -> ExternalIdentity {
    let groups = groups.map(|groups| groups.iter().map(|group| (*group).to_owned()).collect());
    ExternalIdentity {
        netid: name.to_owned(),
        name: Some(name.to_owned()),
        email: None,
        groups,
        id: None,
    }
}

/// Of all names root alone is reserved.
fn only_root() -> &'static ReservedNames {
    static NAMES: std::sync::LazyLock<ReservedNames> =
        std::sync::LazyLock::new(|| ReservedNames::parse(&["root".to_owned()]).expect("NetIDs"));
    &NAMES
}

/// With these groups, for who is also pushed.
pub(crate) fn rules(groups: &GroupRules, directory: DirectoryUse) -> ProvisionRules<'_> {
    ProvisionRules { groups, directory, is_pushed_to: true, reserved: only_root() }
}

/// Groups for each thing that they may give.
pub(crate) fn group_rules() -> GroupRules {
    GroupRules {
        help_desk: vec!["help-desk".to_owned()],
        admin: vec!["admins".to_owned()],
        privileged: vec!["desk".to_owned()],
        ..GroupRules::default()
    }
}
