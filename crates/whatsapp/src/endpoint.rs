//! Which servers a build may talk to.

use std::net::IpAddr;

use url::{Host, Url};

/// Hosts that a production build fetches from and uploads to, with everything
/// below them. Addresses of media come from messages, so without this list a
/// stranger's message could point the server at any address.
const WHATSAPP: [&str; 3] = ["whatsapp.net", "whatsapp.com", "fbcdn.net"];

/// Whether the host is an address of this machine's loopback. Names are not:
/// they mean whatever a resolver says.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        Some(Host::Domain(_)) | None => false,
    }
}

/// Whether the URL is WhatsApp's, over TLS.
pub(crate) fn is_whatsapp(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else {
        return false;
    };
    url.scheme() == "https"
        && url.port().is_none()
        && WHATSAPP
            .iter()
            .any(|ours| host.strip_suffix(ours).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}
