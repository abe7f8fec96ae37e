//! What a business account shows: its profile, its catalog, its orders.

use std::collections::BTreeMap;

use crate::ids::AccountId;

/// The most products of one catalog.
pub(crate) const MAX_PRODUCTS: usize = 1_000;
/// The most collections of one catalog.
pub(crate) const MAX_COLLECTIONS: usize = 100;
/// The most orders a business keeps; the oldest go first.
const MAX_ORDERS: usize = 1_000;
/// Bytes of a product's picture.
pub(crate) const MAX_PICTURE: usize = 1024 * 1024;

/// A weekday's hours.
#[derive(Debug, Clone)]
pub(crate) struct Day {
    /// `sun` to `sat`.
    pub(crate) day: String,
    /// `specific_hours`, `open_24h` or `appointment_only`.
    pub(crate) mode: String,
    /// Minutes since midnight.
    pub(crate) hours: Option<(u32, u32)>,
}

/// When a business is open.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hours {
    pub(crate) timezone: String,
    pub(crate) days: Vec<Day>,
}

/// Something for sale.
#[derive(Debug, Clone, Default)]
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    /// Thousandths of the currency's unit.
    pub(crate) price_1000: Option<u64>,
    /// ISO 4217.
    pub(crate) currency: String,
    pub(crate) retailer_id: String,
    pub(crate) url: String,
    /// JPEGs, the first is shown in lists.
    pub(crate) images: Vec<Vec<u8>>,
    pub(crate) hidden: bool,
    pub(crate) in_stock: bool,
}

/// Products shown together.
#[derive(Debug, Clone)]
pub(crate) struct Collection {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) products: Vec<String>,
}

/// A thing of an order.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) product: String,
    pub(crate) name: String,
    pub(crate) price_1000: u64,
    pub(crate) currency: String,
    pub(crate) quantity: u64,
}

/// An order somebody placed.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) buyer: AccountId,
    /// What it takes to read it.
    pub(crate) token: String,
    /// Seconds since the epoch.
    pub(crate) created_at: u64,
    pub(crate) items: Vec<Item>,
}

/// The business side of an account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Business {
    pub(crate) verified_name: String,
    pub(crate) description: String,
    pub(crate) email: String,
    pub(crate) address: String,
    pub(crate) websites: Vec<String>,
    /// Id and name.
    pub(crate) categories: Vec<(String, String)>,
    pub(crate) hours: Option<Hours>,
    pub(crate) products: Vec<Product>,
    pub(crate) collections: Vec<Collection>,
    pub(crate) orders: BTreeMap<String, Order>,
}

impl Business {
    pub(crate) fn product(&self, id: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.id == id)
    }

    /// Keeps an order.
    pub(crate) fn placed(&mut self, id: String, order: Order) {
        if self.orders.len() >= MAX_ORDERS
            && let Some(oldest) = self.orders.iter().min_by_key(|(_, order)| order.created_at).map(|(id, _)| id.clone())
        {
            self.orders.remove(&oldest);
        }
        self.orders.insert(id, order);
    }
}
