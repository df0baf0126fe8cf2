//! CTAPHID (CTAP 2.2 §11.2): framing without I/O, and drivers for HID nodes and UDP.
