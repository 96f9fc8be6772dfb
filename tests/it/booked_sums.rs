//! Payments that a notice lists singly and a statement books in one sum: small messages of banks,
//! end to end, and the money of any mix of them counted once.

use std::collections::BTreeMap;

use moneytrail::analyses::{Inputs, balances};
use moneytrail::model::{EntityKind, NONE, Values};
use moneytrail::store::Case;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::loaded::{case_text, counts, directory, load_in, transfers};

fn load(files: &[(&str, &str)]) -> (Case, tempfile::TempDir) {
    let bytes: Vec<(&str, &[u8])> =
        files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let named: Vec<(&str, Option<&str>)> = files.iter().map(|(name, _)| (*name, None)).collect();
    let dir = directory(&bytes);
    (load_in(dir.path(), &case_text(&named)).unwrap(), dir)
}

/// A message about one account with its entries.
fn camt(root: &str, part: &str, balances: &str, entries: &str) -> String {
    format!(
        "<Document><{root}><{part}><Id>1</Id><Acct><Id><IBAN>GB75TEST00000000000001</IBAN></Id>\
         <Ccy>EUR</Ccy></Acct>{balances}\n{entries}\n</{part}></{root}></Document>"
    )
}

fn statement(opening: i64, entries: &[Entry]) -> String {
    let balance = |kind: &str, minor: i64| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{}</Amt>\
             <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-05</Dt></Dt></Bal>",
            money(minor)
        )
    };
    let closing = opening - entries.iter().map(|one| one.minor).sum::<i64>();
    let text: String = entries.iter().map(Entry::text).collect();
    let days = "<FrToDt><FrDtTm>2026-03-05T00:00:00</FrDtTm><ToDtTm>2026-03-06T00:00:00</ToDtTm>\
                </FrToDt>";
    let ends = days.to_owned() + &balance("OPBD", opening) + &balance("CLBD", closing);
    camt("BkToCstmrStmt", "Stmt", &ends, &text)
}

fn notice(entries: &[Entry]) -> String {
    let text: String = entries.iter().map(Entry::text).collect();
    camt("BkToCstmrDbtCdtNtfctn", "Ntfctn", "", &text)
}

