//! Buffers of blocks, used again: a long source would else ask the system for each of its bytes
//! a second time.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};

/// Buffers that nobody uses.
#[derive(Clone, Debug, Default)]
pub struct Pool(Arc<Mutex<Vec<Vec<u8>>>>);

impl Pool {
    /// An empty buffer; one that was used before has its room already.
    pub fn take(&self) -> Vec<u8> {
        self.0.lock().expect("nobody panics while holding the lock").pop().unwrap_or_default()
    }

    /// Lends a filled buffer, which comes back when it is dropped.
    pub fn lend(&self, bytes: Vec<u8>) -> Recycled {
        Recycled { bytes, pool: self.clone() }
    }
}

/// Bytes whose buffer goes back to its pool.
#[derive(Debug, Default)]
pub struct Recycled {
    bytes: Vec<u8>,
    pool: Pool,
}

impl Deref for Recycled {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

impl DerefMut for Recycled {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

impl Drop for Recycled {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        // A lock that a panic left behind only costs the buffer.
        if let Ok(mut waiting) = self.pool.0.lock() {
            waiting.push(bytes);
        }
    }
}
