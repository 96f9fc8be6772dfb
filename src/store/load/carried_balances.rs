//! Lines of statements that carry a balance on and move no money.

/// Whether a line of a statement says what was carried on from or to another page, by nothing but
/// the words for it: entered as a payment, all that an account holds would have moved.
pub fn is_carried_balance(description: &str) -> bool {
    const CARRIED: [&str; 14] = [
        "balance brought forward",
        "balance carried forward",
        "balance forward",
        "brought forward",
        "carried forward",
        "previous balance",
        "opening balance",
        "closing balance",
        "balance b/f",
        "balance c/f",
        "balance b/fwd",
        "balance c/fwd",
        "b/f",
        "c/f",
    ];
    let words = description.trim_end_matches([':', '.', ' ']);
    CARRIED.iter().any(|carried| words.eq_ignore_ascii_case(carried))
}
