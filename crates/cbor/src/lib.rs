//! Strict, bounded CTAP2 CBOR (CTAP 2.2 §8).
