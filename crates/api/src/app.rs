//! What handlers share.

use std::sync::Arc;

use axum::extract::FromRef;
use sparkbot_core::Core;

use crate::login::Attempts;
use crate::request::Guesses;

/// Writes what `GET /metrics` answers, in Prometheus' text form.
pub type MetricsText = Arc<dyn Fn() -> String + Send + Sync>;

/// What the surface needs besides core.
#[derive(Clone, Default)]
pub struct ApiOptions {
    /// What `GET /metrics` answers; without it the path does not exist.
    pub metrics: Option<MetricsText>,
}

/// The state of the router.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) core: Core,
    pub(crate) options: ApiOptions,
    pub(crate) guesses: Arc<Guesses>,
    pub(crate) attempts: Arc<Attempts>,
}

impl App {
    pub(crate) fn new(core: Core, options: ApiOptions) -> Self {
        Self { core, options, guesses: Arc::default(), attempts: Arc::default() }
    }
}

impl FromRef<App> for Core {
    fn from_ref(app: &App) -> Self {
        app.core.clone()
    }
}
