//! The async runtime: built when a key is talked to, and only then.

use crate::error::CliError;
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;

/// Runs `work` to its end on this thread. The token it is given is cancelled by Ctrl-C and by SIGTERM.
///
/// # Errors
/// When the operating system has no resources for a runtime.
pub(crate) fn run<T>(work: impl AsyncFnOnce(CancellationToken) -> T) -> Result<T, CliError> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(CliError::internal)?;
    let done = runtime.block_on(async {
        let cancel = CancellationToken::new();
        let interrupt = tokio::spawn(cancel_on_signal(cancel.clone()));
        let done = work(cancel).await;
        interrupt.abort();
        done
    });
    // a prompt that nobody answers any more would be waited for otherwise
    runtime.shutdown_background();
    Ok(done)
}

async fn cancel_on_signal(cancel: CancellationToken) {
    if signal().await.is_ok() {
        cancel.cancel();
    }
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
