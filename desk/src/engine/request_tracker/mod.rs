//! What comes from Request Tracker: people, auth tokens whose old strings go on working, and local
//! passwords.
//!
//! | file | what |
//! |---|---|
//! | [`hashes`] | the forms in which Request Tracker keeps secrets: pure |
//! | [`old_string`] | the string of one of its tokens |
//! | [`flights`] | old strings that are looked at: each once, on threads of their own |
//! | [`fair_line`] | a line in which networks take turns |
//! | [`moving`] | which token an old string is of |
//! | [`plan`] | what an import does, as a pure function |
//! | [`import`] | the import itself |
//! | [`standing`] | how far Request Tracker has moved in |
//!
//! What the operator's program hands over, and is answered, stands in `request_tracker.rs` beside
//! the engine. Passwords that came with an import: `passwords/imported.rs`. Tests: here, and
//! `desk/tests/desk/request_tracker/`.

pub(crate) mod fair_line;
pub(crate) mod flights;
pub(crate) mod hashes;
pub(crate) mod import;
pub(crate) mod moving;
pub(crate) mod old_string;
pub(crate) mod plan;
pub(crate) mod standing;
