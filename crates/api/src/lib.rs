//! The REST surface: one room per resource, under the API's own names.
//!
//! A handler extracts (`request`), calls one function of core and answers
//! (`answer`). What is true of every request and answer stands in `edge`,
//! what goes wrong in `error`, the list of all routes in `router`.

mod access;
mod answer;
mod app;
mod audit;
mod campaigns;
mod catalog;
mod channels;
mod chat;
mod departments;
mod devices;
mod edge;
mod error;
mod events;
mod examples;
mod files;
mod groups;
mod keys;
mod labels;
mod login;
mod me;
mod meeting_links;
mod messages;
mod numbers;
mod openapi;
mod pictures;
mod profile;
mod queue;
mod quick_replies;
mod request;
mod router;
mod service;
mod session;
mod statuses;
mod team;
mod webhooks;

#[cfg(test)]
mod tests;

pub use app::{ApiOptions, MetricsText};
pub use openapi::openapi;
pub use router::router;
