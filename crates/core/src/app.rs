//! The server as core sees it: its parts, joined once at the start.

use std::sync::Arc;
use std::time::Duration;

use sparkbot_store::Store;
use sparkbot_store::blobs::Blobs;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::campaigns::Campaigns;
use crate::channels::Channels;
use crate::chat_files::{ChatFileSettings, ChatFiles};
use crate::chats::Chats;
use crate::clock::SharedClock;
use crate::contacts::Questions;
use crate::error::Result;
use crate::fetch::Fetcher;
use crate::files::{FileSettings, Workshop};
use crate::groups::Refreshes;
use crate::history::{Histories, HistorySettings};
use crate::network::Network;
use crate::outbound::Previews;
use crate::profile::Profiles;
use crate::queue::Queues;
use crate::sessions::Sessions;
use crate::team::Passwords;
use crate::webhooks::Deliveries;

/// What the person who runs the server may set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name of this node in leases; stable over restarts.
    pub node: String,
    /// Addresses that URLs given by users may not resolve to are refused,
    /// except loopback when this is on (the sandbox).
    pub allow_loopback: bool,
    /// Further networks that user URLs may reach, in CIDR form.
    pub allowed_networks: Vec<String>,
    /// How long a webhook receiver has for its answer.
    pub webhook_timeout: Duration,
    /// Gaps between the tries of a failed delivery; the last one repeats.
    pub webhook_retry_gaps: Vec<Duration>,
    /// Events and delivery logs are kept this long.
    pub event_retention: Duration,
    /// Lines of the audit log are kept this long.
    pub audit_retention: Duration,
    /// Messages waiting in one number's queue at most.
    pub queue_limit: i64,
    /// Where files are kept and how large they may be.
    pub files: FileSettings,
    /// How long first messages wait after WhatsApp has refused one; doubled each
    /// time in a row.
    pub restriction_pause: Duration,
    /// How received files are fetched and kept.
    pub chat_files: ChatFileSettings,
    /// How much of a phone's history is kept.
    pub history: HistorySettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            node: "main".to_owned(),
            allow_loopback: false,
            allowed_networks: Vec::new(),
            webhook_timeout: Duration::from_secs(10),
            webhook_retry_gaps: crate::webhooks::default_gaps(),
            event_retention: Duration::from_secs(7 * 24 * 3600),
            audit_retention: Duration::from_secs(180 * 24 * 3600),
            queue_limit: 100_000,
            files: FileSettings::default(),
            restriction_pause: Duration::from_secs(1800),
            chat_files: ChatFileSettings::default(),
            history: HistorySettings::default(),
        }
    }
}

/// The parts, shared by everything that serves requests or runs by itself.
#[derive(Clone)]
pub struct Core {
    parts: Arc<Parts>,
}

struct Parts {
    store: Store,
    clock: SharedClock,
    settings: Settings,
    fetcher: Fetcher,
    blobs: Blobs,
    workshop: Workshop,
    sessions: Sessions,
    deliveries: Deliveries,
    chat_files: ChatFiles,
    chats: Chats,
    campaigns: Campaigns,
    queues: Queues,
    previews: Previews,
    histories: Histories,
    passwords: Passwords,
    group_refreshes: Refreshes,
    channels: Channels,
    profiles: Profiles,
    questions: Questions,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Core {
    /// Joins the parts. Nothing runs yet; [`Core::start`] brings numbers up.
    ///
    /// # Errors
    /// When the HTTP client can't be built, or the blob storage's settings make no sense.
    pub fn new(store: Store, clock: SharedClock, network: Arc<dyn Network>, settings: Settings) -> Result<Self> {
        let fetcher = Fetcher::new(&settings)?;
        let blobs = Blobs::open(&settings.files.storage)?;
        Ok(Self {
            parts: Arc::new(Parts {
                store,
                clock,
                fetcher,
                blobs,
                workshop: Workshop::new(settings.files.workers),
                sessions: Sessions::new(network),
                deliveries: Deliveries::new(),
                chats: Chats::default(),
                campaigns: Campaigns::default(),
                queues: Queues::default(),
                previews: Previews::default(),
                histories: Histories::default(),
                passwords: Passwords::default(),
                group_refreshes: Refreshes::default(),
                channels: Channels::default(),
                profiles: Profiles::default(),
                questions: Questions::default(),
                chat_files: ChatFiles::new(&settings.chat_files),
                settings,
                tasks: TaskTracker::new(),
                stop: CancellationToken::new(),
            }),
        })
    }

    /// Brings every number up that should run, and starts the senders, the
    /// webhook deliveries and the housekeeping.
    ///
    /// # Errors
    /// When the database can't be read.
    pub async fn start(&self) -> Result<()> {
        crate::webhooks::start(self);
        crate::events::start_housekeeping(self);
        crate::audit::start_housekeeping(self);
        crate::files::start_housekeeping(self).await;
        crate::chat_messages::start(self);
        crate::chats::start(self);
        crate::outbound::start_expiring(self);
        crate::outbound::start_watching_the_clock(self);
        crate::outbound::start_retention(self);
        crate::chat_files::start(self);
        crate::campaigns::start(self);
        crate::meeting_links::start_housekeeping(self);
        crate::auto_replies::start_housekeeping(self);
        crate::assignment::start(self);
        crate::statuses::start_housekeeping(self);
        crate::sessions::start_all(self).await
    }

    /// Whether requests can be answered: the database is there.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn ready(&self) -> Result<()> {
        self.store().read().await?.server().accounts().await?;
        Ok(())
    }

