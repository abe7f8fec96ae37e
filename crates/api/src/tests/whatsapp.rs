//! A WhatsApp of a few lines: what a number's link is asked is written down,
//! and tests play what arrives.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use sparkbot_core::ids::DeviceId;
use sparkbot_core::network::channel::{ChannelChange, ChannelInfo, DirectoryPage, DirectoryResult, NewChannel};
use sparkbot_core::network::group::{
    GroupChange, GroupInfo, GroupPicture, JoinRequest, Joined, MemberAction, MemberOutcome, NewGroup,
};
use sparkbot_core::network::link::{
    CallLink, CatalogLink, ChannelLink, ChatLink, ContactLink, GroupLink, HistoryLink, LabelLink, MeetingLink,
    ProfileLink,
};
use sparkbot_core::network::profile::{BusinessChange, OwnProfile, ProfilePicture};
use sparkbot_core::network::session_state::SessionState;
use sparkbot_core::network::{
    Activity, Call, CatalogProduct, ChatChange, Content, Existence, Flags, HistoryReading, HistorySink, Link, LinkCode,
    LinkHealth, Millis, Network, NetworkError, Observer, Outgoing, Person, PersonPicture, PersonProfile, Product,
    Received, ReceivedContent, Report, Ring, Sent, Target,
};
use sparkbot_core::phone::Phone;
use sparkbot_core::wid::Wid;

/// What the link was asked.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) sent: Vec<Outgoing>,
    pub(super) deleted: Vec<Target>,
    /// Calls that were rejected.
    pub(super) rejected: Vec<String>,
    /// Downloads that fail before one succeeds.
    pub(super) failures: usize,
    /// Messages that find no connection before one is sent.
    pub(super) unreachable: usize,
    observer: Option<Arc<dyn Observer>>,
}

/// WhatsApp, for one number.
#[derive(Clone, Default)]
pub(super) struct Fake(pub(super) Arc<Mutex<Asked>>);

pub(super) const OWN: &str = "16001234560@c.us";

/// What every download holds.
pub(super) const FILE: &[u8] = b"0123456789 the whole file";

impl Fake {
    pub(super) fn asked<T>(&self, look: impl FnOnce(&mut Asked) -> T) -> T {
        look(&mut self.0.lock().expect("asked"))
    }

    fn observer(&self) -> Arc<dyn Observer> {
        self.asked(|asked| asked.observer.clone()).expect("the number was opened")
    }

    pub(super) async fn comes_online(&self) {
        let phone = Phone::parse("+16001234560").expect("a number");
        self.observer().report(Report::Online { phone, push_name: None }).await;
    }

    pub(super) async fn reports(&self, report: Report) {
        self.observer().report(report).await;
    }

    pub(super) async fn delivers(&self, batch: &[Received]) {
        self.observer().received(batch.to_vec()).await.expect("committed");
    }
}

/// A message from somebody in a chat.
pub(super) fn from(author: &str, chat: &str, id: &str, kind: &str, body: Option<&str>, at: Millis) -> Received {
    let author: Wid = author.parse().expect("an author");
    Received {
        id: id.to_owned(),
        chat: chat.parse().expect("a chat"),
        chat_lid: None,
        from_me: author.as_str() == OWN,
        author,
        author_lid: None,
        at,
        push_name: Some("Ben".to_owned()),
        kind: kind.to_owned(),
        body: body.map(str::to_owned),
        quoted: None,
        mentions: Vec::new(),
        offline: false,
        flags: Flags::default(),
        content: ReceivedContent::Plain,
        raw: Bytes::from_static(b"raw"),
    }
}

#[async_trait]
impl Network for Fake {
    async fn open(&self, _: DeviceId, _: SessionState, seen: Arc<dyn Observer>) -> Result<Arc<dyn Link>, NetworkError> {
        self.asked(|asked| asked.observer = Some(seen));
        Ok(Arc::new(self.clone()))
    }

    async fn is_linked(&self, _: &SessionState) -> Result<bool, NetworkError> {
        Ok(true)
    }
}

#[async_trait]
impl ChatLink for Fake {
    async fn change_chat(&self, _: &Wid, _: &ChatChange, _: Option<Millis>) -> Result<(), NetworkError> {
        Ok(())
    }

    async fn star(&self, _: &Target, _: bool) -> Result<(), NetworkError> {
        Ok(())
    }

