//! Hostile workbooks: claimed sizes, texts, nesting, repetition.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Hostile, MIB_MAX_HELD};

const COLUMNS: [&str; 5] = ["from_account", "to_account", "booked", "amount", "description"];
const VALUES: [&str; 5] = ["1", "2", "2024-03-01", "5.25", "x"];

/// Writes the parts of a workbook; the middle of the last one comes again and again.
fn book(path: &Path, parts: &[(&str, String)], last: (&str, [&str; 3]), bytes: u64) {
    let mut out = ZipWriter::new(File::create(path).unwrap());
    let options = SimpleFileOptions::default().large_file(true);
    for (name, text) in parts {
        out.start_file(*name, options).unwrap();
        out.write_all(text.as_bytes()).unwrap();
    }
    let (name, [head, fill, tail]) = last;
    out.start_file(name, options).unwrap();
    out.write_all(head.as_bytes()).unwrap();
    // Blocks that pack alike, up to the times that a part may unpack to.
    let block = fill.repeat((1 << 20) / fill.len());
    for _ in 0..bytes / block.len() as u64 {
        out.write_all(block.as_bytes()).unwrap();
    }
    out.write_all(tail.as_bytes()).unwrap();
    out.finish().unwrap();
}

fn xlsx_row(row: u32, values: [&str; 5]) -> String {
    let cell = |(at, value): (usize, &&str)| {
        let column = char::from(b'A' + at as u8);
        format!("<c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{value}</t></is></c>")
    };
    let cells: String = values.iter().enumerate().map(cell).collect();
    format!("<row r=\"{row}\">{cells}</row>")
}

fn ods_row(values: [&str; 5]) -> String {
    let cell = |value: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{value}</text:p>\
             </table:table-cell>"
        )
    };
    format!("<table:table-row>{}</table:table-row>", values.map(cell).concat())
}

/// Parts of every XLSX workbook but the sheet itself.
fn xlsx_parts() -> Vec<(&'static str, String)> {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let packages = "http://schemas.openxmlformats.org/package/2006";
    let sheets = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
    };
    let relations = |inner: String| {
        format!("<Relationships xmlns=\"{packages}/relationships\">{inner}</Relationships>")
    };
    vec![
        ("[Content_Types].xml", format!("<Types xmlns=\"{packages}/content-types\"/>")),
        ("_rels/.rels", relations(relation("r1", "officeDocument", "xl/workbook.xml"))),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{sheets}\" xmlns:r=\"{office}\"><sheets>\
                 <sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            relations(
                relation("r1", "worksheet", "worksheets/sheet1.xml")
                    + &relation("r2", "sharedStrings", "sharedStrings.xml"),
            ),
        ),
    ]
}

fn xlsx(name: &str, fill: &'static str, refused: Option<&'static str>) -> Hostile {
    let write = move |path: &Path, bytes: u64| {
        let dimension = "<worksheet><dimension ref=\"A1:XFD16777216\"/><sheetData>";
        let far = xlsx_row(16_000_000, VALUES);
        let head = format!("{dimension}{}{}", xlsx_row(1, COLUMNS), xlsx_row(2, VALUES));
        let tail = format!("{far}</sheetData></worksheet>");
        let sheet = ("xl/worksheets/sheet1.xml", [&head, fill, &tail]);
        book(path, &xlsx_parts(), (sheet.0, sheet.1.map(|part: &str| part)), bytes);
    };
    let name = format!("xlsx {name}");
    Hostile { name, write: Box::new(write), mib_max: MIB_MAX_HELD, refused }
}

fn strings(path: &Path, bytes: u64) {
    let mut parts = xlsx_parts();
    let rows = xlsx_row(1, COLUMNS) + &xlsx_row(2, VALUES);
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    parts.push(("xl/worksheets/sheet1.xml", sheet));
    let texts = ["<sst uniqueCount=\"1000000\">", "<si><t>x</t></si>", "</sst>"];
    book(path, &parts, ("xl/sharedStrings.xml", texts), bytes);
}

fn ods(name: &str, fill: String, refused: Option<&'static str>) -> Hostile {
    let write = move |path: &Path, bytes: u64| {
        let kind = "application/vnd.oasis.opendocument.spreadsheet".to_owned();
        let head = format!(
            "<office:document-content><office:body><office:spreadsheet>\
             <table:table table:name=\"S\">{}",
            ods_row(COLUMNS)
        );
        let tail = "</table:table></office:spreadsheet></office:body></office:document-content>";
        book(path, &[("mimetype", kind)], ("content.xml", [&head, &fill, tail]), bytes);
    };
    let name = format!("ods {name}");
    Hostile { name, write: Box::new(write), mib_max: MIB_MAX_HELD, refused }
}

/// Every hostile workbook.
pub fn all() -> Vec<Hostile> {
    let large = super::setting("MONEYTRAIL_HOSTILE_BYTES").is_some_and(|text| text.len() > 8);
    let cell = "<table:table-cell table:number-columns-repeated=\"16000\" \
                office:value-type=\"string\"><text:p>xxxxxxxxxxxxxxxxxxxxxxxx</text:p>\
                </table:table-cell></table:table-row>";
    let repeated = format!("<table:table-row table:number-rows-repeated=\"1000000\">{cell}");
    let nests = Some("holds elements within 1000 others");
    let large_part = large.then_some("xl/");
    let sheets = "</table:table><table:table table:name=\"T\">".to_owned();
    vec![
        xlsx("empty rows", "<row></row>", large_part),
        xlsx("nesting", "<a>", nests),
        xlsx("one cell", "x", if large { Some("in one cell") } else { None }),
        xlsx("one row", "<c r=\"A3\"><v>1</v></c>", Some("row 3")),
        xlsx("attributes", "<row a=\"1\"></row>", large_part),
        xlsx("document type", "<!DOCTYPE a>", Some("declares a document type")),
        Hostile {
            name: "xlsx texts".to_owned(),
            write: Box::new(strings),
            mib_max: MIB_MAX_HELD,
            refused: large_part,
        },
        ods("repeated rows", repeated, Some("are said to repeat")),
        ods("nesting", "<a>".to_owned(), nests),
        ods("empty rows", "<table:table-row/>".to_owned(), large.then_some("content.xml")),
        ods("sheets", sheets, Some("more than 1000 sheets")),
    ]
}
