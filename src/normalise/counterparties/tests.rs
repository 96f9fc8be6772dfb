//! Descriptions of statement lines, each through one `check`, and what is read out of them.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

/// Made once: it is some seconds' work without optimisation.
static BUILT_IN: LazyLock<CounterpartyReader> =
    LazyLock::new(|| CounterpartyReader::new(&[]).unwrap());

#[track_caller]
fn check(text: &str, pattern: &str, name: Option<&str>, others: &str) {
    let guess = BUILT_IN.read(text).unwrap_or_else(|| panic!("{text:?} matches nothing"));
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
        "reference=0210",
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
    "ORIG CO NAME:PIER PAYROLL ORIG ID:9900112233 DESC DATE:240304 CO ENTRY DESCR:PAYROLL SEC:PPD TRACE#:021000021234567 EED:240304 IND ID:7788 IND NAME:ORTIZ LENA|ach-originator|PIER PAYROLL|reference=021000021234567",
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
    "SERVICE CHARGE: MARCH|fee||",
    "SERVICE CHARGE-MARCH|fee||",
    "SERVICE CHARGE BASIC ACCOUNT|fee||",
    "WIRE OUTGOING|wire-plain||",
    "WIRE TRANSFER OUTGOING QUAY FOODS LLC|wire-behind|QUAY FOODS LLC|",
    "WIRE INCOMING QUAY FOODS LLC|wire-behind|QUAY FOODS LLC|",
    "OUTGOING WIRE RETURNED|wire-reference||",
    "WIRE OUT DOMESTIC|wire-reference||",
    "03/04 ACH DEBIT|ach-plain||",
    "INCOMING ACH CREDIT|ach-plain||",
    "SAME DAY ACH CREDIT 0304|ach-plain||",
    "MONTHLY SERVICE FEE|fee||",
    "TRANSFER FEE|fee||",
    "OVERDRAFT ITEM FEE CHECK 1042|fee||",
    "ATM FEE REBATE|fee||",
    "ATM WITHDRAWAL FEE|fee||",
    "FOREIGN EXCHANGE FEE|fee||",
    "INTEREST PAYMENT|interest||",
    "INTEREST EARNED 03/31|interest||",
    "Zelle Transfer Conf# T0ZC12345; Lena Ortiz|zelle-confirmation|Lena Ortiz|reference=T0ZC12345",
    "Zelle Recurring payment from LENA ORTIZ for \"rent\"; Conf# q1w2e3r4t|zelle|LENA ORTIZ|reference=q1w2e3r4t",
    "Zelle payment to LENA ORTIZ for \"March rent\"; Conf# abc123def|zelle|LENA ORTIZ|reference=abc123def",
    "Zelle payment from LENA ORTIZ Conf# abc123def|zelle|LENA ORTIZ|reference=abc123def",
    "ZELLE PAYMENT TO ORTIZ LENA WEB PMTS 0H7JK8|zelle|ORTIZ LENA|",
    "Zelle Debit PAY ID:BACABC123 LENA ORTIZ|zelle-id|LENA ORTIZ|reference=BACABC123",
    "ZELLE INSTANT PMT FROM LENA ORTIZ ON 03/04 REF# PP0ABCDE|zelle|LENA ORTIZ|",
    "Zelle to Lena on 03/04 ref #Pp0Bxyz Rent|zelle|Lena|",
    "DDA CREDIT ZELLE FROM LENA ORTIZ|zelle|LENA ORTIZ|",
    "ZEL TO LENA ORTIZ|zelle|LENA ORTIZ|",
    "ZELLE TRANSFER TO: LENA ORTIZ|zelle|LENA ORTIZ|",
    "Zelle Sent to Lena Ortiz|zelle|Lena Ortiz|",
    "WIRE TYPE:INTL OUT DATE:240304 TIME:1405 ET TRN:2024030400123 SERVICE REF:012345 BNF:NORDWIND GMBH ID:GB89TEST20051030405060 BNF BK:DOCK STREET BANK AG ID:DOCKGB22 PMT DET:INV 4471 POP GOODS|wire-fields|NORDWIND GMBH|account=GB89TEST20051030405060 bank=DOCK STREET BANK AG",
    "WIRE TYPE:BOOK IN DATE:240304 TIME:1405 ET TRN:2024030400123 ORIG:PIER FOODS LLC ID:000441 PMT DET:RENT|wire-fields|PIER FOODS LLC|account=000441",
    "DOMESTIC WIRE TRANSFER VIA: HARBOR BANK/021000021 A/C: LENA ORTIZ NEW YORK NY 10001 US REF: INV 77 IMAD: 0304B1QGC01C001234 TRN: 0123456789ES 03/04|fedwire|LENA ORTIZ NEW YORK NY 10001 US|bank=HARBOR BANK reference=INV",
    "ONLINE DOMESTIC WIRE TRANSFER VIA: DOCK STREET BANK/026009593 A/C: QUAY FOODS LLC EASTMARSH NY REF: TIME/14:05 IMAD: 0304B1QGC TRN: 3322114063ES 03/04|fedwire|QUAY FOODS LLC EASTMARSH NY|bank=DOCK STREET BANK reference=TIME/14:05",
    "ONLINE INTERNATIONAL WIRE TRANSFER A/C: DOCK STREET BANK PLC BEN:/GB89TEST20051030405060 NORDWIND LTD REF: INV 9|wire-international|NORDWIND LTD|account=GB89TEST20051030405060 bank=DOCK STREET BANK PLC reference=INV",
    "FEDWIRE CREDIT VIA: DOCK STREET BANK/026009593 B/O: QUAY FOODS LLC EASTMARSH NY 10002 REF: CHASE NYC/CTR/BNF=LENA ORTIZ RFB=0123 OBI=LOAN BBI=/TIME/10:12 IMAD: 0304MMQFMP2L TRN: 0055|fedwire|QUAY FOODS LLC EASTMARSH NY 10002|bank=DOCK STREET BANK reference=CHASE",
    "BOOK TRANSFER CREDIT B/O: QUAY FOODS LLC EASTMARSH NY 10002- ORG:/004410001 QUAY FOODS LLC REF: LOAN TRN: 0123|fedwire|QUAY FOODS LLC EASTMARSH NY 10002|account=004410001 reference=LOAN",
    "WT FED#03456 DOCK STREET BANK, NA /FTR/BNF=QUAY FOODS LLC SRF# OW00001234567 TRN#240304001234 RFB# OW00001|wire-fed|QUAY FOODS LLC|bank=DOCK STREET BANK, NA",
    "WT SEQ#98765 QUAY FOODS LLC /ORG=QUAY FOODS LLC SRF# 0071 TRN#240304|wire-fed|QUAY FOODS LLC|bank=QUAY FOODS LLC",
    "WT 240304-001234 DOCK STREET BANK AG /BNF=NORDWIND GMBH SRF# OW123|wire-fed|NORDWIND GMBH|bank=DOCK STREET BANK AG",
    "OUTGOING WIRE TRANSFER 04410017 QUAY FOODS LLC|wire-behind|QUAY FOODS LLC|",
    "Wire Transfer Outgoing To Quay Foods LLC|wire|Quay Foods LLC|",
    "INCOMING WIRE TRANSFER - QUAY FOODS LLC|wire-behind|QUAY FOODS LLC|",
    "WIRE OUT 240304 QUAY FOODS LLC|wire-behind|QUAY FOODS LLC|",
    "WIRE/IN-202403040012345;ORG QUAY FOODS LLC;REF LOAN|wire-number|QUAY FOODS LLC|reference=202403040012345",
    "Domestic Wire Fee|fee||",
    "WIRE TRANSFER FEE|fee||",
    "OUTGOING DOMESTIC WIRE FEE|fee||",
    "DOMESTIC INCOMING WIRE FEE|fee||",
    "ONLINE US DOLLAR INTERNATIONAL WIRE FEE|fee||",
    "ZELLE PAYMENT TO MARISOL VEGA 20260105 BAC4kd8s7f|zelle|MARISOL VEGA|",
    "ZELLE PAYMENT FROM MARISOL VEGA 15123456789|zelle|MARISOL VEGA|",
    "ZELLE PAYMENT TO MARISOL VEGA JPM99a1b2c3d|zelle|MARISOL VEGA|",
    "ORIG CO NAME:IRS ORIG ID:9900112233 DESC DATE:030424 CO ENTRY DESCR:USATAXPYMTSEC:CCD TRACE#:061036012345678 EED:240304 IND ID:270446412345678|ach-originator|IRS|reference=061036012345678",
    "IRS DES:USATAXPYMT ID:270446412345678 INDN:LENA ORTIZ CO ID:9900112233 CCD|ach-description|IRS|reference=270446412345678",
    "IRS USATAXPYMT 030424 270446412345678 LENA ORTIZ|-||",
    "EASTMARSH POWER ACH DEBIT 030424|ach-behind|EASTMARSH POWER|",
    "PIER FOODS LLC PAYROLL 240304 7788 ORTIZ, LENA|payroll-behind|PIER FOODS LLC|",
    "PIER FOODS LLC DIR DEP 240304|payroll-behind|PIER FOODS LLC|",
    "TERN PAYROLL FEES TERN - FEES 240304 28ABC|-||",
    "TERN PAY 123456 240304 6semjk ORTIZ LENA|-||",
    "PAYROLL DES:PAYROLL|ach-description|PAYROLL|",
    "DIRECT DEPOSIT - PIER FOODS LLC|payroll|PIER FOODS LLC|",
    "CHECK # 1042 PAYABLE TO LENA ORTIZ|cheque|LENA ORTIZ|reference=1042",
    "Check Paid #1042|cheque||reference=1042",
    "1042 CHECK|cheque-behind||reference=1042",
    "CHECK NUMBER 1042|cheque||reference=1042",
    "DEPOSITED CHECK RETURNED 1042|cheque-returned||",
    "RETURNED CHECK 1042 NSF|cheque-returned||reference=1042",
    "CHECK 1042 RETURNED NSF|cheque-returned||",
    "CHECK DEPOSIT|cheque-deposit||",
    "DEPOSIT ID NUMBER 441234|-||",
    "DEPOSIT|-||",
    "MOBILE DEPOSIT : REF NUMBER :812345678|cheque-deposit||",
    "REMOTE ONLINE DEPOSIT 1|cheque-deposit||",
    "eDeposit in Branch 03/04/24 01:05:22 PM 14 PIER ST EASTMARSH NY 1234|-||",
    "HARBORBK ATM 03/04 #000001234 DEPOSIT PIER STREET EASTMARSH NY|atm||place=PIER STREET EASTMARSH NY",
    "HARBORBK ATM 03/04 #000001234 WITHDRWL PIER STREET EASTMARSH NY|atm||place=PIER STREET EASTMARSH NY",
    "ATM WITHDRAWAL AUTHORIZED ON 03/04 14 PIER ST EASTMARSH NY 0001234 ATM ID 0034B CARD 1234|atm||place=14 PIER ST EASTMARSH NY",
    "ATM CASH DEPOSIT ON 03/04 14 PIER ST EASTMARSH NY 0001234 ATM ID 0034B CARD 1234|atm||place=14 PIER ST EASTMARSH NY",
    "ATM CHECK DEPOSIT ON 03/04 14 PIER ST EASTMARSH NY 0001234 ATM ID 0034B CARD 1234|cheque-deposit||",
    "NON-HARBOR ATM WITHDRAW 001234 03/04 14 PIER ST|atm||place=14 PIER ST",
    "WITHDRAWAL MADE IN A BRANCH/STORE|cash||",
    "CASH EWITHDRAWAL IN BRANCH/STORE 03/04/24|cash||place=BRANCH/STORE 03/04/24",
    "Customer Withdrawal Image|-||",
    "TELLER CASH WITHDRAWAL|cash||",
    "CASHIER'S CHECK PURCHASE|cheque-of-the-bank||",
    "OFFICIAL CHECK 000441|cheque-of-the-bank||reference=000441",
    "PURCHASE AUTHORIZED ON 03/04 QUAY CINEMA EASTMARSH NY S304063512345678 CARD 1234|card|QUAY CINEMA EASTMARSH NY|",
    "PURCHASE RETURN AUTHORIZED ON 03/04 QUAY CINEMA EASTMARSH NY S304063512345678 CARD 1234|card|QUAY CINEMA EASTMARSH NY|",
    "RECURRING PAYMENT AUTHORIZED ON 03/03 HARBOR GYM 202-555-0173 NY S584063 CARD 1234|card|HARBOR GYM|",
    "CHECKCARD 0304 MARLOW MARKET EASTMARSH NY 24431061234567890123456 RECURRING CKCD 5411 XXXXXXXXXXXX1234 XXXX XXXX XXXX 1234|card|MARLOW MARKET EASTMARSH NY|",
    "CARD PURCHASE 03/04 MARLOW MARKET EASTMARSH NY CARD 1234|card|MARLOW MARKET EASTMARSH NY|",
    "CARD PURCHASE WITH PIN 03/04 MARLOW MARKET EASTMARSH NY CARD 1234|card|MARLOW MARKET EASTMARSH NY|",
    "RECURRING CARD PURCHASE 03/04 HARBOR GYM 202-555-0173 NY CARD 1234|card|HARBOR GYM|",
    "DEBIT CARD PURCHASE XXXXX1234 MARLOW MARKET EASTMARSH NY|card|MARLOW MARKET EASTMARSH NY|",
    "POS PUR-   MARLOW MARKET EASTMARSH NY|card|MARLOW MARKET EASTMARSH NY|",
    "CASH APP*LENA ORTIZ*ADD CASH SAN FRANCISCO CA|cash-app|LENA ORTIZ|",
    "CASH APP*CASH OUT SAN FRANCISCO CA|cash-app-own||",
    "SQC*CASH APP LENA ORTIZ 202-555-0174 CA|cash-app|LENA ORTIZ|",
    "Cash App*Lena Ortiz 2025550173 CA|cash-app|Lena Ortiz|",
    "SQUARE INC DES:CASH APP ID:T3X INDN:LENA ORTIZ CO ID:9900112244 PPD|cash-app-own||reference=T3X",
    "VENMO PAYMENT 240304 1029384756 LENA ORTIZ|venmo||",
    "VENMO CASHOUT 240304 1029384 ORTIZ LENA|venmo||",
    "PURCHASE AUTHORIZED ON 03/04 VENMO *LENA ORTIZ VISA DIRECT NY S584 CARD 1234|venmo|LENA ORTIZ|",
    "PAYPAL INST XFER 240304 QUAYFOODS LENA ORTIZ|paypal|QUAYFOODS LENA ORTIZ|",
    "PAYPAL TRANSFER 240304 1029384 LENA ORTIZ|paypal||",
    "PAYPAL *QUAYFOODS 202-555-0173 CA|paypal|QUAYFOODS|",
    "WESTERN UNION 202-555-0173 CO|western-union|WESTERN UNION|place=CO",
    "WU *WESTERN UNION 2025550173 CO|western-union|WESTERN UNION|place=CO",
    "MONEYGRAM 202-555-0173 CA|moneygram|MONEYGRAM|place=CA",
    "MONEYGRAM INTL DES:PAYMENT ID:998 INDN:LENA ORTIZ|moneygram|MONEYGRAM|",
    "Online Banking transfer to CHK 1234 Confirmation# 2233445566|book-transfer||account=1234",
    "Online Transfer from CHK ...1234 conf#: 99112233|book-transfer||account=...1234",
    "Online Transfer to Ortiz L Everyday Checking XXXXXX1234 Ref #Ib0XYZ on 03/04/24|book-transfer-named||account=XXXXXX1234",
    "ONLINE TRANSFER REF #IB0XYZ TO WAY2SAVE SAVINGS XXXXXX7788 ON 03/04/24|book-transfer-named||account=XXXXXX7788",
    "Recurring Transfer to ORTIZ L SAVINGS REF #OP0ABC XXXXXX7788|book-transfer-named||account=XXXXXX7788",
    "Transfer to Savings|book-transfer-plain||",
    "Payment to Harbor card ending in 1234 03/04|-||",
    "RENT MARCH 2024 QUAY PROPERTIES|rent|QUAY PROPERTIES|",
    "QUAY PROPERTIES WEB PMTS RENT 030424|rent-behind|QUAY PROPERTIES|",
    "COBBLESTONE PM DES:RENT ID:XX INDN:LENA ORTIZ|ach-description|COBBLESTONE PM|reference=XX",
    "OVERDRAFT FEE FOR CHECK 1042|fee||",
    "NSF FEE FOR ITEM 1042|fee||",
    "RETURNED ITEM CHARGEBACK FEE|fee||",
    "MONTHLY MAINTENANCE FEE|fee||",
    "Interest Paid This Period|interest||",
    "Int Pmt|interest||",
    "INTEREST PAID ON AVERAGE BALANCE|interest||",
    "STOP PAYMENT FEE|fee||",
    "INTERNATIONAL PURCHASE TRANS FEE|fee||",
    "FOREIGN TRANS FEE|fee||",
    "CASH WITHDRAWAL FEE|fee||",
    "ATM FEE NON-NETWORK 1234|fee||",
    "RETURNED CHECK CHARGE BACK|cheque-returned||",
    "RETURNED DEPOSIT ITEM CHARGE|fee||",
    "INTEREST PAYMENT TO LENA ORTIZ|-||",
    "INTEREST CHARGE ON PURCHASES|-||",
    "ZELLE CREDIT PAY ID:HBC1A2B3C ORG ID:HBC NAME:LENA ORTIZ|zelle-id|LENA ORTIZ|reference=HBC1A2B3C",
    "ZELLE SENT 40630B0R1234 Zelle LENA ORTIZ|zelle-sent|LENA ORTIZ|reference=40630B0R1234",
    "TRANSFER FROM LENA ORTIZ|-||",
    "EXTERNAL TRANSFER TO HARBOR SAVINGS XXXX1234|book-transfer-named||account=XXXX1234",
    "PREAUTHORIZED ACH CREDIT|ach-plain||",
    "ACH DEBIT|ach-plain||",
    "ACH CREDIT 030424 QUAY FOODS LLC|ach|QUAY FOODS LLC|",
    "ACH HOLD QUAY FOODS|ach|HOLD QUAY FOODS|",
    "SALARY PIER FOODS|-||",
    "PIER FOODS LLC PAYROLL PPD ID: 9900112233|payroll-behind|PIER FOODS LLC|",
    "EASTMARSH POWER ONLINE PMT CKF123 WEB ID: 9900112255|ach-class|EASTMARSH POWER ONLINE PMT CKF123|",
    "PAYPAL INST XFER QUAYFOODS WEB ID: PAYPALSI77|paypal|QUAYFOODS|",
    "PAYPAL TRANSFER PPD ID: PAYPALSD11|paypal||",
    "VENMO PAYMENT 1029384756 WEB ID: 9900112266|venmo||",
    "COFFEE HOUSE|-||",
    "CREDIT MEMO|-||",
    "DEBIT MEMO|-||",
    "SERVICE CHARGE|fee||",
    "ACCOUNT ANALYSIS CHARGE|fee||",
    "CASH DEPOSIT 03/04 BRANCH 12|cash||place=12",
    "CASH DEPOSIT PROCESSING FEE|fee||",
    "CASH WITHDRAWAL 14 PIER ST|cash-plain||",
    "RENT A CAR EASTMARSH|-||",
    "RENT-A-LORRY 044|-||",
    "INTL TRADING CO|-||",
    "WIRED COFFEE|-||",
    "BAR BED WIRE WORKS LLC|-||",
    "INCOMING WIRE|wire-plain||",
    "OUTGOING WIRE|wire-plain||",
    "WIRE TRANSFER|wire-plain||",
    "BOOK TRANSFER DEBIT A/C: LENA ORTIZ REF: X TRN: 0|fedwire|LENA ORTIZ|reference=X",
    "TRANSFER TO SAV 7788|book-transfer||account=7788",
    "Online Transfer to CHK 7788|book-transfer||account=7788",
    "SURCHARGE REBATE|-||",
    "CHECK|-||",
    "CHECK CASHED|-||",
    "ZELLE REVERSAL FROM LENA ORTIZ|zelle-plain||",
    "ATM REVERSAL|-||",
    "QUAY ATM W/D 03/04 14:05 14 PIER ST|atm||place=14 PIER ST",
    "WITHDRAWAL DEBIT CARD QUAY CINEMA|-||",
    "WIRE OUT IMAD 20250109B1QGC01C001234|wire-reference||reference=20250109B1QGC01C001234",
    "INCOMING WIRE REF 12345|wire-reference||reference=12345",
    "WIRE TRANSFER CREDIT|wire-reference||",
    "WIRE PAYMENT TO LENA ORTIZ|wire|LENA ORTIZ|",
    "ACH DEBIT TRACE 021000021234567|ach-plain||reference=021000021234567",
    "ACH CREDIT 030424 TRACE#: 0210000212|ach-plain||reference=0210000212",
    "ACH CREDIT ID SYSTEMS INC|ach|ID SYSTEMS INC|",
    "Venmore Ltd|-||",
    "BALANCE FORWARD|-||",
    "ADJUSTMENT|-||",
    "LENA ORTIZ|-||",
    "CHECKERS RESTAURANT|-||",
    "POS PURCHASE 03/04 WIRE & CABLE SUPPLY  HARBOR NY|card|WIRE & CABLE SUPPLY|place=HARBOR NY",
    "POS PURCHASE ZELLE CAFE EASTMARSH NY|card|ZELLE CAFE EASTMARSH NY|",
    "CHECKCARD 0304 HOT WIRE IN THE HARBOR NY|card|HOT WIRE IN THE HARBOR NY|",
    "DEBIT CARD PURCHASE INCOMING TIDE WIRE SHOP|card|INCOMING TIDE WIRE SHOP|",
    "03/04 CARD PURCHASE ACH HARDWARE NY|card|ACH HARDWARE NY|",
    "PURCHASE AUTHORIZED ON 03/04 WIRE TO WATER LLC S304063512345678 CARD 1234|card|WIRE TO WATER LLC|",
    "POS DEBIT ATLAS PIZZA|card|ATLAS PIZZA|",
    "POS DEBIT A & B FOODS|card|A & B FOODS|",
    "POS ATM WITHDRAWAL 14 PIER ST|atm||place=14 PIER ST",
    "POS DEBIT ATM WITHDRAWAL 14 PIER ST|atm||place=14 PIER ST",
    "POS DEBENTURE BAR|card|DEBENTURE BAR|",
    "CHECKCARD 0304 VENMO *LENA ORTIZ NY|venmo|LENA ORTIZ NY|",
    "DEBIT CARD PURCHASE WESTERN UNION 202-555-0173 CO|western-union|WESTERN UNION|place=CO",
    "MOBILE POS MARLOW MARKET|card-within|MARLOW MARKET|",
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
    for line in LINES {
        let parts: Vec<&str> = line.split('|').collect();
        let [text, pattern, name, others] = parts[..] else { panic!("{line:?}") };
        if pattern == "-" {
            assert_eq!(BUILT_IN.read(text), None, "{text:?}");
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
        let reader = &BUILT_IN;
        let found = reader.read(&text);
        let mut seen = SeenTexts::default();
        reader.read_again(&counterparty, &mut seen);
        prop_assert_eq!(reader.read_again(&text, &mut seen), found);
        prop_assert_eq!(reader.read_again(&text, &mut seen), found);
        prop_assert!(!unidentified_text(Channel::Other, &counterparty, &text).is_empty());
        let _ = CounterpartyReader::new(&[Pattern { pattern: text, channel: None }]);
    }
}
