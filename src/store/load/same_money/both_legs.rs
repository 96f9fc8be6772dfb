//! Both legs on the way to the store: which records are one transfer.
//!
//! The rule is `normalise`'s. What only the loader knows is added here: who made a list, what is
//! known of an account, and the texts of the records that nothing else tells apart.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use crate::model::{Channel, Currency, NONE, Texts};
use crate::normalise::{
    AccountFace, Candidates, End, LegColumns, LegFacts, LegSide, Legs, candidates,
    in_two_currencies, lists_alike, match_legs, name_identity, shown_digits, without_padding,
};
use crate::records::Covers;
use crate::store::load::same_money::record_texts::{Place, RecordTexts};
use crate::store::tables::*;

/// Days on which banks book within which the two records of one transfer lie.
pub const LEG_WINDOW_DAYS: i32 = 3;

/// Row of a transfer, and what its record says arrived.
pub type Received = (u32, i64, Currency);

const TWO_CURRENCIES: &str =
    "equal accounts and reference, each in its own currency; no record states both amounts";
const ONE_PRODUCER: &str = "both stand on lists of one producer";

/// What matching needs to know beside the transfers.
pub struct LegCase<'a> {
    /// The sources.
    pub sources: &'a Sources,
    /// Whose records each bank source is of.
    pub covers: &'a HashMap<u32, Covers>,
    /// The accounts.
    pub accounts: &'a Accounts,
    /// Name identities by row of `accounts`: of holders, and those that payment records put on
    /// it. Asked once, when a far end is not known by its number.
    pub names: &'a (dyn Fn() -> HashMap<u32, Vec<String>> + Sync),
}

/// Transfers with what decides their matching.
pub struct LegSearch<'a> {
    case: &'a LegCase<'a>,
    transfers: &'a Transfers,
    received: HashMap<u32, (i64, Currency)>,
    producers: Cow<'a, [u32]>,
    ranks: Vec<u32>,
    whole: Vec<bool>,
    /// Whether each account is of a number that is not masked.
    numbered: Vec<bool>,
    found: Sought,
    /// Producers of the lists on which repeats of a row stood that were left out.
    repeated_on: HashMap<u32, Vec<u32>>,
}

/// Records that are looked at more than once. They stay the same where none was left out.
#[derive(Clone, Debug, Default)]
pub struct Sought {
    candidates: Candidates,
    /// Rows of the same two accounts in two currencies.
    in_two_currencies: Vec<(u32, u32)>,
}

