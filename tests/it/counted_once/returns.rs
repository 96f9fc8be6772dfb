//! Invented payments and the returns that tell of them: statements of either side, lists, interim
//! reports, copies; masked numbers, cut names, pages that were not produced.

use proptest::prelude::*;

/// An account of the case.
pub struct Held {
    /// Number, the bank's name, the holder's name.
    pub number: &'static str,
    pub bank: &'static str,
    pub name: &'static str,
    /// Its statements come as tagged messages, with interim reports, and not as tables.
    pub tagged: bool,
}

/// No two share their last digits or the beginning of their names, so that whatever is stated of
/// one is stated of it alone.
pub const HELD: [Held; 5] = [
    Held { number: "6100004417", bank: "Harbor", name: "Lena Ortiz Calloway", tagged: false },
    Held { number: "6100009023", bank: "Harbor", name: "Castlebrook Properties", tagged: false },
    Held { number: "7200001188", bank: "Pier", name: "Viggo Strandmark", tagged: false },
    Held { number: "7200007751", bank: "Pier", name: "Tamsin Abernathy", tagged: false },
    Held { number: "1234567", bank: "10020030", name: "Quentin Everdene", tagged: true },
];

/// How a statement names the far end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Far {
    Numbered,
    MaskedNamed,
    Masked,
    CutName,
    Nothing,
}

/// What truly moved.
#[derive(Clone, Debug)]
pub struct Payment {
    pub from: usize,
    pub to: usize,
    /// Day on which it leaves, and days until it arrives.
    pub day: i32,
    pub float: i32,
    pub cents: i64,
    /// Both banks print its trace number.
    pub traced: bool,
    /// How the sender's and the receiver's statement name the other.
    pub far: [Far; 2],
}

impl Payment {
    pub fn arrival(&self) -> i32 {
        self.day + self.float
    }
}

/// One return.
#[derive(Clone, Debug)]
pub enum Return {
    Statement {
        account: usize,
        days: (i32, i32),
        balance: bool,
        shouting: bool,
        lost: bool,
    },
    Report {
        days: (i32, i32),
    },
    List {
        days: (i32, i32),
        lost: bool,
    },
    /// The bytes of the return that many places before.
    Copy {
        of: usize,
    },
}

pub fn payments() -> impl Strategy<Value = Vec<Payment>> {
    let far = || {
        prop_oneof![
            4 => Just(Far::Numbered),
            2 => Just(Far::MaskedNamed),
            1 => Just(Far::Masked),
            2 => Just(Far::CutName),
            1 => Just(Far::Nothing),
        ]
    };
    let cents = prop::sample::select(vec![50_000, 50_000, 50_000, 12_000, 12_000, 700]);
    let one = (
        (0..HELD.len(), 1..HELD.len()),
        0..14_i32,
        prop::sample::select(vec![0, 0, 0, 1, 2, 3]),
        cents,
        prop::bool::weighted(0.3),
        (far(), far()),
    );
    let one = one.prop_map(|((from, step), day, float, cents, traced, far)| {
        let to = (from + step) % HELD.len();
        Payment { from, to, day, float, cents, traced, far: [far.0, far.1] }
    });
    // Payments that repeat an earlier one within days are what is hard to tell apart.
    (prop::collection::vec(one, 1..12), prop::collection::vec((0..12_usize, 0..3_i32), 0..6))
        .prop_map(|(mut payments, again)| {
            for (of, later) in again {
                let mut one = payments[of % payments.len()].clone();
                one.day += later;
                payments.push(one);
            }
            payments
        })
}

pub fn returns() -> impl Strategy<Value = Vec<Return>> {
    let days = || {
        prop_oneof![
            3 => Just((0, 30)),
            2 => (0..10_i32, 2..12_i32).prop_map(|(first, length)| (first, first + length)),
        ]
    };
    let lost = || prop::bool::weighted(0.2);
    let statement = (0..HELD.len(), days(), any::<bool>(), any::<bool>(), lost()).prop_map(
        |(account, days, balance, shouting, lost)| Return::Statement {
            account,
            days,
            balance,
            shouting,
            lost,
        },
    );
    let one = prop_oneof![
        6 => statement,
        1 => days().prop_map(|days| Return::Report { days }),
        2 => (days(), lost()).prop_map(|(days, lost)| Return::List { days, lost }),
        1 => (1..4_usize).prop_map(|of| Return::Copy { of }),
    ];
    prop::collection::vec(one, 1..8)
}

