//! Tells the program when it was built, so that `sparkbot doctor` can find a
//! clock that is wrong by years.

use std::time::{SystemTime, UNIX_EPOCH};

#[expect(clippy::disallowed_methods, reason = "the time of the build is what is asked for")]
fn main() {
    // Reproducible builds name their own date.
    let given = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse::<u64>().ok());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    println!("cargo::rustc-env=BUILT_AT_SECONDS={}", given.unwrap_or(now));
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo::rerun-if-changed=Cargo.toml");
}
