//! The database as commands open it, beside a server or before its first start.

use std::sync::Arc;

use async_trait::async_trait;
use sparkbot_core::Core;
use sparkbot_core::clock::SystemClock;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::network::session_state::SessionState;
use sparkbot_core::network::{Link, Network, NetworkError, Observer};
use sparkbot_store::Store;

use crate::config::{Config, ensure_data_dir};
use crate::failure::Result;
use crate::master_key;

/// Opens the database and brings its schema up to date.
///
/// # Errors
/// When the master key or the database can't be read.
pub(crate) async fn open(config: &Config) -> Result<Store> {
    if config.database.url.is_none() {
        ensure_data_dir(&config.data_dir)?;
    }
    let (sealer, _) = master_key::sealer(config)?;
    Ok(Store::open(&config.database_url(), sealer).await?)
}

/// Core over the database, without numbers: for commands that change rows and
/// keep core's rules.
///
/// # Errors
/// As [`open`].
pub(crate) async fn offline(config: &Config) -> Result<Core> {
    let store = open(config).await?;
    Ok(Core::new(store, Arc::new(SystemClock), Arc::new(NoNetwork), config.core_settings(false))?)
}

/// Opens no link; nothing that runs offline asks for one.
struct NoNetwork;

#[async_trait]
impl Network for NoNetwork {
    async fn open(&self, _: DeviceId, _: SessionState, _: Arc<dyn Observer>) -> Result<Arc<dyn Link>, NetworkError> {
        Err(NetworkError::Closed)
    }

    async fn is_linked(&self, _: &SessionState) -> Result<bool, NetworkError> {
        Err(NetworkError::Closed)
    }
}
