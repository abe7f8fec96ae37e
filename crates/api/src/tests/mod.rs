//! Tests of the surface that need no WhatsApp.

mod access;
mod assignment;
mod auto_replies;
mod bodies;
mod chat;
mod contacts;
mod document;
mod file_filters;
mod files;
mod fuzz;
mod keys;
mod limits;
mod linking;
mod paths;
mod retention;
mod service;
mod support;
mod team;
mod tenants;
mod whatsapp;
