//! Tests of the surface that need no WhatsApp.

mod access;
mod bodies;
mod chat;
mod document;
mod files;
mod keys;
mod paths;
mod service;
mod support;
mod whatsapp;
