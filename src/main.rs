//! The binary: reads the command line, and says in one line what went wrong.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    karvan::cli::main().await
}
