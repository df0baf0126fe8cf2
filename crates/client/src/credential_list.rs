//! Lists of credentials within the key's limits (CTAP 2.2 §6.4, members 0x07 and 0x08).
//!
//! A list that does not fit one request is asked silently, batch by batch, for a credential that the key knows; the one
//! found takes the place of the list.

use keyvet_ctap::{Command, CredentialDescriptor, GetAssertion, MakeCredential, StatusCode};

use crate::{Ceremony, Client, ClientError, client::Wait};

impl Client {
    /// The exclude list to send with `command`.
    pub(crate) async fn fit_exclude_list(
        &mut self,
        command: &mut MakeCredential,
        exclude: &[CredentialDescriptor],
        ceremony: &Ceremony<'_>,
    ) -> Result<Vec<CredentialDescriptor>, ClientError> {
        let usable = self.usable(exclude);
        command.exclude_list = usable.clone();
        // room for the verification that is added later
        let len = command.encode().len().saturating_add(AUTH_LEN);
        if self.fits(usable.len(), len) {
            return Ok(usable);
        }
        let rp_id = command.rp.id.clone();
        Ok(self.known(&rp_id, &usable, ceremony).await?.into_iter().collect())
    }

    /// The allow list to send with `command`; `None` when the key knows none of a list that does not fit.
    pub(crate) async fn fit_allow_list(
        &mut self,
        command: &mut GetAssertion,
        allow: &[CredentialDescriptor],
        ceremony: &Ceremony<'_>,
    ) -> Result<Option<Vec<CredentialDescriptor>>, ClientError> {
        let usable = self.usable(allow);
        if usable.is_empty() {
            // an empty list would ask for any credential at all
            return Ok(allow.is_empty().then(Vec::new));
        }
        command.allow_list.clone_from(&usable);
        let len = command.encode().len().saturating_add(AUTH_LEN);
        if self.fits(usable.len(), len) {
            return Ok(Some(usable));
        }
        let rp_id = command.rp_id.clone();
        Ok(self.known(&rp_id, &usable, ceremony).await?.map(|known| vec![known]))
    }

    /// Identifiers that the key can have made: no longer than it says.
    fn usable(&self, list: &[CredentialDescriptor]) -> Vec<CredentialDescriptor> {
        let max = self.info().max_credential_id_length.filter(|max| *max > 0);
        let max = max.and_then(|max| usize::try_from(max).ok()).unwrap_or(usize::MAX);
        list.iter().filter(|credential| credential.id.len() <= max).cloned().collect()
    }

    fn fits(&self, count: usize, len: usize) -> bool {
        count <= self.max_count() && len <= self.max_request_len()
    }

    /// How many credentials one request may name. Keys of CTAP 2.0 do not say, and some take one only.
    fn max_count(&self) -> usize {
        let said = self.info().max_credential_count_in_list.unwrap_or(1);
        usize::try_from(said).unwrap_or(usize::MAX).max(1)
    }

    /// The first of `list` that is on the key, found without a touch. At most one exchange per credential.
    async fn known(
        &mut self,
        rp_id: &str,
        list: &[CredentialDescriptor],
        ceremony: &Ceremony<'_>,
    ) -> Result<Option<CredentialDescriptor>, ClientError> {
        // a hash of nothing: what the key signs here must be good for nothing else
        let mut question = GetAssertion::new(rp_id, self.random()?);
        question.up = Some(false);
        let mut rest = list;
        while let Some((batch, after)) = self.batch(&mut question, rest) {
            if let Some(found) = self.ask_silently(&mut question, batch, ceremony).await? {
                return Ok(Some(found));
            }
            rest = after;
        }
        Ok(None)
    }

    /// As many of `list` as one question takes, at least one, and the others.
    fn batch<'l>(
        &self,
        question: &mut GetAssertion,
        list: &'l [CredentialDescriptor],
    ) -> Option<(&'l [CredentialDescriptor], &'l [CredentialDescriptor])> {
        let mut count = self.max_count().min(list.len());
        while count > 1 {
            question.allow_list = list.get(..count)?.to_vec();
            if question.encode().len() <= self.max_request_len() {
                break;
            }
            count = count.saturating_sub(1);
        }
        list.split_at_checked(count).filter(|(batch, _)| !batch.is_empty())
    }

    /// One of `batch` that is on the key. With several the answer tells which; where it does not, they are asked singly.
    async fn ask_silently(
        &mut self,
        question: &mut GetAssertion,
        batch: &[CredentialDescriptor],
        ceremony: &Ceremony<'_>,
    ) -> Result<Option<CredentialDescriptor>, ClientError> {
        question.allow_list = batch.to_vec();
        let request = question.encode();
        let answer = self.transact(Command::GET_ASSERTION, &request, Wait::Answer, ceremony).await;
        let answer = match answer {
            Err(ClientError::Status { status: StatusCode::NO_CREDENTIALS, .. }) => return Ok(None),
            other => other?,
        };
        let response = crate::assertion::parse(&answer)?;
        let named = response.credential.map(|credential| credential.id);
        let found = batch.iter().find(|one| named.as_deref() == Some(one.id.as_slice()));
        Ok(found.or(batch.first()).cloned())
    }
}

/// What verification adds to a request: two keys, a MAC of 32 bytes with its header, a protocol number.
const AUTH_LEN: usize = 2 + 34 + 1;
