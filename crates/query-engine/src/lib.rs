//! Plans over the lake, on DataFusion in process or on Ballista.
