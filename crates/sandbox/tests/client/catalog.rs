//! Catalogs and orders, which whatsapp-rust has no calls for: the queries of
//! WhatsApp's own clients, sent and answered over its connection.

use serde_json::{Value, json};
use whatsapp_rust::wacore_binary::{Node, NodeContent};
use whatsapp_rust::{Jid, NodeBuilder, Server};

use crate::support::{ALICE, BOB, Companion, OWN, Place, jid};

fn node(tag: &'static str, children: Vec<Node>) -> Node {
    NodeBuilder::new(tag).children(children).build()
}

fn text(tag: &'static str, says: &str) -> Node {
    NodeBuilder::new(tag).bytes(says.as_bytes().to_vec()).build()
}

/// Asks the server something; the answer.
pub(crate) async fn asks(own: &Companion, xmlns: &'static str, kind: &'static str, child: Node) -> Node {
    let iq = NodeBuilder::new("iq").attr("to", Jid::new("", Server::Pn)).attr("xmlns", xmlns).attr("type", kind);
    let answer = own.client.send_iq_node(iq.children([child]).build(), None).await.unwrap();
    answer.to_owned_node()
}

fn children<'n>(of: &'n Node, tag: &str) -> Vec<&'n Node> {
    of.children().unwrap_or_default().iter().filter(|child| child.tag == tag).collect()
}

pub(crate) fn child<'n>(of: &'n Node, tag: &str) -> &'n Node {
    children(of, tag).first().unwrap_or_else(|| panic!("no <{tag}> in {of:?}"))
}

pub(crate) fn bytes(of: &Node) -> &[u8] {
    match &of.content {
        Some(NodeContent::Bytes(bytes)) => bytes,
        Some(NodeContent::String(text)) => text.as_bytes(),
        _ => &[],
    }
}

fn said(of: &Node, tag: &str) -> String {
    String::from_utf8(bytes(child(of, tag)).to_vec()).unwrap()
}

/// A bakery with a cake for everybody and one that is hidden; the cake's id.
async fn bakery(place: &Place) -> String {
    place.put(&format!("/phones/{ALICE}/business"), json!({"verifiedName": "Alice's Bakery"})).await;
    let products = format!("/phones/{ALICE}/products");
    let cake = json!({"name": "Cake", "price1000": 12_500, "currency": "EUR", "collections": ["Sweet"]});
    let cake = place.post(&products, cake).await;
    place.post(&products, json!({"name": "Secret", "hidden": true})).await;
    cake["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_customer_reads_the_catalog_and_the_order() {
    let place = Place::new().await;
    let cake = bakery(&place).await;
    let own = Companion::link(&place, OWN).await;
    let seller = jid(ALICE);

    let list = NodeBuilder::new("product_catalog").attr("jid", &seller).children([text("limit", "10")]).build();
    let answer = asks(&own, "w:biz:catalog", "get", list).await;
    let products = children(child(&answer, "product_catalog"), "product");
    assert_eq!(products.len(), 1, "what is hidden is not there: {answer:?}");
    assert_eq!((said(products[0], "id"), said(products[0], "name")), (cake.clone(), "Cake".to_owned()));

    let sets = NodeBuilder::new("collections").attr("biz_jid", &seller).children([text("item_limit", "5")]).build();
    let answer = asks(&own, "w:biz:catalog", "get", sets).await;
    let sweet = child(child(&answer, "collections"), "collection");
    assert_eq!((said(sweet, "name"), said(child(sweet, "product"), "id")), ("Sweet".to_owned(), cake.clone()));

    let ordered = json!({"seller": ALICE, "items": [{"product": cake, "quantity": 2}]});
    let ordered = place.post(&format!("/phones/{BOB}/orders"), ordered).await;
    let (id, token) = (ordered["id"].as_str().unwrap(), ordered["token"].as_str().unwrap());
    let order = |token: &str| {
        let order = NodeBuilder::new("order").attr("op", "get").attr("id", id);
        order.children([text("token", token)]).build()
    };
    let answer = asks(&own, "fb:thrift_iq", "get", order(token)).await;
    let order_shown = child(&answer, "order");
    assert_eq!(said(child(order_shown, "product"), "quantity"), "2");
    assert_eq!(said(child(order_shown, "price"), "total"), "25000");
    let iq = NodeBuilder::new("iq").attr("to", Jid::new("", Server::Pn)).attr("xmlns", "fb:thrift_iq");
    let guessed = iq.attr("type", "get").children([order("guessed")]).build();
    assert!(own.client.send_iq_node(guessed, None).await.is_err(), "only who holds the token reads the order");
}

#[tokio::test]
async fn a_business_changes_its_catalog() {
    let place = Place::new().await;
    bakery(&place).await;
    let own = Companion::link(&place, ALICE).await;
    let shown = format!("/phones/{ALICE}/products");
    let named = |name: &str| {
        let name = name.to_owned();
        move |answer: &Value| answer["products"].as_array().unwrap().iter().find(|it| it["name"] == name).cloned()
    };
    let given = vec![text("name", "Pie"), text("price", "9000"), text("currency", "EUR")];
    let added = node("product_catalog_add", vec![node("product", given)]);
    let answer = asks(&own, "w:biz:catalog", "set", added).await;
    let id = said(child(child(&answer, "product_catalog_add"), "product"), "id");
    assert_eq!(named("Pie")(&place.get(&shown).await).unwrap()["id"], id);

    let given = vec![text("id", &id), text("name", "Apple pie")];
    asks(&own, "w:biz:catalog", "set", node("product_catalog_edit", vec![node("product", given)])).await;
    let pie = named("Apple pie")(&place.get(&shown).await).unwrap();
    assert_eq!((&pie["id"], &pie["price1000"]), (&json!(id), &json!(9_000)), "what is not named stays");

    let deleted = node("product_catalog_delete", vec![node("product", vec![text("id", &id)])]);
    asks(&own, "w:biz:catalog", "set", deleted).await;
    assert_eq!(named("Apple pie")(&place.get(&shown).await), None);
}
