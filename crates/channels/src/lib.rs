//! One gate and one ledger for all that goes out; send one message to one person, if allowed; take in its receipts.
