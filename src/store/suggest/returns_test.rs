//! Returns in the styles of those who produce them, and the lines that a suggestion must hold:
//! what would otherwise be read as something else without a word.

use crate::store::suggest::tests::check;

#[test]
fn clocks_of_utc_are_never_taken_for_the_cases() {
    let head = "Item,ConnDateTime(UTC),SeizureTime,ET,Originating Number,Terminating Number,IMEI\n";
    let rows = "1,01/25/26 15:02:11,0:05,1:35,13025550110,12025550143,3512340011223344\n";
    let start = "start = { column = \"ConnDateTime(UTC)\", format = \"%m/%d/%y %H:%M:%S\", \
                 timezone = \"UTC\" }";
    // What stands beside a clock of its own is how long it rang.
    check("calls.csv", &format!("{head}{rows}"), true, &[start, "duration = { column = \"ET\" }"]);

    let rows = "Date,Time,Calling Number,Called Number\n\
                2026-01-05,15:02:11,13025550110,12025550143\n";
    check("calls.csv", &format!("All times UTC\n{rows}"), true, &["timezone = \"UTC\""]);
    let both = "Kept in Eastern Time\nProvided in UTC\n";
    let lines = ["# ASK: lines above the header speak of the zone", "timezone = \"?\""];
    check("calls.csv", &format!("{both}{rows}"), false, &lines);
}

#[test]
fn letters_and_columns_of_zones_are_read() {
    let text = "Account,Date,Amount,Description\n1,2026-01-03 14:22:10 EST,1.00,a\n\
                1,2026-07-03 14:22:10 EDT,1.00,b\n";
    let line = "booked = { column = \"Date\", timezone = \"America/New_York\" }";
    check("wallet.csv", text, true, &[line]);
    let text = "Account,Date,Time,TimeZone,Gross,Balance\n\
                1,01/31/2026,08:15:22,PST,500.00,500.00\n";
    let line = "booked = { columns = [\"Date\", \"Time\", \"TimeZone\"], join = \" \", format = \
                \"%m/%d/%Y %H:%M:%S\", timezone = \"America/Los_Angeles\" }";
    check("wallet.csv", text, true, &[line]);
}

#[test]
fn the_other_ends_account_is_not_whose_statement_it_is() {
    let text = "\"Konto\";\"DE89370400440532013000\"\n\n\
                Buchungstag;Begünstigter;Verwendungszweck;Kontonummer;BLZ;Betrag (EUR)\n\
                31.01.2026;Stadtwerke;Strom;4711;TESTDE88;-89,50\n\
                30.01.2026;Jürgen Groß;Miete;4712;TESTDEFF;1.200,00\n";
    let lines = [
        "account = { preamble = ",
        "a line above the header says \"DE89370400440532013000\"",
        "counterparty_account = { column = \"Kontonummer\" }",
        "counterparty_bank = { column = \"BLZ\" }",
        "counterparty_name = { column = \"Begünstigter\" }",
        "currency = { constant = \"EUR\" }",
    ];
    check("umsatz.csv", text, true, &lines);
    let masked = "Account: XXXX1234\nDate,Amount,Description\n01/31/2026,1.00,a\n";
    check("bank.csv", masked, true, &["a line above the header says \"XXXX1234\""]);
}

#[test]
fn wires_and_orders_of_persons_are_payments() {
    let wires = "Value Date,Time,IMAD,Amount,Sender ABA,Sender Name,Receiver ABA,Receiver Name,\
                 Originator ID,Originator Name,Beneficiary ID,Beneficiary Name,OBI\n\
                 01/31/2026,10:15:22 AM EST,0112B1,25.00,021000089,A BANK,031100649,B BANK,\
                 4411220098,NORTHERN QUAY LTD,000000482913377,HARBOR LIGHT LLC,INV 1\n";
    let lines = [
        "record = \"bank-transfers\"",
        "from_account = { column = \"Originator ID\" }",
        "from_bank = { column = \"Sender ABA\" }",
        "from_name = { column = \"Originator Name\" }",
        "to_account = { column = \"Beneficiary ID\" }",
        "format = \"%m/%d/%Y %I:%M:%S %p\", timezone = \"America/New_York\" }",
        "channel = { constant = \"wire\" }",
    ];
    check("wires.csv", wires, true, &lines);
    let orders = "MTCN,Send Date,Send Time,Status,Sender First Name,Sender Last Name,Sender ID \
                  Number,Payee First Name,Payee Last Name,Payee City,Principal Amount,Charges,Payout \
                  Amount\n123-456,2026-01-05,14:02:11,PAID,LENA,ORTIZ,D1,JUAN,MARTINEZ,LEON,900.00,\
                  12.00,15300.00\n";
    let lines = [
        "record = \"bank-transfers\"",
        "# ASK: what tells those at this end apart?",
        "# from_account = { column = \"Sender ID Number\" }",
        "from_name = { columns = [\"Sender First Name\", \"Sender Last Name\"], join = \" \" }",
        "received_amount = { column = \"Payout Amount\" }",
        "booked = { columns = [\"Send Date\", \"Send Time\"]",
    ];
    check("orders.csv", orders, false, &lines);
}

