//! Descriptions of statement lines, each through one `check`, and what is read out of them.

use proptest::prelude::*;

use super::*;

/// Pattern, name, and the other groups as `key=value` words.
#[track_caller]
fn check(text: &str, pattern: &str, name: Option<&str>, others: &str) {
    let reader = CounterpartyReader::new(&[]).unwrap();
    let guess = reader.read(text).unwrap_or_else(|| panic!("{text:?} matches nothing"));
    assert_eq!((guess.pattern, guess.name), (pattern, name), "{text:?}");
    let groups = [
        ("account", guess.account),
        ("bank", guess.bank),
        ("reference", guess.reference),
        ("place", guess.place),
        ("phone", guess.phone),
    ];
    let found: Vec<String> = groups
        .iter()
        .filter_map(|(key, value)| value.map(|value| format!("{key}={value}")))
        .collect();
    assert_eq!(found.join(" "), others, "{text:?}");
}

#[test]
fn common_wordings_are_read() {
    let lena = Some("LENA ORTIZ");
    check("ZELLE TO LENA ORTIZ ON 03/04", "zelle", lena, "");
    check("ZELLE FROM LENA ORTIZ ON 03/04 REF # PP0ABC", "zelle", lena, "");
    check("Zelle payment to LENA ORTIZ 12345678901", "zelle", lena, "");
    check("ZELLE TO LENA ORTIZ 202-555-0173", "zelle", lena, "phone=202-555-0173");
    check("ZELLE TO LENA ORTIZ CONF# AB12CD", "zelle", lena, "reference=AB12CD");
    check(
        "Zelle Transfer Conf# ab12; ORTIZ LENA",
        "zelle-confirmation",
        Some("ORTIZ LENA"),
        "reference=ab12",
    );
    check("CASH APP*LENA ORTIZ", "cash-app", lena, "");
    check("VENMO *LENA ORTIZ", "venmo", lena, "");
    check("VENMO PAYMENT TO LENA ORTIZ", "venmo", lena, "");
    check("VENMO CASHOUT", "venmo", None, "");
    check("PAYPAL *PIERFOODS", "paypal", Some("PIERFOODS"), "");
    check("WESTERN UNION 14 PIER ST", "western-union", Some("WESTERN UNION"), "place=14 PIER ST");
    check(
        "WIRE OUT TO PIER FOODS LLC REF 88123",
        "wire",
        Some("PIER FOODS LLC"),
        "reference=88123",
    );
    check("INCOMING WIRE FROM PIER FOODS LLC", "wire", Some("PIER FOODS LLC"), "");
    check(
        "WIRE TYPE:WIRE OUT DATE:240304 TRN:2024 BNF:LENA ORTIZ ID:100122 BNF BK:HARBOR BANK",
        "wire-fields",
        lena,
        "account=100122 bank=HARBOR BANK",
    );
    check(
        "FEDWIRE CREDIT VIA: HARBOR BANK/021 B/O: LENA ORTIZ REF: X1",
        "fedwire",
        lena,
        "bank=HARBOR BANK reference=X1",
    );
    check(
        "ORIG CO NAME:PIER PAYROLL ORIG ID:99 DESC DATE:0304 TRACE#:0210",
        "ach-originator",
        Some("PIER PAYROLL"),
        "account=99 reference=0210",
    );
    check("ACH CREDIT PIER PAYROLL CO", "ach", Some("PIER PAYROLL CO"), "");
    check(
        "PIER PAYROLL DES:PAYROLL ID:7788 INDN:ORTIZ",
        "ach-description",
        Some("PIER PAYROLL"),
        "reference=7788",
    );
    check("PAYROLL PIER FOODS", "payroll", Some("PIER FOODS"), "");
}

#[test]
fn cheques_cash_cards_and_charges_are_read() {
    check("CHECK 1042", "cheque", None, "reference=1042");
    check("Check # 1042", "cheque", None, "reference=1042");
    check("ATM WITHDRAWAL 001234 03/04 14 PIER ST HARBOR", "atm", None, "place=14 PIER ST HARBOR");
    check(
        "POS PURCHASE 03/04 PIER FOODS  HARBOR NY",
        "card",
        Some("PIER FOODS"),
        "place=HARBOR NY",
    );
    check("ONLINE TRANSFER TO CHK ...1234", "book-transfer", None, "account=...1234");
    check("RENT PAYMENT TO QUAY PROPERTIES", "rent", Some("QUAY PROPERTIES"), "");
    check("CASH DEPOSIT", "cash", None, "");
    check("MOBILE CHECK DEPOSIT", "cheque-deposit", None, "");
    check("OUTGOING WIRE FEE", "fee", None, "");
    check("MONTHLY SERVICE FEE", "fee", None, "");
    check("INTEREST PAYMENT", "interest", None, "");
}