    /// Ends everything that runs by itself: numbers are closed, what is in
    /// flight is finished or handed back to the queue, within `limit`.
    pub async fn shutdown(&self, limit: Duration) {
        self.parts.stop.cancel();
        let closing = async {
            crate::sessions::stop_all(self).await;
            self.parts.tasks.close();
            self.parts.tasks.wait().await;
        };
        if tokio::time::timeout(limit, closing).await.is_err() {
            tracing::warn!(
                limit_seconds = limit.as_secs(),
                "not everything ended in time; the rest resumes at the next start"
            );
        }
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.parts.store
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.parts.clock.now()
    }

    /// What the person who runs the server has set.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    /// The guarded HTTP client for URLs given by users.
    #[must_use]
    pub fn fetcher(&self) -> &Fetcher {
        &self.parts.fetcher
    }

    /// Where the bytes of files and of received media are.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.parts.blobs
    }

    /// Where pictures and sound are worked on.
    #[must_use]
    pub fn workshop(&self) -> &Workshop {
        &self.parts.workshop
    }

    /// The running numbers.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.parts.sessions
    }

    /// The webhook deliveries.
    #[must_use]
    pub fn deliveries(&self) -> &Deliveries {
        &self.parts.deliveries
    }

    /// The downloads of received files.
    #[must_use]
    pub fn chat_files(&self) -> &ChatFiles {
        &self.parts.chat_files
    }

    /// What of the chats is not in the database.
    pub(crate) fn chats(&self) -> &Chats {
        &self.parts.chats
    }

    /// The campaigns that run.
    pub(crate) fn campaigns(&self) -> &Campaigns {
        &self.parts.campaigns
    }

    /// How much waits in the queues, as far as it was looked at.
    pub(crate) fn queues(&self) -> &Queues {
        &self.parts.queues
    }

    /// Previews of links that were made lately.
    pub(crate) fn previews(&self) -> &Previews {
        &self.parts.previews
    }

    /// Who waits for what phones tell of the past.
    pub(crate) fn histories(&self) -> &Histories {
        &self.parts.histories
    }

    /// Where passwords are hashed.
    pub(crate) fn passwords(&self) -> &Passwords {
        &self.parts.passwords
    }

    /// Groups that are about to be compared with WhatsApp.
    pub(crate) fn group_refreshes(&self) -> &Refreshes {
        &self.parts.group_refreshes
    }

    /// What of channels is not in the database.
    pub(crate) fn channels(&self) -> &Channels {
        &self.parts.channels
    }

    /// Profiles that are being looked at.
    pub(crate) fn profiles(&self) -> &Profiles {
        &self.parts.profiles
    }

    /// Room for questions about people.
    pub(crate) fn questions(&self) -> &Questions {
        &self.parts.questions
    }

    /// Runs a task that [`Core::shutdown`] waits for; it must end soon after
    /// [`Core::stopping`] fires.
    pub fn spawn<F>(&self, task: F)
    where
        F: std::future::Future<Output = ()> + Send + 'static,
    {
        self.parts.tasks.spawn(task);
    }

    /// Fires when the server is going down.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.parts.stop.clone()
    }
}
