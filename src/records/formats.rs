//! The structured formats there are, each told by its first bytes and never by its name.

use std::fmt;
use std::sync::Arc;

use crate::records::bai2;
use crate::records::fedwire;
use crate::records::fields::RecordKind;
use crate::records::iso20022::{open_camt, open_pacs, recognises_camt, recognises_pacs};
use crate::records::layout::Layout;
use crate::records::mt940;
use crate::records::nacha;
use crate::records::ofx::{open_ofx, recognises_ofx};
use crate::records::qif;
use crate::records::recognise::canonical;
use crate::records::structured::{SourceBytes, StructuredReader};

/// A format whose records are not rows of a table.
pub struct StructuredFormat {
    /// Its word in a layout's `format`, and the name of its built-in layout.
    pub word: &'static str,
    /// What its records are.
    pub record: RecordKind,
    /// Whether the first bytes of a source, unpacked, are of this format.
    pub recognises: fn(&[u8]) -> bool,
    /// Starts to read a source.
    pub open: fn(SourceBytes) -> Box<dyn StructuredReader>,
}

impl fmt::Debug for StructuredFormat {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word)
    }
}

/// Every structured format; of two that recognise the same bytes the first is meant.
pub static FORMATS: &[StructuredFormat] = &[
    StructuredFormat {
        word: "bai2",
        record: RecordKind::BankStatement,
        recognises: bai2::recognises,
        open: bai2::open,
    },
    StructuredFormat {
        word: "mt940",
        record: RecordKind::BankStatement,
        recognises: mt940::recognises,
        open: mt940::open,
    },
    StructuredFormat {
        word: "qif",
        record: RecordKind::BankStatement,
        recognises: qif::recognises,
        open: qif::open,
    },
    // Named in a case file only, where the dates of a file do not tell their own order.
    StructuredFormat {
        word: "qif-day-first",
        record: RecordKind::BankStatement,
        recognises: |_| false,
        open: qif::open_day_first,
    },
    StructuredFormat {
        word: "qif-month-first",
        record: RecordKind::BankStatement,
        recognises: |_| false,
        open: qif::open_month_first,
    },
    StructuredFormat {
        word: "camt",
        record: RecordKind::BankStatement,
        recognises: recognises_camt,
        open: open_camt,
    },
    StructuredFormat {
        word: "pacs",
        record: RecordKind::BankTransfers,
        recognises: recognises_pacs,
        open: open_pacs,
    },
    StructuredFormat {
        word: "ofx",
        record: RecordKind::BankStatement,
        recognises: recognises_ofx,
        open: open_ofx,
    },
    StructuredFormat {
        word: "nacha",
        record: RecordKind::BankTransfers,
        recognises: nacha::recognises,
        open: nacha::open,
    },
    StructuredFormat {
        word: "fedwire",
        record: RecordKind::BankTransfers,
        recognises: fedwire::recognises,
        open: fedwire::open,
    },
];

/// The format of that word.
pub fn structured_format(word: &str) -> Option<&'static StructuredFormat> {
    FORMATS.iter().find(|format| format.word == word)
}

/// The format of a source that begins with `head`, which holds its first bytes unpacked.
pub fn recognise_format(head: &[u8]) -> Option<&'static StructuredFormat> {
    FORMATS.iter().find(|format| (format.recognises)(head))
}

impl StructuredFormat {
    /// The layout a source of this format is read with when the case file names none: every
    /// field under its own name, no institution.
    pub fn built_in_layout(&'static self) -> Arc<Layout> {
        let mut layout = canonical(self.record);
        self.word.clone_into(&mut layout.name);
        layout.format = Some(self.word.to_owned());
        Arc::new(layout)
    }
}
