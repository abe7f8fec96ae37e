//! Who asks.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use sparkbot_core::actor::Deed;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::keys::Scope;
use sparkbot_core::{Caller, Kind, access as core_access, keys};

use super::Downloader;
use crate::access::{self, Need};
use crate::app::App;
use crate::error::Problem;

/// A caller proven by a key, whose key and role open this operation, and who may
/// use the number in its path. All of it is settled before anything else of the
/// request is read.
///
/// Keys are looked up at every request, so that a revoked one is dead at once.
pub(crate) struct Authorized(pub(crate) Caller);

impl FromRequestParts<App> for Authorized {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let secret = secret(&parts.headers)?;
        match keys::authenticate(&app.core, secret).await {
            Ok(caller) => {
                enter(parts, app, &caller).await?;
                Ok(Self(caller))
            }
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

/// Asks the table, and begins what the caller does.
async fn enter(parts: &mut Parts, app: &App, caller: &Caller) -> Result<(), Problem> {
    let route = parts.extensions.get::<MatchedPath>().cloned();
    let route = route.as_ref().map(MatchedPath::as_str).unwrap_or_default();
    let unknown = || Problem::internal(format!("{} {route} has no line in the table of access.rs", parts.method));
    let action = access::operation(&parts.method, route).ok_or_else(unknown)?;
    let scope = match access::need(action).ok_or_else(unknown)? {
        Need::Scope(scope) => Some(scope),
        Need::Open | Need::Key => None,
    };
    let origin = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical().to_string());
    let params = RawPathParams::from_request_parts(parts, app).await.ok();
    let named = |wanted: bool| {
        let found = params.iter().flatten().filter(|(name, _)| (*name == "device") == wanted).last();
        found.map(|(name, id)| (name.trim_end_matches("Id").to_owned(), id.to_owned()))
    };
    // An id of the wrong form is for the handler to refuse, with its words.
    let number: Option<DeviceId> = named(true).and_then(|(_, id)| id.parse().ok());
    let deed = Deed {
        action: action.to_owned(),
        changes: scope.is_some_and(Scope::changes),
        device: number.as_ref().map(ToString::to_string),
        object: named(false).or_else(|| named(true)),
        origin,
        at: app.core.now(),
    };
    Ok(core_access::enter(&app.core, caller, scope, number.as_ref(), deed).await?)
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
