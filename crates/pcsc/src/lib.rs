//! Card readers over PC/SC: the one crate that links with the system's smart card library.
