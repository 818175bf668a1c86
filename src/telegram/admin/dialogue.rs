//! What admins are being asked.

use serde::{Deserialize, Serialize};

/// What an admin is being asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdminStep {}
