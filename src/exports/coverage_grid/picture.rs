//! The grid of accounts and months as a picture: a box a month, its mark inside.
//!
//! The marks are letters, so that the picture says the same in grey and to someone who sees no
//! colour.

use super::CoverageGrid;
use crate::exports::{MONTH_MARKS, Xml, number, text_width, visible};

/// Width and height of a month's box.
const BOX: (f64, f64) = (17.0, 19.0);
/// Space between two years.
const YEAR_GAP: f64 = 9.0;
/// Years beside each other; further ones stand below.
const YEARS_ABREAST: usize = 3;
const LETTER: f64 = 11.5;

/// How a box of each state is filled.
const FILLS: [(&str, &str); 7] = [
    ("proves", "#e3f0e6"),
    ("breaks", "#c0392b"),
    ("missing", "#f4b6ae"),
    ("gap", "#fbf0d3"),
    ("unstated", "#eef0f2"),
    ("part", "#f5f6f7"),
    ("covers", "#f0f3f7"),
];

impl CoverageGrid {
    /// The picture as an `svg` element for a page, of at most `accounts_max` accounts, those with
    /// something amiss first. Cost: a box a month.
    ///
    /// # Panics
    ///
    /// Never: it is written into memory.
    pub fn picture(&self, accounts_max: usize) -> String {
        let rows = self.first_accounts(accounts_max);
        let mut accounts: Vec<&str> = rows.iter().map(|row| row.account.as_str()).collect();
        accounts.dedup();
        let mut years: Vec<i16> = rows.iter().map(|row| row.year).collect();
        years.sort_unstable();
        years.dedup();
        let names = accounts.iter().map(|name| text_width(&visible(name), LETTER));
        let left = names.fold(60.0_f64, f64::max).min(330.0) + 14.0;
        let year_width = BOX.0 * 12.0 + YEAR_GAP;
        let block_height = 40.0 + BOX.1 * accounts.len() as f64 + 12.0;
        let blocks: Vec<&[i16]> = years.chunks(YEARS_ABREAST).collect();
        let legend_top = block_height * blocks.len() as f64;
        let width = left + year_width * years.len().clamp(2, YEARS_ABREAST) as f64 + 6.0;
        let size = (width, legend_top + 20.0 * MONTH_MARKS.len().div_ceil(3) as f64 + 10.0);
        let mut bytes = Vec::new();
        self.draw(&mut bytes, (left, size), &blocks, &accounts, (block_height, legend_top))
            .expect("memory takes all that is written to it");
        String::from_utf8(bytes).expect("what is written is text")
    }

    fn draw(
        &self,
        bytes: &mut Vec<u8>,
        (left, size): (f64, (f64, f64)),
        blocks: &[&[i16]],
        accounts: &[&str],
        (block_height, legend_top): (f64, f64),
    ) -> crate::error::Result<()> {
        let mut svg = Xml::new(bytes);
        let view = format!("0 0 {} {}", number(size.0), number(size.1));
        svg.open(
            "svg",
            &[
                ("viewBox", &view),
                ("width", &number(size.0)),
                ("height", &number(size.1)),
                ("role", "img"),
                ("aria-labelledby", "months-title"),
                ("font-family", "sans-serif"),
                ("font-size", &number(LETTER)),
            ],
        )?;
        let title = "Months held of each account, and whether they prove";
        svg.text("title", &[("id", "months-title")], title)?;
        for (block, years) in blocks.iter().enumerate() {
            let top = block_height * block as f64;
            for (at, year) in years.iter().enumerate() {
                let x = left + (BOX.0 * 12.0 + YEAR_GAP) * at as f64;
                label(&mut svg, (x, top + 14.0), "start", &year.to_string())?;
                for (month, letter) in "JFMAMJJASOND".chars().enumerate() {
                    let middle = x + BOX.0 * (month as f64 + 0.5);
                    label(&mut svg, (middle, top + 32.0), "middle", &letter.to_string())?;
                }
            }
            for (row, account) in accounts.iter().enumerate() {
                let y = top + 38.0 + BOX.1 * row as f64;
                let name = shortened(&visible(account), left - 14.0);
                label(&mut svg, (left - 8.0, y + 13.5), "end", &name)?;
                for (at, year) in years.iter().enumerate() {
                    let x = left + (BOX.0 * 12.0 + YEAR_GAP) * at as f64;
                    let months =
                        self.rows.iter().find(|row| row.account == *account && row.year == *year);
                    for (month, cell) in months.iter().flat_map(|row| &row.months).enumerate() {
                        let place = (x + BOX.0 * month as f64, y);
                        square(&mut svg, place, cell.state)?;
                    }
                }
            }
        }
        let column = (size.0 - 12.0) / 3.0;
        for (at, (state, _, meaning)) in MONTH_MARKS.iter().enumerate() {
            let place = (6.0 + column * (at % 3) as f64, legend_top + 20.0 * (at / 3) as f64);
            square(&mut svg, place, state)?;
            label(&mut svg, (place.0 + BOX.0 + 6.0, place.1 + 13.5), "start", meaning)?;
        }
        svg.close("svg")?;
        svg.finish()
    }
}

fn label(
    svg: &mut Xml<'_>,
    (x, y): (f64, f64),
    anchor: &str,
    text: &str,
) -> crate::error::Result<()> {
    let (x, y) = (number(x), number(y));
    svg.text("text", &[("x", &x), ("y", &y), ("text-anchor", anchor), ("fill", "#1d2126")], text)
}

fn square(svg: &mut Xml<'_>, (x, y): (f64, f64), state: &str) -> crate::error::Result<()> {
    let mark = MONTH_MARKS.iter().find(|(known, ..)| *known == state);
    let letter = mark.map_or_else(String::new, |(_, mark, _)| mark.to_string());
    let fill = FILLS.iter().find(|(known, _)| *known == state).map_or("#ffffff", |(_, fill)| fill);
    let sizes = (number(BOX.0 - 1.0), number(BOX.1 - 1.0));
    svg.empty(
        "rect",
        &[
            ("x", &number(x)),
            ("y", &number(y)),
            ("width", &sizes.0),
            ("height", &sizes.1),
            ("fill", fill),
            ("stroke", "#b9bfc6"),
            ("stroke-width", "0.6"),
        ],
    )?;
    let ink = if state == "breaks" { "#ffffff" } else { "#1d2126" };
    let (x, y) = (number(x + (BOX.0 - 1.0) / 2.0), number(y + 13.0));
    let weight = if matches!(state, "breaks" | "missing") { "bold" } else { "normal" };
    svg.text(
        "text",
        &[("x", &x), ("y", &y), ("text-anchor", "middle"), ("fill", ink), ("font-weight", weight)],
        &letter,
    )
}

/// A name that fits, its beginning left out: account numbers differ at their end.
fn shortened(name: &str, width: f64) -> String {
    let mut kept = name;
    while text_width(kept, LETTER) > width {
        let Some((at, _)) = kept.char_indices().nth(1) else { break };
        kept = &kept[at..];
    }
    if kept.len() == name.len() { name.to_owned() } else { format!("…{kept}") }
}
