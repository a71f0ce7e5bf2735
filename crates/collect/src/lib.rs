//! The front door: sources, events accepted, stamped, logged; implements FrontDoor.
