//! What people see of a number.

use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use sparkbot_network::NetworkError;
use sparkbot_network::link::ProfileLink;
use sparkbot_network::profile::{BusinessChange, OwnProfile, ProfilePicture};
use whatsapp_rust::ProfileError;

use super::NumberLink;
use crate::{errors, profile};

const ANSWER: Duration = Duration::from_secs(30);

#[async_trait]
impl ProfileLink for NumberLink {
    async fn own_profile(&self) -> Result<OwnProfile, NetworkError> {
        let client = self.number.logged_in()?;
        in_time(profile::own(&client)).await
    }

    async fn own_picture(&self, picture: &ProfilePicture) -> Result<Vec<u8>, NetworkError> {
        in_time(profile::picture(&self.number.settings.http, picture)).await
    }

    async fn set_name(&self, name: &str) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        answered(client.profile().set_push_name(name)).await
    }

    async fn set_about(&self, text: &str) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        answered(client.profile().set_status_text(text)).await
    }

    async fn set_picture(&self, jpeg: Vec<u8>) -> Result<String, NetworkError> {
        let client = self.number.logged_in()?;
        Ok(answered(client.profile().set_profile_picture(jpeg)).await?.id)
    }

    async fn change_business(&self, change: BusinessChange) -> Result<(), NetworkError> {
        let client = self.number.logged_in()?;
        in_time(profile::business::change(&client, change)).await
    }
}

async fn in_time<T>(asking: impl Future<Output = Result<T, NetworkError>>) -> Result<T, NetworkError> {
    tokio::time::timeout(ANSWER, asking).await.map_err(|_| NetworkError::Timeout)?
}

async fn answered<T>(asking: impl Future<Output = Result<T, ProfileError>>) -> Result<T, NetworkError> {
    in_time(async { asking.await.map_err(|error| errors::request(&error)) }).await
}
