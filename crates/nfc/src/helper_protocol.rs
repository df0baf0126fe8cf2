//! What `keyvet` and the program `keyvet-pcsc` say to each other: card readers over two pipes.
//!
//! The smart card library of the system is linked with the helper program alone, so that everything else starts where it
//! is not installed. Both programs are of one build; the version is there to notice when they are not.
//!
//! A **frame** is `length:u32 body`, the length being that of the body, 1 to [`MAX_FRAME_LEN`]. All numbers are big
//! endian; `bytes` and `text` (UTF-8) are `length:u16` and that many bytes; a flag is 0 or 1.
//!
//! The helper's first frame is the [`greeting`]: `"keyvet-pcsc" version:u16`. After it:
//!
//! | body of a request | answer's payload |
//! |---|---|
//! | `id:u32 0x01` list the readers | `count:u16 reader…` |
//! | `id:u32 0x02 reader:text events:u64 atr:bytes` connect; the id names the link from then on | nothing |
//! | `id:u32 0x03 count:u16 reader…` wait until it is otherwise | nothing |
//! | `id:u32 0x04` stop waiting | no answer of its own |
//! | `id:u32 0x05 link:u32 command` transmit, the command being the rest of the frame | the response |
//! | `id:u32 0x06 link:u32` begin a transaction | nothing |
//! | `id:u32 0x07 link:u32` end it | nothing |
//! | `id:u32 0x08 link:u32` an answer was abandoned: reset the card at the close | no answer |
//! | `id:u32 0x09 link:u32` close | no answer |
//!
//! `reader` is `name:text interface:u8 exclusive:flag address:flag [bus:u8 device:u8] card:flag [events:u64 atr:bytes]`.
//! An answer is `id:u32 0x00 payload`, or `id:u32 code fields` with the codes of [`ChannelError`] below. Answers come in
//! the order in which things are done, those of one link in the order of its requests. The helper ends when its standard
//! input does, and writes nothing but frames.

use keyvet_transport::{CardInterface, ChannelError, UsbAddress};
use std::io::{self, Read, Write};

use crate::{CardId, ReaderState};

/// Counts incompatible changes.
pub const VERSION: u16 = 1;

/// The longest body of a frame, in bytes: the longest APDU (65,544 bytes) with room to spare.
pub const MAX_FRAME_LEN: usize = 0x0001_4000;

/// The service that a missing helper or library is a case of.
pub const SERVICE: &str = "the smart card service (pcscd)";

/// The helper's first frame.
#[must_use]
pub fn greeting() -> Vec<u8> {
    let mut body = NAME.to_vec();
    body.extend(VERSION.to_be_bytes());
    body
}

/// Writes one frame at once, so that the other side wakes up once.
///
/// # Errors
/// When the pipe is closed, or `body` is longer than [`MAX_FRAME_LEN`].
pub fn write_frame(pipe: &mut impl Write, body: &[u8]) -> io::Result<()> {
    let too_long = || io::Error::new(io::ErrorKind::InvalidInput, "the frame is too long");
    if body.len() > MAX_FRAME_LEN {
        return Err(too_long());
    }
    let len = u32::try_from(body.len()).map_err(|_| too_long())?;
    let mut frame = Vec::with_capacity(body.len().saturating_add(4));
    frame.extend(len.to_be_bytes());
    frame.extend(body);
    pipe.write_all(&frame)?;
    pipe.flush()
}

/// Reads one frame; none at the end of the stream.
///
/// # Errors
/// When the stream ends within a frame, or a length is outside 1 to [`MAX_FRAME_LEN`].
pub fn read_frame(pipe: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut len = [0; 4];
    match pipe.read_exact(&mut len) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let len = usize::try_from(u32::from_be_bytes(len)).unwrap_or(usize::MAX);
    if len == 0 || len > MAX_FRAME_LEN {
        return Err(io::Error::new(io::ErrorKind::InvalidData, Malformed("length of a frame")));
    }
    let mut body = vec![0; len];
    pipe.read_exact(&mut body)?;
    Ok(Some(body))
}

