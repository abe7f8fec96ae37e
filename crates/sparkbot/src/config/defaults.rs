//! What holds where nothing is set.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use sparkbot_core::chat_files::ChatFileSettings;

use super::{
    Config, Database, DeviceName, Files, History, Limits, Listen, Log, LogFormat, MasterKeyFiles, Network, Retention,
    S3, Size, Span, Webhooks, WhatsApp,
};

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./data"),
            listen: Listen(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7700)),
            node: "main".to_owned(),
            database: Database::default(),
            master_key: MasterKeyFiles::default(),
            log: Log::default(),
            webhooks: Webhooks::default(),
            network: Network::default(),
            files: Files::default(),
            s3: S3::default(),
            limits: Limits::default(),
            retention: Retention::default(),
            whatsapp: WhatsApp::default(),
            history: History::default(),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Text }
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        let core = sparkbot_core::Settings::default();
        Self {
            timeout: Span::from(core.webhook_timeout),
            retry_gaps: core.webhook_retry_gaps.into_iter().map(Span::from).collect(),
        }
    }
}

impl Default for Files {
    fn default() -> Self {
        let core = sparkbot_core::files::FileSettings::default();
        let received = ChatFileSettings::default();
        Self {
            folder: None,
            max_upload: Size::from(core.max_upload),
            max_download: Size::from(core.max_download),
            download_timeout: Span::from(core.download_time),
            workers: 2,
            received_automatic: Size::from(received.automatic),
            received_max: Size::from(received.most),
        }
    }
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            bucket: None,
            endpoint: None,
            region: "us-east-1".to_owned(),
            prefix: "sparkbot".to_owned(),
            access_key: None,
            secret_key: None,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { queue: 100_000, connections: 1000, client_pause: Span::seconds(60) }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            events: Span::seconds(7 * 24 * 3600),
            audit: Span::seconds(180 * 24 * 3600),
            received_files: Span::seconds(30 * 24 * 3600),
        }
    }
}

impl Default for History {
    fn default() -> Self {
        Self { enabled: true, days: 90, messages_per_chat: 0 }
    }
}

impl Default for WhatsApp {
    fn default() -> Self {
        let core = sparkbot_core::Settings::default();
        Self {
            device_name: DeviceName("SparkBot".to_owned()),
            client_version: None,
            prekeys: 200,
            restriction_pause: Span::from(core.restriction_pause),
        }
    }
}
