//! What people fill in, with all that a test does not care about filled in already.

use desk::{
    Access, AccountChange, Changed, Description, Expires, Networks, NewToken, PasswordChange,
    Permit, Role, TokenEdit, VerifyRequest, right,
};

use crate::secret;

/// A token that may do everything, from everywhere, for ever.
pub fn new_token(description: &str) -> NewToken {
    NewToken {
        description: Description::parse(description).unwrap(),
        access: Access::Full,
        networks: Networks::default(),
        expires: Expires::Never,
    }
}

/// An edit by which a token is for this, from everywhere and for ever, whatever was seen of it.
pub fn token_edit(description: &str) -> TokenEdit {
    TokenEdit {
        description: Description::parse(description).unwrap(),
        networks: Networks::default(),
        expires: Expires::Never,
        seen: None,
    }
}

/// The change of one's own local password.
pub fn password_change(current: &str, new: &str, retype: &str) -> PasswordChange {
    PasswordChange { current: secret(current), new: secret(new), retype: secret(retype) }
}

/// Another role, for whoever the permit is about.
pub fn role(permit: &Permit<right::SetRole>, from: Role, to: Role) -> AccountChange {
    AccountChange {
        role: Some(Changed { permit: permit.clone(), from, to }),
        ..AccountChange::default()
    }
}

/// Gives the privilege, or takes it.
pub fn privileged(permit: &Permit<right::SetPrivileged>, to: bool) -> AccountChange {
    AccountChange {
        privileged: Some(Changed { permit: permit.clone(), from: !to, to }),
        ..AccountChange::default()
    }
}

/// Disables an account, or enables it.
pub fn disabled(permit: &Permit<right::SetDisabled>, to: bool) -> AccountChange {
    AccountChange {
        disabled: Some(Changed { permit: permit.clone(), from: !to, to }),
        ..AccountChange::default()
    }
}

/// An application's question, from where tests come from.
pub fn get() -> VerifyRequest<'static> {
    request("GET", "192.0.2.7")
}

/// The same by another method, or from elsewhere.
pub fn request(method: &'static str, address: &str) -> VerifyRequest<'static> {
    VerifyRequest { method, address: Some(address.parse().unwrap()) }
}
