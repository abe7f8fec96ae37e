//! WhatsApp and the clock.

use std::time::Duration;

use sparkbot_core::clock::{Clock, SystemClock, iso};

use super::Check;

const WHATSAPP: &str = "https://web.whatsapp.com/";
const CLOCK: &str = "clock";
/// More than this, and link codes and signatures begin to fail.
const ODD_MS: u64 = 30_000;
const WRONG_MS: u64 = 300_000;
/// When this program was built, seconds since the epoch.
const BUILT_AT: &str = env!("BUILT_AT_SECONDS");

/// Reaches WhatsApp over TCP and TLS, and compares the clocks on the way.
pub(super) async fn check() -> Vec<Check> {
    let mut checks = vec![sane()];
    if cfg!(feature = "sandbox") {
        checks.push(Check::ok("WhatsApp", "not asked: this build talks to loopback only"));
        return checks;
    }
    let client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(8))
        .redirect(reqwest::redirect::Policy::none())
        .build();
    let answer = match client {
        Ok(client) => client.head(WHATSAPP).send().await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) => {
            checks.push(Check::ok("WhatsApp", "web.whatsapp.com:443 answers over TLS"));
            let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
            if let Some(date) = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok()) {
                checks.push(offset("WhatsApp", date.timestamp().as_millisecond()));
            }
        }
        Err(error) => {
            let mut cause: &dyn std::error::Error = &error;
            while let Some(inner) = cause.source() {
                cause = inner;
            }
            checks.push(Check::warn(
                "WhatsApp",
                format!("web.whatsapp.com:443 can't be reached: {cause}"),
                "Numbers stay offline until it can: let outgoing TCP to port 443 and DNS through. Nothing queued is lost meanwhile.",
            ));
        }
    }
    checks
}

/// Whether the clock is at least not before the build.
fn sane() -> Check {
    let now = SystemClock.now();
    let built = BUILT_AT.parse::<i64>().unwrap_or(0).saturating_mul(1000);
    // Ten years on, either the clock or the program is too old.
    let late = built + 10 * 366 * 86_400_000;
    if now + 86_400_000 < built || now > late {
        return Check::fail(
            CLOCK,
            format!("says {}, and this program was built {}", iso(now), iso(built)),
            "Set the clock: timedatectl set-ntp true",
        );
    }
    Check::ok(CLOCK, format!("says {}", iso(now)))
}

/// How far the machine's clock is from another's, milliseconds since the epoch.
pub(super) fn offset(whose: &str, theirs: i64) -> Check {
    judge(whose, SystemClock.now() - theirs)
}

fn judge(whose: &str, ours_minus_theirs: i64) -> Check {
    let by = ours_minus_theirs.unsigned_abs();
    let found = format!(
        "{:.0} s {} that of {whose}",
        by as f64 / 1000.0,
        if ours_minus_theirs < 0 { "behind" } else { "ahead of" }
    );
    let advice = "Set the clock: timedatectl set-ntp true";
    if by > WRONG_MS {
        Check::fail(CLOCK, found, advice)
    } else if by > ODD_MS {
        Check::warn(CLOCK, found, advice)
    } else {
        Check::ok(CLOCK, format!("agrees with that of {whose}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::judge;

    #[test]
    fn a_clock_is_judged_by_its_offset() {
        assert_eq!(judge("x", -2_000).verdict, Verdict::Ok);
        assert_eq!(judge("x", 45_000).verdict, Verdict::Warn);
        let wrong = judge("x", -600_000);
        assert_eq!(wrong.verdict, Verdict::Fail);
        assert!(wrong.found.contains("600 s behind that of x"), "{}", wrong.found);
    }
}