impl<'a> LegSearch<'a> {
    /// Finds the records that can have a second reading. Cost: as [`candidates`].
    pub fn new(
        case: &'a LegCase<'a>,
        transfers: &'a Transfers,
        received: &[Received],
    ) -> LegSearch<'a> {
        let mut search = LegSearch::over(case, transfers, received, Sought::default());
        let none = (RecordTexts::default(), StatedNames::default());
        search.found.candidates = search.with_facts(&none.0, &[], &none.1, candidates);
        let whole = |account: u32| search.whole[account as usize];
        search.found.in_two_currencies =
            in_two_currencies(&search.columns(), &whole, LEG_WINDOW_DAYS);
        search
    }

    /// The search once more, over the same transfers.
    pub fn over(
        case: &'a LegCase<'a>,
        transfers: &'a Transfers,
        received: &[Received],
        found: Sought,
    ) -> LegSearch<'a> {
        let ranks = source_ranks(case.sources);
        LegSearch {
            producers: producers(transfers, case.sources, &ranks),
            ranks,
            whole: known_by_number(case.accounts),
            numbered: case.accounts.kind.iter().map(|kind| kind == "account").collect(),
            received: received.iter().map(|(row, minor, code)| (*row, (*minor, *code))).collect(),
            found,
            repeated_on: HashMap::new(),
            case,
            transfers,
        }
    }

    /// Tells of the lists on which records stood that were left out, by source, each with the
    /// row that stands for it: what else these lists hold are other payments.
    pub fn and_repeats(mut self, repeats: &[(u32, u32)]) -> LegSearch<'a> {
        let of_source = producers_of_sources(self.case.sources, &self.ranks);
        for (row, source) in repeats {
            self.repeated_on.entry(*row).or_default().push(of_source[*source as usize]);
        }
        self
    }

    /// What was found, for [`LegSearch::over`].
    pub fn into_found(self) -> Sought {
        self.found
    }

    /// Places of the records whose texts are asked for, in no order.
    pub fn places(&self) -> Vec<Place> {
        let channel = |row: u32| self.listed_channel(row);
        let candidates = &self.found.candidates;
        let rows = candidates.rows_with_texts(&self.columns(), &channel, LEG_WINDOW_DAYS);
        let transfers = self.transfers;
        let two = self.found.in_two_currencies.iter().flat_map(|(one, other)| [one, other]);
        rows.iter()
            .chain(two)
            .map(|row| (transfers.source[*row as usize], transfers.line[*row as usize]))
            .collect()
    }

    /// Matches; `texts` hold those of [`LegSearch::places`].
    pub fn settle(&self, texts: &RecordTexts) -> Legs {
        let names = if self.whole.contains(&false) { (self.case.names)() } else { HashMap::new() };
        let mut of_account: Vec<&[String]> = vec![&[]; self.whole.len()];
        for (account, names) in &names {
            of_account[*account as usize] = names;
        }
        let stated = StatedNames::of(texts, self.transfers, self.case.accounts);
        let mut legs = self.with_facts(texts, &of_account, &stated, |columns, facts| {
            match_legs(columns, facts, &self.found.candidates, LEG_WINDOW_DAYS)
        });
        self.list_one_producer(&mut legs);
        self.list_two_currencies(texts, &mut legs);
        legs
    }

    /// Lists records that share a reference and both accounts and state the payment in two
    /// currencies: no return says that what left is what arrived, and both count.
    fn list_two_currencies(&self, texts: &RecordTexts, legs: &mut Legs) {
        if self.found.in_two_currencies.is_empty() {
            return;
        }
        let first: HashMap<u32, u32> =
            legs.merged.iter().map(|(one, more)| (*more, *one)).collect();
        let unit = |row: u32| first.get(&row).copied().unwrap_or(row);
        let place =
            |row: u32| (self.transfers.source[row as usize], self.transfers.line[row as usize]);
        for (one, other) in &self.found.in_two_currencies {
            let (left, right) = (place(*one), place(*other));
            let held = texts.references(right);
            let shared = texts.references(left).iter().any(|reference| held.contains(reference));
            let stated = texts.reference(left);
            let equal = stated.len() > 3
                && stated.bytes().any(|byte| byte.is_ascii_digit())
                && stated.eq_ignore_ascii_case(texts.reference(right));
            if (shared || equal) && unit(*one) != unit(*other) {
                legs.possible.push((*one, *other, TWO_CURRENCIES));
            }
        }
        legs.possible.sort_unstable();
    }

    fn columns(&self) -> LegColumns<'_, Side> {
        let transfers = self.transfers;
        LegColumns {
            from: &transfers.from_account,
            to: &transfers.to_account,
            amount_minor: &transfers.amount_minor,
            currency: &transfers.currency,
            day: &transfers.day,
            producer: &self.producers,
            side: &transfers.side,
        }
    }

    /// The channel that a record states which stands on a list that is nobody's own.
    fn listed_channel(&self, row: u32) -> Option<Channel> {
        let at = row as usize;
        let channel = self.transfers.channel[at];
        if self.transfers.side[at] != Side::List || channel == Channel::Other {
            return None;
        }
        let covers = self.case.covers.get(&self.transfers.source[at]);
        covers.is_none_or(|one| *one == Covers::None).then_some(channel)
    }

    fn with_facts<T>(
        &self,
        texts: &RecordTexts,
        names: &[&[String]],
        stated: &StatedNames,
        use_them: impl FnOnce(&LegColumns<'_, Side>, &LegFacts<'_>) -> T,
    ) -> T {
        let (transfers, accounts) = (self.transfers, self.case.accounts);
        let place = |row: u32| (transfers.source[row as usize], transfers.line[row as usize]);
        let end = |row: u32, account: u32| {
            let at = account as usize;
            let far = match transfers.side[row as usize] {
                Side::Sender => transfers.to_account[row as usize] == account,
                Side::Receiver => transfers.from_account[row as usize] == account,
                Side::List => false,
            };
            End {
                account,
                face: AccountFace {
                    whole: self.numbered[at],
                    number: match accounts.kind.get(at) {
                        "unidentified" => shown_digits(accounts.account.get(at)),
                        _ => accounts.number.get(at),
                    },
                    institution: accounts.institution.get(at),
                    // A masked number may be several people's; the name that this record states
                    // beside it is of the one it means.
                    names: match self.numbered[at] {
                        true => Cow::Borrowed(names.get(at).copied().unwrap_or_default()),
                        false => Cow::Borrowed(&[]),
                    },
                },
                stated: if far { stated.get(row) } else { "" },
            }
        };
        let facts = LegFacts {
            order: &|row| {
                let at = row as usize;
                let rank = self.ranks[transfers.source[at] as usize];
                (transfers.booked_ms[at], rank, transfers.line[at])
            },
            arrives: &|row| {
                let source = transfers.source[row as usize];
                self.case.covers.get(&source) == Some(&Covers::Receiver)
            },
            received: &self.received,
            repeated_on: &self.repeated_on,
            references: &|row| texts.references(place(row)),
            whole: &|account| self.whole[account as usize],
            payment: &|row| {
                let channel = transfers.channel[row as usize];
                use Channel::{Card, Cash, Fee, Interest};
                !matches!(channel, Card | Cash | Fee | Interest)
            },
            listed_channel: &|row| self.listed_channel(row),
            end: &end,
        };
        use_them(&self.columns(), &facts)
    }

    /// Lists the pairs that only the rule of one producer keeps apart: a re-issued list would
    /// look the same, and whoever reads a total has to be told.
    fn list_one_producer(&self, legs: &mut Legs) {
        let transfers = self.transfers;
        let shared = self.ranks.iter().enumerate().any(|(source, rank)| {
            let list =
                self.case.covers.get(&(source as u32)).is_some_and(|one| *one != Covers::Own);
            list && !self.case.sources.institution.get(source).is_empty()
                && self.ranks.iter().enumerate().any(|(other, another)| {
                    rank != another
                        && self.case.sources.layout.get(other)
                            == self.case.sources.layout.get(source)
                })
        });
        if !shared {
            return;
        }
        let mut merged = vec![false; transfers.line.len()];
        for (one, other) in &legs.merged {
            merged[*one as usize] = true;
            merged[*other as usize] = true;
        }
        let by_source = LegColumns { producer: &transfers.source, ..self.columns() };
        let (pairs, unlisted) = lists_alike(&by_source, LEG_WINDOW_DAYS);
        for (one, other) in pairs {
            let (left, right) = (one as usize, other as usize);
            if self.producers[left] == self.producers[right] && !merged[left] && !merged[right] {
                legs.possible.push((one, other, ONE_PRODUCER));
            }
        }
        legs.unlisted += unlisted;
        legs.possible.sort_unstable();
    }
}