fn money(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// A debit entry, and the payments that it names.
#[derive(Clone, Debug)]
struct Entry {
    minor: i64,
    day: u32,
    reference: &'static str,
    more: &'static str,
    /// Amount, reference, creditor.
    payments: Vec<(i64, String, String)>,
}

impl Entry {
    fn text(&self) -> String {
        let Entry { minor, day, reference, more, payments } = self;
        let payment = |(minor, reference, name): &(i64, String, String)| {
            format!(
                "<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>\
                 <Amt Ccy=\"EUR\">{}</Amt><RltdPties><Cdtr><Nm>{name}</Nm></Cdtr></RltdPties>\
                 </TxDtls>",
                money(*minor)
            )
        };
        let payments: String = payments.iter().map(payment).collect();
        let reference = match *reference {
            "" => String::new(),
            known => format!("<AcctSvcrRef>{known}</AcctSvcrRef>"),
        };
        format!(
            "<Ntry><Amt Ccy=\"EUR\">{}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
             <BookgDt><Dt>2026-03-{day:02}</Dt></BookgDt><ValDt><Dt>2026-03-05</Dt></ValDt>\
             {reference}<NtryDtls>{more}{payments}</NtryDtls></Ntry>\n",
            money(*minor)
        )
    }
}

fn entry(minor: i64, reference: &'static str) -> Entry {
    Entry { minor, day: 5, reference, more: "", payments: Vec::new() }
}

/// Three wages that are one entry of 1,000.00.
fn wages(reference: &'static str) -> Entry {
    let payment = |(at, minor): (usize, i64)| {
        let name = ["Lena Ortiz", "Dorian Vance", "Marta Quill"][at % 3];
        (minor, format!("E2E-WAGE-{at}"), name.to_owned())
    };
    let payments = [20_000, 30_000, 50_000].into_iter().enumerate().map(payment).collect();
    Entry { payments, ..entry(100_000, reference) }
}

/// Amount of each transfer and who has it, in order of amount.
fn paid(case: &Case) -> Vec<(i64, String)> {
    let mut found: Vec<(i64, String)> =
        transfers(case).into_iter().map(|one| (one.3, one.1)).collect();
    found.sort();
    found
}

/// Source and line of the further readings, with the amount of the whole, by amount of transfer.
fn further(case: &Case) -> Vec<(i64, u32, u32, Option<i64>)> {
    let (refs, transfers) = (case.refs().unwrap(), case.transfers().unwrap());
    let row = |at: usize| {
        let minor = transfers.amount_minor[refs.row[at] as usize];
        (minor, refs.source[at], refs.line[at], refs.whole_minor[at])
    };
    let mut found: Vec<_> = (0..refs.row.len()).map(row).collect();
    found.sort();
    found
}

fn listed(case: &Case) -> Vec<(bool, String)> {
    let table = case.possible_repeats().unwrap();
    (0..table.why.len()).map(|at| (table.other[at] != NONE, table.why.get(at).to_owned())).collect()
}

/// States of the statements' balances.
fn proofs(case: &Case) -> Vec<String> {
    let tables = balances::run(&Inputs::new(case), &Default::default()).unwrap().tables;
    let table = tables.iter().find(|one| one.name == "statement_balances").unwrap();
    let column = table.columns.iter().find(|one| one.name == "state").unwrap();
    let Values::Text(states) = &column.values else { panic!("states are texts") };
    states.clone()
}

#[test]
fn payments_of_a_notice_count_once_with_the_entry_that_books_them() {
    let rent = entry(70_000, "SVC-9");
    let statement = statement(500_000, &[wages_in_one("SVC-771"), rent.clone()]);
    let notice = notice(&[wages("SVC-771")]);
    for files in [
        [("day.xml", &*statement), ("notice.xml", &*notice)],
        [("notice.xml", &*notice), ("day.xml", &*statement)],
    ] {
        let (case, _dir) = load(&files);
        let found = paid(&case);
        let amounts: Vec<i64> = found.iter().map(|one| one.0).collect();
        assert_eq!(amounts, [20_000, 30_000, 50_000, 70_000]);
        assert!(found[0].1.contains("LENA ORTIZ"), "{found:?}");
        let day = u32::from(files[1].0 == "day.xml");
        let whole = Some(100_000);
        let expected = [(20_000, day, 1, whole), (30_000, day, 1, whole), (50_000, day, 1, whole)];
        assert_eq!(further(&case), expected);
        assert_eq!(listed(&case), []);
        // Nothing was left out: the entry is read, and its row of the statement proves.
        assert_eq!(counts(&case, day as usize)[..4], [2, 2, 0, 0]);
        assert_eq!(counts(&case, 1 - day as usize)[..4], [3, 3, 0, 0]);
        assert_eq!(proofs(&case), ["proves"]);
        let evidence = case.leg_evidence().unwrap();
        assert_eq!(evidence.evidence.len(), 3);
        assert!(evidence.evidence.get(0).contains("in one sum"), "{:?}", evidence.evidence.get(0));
        // The far end of the entry, which no transfer has any more, is no account of the case.
        let names = case.names(EntityKind::Account).unwrap();
        assert_eq!(names.len(), 5, "{:?}", names.iter().collect::<Vec<_>>());
    }
}

/// The same entry without its payments.
fn wages_in_one(reference: &'static str) -> Entry {
    Entry { payments: Vec::new(), ..wages(reference) }
}

#[test]
fn what_only_may_be_the_sum_is_listed_and_counts() {
    // The entry states another count of payments, or another reference.
    let counted = Entry { more: "<Btch><NbOfTxs>4</NbOfTxs></Btch>", ..wages_in_one("SVC-771") };
    for entry in [counted, wages_in_one("SVC-772")] {
        let files = [statement(500_000, &[entry]), notice(&[wages("SVC-771")])];
        let (case, _dir) = load(&[("day.xml", &files[0]), ("notice.xml", &files[1])]);
        assert_eq!((paid(&case).len(), further(&case)), (4, vec![]));
        let listed = listed(&case);
        assert_eq!(listed.len(), 3, "{listed:?}");
        assert!(listed.iter().all(|one| one.0 && one.1.contains("for certain")), "{listed:?}");
    }
    // Two entries of the sum fit as well.
    let twice = [statement(500_000, &[wages_in_one(""), wages_in_one("")]), notice(&[wages("")])];
    let (case, _dir) = load(&[("day.xml", &twice[0]), ("notice.xml", &twice[1])]);
    assert_eq!((paid(&case).len(), further(&case)), (5, vec![]));
    assert!(listed(&case).iter().all(|one| one.1.contains("others fit")), "{:?}", listed(&case));
    // An entry of another sum is none of theirs.
    let files = [statement(500_000, &[entry(99_900, "SVC-771")]), notice(&[wages("SVC-771")])];
    let (case, _dir) = load(&[("day.xml", &files[0]), ("notice.xml", &files[1])]);
    assert_eq!((paid(&case).len(), further(&case).len()), (4, 0));
    assert!(listed(&case).iter().all(|one| one.1.contains("no such record")));
}

#[test]
fn two_notices_and_two_kinds_of_statement_of_one_batch_count_once() {
    let whole = statement(500_000, &[wages_in_one("SVC-771")]);
    let swift = ":20:DAY\n:25:GB75TEST00000000000001\n:28C:7/2\n:60F:C260304EUR5000,\n\
                 :61:2603050305DR1000,NTRFNONREF//SVC-771\n:62F:C260305EUR4000,\n";
    let first = notice(&[wages("SVC-771")]);
    let again = first.replace("<Id>1</Id><Acct>", "<Id>2</Id><Acct>");
    let split = statement(500_000, &[wages("SVC-771")]);
    let amounts = [20_000, 30_000, 50_000];
    for files in [
        vec![("a.xml", &*whole), ("b.xml", &*first), ("c.xml", &*again)],
        vec![("b.xml", &*first), ("c.xml", &*again), ("d.940", swift)],
        vec![("a.xml", &*whole), ("b.xml", &*first), ("d.940", swift)],
        vec![("a.xml", &*split), ("d.940", swift)],
        vec![("d.940", swift), ("a.xml", &*split), ("b.xml", &*first)],
    ] {
        let (case, _dir) = load(&files);
        let found: Vec<i64> = paid(&case).into_iter().map(|one| one.0).collect();
        let named: Vec<&str> = files.iter().map(|one| one.0).collect();
        assert_eq!(found, amounts, "{named:?}");
        assert_eq!(listed(&case), [], "{named:?}");
        assert!(proofs(&case).iter().all(|one| one == "proves"), "{named:?} {:?}", proofs(&case));
    }
}

/// A batch: amounts of its payments, whether the notice and the statement state its reference,
/// whether the statement books it in one sum, and whether the notice has it.
type Batch = (Vec<i64>, [bool; 2], bool, bool);

fn check(batches: &[Batch]) -> Result<(), TestCaseError> {
    const NAMES: [&str; 5] = ["SVC-100", "SVC-101", "SVC-102", "SVC-103", "SVC-104"];
    let mut told: [Vec<Entry>; 2] = Default::default();
    let mut number = 0;
    for (at, (amounts, named, in_sum, noticed)) in batches.iter().enumerate() {
        let payments: Vec<(i64, String, String)> = amounts
            .iter()
            .map(|minor| {
                number += 1;
                (*minor, format!("E2E-{number:05}"), format!("Payee {number}"))
            })
            .collect();
        let of = |stated: bool, split: bool| {
            let reference = if stated { NAMES[at] } else { "" };
            let payments = if split { payments.clone() } else { Vec::new() };
            Entry { payments, ..entry(amounts.iter().sum(), reference) }
        };
        told[0].push(of(named[0], !in_sum));
        if *noticed {
            told[1].push(of(named[1], true));
        }
    }
    let files = [statement(1_000_000, &told[0]), notice(&told[1])];
    let mut named = vec![("day.xml", files[0].as_str())];
    if !told[1].is_empty() {
        named.push(("notice.xml", files[1].as_str()));
    }
    let (case, _dir) = load(&named);
    // Nothing is lost: at least the statement's money counts. Nothing counts twice unless listed.
    let whole: i64 = batches.iter().flat_map(|one| &one.0).sum();
    let counted: i64 = paid(&case).iter().map(|one| one.0).sum();
    prop_assert!(counted >= whole, "{counted} of {whole}");
    let (table, all) = (case.possible_repeats().unwrap(), case.transfers().unwrap());
    let mut open: Vec<u32> = table.transfer.clone();
    open.sort_unstable();
    open.dedup();
    let open: i64 = open.iter().map(|row| all.amount_minor[*row as usize]).sum();
    prop_assert!(counted - open <= whole, "{counted} with {open} listed, of {whole}");
    // The parts of each entry come to it, and each record stands once.
    let refs = case.refs().unwrap();
    let mut of_entry: BTreeMap<(u32, u32), (i64, i64)> = BTreeMap::new();
    for at in 0..refs.row.len() {
        let Some(whole) = refs.whole_minor[at] else { continue };
        let sum = of_entry.entry((refs.source[at], refs.line[at])).or_insert((whole, 0));
        sum.1 += all.amount_minor[refs.row[at] as usize];
    }
    for (at, (whole, sum)) in of_entry {
        prop_assert_eq!(whole, sum, "the parts of {:?}", at);
    }
    prop_assert_eq!(proofs(&case), ["proves"]);
    Ok(())
}

#[test]
fn no_money_of_a_batch_counts_twice_unlisted_and_none_is_lost() {
    // The same cases in every run, unless the environment asks for others.
    let asked = Config::default();
    let config = Config {
        cases: if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { 24 },
        rng_seed: match asked.rng_seed {
            RngSeed::Random => RngSeed::Fixed(1),
            fixed => fixed,
        },
        failure_persistence: None,
        ..asked
    };
    let amounts = prop::collection::vec(1..4_i64, 1..4);
    let batch = (amounts, prop::array::uniform2(any::<bool>()), any::<bool>(), any::<bool>());
    let batches = prop::collection::vec(batch, 1..5);
    let mut runner = TestRunner::new(config);
    if let Err(error) = runner.run(&batches, |batches| check(&batches)) {
        panic!("{error}");
    }
}
