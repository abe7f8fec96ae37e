//! The number's own keys and names: one JSON value.

use async_trait::async_trait;
use sparkbot_network::session_state::Batch;
use whatsapp_rust::traits::DeviceStore;
use whatsapp_rust::wacore::stats::StorageResourceReport;
use whatsapp_rust::wacore::store::Device;
use whatsapp_rust::wacore::store::error::Result;

use super::{DEVICE, Storage, decode, encode, failed};

#[async_trait]
impl DeviceStore for Storage {
    async fn save(&self, device: &Device) -> Result<()> {
        let mut batch = Batch::new();
        batch.put(DEVICE, Vec::new(), encode(device)?);
        self.state.write(batch).await.map_err(failed)
    }

    async fn load(&self) -> Result<Option<Device>> {
        let stored = self.state.get(DEVICE, &[]).await.map_err(failed)?;
        stored.map(|bytes| decode(&bytes)).transpose()
    }

    async fn exists(&self) -> Result<bool> {
        Ok(self.state.get(DEVICE, &[]).await.map_err(failed)?.is_some())
    }

    async fn create(&self) -> Result<i32> {
        let _turn = self.turn.lock().await;
        if !self.exists().await? {
            self.save(&Device::new()).await?;
        }
        // The client wants a number to tell its own rows apart; ours carry the
        // device's id already.
        Ok(1)
    }

    async fn resource_report(&self) -> StorageResourceReport {
        // Nothing of it is in this process's memory.
        StorageResourceReport { memory_bytes: Some(0), ..StorageResourceReport::default() }
    }
}
