//! A case of a target, of someone without a role, and of what both hold, under pseudonyms.

use super::*;
use crate::model::Role;
use crate::store::Holdings;

fn texts(all: &[&str]) -> Texts {
    all.iter().copied().collect()
}

/// Ana is the target and holds the first account; Bo has no role and holds the second, and
/// both sign for the third.
fn case() -> Case {
    let manifest = Manifest {
        subjects: vec![
            ("Ana".to_owned(), "party".to_owned(), Some(Role::Target)),
            ("Bo".to_owned(), "party".to_owned(), Some(Role::Protected)),
        ],
        ..Manifest::default()
    };
    let holdings = Holdings {
        account: vec![0, 1, 2, 2],
        party: vec![0, 1, 0, 1],
        role: texts(&["owner", "owner", "signer", "signer"]),
        opened: vec![None; 4],
        closed: vec![None; 4],
        source: vec![0; 4],
        line: vec![2, 3, 4, 5],
    };
    let parties = Parties {
        key: texts(&["ka", "kb"]),
        party: texts(&["Ana", "Bo"]),
        name: texts(&["Ana", "BO"]),
        kind: texts(&["person", "person"]),
        born: vec![Some(1), Some(2)],
        jurisdiction: texts(&["", ""]),
        records: vec![1, 1],
    };
    let accounts = Accounts {
        key: texts(&["k1", "k2", "k3"]),
        account: texts(&["B/1", "B/2", "B/3"]),
        institution: texts(&["B", "B", "B"]),
        number: texts(&["1", "2", "3"]),
        kind: texts(&["account"; 3]),
        near_account: vec![crate::model::NONE; 3],
        currency: vec![None; 3],
        product: texts(&["", "", ""]),
        opened: vec![Some(5); 3],
        closed: vec![None; 3],
        opened_ms: vec![None; 3],
        blocked: vec![None; 3],
        linked_account: vec![crate::model::NONE; 3],
    };
    let details = Details {
        source: vec![0; 3],
        line: vec![2, 3, 4],
        balance_minor: vec![Some(7); 3],
        value_day: vec![None; 3],
        description: texts(&["TO BO", "RENT", "TO BO"]),
        reference: texts(&["", "", ""]),
        counterparty: texts(&["Bo", "", "Bo"]),
        pattern: texts(&["", "", ""]),
        place: texts(&["", "", ""]),
        page: texts(&["p1", "p1", "p2"]),
        attributes: texts(&["{}", "", ""]),
    };
    Case::in_memory(manifest).with(parties).with(accounts).with(holdings).with(details)
}

#[test]
fn a_text_that_holds_a_kept_name_is_replaced_whole() {
    let manifest = Manifest {
        subjects: vec![("Ana Ruiz".to_owned(), "party".to_owned(), Some(Role::Target))],
        ..Manifest::default()
    };
    let parties = Parties {
        key: texts(&["ka", "kb", "kc"]),
        party: texts(&["Ana Ruiz", "Bo Lind", "Al"]),
        name: texts(&["Ana Ruiz", "Bo Lind", "Al"]),
        kind: texts(&["person"; 3]),
        born: vec![None; 3],
        jurisdiction: texts(&[""; 3]),
        records: vec![1; 3],
    };
    let case = Case::in_memory(manifest).with(parties);
    let shown = protected_case(&case).unwrap();
    let given = ["Victim A", "what BO LIND is owed", "of Ana Ruiz", "all of it"];
    let given = given.map(str::to_owned);
    let found = protected_texts(&case, &shown, &given, |at| format!("source {}", at + 1));
    // A name of two letters stands in every other word.
    assert_eq!(found.unwrap(), ["Victim A", "source 2", "of Ana Ruiz", "all of it"]);
}

#[test]
fn only_the_target_and_what_is_hers_alone_keep_their_names() {
    let shown = protected_case(&case()).unwrap();
    let parties = shown.parties().unwrap();
    assert_eq!(parties.party, texts(&["Ana", "Party 1"]));
    assert_eq!(parties.name, texts(&["Ana", "Party 1"]));
    assert_eq!(parties.born, [Some(1), None]);
    assert_eq!(parties.key.get(0), "ka");
    assert_eq!(parties.key.get(1), identity_key(EntityKind::Party, "Party 1"));
    let accounts = shown.accounts().unwrap();
    assert_eq!(accounts.account, texts(&["B/1", "Account 1", "Account 2"]));
    assert_eq!(accounts.number, texts(&["1", "Account 1", "Account 2"]));
    assert_eq!(accounts.opened, [Some(5), None, None]);
    assert_eq!(shown.holdings().unwrap(), case().holdings().unwrap());
}

#[test]
fn free_text_is_withheld_and_equal_texts_stay_equal() {
    let shown = protected_case(&case()).unwrap();
    let details = shown.details().unwrap();
    assert_eq!(details.description, texts(&["withheld 1", "withheld 2", "withheld 1"]));
    assert_eq!(details.counterparty, texts(&["withheld 3", "", "withheld 3"]));
    assert_eq!(details.attributes, texts(&["", "", ""]));
    assert_eq!(details.balance_minor, [Some(7); 3]);
    assert_eq!(details.page, texts(&["p1", "p1", "p2"]));
}

#[test]
fn no_path_of_a_file_stands_in_a_sentence() {
    let sources = Sources {
        source: texts(&["acct_440035.csv", "in/acct_440035.csv"]),
        sha256: texts(&["", ""]),
        ..Sources::default()
    };
    let reversals = Reversals {
        transfer: vec![3, 4],
        original: vec![crate::model::NONE; 2],
        stated_by: texts(&["", ""]),
        why: texts(&[
            "it may undo a part of acct_440035.csv:8, 5.00 USD",
            "it may undo a part of in/acct_440035.csv:9, 5.00 USD",
        ]),
    };
    let members = Members {
        member: texts(&["plum.zip!BO.txt"]),
        state: texts(&["passed-over"]),
        why: texts(&["no records"]),
    };
    let shown = protected_case(&case().with(sources).with(reversals).with(members)).unwrap();
    assert_eq!(
        shown.reversals().unwrap().why,
        texts(&[
            "it may undo a part of source-1:8, 5.00 USD",
            "it may undo a part of source-2:9, 5.00 USD",
        ])
    );
    assert_eq!(shown.members().unwrap().member, texts(&["withheld 1"]));
}

#[test]
fn subjects_keep_their_role_under_the_name_that_is_shown() {
    let shown = protected_case(&case()).unwrap();
    let subjects = shown.subjects().unwrap();
    let said: Vec<_> = subjects.iter().map(|one| (one.name.as_str(), one.role)).collect();
    assert_eq!(said, [("Ana", Some(Role::Target)), ("Party 1", Some(Role::Protected))]);
    let matched: Vec<_> = subjects.iter().map(|one| one.matches.len()).collect();
    assert_eq!(matched, [1, 1]);
}
