//! The number's own row.

use std::sync::Arc;

use wacore::store::Device;
use waproto::whatsapp::ADVSignedDeviceIdentity;

use crate::subjects;

#[tokio::test]
async fn a_device_is_made_once() {
    for subject in subjects().await {
        let store = &subject.backend;
        assert!(!store.exists().await.expect("read"), "{}", subject.name);
        assert!(store.load().await.expect("read").is_none(), "{}", subject.name);
        store.create().await.expect("made");
        let first = store.load().await.expect("read").expect("there");
        store.create().await.expect("made");
        let second = store.load().await.expect("read").expect("there");
        assert_eq!(first.registration_id, second.registration_id, "{}", subject.name);
        assert_eq!(
            first.noise_key.public_key.public_key_bytes(),
            second.noise_key.public_key.public_key_bytes(),
            "{}",
            subject.name
        );
    }
}

#[tokio::test]
async fn a_device_comes_back_as_it_was_saved() {
    for subject in subjects().await {
        let store = &subject.backend;
        let mut device = Device::new();
        device.pn = Some("16001234560:7@s.whatsapp.net".parse().expect("a JID"));
        device.lid = Some("99887766:7@lid".parse().expect("a JID"));
        device.push_name = "Ünïcode 👍".to_owned();
        device.adv_secret_key = [3; 32];
        device.next_pre_key_id = 813;
        device.first_unupload_pre_key_id = 5;
        device.login_counter = 42;
        device.lid_migrated = true;
        device.edge_routing_info = Some(vec![1, 2, 3]);
        device.account = Some(Arc::new(ADVSignedDeviceIdentity {
            details: Some(vec![1; 9]),
            device_signature: Some(vec![2; 64]),
            ..ADVSignedDeviceIdentity::default()
        }));
        store.save(&device).await.expect("saved");
        let back = store.load().await.expect("read").expect("there");
        assert_eq!(back.pn, device.pn, "{}", subject.name);
        assert_eq!(back.lid, device.lid, "{}", subject.name);
        assert_eq!(back.push_name, device.push_name, "{}", subject.name);
        assert_eq!(back.adv_secret_key, device.adv_secret_key, "{}", subject.name);
        assert_eq!(back.signed_pre_key_signature, device.signed_pre_key_signature, "{}", subject.name);
        assert_eq!(back.identity_key.private_key.serialize(), device.identity_key.private_key.serialize());
        assert_eq!((back.next_pre_key_id, back.first_unupload_pre_key_id), (813, 5), "{}", subject.name);
        assert_eq!((back.login_counter, back.lid_migrated), (42, true), "{}", subject.name);
        assert_eq!(back.edge_routing_info, device.edge_routing_info, "{}", subject.name);
        let account = back.account.expect("there");
        assert_eq!(account.device_signature, Some(vec![2; 64]), "{}", subject.name);
    }
}
