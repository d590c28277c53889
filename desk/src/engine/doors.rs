//! Doors without a person behind them: the operator's command line, and the systems that say who is
//! there. What they do is on handles of their own, so that nobody's request reaches it by the way;
//! who may ask for which handle is held by `desk/tests/structure.rs`. An application's is
//! [`Desk::client`]. Tests: with each feature.

use std::marker::PhantomData;
use std::ops::Deref;

use crate::engine::desk::Desk;

/// The command line of whoever has the store in hand.
#[derive(Clone, Debug)]
pub struct Console {
    desk: Desk,
}

/// A system outside of the desk that says who is there: one of [`source`].
#[derive(Clone, Debug)]
pub struct SourceDoor<S> {
    desk: Desk,
    of: PhantomData<S>,
}

/// The systems that say who is there.
pub mod source {
    /// An identity system that pushes people (SCIM 2.0).
    #[derive(Clone, Copy, Debug)]
    pub struct Scim;
    /// The campus directory that is synchronised with.
    #[derive(Clone, Copy, Debug)]
    pub struct Directory;
    /// The OpenID provider.
    #[derive(Clone, Copy, Debug)]
    pub struct OpenId;
}

impl Desk {
    /// The operator's handle: for the command line alone, whose caller has the store in hand.
    #[must_use]
    pub fn console(&self) -> Console {
        Console { desk: self.clone() }
    }

    /// The handle of a system that says who is there: for whoever has checked that it is the one
    /// who speaks.
    #[must_use]
    pub fn source<S>(&self, _of: S) -> SourceDoor<S> {
        SourceDoor { desk: self.clone(), of: PhantomData }
    }
}

impl Deref for Console {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl<S> Deref for SourceDoor<S> {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}
