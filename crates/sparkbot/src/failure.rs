//! What a command answers when it can't do what was asked: a sentence that
//! says what, and one that says what to do.

use std::process::ExitCode;

use serde_json::json;

/// A command's result.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a command failed, in words for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: Option<String>,
    usage: bool,
}

impl Failure {
    /// The command was right and could not be done: exit code 1.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, usage: false }
    }

    /// The command or the configuration is wrong: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, usage: true }
    }

    /// Adds what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says what was being done when it failed.
    pub(crate) fn while_doing(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// The sentence.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub(crate) fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Tells it on stderr and gives the exit code.
    pub(crate) fn report(&self, as_json: bool) -> ExitCode {
        if as_json {
            eprintln!("{}", json!({ "error": self.message, "hint": self.hint }));
        } else {
            eprintln!("error: {}", self.message);
            if let Some(hint) = &self.hint {
                eprintln!("       {hint}");
            }
        }
        ExitCode::from(if self.usage { 2 } else { 1 })
    }
}

impl From<sparkbot_store::StoreError> for Failure {
    fn from(error: sparkbot_store::StoreError) -> Self {
        let failure = Self::new(error.to_string());
        match error {
            sparkbot_store::StoreError::Seal(_) => {
                failure.hint("Use the master key that this data was written with; `sparkbot doctor` shows which file is read.")
            }
            sparkbot_store::StoreError::Database(_) | sparkbot_store::StoreError::Unavailable(_) => {
                failure.hint("Check `database.url`, that the database runs, and that its folder can be written; `sparkbot doctor` tests all three.")
            }
            _ => failure,
        }
    }
}

impl From<sparkbot_core::Error> for Failure {
    fn from(error: sparkbot_core::Error) -> Self {
        Self { message: error.message, hint: error.hint, usage: false }
    }
}
