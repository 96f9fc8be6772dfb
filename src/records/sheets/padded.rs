//! Numbers shown with leading zeros: an account number or a ZIP code typed into a cell whose
//! format is `00000` or `000-00-0000` is that text, zeros included.
//!
//! Other formats only change how a number looks and are not read.

/// Digits that a format can ask for: a workbook keeps no more of a number.
const DIGITS_MAX: usize = 15;

/// A format of zeros with hyphens or spaces between them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Padded {
    /// `0` for a digit, else what stands there.
    pattern: Vec<char>,
    digits: usize,
}

impl Padded {
    /// The format of that code; `None` for any other than at least two zeros.
    pub(super) fn of(code: &str) -> Option<Padded> {
        // Only the part for positive numbers counts; a language may be named before it.
        let code = code.split(';').next()?.trim();
        let code = match code.strip_prefix("[$-") {
            Some(rest) => rest.split_once(']')?.1,
            None => code,
        };
        let mut pattern = Vec::new();
        let mut letters = code.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '0' | '-' | ' ' => pattern.push(letter),
                '\\' => pattern.push(letters.next().filter(|next| ['-', ' '].contains(next))?),
                _ => return None,
            }
        }
        let digits = pattern.iter().filter(|letter| **letter == '0').count();
        (2..=DIGITS_MAX).contains(&digits).then_some(Padded { pattern, digits })
    }

    /// A whole number as the format shows it; `None` for any other number.
    pub(super) fn text(&self, number: f64) -> Option<String> {
        if number < 0.0 || number.fract() != 0.0 || number >= 1e15 {
            return None;
        }
        let digits = format!("{:0>1$}", number as u64, self.digits);
        let (front, mut rest) = digits.split_at(digits.len() - self.digits);
        let mut text = front.to_owned();
        for letter in &self.pattern {
            if *letter == '0' {
                let (digit, left) = rest.split_at(1);
                text.push_str(digit);
                rest = left;
            } else {
                text.push(*letter);
            }
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, number: f64, text: Option<&str>) {
        let shown = Padded::of(code).and_then(|padded| padded.text(number));
        assert_eq!(shown.as_deref(), text, "{code} of {number}");
    }

    #[test]
    fn zeros_in_front_are_kept_where_the_format_shows_them() {
        check("00000", 421.0, Some("00421"));
        check("000000000", 5_550_104.0, Some("005550104"));
        check("000\\-00\\-0000", 12_345_678.0, Some("012-34-5678"));
        check("00000-0000", 4_210_017.0, Some("00421-0017"));
        check("[$-409]00000;@", 421.0, Some("00421"));
        check("00", 1_234.0, Some("1234"));
    }

    #[test]
    fn amounts_dates_and_numbers_that_are_not_whole_stay_numbers() {
        for code in
            ["General", "0", "0.00", "#,##0.00", "yyyy-mm-dd", "0%", "0000E+00", "@", "", "\"0\"00"]
        {
            check(code, 421.0, None);
        }
        check("00000", 4.5, None);
        check("00000", -421.0, None);
        check("00000", 1e15, None);
        check("00000", f64::NAN, None);
    }
}
