//! Catalogs of businesses as they were last seen.

use super::Account;
use crate::error::Result;
use crate::ids::DeviceId;
use crate::sql::Sql;

/// A catalog as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CatalogRow {
    /// The business.
    pub wid: String,
    /// How many products it has.
    pub products: i64,
    /// When WhatsApp was last asked; 0 when it is known to be another since.
    pub synced_at: i64,
}

impl Account<'_> {
    /// A business's catalog, as a number has seen it.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn catalog(&mut self, device: &DeviceId, wid: &str) -> Result<Option<CatalogRow>> {
        let mut sql = Sql::new("SELECT wid, products, synced_at FROM catalogs");
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and("wid = ").bind(wid);
        sql.one(&mut *self.conn).await
    }

    /// A page of a catalog's products, JSON, in the seller's order.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn catalog_products(
        &mut self,
        device: &DeviceId,
        wid: &str,
        size: i64,
        skip: i64,
    ) -> Result<Vec<String>> {
        // Positions count from 0 without gaps.
        Ok(sqlx::query_scalar(
            "SELECT doc FROM catalog_products WHERE account_id = $1 AND device_id = $2 AND wid = $3 \
             AND position >= $4 AND position < $5 ORDER BY position",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(wid)
        .bind(skip)
        .bind(skip.saturating_add(size))
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Writes a catalog as it is now.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn put_catalog(&mut self, device: &DeviceId, wid: &str, products: &[String], at: i64) -> Result<()> {
        self.delete_catalog_rows("DELETE FROM catalog_products", device, wid).await?;
        for (position, doc) in (0_i64..).zip(products) {
            sqlx::query(
                "INSERT INTO catalog_products (device_id, wid, position, account_id, doc) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(device.as_str())
            .bind(wid)
            .bind(position)
            .bind(self.id.as_str())
            .bind(doc)
            .execute(&mut *self.conn)
            .await?;
        }
        sqlx::query(
            "INSERT INTO catalogs (device_id, wid, account_id, products, synced_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (device_id, wid) DO UPDATE SET products = excluded.products, synced_at = excluded.synced_at",
        )
        .bind(device.as_str())
        .bind(wid)
        .bind(self.id.as_str())
        .bind(i64::try_from(products.len()).unwrap_or(i64::MAX))
        .bind(at)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Notes that a catalog is another than the one that was seen.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn outdate_catalog(&mut self, device: &DeviceId, wid: &str) -> Result<()> {
        sqlx::query("UPDATE catalogs SET synced_at = 0 WHERE account_id = $1 AND device_id = $2 AND wid = $3")
            .bind(self.id.as_str())
            .bind(device.as_str())
            .bind(wid)
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Forgets a catalog.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_catalog(&mut self, device: &DeviceId, wid: &str) -> Result<()> {
        self.delete_catalog_rows("DELETE FROM catalog_products", device, wid).await?;
        self.delete_catalog_rows("DELETE FROM catalogs", device, wid).await
    }

    /// Businesses whose catalogs a number has seen, those seen last first, without
    /// the first `most`.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn catalogs_beyond(&mut self, device: &DeviceId, most: i64) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar(
            "SELECT wid FROM catalogs WHERE account_id = $1 AND device_id = $2 \
             ORDER BY synced_at DESC, wid LIMIT 1000 OFFSET $3",
        )
        .bind(self.id.as_str())
        .bind(device.as_str())
        .bind(most)
        .fetch_all(&mut *self.conn)
        .await?)
    }

    /// Forgets all catalogs that a number has seen.
    ///
    /// # Errors
    /// As the database answers.
    pub async fn delete_catalogs(&mut self, device: &DeviceId) -> Result<()> {
        for text in ["DELETE FROM catalog_products", "DELETE FROM catalogs"] {
            let mut sql = Sql::new(text);
            sql.and("account_id = ").bind(self.id.as_str());
            sql.and("device_id = ").bind(device.as_str());
            sql.run(&mut *self.conn).await?;
        }
        Ok(())
    }

    async fn delete_catalog_rows(&mut self, text: &'static str, device: &DeviceId, wid: &str) -> Result<()> {
        let mut sql = Sql::new(text);
        sql.and("account_id = ").bind(self.id.as_str());
        sql.and("device_id = ").bind(device.as_str());
        sql.and("wid = ").bind(wid);
        sql.run(&mut *self.conn).await.map(drop)
    }
}