/// Lines as banks print them: the text, the pattern that must read it or `-` for none, the
/// name, and the other groups.
const LINES: &[&str] = &[
    "ZELLE TO LENA ORTIZ ON 03/04|zelle|LENA ORTIZ|",
    "Zelle payment from DORIAN VANCE BACx9q2kfh3d|zelle|DORIAN VANCE|",
    "Zelle Payment To Ortiz Lena JPM99a1b2c3d|zelle|Ortiz Lena|",
    "ZELLE TO LENA ORTIZ 202-555-0173|zelle|LENA ORTIZ|phone=202-555-0173",
    "ZELLE FROM QUAY FOODS LLC CONF# AB12CD|zelle|QUAY FOODS LLC|reference=AB12CD",
    "ZELLE TRANSFER TO MARTA O'NEIL ON 11/02 REF # WFCT0ABC12|zelle|MARTA O'NEIL|",
    "Zelle Transfer Conf# ab12; ORTIZ LENA|zelle-confirmation|ORTIZ LENA|reference=ab12",
    "WIRE TYPE:WIRE IN DATE:240304 TIME:1405 ET TRN:2024030400123 SEQ:000123 ORIG:PIER FOODS LLC ID:000441 SND BK:HARBOR BANK ID:021000021|wire-fields|PIER FOODS LLC|account=000441 bank=HARBOR BANK",
    "WIRE TYPE:WIRE OUT DATE:240304 TRN:2024 BNF:LENA ORTIZ ID:100122 BNF BK:HARBOR BANK|wire-fields|LENA ORTIZ|account=100122 bank=HARBOR BANK",
    "FEDWIRE CREDIT VIA: HARBOR BANK/021000021 B/O: LENA ORTIZ REF: CHASE NYC/CTR/BNF=QUAY|fedwire|LENA ORTIZ|bank=HARBOR BANK reference=CHASE",
    "CHIPS DEBIT VIA: DOCK STREET BANK/0440 A/C: PIER FOODS GMBH REF: INV 77|fedwire|PIER FOODS GMBH|bank=DOCK STREET BANK reference=INV",
    "WIRE OUT TO PIER FOODS LLC REF 88123|wire|PIER FOODS LLC|reference=88123",
    "INCOMING WIRE FROM PIER FOODS LLC|wire|PIER FOODS LLC|",
    "OUTGOING INTERNATIONAL WIRE TO NORDWIND GMBH AT DOCK STREET BANK|wire|NORDWIND GMBH|bank=DOCK STREET BANK",
    "WIRE TRANSFER OUT BNF: HARBOR NAILS LLC ACCT 44100017|wire|HARBOR NAILS LLC|account=44100017",
    "SWIFT TRANSFER FROM NORDWIND GMBH REF ABC123|wire|NORDWIND GMBH|reference=ABC123",
    "WT FED#01234 HARBOR BANK /ORG=LENA ORTIZ SRF# 2024030400 TRN#240304001 RFB# 77|wire-fed|LENA ORTIZ|bank=HARBOR BANK",
    "WT SEQ123456 DOCK STREET BANK /BNF=DORIAN VANCE SRF# 0071 TRN#240304|wire-fed|DORIAN VANCE|bank=DOCK STREET BANK",
    "ORIG CO NAME:PIER PAYROLL ORIG ID:9900112233 DESC DATE:240304 CO ENTRY DESCR:PAYROLL SEC:PPD TRACE#:021000021234567 EED:240304 IND ID:7788 IND NAME:ORTIZ LENA|ach-originator|PIER PAYROLL|account=9900112233 reference=021000021234567",
    "PIER PAYROLL DES:PAYROLL ID:7788 INDN:ORTIZ LENA CO ID:9900112233 PPD|ach-description|PIER PAYROLL|reference=7788",
    "ACH CREDIT PIER PAYROLL CO|ach|PIER PAYROLL CO|",
    "ACH DEBIT EASTMARSH LIGHT AND WATER|ach|EASTMARSH LIGHT AND WATER|",
    "ACH WITHDRAWAL - HARBOR INSURANCE GROUP|ach|HARBOR INSURANCE GROUP|",
    "DIRECT DEPOSIT QUAY FOODS LLC|payroll|QUAY FOODS LLC|",
    "DIRECT DEP - TERN PAYROLL SERVICES|payroll|TERN PAYROLL SERVICES|",
    "QUAY FOODS LLC DIRECT DEP|payroll-behind|QUAY FOODS LLC|",
    "QUAY FOODS LLC PAYROLL 240304|payroll-behind|QUAY FOODS LLC|",
    "PAYROLL PIER FOODS|payroll|PIER FOODS|",
    "CHECK 1042|cheque||reference=1042",
    "CHECK #1042|cheque||reference=1042",
    "Check # 1042|cheque||reference=1042",
    "CHECK PAID 001042|cheque||reference=001042",
    "CASHED CHECK 1042|cheque||reference=1042",
    "CHEQUE 1042 PAYEE: LENA ORTIZ|cheque|LENA ORTIZ|reference=1042",
    "MOBILE CHECK DEPOSIT|cheque-deposit||",
    "REMOTE DEPOSIT|cheque-deposit||",
    "ATM WITHDRAWAL 001234 03/04 14 PIER ST HARBOR|atm||place=14 PIER ST HARBOR",
    "ATM W/D 0034 EASTMARSH NY|atm||place=0034 EASTMARSH NY",
    "WITHDRAWAL ATM 0034 EASTMARSH|atm||place=0034 EASTMARSH",
    "NON-BANK ATM WITHDRAWAL 31 QUAY RD|atm||place=31 QUAY RD",
    "ATM CASH DEPOSIT 03/04 14 PIER ST HARBOR|atm||place=14 PIER ST HARBOR",
    "CASH DEPOSIT|cash||",
    "CASH WITHDRAWAL AT BRANCH 12|cash||place=BRANCH 12",
    "COUNTER CASH|cash||",
    "POS PURCHASE 03/04 PIER FOODS  HARBOR NY|card|PIER FOODS|place=HARBOR NY",
    "CHECKCARD 0304 PIER FOODS HARBOR NY 24431061234567890123456|card|PIER FOODS HARBOR NY|",
    "DEBIT CARD PURCHASE PENNY PINE THRIFT|card|PENNY PINE THRIFT|",
    "CARD PURCHASE AUTHORIZED ON 03/04 QUAY CINEMA  EASTMARSH NY|card|QUAY CINEMA|place=EASTMARSH NY",
    "PURCHASE AUTHORIZED ON 03/04 QUAY CINEMA  EASTMARSH NY|card|QUAY CINEMA|place=EASTMARSH NY",
    "POS MARLOW MARKET #0121|card|MARLOW MARKET|",
    "RECURRING CARD PAYMENT HARBOR GYM|card|HARBOR GYM|",
    "CASH APP*LENA ORTIZ|cash-app|LENA ORTIZ|",
    "CASH APP*LENA ORTIZ*CASH OU|cash-app|LENA ORTIZ|",
    "SQ *CASH APP LENA ORTIZ|cash-app|LENA ORTIZ|",
    "VENMO *LENA ORTIZ|venmo|LENA ORTIZ|",
    "VENMO PAYMENT TO LENA ORTIZ|venmo|LENA ORTIZ|",
    "VENMO CASHOUT|venmo||",
    "VENMO DES:PAYMENT ID:1029 INDN:LENA ORTIZ CO ID:3264681992 WEB|venmo||reference=1029",
    "PAYPAL *PIERFOODS|paypal|PIERFOODS|",
    "PAYPAL INST XFER PIER FOODS|paypal|PIER FOODS|",
    "PAYPAL DES:INST XFER ID:QUAYFOODS INDN:LENA ORTIZ|paypal||reference=QUAYFOODS",
    "WESTERN UNION 14 PIER ST|western-union|WESTERN UNION|place=14 PIER ST",
    "WESTERN UNION MONEY TRANSFER 800-325-6000|western-union|WESTERN UNION|",
    "MONEYGRAM 31 QUAY RD|moneygram|MONEYGRAM|place=31 QUAY RD",
    "ONLINE TRANSFER TO CHK ...1234|book-transfer||account=...1234",
    "Online Transfer from SAV XXXXX7788 conf# 12345|book-transfer||account=XXXXX7788",
    "TRANSFER TO CHECKING XXXX1234|book-transfer||account=XXXX1234",
    "RENT PAYMENT TO QUAY PROPERTIES|rent|QUAY PROPERTIES|",
    "RENT MARCH TO COBBLESTONE PROPERTY MANAGEMENT|rent|COBBLESTONE PROPERTY MANAGEMENT|",
    "QUAY PROPERTIES RENT 03/2026|rent-behind|QUAY PROPERTIES|",
    "OUTGOING WIRE FEE|fee||",
    "MONTHLY SERVICE FEE|fee||",
    "TRANSFER FEE|fee||",
    "OVERDRAFT ITEM FEE CHECK 1042|fee||",
    "ATM FEE REBATE|fee||",
    "ATM WITHDRAWAL FEE|fee||",
    "FOREIGN EXCHANGE FEE|fee||",
    "INTEREST PAYMENT|interest||",
    "INTEREST EARNED 03/31|interest||",
    "Venmore Ltd|-||",
    "BALANCE FORWARD|-||",
    "ADJUSTMENT|-||",
    "LENA ORTIZ|-||",
    "CHECKERS RESTAURANT|-||",
    "ACHILLES SHOES LLC|-||",
    "PAYPALS BAKERY|-||",
    "WIRELESS WORLD INC|-||",
    "RENTOKIL SERVICES|-||",
    "MONEYGRAMMAR BOOKS|-||",
    "CASHMERE HOUSE|-||",
    "ZELLERS DEPARTMENT STORE|-||",
    "TELLER TRAINING|-||",
    "MONTHLY RENT|-||",
];

