//! Certificates as shipped keys carry them: parsing, signatures, paths to an anchor.
