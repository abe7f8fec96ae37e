//! Core's [`Network`]: opens links.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use sparkbot_network::session_state::SessionState;
use sparkbot_network::wid::Wid;
use sparkbot_network::{Link, Network, NetworkError, Observer, Report};
use sparkbot_store::ids::DeviceId;
use whatsapp_rust::cache_config::CacheEntryConfig;
use whatsapp_rust::traits::DeviceStore;
use whatsapp_rust::{CacheConfig, Jid};

use crate::config::{ConfigError, Endpoints, WhatsAppConfig};
use crate::guard::{self, Verification};
use crate::http::Http;
use crate::link::NumberLink;
use crate::number::{Number, Settings};
use crate::reports::Reports;
use crate::storage::Storage;
use crate::{address, driver, events, history, people};

/// WhatsApp, for all numbers of the process.
pub struct WhatsApp {
    settings: Arc<Settings>,
    verification: Verification,
}

impl WhatsApp {
    /// Checks the build and the configuration; connects to nothing.
    ///
    /// # Errors
    /// When the build can't be trusted, or would talk to the wrong servers.
    pub fn new(config: WhatsAppConfig) -> Result<Self, ConfigError> {
        let verification = guard::prove()?;
        let endpoints = Endpoints::check(&config, verification)?;
        let http = Http::new(verification, endpoints.media, config.clock.clone())?;
        let settings = Settings {
            socket: endpoints.socket,
            http: Arc::new(http),
            client_version: config.client_version,
            wanted_prekeys: config.wanted_prekeys,
            temp_dir: config.temp_dir,
            device_name: config.device_name,
            history: config.history_days,
            caches: caches(),
            clock: config.clock,
        };
        Ok(Self { settings: Arc::new(settings), verification })
    }

    /// What this build does with a server's certificate.
    #[must_use]
    pub fn verification(&self) -> Verification {
        self.verification
    }
}

/// Smaller than the client's own, which are meant for one number per process:
/// what is not in memory is read from the database again.
fn caches() -> CacheConfig {
    let mut caches = CacheConfig::default();
    caches.group_cache = CacheEntryConfig::new(caches.group_cache.timeout, 64);
    caches.device_registry_cache = CacheEntryConfig::new(caches.device_registry_cache.timeout, 2_000);
    caches.sender_key_devices_cache = CacheEntryConfig::new(caches.sender_key_devices_cache.timeout, 64);
    caches.pdo_requested = CacheEntryConfig::new(caches.pdo_requested.timeout, 128);
    // Those of polls and events are kept when the history is read.
    caches.seed_msg_secrets_from_history = false;
    caches.msg_secret_retention.poll_event = Duration::from_secs(crate::secrets::KEPT);
    caches
}

#[async_trait]
impl Network for WhatsApp {
    async fn is_linked(&self, state: &SessionState) -> Result<bool, NetworkError> {
        let storage = Storage::new(state.clone(), self.settings.clock.clone());
        match storage.load().await {
            Ok(device) => Ok(device.is_some_and(|device| device.pn.is_some())),
            Err(error) => Err(NetworkError::State(driver::error_text(&error))),
        }
    }

    async fn open(
        &self,
        device: DeviceId,
        state: SessionState,
        observer: Arc<dyn Observer>,
    ) -> Result<Arc<dyn Link>, NetworkError> {
        let storage = Arc::new(Storage::new(state, self.settings.clock.clone()));
        let (reports, queue) = Reports::new();
        let number = Arc::new(Number::new(device, self.settings.clone(), storage.clone(), observer, reports));
        let told = Arc::downgrade(&number);
        storage.on_addresses_learnt(Box::new(move |entry| {
            let phone: Option<Wid> = address::wid(&Jid::pn(&*entry.phone_number));
            if let (Some(number), Some(phone), Some(lid)) =
                (told.upgrade(), phone, address::wid(&Jid::lid(&*entry.lid)))
            {
                number.reports.say(Report::Addresses { phone, lid });
            }
        }));
        let told = Arc::downgrade(&number);
        storage.on_entries_removed(Box::new(move |jids| {
            if let Some(number) = told.upgrade() {
                number.reports.say(Report::Contacts(people::entries_removed(&jids)));
            }
        }));
        let announced = Arc::downgrade(&number);
        storage.on_history_announced(Box::new(move |senders| {
            let number = announced.upgrade();
            Box::pin(async move {
                match number {
                    Some(number) => history::arrival::wait_for(number, &senders).await,
                    None => false,
                }
            })
        }));
        let manager = driver::load(&number).await?;
        let tasks = vec![
            tokio::spawn(driver::run(number.clone(), manager)),
            tokio::spawn(events::deliver(number.clone(), queue)),
        ];
        Ok(Arc::new(NumberLink { number, tasks: Mutex::new(tasks) }))
    }
}
