//! SparkBot through its front door: the real binary, driven over HTTP, against
//! a sandbox. What is asserted is seen on the phone or at a webhook's receiver,
//! never only in SparkBot's own answers.

mod support;

mod after_delivery;
mod attacks;
mod auto_replies;
mod backup;
mod bad_requests;
mod campaigns;
mod catalog;
mod channels;
mod chat;
mod chats;
mod contacts;
mod deliveries;
mod documents;
mod faults;
mod files;
mod groups;
mod history;
mod kinds;
mod labels;
mod linking;
mod media;
mod meeting_links;
mod messages;
mod numbers;
mod outbound;
mod profile;
mod qr;
mod queue;
mod receivers;
mod roles;
mod sessions;
mod statuses;
mod storm;
