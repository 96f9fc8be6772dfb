//! Which party a name names, as far as its text alone can say.
//!
//! Answers: do `Ortiz, Lena` and `LENA ORTIZ` spell one name? Equality of identities is equality
//! of spelling after cleaning; likeness of different spellings (Lena, Elena) is an analysis of
//! its own and stays out, since it needs evidence.

use deunicode::deunicode_with_tofu;

/// Endings that name a legal form, as words of a cleaned name, and the one way they are kept.
/// Longer endings stand first, since the first match wins.
const LEGAL_FORMS: &[(&[&str], &str)] = &[
    (&["LIMITED", "LIABILITY", "LIMITED", "PARTNERSHIP"], "LLLP"),
    (&["SOCIEDAD", "ANONIMA", "DE", "CAPITAL", "VARIABLE"], "SA DE CV"),
    (&["LIMITED", "LIABILITY", "PARTNERSHIP"], "LLP"),
    (&["LIMITED", "LIABILITY", "COMPANY"], "LLC"),
    (&["LIMITED", "LIABILITY", "CO"], "LLC"),
    (&["PUBLIC", "LIMITED", "COMPANY"], "PLC"),
    (&["PROFESSIONAL", "LIMITED", "LIABILITY", "COMPANY"], "PLLC"),
    (&["S", "A", "DE", "C", "V"], "SA DE CV"),
    (&["SA", "DE", "CV"], "SA DE CV"),
    (&["S", "DE", "R", "L"], "S DE RL"),
    (&["S", "DE", "RL"], "S DE RL"),
    (&["L", "L", "L", "P"], "LLLP"),
    (&["P", "L", "L", "C"], "PLLC"),
    (&["L", "L", "C"], "LLC"),
    (&["L", "L", "P"], "LLP"),
    (&["P", "L", "C"], "PLC"),
    (&["S", "R", "L"], "SRL"),
    (&["S", "P", "A"], "SPA"),
    (&["S", "A", "S"], "SAS"),
    (&["LIMITED", "PARTNERSHIP"], "LP"),
    (&["LIMITED", "COMPANY"], "LTD"),
    (&["SOCIEDAD", "ANONIMA"], "SA"),
    (&["SOCIETE", "ANONYME"], "SA"),
    (&["COMPANY", "LIMITED"], "CO LTD"),
    (&["COMPANY", "LTD"], "CO LTD"),
    (&["CO", "LIMITED"], "CO LTD"),
    (&["CO", "LTD"], "CO LTD"),
    (&["PTY", "LIMITED"], "PTY LTD"),
    (&["PTY", "LTD"], "PTY LTD"),
    (&["PTE", "LTD"], "PTE LTD"),
    (&["PVT", "LTD"], "PVT LTD"),
    (&["SP", "Z", "OO"], "SP Z OO"),
    (&["Z", "OO"], "SP Z OO"),
    (&["L", "P"], "LP"),
    (&["S", "A"], "SA"),
    (&["B", "V"], "BV"),
    (&["N", "V"], "NV"),
    (&["A", "G"], "AG"),
    (&["A", "S"], "AS"),
    (&["P", "C"], "PC"),
    (&["INCORPORATED"], "INC"),
    (&["INC"], "INC"),
    (&["CORPORATION"], "CORP"),
    (&["CORP"], "CORP"),
    (&["LIMITED"], "LTD"),
    (&["LTD"], "LTD"),
    (&["LTDA"], "LTDA"),
    (&["COMPANY"], "CO"),
    (&["CO"], "CO"),
    (&["LLC"], "LLC"),
    (&["LC"], "LC"),
    (&["LLP"], "LLP"),
    (&["LLLP"], "LLLP"),
    (&["PLLC"], "PLLC"),
    (&["LP"], "LP"),
    (&["PLC"], "PLC"),
    (&["PC"], "PC"),
    (&["NA"], "NA"),
    (&["GMBH"], "GMBH"),
    (&["MBH"], "MBH"),
    (&["AG"], "AG"),
    (&["KG"], "KG"),
    (&["OHG"], "OHG"),
    (&["UG"], "UG"),
    (&["SA"], "SA"),
    (&["SAS"], "SAS"),
    (&["SARL"], "SARL"),
    (&["SRL"], "SRL"),
    (&["SPA"], "SPA"),
    (&["SL"], "SL"),
    (&["BV"], "BV"),
    (&["NV"], "NV"),
    (&["AB"], "AB"),
    (&["AS"], "AS"),
    (&["APS"], "APS"),
    (&["OY"], "OY"),
    (&["OOO"], "OOO"),
    (&["DOO"], "DOO"),
    (&["SRO"], "SRO"),
    (&["KFT"], "KFT"),
];

/// Legal forms that are family names or given names too: alone they say nothing of the kind.
const ALSO_NAMES: &[&str] = &["CO", "SA", "SL", "AS", "AB", "AG", "UG", "KG", "NA", "PC", "LC"];

