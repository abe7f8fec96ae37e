//! What a number does with channels.

use std::time::Duration;

use async_trait::async_trait;
use sparkbot_network::NetworkError;
use sparkbot_network::channel::{ChannelChange, ChannelInfo, DirectoryPage, DirectoryResult, NewChannel};
use sparkbot_network::link::ChannelLink;
use sparkbot_network::wid::Wid;

use super::NumberLink;
use crate::address;
use crate::channels::{ask, directory};

#[async_trait]
impl ChannelLink for NumberLink {
    async fn channels(&self) -> Result<Vec<ChannelInfo>, NetworkError> {
        ask::all(&*self.number.logged_in()?, &self.number.settings.http).await
    }

    async fn channel(&self, channel: &Wid) -> Result<ChannelInfo, NetworkError> {
        let jid = address::jid(channel)?.to_string();
        ask::one(&*self.number.logged_in()?, &self.number.settings.http, "JID", &jid).await
    }

    async fn invited_channel(&self, code: &str) -> Result<ChannelInfo, NetworkError> {
        ask::one(&*self.number.logged_in()?, &self.number.settings.http, "INVITE", code).await
    }

    async fn create_channel(&self, new: NewChannel) -> Result<ChannelInfo, NetworkError> {
        ask::create(&*self.number.logged_in()?, &self.number.settings.http, new).await
    }

    async fn change_channel(&self, channel: &Wid, change: ChannelChange) -> Result<(), NetworkError> {
        ask::change(&*self.number.logged_in()?, &address::jid(channel)?, change).await
    }

    async fn delete_channel(&self, channel: &Wid) -> Result<(), NetworkError> {
        ask::delete(&*self.number.logged_in()?, &address::jid(channel)?).await
    }

    async fn follow_channel(&self, channel: &Wid) -> Result<(), NetworkError> {
        ask::follow(&*self.number.logged_in()?, &address::jid(channel)?).await
    }

    async fn unfollow_channel(&self, channel: &Wid) -> Result<(), NetworkError> {
        ask::unfollow(&*self.number.logged_in()?, &address::jid(channel)?).await
    }

    async fn directory(
        &self,
        page: &DirectoryPage,
        limit: u32,
        from: Option<&str>,
    ) -> Result<DirectoryResult, NetworkError> {
        directory::page(&*self.number.logged_in()?, &self.number.settings.http, page, limit, from).await
    }

    async fn watch_channel(&self, channel: &Wid) -> Result<Duration, NetworkError> {
        ask::watch(&*self.number.logged_in()?, &address::jid(channel)?).await
    }
}
