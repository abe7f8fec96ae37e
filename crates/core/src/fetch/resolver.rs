//! Names to addresses, without the forbidden ones.
//!
//! The connection goes to exactly the addresses that passed here, so a name
//! that answers differently the second time gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::LookupIpStrategy;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::{Guard, is_localhost};

/// Every address of a host is forbidden.
#[derive(Debug, thiserror::Error)]
#[error("the host leads to an address that is not allowed")]
pub(super) struct Forbidden;

/// A host has no address.
#[derive(Debug, thiserror::Error)]
#[error("the host has no address: {0}")]
pub(super) struct Unknown(String);

/// Resolves names for the client.
pub(super) struct Resolver {
    guard: Arc<Guard>,
    names: Option<TokioResolver>,
}

impl Resolver {
    /// Asks the name servers of the machine.
    pub(super) fn new(guard: Arc<Guard>) -> Self {
        let names = TokioResolver::builder_tokio().and_then(|mut builder| {
            let options = builder.options_mut();
            options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
            options.timeout = Duration::from_secs(3);
            builder.build()
        });
        let names = names
            .inspect_err(|error| tracing::info!(error = %error, "no name servers are configured; names are resolved by the system"))
            .ok();
        Self { guard, names }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, names, host) = (self.guard.clone(), self.names.clone(), name.as_str().to_owned());
        Box::pin(async move {
            let found = if is_localhost(&host) {
                vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]
            } else {
                look_up(names.as_ref(), &host).await?
            };
            let allowed: Vec<_> =
                found.into_iter().filter(|ip| guard.allows(*ip)).map(|ip| SocketAddr::new(ip, 0)).collect();
            if allowed.is_empty() {
                return Err(Forbidden.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

async fn look_up(names: Option<&TokioResolver>, host: &str) -> Result<Vec<IpAddr>, Unknown> {
    let unknown = |error: &dyn std::fmt::Display| Unknown(error.to_string());
    let found: Vec<_> = match names {
        Some(names) => names.lookup_ip(host).await.map_err(|error| unknown(&error))?.iter().collect(),
        None => tokio::net::lookup_host((host, 0)).await.map_err(|error| unknown(&error))?.map(|a| a.ip()).collect(),
    };
    if found.is_empty() { Err(unknown(&"none is known")) } else { Ok(found) }
}
