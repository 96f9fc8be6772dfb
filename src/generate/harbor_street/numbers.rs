//! Invented numbers: accounts, phones, handsets. None can belong to anyone.

use crate::generate::harbor_street::world::Bank;

/// Area codes whose 555-0100 to 555-0199 are reserved for fiction; the nearest ones first.
const AREAS: [u16; 100] = [
    207, 603, 802, 978, 401, 508, 413, 860, 203, 518, 607, 315, 585, 716, 914, 845, 516, 631, 201,
    732, 908, 609, 856, 215, 610, 717, 570, 814, 412, 724, 302, 410, 301, 202, 703, 804, 540, 757,
    304, 336, 704, 910, 919, 803, 843, 864, 404, 706, 912, 229, 904, 305, 407, 561, 727, 813, 850,
    941, 205, 251, 256, 334, 601, 662, 615, 731, 865, 901, 502, 606, 859, 513, 614, 740, 937, 216,
    330, 419, 440, 313, 517, 616, 734, 810, 906, 989, 219, 260, 317, 574, 765, 812, 217, 309, 312,
    618, 708, 773, 815, 847,
];

/// Numbers a block may use; further blocks get none once the reserved ranges are used up, since
/// a number that stood twice would join what has nothing in common.
const PHONES_A_BLOCK: usize = 100;

/// Ten digits of a phone, or none when the ranges are used up.
pub fn phone(block: u32, row: usize) -> Option<String> {
    // The first block takes two shares of four neighbouring areas: it has the carriers' stories.
    let at = match block {
        0 => row,
        later => (later as usize + 1) * PHONES_A_BLOCK + row,
    };
    let used_up = row >= if block == 0 { 2 * PHONES_A_BLOCK } else { PHONES_A_BLOCK };
    let area = AREAS.get(at / 400 * 4 + at % 4)?;
    (!used_up).then(|| format!("{area}5550{}", 100 + at / 4 % 100))
}

/// An account number of ten digits at Merrow, nine at Castellan. Steps of 7 and 3 keep
/// neighbours from differing in the last digit only.
pub fn account(bank: Bank, block: u32, row: usize) -> String {
    let at = u64::from(block) * 256 + row as u64 + 1;
    match bank {
        Bank::Merrow => format!("{}", 4_410_000_000 + at * 7),
        Bank::Castellan => format!("{}", 700_000_000 + at * 3),
    }
}

/// Fifteen digits of a handset, the last one its check digit. Types that begin with 00 are for
/// tests: no maker was given one.
pub fn imei(block: u32, row: usize) -> String {
    let body = format!("00999900{:06}", u64::from(block) * 256 + row as u64 + 1);
    let sum: u32 = body
        .chars()
        .enumerate()
        .map(|(at, digit)| {
            let digit = digit.to_digit(10).expect("the body is digits");
            let doubled = digit * (1 + at as u32 % 2);
            doubled / 10 + doubled % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handset_has_fifteen_digits_and_a_check_digit() {
        assert_eq!(imei(0, 0), "009999000000012");
        assert_eq!(imei(0, 8), "009999000000095");
    }

    #[test]
    fn no_phone_stands_twice_and_all_are_reserved_for_fiction() {
        let mut seen = std::collections::BTreeSet::new();
        for block in 0..200 {
            for row in 0..200 {
                let Some(digits) = phone(block, row) else { continue };
                assert_eq!(digits.len(), 10);
                assert_eq!(&digits[3..7], "5550");
                assert!(("100".."200").contains(&&digits[7..]), "{digits}");
                assert!(seen.insert(digits));
            }
        }
        assert_eq!(seen.len(), 10_000, "every reserved number is used before they run out");
    }
}
