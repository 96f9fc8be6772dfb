//! Clusters over seeded holder records: how long from tables to joined rows.

use moneytrail::analyses::{Inputs, clusters};
use moneytrail::model::{EntityKind, NONE, Texts, identity_key};
use moneytrail::store::{Accounts, Case, Holdings, Manifest, Parties, Premises, Sources, Ties};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

fn main() {
    divan::main();
}

fn keys(kind: EntityKind, names: &Texts) -> Texts {
    names.iter().map(|name| identity_key(kind, name)).collect()
}

fn blank(count: usize) -> Texts {
    (0..count).map(|_| "").collect()
}

/// `holders` holder records, each with an address, over half as many parties and accounts and
/// a third as many premises, so that most clusters are small and a few are not.
fn seeded_case(holders: u32) -> Case {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut below = |bound: u32| random.next_u32() % bound;
    let count = holders as usize;
    let (parties, accounts, premises) = (holders / 2, holders / 2, holders / 3);
    let mut holdings = Holdings::default();
    let mut ties = Ties::default();
    for line in 1..=holders {
        let party = below(parties);
        let opened = below(3_000) as i32;
        let closed = (below(4) == 0).then(|| opened + below(700) as i32);
        holdings.account.push(below(accounts));
        holdings.party.push(party);
        holdings.role.push(if below(5) == 0 { "signer" } else { "owner" });
        holdings.opened.push(Some(opened));
        holdings.closed.push(closed);
        holdings.source.push(0);
        holdings.line.push(line);
        ties.from_kind.push(EntityKind::Party);
        ties.from_row.push(party);
        ties.relation.push("lives-at");
        ties.to_kind.push(EntityKind::Premises);
        ties.to_row.push(below(premises));
        ties.start.push(Some(opened));
        ties.start_ms.push(None);
        ties.end.push(closed);
        ties.found.push("");
        ties.source.push(0);
        ties.line.push(line);
    }
    ties.amount_minor = vec![None; count];
    ties.currency = vec![None; count];
    ties.weight = vec![None; count];
    let names =
        |word: &str, count: u32| (0..count).map(|at| format!("{word} {at}")).collect::<Texts>();
    Case::in_memory(Manifest::default())
        .with(holdings)
        .with(ties)
        .with(party_table(names("Party", parties)))
        .with(account_table(names("HB/", accounts)))
        .with(premises_table(names("Harbor Street", premises)))
        .with(one_source())
}

fn party_table(party: Texts) -> Parties {
    let count = party.len();
    Parties {
        key: keys(EntityKind::Party, &party),
        name: party.clone(),
        party,
        kind: blank(count),
        born: vec![None; count],
        jurisdiction: blank(count),
        records: vec![1; count],
    }
}

fn account_table(account: Texts) -> Accounts {
    let count = account.len();
    Accounts {
        key: keys(EntityKind::Account, &account),
        institution: blank(count),
        number: account.clone(),
        account,
        kind: (0..count).map(|_| "account").collect(),
        near_account: vec![NONE; count],
        currency: vec![None; count],
        product: blank(count),
        opened: vec![None; count],
        closed: vec![None; count],
        opened_ms: vec![None; count],
        blocked: vec![None; count],
        linked_account: vec![NONE; count],
    }
}

fn premises_table(premises: Texts) -> Premises {
    Premises { key: keys(EntityKind::Premises, &premises), found: premises.clone(), premises }
}

fn one_source() -> Sources {
    let text = || ["holders.csv"].into_iter().collect::<Texts>();
    Sources {
        source: text(),
        sha256: blank(1),
        bytes: vec![0],
        layout: blank(1),
        record: blank(1),
        institution: blank(1),
        bates: blank(1),
        authority: blank(1),
        read: vec![0],
        accepted: vec![0],
        rejected: vec![0],
        duplicate: vec![0],
        ignored: vec![0],
        first: vec![None],
        last: vec![None],
    }
}

#[divan::bench(name = "100k_holders", sample_count = 5, sample_size = 1)]
fn holders_100k(bencher: divan::Bencher) {
    let case = seeded_case(100_000);
    let params = clusters::Params::default();
    bencher.bench(|| clusters::run(&Inputs::new(&case), &params).expect("the tables are whole"));
}
