//! What on this machine stops security keys from working, and the command that mends it.
