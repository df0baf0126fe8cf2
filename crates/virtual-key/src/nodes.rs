//! The key as a HID node or a USB device.

use std::io;

use keyvet_virtual_key::{NodeOptions, VirtualKey, Wired};

use crate::arguments::Arguments;
use crate::say;

/// Puts `key` on every wire that was named, and says where it is once it is there.
pub(crate) fn plug_in(key: &VirtualKey, arguments: &Arguments) -> io::Result<Vec<Wired>> {
    let mut wires = Vec::new();
    #[cfg(target_os = "linux")]
    {
        if arguments.uhid {
            wires.push(Wired::uhid(key, options(arguments))?);
        }
        if arguments.gadget {
            wires.push(Wired::gadget(key, options(arguments))?);
        }
        for wired in &wires {
            let (serial, node) = (wired.place()?, wired.node()?);
            say(&format!("node {} with serial {serial}", node.display()))?;
        }
    }
    #[cfg(not(target_os = "linux"))]
    if arguments.uhid || arguments.gadget {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "nodes are made on Linux only"));
    }
    if let Some(listen) = arguments.usbip {
        let wired = Wired::usbip(key, options(arguments), listen)?;
        say(&format!("usbip at {}, bus id 1-1", wired.place()?))?;
        wires.push(wired);
    }
    Ok(wires)
}

fn options(arguments: &Arguments) -> NodeOptions {
    let mut options = NodeOptions::default();
    let texts = [
        (&mut options.serial, &arguments.serial),
        (&mut options.manufacturer, &arguments.manufacturer),
        (&mut options.product, &arguments.product),
    ];
    for (text, given) in texts {
        if let Some(given) = given {
            text.clone_from(given);
        }
    }
    options
}