#[test]
fn every_line_is_read_by_its_own_pattern_or_by_none() {
    let reader = CounterpartyReader::new(&[]).unwrap();
    for line in LINES {
        let parts: Vec<&str> = line.split('|').collect();
        let [text, pattern, name, others] = parts[..] else { panic!("{line:?}") };
        if pattern == "-" {
            assert_eq!(reader.read(text), None, "{text:?}");
        } else {
            check(text, pattern, (!name.is_empty()).then_some(name), others);
        }
    }
}

#[test]
fn a_line_that_says_nothing_of_the_other_end_matches_nothing() {
    let reader = CounterpartyReader::new(&[]).unwrap();
    for text in ["", "BALANCE FORWARD", "ADJUSTMENT", "LENA ORTIZ"] {
        assert_eq!(reader.read(text), None, "{text:?}");
    }
}

#[test]
fn a_layouts_own_pattern_comes_first_and_a_wrong_one_is_named() {
    let own = |text: &str| Pattern { pattern: text.to_owned(), channel: Some(Channel::Book) };
    let reader = CounterpartyReader::new(&[own(r"^ZELLE TO (?P<name>\w+)")]).unwrap();
    let guess = reader.read("ZELLE TO LENA ORTIZ ON 03/04").unwrap();
    assert_eq!((guess.name, guess.channel), (Some("LENA"), Some(Channel::Book)));
    let refused = |texts: [&str; 2]| CounterpartyReader::new(&texts.map(own)).unwrap_err();
    assert_eq!(refused(["a", "("]).0, 1);
    let (at, why) = refused(["a", "(?P<nmae>b)"]);
    assert_eq!(at, 1);
    assert!(why.starts_with("group \"nmae\" is not one of name, account"), "{why}");
}

