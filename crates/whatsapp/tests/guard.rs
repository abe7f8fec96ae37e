//! The build's promise about server certificates, in the build under test. Run
//! with and without `--features sandbox`.

use std::sync::Arc;

use sparkbot_network::clock::SystemClock;
use sparkbot_whatsapp::guard::{Verification, prove};
use sparkbot_whatsapp::http::Http;
use sparkbot_whatsapp::{ConfigError, WhatsApp, WhatsAppConfig};

fn config() -> WhatsAppConfig {
    WhatsAppConfig::new(Arc::new(SystemClock))
}

fn with_socket(url: &str) -> Result<WhatsApp, ConfigError> {
    WhatsApp::new(WhatsAppConfig { socket_url: Some(url.to_owned()), ..config() })
}

fn http(verification: Verification, media: Option<&str>) -> Http {
    let media = media.map(|url| url.parse().expect("a URL"));
    Http::new(verification, media, Arc::new(SystemClock)).expect("TLS")
}

#[cfg(not(feature = "sandbox"))]
mod production {
    use super::*;

    #[test]
    fn a_forged_chain_is_refused() {
        assert_eq!(prove(), Ok(Verification::Enforced));
    }

    #[test]
    fn no_other_server_can_be_set() {
        let refused = with_socket("ws://127.0.0.1:7100/ws/chat").err();
        assert!(matches!(refused, Some(ConfigError::SandboxOnly { name: "socket_url" })), "{refused:?}");
        let media = WhatsAppConfig { media_base: Some("https://127.0.0.1:7101".to_owned()), ..config() };
        assert!(matches!(WhatsApp::new(media).err(), Some(ConfigError::SandboxOnly { name: "media_base" })));
    }

    #[test]
    fn it_starts_without_settings() {
        let whatsapp = WhatsApp::new(config()).expect("nothing to refuse");
        assert_eq!(whatsapp.verification(), Verification::Enforced);
    }

    #[test]
    fn only_whatsapps_hosts_are_fetched_from() {
        let http = http(Verification::Enforced, None);
        for url in [
            "https://web.whatsapp.com/sw.js",
            "https://mmg.whatsapp.net/v/t62?ccb=1",
            "https://scontent.xx.fbcdn.net/a",
        ] {
            assert_eq!(http.target(url).expect(url).as_str(), url);
        }
        for url in [
            "http://mmg.whatsapp.net/a",
            "https://mmg.whatsapp.net:8443/a",
            "https://evilwhatsapp.net/a",
            "https://whatsapp.net.evil.org/a",
            "https://127.0.0.1/a",
            "https://169.254.169.254/latest/meta-data",
        ] {
            assert!(http.target(url).is_err(), "{url}");
        }
    }
}

#[cfg(feature = "sandbox")]
mod sandbox {
    use super::*;

    #[test]
    fn a_forged_chain_is_accepted() {
        assert_eq!(prove(), Ok(Verification::Off));
    }

    #[test]
    fn only_loopback_is_a_server() {
        for url in ["ws://127.0.0.1:7100/ws/chat", "ws://127.9.9.9/ws/chat", "wss://[::1]:7100/ws/chat"] {
            let whatsapp = with_socket(url).expect(url);
            assert_eq!(whatsapp.verification(), Verification::Off);
        }
        for url in [
            "wss://web.whatsapp.com/ws/chat",
            "ws://192.168.1.5/ws/chat",
            "ws://localhost:7100/ws/chat",
            "ws://127.0.0.1.evil.org/ws/chat",
            "ws://0.0.0.0:7100/ws/chat",
        ] {
            let refused = with_socket(url).err();
            assert!(matches!(refused, Some(ConfigError::NotLoopback { .. })), "{url}: {refused:?}");
        }
    }

    #[test]
    fn without_a_server_it_does_not_start() {
        assert!(matches!(WhatsApp::new(config()).err(), Some(ConfigError::NoSocket)));
    }

    #[test]
    fn whatsapps_hosts_become_the_media_server() {
        let http = http(Verification::Off, Some("https://127.0.0.1:7101"));
        let moved = http.target("https://mmg.whatsapp.net/v/t62.7118?ccb=1&oh=2").expect("moved");
        assert_eq!(moved.as_str(), "https://127.0.0.1:7101/v/t62.7118?ccb=1&oh=2");
        let kept = http.target("http://127.0.0.1:9000/a").expect("loopback");
        assert_eq!(kept.as_str(), "http://127.0.0.1:9000/a");
    }

    #[test]
    fn the_media_server_is_reached_without_tls_where_it_takes_both() {
        let http = http(Verification::Off, Some("http://127.0.0.1:7101"));
        let own = http.target("https://127.0.0.1:7101/v/t62.7118?ccb=1").expect("its own address");
        assert_eq!(own.as_str(), "http://127.0.0.1:7101/v/t62.7118?ccb=1");
        let other = http.target("https://127.0.0.1:7102/v/t62.7118").expect("its second host");
        assert_eq!(other.as_str(), "https://127.0.0.1:7102/v/t62.7118");
    }

    #[test]
    fn without_a_media_server_nothing_leaves() {
        assert!(http(Verification::Off, None).target("https://mmg.whatsapp.net/a").is_err());
    }
}
