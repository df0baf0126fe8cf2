//! FIDO metadata: signed BLOB, entries, statuses, catalogue, cache.