/// One request.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Request {
    /// List the readers.
    List,
    /// Connect to the card in this reader.
    Connect {
        /// Name of the reader.
        reader: String,
        /// The card expected there.
        card: CardId,
    },
    /// Wait until the readers are no longer these.
    Wait(Vec<ReaderState>),
    /// Stop the waiting of the same id.
    Stop,
    /// Send a command APDU.
    Transmit {
        /// The link.
        link: u32,
        /// The command.
        command: Vec<u8>,
    },
    /// Begin a transaction on this link.
    Begin(u32),
    /// End it.
    End(u32),
    /// Nobody took an answer of this link: the card is to be reset when it is closed.
    Spoil(u32),
    /// Close this link.
    Close(u32),
}

impl Request {
    /// The body of its frame.
    #[must_use]
    pub fn encode(&self, id: u32) -> Vec<u8> {
        let mut body = id.to_be_bytes().to_vec();
        body.push(self.code());
        match self {
            Self::List | Self::Stop => {}
            Self::Connect { reader, card } => {
                put_bytes(&mut body, reader.as_bytes());
                put_card(&mut body, card);
            }
            Self::Wait(known) => put_readers(&mut body, known),
            Self::Transmit { link, command } => {
                body.extend(link.to_be_bytes());
                body.extend(command);
            }
            Self::Begin(link) | Self::End(link) | Self::Spoil(link) | Self::Close(link) => {
                body.extend(link.to_be_bytes());
            }
        }
        body
    }

    const fn code(&self) -> u8 {
        match self {
            Self::List => 0x01,
            Self::Connect { .. } => 0x02,
            Self::Wait(_) => 0x03,
            Self::Stop => 0x04,
            Self::Transmit { .. } => 0x05,
            Self::Begin(_) => 0x06,
            Self::End(_) => 0x07,
            Self::Spoil(_) => 0x08,
            Self::Close(_) => 0x09,
        }
    }

    /// A request and its id.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn decode(body: &[u8]) -> Result<(u32, Self), Malformed> {
        let mut fields = Fields(body);
        let id = fields.u32()?;
        let request = match fields.u8()? {
            0x01 => Self::List,
            0x02 => Self::Connect { reader: fields.text()?, card: fields.card()? },
            0x03 => Self::Wait(fields.readers()?),
            0x04 => Self::Stop,
            0x05 => Self::Transmit { link: fields.u32()?, command: fields.rest().to_vec() },
            0x06 => Self::Begin(fields.u32()?),
            0x07 => Self::End(fields.u32()?),
            0x08 => Self::Spoil(fields.u32()?),
            0x09 => Self::Close(fields.u32()?),
            _ => return Err(Malformed("code of a request")),
        };
        fields.end()?;
        Ok((id, request))
    }
}

/// The body of an answer's frame.
#[must_use]
pub fn encode_answer(id: u32, answer: &Result<Vec<u8>, ChannelError>) -> Vec<u8> {
    let mut body = id.to_be_bytes().to_vec();
    match answer {
        Ok(payload) => {
            body.push(0);
            body.extend(payload);
        }
        Err(error) => put_error(&mut body, error),
    }
    body
}

/// An answer and the id of its request.
///
/// # Errors
/// [`Malformed`].
pub fn decode_answer(body: &[u8]) -> Result<(u32, Result<Vec<u8>, ChannelError>), Malformed> {
    let mut fields = Fields(body);
    let id = fields.u32()?;
    let answer = match fields.u8()? {
        0 => Ok(fields.rest().to_vec()),
        code => Err(fields.error(code)?),
    };
    fields.end()?;
    Ok((id, answer))
}

/// The payload that tells of readers.
#[must_use]
pub fn encode_readers(readers: &[ReaderState]) -> Vec<u8> {
    let mut payload = Vec::new();
    put_readers(&mut payload, readers);
    payload
}

/// Readers from a payload.
///
/// # Errors
/// [`Malformed`].
pub fn decode_readers(payload: &[u8]) -> Result<Vec<ReaderState>, Malformed> {
    let mut fields = Fields(payload);
    let readers = fields.readers()?;
    fields.end()?;
    Ok(readers)
}

