//! authenticatorGetAssertion and authenticatorGetNextAssertion (CTAP 2.2 §6.2, §6.3).

use keyvet_cbor::Item;

use super::Quirk;
use super::authenticator::{
    Authenticator, INVALID_OPTION, LIMIT_EXCEEDED, MISSING_PARAMETER, NO_CREDENTIALS, NOT_ALLOWED,
    bytes_of,
};
use super::cbor::{self, Members};
use super::client_pin::GA;
use super::credential::{AT, Credential, option};

impl Authenticator {
    pub(super) fn get_assertion(&mut self, request: &Item<'_>) -> Result<Members, u8> {
        let rp_id = request.get_int(1).and_then(Item::as_text).ok_or(MISSING_PARAMETER)?;
        let hash = bytes_of(request, 2).ok_or(MISSING_PARAMETER)?;
        let allowed = allow_list(request);
        if self.has(Quirk::NoCredentialsAtOnce) {
            return Err(NO_CREDENTIALS);
        }
        if self.has(Quirk::RefuseLongLists) && allowed.as_ref().is_some_and(|list| list.len() > 1) {
            return Err(LIMIT_EXCEEDED);
        }
        if self.has(Quirk::RefuseUpFalse) && option(request, 5, "up") == Some(false) {
            return Err(INVALID_OPTION);
        }
        let verified = self.verified(request, (6, 7), hash, GA)?;
        let found = self.found(rp_id, allowed.as_deref());
        self.begin_assertions(&found, hash, verified)
    }

    fn found(&self, rp_id: &str, allowed: Option<&[Vec<u8>]>) -> Vec<Credential> {
        let is_allowed = |credential: &&Credential| match allowed {
            Some(list) => list.contains(&credential.id),
            None => credential.discoverable,
        };
        let of_rp = self.credentials.iter().rev().filter(|credential| credential.rp_id == rp_id);
        let mut found: Vec<_> = of_rp.filter(is_allowed).cloned().collect();
        if allowed.is_some() {
            found.truncate(1);
        }
        let announced =
            [Quirk::CountLies, Quirk::EndlessGetNext].into_iter().any(|quirk| self.has(quirk));
        if let Some(first) = found.first().cloned().filter(|_| announced) {
            found = vec![first.clone(), first];
        }
        found
    }

    fn begin_assertions(
        &mut self,
        found: &[Credential],
        hash: &[u8],
        verified: bool,
    ) -> Result<Members, u8> {
        let with_list = found.len() == 1;
        let mut answers: Vec<_> = found
            .iter()
            .map(|credential| self.assertion(credential, hash, verified, with_list))
            .collect();
        if answers.is_empty() {
            return Err(NO_CREDENTIALS);
        }
        let count = u64::try_from(answers.len()).unwrap_or(u64::MAX);
        let mut first = answers.remove(0);
        match () {
            () if self.has(Quirk::CountLies) => first.put(5, cbor::unsigned(5)),
            () if self.has(Quirk::EndlessGetNext) => first.put(5, cbor::unsigned(1 << 32)),
            () if count > 1 => first.put(5, cbor::unsigned(count)),
            () => {}
        }
        self.assertions = answers;
        Ok(first)
    }

    pub(super) fn next_assertion(&mut self) -> Result<Members, u8> {
        if self.options.quirks.contains(&Quirk::EndlessGetNext) {
            return self.assertions.first().cloned().ok_or(NOT_ALLOWED);
        }
        if self.assertions.is_empty() {
            return Err(NOT_ALLOWED);
        }
        Ok(self.assertions.remove(0))
    }

    fn assertion(
        &self,
        credential: &Credential,
        hash: &[u8],
        verified: bool,
        alone: bool,
    ) -> Members {
        let mut id = credential.id.clone();
        if self.has(Quirk::AssertionOtherCredential) {
            id.iter_mut().for_each(|byte| *byte ^= 0xff);
        }
        let data = self.assertion_data(credential, verified);
        let signature = self.signature(&credential.key, &[&data[..], hash].concat());
        let mut answer = Members::default();
        if !self.has(Quirk::CredentialMissing) {
            let descriptor = [
                (cbor::text("id"), cbor::bytes(&id)),
                (cbor::text("type"), cbor::text("public-key")),
            ];
            answer.put(1, cbor::map(&descriptor));
        }
        answer.put(2, cbor::bytes(&data));
        answer.put(3, cbor::bytes(&signature));
        if credential.discoverable && !self.has(Quirk::UserMissing) {
            answer.put(4, self.user(credential, verified && !alone));
        }
        answer
    }

    fn assertion_data(&self, credential: &Credential, verified: bool) -> Vec<u8> {
        let attested = self.has(Quirk::AssertionAttested);
        let flags = self.flags(verified) | if attested { AT } else { 0 };
        let more = if attested { self.attested(credential) } else { Vec::new() };
        [self.rp_id_hash(&credential.rp_id), vec![flags], 2_u32.to_be_bytes().to_vec(), more]
            .concat()
    }

    fn user(&self, credential: &Credential, named: bool) -> Vec<u8> {
        let mut user = vec![(cbor::text("id"), cbor::bytes(&credential.user_id))];
        if self.has(Quirk::TruncatedUtf8) {
            user.push((cbor::text("name"), cbor::raw_text(&[b'Z', b'o', 0xc3])));
        } else if named {
            user.push((cbor::text("name"), cbor::text(&credential.user_name)));
        }
        cbor::map(&user)
    }
}

/// The ids of the allow list; `None` when there is none.
fn allow_list(request: &Item<'_>) -> Option<Vec<Vec<u8>>> {
    let list = request.get_int(3)?.as_array()?;
    let ids = list.iter().filter_map(|entry| entry.get_text("id").and_then(Item::as_bytes));
    Some(ids.map(<[u8]>::to_vec).collect())
}
