//! Tests of the rules, without sockets: stanzas in, stanzas out.

mod app_state;
mod backlog;
mod business;
mod channels;
mod devices;
mod faults;
mod fuzz;
mod groups;
mod history;
mod keys;
mod kinds;
mod linking;
mod media_host;
mod messages;
mod people;
mod robustness;
mod sealed;
mod seed_data;
mod settings;
mod sockets;