    async fn show_activity(&self, _: &Wid, _: Activity) -> Result<(), NetworkError> {
        Ok(())
    }
}
#[async_trait]
impl CallLink for Fake {
    async fn reject_call(&self, call: &Ring) -> Result<(), NetworkError> {
        self.asked(|asked| asked.rejected.push(call.id.clone()));
        Ok(())
    }
}

/// The fake has no groups: what a number does in them is tested against the sandbox.
#[async_trait]
impl GroupLink for Fake {
    async fn groups(&self) -> Result<Vec<GroupInfo>, NetworkError> {
        Ok(Vec::new())
    }

    async fn group(&self, _: &Wid) -> Result<GroupInfo, NetworkError> {
        Err(no_group())
    }

    async fn create_group(&self, _: NewGroup) -> Result<Wid, NetworkError> {
        Err(no_group())
    }

    async fn change_group(&self, _: &Wid, _: GroupChange) -> Result<(), NetworkError> {
        Err(no_group())
    }

    async fn change_members(&self, _: &Wid, _: MemberAction, _: &[Wid]) -> Result<Vec<MemberOutcome>, NetworkError> {
        Err(no_group())
    }

    async fn join_requests(&self, _: &Wid) -> Result<Vec<JoinRequest>, NetworkError> {
        Err(no_group())
    }

    async fn invite_code(&self, _: &Wid, _: bool) -> Result<String, NetworkError> {
        Err(no_group())
    }

    async fn join_group(&self, _: &str) -> Result<Joined, NetworkError> {
        Err(no_group())
    }

    async fn leave_group(&self, _: &Wid) -> Result<(), NetworkError> {
        Err(no_group())
    }

    async fn set_group_picture(&self, _: &Wid, _: Option<Vec<u8>>) -> Result<(), NetworkError> {
        Err(no_group())
    }

    async fn group_pictures(&self, _: &[Wid]) -> Result<Vec<(Wid, GroupPicture)>, NetworkError> {
        Ok(Vec::new())
    }
}

fn no_group() -> NetworkError {
    NetworkError::Refused { code: 404, reason: "there is none of these".to_owned() }
}

/// Nor has it channels.
#[async_trait]
impl ChannelLink for Fake {
    async fn channels(&self) -> Result<Vec<ChannelInfo>, NetworkError> {
        Ok(Vec::new())
    }

    async fn channel(&self, _: &Wid) -> Result<ChannelInfo, NetworkError> {
        Err(no_group())
    }

    async fn invited_channel(&self, _: &str) -> Result<ChannelInfo, NetworkError> {
        Err(no_group())
    }

    async fn create_channel(&self, _: NewChannel) -> Result<ChannelInfo, NetworkError> {
        Err(no_group())
    }

    async fn change_channel(&self, _: &Wid, _: ChannelChange) -> Result<(), NetworkError> {
        Err(no_group())
    }

    async fn delete_channel(&self, _: &Wid) -> Result<(), NetworkError> {
        Err(no_group())
    }

    async fn follow_channel(&self, _: &Wid) -> Result<(), NetworkError> {
        Err(no_group())
    }

    async fn unfollow_channel(&self, _: &Wid) -> Result<(), NetworkError> {
        Err(no_group())
    }

    async fn directory(&self, _: &DirectoryPage, _: u32, _: Option<&str>) -> Result<DirectoryResult, NetworkError> {
        Ok(DirectoryResult::default())
    }

    async fn watch_channel(&self, _: &Wid) -> Result<Duration, NetworkError> {
        Err(no_group())
    }
}

#[async_trait]
impl HistoryLink for Fake {
    async fn read_history(&self, _: Bytes, _: HistoryReading, _: &mut dyn HistorySink) -> Result<(), NetworkError> {
        Ok(())
    }

    async fn ask_history(&self, _: &Wid, _: Option<(&Target, Millis)>, _: u32) -> Result<String, NetworkError> {
        Err(NetworkError::Timeout)
    }
}

#[async_trait]
impl MeetingLink for Fake {
    async fn make_meeting_link(&self, _: Call) -> Result<String, NetworkError> {
        Err(NetworkError::Unreachable("there are no calls here".to_owned()))
    }
}

/// The fake has nothing to show of itself and nothing to sell.
#[async_trait]
impl ProfileLink for Fake {
    async fn own_profile(&self) -> Result<OwnProfile, NetworkError> {
        Ok(OwnProfile::default())
    }

    async fn own_picture(&self, _: &ProfilePicture) -> Result<Vec<u8>, NetworkError> {
        Err(NetworkError::Gone("there are no pictures here".to_owned()))
    }

    async fn set_name(&self, _: &str) -> Result<(), NetworkError> {
        Ok(())
    }

