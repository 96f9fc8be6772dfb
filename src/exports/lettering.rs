//! How wide drawn text is, where its lines break, and what is safe to draw.
//!
//! Widths are those of Helvetica from a table, since a picture whose boxes depended on the fonts
//! of one machine would differ on the next. Colours and sizes are `style`'s.

/// Advance widths of Helvetica for ASCII 32 to 126, in thousandths of the font size.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Width of one line in pixels at `size` pixels, with room for a bold or a slightly wider font.
pub fn text_width(text: &str, size: f64) -> f64 {
    let thousandths: u32 = text.chars().map(char_width).sum();
    f64::from(thousandths) * size * 1.08 / 1000.0
}

fn char_width(letter: char) -> u32 {
    match u32::from(letter) {
        code @ 32..=126 => u32::from(WIDTHS[code as usize - 32]),
        0x300..=0x36f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
        code if code < 0x1100 => 620,
        _ => 1_050,
    }
}

/// A number as every machine writes it: at most one decimal, as pictures need.
pub fn number(value: f64) -> String {
    // The sum turns -0 into 0, which is written differently.
    ((value * 10.0).round() / 10.0 + 0.0).to_string()
}

/// Text as it may stand in a picture or a page: characters that XML forbids, and marks that
/// would turn the reading order of what follows around, become the replacement sign.
///
/// Left-to-right and right-to-left *marks* stay, since names in Hebrew and Arabic need them.
pub fn visible(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '\t' | '\n' | '\r' => ' ',
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
            control if control.is_control() => '\u{fffd}',
            other => other,
        })
        .collect()
}

/// Breaks `text` into at most `lines_max` lines no wider than `width_max` pixels at `size`, at
/// spaces where it can; what does not fit ends with an ellipsis.
///
/// The text is first made [`visible`]. An empty text gives one empty line.
pub fn wrapped(text: &str, size: f64, width_max: f64, lines_max: usize) -> Vec<String> {
    let text = visible(text);
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        for piece in pieces(word, size, width_max) {
            let line = lines.last_mut().expect("there is always a line");
            let joined = if line.is_empty() { piece.clone() } else { format!("{line} {piece}") };
            if text_width(&joined, size) <= width_max {
                *line = joined;
            } else {
                lines.push(piece);
            }
        }
    }
    if lines.len() > lines_max {
        lines.truncate(lines_max);
        let last = lines.last_mut().expect("at least one line is asked for");
        while text_width(last, size) > width_max - size && last.pop().is_some() {}
        last.push('…');
    }
    lines
}

/// A word that is wider than a line, such as a long account number, is cut where it must be.
fn pieces(word: &str, size: f64, width_max: f64) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for letter in word.chars() {
        let piece = pieces.last_mut().expect("there is always a piece");
        piece.push(letter);
        if text_width(piece, size) > width_max {
            piece.pop();
            pieces.push(letter.to_string());
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, lines_max: usize, lines: &[&str]) {
        assert_eq!(wrapped(text, 10.0, 60.0, lines_max), lines);
    }

    #[test]
    fn lines_break_at_spaces_and_end_with_an_ellipsis() {
        check("", 2, &[""]);
        check("Lena Ortiz", 2, &["Lena Ortiz"]);
        check("Lena Ortiz Holdings", 3, &["Lena Ortiz", "Holdings"]);
        check("one two three four five six", 1, &["one two…"]);
        check("TEST00010002000300040005", 9, &["TEST00010", "002000300", "040005"]);
    }

    #[test]
    fn what_would_turn_or_break_the_page_is_replaced() {
        assert_eq!(visible("a\u{202e}b\u{0}c\nd\u{200f}"), "a\u{fffd}b\u{fffd}c d\u{200f}");
    }
}
