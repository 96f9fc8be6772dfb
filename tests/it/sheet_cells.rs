//! What the cells of a sheet mean by their format: account numbers typed as numbers keep their
//! zeros, and a formula that no program has calculated is never read as an empty cell.

use moneytrail::Result;
use moneytrail::store::Case;

use crate::archives::zipped;
use crate::loaded::{case_text, directory, load_in, rejects, transfers};

const RELATIONS: &str = "<Relationships \
    xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const SHEETS: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// Loads a workbook whose second row has these cells below a list's header.
fn loaded(row: &str) -> Result<Case> {
    let names = ["from_account", "to_account", "booked", "amount", "description"];
    let header: String =
        names.map(|name| format!("<c t=\"inlineStr\"><is><t>{name}</t></is></c>")).concat();
    let relation = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
    };
    let workbook = format!(
        "<workbook xmlns=\"{SHEETS}\" xmlns:r=\"{OFFICE}\"><sheets>\
         <sheet name=\"List\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let parts = relation("r1", "worksheet", "worksheets/sheet1.xml")
        + &relation("r2", "styles", "styles.xml");
    let styles = format!(
        "<styleSheet xmlns=\"{SHEETS}\"><numFmts count=\"4\">\
         <numFmt numFmtId=\"164\" formatCode=\"000000000\"/>\
         <numFmt numFmtId=\"165\" formatCode=\"00000\\-0000\"/>\
         <numFmt numFmtId=\"166\" formatCode=\"[$€-407]\\ #,##0.00\"/>\
         <numFmt numFmtId=\"167\" formatCode=\"[$$-409]#,##0.00\"/></numFmts>\
         <fonts><font/></fonts><fills><fill/></fills><borders><border/></borders>\
         <cellXfs count=\"6\"><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/>\
         <xf numFmtId=\"14\"/><xf numFmtId=\"166\"/><xf numFmtId=\"167\"/></cellXfs></styleSheet>"
    );
    let sheet = format!(
        "<worksheet xmlns=\"{SHEETS}\"><sheetData><row>{header}</row><row>{row}</row>\
         </sheetData></worksheet>"
    );
    let main = format!(
        "{RELATIONS}{}</Relationships>",
        relation("r1", "officeDocument", "xl/workbook.xml")
    );
    let parts = format!("{RELATIONS}{parts}</Relationships>");
    let book = zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", main.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", parts.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ]);
    let dir = directory(&[("list.xlsx", &book)]);
    let case = load_in(dir.path(), &case_text(&[("list.xlsx", None)]))?;
    let (_, _, _) = (case.transfers()?, case.accounts()?, case.rejects()?);
    Ok(case)
}

/// Row and text of each record set aside; what is noted of others is left out.
fn aside(case: &Case) -> Vec<(u32, String)> {
    let all = rejects(case).into_iter();
    all.filter(|one| !one.3).map(|one| (one.0, one.2)).collect()
}

#[test]
fn an_account_number_typed_as_a_number_keeps_its_zeros() {
    let cells = "<c s=\"1\"><v>5550104</v></c><c s=\"2\"><v>4210017</v></c>\
                 <c s=\"3\"><v>45352</v></c><c><v>120.5</v></c>";
    let case = loaded(cells).unwrap();
    let found = transfers(&case);
    assert_eq!(found.len(), 1);
    assert!(found[0].0.ends_with("005550104"), "{}", found[0].0);
    assert!(found[0].1.contains("00421"), "{}", found[0].1);
    assert_eq!(found[0].3, 12_050);
}

#[test]
fn an_amount_that_its_format_shows_in_another_currency_is_set_aside() {
    let row = |style: u32| {
        format!(
            "<c><v>1</v></c><c><v>2</v></c><c s=\"3\"><v>45352</v></c><c s=\"{style}\"><v>120.5</v></c>"
        )
    };
    let case = loaded(&row(4)).unwrap();
    assert_eq!((transfers(&case).len(), aside(&case)), (0, vec![(2, "120.5 €".to_owned())]));
    // A dollar sign says nothing that the case does not.
    let case = loaded(&row(5)).unwrap();
    assert_eq!((transfers(&case)[0].3, aside(&case)), (12_050, vec![]));
}

#[test]
fn an_old_workbook_shows_its_currencies() {
    let book = include_bytes!("../../fixtures/formats/sheets/currencies.xls");
    let dir = directory(&[("list.xls", book)]);
    let case = load_in(dir.path(), &case_text(&[("list.xls", None)])).unwrap();
    let kept: Vec<(u32, i64)> = transfers(&case).iter().map(|row| (row.6, row.3)).collect();
    assert_eq!(kept, [(3, 700), (5, 925)]);
    assert_eq!(aside(&case), [(2, "120.5 €".to_owned()), (4, "8 GBP".to_owned())]);
}

#[test]
fn an_old_workbook_keeps_the_zeros_that_its_formats_show() {
    let book = include_bytes!("../../fixtures/formats/sheets/zeros.xls");
    let dir = directory(&[("list.xls", book), ("list.zip", &zipped(&[("in.xls", book)]))]);
    for name in ["list.xls", "list.zip"] {
        let case = load_in(dir.path(), &case_text(&[(name, None)])).unwrap();
        let found: Vec<String> =
            case.accounts().unwrap().number.iter().map(str::to_owned).collect();
        for number in ["00421", "055501234", "1234567"] {
            assert!(found.iter().any(|one| one.contains(number)), "{number} is not in {found:?}");
        }
        assert_eq!(transfers(&case).len(), 3);
    }
}

#[test]
fn a_formula_without_its_value_is_refused_with_its_cell() {
    let cells = "<c><v>1</v></c><c><v>2</v></c><c s=\"3\"><v>45352</v></c>\
                 <c><f>SUM(A1:A9)</f><v></v></c>";
    let refused = loaded(cells).unwrap_err().to_string();
    assert!(refused.contains("list.xlsx: sheet \"List\""), "{refused}");
    assert!(refused.contains("the formula in D2 has no value"), "{refused}");
    // Nothing is what this one comes to, and its program says so.
    let empty = cells.replace("<c><f>SUM(A1:A9)</f><v></v>", "<c><f>6/2</f><v>3</v>")
        + "<c t=\"str\"><f>IF(1,\"\")</f><v></v></c>";
    assert_eq!(transfers(&loaded(&empty).unwrap())[0].3, 300);
}
