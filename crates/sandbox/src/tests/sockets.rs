//! What clients do to sockets, over real ones.

use std::time::Duration;

use buffa::Message as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use wacore::libsignal::protocol::KeyPair;
use waproto::whatsapp::ClientPayload;

use crate::ids::{DeviceRef, PhoneNumber};
use crate::load::socket::{Reader, Writer, connect};
use crate::stanza::{Reading as _, node, public_bytes};
use crate::testing::Companion;
use crate::{Sandbox, SandboxConfig};

const ANA: &str = "+16001234560";
const DEADLINE: Duration = Duration::from_secs(20);

/// A sandbox with a linked companion whose Noise key is ours.
async fn linked() -> (Sandbox, DeviceRef, KeyPair) {
    let sandbox = Sandbox::start(SandboxConfig { seed: Some(1), ..SandboxConfig::default() }).await.unwrap();
    let noise = KeyPair::generate(&mut StdRng::seed_from_u64(3));
    let device = sandbox.hub.with(|world| {
        let companion = Companion::linked(world, ANA, 1);
        world.closed(companion.conn);
        let account = world.accounts.get_mut(&companion.device.account).unwrap();
        account.devices.get_mut(&companion.device.device).unwrap().noise = public_bytes(&noise.public_key);
        companion.device
    });
    (sandbox, device, noise)
}

async fn log_in(sandbox: &Sandbox, device: DeviceRef, noise: &KeyPair, routing: Option<&[u8]>) -> (Writer, Reader) {
    let username = PhoneNumber::parse(ANA).unwrap().digits().parse().ok();
    let login = ClientPayload { username, device: Some(device.device.into()), ..Default::default() };
    let mut rng = StdRng::seed_from_u64(4);
    let connected = connect(&sandbox.socket_url(), routing, noise, &login.encode_to_vec(), &mut rng).await;
    let (writer, mut reader) = connected.unwrap();
    let first = reader.next().await.unwrap().unwrap();
    assert_eq!(first.tag, "success");
    (writer, reader)
}

#[tokio::test]
async fn a_client_may_say_which_way_it_was_routed() {
    let (sandbox, device, noise) = linked().await;
    let (_writer, mut reader) = log_in(&sandbox, device, &noise, None).await;
    let told = reader.next().await.unwrap().unwrap();
    let routing = told.child("edge_routing").unwrap().body_of("routing_info").to_vec();
    assert!(!routing.is_empty());
    log_in(&sandbox, device, &noise, Some(&routing)).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off_and_loses_nothing() {
    let (sandbox, device, noise) = linked().await;
    let (mut writer, reader) = log_in(&sandbox, device, &noise, None).await;
    let active = node("iq").attr("id", "1").attr("xmlns", "passive").attr("type", "set");
    writer.send(&active.children([node("active").build()]).build()).await.unwrap();
    let hub = &sandbox.hub;
    let live = |world: &mut crate::world::World| {
        let conn = world.accounts[&device.account].devices[&device.device].connection?;
        (world.connections[&conn].backlog == crate::world::connection::Backlog::Live).then_some(())
    };
    hub.wait_for(DEADLINE, live).await.expect("a client that is active");
    // More than the 32 MiB that may wait and what the system buffers.
    hub.with(|world| {
        for n in 0..48 {
            let enc = node("enc").attr("type", "msg").bytes(vec![7; 1 << 20]).build();
            let message = node("message").attr("id", n.to_string()).attr("from", crate::stanza::server_jid());
            world.deliver(device, None, message.children([enc]).build());
        }
    });
    let gone = |world: &mut crate::world::World| {
        world.accounts[&device.account].devices[&device.device].connection.is_none().then_some(())
    };
    hub.wait_for(DEADLINE, gone).await.expect("the connection to be cut");
    let queued = hub.with(|world| world.accounts[&device.account].devices[&device.device].queue.len());
    assert_eq!(queued, 48);
    drop((writer, reader));
    sandbox.shutdown().await;
}