/// Whose record a row is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Teller {
    Sender(usize),
    Receiver(usize),
    List,
}

/// A file and what its records tell of.
pub struct Written {
    pub name: String,
    pub text: String,
    /// Line of each record, its payment, whose record it is.
    pub records: Vec<(u32, usize, Teller)>,
    /// Some of what it covers is not on it.
    pub lost: bool,
}

/// A line of an account: day, payment, true where it came in, balance after it.
struct Line {
    day: i32,
    payment: usize,
    came_in: bool,
    balance: i64,
}

fn ledger(payments: &[Payment], account: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (payment, one) in payments.iter().enumerate() {
        if one.from == account {
            lines.push(Line { day: one.day, payment, came_in: false, balance: 0 });
        }
        if one.to == account {
            lines.push(Line { day: one.arrival(), payment, came_in: true, balance: 0 });
        }
    }
    lines.sort_by_key(|line| (line.day, line.payment, line.came_in));
    let mut balance = 1_000_000;
    for line in &mut lines {
        let cents = payments[line.payment].cents;
        balance += if line.came_in { cents } else { -cents };
        line.balance = balance;
    }
    lines
}

fn date(day: i32) -> String {
    format!("2026-03-{:02}", day + 1)
}

fn decimal(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

fn trace(payment: usize, one: &Payment) -> String {
    if one.traced { format!("TRC77{payment:04}31") } else { String::new() }
}

/// Account, name and bank of the far end as a statement states them.
fn far_end(payments: &[Payment], line: &Line) -> [String; 3] {
    let one = &payments[line.payment];
    let (held, far) = match line.came_in {
        true => (&HELD[one.from], one.far[1]),
        false => (&HELD[one.to], one.far[0]),
    };
    let masked = format!("XXXX{}", &held.number[held.number.len() - 4..]);
    let cut: String = held.name.to_uppercase().chars().take(14).collect();
    let texts = match far {
        Far::Numbered => [held.number, held.name, held.bank],
        Far::MaskedNamed => [&masked, &cut, ""],
        Far::Masked => [&masked, "", ""],
        Far::CutName => ["", &cut, ""],
        Far::Nothing => ["", "", ""],
    };
    texts.map(str::to_owned)
}

fn teller(line: &Line, account: usize) -> Teller {
    if line.came_in { Teller::Receiver(account) } else { Teller::Sender(account) }
}

/// Every return as a file; one without a record is not produced at all.
pub fn written(payments: &[Payment], returns: &[Return]) -> Vec<Written> {
    let mut files: Vec<Written> = Vec::new();
    for one in returns {
        let at = files.len();
        let file = match one {
            Return::Statement { account, days, balance, shouting, lost } => {
                let lines = kept(ledger(payments, *account), *days, *lost);
                match HELD[*account].tagged {
                    true => tagged(payments, *account, &lines, true, at),
                    false => table(payments, *account, &lines, (*balance, *shouting), at),
                }
            }
            Return::Report { days } => {
                let account = HELD.iter().position(|held| held.tagged).unwrap();
                tagged(payments, account, &kept(ledger(payments, account), *days, false), false, at)
            }
            Return::List { days, lost } => list(payments, *days, *lost, at),
            Return::Copy { of } => match at.checked_sub(*of) {
                Some(twin) => Written {
                    name: format!("{at}-{}", files[twin].name),
                    text: files[twin].text.clone(),
                    records: files[twin].records.clone(),
                    lost: files[twin].lost,
                },
                None => continue,
            },
        };
        let lost = file.lost
            || matches!(
                one,
                Return::Statement { lost: true, .. } | Return::List { lost: true, .. }
            );
        if !file.records.is_empty() {
            files.push(Written { lost, ..file });
        }
    }
    files
}

/// The lines of these days, without every fourth where pages were lost.
fn kept(lines: Vec<Line>, (first, last): (i32, i32), lost: bool) -> Vec<Line> {
    let within = lines.into_iter().filter(|line| (first..=last).contains(&line.day));
    within.enumerate().filter(|(at, _)| !(lost && at % 4 == 1)).map(|(_, line)| line).collect()
}

fn table(
    payments: &[Payment],
    account: usize,
    lines: &[Line],
    (balance, shouting): (bool, bool),
    at: usize,
) -> Written {
    let mut text = "account,booked,amount,balance,description,reference,counterparty_account,\
                    counterparty_name,counterparty_bank,bank\n"
        .to_owned();
    let mut records = Vec::new();
    for (row, line) in lines.iter().enumerate() {
        let one = &payments[line.payment];
        let cents = if line.came_in { one.cents } else { -one.cents };
        let stated = if balance { decimal(line.balance) } else { String::new() };
        let words = if shouting { "STANDING  ORDER" } else { "Standing order" };
        let fields = [
            HELD[account].number.to_owned(),
            date(line.day),
            decimal(cents),
            stated,
            words.to_owned(),
            trace(line.payment, one),
            far_end(payments, line).join(","),
            HELD[account].bank.to_owned(),
        ];
        text.push_str(&format!("{}\n", fields.join(",")));
        records.push((row as u32 + 2, line.payment, teller(line, account)));
    }
    Written { name: format!("{at}.csv"), text, records, lost: false }
}

/// A statement, or an interim report beside it.
fn tagged(
    payments: &[Payment],
    account: usize,
    lines: &[Line],
    statement: bool,
    at: usize,
) -> Written {
    let held = &HELD[account];
    let mut text = format!(":20:R{at}\n:25:{}/{}\n:28C:7/{at}\n", held.bank, held.number);
    let comma = |cents: i64| decimal(cents).replace('.', ",");
    let balance = |tag: &str, day: i32, cents: i64| {
        let mark = if cents < 0 { 'D' } else { 'C' };
        format!(":{tag}:{mark}2603{:02}USD{}\n", day + 1, comma(cents.abs()))
    };
    let signed = |line: &Line| {
        let cents = payments[line.payment].cents;
        if line.came_in { cents } else { -cents }
    };
    match (statement, lines.first()) {
        (true, Some(first)) => {
            text.push_str(&balance("60F", first.day, first.balance - signed(first)));
        }
        _ => text.push_str(":34F:USD0,\n"),
    }
    let mut records = Vec::new();
    for line in lines {
        let one = &payments[line.payment];
        let mark = if line.came_in { 'C' } else { 'D' };
        records.push((text.lines().count() as u32 + 1, line.payment, teller(line, account)));
        let day = format!("{:02}", line.day + 1);
        text.push_str(&format!(":61:2603{day}03{day}{mark}{},NTRFNONREF\n", comma(one.cents)));
        // The amount has its comma already.
        text = text.replace(",NTRF", "NTRF");
        let mut details = ":86:105".to_owned();
        match trace(line.payment, one) {
            none if none.is_empty() => {}
            trace => details.push_str(&format!("?20EREF+{trace}")),
        }
        details.push_str("?21SVWZ+Order");
        let [number, name, bank] = far_end(payments, line);
        for (field, found) in [("?30", bank), ("?31", number), ("?32", name)] {
            if !found.is_empty() {
                details.push_str(&format!("{field}{found}"));
            }
        }
        text.push_str(&format!("{details}\n"));
    }
    if let (true, Some(last)) = (statement, lines.last()) {
        text.push_str(&balance("62F", last.day, last.balance));
    }
    let kind = if statement { "940" } else { "942" };
    Written { name: format!("{at}.{kind}"), text, records, lost: false }
}

fn list(payments: &[Payment], (first, last): (i32, i32), lost: bool, at: usize) -> Written {
    let mut text =
        "from_account,from_bank,to_account,to_bank,booked,amount,currency,reference\n".to_owned();
    let mut records = Vec::new();
    let mut order: Vec<usize> = (0..payments.len()).collect();
    order.retain(|payment| (first..=last).contains(&payments[*payment].day));
    order.sort_by_key(|payment| payments[*payment].day);
    for (at, payment) in order.into_iter().enumerate() {
        if lost && at % 4 == 1 {
            continue;
        }
        let one = &payments[payment];
        let (from, to) = (&HELD[one.from], &HELD[one.to]);
        text.push_str(&format!(
            "{},{},{},{},{},{},USD,{}\n",
            from.number,
            from.bank,
            to.number,
            to.bank,
            date(one.day),
            decimal(one.cents),
            trace(payment, one)
        ));
        records.push((records.len() as u32 + 2, payment, Teller::List));
    }
    Written { name: format!("{at}.csv"), text, records, lost: false }
}

/// The signature cards of all accounts.
pub fn cards() -> String {
    let cards = HELD.iter().map(|held| format!("{},{},{}\n", held.number, held.name, held.bank));
    format!("account,name,bank\n{}", cards.collect::<String>())
}