#[test]
fn a_text_read_again_with_other_digits_reads_as_itself() {
    let own = Pattern { pattern: r"^TILL 7(?P<name>\S+)".to_owned(), channel: None };
    let reader = CounterpartyReader::new(&[own]).unwrap();
    let mut seen = SeenTexts::default();
    let built_in = CounterpartyReader::new(&[]).unwrap().digits;
    assert_eq!(&built_in, b"0100000000", "a built-in pattern makes more digits differ");
    let lines = LINES.iter().map(|line| line.split('|').next().unwrap());
    for text in lines.chain(["TILL 75 A", "TILL 65 A", "TILL 73 A"]) {
        for digit in ["", "0", "1", "4", "7"] {
            let other = match digit {
                "" => text.to_owned(),
                _ => text.replace(|letter: char| letter.is_ascii_digit(), digit),
            };
            let again = reader.read_again(&other, &mut seen);
            assert_eq!(again, reader.read(&other), "{other:?}");
        }
    }
}

#[test]
fn unidentified_ends_are_known_by_a_text_that_lines_share() {
    let text = unidentified_text;
    assert_eq!(text(Channel::Cheque, "", "CHECK 1042"), "CHECK");
    assert_eq!(text(Channel::Cheque, "", "Check # 1043"), "CHECK");
    assert_eq!(text(Channel::Cash, "", "ATM WITHDRAWAL 14 PIER"), "CASH");
    assert_eq!(text(Channel::P2p, "Ortiz, Lena", "ZELLE"), "LENA ORTIZ");
    assert_eq!(text(Channel::Card, "n/a", "POS 03/04  PIER FOODS 7"), "POS PIER FOODS");
    assert_eq!(text(Channel::Other, "", " 12 "), "OTHER");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn arbitrary_text_never_panics(text in ".*", counterparty in ".*") {
        let reader = CounterpartyReader::new(&[]).unwrap();
        let found = reader.read(&text);
        let mut seen = SeenTexts::default();
        reader.read_again(&counterparty, &mut seen);
        prop_assert_eq!(reader.read_again(&text, &mut seen), found);
        prop_assert_eq!(reader.read_again(&text, &mut seen), found);
        prop_assert!(!unidentified_text(Channel::Other, &counterparty, &text).is_empty());
        let _ = CounterpartyReader::new(&[Pattern { pattern: text, channel: None }]);
    }
}