#[test]
fn what_was_declined_is_no_payment_and_last_digits_are_masked() {
    let text = "Payment ID,Status,Created,Amount,Sender Name,Sender Bank,Sender Account Last 4,\
                Recipient Name,Recipient Bank,Recipient Account Last 4\n\
                A1,DELIVERED,2026-01-05T19:22:31Z,15.00,H,B,3377,M,C,0035\n\
                A2,FAILED,2026-01-06T19:22:31Z,15.00,H,B,3377,M,C,0035\n";
    let lines = [
        "from_account = { column = \"Sender Account Last 4\", prefix = \"XXXX\" }",
        "completed = { column = \"Status\", values = { \"DELIVERED\" = \"yes\", \"FAILED\" = \"no\" } }",
        "reference = { column = \"Payment ID\" }",
    ];
    check("p2p.csv", text, true, &lines);
    let text = text.replace("FAILED", "REFUNDED");
    check("p2p.csv", &text, true, &["# ASK: was money moved where it says \"REFUNDED\"?"]);
}

#[test]
fn money_that_would_be_in_no_total_is_asked_for() {
    let text = "Account,Open Date,Credit Limit\n1,31 marca 2026,500.00\n";
    let lines =
        ["# ASK: \"Credit Limit\" holds money and \"Open Date\" says when", "record = \"?\""];
    check("accounts.csv", text, false, &lines);
    let text = "Account,Business Date,Handed Over\n1,01/31/2026,9500.00\n2,01/30/2026,98.50\n";
    let lines = ["# ASK: \"Handed Over\" holds money and \"Business Date\" says when"];
    check("drawer.csv", text, false, &lines);
    let text = "\"01/31/2026\",\"2500.00\",\"*\",\"\",\"ZELLE FROM LENA ORTIZ\"\n\
                \"01/29/2026\",\"-85.25\",\"*\",\"1201\",\"CHECK # 1201\"\n";
    let lines = ["record = \"bank-statement\"", "booked = { column = \"column_1\""];
    check("export.csv", text, false, &lines);
    let signed = "Date,From,To,Amount\n2026-01-03,L1,T2,- $24.00\n2026-01-05,D4,L1,+ $12.00\n";
    let lines = ["# ASK: 1 amount is below zero, though the columns say who paid whom"];
    check("wallet.csv", signed, false, &lines);
}

#[test]
fn quoted_lines_that_are_no_records_are_named() {
    let text = "\"Date\",\"Description\",\"Withdrawals\",\"Deposits\",\"Balance\"\n\
                \"\",\"Beginning Balance\",\"\",\"\",\"$12.00\"\n\
                \"01/30/2026\",\"RENT\",\"$2.00\",\"\",\"$10.00\"\n\
                \"01/31/2026\",\"WAGES\",\"\",\"$5.00\",\"$15.00\"\n\
                \"Page 1 of 12\",\"\",\"\",\"\",\"\"\n\
                \"\",\"Total Withdrawals\",\"$2.00\",\"\",\"\"\n";
    let lines = ["# 2 lines are totals or page lines and no records", "]*Page"];
    check("bank_4410.csv", text, false, &lines);
}

