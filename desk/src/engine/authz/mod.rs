//! Who may: the gates that make permits ([`permit`]) by the rules ([`crate::rules`]).
//!
//! | file | what |
//! |---|---|
//! | [`authorise`] | the gates: a person in a session, and what the rules let them do |
//! | [`console`] | the doors of the command line: the operator's, and a person's (`--as NETID`) |
//! | [`sender`] | whose form it is, and whether it was done already |
//! | [`under_way`] | the same form sent again meanwhile waits |
//! | [`permit`] | the proof that a change takes, by the type of its right |

pub(crate) mod authorise;
pub(crate) mod console;
pub(crate) mod permit;
pub(crate) mod sender;
pub(crate) mod under_way;
