//! The only HTTP door to the outside: timeouts, retries, SSRF guard.
