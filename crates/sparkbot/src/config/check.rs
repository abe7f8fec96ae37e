//! What the types of settings can't check.

use super::Config;
use crate::failure::{Failure, Result};

impl Config {
    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// With the setting's name.
    pub(super) fn check(&self) -> Result<()> {
        let wrong = |text: String| Err(Failure::usage(text));
        if let Some(url) = &self.database.url
            && !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme))
        {
            return wrong("database.url starts with 'sqlite:' or 'postgres://'".to_owned());
        }
        if self.node.is_empty() || self.node.len() > 60 {
            return wrong("node has 1 to 60 characters".to_owned());
        }
        if self.s3.bucket.is_some() && (self.s3.access_key.is_none() || self.s3.secret_key.is_none()) {
            return wrong("s3.access_key and s3.secret_key are needed with s3.bucket".to_owned());
        }
        if self.files.workers == 0 {
            return wrong("files.workers is at least 1".to_owned());
        }
        for (name, size) in [
            ("max_upload", self.files.max_upload),
            ("max_download", self.files.max_download),
            ("received_max", self.files.received_max),
        ] {
            if !(1..=2 << 30).contains(&size.bytes()) {
                return wrong(format!("files.{name} is between 1B and 2GiB, the most that WhatsApp takes"));
            }
        }
        if !(1..=900).contains(&self.files.download_timeout.duration().as_secs()) {
            return wrong("files.download_timeout is between 1s and 15m".to_owned());
        }
        if self.limits.queue == 0 {
            return wrong("limits.queue is at least 1".to_owned());
        }
        if self.limits.connections < 10 {
            return wrong("limits.connections is at least 10".to_owned());
        }
        if !(1..=600).contains(&self.limits.client_pause.duration().as_secs()) {
            return wrong("limits.client_pause is between 1s and 10m".to_owned());
        }
        if !(1..=60).contains(&self.webhooks.timeout.duration().as_secs()) {
            return wrong("webhooks.timeout is between 1s and 60s".to_owned());
        }
        if self.webhooks.retry_gaps.is_empty() {
            return wrong("webhooks.retry_gaps has at least one duration".to_owned());
        }
        if self.retention.events.duration().as_secs() < 3600 {
            return wrong("retention.events is at least 1h, so that readers can catch up".to_owned());
        }
        if self.whatsapp.restriction_pause.duration().is_zero() {
            return wrong("whatsapp.restriction_pause is longer than nothing".to_owned());
        }
        if self.retention.audit.duration().as_secs() < 24 * 3600 {
            return wrong("retention.audit is at least 24h".to_owned());
        }
        if self.retention.received_files.duration().as_secs() < 3600 {
            return wrong("retention.received_files is at least 1h".to_owned());
        }
        if !(1..=3650).contains(&self.history.days) {
            return wrong("history.days is between 1 and 3650".to_owned());
        }
        if !(5..=812).contains(&self.whatsapp.prekeys) {
            return wrong("whatsapp.prekeys is between 5 and 812".to_owned());
        }
        Ok(())
    }
}
