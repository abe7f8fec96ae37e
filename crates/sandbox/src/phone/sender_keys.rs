//! The keys by which messages to many are sealed once: a phone's own, and those
//! that others have handed to it.

use std::collections::HashMap;

use async_trait::async_trait;
use rand::rngs::StdRng;
use wacore::libsignal::protocol::error::Result as SignalResult;
use wacore::libsignal::protocol::{
    SenderKeyDistributionMessage, SenderKeyRecord, SenderKeyStore, create_sender_key_distribution_message,
    group_decrypt, group_encrypt, process_sender_key_distribution_message,
};
use wacore::libsignal::store::sender_key_name::SenderKeyName;

use super::party::ready;
use crate::ids::DeviceRef;

/// All sender keys of one phone, by chat and device.
#[derive(Default)]
pub(crate) struct SenderKeys(HashMap<String, SenderKeyRecord>);

fn name(chat: &str, sender: DeviceRef) -> SenderKeyName {
    SenderKeyName::from_parts(chat, &format!("{}:{}", sender.account.0, sender.device))
}

impl SenderKeys {
    /// The own key as it is handed to others, made now if there is none.
    pub(crate) fn distribution(&mut self, chat: &str, me: DeviceRef, rng: &mut StdRng) -> SignalResult<Vec<u8>> {
        let message = ready(create_sender_key_distribution_message(&name(chat, me), self, rng))?;
        Ok(message.serialized().to_vec())
    }

    /// Seals a padded message with the own key.
    pub(crate) fn seal(&mut self, chat: &str, me: DeviceRef, padded: &[u8], rng: &mut StdRng) -> SignalResult<Vec<u8>> {
        let sealed = ready(group_encrypt(self, &name(chat, me), padded, rng))?;
        Ok(sealed.serialized().to_vec())
    }

    /// Takes the key of another device.
    pub(crate) fn learn(&mut self, chat: &str, from: DeviceRef, distribution: &[u8]) -> SignalResult<()> {
        let message = SenderKeyDistributionMessage::try_from(distribution)?;
        ready(process_sender_key_distribution_message(&name(chat, from), &message, self))
    }

    /// Opens what another device has sealed; still padded.
    pub(crate) fn open(&mut self, chat: &str, from: DeviceRef, sealed: &[u8]) -> SignalResult<Vec<u8>> {
        ready(group_decrypt(sealed, self, &name(chat, from)))
    }

    /// Forgets a key; the next message is sealed with another.
    pub(crate) fn forget(&mut self, chat: &str, of: DeviceRef) {
        self.0.remove(name(chat, of).cache_key());
    }

    /// How many keys there are.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Forgets all keys of a chat.
    pub(crate) fn forget_chat(&mut self, chat: &str) {
        self.0.retain(|key, _| key.strip_prefix(chat).is_none_or(|rest| !rest.starts_with(':')));
    }
}

#[async_trait]
impl SenderKeyStore for SenderKeys {
    async fn store_sender_key(&mut self, name: &SenderKeyName, record: SenderKeyRecord) -> SignalResult<()> {
        self.0.insert(name.cache_key().to_owned(), record);
        Ok(())
    }

    async fn load_sender_key(&self, name: &SenderKeyName) -> SignalResult<Option<SenderKeyRecord>> {
        Ok(self.0.get(name.cache_key()).cloned())
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;
    use crate::ids::AccountId;

    const CHAT: &str = "120363000000000001@g.us";

    #[test]
    fn one_message_is_opened_by_all_who_have_the_key_and_only_once() {
        let mut rng = StdRng::seed_from_u64(5);
        let ana = DeviceRef::phone(AccountId(1));
        let (mut of_ana, mut of_bob, mut of_carol) =
            (SenderKeys::default(), SenderKeys::default(), SenderKeys::default());
        let key = of_ana.distribution(CHAT, ana, &mut rng).unwrap();
        of_bob.learn(CHAT, ana, &key).unwrap();
        let sealed = of_ana.seal(CHAT, ana, b"hello", &mut rng).unwrap();
        assert_eq!(of_bob.open(CHAT, ana, &sealed).unwrap(), b"hello");
        assert!(of_bob.open(CHAT, ana, &sealed).is_err(), "a copy can't be opened again");
        assert!(of_carol.open(CHAT, ana, &sealed).is_err(), "who was not given the key sees nothing");
    }

    #[test]
    fn another_key_is_not_opened_with_the_one_before() {
        let mut rng = StdRng::seed_from_u64(6);
        let ana = DeviceRef::phone(AccountId(1));
        let (mut of_ana, mut of_bob) = (SenderKeys::default(), SenderKeys::default());
        let key = of_ana.distribution(CHAT, ana, &mut rng).unwrap();
        of_bob.learn(CHAT, ana, &key).unwrap();
        of_ana.forget(CHAT, ana);
        of_ana.distribution(CHAT, ana, &mut rng).unwrap();
        let sealed = of_ana.seal(CHAT, ana, b"secret", &mut rng).unwrap();
        assert!(of_bob.open(CHAT, ana, &sealed).is_err());
    }
}
