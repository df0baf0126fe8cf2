//! A card of a few lines in a slot of vpcd, the virtual reader of the vsmartcard project: it answers what a test says.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::linux::net::TcpStreamExt;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What becomes of a command; none takes the card out of the field in the middle of it.
pub(crate) type Answer = Box<dyn FnMut(&[u8]) -> Option<Vec<u8>> + Send>;

/// A card; it leaves the field when dropped.
pub(crate) struct TestCard {
    stream: TcpStream,
    resets: Arc<Mutex<u32>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl TestCard {
    /// Puts a card with this answer to reset into the slot at `port`, as soon as the driver listens there.
    pub(crate) fn insert(port: u16, atr: &[u8], mut answer: Answer) -> Self {
        let until = Instant::now() + PATIENCE;
        let mut stream = loop {
            match TcpStream::connect(("127.0.0.1", port)) {
                Ok(stream) => break stream,
                Err(error) => assert!(Instant::now() < until, "port {port}: {error}"),
            }
            thread::sleep(Duration::from_millis(5));
        };
        let resets = Arc::<Mutex<u32>>::default();
        let (count, atr, ours) = (Arc::clone(&resets), atr.to_vec(), stream.try_clone().unwrap());
        let thread = thread::spawn(move || {
            while let Some(message) = receive(&mut stream) {
                let said = match *message.as_slice() {
                    [RESET] => {
                        *count.lock().unwrap() += 1;
                        continue;
                    }
                    [POWER_OFF | POWER_ON] => continue,
                    [ATR] => Some(atr.clone()),
                    _ => answer(&message),
                };
                let Some(said) = said else { break };
                let mut frame = u16::try_from(said.len()).unwrap().to_be_bytes().to_vec();
                frame.extend(said);
                if stream.write_all(&frame).is_err() {
                    break;
                }
            }
            // the driver closes, or there is nobody to tell
            let _ = stream.shutdown(Shutdown::Both);
        });
        Self { stream: ours, resets, thread: Some(thread) }
    }

    /// One that answers every command with its own bytes and 9000.
    pub(crate) fn echo(port: u16) -> Self {
        Self::insert(port, CONTACTLESS, Box::new(|command| Some([command, &[0x90, 0]].concat())))
    }

    /// Resets seen so far.
    pub(crate) fn resets(&self) -> u32 {
        *self.resets.lock().unwrap()
    }
}

impl Drop for TestCard {
    fn drop(&mut self) {
        // gone already: then there is nothing to shut down
        let _ = self.stream.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn receive(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut len = [0; 2];
    // the driver sends length and message apart: without this each waits for the other side's delayed acknowledgement
    stream.set_quickack(true).ok()?;
    stream.read_exact(&mut len).ok()?;
    let mut message = vec![0; u16::from_be_bytes(len).into()];
    stream.set_quickack(true).ok()?;
    stream.read_exact(&mut message).ok()?;
    Some(message)
}

/// Of a card over the air (PC/SC part 3 §3.1.3.2.3).
pub(crate) const CONTACTLESS: &[u8] = &[0x3b, 0x80, 0x80, 0x01, 0x01];

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const ATR: u8 = 4;

/// A machine under load is slow.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
