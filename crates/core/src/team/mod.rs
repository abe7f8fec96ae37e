//! The people who answer: members of the team, the numbers they may use, how
//! they get in, and whether they are there.
//!
//! Who may manage whom: administrators everybody; supervisors the agents all of
//! whose numbers are theirs as well ([`manage`]).

mod access;
mod availability;
mod find;
mod handover;
mod hours;
mod invitation;
mod login;
mod manage;
mod password;
mod remove;
mod show;

pub use access::{agents_of_number, grant, list_of_number, revoke};
pub use availability::{AVAILABILITY_MODES, AvailabilityChange, set_availability, state_of};
pub use find::{able, agent};
pub use handover::Handover;
pub(crate) use handover::{Held, hand_over};
pub use hours::OperativeHours;
pub use invitation::accept;
pub use login::{LoggedIn, log_in, log_out};
pub use manage::{COLORS, MemberChanges, NewMember, create, list, update};
pub(crate) use password::Passwords;
pub use remove::{Removal, Removed, remove};
pub use show::{Availability, Invitation, Member, MemberSettings};
pub use sparkbot_store::rows::UserFilter;