/// Name identities that statements put on their far ends.
#[derive(Clone, Debug, Default)]
struct StatedNames {
    /// Each once; the first is empty.
    identities: Texts,
    /// Of each transfer its identity; empty where none states any.
    of_row: Vec<u32>,
}

impl StatedNames {
    /// Cost: one look at each transfer's text, and a name read for each that differs.
    fn of(texts: &RecordTexts, transfers: &Transfers, accounts: &Accounts) -> StatedNames {
        let mut stated = StatedNames::default();
        stated.identities.push("");
        if texts.is_empty() {
            return stated;
        }
        let mut number_of: HashMap<&str, u32, FixedState> = HashMap::default();
        stated.of_row.reserve_exact(transfers.line.len());
        for row in 0..transfers.line.len() {
            let found = texts.counterparty((transfers.source[row], transfers.line[row]));
            let account = match transfers.side[row] {
                Side::Sender => transfers.to_account[row],
                Side::Receiver => transfers.from_account[row],
                Side::List => NONE,
            };
            if found.is_empty() || account == NONE {
                stated.of_row.push(0);
                continue;
            }
            let number = *number_of.entry(found).or_insert_with(|| {
                let identity =
                    if has_letters(found) { name_identity(found) } else { String::new() };
                if identity.is_empty() {
                    return 0;
                }
                stated.identities.push(&identity);
                stated.identities.len() as u32 - 1
            });
            let is_number = number > 0 && is_written(accounts.number.get(account as usize), found);
            stated.of_row.push(if is_number { 0 } else { number });
        }
        stated
    }

