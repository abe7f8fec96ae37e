//! Numbers linked to a sandbox of their own, over the real wire: what a person
//! with a phone sees, and what core is told.

mod crash;
mod endings;
mod linking;
mod messaging;
mod observer;
mod place;
