//! What the company sells and tells the world: its profile, its catalog, its
//! channel.

use axum::http::Method;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::json;

use super::company::{ANA, DIEGO, EMMA, FARID, GRACE};
use super::{SeedError, Seeder, pictures};

/// A bicycle of the catalog.
struct Bicycle {
    name: &'static str,
    description: &'static str,
    price_1000: u64,
    retailer_id: &'static str,
    colour: [u8; 3],
    collection: &'static str,
}

const CATALOG: [Bicycle; 4] = [
    Bicycle {
        name: "Miller",
        description: "City bicycle, 8 gears, steel frame, lights by dynamo.",
        price_1000: 949_000,
        retailer_id: "MB-101",
        colour: [176, 40, 46],
        collection: "For every day",
    },
    Bicycle {
        name: "Miller Low",
        description: "The same with a low step-through frame.",
        price_1000: 969_000,
        retailer_id: "MB-102",
        colour: [47, 111, 179],
        collection: "For every day",
    },
    Bicycle {
        name: "Towpath",
        description: "Touring bicycle, 27 gears, racks front and rear.",
        price_1000: 1_490_000,
        retailer_id: "MB-201",
        colour: [31, 94, 58],
        collection: "For far away",
    },
    Bicycle {
        name: "Weir",
        description: "Cargo bicycle with a box for two children, electric.",
        price_1000: 4_290_000,
        retailer_id: "MB-301",
        colour: [209, 138, 18],
        collection: "For a lot",
    },
];

/// Posts of the channel, and how many minutes ago they were made.
const POSTS: [(i64, &str); 3] = [
    (5 * 24 * 60, "Spring check: brakes, gears, chain and air for 45 euros until the end of the month."),
    (3 * 24 * 60, "The Weir is here. Come and take it round the mill pond, with or without children."),
    (20 * 60, "Open on Saturday from 9 to 15. Coffee is on us, cake is on Clara."),
];

/// Minutes ago at which the channel was made.
const CHANNEL_BEGAN: i64 = 6 * 24 * 60;

/// Makes the company's account a business with a catalog.
pub(super) async fn catalog(seeder: &Seeder) -> Result<(), SeedError> {
    let hours = |day: &str, close: u32| json!({"day": day, "mode": "specific_hours", "open": 540, "close": close});
    let mut week: Vec<_> = ["mon", "tue", "wed", "thu", "fri"].into_iter().map(|day| hours(day, 1_080)).collect();
    week.push(hours("sat", 900));
    let profile = json!({
        "verifiedName": "Millrace Bicycles", "description": "Bicycles that we build, sell and mend.",
        "email": "shop@example.com", "address": "3 Mill Lane", "websites": ["https://example.com"],
        "categories": ["Bicycle Shop"], "timezone": "Europe/Berlin", "hours": week,
    });
    seeder.ask(Method::PUT, &format!("/phones/{ANA}/business"), profile).await?;
    for bicycle in &CATALOG {
        let (picture, ..) = pictures::bicycle(bicycle.colour, 1);
        let product = json!({
            "name": bicycle.name, "description": bicycle.description, "price1000": bicycle.price_1000,
            "currency": "EUR", "retailerId": bicycle.retailer_id, "images": [BASE64_STANDARD.encode(picture)],
            "collections": [bicycle.collection],
        });
        seeder.ask(Method::POST, &format!("/phones/{ANA}/products"), product).await?;
    }
    Ok(())
}

/// Makes the company's channel, with posts and followers.
pub(super) async fn channel(seeder: &Seeder) -> Result<(), SeedError> {
    seeder.clock(CHANNEL_BEGAN).await?;
    let picture = BASE64_STANDARD.encode(pictures::bicycle([176, 40, 46], 4).0);
    let channel = json!({
        "name": "Millrace Bicycles", "description": "What is new on Mill Lane.", "picture": picture, "crowd": 1_280,
    });
    let made = seeder.ask(Method::POST, &format!("/phones/{ANA}/channels"), channel).await?;
    let id = made["id"].as_str().unwrap_or_default().to_owned();
    for follower in [DIEGO, EMMA, FARID, GRACE] {
        seeder.ask(Method::POST, &format!("/phones/{follower}/channels/{id}/follow"), json!({})).await?;
    }
    for (ago, text) in POSTS {
        seeder.clock(ago).await?;
        let posts = format!("/phones/{ANA}/channels/{id}/posts");
        let posted = seeder.ask(Method::POST, &posts, json!({ "text": text })).await?;
        let reaction = format!("/phones/{EMMA}/channels/{id}/posts/{}/reaction", posted["serverId"]);
        seeder.ask(Method::PUT, &reaction, json!({"emoji": "🚲"})).await?;
    }
    Ok(())
}