/// The bytes are not of this protocol.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not of the protocol: {0}")]
pub struct Malformed(&'static str);

fn put_bytes(body: &mut Vec<u8>, bytes: &[u8]) {
    let (len, bytes) = match u16::try_from(bytes.len()) {
        Ok(len) => (len, bytes),
        // names and ATRs are far shorter; a text of an operating system may be cut
        Err(_) => (u16::MAX, bytes.get(..usize::from(u16::MAX)).unwrap_or_default()),
    };
    body.extend(len.to_be_bytes());
    body.extend(bytes);
}

fn put_card(body: &mut Vec<u8>, card: &CardId) {
    body.extend(card.events.to_be_bytes());
    put_bytes(body, &card.atr);
}

fn put_readers(body: &mut Vec<u8>, readers: &[ReaderState]) {
    let readers = readers.get(..MAX_READERS).unwrap_or(readers);
    body.extend(u16::try_from(readers.len()).unwrap_or(u16::MAX).to_be_bytes());
    for reader in readers {
        put_reader(body, reader);
    }
}

fn put_reader(body: &mut Vec<u8>, reader: &ReaderState) {
    put_bytes(body, reader.name.as_bytes());
    body.push(match reader.interface {
        CardInterface::Contact => 1,
        CardInterface::Contactless => 2,
        _ => 0,
    });
    body.push(reader.exclusive.into());
    body.push(reader.usb_address.is_some().into());
    body.extend(reader.usb_address.iter().flat_map(|address| [address.bus, address.device]));
    body.push(reader.card.is_some().into());
    if let Some(card) = &reader.card {
        put_card(body, card);
    }
}

fn put_error(body: &mut Vec<u8>, error: &ChannelError) {
    let (code, texts): (u8, &[&str]) = match error {
        ChannelError::Removed => (0x01, &[]),
        ChannelError::Replaced { path, expected, found } => (0x02, &[path, expected, found]),
        ChannelError::Busy => (0x03, &[]),
        ChannelError::PermissionDenied { path, cause } => (0x04, &[path, cause]),
        ChannelError::ServiceMissing { cause, .. } => (0x05, &[cause]),
        ChannelError::Unsupported(_) => (0x06, &[]),
        ChannelError::Poisoned => (0x07, &[]),
        ChannelError::Io(said) => (0x08, &[said]),
        other => {
            body.push(0x08);
            return put_bytes(body, other.to_string().as_bytes());
        }
    };
    body.push(code);
    for text in texts {
        put_bytes(body, text.as_bytes());
    }
}

/// What is left of a body.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(Malformed("too short"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed("too short"))
    }

    fn u8(&mut self) -> Result<u8, Malformed> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_be_bytes)
    }

    fn flag(&mut self) -> Result<bool, Malformed> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed("flag")),
        }
    }

    fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let len = self.array().map(u16::from_be_bytes)?;
        self.take(len.into())
    }

    fn text(&mut self) -> Result<String, Malformed> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|_| Malformed("text"))
    }

    fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    fn card(&mut self) -> Result<CardId, Malformed> {
        let events = self.array().map(u64::from_be_bytes)?;
        Ok(CardId { events, atr: self.bytes()?.to_vec() })
    }

    fn readers(&mut self) -> Result<Vec<ReaderState>, Malformed> {
        let count = self.array().map(u16::from_be_bytes)?;
        if usize::from(count) > MAX_READERS {
            return Err(Malformed("number of readers"));
        }
        (0..count).map(|_| self.reader()).collect()
    }

    fn reader(&mut self) -> Result<ReaderState, Malformed> {
        let mut reader = ReaderState::new(self.text()?);
        reader.interface = match self.u8()? {
            0 => CardInterface::Unknown,
            1 => CardInterface::Contact,
            2 => CardInterface::Contactless,
            _ => return Err(Malformed("interface")),
        };
        reader.exclusive = self.flag()?;
        if self.flag()? {
            reader.usb_address = Some(UsbAddress { bus: self.u8()?, device: self.u8()? });
        }
        if self.flag()? {
            reader.card = Some(self.card()?);
        }
        Ok(reader)
    }

    fn error(&mut self, code: u8) -> Result<ChannelError, Malformed> {
        Ok(match code {
            0x01 => ChannelError::Removed,
            0x02 => ChannelError::Replaced {
                path: self.text()?,
                expected: self.text()?,
                found: self.text()?,
            },
            0x03 => ChannelError::Busy,
            0x04 => ChannelError::PermissionDenied { path: self.text()?, cause: self.text()? },
            0x05 => ChannelError::ServiceMissing { service: SERVICE, cause: self.text()? },
            0x06 => ChannelError::Unsupported(EXTENDED),
            0x07 => ChannelError::Poisoned,
            0x08 => ChannelError::Io(self.text()?),
            _ => return Err(Malformed("code of an answer")),
        })
    }

    fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed("too long")) }
    }
}

