//! Admin → Tokens: everybody's tokens, and why each is worth a look.

mod page;

pub use page::Review;
