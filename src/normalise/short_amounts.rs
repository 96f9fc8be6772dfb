//! An amount of at most sixteen bytes, read all at once.
//!
//! Answers the same as `amounts.rs` does for `-1200.50` and no more, for rows by the million: no
//! step depends on how long the amount is or where its decimals begin.

use crate::normalise::DecimalMark;

/// One in every byte.
const ONES: u128 = u128::MAX / 0xff;
/// The highest bit of every byte.
const HIGH: u128 = ONES << 7;
/// Digits of an amount at most: what 63 bits hold whatever the currency's decimals.
const DIGITS_MAX: u32 = 15;

/// Digits with at most one decimal mark and at most `digits` decimals, as minor units. `bytes`
/// holds the text, the first byte lowest, zeros behind the last. `None` for anything else, a sign
/// among them: it says nothing about the text.
#[inline]
pub(crate) fn short_minor(bytes: u128, length: u32, mark: DecimalMark, digits: u8) -> Option<i64> {
    // Nearly every amount is one of eight bytes, which one register holds.
    match length {
        0..=8 => minor_of_eight(bytes as u64, length, mark, digits),
        _ => minor_of_sixteen(bytes, length, mark, digits),
    }
}

#[inline]
fn minor_of_eight(bytes: u64, length: u32, mark: DecimalMark, digits: u8) -> Option<i64> {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    let other = bytes ^ (ONES * u64::from(mark.byte()));
    // The lowest byte that is the mark; what is found above it is not to be relied on. There is
    // none behind the text, since the mark is no zero.
    let marks = other.wrapping_sub(ONES) & !other & HIGH;
    let (number, count, decimals) = if marks == 0 {
        (bytes, length, 0)
    } else {
        let point = marks.trailing_zeros() / 8;
        let before = (1 << (8 * point)) - 1;
        (bytes & before | (bytes >> 8) & !before, length - 1, length - 1 - point)
    };
    if count == 0 {
        return None;
    }
    let unused = 64 - 8 * count;
    // The last digit highest, zeros before the first.
    let number = (number ^ (ONES * u64::from(b'0'))) << unused;
    let beyond_nine = (number.wrapping_add(ONES * 0x76) | number) & HIGH;
    if beyond_nine != 0 {
        return None;
    }
    scaled(eight(number), decimals, digits)
}

fn minor_of_sixteen(bytes: u128, length: u32, mark: DecimalMark, digits: u8) -> Option<i64> {
    let other = bytes ^ (ONES * u128::from(mark.byte()));
    // The lowest byte that is the mark; what is found above it is not to be relied on.
    let marks = other.wrapping_sub(ONES) & !other & HIGH;
    let point = marks.trailing_zeros() / 8;
    let (number, count, decimals) = if point < length {
        let before = bytes & !(u128::MAX << (8 * point));
        let behind = bytes.checked_shr(8 * (point + 1)).unwrap_or(0) << (8 * point);
        (before | behind, length - 1, length - 1 - point)
    } else {
        (bytes, length, 0)
    };
    if count == 0 || count > DIGITS_MAX {
        return None;
    }
    let unused = 8 * (16 - count);
    // The last digit highest, zeros before the first.
    let number = (number ^ (ONES * u128::from(b'0'))) << unused;
    let beyond_nine = (number.wrapping_add(ONES * 0x76) | number) & HIGH;
    if beyond_nine != 0 {
        return None;
    }
    let minor = eight(number as u64) * 100_000_000 + eight((number >> 64) as u64);
    scaled(minor, decimals, digits)
}

/// A number without its mark, in minor units.
#[inline]
fn scaled(number: u64, decimals: u32, digits: u8) -> Option<i64> {
    const TENS: [i64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    let missing = u32::from(digits).checked_sub(decimals)?;
    (number as i64).checked_mul(*TENS.get(missing as usize)?)
}

/// The number of eight digits, one a byte, the first digit lowest.
#[inline]
fn eight(digits: u64) -> u64 {
    let twos = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (twos * 100 + (twos >> 16)) & 0x0000_ffff_0000_ffff;
    (fours * 10_000 + (fours >> 32)) & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::normalise::plain_minor;

    fn short(text: &str, mark: DecimalMark, digits: u8) -> Option<i64> {
        let mut bytes = [0; 16];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        short_minor(u128::from_le_bytes(bytes), text.len() as u32, mark, digits)
    }

    #[test]
    fn the_ends_of_what_is_read() {
        let check = |text, digits, minor| {
            assert_eq!(short(text, DecimalMark::Point, digits), minor, "{text:?}");
        };
        check("", 2, None);
        check(".", 2, None);
        check("0", 0, Some(0));
        check("5.", 2, Some(500));
        check(".5", 2, Some(50));
        check("1200.50", 2, Some(120_050));
        check("1200.505", 2, None);
        check("1.2.3", 2, None);
        check("-1.00", 2, None);
        check("1,000", 2, None);
        check("999999999999999", 0, Some(999_999_999_999_999));
        check("9999999999999.99", 2, Some(999_999_999_999_999));
        check("9999999999999999", 0, None);
        check("999999999999999", 8, None);
    }

    proptest! {
        #[test]
        fn it_reads_what_the_plain_way_reads(
            text in "[0-9.,:/ -]{0,16}|[0-9]{0,9}[.,][0-9]{0,5}|[0-9]{0,16}",
            comma: bool,
            digits in 0..9_u8,
        ) {
            let mark = if comma { DecimalMark::Comma } else { DecimalMark::Point };
            let plain = plain_minor(text.as_bytes(), mark, digits);
            // The plain way takes fifteen bytes, this one fifteen digits and a mark.
            if text.len() <= 15 && !text.starts_with('-') {
                prop_assert_eq!(short(&text, mark, digits), plain);
            }
        }

        #[test]
        fn any_bytes_are_read_or_left(bytes: u128, length in 0..=16_u32, digits in 0..9_u8) {
            let kept = u128::MAX.checked_shr(8 * (16 - length)).unwrap_or(0);
            let text = (bytes & kept).to_le_bytes();
            let found = short_minor(bytes & kept, length, DecimalMark::Point, digits);
            let plain = plain_minor(&text[..length as usize], DecimalMark::Point, digits);
            if length <= 15 && text[0] != b'-' {
                prop_assert_eq!(found, plain);
            }
        }
    }
}
