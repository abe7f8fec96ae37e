//! Tests of the surface that need no WhatsApp.

mod bodies;
mod chat;
mod document;
mod files;
mod keys;
mod paths;
mod service;
mod support;
mod whatsapp;
