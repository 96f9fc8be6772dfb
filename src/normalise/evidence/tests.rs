//! What columns of times and of amounts show, value by value.

use super::*;

#[track_caller]
fn times(texts: &[&str], expected: &str) {
    let mut forward = TimeEvidence::default();
    let lines: Vec<(u32, &&str)> = (2..).zip(texts).collect();
    lines.iter().for_each(|(line, text)| forward.add(*line, text));
    let mut halves = [TimeEvidence::default(), TimeEvidence::default()];
    lines.iter().rev().for_each(|(line, text)| halves[*line as usize % 2].add(*line, text));
    let [mut merged, other] = halves;
    merged.merge(&other);
    assert_eq!(forward.form(), merged.form(), "the order of rows changes nothing");
    let shown = match forward.form() {
        TimeForm::None => "none".to_owned(),
        TimeForm::One(one) => match one.only {
            Some(only) => format!("{} {only}:{}", one.format, one.against),
            None => one.format,
        },
        TimeForm::Either(all) => {
            all.into_iter().map(|one| one.format).collect::<Vec<_>>().join(" or ")
        }
    };
    assert_eq!(shown, expected);
}

#[test]
fn a_column_decides_where_a_value_cannot() {
    times(&["03/04/2026", "03/31/2026", "05/06/2026"], "%m/%d/%Y 1:0");
    times(&["03/04/2026", "31/03/2026", "", "05/06/2026"], "%d/%m/%Y 1:0");
    times(&["03/04/2026", "05/06/2026"], "%m/%d/%Y or %d/%m/%Y");
    times(&["13/01/2026", "14/01/2026", "01/15/2026"], "%d/%m/%Y 2:1");
    times(&["13/01/2026", "01/13/2026"], "%m/%d/%Y 1:1");
    times(&["03/31/26", "03/04/26"], "%m/%d/%y 1:0");
    // The year may stand first as well, and no day of such a month can tell.
    times(&["31/03/26", "03/04/26"], "%d/%m/%y or %y/%m/%d");
    times(&["31/03/99", "03/04/26"], "%d/%m/%y 1:0");
    times(&["99/03/31", "03/04/26"], "%y/%m/%d 1:0");
    times(&["03/04/26 1:05", "x", "y"], "none");
    times(&["2026-03-31", "2026-04-01T10:00:00Z"], "");
    times(&["20260331", "19081209"], "");
    times(&["1711893900", "1711893901"], "%s");
    times(&["31.03.2026", "01.04.2026"], "%d.%m.%Y 1:0");
    times(&["31-Mar-26", "01-Apr-26"], "%d-%b-%y");
    times(&["1200.00", "7"], "none");
    times(&[], "none");
}

#[track_caller]
fn marks(texts: &[&str], expected: MarkForm) {
    let mut evidence = AmountEvidence::default();
    (2..).zip(texts).for_each(|(line, text)| evidence.add_in(line, text, || 2));
    assert_eq!(evidence.mark(), expected, "{texts:?}");
}

#[test]
fn a_file_decides_its_decimal_mark() {
    marks(&["1.200", "7,25"], MarkForm::One(DecimalMark::Comma));
    marks(&["1,200", "7.25"], MarkForm::One(DecimalMark::Point));
    marks(&["1,200.00", "x"], MarkForm::One(DecimalMark::Point));
    marks(&["1.200"], MarkForm::Undecided);
    marks(&["1,200", "2,500"], MarkForm::Undecided);
    // Dollars have no third decimal.
    marks(&["1,200", "2,345"], MarkForm::One(DecimalMark::Point));
    marks(&["1.234", "2,345"], MarkForm::Mixed);
    marks(&["1.234", "7.25"], MarkForm::One(DecimalMark::Point));
    marks(&["0.125"], MarkForm::One(DecimalMark::Point));
    marks(&["4816672.445824332"], MarkForm::One(DecimalMark::Point));
    marks(&["1.200", "-16,4458243321"], MarkForm::One(DecimalMark::Comma));
    marks(&["-0,125"], MarkForm::One(DecimalMark::Comma));
    marks(&["1200", "7"], MarkForm::Any);
    marks(&["7.25", "7,25"], MarkForm::Mixed);
    marks(&["x"], MarkForm::None);
}

#[test]
fn what_decides_is_named_by_its_first_line() {
    let mut one = TimeEvidence::default();
    let mut other = TimeEvidence::default();
    one.add(9, "31/03/2026");
    one.add(4, "03/04/2026");
    other.add(7, "30/03/2026");
    other.add(8, "03/30/2026");
    one.merge(&other);
    let TimeForm::One(read) = one.form() else { panic!("{:?}", one.form()) };
    let at = |line, text: &str| Example { line, text: text.to_owned() };
    assert_eq!((read.read, read.only, read.against), (3, Some(2), 1));
    assert_eq!(read.example, Some(at(7, "30/03/2026")));
    assert_eq!(read.counter, Some((at(8, "03/30/2026"), "%m/%d/%Y".to_owned())));
    let mut amounts = AmountEvidence::default();
    amounts.add(5, "1.200,00");
    amounts.add(3, "7,5");
    assert_eq!(amounts.deciding(DecimalMark::Comma), (2, Some(&at(3, "7,5"))));
}
