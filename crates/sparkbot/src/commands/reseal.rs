//! `sparkbot reseal`, the second half of a new master key.

use serde_json::json;
use sparkbot_core::webhooks;
use sparkbot_store::reseal;

use crate::config::{Config, ensure_data_dir};
use crate::failure::Result;
use crate::{database, serve, terminal};

pub(super) async fn run(config: &Config, as_json: bool) -> Result<()> {
    ensure_data_dir(&config.data_dir)?;
    // A server that was started before knows the new key not.
    let _lock = serve::lock(&config.data_dir)?;
    let core = database::offline(config).await?;
    let states = reseal::session_state(core.store()).await?;
    let webhooks = webhooks::reseal(&core).await?;
    if as_json {
        terminal::json(&json!({ "sessionState": states, "webhooks": webhooks }));
        return Ok(());
    }
    terminal::line(format_args!("Sealed {states} values of sessions and the secrets of {webhooks} webhooks again."));
    terminal::line(
        "The older master keys are needed for backups from before only: take them out of master_key.older_files.",
    );
    Ok(())
}