    fn get(&self, row: u32) -> &str {
        self.of_row.get(row as usize).map_or("", |number| self.identities.get(*number as usize))
    }
}

/// Whether a text holds letters that do not mask a number.
fn has_letters(found: &str) -> bool {
    let mask = |letter: char| "Xx*.\u{2022}\u{25CF}\u{B7}\u{2026}#".contains(letter);
    found.chars().any(|letter| letter.is_alphabetic() && !mask(letter))
}

/// Whether what stands for the other end is its number: where no name is stated it stands there.
fn is_written(number: &str, found: &str) -> bool {
    let plain = found.chars().filter(|letter| letter.is_alphanumeric());
    plain.flat_map(char::to_uppercase).eq(number.chars())
}

/// Sources by name: an order that does not depend on the case file's.
fn source_ranks(sources: &Sources) -> Vec<u32> {
    let mut order: Vec<usize> = (0..sources.source.len()).collect();
    order.sort_by_key(|at| (sources.source.get(*at), sources.layout.get(*at), *at));
    let mut ranks = vec![0; order.len()];
    for (rank, at) in order.into_iter().enumerate() {
        ranks[at] = rank as u32;
    }
    ranks
}

/// Who tells of each transfer: a statement by itself, and together the lists of one layout that
/// names its institution. A producer writes a payment on one list of a kind; two equal rows on
/// two of them, as at the turn of a month, are two payments.
fn producers<'a>(transfers: &'a Transfers, sources: &Sources, ranks: &[u32]) -> Cow<'a, [u32]> {
    let of_source = producers_of_sources(sources, ranks);
    if of_source.iter().enumerate().all(|(source, producer)| source == *producer as usize) {
        return Cow::Borrowed(&transfers.source);
    }
    transfers.source.par_iter().map(|source| of_source[*source as usize]).collect()
}

fn producers_of_sources(sources: &Sources, ranks: &[u32]) -> Vec<u32> {
    let mut first_of_layout: HashMap<&str, u32> = HashMap::new();
    for (at, rank) in ranks.iter().enumerate() {
        let first = first_of_layout.entry(sources.layout.get(at)).or_insert(*rank);
        *first = (*first).min(*rank);
    }
    let producer = |at: usize| match sources.institution.get(at) {
        "" => ranks[at],
        _ => first_of_layout[sources.layout.get(at)],
    };
    (0..ranks.len()).map(producer).collect()
}

/// Whether each account is known by its whole number. A number without a bank that another
/// account has at a bank may be that account's.
fn known_by_number(accounts: &Accounts) -> Vec<bool> {
    let rows = accounts.account.len();
    let mut whole: Vec<bool> = accounts.kind.iter().map(|kind| kind == "account").collect();
    let bankless = |row: usize| accounts.institution.get(row).is_empty();
    let mixed = (0..rows).any(|row| whole[row] && bankless(row))
        && (0..rows).any(|row| whole[row] && !bankless(row));
    if mixed {
        let banked: std::collections::HashSet<&str> = (0..rows)
            .filter(|row| whole[*row] && !bankless(*row))
            .map(|row| without_padding(accounts.number.get(row)))
            .collect();
        for (row, whole) in whole.iter_mut().enumerate() {
            let number = without_padding(accounts.number.get(row));
            *whole &= !(bankless(row) && banked.contains(number));
        }
    }
    whole
}

