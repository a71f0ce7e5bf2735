//! Files in: CSV and Excel of customers, orders and events, mapped to events.
