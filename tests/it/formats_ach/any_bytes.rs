//! Any bytes, damaged files and lines without end: every one is read to its end.

use std::io::Read;

use moneytrail::records::{Item, structured_format};
use proptest::prelude::*;

use super::{fixture, read, value};

/// Bytes among which those that mean something to these readers are frequent.
fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        6 => prop::sample::select(b"1567890 \r\n{}*R{1500}{2000}".to_vec()),
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..most)
}

/// A good file with a part cut out and something put in its place, and one byte turned.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let names =
        prop::sample::select(vec!["castellan.ach", "castellan-returns.ach", "harbor-wires.txt"]);
    (names, any::<[prop::sample::Index; 3]>(), bytes(120), any::<u8>()).prop_map(
        |(name, [from, to, turned], patch, byte)| {
            let good = fixture(name);
            let (from, to) = (from.index(good.len()), to.index(good.len()));
            let mut all = good[..from.min(to)].to_vec();
            all.extend(patch);
            all.extend(&good[from.max(to)..]);
            let at = turned.index(all.len().max(1));
            if let Some(one) = all.get_mut(at) {
                *one = byte;
            }
            all
        },
    )
}

proptest! {
    // `read` itself checks that lines ascend and that no two records share one.
    #[test]
    fn any_bytes_are_read_to_their_end(bytes in bytes(2_000)) {
        for format in ["nacha", "fedwire"] {
            let found = read(format, &bytes);
            let most = bytes.len() * 8 + 16;
            prop_assert!(found.records.len() + found.aside.len() + found.notes.len() <= most);
        }
    }

    #[test]
    fn damage_leaves_no_half_record(bytes in damaged()) {
        for format in ["nacha", "fedwire"] {
            for record in read(format, &bytes).records {
                let amount = value(&record, "amount");
                prop_assert!(amount.len() >= 4 && amount.replace('.', "").parse::<u64>().is_ok());
                for field in ["from_account", "to_account", "booked", "channel"] {
                    prop_assert!(!value(&record, field).is_empty(), "{field} of {record:?}");
                }
            }
        }
    }
}

/// So many bytes that are nowhere held, the pattern over and over.
struct Endless {
    pattern: Vec<u8>,
    at: usize,
    left: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = buffer.len().min(self.left);
        for byte in &mut buffer[..size] {
            *byte = self.pattern[self.at];
            self.at = (self.at + 1) % self.pattern.len();
        }
        self.left -= size;
        Ok(size)
    }
}

#[test]
fn lines_without_end_are_passed_over() {
    const BYTES: usize = 1 << 20;
    for pattern in ["x", "6", "7", "9", " ", "{", "{6000}", "{1500}", "{6000}text ", "\0", "é"] {
        for format in ["nacha", "fedwire"] {
            let bytes = Endless { pattern: pattern.as_bytes().to_vec(), at: 0, left: BYTES };
            let mut reader = (structured_format(format).unwrap().open)(Box::new(bytes));
            let mut items = 0;
            while let Some(item) = reader.next_item().unwrap() {
                items += 1;
                let held = match item {
                    Item::Record(one) => one.raw.len(),
                    Item::Reject(one) => one.raw.len() + one.found.len(),
                    Item::Statement(_) => 0,
                };
                assert!(held <= 20_000, "{format} {pattern:?} holds {held} bytes");
            }
            // A message needs six bytes, a record of the other format ninety.
            assert!(items <= BYTES / 6 * 2 + 2, "{format} {pattern:?} {items}");
        }
    }
}
