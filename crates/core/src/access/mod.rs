//! Who may do what: one table of scopes and roles ([`Scope`]), the caller that
//! it is asked for ([`Caller`]), and which chats an agent sees ([`Sight`]).
//!
//! Three questions are asked of everybody, each in one place:
//!
//! * *May this key and this role do that at all?* [`Caller::need`], by the table.
//! * *May they use this number?* Where numbers are loaded
//!   (`sparkbot_store::rows::Account::device`): `device:notfound` for a number of
//!   another account, `device:forbidden` for one without access. A request that
//!   concerns several numbers narrows its filter with [`Caller::numbers_of`].
//! * *Do they see this chat?* [`Caller::sight`], which queries apply.

mod caller;
mod scope;

pub use caller::{Caller, enter};
pub use scope::{Reach, Role, Scope};
pub use sparkbot_store::actor::Numbers;
pub use sparkbot_store::rows::Sight;
