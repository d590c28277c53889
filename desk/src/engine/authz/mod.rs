//! Who may: the gates that make permits ([`permit`]) by the rules ([`crate::rules`]).
//!
//! | file | what |
//! |---|---|
//! | [`authorise`] | the gates: a person in a session, and what the rules let them do |
//! | [`console`] | the doors of the command line: the operator's, and a person's (`--as NETID`) |
//! | [`permit`] | the proof that a change takes, by the type of its right |

pub(crate) mod authorise;
pub(crate) mod console;
pub(crate) mod permit;
