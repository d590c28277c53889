//! The demo accounts: only in a demo's store, which holds nobody else. Tests:
//! `desk/tests/desk/demo.rs`.

use crate::engine::accounts::import::ImportError;
use crate::engine::accounts::import_plan::ImportUser;
use crate::engine::audit::entry::entry;
use crate::engine::doors::Console;
use crate::engine::origin::Origin;
use crate::engine::secret::Secret;
use crate::store::demo::{DemoPassword, load_demo};
use crate::store::password_hash::PasswordHash;
use crate::{Actor, AuditAction, NetId, Refusal, Role};

/// A demo account, as the README lists them. Its passwords are public: only `serve --demo` makes
/// it, in a store of the demo's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoAccount {
    /// NetID.
    pub netid: &'static str,
    /// Full name.
    pub name: &'static str,
    /// The role that it is made with.
    pub role: Role,
    /// May have a local password and tokens.
    pub privileged: bool,
    /// May do nothing.
    pub disabled: bool,
    /// NetID password.
    pub netid_password: &'static str,
    /// Local password, if there is one.
    pub local_password: Option<&'static str>,
    /// What this account is there to show.
    pub note: &'static str,
}

const fn account(
    netid: &'static str,
    name: &'static str,
    role: Role,
    netid_password: &'static str,
    local_password: Option<&'static str>,
    note: &'static str,
) -> DemoAccount {
    DemoAccount {
        netid,
        name,
        role,
        privileged: true,
        disabled: false,
        netid_password,
        local_password,
        note,
    }
}

/// All of them: whoever is not privileged, or disabled, comes last.
pub const DEMO: &[DemoAccount] = &[
    account(
        "sam",
        "Sam Sample",
        Role::Staff,
        "sam-netid-password",
        None,
        "Staff, no local password yet",
    ),
    account(
        "tia",
        "Tia Token",
        Role::Staff,
        "tia-netid-password",
        Some("tia-local-password"),
        "Staff",
    ),
    account(
        "rae",
        "Rae Representative",
        Role::Rep,
        "rae-netid-password",
        Some("rae-local-password"),
        "Campus Services rep",
    ),
    account(
        "helen",
        "Helen Helpdesk",
        Role::HelpDesk,
        "helen-netid-password",
        Some("helen-local-password"),
        "Help Desk",
    ),
    account(
        "ada",
        "Ada Admin",
        Role::Admin,
        "ada-netid-password",
        Some("ada-local-password"),
        "Administrator",
    ),
    DemoAccount {
        privileged: false,
        ..account(
            "guest",
            "Guest Visitor",
            Role::Staff,
            "guest-netid-password",
            None,
            "Not privileged",
        )
    },
    DemoAccount {
        disabled: true,
        ..account(
            "dave",
            "Dave Departed",
            Role::Staff,
            "dave-netid-password",
            None,
            "Disabled: cannot log in",
        )
    },
];

/// Why the demo is not loaded.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The store is not a demo's.
    #[error("the store is not a demo's")]
    NotDemo,
    /// The store holds real people.
    #[error(
        "in this demo's store there are people who are not the demo's, whose accounts are open to \
         everybody who knows its passwords. Bring them into a store that never was a demo's with \
         `latchkey user import FILE`, and give the demo another: --store rocksdb://demo-data"
    )]
    NotEmpty,
    /// Loading a campus into it was broken off.
    #[error(
        "this store was being filled with a campus for trying out, and that was broken off. Delete \
         it, and begin anew"
    )]
    HalfLoaded,
    /// The store cannot be asked or written.
    #[error("the demo accounts could not be made: {0}")]
    Refused(#[from] Refusal),
}

impl Console {
    /// Makes the demo accounts in a demo's store; one that holds them already is left as it is.
    ///
    /// # Errors
    /// [`DemoError`].
    pub async fn load_demo(&self) -> Result<(), DemoError> {
        let store = &self.inner.store;
        if !self.settings().demo {
            return Err(DemoError::NotDemo);
        }
        match store.campus().await.map_err(Refusal::from)? {
            Some(campus) if campus.is_whole => return Ok(()),
            Some(_) => return Err(DemoError::HalfLoaded),
            None => {}
        }
        // One more than there are of the demo's: among so many is somebody else.
        let most = u32::try_from(DEMO.len() + 1).unwrap_or(u32::MAX);
        let is_ours = |netid: &str| DEMO.iter().any(|demo| demo.netid == netid);
        if self.list_users("", most).await?.iter().any(|user| !is_ours(&user.netid)) {
            return Err(DemoError::NotEmpty);
        }
        if store.has_demo_accounts().await.map_err(Refusal::from)? {
            return Ok(());
        }
        let users = DEMO.iter().map(|demo| {
            Ok(ImportUser {
                netid: NetId::parse(demo.netid)?,
                name: Some(demo.name.to_owned()),
                email: Some(format!("{}@example.edu", demo.netid)),
                role: Some(demo.role),
                privileged: Some(demo.privileged),
                disabled: Some(demo.disabled),
                password: Some(Secret::new(demo.netid_password.to_owned())),
            })
        });
        self.import_users(&users.collect::<Result<Vec<_>, Refusal>>()?).await.map_err(|error| {
            match error {
                ImportError::Refused(refusal) => refusal,
                // Every demo account has a name.
                ImportError::OfPeople { refused, .. } => {
                    refused.into_iter().next().map_or(Refusal::Unreadable, |(_, refusal)| refusal)
                }
            }
        })?;
        let mut passwords = Vec::new();
        for demo in DEMO {
            if let Some(password) = demo.local_password {
                let hash = self.inner.hasher.hash(&Secret::new(password.to_owned())).await?;
                passwords.push(DemoPassword {
                    netid: demo.netid.to_owned(),
                    hash: PasswordHash::new(hash),
                    name: demo.name.to_owned(),
                });
            }
        }
        let entry = entry(Actor::Console, "", AuditAction::DemoLoad, &Origin::console());
        let entry = entry.detailed("demo accounts, with passwords known to everybody");
        store
            .commit(load_demo(passwords, self.now()).audited(entry), self.now())
            .await
            .map_err(Refusal::from)?;
        Ok(())
    }
}
