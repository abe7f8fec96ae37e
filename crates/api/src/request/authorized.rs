//! Who asks.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use sparkbot_core::{Caller, Kind, keys};

use super::Downloader;
use crate::app::App;
use crate::error::Problem;

/// A caller proven by a key; what the key may do is core's to check.
///
/// Keys are looked up at every request, so that a revoked one is dead at once.
pub(crate) struct Authorized(pub(crate) Caller);

impl FromRequestParts<App> for Authorized {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let secret = secret(&parts.headers)?;
        match keys::authenticate(&app.core, secret).await {
            Ok(caller) => Ok(Self(caller)),
            Err(error) if error.kind == Kind::Unauthorized => {
                let from = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
                match app.guesses.wrong(from, app.core.now()) {
                    None => Err(error.into()),
                    Some(wait) => Err(Problem::new(
                        StatusCode::TOO_MANY_REQUESTS,
                        "auth:too_many",
                        "Too many wrong API keys came from this address within a minute.",
                    )
                    .hint("Correct the key, wait the seconds in the header 'Retry-After', and try again.")
                    .after(wait)),
                }
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// The key as sent: `Token: <key>`, `Authorization: Bearer <key>` or
/// `Authorization: <key>`.
fn secret(headers: &HeaderMap) -> Result<&str, Problem> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default().trim());
    if let Some(token) = text("token").filter(|token| !token.is_empty()) {
        return Ok(token);
    }
    let sent = text(header::AUTHORIZATION.as_str()).unwrap_or_default();
    let bare = if sent.eq_ignore_ascii_case("bearer") { ("bearer", "") } else { ("", sent) };
    let (scheme, rest) = sent.split_once(' ').unwrap_or(bare);
    let secret = rest.trim();
    if secret.is_empty() {
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "auth:missing",
            "This call needs an API key, but none came.",
        ));
    }
    if scheme.is_empty() {
        return Ok(secret);
    }
    if scheme.eq_ignore_ascii_case("bearer") {
        // Hosted n8n puts its own name before the key.
        return Ok(secret.rsplit('_').next().unwrap_or(secret));
    }
    Err(Problem::new(
        StatusCode::UNAUTHORIZED,
        "auth:scheme",
        "The header 'Authorization' must be 'Bearer <key>' or the key alone.",
    ))
}

/// Handlers whose first argument is [`Authorized`], or [`Downloader`] where a
/// link does in its place, told by the type of their arguments: what
/// `with_key!` takes.
pub(crate) trait StartsWithAuthorized {}

macro_rules! starts_with_authorized {
    ($($argument:ident)*) => {
        impl<M $(, $argument)*> StartsWithAuthorized for (M, Authorized, $($argument,)*) {}
        impl<M, F $(, $argument)*> StartsWithAuthorized for (M, Downloader<F>, $($argument,)*) {}
    };
}

starts_with_authorized!();
starts_with_authorized!(A);
starts_with_authorized!(A B);
starts_with_authorized!(A B C);
starts_with_authorized!(A B C D);
starts_with_authorized!(A B C D E);

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::secret;

    fn read(headers: &[(&'static str, &'static str)]) -> Result<String, String> {
        let map: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)))
            .collect();
        secret(&map).map(str::to_owned).map_err(|problem| problem.code().to_owned())
    }

    #[test]
    fn a_key_comes_in_three_ways() {
        for headers in [
            &[("token", "abc")][..],
            &[("authorization", "Bearer abc")],
            &[("authorization", "bearer  abc ")],
            &[("authorization", "abc")],
            &[("authorization", "Bearer cloud_abc")],
            &[("token", "abc"), ("authorization", "Bearer other")],
        ] {
            assert_eq!(read(headers), Ok("abc".to_owned()), "{headers:?}");
        }
        assert_eq!(read(&[]), Err("auth:missing".to_owned()));
        assert_eq!(read(&[("authorization", "Bearer ")]), Err("auth:missing".to_owned()));
        assert_eq!(read(&[("authorization", "Basic abc")]), Err("auth:scheme".to_owned()));
    }
}