/// Words that only organisations bear.
const ORGANISATION_WORDS: &[&str] = &[
    "BANK",
    "BANCORP",
    "TRUST",
    "FUND",
    "FOUNDATION",
    "ASSOCIATION",
    "ASSOCIATES",
    "PROPERTIES",
    "REALTY",
    "HOLDINGS",
    "HOLDING",
    "ENTERPRISES",
    "INVESTMENTS",
    "PARTNERS",
    "PARTNERSHIP",
    "GROUP",
    "SERVICES",
    "SOLUTIONS",
    "CONSULTING",
    "MANAGEMENT",
    "LOGISTICS",
    "INDUSTRIES",
    "INSURANCE",
    "MORTGAGE",
    "UNIVERSITY",
    "COLLEGE",
    "CHURCH",
    "MINISTRIES",
    "HOSPITAL",
    "CLINIC",
    "DEPARTMENT",
    "COUNTY",
    "AUTHORITY",
    "COMMISSION",
    "PAYROLL",
    "STAFFING",
    "RESTAURANT",
    "HOTEL",
    "MOTEL",
    "SALON",
    "SPA",
    "LAUNDRY",
    "SUPPLY",
    "TRADING",
    "IMPORTS",
    "EXPORTS",
    "CONSTRUCTION",
    "CONTRACTORS",
    "APARTMENTS",
    "LEASING",
    "RENTALS",
    "CORPORATION",
    "INCORPORATED",
    "COMPANY",
];

/// Suffixes that belong to the name before them wherever they stand.
const SUFFIXES: &[&str] = &["JR", "SR", "II", "III", "IV", "ESQ", "MD", "PHD"];

/// Texts that stand where a name would and name no one.
const NO_NAME: &[&str] = &[
    "NA",
    "N A",
    "NONE",
    "NULL",
    "NIL",
    "UNKNOWN",
    "UNK",
    "NOT AVAILABLE",
    "NOT APPLICABLE",
    "NOT PROVIDED",
    "NOT STATED",
    "NO NAME",
    "TBD",
    "TEST",
    "X",
    "XX",
    "XXX",
    "XXXX",
];

/// One text for each name, for equality only; empty when the text names no one.
///
/// Upper case, transliterated to ASCII where a spelling is known, punctuation dropped, `&` as
/// AND, `Last, First` put in speaking order, the legal form at the end written one way.
///
/// ```
/// use moneytrail::normalise::name_identity;
///
/// assert_eq!(name_identity("Ortiz, Lena"), "LENA ORTIZ");
/// assert_eq!(name_identity("Müller & Söhne, L.L.C."), "MULLER AND SOHNE LLC");
/// assert_eq!(name_identity("n/a"), "");
/// ```
pub fn name_identity(text: &str) -> String {
    let cleaned = match in_speaking_order(text) {
        Some((last, first)) => joined(last, first),
        None => cleaned(text),
    };
    if NO_NAME.contains(&cleaned.as_str()) || !cleaned.contains(char::is_alphanumeric) {
        return String::new();
    }
    with_one_legal_form(&cleaned)
}

/// `Some("organisation")` when the name ends in a legal form or has a word only organisations
/// bear; else `None`: that a name looks like a person's is never concluded from its text.
pub fn party_kind(text: &str) -> Option<&'static str> {
    let cleaned = cleaned(text);
    let words: Vec<&str> = cleaned.split(' ').collect();
    let formed = legal_form(&words).is_some_and(|(start, form)| {
        // A dotted form ("S.A.") or one led by AND ("Smith & Co") is meant as a form.
        let meant = text.trim_end().ends_with("A.") && text.contains("S.A")
            || start > 0 && words[start - 1] == "AND";
        start > 0 && (meant || !ALSO_NAMES.contains(&form))
    });
    let worded = words.len() > 1 && words.iter().any(|word| ORGANISATION_WORDS.contains(word));
    (formed || worded).then_some("organisation")
}

/// The two halves of `Last, First`, when the comma has that meaning.
fn in_speaking_order(text: &str) -> Option<(&str, &str)> {
    let (last, first) = text.split_once(',')?;
    // "Ortiz, Lena, Jr." has the suffix behind a comma of its own.
    let more = first.split_once(',').map(|(_, more)| cleaned(more));
    if more.is_some_and(|more| !SUFFIXES.contains(&more.as_str())) || party_kind(text).is_some() {
        return None;
    }
    let right = cleaned(first);
    let words: Vec<&str> = right.split(' ').collect();
    let whole_form = legal_form(&words).is_some_and(|(start, _)| start == 0);
    let suffix = words.len() == 1 && SUFFIXES.contains(&words[0]);
    let stated = !right.is_empty() && last.contains(char::is_alphanumeric);
    (stated && !whole_form && !suffix).then_some((last, first))
}

fn joined(last: &str, first: &str) -> String {
    let (last, mut given) = (cleaned(last), cleaned(first));
    let suffix = match given.rsplit_once(' ') {
        Some((rest, word)) if SUFFIXES.contains(&word) => Some((rest.to_owned(), word.to_owned())),
        _ => None,
    };
    match suffix {
        Some((rest, word)) => format!("{rest} {last} {word}"),
        None => {
            given.push(' ');
            given.push_str(&last);
            given
        }
    }
}

