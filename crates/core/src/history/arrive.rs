//! Parts of a history as they arrive.

use sparkbot_store::rows::HistoryPartRow;

use crate::app::Core;
use crate::devices::{not_found, session_event};
use crate::error::{Error, Kind, Result};
use crate::network::HistoryPart;
use crate::sessions::Running;

/// Parts of one number that may wait. A phone tells its past in some hundred;
/// what comes beyond is refused rather than kept without end.
const WAITING: i64 = 5_000;

/// Keeps a part until it is read.
pub(crate) async fn keep(core: &Core, number: &Running, part: HistoryPart) -> Result<()> {
    let (account, device, now) = (number.account.clone(), number.device.clone(), core.now());
    let row = HistoryPartRow {
        seq: 0,
        kind: part.kind.word().to_owned(),
        place: part.order.map(i64::from),
        progress: part.progress.map(i64::from),
        request: part.request,
        packed: part.packed.to_vec(),
        done: 0,
        attempts: 0,
        created_at: now,
    };
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let mut scope = w.account(&account);
                if scope.count_history_parts(&device).await? >= WAITING {
                    let text = format!("{WAITING} parts of the history of number {device} wait already.");
                    return Err(Error::new(Kind::TooMany, "history:full", text));
                }
                Ok(scope.insert_history_part(&device, &row).await?)
            })
        })
        .await?;
    number.past.notify_one();
    Ok(())
}

/// Tells that parts could not be fetched.
pub(crate) async fn lost(core: &Core, number: &Running, parts: usize) -> Result<()> {
    let (account, device, now) = (number.account.clone(), number.device.clone(), core.now());
    let text = format!(
        "{parts} parts of the phone's history could not be fetched; POST /v1/chat/{device}/sync asks the phone again."
    );
    core.store()
        .write(move |w| {
            Box::pin(async move {
                let row = w.account(&account).device(&device).await?.ok_or_else(|| not_found(&device))?;
                session_event(w, &row, "history_lost", &text, now).await
            })
        })
        .await
}