#[test]
fn terms_of_a_lease_are_no_numbers_of_it() {
    let text = "Unit,Property Address,Tenant(s),Lease From,Lease To,Monthly Rent\n\
                4,\"88 Dock St, Wilmington\",\"Vega, M; Ortiz, L\",01/31/2025,01/31/2026,15.00\n\
                5,\"88 Dock St, Wilmington\",Dana Quill & Sol Hart,02/28/2025,02/28/2026,16.00\n";
    let lines = [
        "premises = { columns = [\"Property Address\", \"Unit\"], join = \" UNIT \" }",
        "# ASK: 1 cell reads like several names too, as \"Dana Quill & Sol Hart\" does",
        "start = { column = \"Lease From\", format = \"%m/%d/%Y\" }",
        "end = { column = \"Lease To\", format = \"%m/%d/%Y\" }",
    ];
    check("leases.csv", text, true, &lines);
}

#[test]
fn balances_of_lines_beside_the_rows_are_fields_of_the_statement() {
    let text = "Description,,Summary Amt.\nBeginning balance as of 01/01/2024,,\"5,000.00\"\n\
                Total credits,,\"1,200.00\"\nEnding balance as of 01/31/2024,,\"6,000.00\"\n\n\
                Date,Description,Amount,Running Bal.\n\
                01/01/2024,Beginning balance as of 01/01/2024,,\"5,000.00\"\n\
                01/05/2024,RENT,-200.00,\"4,800.00\"\n01/19/2024,PAY,\"1,200.00\",\"6,000.00\"\n";
    let lines =
        ["opening_balance = { line = ", "Beginning +balance", "closing_balance = { line = "];
    check("export_4410.csv", text, false, &lines);
}

#[test]
fn a_second_table_of_a_file_is_told_of() {
    let text = "Account,Date,Description,Amount\n1,01/15/2026,RENT,-10.00\n\
                1,01/16/2026,PAY,20.00\n\nDate,Ledger Balance\n01/15/2026,90.00\n";
    check("bank.csv", text, true, &["# Line 5 heads other columns, \"Date,Ledger Balance\""]);
}

#[test]
fn quantities_of_coins_are_never_dollars() {
    let text = "txid,time,type,asset,amount,fee,balance\n\
                L1,2026-01-05 10:00:00,deposit,ZUSD,500.00,0.00,500.00\n\
                L2,2026-01-05 11:00:00,withdrawal,ZUSD,-450.00,0.00,50.00\n\
                L3,2026-01-06 11:00:00,deposit,XXBT,0.50,0.00,0.50\n\
                L4,2026-01-06 11:00:00,deposit,XETH,0.75,0.00,0.75\n";
    let lines = [
        "# ASK: what does \"XETH\" mean? It is set aside here",
        "currency = { column = \"asset\", values = { \"XXBT\" = \"XBT\", \"ZUSD\" = \"USD\" } }",
    ];
    check("ledger.csv", text, false, &lines);
}

#[test]
fn bills_and_exports_of_exchanges_are_refused_with_what_they_are() {
    let hint = |text: &str| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.csv");
        std::fs::write(&path, text).unwrap();
        let refused = crate::store::suggest_layout(&path, None).unwrap_err();
        refused.hint().unwrap_or_default().to_owned()
    };
    let tolls = "Posting Date,Tag/Plate,Agency,Entry Plaza,Exit Plaza,Vehicle Class,Amount\n\
                 01/26/2026,00412,DELDOT,12,14,1,$4.00\n01/27/2026,00412,DELDOT,14,12,1,$4.00\n";
    assert!(hint(tolls).contains("a bill of tolls"), "{}", hint(tolls));
    let coins = "Timestamp,Order Type,Asset,Quantity Transacted,Subtotal,Notes\n\
                 2026-01-05T10:00:00Z,Buy,BTC,0.01,450.00,Bought\n\
                 2026-01-07T11:00:00Z,Send,BTC,0.005,,Sent\n";
    assert!(hint(coins).contains("counts coins and is no money"), "{}", hint(coins));
}

#[test]
fn clock_times_beside_a_date_are_never_left_out_without_a_word() {
    let head = "Date,Time,A Number,B Number,Duration (hh:mm:ss)\n";
    let british = "25/10/2026,00:59:11 BST,07700900123,07700900456,00:01:35\n\
                   25/10/2026,03:02:11 GMT,07700900123,07700900456,00:01:35\n";
    let line = "start = { columns = [\"Date\", \"Time\"], join = \" \", format = \"%d/%m/%Y \
                %H:%M:%S\", timezone = \"Europe/London\" }";
    check("calls.csv", &format!("{head}{british}"), true, &[line]);
    let unknown = "25/10/2026,005911,07700900123,07700900456,00:01:35\n";
    let lines = ["# ASK: is \"Time\" the time of day?", "# start = { column = \"Date\""];
    check("calls.csv", &format!("{head}{unknown}"), false, &lines);
    let none = "Date,A Number,B Number\n25/10/2026,07700900123,07700900456\n";
    check("calls.csv", none, true, &["# ASK: no column holds the time of day"]);
}

