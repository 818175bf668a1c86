//! What the system does: gather a snapshot, decide with a pure function, apply in recorded, repeatable steps.
