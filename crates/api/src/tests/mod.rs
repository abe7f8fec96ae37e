//! Tests of the surface that need no WhatsApp.

mod document;
