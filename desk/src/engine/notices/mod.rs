//! What people are told where they look: by mail, or by the operator's webhook. They are made from
//! the audit as it happens and from tokens that end soon, wait in the store, and are taken up by
//! whoever sends them, which is the server's to do. No request waits for any of it. Tests:
//! `tests/desk/notices/`.
//!
//! | file | what |
//! |---|---|
//! | [`settings`] | what the operator decides |
//! | [`beginning`] | from where on anybody is told |
//! | [`from_audit`] | what a row of the audit tells whom |
//! | [`brought`] | what was brought with few days left |
//! | [`expiry`] | which tokens end soon, and which of those nobody uses |
//! | [`old_strings`] | whose tokens from Request Tracker end with their strings |
//! | [`making`] | makes them by itself, on one node at a time |
//! | [`happening`] | what somebody is to be told, and its notices |
//! | [`more`] | the words of what there are more of than come one by one |
//! | [`due`] | what is to be sent now, and what became of it |
//! | [`contents`] | what one says, taken apart |
//! | [`recipient`] | whether somebody is still to be told |
//! | [`choice_words`] | what a notice says of what they have chosen |
//! | [`own`] | what a person chooses, and their calendar |

pub(crate) mod beginning;
pub(crate) mod brought;
pub(crate) mod choice_words;
pub(crate) mod contents;
pub(crate) mod due;
pub(crate) mod expiry;
pub(crate) mod from_audit;
pub(crate) mod happening;
pub(crate) mod making;
pub(crate) mod more;
pub(crate) mod old_strings;
pub(crate) mod own;
pub(crate) mod recipient;
pub(crate) mod settings;