    async fn set_about(&self, _: &str) -> Result<(), NetworkError> {
        Ok(())
    }

    async fn set_picture(&self, _: Vec<u8>) -> Result<String, NetworkError> {
        Ok("1".to_owned())
    }

    async fn change_business(&self, _: BusinessChange) -> Result<(), NetworkError> {
        Err(NetworkError::Refused { code: 403, reason: "no business".to_owned() })
    }
}

#[async_trait]
impl CatalogLink for Fake {
    async fn catalog(&self, _: &Wid, _: usize) -> Result<Option<Vec<CatalogProduct>>, NetworkError> {
        Ok(None)
    }
}

#[async_trait]
impl ContactLink for Fake {
    async fn save_contact(&self, _: &Wid, _: &str, _: Option<&str>) -> Result<(), NetworkError> {
        Ok(())
    }

    async fn set_blocked(&self, _: &Wid, _: bool) -> Result<(), NetworkError> {
        Ok(())
    }

    async fn blocked(&self) -> Result<Vec<Person>, NetworkError> {
        Ok(Vec::new())
    }

    async fn profile(&self, _: &Wid) -> Result<Option<PersonProfile>, NetworkError> {
        Ok(None)
    }

    async fn picture(&self, _: &Wid, _: usize) -> Result<Option<PersonPicture>, NetworkError> {
        Ok(None)
    }
}

#[async_trait]
impl LabelLink for Fake {
    async fn is_business(&self) -> Result<bool, NetworkError> {
        Ok(false)
    }

    async fn save_label(&self, _: &str, _: &str, _: i32) -> Result<(), NetworkError> {
        Ok(())
    }

    async fn delete_label(&self, _: &str) -> Result<(), NetworkError> {
        Ok(())
    }

    async fn label_chat(&self, _: &str, _: &Wid, _: bool) -> Result<(), NetworkError> {
        Ok(())
    }
}

#[async_trait]
impl Link for Fake {
    async fn request_code(&self, _: &Phone) -> Result<LinkCode, NetworkError> {
        Err(NetworkError::AlreadyLinked)
    }

    async fn send(&self, message: Outgoing) -> Result<Sent, NetworkError> {
        if matches!(&message.content, Content::Edit { body, .. } if body == "refuse this") {
            return Err(NetworkError::Invalid("too old".to_owned()));
        }
        let away = self.asked(|asked| {
            let away = asked.unreachable > 0;
            asked.unreachable = asked.unreachable.saturating_sub(1);
            if !away {
                asked.sent.push(message);
            }
            away
        });
        if away {
            return Err(NetworkError::Unreachable("not connected".to_owned()));
        }
        Ok(Sent { at: None, chat: None, raw: Bytes::from_static(b"sent") })
    }

    async fn exists(&self, phones: &[Phone]) -> Result<Vec<Existence>, NetworkError> {
        let known = |phone: &Phone| (phone.as_str() == "+553187654321").then(|| Wid::user(phone));
        let answer = |phone: &Phone| Existence { phone: phone.clone(), wid: known(phone), lid: None, business: None };
        Ok(phones.iter().map(answer).collect())
    }

    async fn mark_read(&self, _: &Wid, _: Option<&Wid>, _: &[String]) -> Result<(), NetworkError> {
        Ok(())
    }

    async fn download(&self, _: &Target, raw: &[u8], into: &Path, _: u64) -> Result<(), NetworkError> {
        assert_eq!(raw, b"raw", "the protobuf as it was received");
        let fails = self.asked(|asked| {
            let fails = asked.failures > 0;
            asked.failures = asked.failures.saturating_sub(1);
            fails
        });
        if fails {
            return Err(NetworkError::Unreachable("not now".to_owned()));
        }
        std::fs::write(into, FILE).map_err(|error| NetworkError::State(error.to_string()))
    }

    async fn delete_for_me(&self, message: &Target, _: Millis, _: bool) -> Result<(), NetworkError> {
        self.asked(|asked| asked.deleted.push(message.clone()));
        Ok(())
    }

    async fn product(&self, _: &Wid, _: &str) -> Result<Option<(Product, Option<String>)>, NetworkError> {
        Ok(None)
    }

    async fn sync(&self) -> Result<(), NetworkError> {
        Ok(())
    }

    async fn logout(&self) -> Result<(), NetworkError> {
        Ok(())
    }

    async fn close(&self) {}

    async fn health(&self) -> LinkHealth {
        LinkHealth::default()
    }
}
