//! The data a sandbox can begin with.

use crate::clock::Clock;
use crate::ids::PhoneNumber;
use crate::{Sandbox, SandboxConfig};

#[tokio::test]
async fn a_company_is_there_and_has_talked_with_its_customers() {
    let config = SandboxConfig { seed: Some(1), seed_data: true, ..SandboxConfig::default() };
    let sandbox = Sandbox::start(config).await.unwrap();
    sandbox.hub.with(|world| {
        assert!(world.accounts.len() >= 8);
        assert!(world.accounts.values().all(|account| account.profile.picture.is_some()));
        let ana = world.find_number(&PhoneNumber::parse("+16001234560").unwrap()).unwrap();
        let shop = world.accounts[&ana].business.as_ref().unwrap();
        assert_eq!((shop.products.len(), shop.collections.len()), (4, 3));
        assert!(shop.products.iter().all(|product| !product.images.is_empty() && product.price_1000.is_some()));
        let channel = world.channels.iter().next().unwrap();
        assert_eq!((channel.name.text.as_str(), channel.posts.len()), ("Millrace Bicycles", 3));
        assert!(channel.subscribers() > 1_000 && channel.followers.len() >= 4);
        let phone = &world.accounts[&ana].phone;
        let shown: Vec<_> = phone.conversations.after(0, None).collect();
        assert!(shown.len() >= 15, "{}", shown.len());
        for kind in ["text", "reaction", "location", "contact", "image", "poll_creation"] {
            assert!(shown.iter().any(|message| message.kind == kind), "nothing of kind {kind}");
        }
        let groups: std::collections::BTreeSet<_> = shown
            .iter()
            .filter(|message| matches!(message.chat, crate::ids::Chat::Group(_)))
            .map(|it| it.chat)
            .collect();
        assert_eq!(groups.len(), 2);
        // The oldest is some days old, in order, and the clock is right again.
        let now = Clock.now_ms() / 1000;
        assert!(shown[0].timestamp < now - 2 * 86_400);
        assert!(shown.windows(2).all(|pair| pair[0].timestamp <= pair[1].timestamp));
        assert!(world.now_secs().abs_diff(now) < 60 && world.faults.list().is_empty());
    });
    sandbox.shutdown().await;
}
