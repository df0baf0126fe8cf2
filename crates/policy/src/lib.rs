//! Tenant policies on passkeys: model, importers, verdict.