impl From<Side> for LegSide {
    fn from(side: Side) -> LegSide {
        match side {
            Side::Sender => LegSide::Sender,
            Side::Receiver => LegSide::Receiver,
            Side::List => LegSide::List,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Channel;
    use crate::store::load::same_money::merged::{conversions, merge_legs, possible_pairs};

    /// One payment of 500.00 USD from account 0 to account 1, read once in each of these sources.
    fn readings(sides: &[Side]) -> Transfers {
        let mut table = Transfers::default();
        for (source, side) in sides.iter().enumerate() {
            table.from_account.push(0);
            table.to_account.push(1);
            table.booked_ms.push(0);
            table.day.push(0);
            table.timed.push(false);
            table.amount_minor.push(50_000);
            table.currency.push(Currency::USD);
            table.channel.push(Channel::Wire);
            table.side.push(*side);
            table.source.push(source as u32);
            table.line.push(2);
        }
        table
    }

    /// `transfers` after merging, pairs listed, and what arrived.
    #[track_caller]
    fn check(sides: &[Side], received: &[(u32, i64)], expected: (usize, usize), arrived: &[i64]) {
        let euro: Currency = "EUR".parse().unwrap();
        let received: Vec<Received> =
            received.iter().map(|(row, minor)| (*row, *minor, euro)).collect();
        let received = received.as_slice();
        let transfers = readings(sides);
        let mut sources = Sources::default();
        for source in 0..sides.len() {
            sources.source.push(&format!("source {source}"));
            sources.layout.push(&format!("layout {source}"));
            sources.institution.push("");
        }
        let accounts = Accounts {
            account: ["TEST/1", "TEST/2"].into_iter().collect(),
            institution: ["TEST", "TEST"].into_iter().collect(),
            number: ["1", "2"].into_iter().collect(),
            kind: ["account", "account"].into_iter().collect(),
            ..Accounts::default()
        };
        let case = LegCase {
            sources: &sources,
            covers: &HashMap::new(),
            accounts: &accounts,
            names: &HashMap::new,
        };
        let legs = LegSearch::new(&case, &transfers, received).settle(&RecordTexts::default());
        let (kept, kept_rows, refs) = merge_legs(transfers, &legs);
        let pairs = possible_pairs(&legs, &[], &kept_rows);
        assert_eq!((kept.rows(), pairs.rows()), expected);
        assert_eq!(kept.rows() + refs.rows(), sides.len(), "every record stands once");
        assert_eq!(conversions(received, &kept_rows).received_minor, arrived);
    }

    #[test]
    fn two_records_that_disagree_on_what_arrived_are_two() {
        use Side::{List, Receiver, Sender};
        check(&[List, List], &[(0, 9), (1, 9)], (1, 0), &[9]);
        check(&[List, List], &[(0, 9), (1, 8)], (2, 1), &[9, 8]);
        check(&[List, List], &[(1, 8)], (1, 0), &[8]);
        check(&[Sender, List], &[(1, 8)], (1, 0), &[8]);
        check(&[Receiver, List], &[(1, 8)], (2, 1), &[8]);
        check(&[Sender, Receiver], &[], (1, 0), &[]);
    }

    #[test]
    fn three_readings_of_one_payment_are_one_transfer() {
        use Side::{List, Receiver, Sender};
        check(&[Sender, Receiver, List], &[], (1, 0), &[]);
        // The list says that something else arrived than the receiver's own statement.
        check(&[Sender, Receiver, List], &[(2, 8)], (2, 1), &[8]);
    }
}