/// Upper-case words of letters and digits, one space between; points and apostrophes join what
/// they stand between, so that `L.L.C.` and `O'Brien` are one word each.
fn cleaned(text: &str) -> String {
    let plain;
    let latin = if text.is_ascii() {
        text
    } else {
        plain = transliterated(text);
        &plain
    };
    let mut kept = String::with_capacity(latin.len() + 4);
    let mut gap = false;
    for letter in latin.chars() {
        if letter.is_alphanumeric() {
            if gap && !kept.is_empty() {
                kept.push(' ');
            }
            gap = false;
            kept.extend(letter.to_uppercase());
        } else if letter == '&' {
            if !kept.is_empty() {
                kept.push(' ');
            }
            kept.push_str("AND");
            gap = true;
        } else if !matches!(letter, '.' | '\'' | '`') {
            gap = true;
        }
    }
    kept
}

/// ASCII where a spelling is known; a letter without one stays as it is, so that names in a
/// script beyond the table stay apart.
fn transliterated(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii() {
            latin.push(letter);
            continue;
        }
        let mut one = [0_u8; 4];
        let spelled = deunicode_with_tofu(letter.encode_utf8(&mut one), "");
        if spelled.is_empty() {
            latin.push(letter);
        } else {
            latin.push_str(&spelled);
        }
    }
    latin
}

/// Where the legal form at the end starts, and the one way it is kept.
fn legal_form(words: &[&str]) -> Option<(usize, &'static str)> {
    LEGAL_FORMS
        .iter()
        .find(|(ending, _)| words.ends_with(ending))
        .map(|(ending, form)| (words.len() - ending.len(), *form))
}

fn with_one_legal_form(cleaned: &str) -> String {
    let words: Vec<&str> = cleaned.split(' ').collect();
    match legal_form(&words) {
        Some((start, form)) if start > 0 => format!("{} {form}", words[..start].join(" ")),
        _ => cleaned.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, identity: &str, kind: Option<&str>) {
        assert_eq!(name_identity(text), identity, "{text:?}");
        assert_eq!(party_kind(text), kind, "{text:?}");
    }

    #[test]
    fn names_have_one_identity() {
        let organisation = Some("organisation");
        check("Lena Ortiz", "LENA ORTIZ", None);
        check("  lena   ORTIZ ", "LENA ORTIZ", None);
        check("Ortiz, Lena", "LENA ORTIZ", None);
        check("Ortiz, Lena M., Jr.", "LENA M ORTIZ JR", None);
        check("Ortiz, Lena, Eastmarsh", "ORTIZ LENA EASTMARSH", None);
        check("Pier Foods Co., Ltd.", "PIER FOODS CO LTD", Some("organisation"));
        check("Pier Foods Company Limited", "PIER FOODS CO LTD", Some("organisation"));
        check("Smith, John Jr.", "JOHN SMITH JR", None);
        check("John Smith, Jr.", "JOHN SMITH JR", None);
        check("O'Brien, Seán", "SEAN OBRIEN", None);
        check("Harbor Nails, LLC", "HARBOR NAILS LLC", organisation);
        check("Harbor Nails L.L.C.", "HARBOR NAILS LLC", organisation);
        check("HARBOR NAILS L L C", "HARBOR NAILS LLC", organisation);
        check("Harbor Nails Limited Liability Company", "HARBOR NAILS LLC", organisation);
        check("Pier Foods Incorporated", "PIER FOODS INC", organisation);
        check("Pier Foods Limited", "PIER FOODS LTD", organisation);
        check("Quay & Sons Co.", "QUAY AND SONS CO", None);
        check("Quay & Co", "QUAY AND CO", organisation);
        check("Inversiones Norte S.A.", "INVERSIONES NORTE SA", organisation);
        check("Maria Sa", "MARIA SA", None);
        check("Dock Street Bank", "DOCK STREET BANK", organisation);
        check("Marlow, Reed and Partners", "MARLOW REED AND PARTNERS", organisation);
        check("Nordwind GmbH", "NORDWIND GMBH", organisation);
        check("Иванов", "IVANOV", None);
    }

    #[test]
    fn what_names_no_one_has_no_identity() {
        for text in ["", "   ", "N/A", "n.a.", "null", "UNKNOWN", "---", ".", "xxxx", "?"] {
            assert_eq!(name_identity(text), "", "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics_and_has_no_stray_spaces(text in ".*") {
            let identity = name_identity(&text);
            prop_assert_eq!(identity.trim(), identity.as_str());
            prop_assert!(!identity.contains("  "));
            party_kind(&text);
        }

        #[test]
        fn an_identity_of_plain_words_reads_as_itself(
            text in "[A-Za-z]{2,9}( [A-Za-z]{2,9}){0,3}",
        ) {
            let once = name_identity(&text);
            prop_assert_eq!(name_identity(&once), once);
        }
    }
}
