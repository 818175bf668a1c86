//! What the words mean and how decisions are made.
//!
//! Everything here is pure: time, chance and the state of the world are arguments, the answer is a value. No async, no
//! I/O, no clock of its own (the [`clock`] trait is only declared here so that every floor can name it).

pub mod account;
pub mod adoption;
pub mod backup;
pub mod broadcast;
pub mod claim;
pub mod clock;
pub mod credentials;
pub mod failover;
pub mod fetches;
pub mod health;
pub mod id;
pub mod incident;
pub mod instance;
pub mod key;
pub mod linger;
pub mod link;
pub mod older;
pub mod operation;
pub mod outlook;
pub mod person;
pub mod placement;
pub mod quota;
pub mod rebalance;
pub mod reconcile;
pub mod region;
pub mod subscription;
pub mod window;

pub use account::AccountName;
pub use clock::{Clock, CorrectedClock, SystemClock, Timestamp};
pub use credentials::Credentials;
pub use id::{
    AssignmentId, BatchId, BroadcastId, ConfigId, IncidentId, InstanceId, OperationId, TombstoneId, UserId,
    WindowId,
};
pub use region::Region;
