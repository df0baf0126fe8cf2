//! Channels that say something else than the key does: in its getInfo, or instead of it. Everything else goes through
//! untouched.

use async_trait::async_trait;
use keyvet_cbor::{Item, Mode, Out, Value, decode, encode};
use keyvet_transport::{Channel, ChannelError, DeviceId, Exchange, Limits};

/// A channel whose getInfo answers are changed on their way.
pub struct Edited {
    inner: Box<dyn Channel>,
    tell: Box<dyn Fn(&mut Said) + Send>,
}

/// A channel on which some requests never reach the key: another answer comes instead.
pub struct Instead {
    inner: Box<dyn Channel>,
    answer: Box<Answering>,
}

type Answering = dyn FnMut(&[u8]) -> Option<Vec<u8>> + Send;

/// A getInfo answer that can be changed.
pub struct Said(Vec<(Out, Out)>);

impl Edited {
    /// Changes the getInfo answers of `inner` by `tell`.
    #[must_use]
    pub fn new(inner: Box<dyn Channel>, tell: impl Fn(&mut Said) + Send + 'static) -> Self {
        Self { inner, tell: Box::new(tell) }
    }

    fn edit(&self, answer: &[u8]) -> Vec<u8> {
        let decoded = decode(&answer[1..], Mode::Tolerant).expect("getInfo is CBOR");
        let Out::Map(members) = out(&decoded.item) else { panic!("getInfo is a map") };
        let mut said = Said(members);
        (self.tell)(&mut said);
        let map = encode(&Out::Map(said.0)).expect("getInfo can be written");
        [vec![0], map].concat()
    }
}

impl Said {
    /// Says `value` under `key`.
    pub fn says(&mut self, key: i64, value: impl Into<Out>) {
        self.says_not(key);
        self.0.push((key.into(), value.into()));
    }

    /// Leaves out `key`.
    pub fn says_not(&mut self, key: i64) {
        self.0.retain(|(found, _)| *found != Out::from(key));
    }

    /// Says that option `id` is `state`, or leaves it out.
    pub fn option(&mut self, id: &str, state: Option<bool>) {
        let options = self.0.iter_mut().find(|(key, _)| *key == Out::from(0x04));
        let Some((_, Out::Map(options))) = options else { panic!("there are options") };
        options.retain(|(found, _)| *found != Out::from(id));
        options.extend(state.map(|state| (id.into(), state.into())));
    }

    /// Says that it offers these PIN/UV auth protocols.
    pub fn protocols(&mut self, protocols: &[i64]) {
        self.says(0x06, Out::Array(protocols.iter().map(|n| Out::from(*n)).collect()));
    }

    /// Says that it speaks these versions.
    pub fn versions(&mut self, versions: &[&str]) {
        self.says(0x01, Out::Array(versions.iter().map(|text| Out::from(*text)).collect()));
    }
}

#[async_trait]
impl Channel for Edited {
    fn device(&self) -> &DeviceId {
        self.inner.device()
    }

    fn limits(&self) -> Limits {
        self.inner.limits()
    }

    async fn transact(
        &mut self,
        request: &[u8],
        exchange: Exchange<'_>,
    ) -> Result<Vec<u8>, ChannelError> {
        let answer = self.inner.transact(request, exchange).await?;
        let is_info = request == [GET_INFO] && answer.first() == Some(&0);
        Ok(if is_info { self.edit(&answer) } else { answer })
    }

    async fn wink(&mut self, exchange: Exchange<'_>) -> Result<(), ChannelError> {
        self.inner.wink(exchange).await
    }

    async fn ping(&mut self, exchange: Exchange<'_>) -> Result<(), ChannelError> {
        self.inner.ping(exchange).await
    }
}

impl Instead {
    /// Answers with what `answer` gives for a request; what it gives nothing for goes to `inner`.
    #[must_use]
    pub fn new(
        inner: Box<dyn Channel>,
        answer: impl FnMut(&[u8]) -> Option<Vec<u8>> + Send + 'static,
    ) -> Self {
        Self { inner, answer: Box::new(answer) }
    }
}

#[async_trait]
impl Channel for Instead {
    fn device(&self) -> &DeviceId {
        self.inner.device()
    }

    fn limits(&self) -> Limits {
        self.inner.limits()
    }

    async fn transact(
        &mut self,
        request: &[u8],
        exchange: Exchange<'_>,
    ) -> Result<Vec<u8>, ChannelError> {
        match (self.answer)(request) {
            Some(answer) => Ok(answer),
            None => self.inner.transact(request, exchange).await,
        }
    }

    async fn wink(&mut self, exchange: Exchange<'_>) -> Result<(), ChannelError> {
        self.inner.wink(exchange).await
    }

    async fn ping(&mut self, exchange: Exchange<'_>) -> Result<(), ChannelError> {
        self.inner.ping(exchange).await
    }
}

fn out(item: &Item<'_>) -> Out {
    match item.value() {
        Value::Unsigned(n) => Out::Unsigned(*n),
        Value::Negative(n) => Out::Negative(*n),
        Value::Bytes(bytes) => Out::Bytes(bytes.to_vec()),
        Value::Text(text) => Out::Text((*text).to_owned()),
        Value::Array(items) => Out::Array(items.iter().map(out).collect()),
        Value::Map(pairs) => {
            Out::Map(pairs.iter().map(|(key, value)| (out(key), out(value))).collect())
        }
        Value::Bool(truth) => Out::Bool(*truth),
        Value::Null => Out::Null,
    }
}

const GET_INFO: u8 = 0x04;
