//! Questions over events: funnels and trends.
