//! Passwords: Argon2id, beside the server's own threads, few at once.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// KiB of memory for one hash: with two rounds the least that OWASP's cheat
/// sheet for password storage recommends for Argon2id.
const MEMORY: u32 = 19 * 1024;
/// Rounds.
const ROUNDS: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// Hashes at once: each takes memory and a core for tens of milliseconds.
const AT_ONCE: usize = 2;
/// Characters of a password.
const SHORTEST: usize = 8;
const LONGEST: usize = 128;

/// Hashes and compares passwords.
#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Passwords {
    /// The hash to keep, in PHC form, with a salt of its own.
    pub(super) async fn hash(&self, password: String) -> Result<String> {
        self.run(move || {
            let hash: PasswordHash = argon()?.hash_password(password.as_bytes()).map_err(Error::internal)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether it is the password of this hash. Without a hash it takes as long
    /// and says no, so that the time does not tell who exists.
    pub(super) async fn is(&self, password: String, hash: Option<String>) -> Result<bool> {
        let Some(hash) = hash else {
            self.hash(password).await?;
            return Ok(false);
        };
        self.run(move || {
            let hash = PasswordHash::new(&hash).map_err(Error::internal)?;
            Ok(argon()?.verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await
    }

    async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        let place = self.places.clone().acquire_owned().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        })
        .await
        .map_err(Error::internal)?
    }
}

fn argon() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY, ROUNDS, LANES, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Refuses what is no password. The sentence never repeats it.
pub(super) fn check(password: &str, email: Option<&str>) -> Result<()> {
    let length = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(Error::invalid(
            "team:password",
            format!("The password has {length} characters; {SHORTEST} to {LONGEST} are possible."),
        ));
    }
    if email.is_some_and(|email| password.to_lowercase() == email) {
        return Err(Error::invalid("team:password", "The password is the email, which everybody would try first."));
    }
    let first = password.chars().next();
    if password.chars().all(|c| Some(c) == first) {
        return Err(Error::invalid("team:password", "The password is one character again and again."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Passwords, check};

    #[tokio::test]
    async fn a_hash_knows_its_password_and_no_other() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".to_owned()).await.expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("correct horse".to_owned()).await.expect("a hash"), "salted");
        assert!(passwords.is("correct horse".to_owned(), Some(hash.clone())).await.expect("an answer"));
        assert!(!passwords.is("correct house".to_owned(), Some(hash)).await.expect("an answer"));
        assert!(!passwords.is("correct horse".to_owned(), None).await.expect("an answer"));
    }

    #[test]
    fn what_everybody_tries_first_is_no_password() {
        assert!(check("correct horse", Some("ada@example.com")).is_ok());
        for bad in ["short", "aaaaaaaaaa", "Ada@Example.com", &"x1".repeat(65)] {
            let error = check(bad, Some("ada@example.com")).expect_err(bad);
            assert_eq!(error.code, "team:password");
            assert!(!error.message.contains(bad));
        }
    }
}
