//! What the server says when it is ready: where it is, the first key, and the
//! next commands, ready to paste.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::json;
use sparkbot_core::keys::NewKey;

use super::network::Joined;
use crate::cli::ServeArgs;
use crate::config::Config;
use crate::failure::Result;
use crate::{master_key, terminal};

/// Everything there is to say.
pub(super) struct Announcement<'a> {
    pub(super) config: &'a Config,
    pub(super) args: &'a ServeArgs,
    pub(super) local: SocketAddr,
    pub(super) first_key: Option<&'a NewKey>,
    pub(super) joined: &'a Joined,
}

impl Announcement<'_> {
    /// Writes the key file, if one is wanted, and says it.
    ///
    /// # Errors
    /// When the key file can't be written.
    pub(super) fn make(&self, as_json: bool) -> Result<()> {
        let sandbox_file = self.joined.is_sandbox().then(|| self.config.sandbox_key_file());
        if let Some(key) = self.first_key {
            for file in [sandbox_file.as_deref(), self.args.key_file.as_deref()].into_iter().flatten() {
                master_key::write_secret(file, &key.secret)?;
            }
        }
        if as_json {
            self.as_json();
        } else {
            let file = self.args.key_file.clone().or(sandbox_file).filter(|file| file.exists());
            self.as_text(file.as_deref());
        }
        Ok(())
    }

    fn api(&self) -> String {
        // Bound to every address, it is reached on this machine by loopback.
        let mut at = self.local;
        if at.ip().is_unspecified() {
            at.set_ip(if at.is_ipv4() {
                std::net::Ipv4Addr::LOCALHOST.into()
            } else {
                std::net::Ipv6Addr::LOCALHOST.into()
            });
        }
        format!("http://{at}")
    }

    fn as_json(&self) {
        let mut line = json!({ "api": self.api(), "version": env!("CARGO_PKG_VERSION") });
        if let Some(map) = line.as_object_mut() {
            if let Some(key) = self.first_key {
                map.insert("key".to_owned(), json!(key.secret));
            }
            if let Some(sandbox) = &self.joined.sandbox {
                map.insert("sandbox".to_owned(), json!({ "control": sandbox.control, "socket": sandbox.socket }));
            }
        }
        terminal::json(&line);
    }

    fn as_text(&self, key_file: Option<&Path>) {
        let api = self.api();
        let mut text = format!(
            "\nSparkBot {} is ready.\n\n  API       {api}\n  Docs      {api}/docs\n",
            env!("CARGO_PKG_VERSION")
        );
        if let Some(sandbox) = &self.joined.sandbox {
            text +=
                &format!("  Sandbox   {}  (a WhatsApp of its own on loopback; no real messages)\n", sandbox.control);
            text += "  Phones    +16001234560 (Ana), +16001234561 (Ben); `sandbox phone create` makes more\n";
        }
        text += &format!("  Data      {}\n", self.config.data_dir.display());
        if let Some(key) = self.first_key {
            text += &format!("\n  Admin API key, shown only this once:\n\n    {}\n", key.secret);
        }
        if let Some(file) = key_file {
            text += &format!("\n  The key is in {}, readable by you only.\n", file.display());
        }
        text += "\nNext, in another terminal:\n\n";
        text += &self.next_commands(&api, key_file);
        text += "\nStop with Ctrl+C.";
        terminal::line(text);
    }

    /// A device, a code, a phone that types it, a message.
    fn next_commands(&self, api: &str, key_file: Option<&Path>) -> String {
        let key = match key_file {
            Some(file) => format!("$(cat {})", file.display()),
            None => "…                # the admin key; a lost one is replaced with: sparkbot key create --name admin"
                .to_owned(),
        };
        let mut lines = vec![
            format!("API={api}"),
            format!("KEY={key}"),
            "ID=$(curl -s -X POST $API/v1/devices -H \"Token: $KEY\" -H 'Content-Type: application/json' \\".to_owned(),
            "     -d '{\"alias\":\"Support\"}' | sed 's/^{\"id\":\"\\([0-9a-f]*\\)\".*/\\1/'); echo $ID".to_owned(),
        ];
        let phone = if self.joined.is_sandbox() { "+16001234560" } else { "+…your number…" };
        let to = if self.joined.is_sandbox() { "+16001234561" } else { "+…" };
        lines.push(
            "curl -s -X POST $API/v1/devices/$ID/authcode -H \"Token: $KEY\" -H 'Content-Type: application/json' \\"
                .to_owned(),
        );
        lines.push(format!("     -d '{{\"phone\":\"{phone}\"}}'"));
        match &self.joined.sandbox {
            Some(sandbox) => {
                let program = program();
                let control = if sandbox.control.ends_with("127.0.0.1:7710") {
                    String::new()
                } else {
                    format!(" --control {}", sandbox.control)
                };
                lines.push(format!(
                    "{program} sandbox phone link {phone} ABCD-EFGH{control}     # the code from the answer"
                ));
            }
            None => lines
                .push("# type the code on the phone: WhatsApp → Linked devices → Link with phone number".to_owned()),
        }
        lines.push(
            "curl -s -X POST $API/v1/messages -H \"Token: $KEY\" -H 'Content-Type: application/json' \\".to_owned(),
        );
        lines.push(format!("     -d '{{\"device\":\"'$ID'\",\"phone\":\"{to}\",\"message\":\"hello\"}}'"));
        if let Some(sandbox) = &self.joined.sandbox {
            let control = if sandbox.control.ends_with("127.0.0.1:7710") {
                String::new()
            } else {
                format!(" --control {}", sandbox.control)
            };
            lines.push(format!("{} sandbox phone inbox {to}{control}", program()));
        }
        lines.iter().map(|line| format!("  {line}\n")).collect()
    }
}

/// How this program was called, so that the commands can be pasted.
fn program() -> String {
    std::env::args().next().filter(|name| !name.is_empty()).unwrap_or_else(|| "sparkbot".to_owned())
}
