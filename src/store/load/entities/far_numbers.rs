//! Numbers by which records name the far end of a payment.

use crate::normalise::{AccountKind, write_identity};

/// Whether a number shows the last digits of an account only, at least four of them.
pub fn is_masked_number(number: &str) -> bool {
    // Nearly every number is all digits.
    if number.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let mut plain = String::new();
    write_identity(&mut plain, "", number, false) == Some(AccountKind::Masked)
}
