//! What the kernel and udev tell of devices that come and go: netlink messages (`NETLINK_KOBJECT_UEVENT`).
//!
//! A message is a hint to look again and nothing else: what is in it is not believed. udev tells of a node after its
//! permissions are set, so where udev runs the kernel, which is earlier, is not listened to.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::netlink::{KOBJECT_UEVENT, SocketAddrNetlink};
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recv, socket_with};
use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

use super::wake::{Wake, Woken};

/// A socket on which changes are told; none any more when it has failed.
pub(super) struct Uevents {
    socket: Option<OwnedFd>,
    stop: PipeReader,
    heard: bool,
}

impl Uevents {
    /// Listens from now on, until the other end of the pipe is dropped. Needs no rights.
    pub(super) fn listen() -> io::Result<(Self, PipeWriter)> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket =
            socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, Some(KOBJECT_UEVENT))?;
        let group = if Path::new(UDEV).exists() { UDEV_GROUP } else { KERNEL_GROUP };
        bind(&socket, &SocketAddrNetlink::new(0, group))?;
        let (stop, stopper) = io::pipe()?;
        Ok((Self { socket: Some(socket), stop, heard: false }, stopper))
    }

    /// Whether one of the messages that wait is about a HID node. All of them are read, within a bound.
    fn news(&mut self) -> bool {
        let Some(socket) = &self.socket else { return false };
        let mut message = [0; MAX_MESSAGE];
        let mut news = false;
        for _ in 0..MAX_BURST {
            match recv(socket, &mut message, RecvFlags::empty()) {
                Ok((_, len)) => {
                    self.heard = true;
                    news |= is_about_a_node(message.get(..len).unwrap_or_default());
                }
                Err(Errno::AGAIN) => return news,
                // some were lost: they may have been ours
                Err(Errno::NOBUFS | Errno::INTR) => news = true,
                Err(_) => {
                    self.socket = None;
                    return true;
                }
            }
        }
        news
    }
}

impl Wake for Uevents {
    fn wait(&mut self, longest: Duration) -> Woken {
        let start = Instant::now();
        loop {
            let left = longest.saturating_sub(start.elapsed());
            let mut fds = vec![PollFd::new(&self.stop, PollFlags::IN)];
            fds.extend(self.socket.as_ref().map(|socket| PollFd::new(socket, PollFlags::IN)));
            let ready = poll(&mut fds, Timespec::try_from(left).ok().as_ref());
            let stopped = fds.first().is_some_and(|stop| !stop.revents().is_empty());
            match ready {
                _ if stopped => return Woken::Stop,
                Ok(0) | Err(_) => return Woken::Look,
                Ok(_) if self.news() => return Woken::Look,
                Ok(_) => {}
            }
        }
    }

    fn hears(&self) -> bool {
        self.heard && self.socket.is_some()
    }
}

/// Both the kernel and udev write properties as text with zeros between.
fn is_about_a_node(message: &[u8]) -> bool {
    message.split(|byte| *byte == 0).any(|property| property == b"SUBSYSTEM=hidraw")
}

/// Where a running udev takes orders.
const UDEV: &str = "/run/udev/control";

/// The kernel's messages.
const KERNEL_GROUP: u32 = 1;
/// udev's messages, after its rules have run.
const UDEV_GROUP: u32 = 2;

/// Longer than any message of the kernel's, whose properties have 2 KiB.
const MAX_MESSAGE: usize = 8192;
/// Messages read in one go; a machine that says more is looked at anyway.
const MAX_BURST: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_messages_about_hid_nodes_are_a_reason_to_look() {
        let kernel = b"add@/devices/x/hidraw/hidraw0\0ACTION=add\0SUBSYSTEM=hidraw\0SEQNUM=1\0";
        assert!(is_about_a_node(kernel));
        let udev = b"libudev\0\xfe\xed\xca\xfe\x28\0\0\0\0\0\0\0ACTION=add\0SUBSYSTEM=hidraw\0TAGS=:uaccess:\0";
        assert!(is_about_a_node(udev));
        for other in [&b""[..], b"add@/x\0SUBSYSTEM=hid\0", b"\0SUBSYSTEM=hidraw2\0", &[0; 99]] {
            assert!(!is_about_a_node(other));
        }
    }

    #[test]
    fn the_wait_ends_with_its_time_and_with_the_one_who_waits() {
        let (mut uevents, stop) = Uevents::listen().unwrap();
        assert_eq!(uevents.wait(Duration::ZERO), Woken::Look);
        drop(stop);
        assert_eq!(uevents.wait(Duration::from_secs(3600)), Woken::Stop);
    }

    #[test]
    fn without_its_socket_the_clock_is_left() {
        let (mut uevents, _stop) = Uevents::listen().unwrap();
        uevents.socket = None;
        assert_eq!(uevents.wait(Duration::from_millis(1)), Woken::Look);
        assert!(!uevents.hears());
    }
}
