//! A key of canned answers over UDP that asks for a touch, gets it a little later, and writes the time into the answer:
//! `canned-key FOLDER`. Prints its address.
//!
//! The last eight bytes of the certificate become the monotonic time in nanoseconds, taken before the last report is
//! sent; a client subtracts it from the time at which its call returns.

use keyvet_benches::canned::{
    Answers, Device, Report, last_payload, monotonic_nanos, touch_needed,
};
use std::net::UdpSocket;
use std::path::Path;
use std::time::Duration;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).expect("usage: canned-key FOLDER");
    let answers = Answers::read(Path::new(&folder));
    let end = 5 + last_payload(&answers.make_credential);
    assert!(end >= 5 + 8, "the time must fit into the last report");
    let mut device = Device::new(&answers);
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    println!("listening on {}", socket.local_addr()?);
    let mut report: Report = [0; 64];
    for count in 0.. {
        let (_, client) = socket.recv_from(&mut report)?;
        let Some(answer) = device.take(&report) else { continue };
        let answer = answer.to_vec();
        let touch = device.wants_touch(&report);
        if touch {
            socket.send_to(&touch_needed(), client)?;
            // different waits, so that a client that polls cannot be lucky
            std::thread::sleep(Duration::from_micros(700 + 370 * (count % 11)));
        }
        send(&socket, client, &answer, touch.then_some(end))?;
    }
    Ok(())
}

fn send(
    socket: &UdpSocket,
    client: std::net::SocketAddr,
    answer: &[Report],
    stamp_end: Option<usize>,
) -> std::io::Result<()> {
    let (last, others) = answer.split_last().expect("an answer has a report");
    for report in others {
        socket.send_to(report, client)?;
    }
    let mut last = *last;
    if let Some(end) = stamp_end {
        last[end - 8..end].copy_from_slice(&monotonic_nanos().to_be_bytes());
    }
    socket.send_to(&last, client).map(drop)
}
