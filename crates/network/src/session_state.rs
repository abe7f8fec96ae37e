//! Where a protocol adapter keeps what one linked number must not forget:
//! identity, ratchets, prekeys, app-state versions.

pub use sparkbot_store::StoreError;
pub use sparkbot_store::session_state::{Batch, Namespace, SessionState};
