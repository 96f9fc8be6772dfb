//! A library's panic over damaged input, turned into an error that names the file.
//!
//! Readers of ours never panic. Those of other formats are other people's, and a file that makes
//! one fail must not end a run without a word.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use crate::error::{Error, Result};

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `read`; a panic in it becomes an error over `shown`. What `read` had in hand is dropped.
///
/// # Errors
///
/// Those of `read`, and [`Error::File`] after a panic.
pub fn contained<T>(shown: &str, read: impl FnOnce() -> Result<T>) -> Result<T> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // What is caught is told as an error, once and in words.
            if !CONTAINED.get() {
                before(panic);
            }
        }));
    });
    let around = CONTAINED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(read));
    CONTAINED.set(around);
    outcome.unwrap_or_else(|_| {
        let hint = "ask the producer for it again, or for the same as CSV";
        let what = "is damaged in a way that its reader cannot pass; nothing of it was read";
        Err(Error::named(shown, what, Some(hint.to_owned())))
    })
}

/// Runs what is ours in the middle of [`contained`]: a panic there is a bug, told like any other
/// and given back to be passed on.
pub fn ours<T>(run: impl FnOnce() -> T) -> std::thread::Result<T> {
    let around = CONTAINED.replace(false);
    let outcome = catch_unwind(AssertUnwindSafe(run));
    CONTAINED.set(around);
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_that_names_the_file() {
        let refused = contained::<()>("a.xls", || panic!("index out of bounds")).unwrap_err();
        assert!(refused.to_string().starts_with("a.xls: is damaged"), "{refused}");
        assert!(contained("a.xls", || Ok(1)).is_ok_and(|one| one == 1));
    }
}
