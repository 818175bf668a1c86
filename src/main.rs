//! The binary: reads the command line, and says in one line what went wrong.

use std::process::ExitCode;

use tokio::runtime::Runtime;

fn main() -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("karvan: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(karvan::cli::main());
    // A name that is being looked up on a network that swallows questions would hold the process for many seconds.
    runtime.shutdown_background();
    code
}