#[test]
fn minutes_of_a_call_are_no_seconds() {
    let text = |name: &str, length: u32| {
        let mut text = format!("Start,Calling Number,Called Number,{name}\n");
        for row in 0..12 {
            text.push_str(&format!(
                "2026-01-05T15:0{}:11Z,13025550110,12025550143,{length}\n",
                row % 10
            ));
        }
        text
    };
    let minutes = ["duration = { column = \"Duration (mins)\", format = \"%M\" }"];
    check("calls.csv", &text("Duration (mins)", 3), true, &minutes);
    let minutes = ["duration = { column = \"Minutes\", format = \"%M\" }"];
    check("calls.csv", &text("Minutes", 3), true, &minutes);
    let either = [
        "# ASK: the longest of 12 calls is 3: seconds, or minutes?",
        "# duration = { column = \"Duration\", format = \"%s\" }",
        "# duration = { column = \"Duration\", format = \"%M\" }",
    ];
    check("calls.csv", &text("Duration", 3), true, &either);
    let seconds = ["duration = { column = \"Duration\", format = \"%s\" }"];
    check("calls.csv", &text("Duration", 900), true, &seconds);
}

#[test]
fn returns_of_carriers_are_calls_and_no_list_of_parties() {
    let text = "Network Element Name,Mobile Directory Number,Dialed Digit Number,Call Direction,\
                Seizure Dt Tm,Seizure Duration,Calling Party Number\n\
                NYC01,2025550101,2025550102,Outbound,01/25/2026 15:02:11,95,2025550101\n";
    let lines = [
        "record = \"call-detail\"",
        "caller = { column = \"Calling Party Number\" }",
        "called = { column = \"Dialed Digit Number\" }",
    ];
    check("calls.csv", text, true, &lines);
    let text = "Rufnummer A;Rufnummer B;Datum;Uhrzeit;Dauer (s);Funkzelle\n\
                004915123456789;0049 30 901820;25.01.2026;15:02:11;95;1-2\n";
    let lines = [
        "caller = { column = \"Rufnummer A\" }",
        "called = { column = \"Rufnummer B\" }",
        "columns = [\"Datum\", \"Uhrzeit\"]",
        "duration = { column = \"Dauer (s)\", format = \"%s\" }",
        "tower = { column = \"Funkzelle\" }",
    ];
    check("calls.csv", text, true, &lines);
    let text = "Subscriber,Date,Time,Other Number,In/Out,Duration\n\
                202-555-0101,2026-01-05,15:02,202-555-0102,Out,95\n\
                202-555-0101,2026-01-05,15:04,No Caller ID,In,95\n";
    let lines = ["target = { column = \"Subscriber\" }", "other = { column = \"Other Number\" }"];
    check("calls.csv", text, true, &lines);
}

#[test]
fn a_rent_for_two_weeks_is_none_for_one() {
    let text = |period: &str| {
        format!(
            "Premises,Tenants,Rent,Frequency\n\"1 A Street, Eastmarsh\",Ann Poe,500.00,{period}\n"
        )
    };
    for (found, period) in [
        ("Weekly", "week"),
        ("Fortnightly", "fortnight"),
        ("2-weekly", "fortnight"),
        ("per calendar month", "month"),
        ("pcm", "month"),
        ("Monthly in advance", "month"),
        ("Quarterly", "quarter"),
        ("Per Annum", "year"),
    ] {
        let line = format!("values = {{ \"{found}\" = \"{period}\" }}");
        check("roll.csv", &text(found), true, &[&line]);
    }
    for found in ["Bi-weekly", "4-weekly", "Semi-monthly", "Half-yearly", "twice a month", "weeks"]
    {
        let line = format!("# ASK: what does \"{found}\" mean?");
        check("roll.csv", &text(found), true, &[&line]);
    }
}
