//! Consent, purposes and the black list.
