//! Business profile, catalog and orders; calls and their links.

use wacore_binary::Node;

use crate::areas::calls;
use crate::stanza::{Reading as _, node};
use crate::testing::{Companion, account, one, world, written};
use crate::world::World;
use crate::world::business::{Business, Item, Order, Product};

const ANA: &str = "+16001234560";
const BOB: &str = "+16001234561";

fn text(tag: &'static str, says: &str) -> Node {
    node(tag).bytes(says.as_bytes().to_vec()).build()
}

fn shop(world: &mut World, number: &str, products: usize) {
    let id = account(world, number);
    let products = (0..products).map(|at| Product {
        id: format!("{at}"),
        name: format!("Loaf {at}"),
        price_1000: Some(2500),
        currency: "EUR".to_owned(),
        in_stock: true,
        images: vec![vec![0xff, 0xd8, 0xff]],
        hidden: at == 0,
        ..Product::default()
    });
    let business = Business { verified_name: "Bakery".to_owned(), products: products.collect(), ..Business::default() };
    world.accounts.get_mut(&id).unwrap().business = Some(business);
}

fn said(of: &Node, tag: &str) -> String {
    String::from_utf8(of.body_of(tag).to_vec()).unwrap()
}

#[test]
fn a_business_changes_its_profile_and_others_read_it() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    let mut bob = Companion::linked(&mut world, BOB, 2);
    let delta = || {
        let hours = node("business_hours_config").attr("day_of_week", "mon").attr("mode", "specific_hours");
        let hours = hours.attr("open_time", 480).attr("close_time", 1080).build();
        let hours = node("business_hours").attr("timezone", "Europe/Berlin").children([hours]).build();
        node("business_profile")
            .attr("v", "3")
            .attr("mutation_type", "delta")
            .children([text("description", "Bread"), text("website", "https://example.com"), hours])
            .build()
    };
    let refused = ana.ask(&mut world, "w:biz", "set", delta());
    assert_eq!(refused.child("error").expect("an error").text_of("code"), "403", "ana is no business yet");
    shop(&mut world, ANA, 0);
    assert_eq!(ana.ask(&mut world, "w:biz", "set", delta()).text_of("type"), "result");
    let jid = world.accounts[&ana.device.account].jid(crate::ids::Domain::Pn);
    let asked = node("business_profile").attr("v", "244").children([node("profile").attr("jid", jid).build()]).build();
    let answer = bob.ask(&mut world, "w:biz", "get", asked);
    let profile = answer.child("business_profile").and_then(|all| all.child("profile")).expect("a profile");
    assert_eq!(
        (said(profile, "description").as_str(), said(profile, "website").as_str()),
        ("Bread", "https://example.com")
    );
    let hours = profile.child("business_hours").expect("hours");
    assert_eq!(hours.text_of("timezone"), "Europe/Berlin");
    assert_eq!(hours.child("business_hours_config").expect("a day").text_of("close_time"), "1080");
}

#[test]
fn a_catalog_is_paged_and_hides_what_is_hidden() {
    let mut world = world();
    let mut bob = Companion::linked(&mut world, BOB, 2);
    shop(&mut world, ANA, 5);
    let seller = account(&mut world, ANA);
    let jid = world.accounts[&seller].jid(crate::ids::Domain::Pn);
    let ask = |after: Option<&str>| {
        let mut children = vec![text("limit", "3")];
        children.extend(after.map(|after| text("after", after)));
        node("product_catalog").attr("jid", jid.clone()).children(children).build()
    };
    let answer = bob.ask(&mut world, "w:biz:catalog", "get", ask(None));
    let catalog = answer.child("product_catalog").expect("a catalog");
    let names: Vec<String> = catalog.nodes().iter().filter(|n| n.tag == "product").map(|n| said(n, "name")).collect();
    assert_eq!(names, ["Loaf 1", "Loaf 2", "Loaf 3"]);
    let image = catalog.nodes()[0].child("media").and_then(|media| media.child("image")).expect("a picture");
    assert!(said(image, "request_image_url").starts_with("https://"));
    let after = said(catalog.child("paging").expect("more"), "after");
    let answer = bob.ask(&mut world, "w:biz:catalog", "get", ask(Some(&after)));
    let catalog = answer.child("product_catalog").expect("a catalog");
    assert_eq!((catalog.nodes().len(), said(&catalog.nodes()[0], "name").as_str()), (1, "Loaf 4"));

    let wanted = node("product").children([text("id", "2")]).build();
    let asked = node("product_list").attr("jid", jid).children([wanted]).build();
    let answer = bob.ask(&mut world, "w:biz:catalog", "get", asked);
    let product = answer.child("product_list").and_then(|list| list.child("product")).expect("a product");
    assert_eq!((said(product, "name").as_str(), said(product, "price").as_str()), ("Loaf 2", "2500"));
}

