//! What people see of a number.

use async_trait::async_trait;

use crate::error::NetworkError;
use crate::profile::{BusinessChange, OwnProfile, ProfilePicture};

/// What people see of a number.
#[async_trait]
pub trait ProfileLink: Send + Sync {
    /// What WhatsApp shows of the number now, its name apart.
    async fn own_profile(&self) -> Result<OwnProfile, NetworkError>;

    /// The bytes of a picture, a JPEG.
    ///
    /// # Errors
    /// [`NetworkError::Gone`] when its address is no longer good;
    /// [`NetworkError::TooLarge`].
    async fn own_picture(&self, picture: &ProfilePicture) -> Result<Vec<u8>, NetworkError>;

    /// Sets the name that the number gives itself.
    async fn set_name(&self, name: &str) -> Result<(), NetworkError>;

    /// Sets what the number says about itself; empty for nothing.
    async fn set_about(&self, text: &str) -> Result<(), NetworkError>;

    /// Sets the picture, a square JPEG; its id.
    async fn set_picture(&self, jpeg: Vec<u8>) -> Result<String, NetworkError>;

    /// Changes what a business says of itself.
    ///
    /// # Errors
    /// [`NetworkError::Refused`] with 403 for accounts that are none.
    async fn change_business(&self, change: BusinessChange) -> Result<(), NetworkError>;
}
