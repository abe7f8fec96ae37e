//! Numbers linked to a sandbox of their own, over the real wire: what a person
//! with a phone sees, and what core is told.

mod changes;
mod channels;
mod crash;
mod endings;
mod groups;
mod large;
mod linking;
mod media;
mod menus;
mod messaging;
mod observer;
mod phones;
mod place;
mod places;
mod polls;
mod texts;
mod worker;