#[test]
fn a_business_edits_its_catalog() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    shop(&mut world, ANA, 1);
    let product = node("product").children([text("name", "Rye"), text("price", "3100"), text("currency", "EUR")]);
    let added = node("product_catalog_add").attr("v", "1").children([product.build()]).build();
    let answer = ana.ask(&mut world, "w:biz:catalog", "set", added);
    let id = said(answer.child("product_catalog_add").and_then(|a| a.child("product")).expect("a product"), "id");
    let product = node("product").children([text("id", &id), text("price", "2900")]).build();
    let edited = node("product_catalog_edit").attr("v", "1").children([product]).build();
    let answer = ana.ask(&mut world, "w:biz:catalog", "set", edited);
    let product = answer.child("product_catalog_edit").and_then(|a| a.child("product")).expect("a product");
    assert_eq!((said(product, "name").as_str(), said(product, "price").as_str()), ("Rye", "2900"));
    let gone = node("product").children([text("id", &id)]).build();
    let deleted = node("product_catalog_delete").attr("v", "1").children([gone]).build();
    let answer = ana.ask(&mut world, "w:biz:catalog", "set", deleted);
    assert_eq!(answer.child("product_catalog_delete").expect("an answer").text_of("deleted_count"), "1");
}

#[test]
fn an_order_is_read_with_its_token_only() {
    let mut world = world();
    let mut ana = Companion::linked(&mut world, ANA, 1);
    shop(&mut world, ANA, 2);
    let buyer = account(&mut world, BOB);
    let item =
        Item { product: "1".into(), name: "Loaf 1".into(), price_1000: 2500, currency: "EUR".into(), quantity: 3 };
    let order = Order { buyer, token: "secret".into(), created_at: 1, items: vec![item] };
    world.accounts.get_mut(&ana.device.account).unwrap().business.as_mut().unwrap().placed("77".into(), order);
    let mut ask = |token: &str| {
        let order = node("order").attr("op", "get").attr("id", "77").children([text("token", token)]).build();
        ana.ask(&mut world, "fb:thrift_iq", "get", order)
    };
    assert_eq!(ask("guess").child("error").expect("an error").text_of("code"), "404");
    let answer = ask("secret");
    let order = answer.child("order").expect("the order");
    assert_eq!(said(order.child("price").expect("a price"), "total"), "7500");
    assert_eq!(said(order.child("product").expect("a product"), "quantity"), "3");
}

fn call(world: &mut World, who: &Companion, action: Node) -> Vec<Node> {
    let stanza = node("call").attr("id", "C1").attr("to", "call".parse::<wacore_binary::Jid>().unwrap_or_default());
    world.received(who.conn, &stanza.children([action]).build());
    written(world, who.conn)
}

#[test]
fn a_call_link_is_made_and_known_to_others() {
    let mut world = world();
    let ana = Companion::linked(&mut world, ANA, 1);
    let bob = Companion::linked(&mut world, BOB, 2);
    let answer = call(&mut world, &ana, node("link_create").attr("media", "video").build());
    let token = one(&answer, "ack").child("link_create").expect("a link").text_of("token").into_owned();
    assert_eq!(token.len(), 22);
    let answer = call(&mut world, &bob, node("link_query").attr("token", token).build());
    assert_eq!(one(&answer, "ack").child("link_query").expect("a link").text_of("media"), "video");
    let answer = call(&mut world, &bob, node("link_query").attr("token", "none").build());
    assert_eq!(one(&answer, "ack").text_of("error"), "404");
}

#[test]
fn a_call_rings_at_all_companions_and_stops_when_one_rejects() {
    let mut world = world();
    let (one_device, other_device) = (Companion::linked(&mut world, ANA, 1), Companion::linked(&mut world, ANA, 2));
    written(&mut world, one_device.conn);
    let bob = account(&mut world, BOB);
    let id = calls::ring(&mut world, bob, one_device.device.account, true).expect("a call");
    for device in [&one_device, &other_device] {
        let rings = written(&mut world, device.conn);
        assert_eq!(one(&rings, "call").child("offer").expect("an offer").text_of("call-id"), id.as_str());
    }
    let creator = world.accounts[&bob].jid(crate::ids::Domain::Lid);
    let reject = node("reject").attr("call-id", id.as_str()).attr("call-creator", creator).attr("count", 0).build();
    call(&mut world, &one_device, reject);
    let over = written(&mut world, other_device.conn);
    assert_eq!(one(&over, "call").child("terminate").expect("an end").text_of("reason"), "rejected_elsewhere");
    assert!(world.calls.get(&id).is_none());
}
