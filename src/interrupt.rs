//! Ctrl-C: a flag that long loops look at, so that nothing is left half.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Makes Ctrl-C and a polite termination set the flag instead of ending the process; a second
/// one ends it at once.
pub fn listen() {
    let handler = || {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    // Without a handler the process just ends, and a staging directory stays behind unnamed.
    let _ = ctrlc::set_handler(handler);
}

/// Fails once the user asked to stop.
///
/// # Errors
///
/// [`Error::Interrupted`].
pub fn check() -> Result<()> {
    if INTERRUPTED.load(Ordering::Relaxed) {
        return Err(Error::Interrupted);
    }
    Ok(())
}