/// The one thing a reader says it cannot do: [`ChannelError::Unsupported`] with this text, after which the link still
/// carries short APDUs.
pub const EXTENDED: &str = "an extended APDU";

/// More readers than any service has (pcscd: 16).
const MAX_READERS: usize = 256;

const NAME: &[u8] = b"keyvet-pcsc";

#[cfg(test)]
mod tests {
    use super::*;

    fn reader() -> ReaderState {
        let mut reader = ReaderState::new("Reader \u{1b}[31m 00 00");
        reader.card = Some(CardId { atr: vec![0x3b; 33], events: 0x0001_0002 });
        reader.exclusive = true;
        reader.interface = CardInterface::Contactless;
        reader.usb_address = Some(UsbAddress { bus: 3, device: 255 });
        reader
    }

    fn requests() -> Vec<Request> {
        vec![
            Request::List,
            Request::Connect { reader: "r".into(), card: reader().card.unwrap() },
            Request::Wait(vec![reader(), ReaderState::new("")]),
            Request::Stop,
            Request::Transmit { link: 7, command: vec![0; 65_544] },
            Request::Begin(7),
            Request::End(7),
            Request::Spoil(7),
            Request::Close(7),
        ]
    }

    #[test]
    fn every_request_comes_back_as_it_was() {
        for request in requests() {
            assert_eq!(Request::decode(&request.encode(9)), Ok((9, request)));
        }
    }

    #[test]
    fn every_answer_comes_back_as_it_was() {
        let replaced =
            ChannelError::Replaced { path: "p".into(), expected: "e".into(), found: "f".into() };
        let denied = ChannelError::PermissionDenied { path: "p".into(), cause: "c".into() };
        let missing = ChannelError::ServiceMissing { service: SERVICE, cause: "c".into() };
        let answers = [
            Ok(encode_readers(&[reader()])),
            Ok(Vec::new()),
            Err(ChannelError::Removed),
            Err(replaced),
            Err(ChannelError::Busy),
            Err(denied),
            Err(missing),
            Err(ChannelError::Unsupported(EXTENDED)),
            Err(ChannelError::Poisoned),
            Err(ChannelError::Io("said".into())),
        ];
        for answer in answers {
            assert_eq!(decode_answer(&encode_answer(3, &answer)), Ok((3, answer)));
        }
        assert_eq!(decode_readers(&encode_readers(&[reader()])), Ok(vec![reader()]));
    }

    #[test]
    fn a_cut_request_and_one_with_bytes_behind_it_are_refused() {
        for request in requests() {
            let mut body = request.encode(1);
            let fixed = !matches!(request, Request::Transmit { .. });
            for len in 0..body.len().min(9) {
                assert!(Request::decode(&body[..len]).is_err(), "{request:?} cut at {len}");
            }
            body.push(0);
            assert_eq!(Request::decode(&body).is_err(), fixed, "{request:?}");
        }
    }

    #[test]
    fn a_frame_is_its_length_and_its_body_and_lengths_are_bounded() {
        let mut pipe = Vec::new();
        write_frame(&mut pipe, &[1, 2, 3]).unwrap();
        assert_eq!(pipe, [0, 0, 0, 3, 1, 2, 3]);
        assert_eq!(read_frame(&mut pipe.as_slice()).unwrap(), Some(vec![1, 2, 3]));
        assert_eq!(read_frame(&mut [].as_slice()).unwrap(), None);
        for len in [0, u32::try_from(MAX_FRAME_LEN).unwrap() + 1, u32::MAX] {
            assert!(read_frame(&mut len.to_be_bytes().as_slice()).is_err(), "{len}");
        }
        assert!(read_frame(&mut [0, 0, 0, 3, 1].as_slice()).is_err());
        assert!(write_frame(&mut pipe, &vec![0; MAX_FRAME_LEN + 1]).is_err());
    }
}
