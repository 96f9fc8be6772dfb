//! Fields of lists of transfers: who stands at each end.

use crate::model::counted_as;
use crate::store::suggest::draft::{Draft, Entry};
use crate::store::suggest::last_digits::as_last_digits;
use crate::store::suggest::payments::{beside_the_amount, booked, currency};
use crate::store::suggest::profile::quoted;
use crate::store::suggest::roles::{End, Role};

/// Words of a payment order for its parties; beside them `sender` and `receiver` are their banks.
const PARTIES: [&str; 7] =
    ["originator", "orig", "ordering", "beneficiary", "bene", "debtor", "creditor"];

/// The fields of a list of transfers.
pub fn transfers(draft: &mut Draft<'_>) {
    for (end, bare, side) in [(End::From, Role::End1, "from"), (End::To, Role::End2, "to")] {
        let names =
            [draft.free_of(Role::Name, end), draft.free_of(Role::CounterpartyName, end)].concat();
        let (names, banks) = of_parties_and_banks(draft, names);
        let accounts = [draft.free_of(Role::Account, end), draft.free(bare)].concat();
        let account = format!("{side}_account");
        match accounts.is_empty() {
            false => {
                draft.column(&account, &accounts);
                as_last_digits(draft, &account);
            }
            true => unnumbered(draft, &account, end, &names),
        }
        let banks = [draft.free_of(Role::Bank, end), banks].concat();
        draft.column(&format!("{side}_bank"), &banks);
        let name = format!("{side}_name");
        let given = [Role::GivenName, Role::Surname].map(|role| draft.free_of(role, end)).concat();
        match names.is_empty() {
            true => draft.joined(&name, &given, " "),
            false => {
                draft.column(&name, &names);
            }
        }
    }
    booked(draft);
    draft.take("amount", Role::Amount);
    signed_beside_ends(draft);
    if draft.take("received_amount", Role::Received).is_some() {
        currency(draft, "received_currency", Role::ReceivedCurrency);
    }
    let texts = draft.free(Role::Description);
    draft.joined("description", &texts, " ");
    beside_the_amount(draft);
    draft.notes.push(
        "A list of transfers covers no account's statement. If it holds everything that one side \
         sent or received, add covers = \"sender\", \"receiver\" or \"both\" under [fields]."
            .to_owned(),
    );
}

/// Names of an end, and those of its bank where the list tells the two apart.
fn of_parties_and_banks(draft: &Draft<'_>, names: Vec<usize>) -> (Vec<usize>, Vec<usize>) {
    let of_party =
        |at: &usize| PARTIES.iter().any(|word| draft.profile(*at).words.iter().any(|w| w == word));
    let (parties, others): (Vec<usize>, Vec<usize>) = names.into_iter().partition(of_party);
    if parties.is_empty() { (others, parties) } else { (parties, others) }
}

/// An end of which no column holds an account. Its name is several people's, so that nothing is
/// taken: a person says what tells them apart.
fn unnumbered(draft: &mut Draft<'_>, key: &str, end: End, names: &[usize]) {
    let mut others = Vec::new();
    for role in [Role::PartyId, Role::Phone, Role::Email, Role::Document] {
        let found = draft.free_of(role, end);
        others.extend(found.iter().map(|at| format!("{{ {} }}", draft.profile(*at).reference())));
    }
    others.extend(names.iter().map(|at| format!("{{ {} }}", draft.profile(*at).reference())));
    let parts = [Role::GivenName, Role::Surname].map(|role| draft.free_of(role, end)).concat();
    if parts.len() > 1 {
        let parts: Vec<String> = parts.iter().map(|at| quoted(&draft.profile(*at).name)).collect();
        others.push(format!("{{ columns = [{}], join = \" \" }}", parts.join(", ")));
    }
    draft.entries.push(Entry {
        key: key.to_owned(),
        why: vec!["no column holds the account of this end".to_owned()],
        ask: Some(
            "what tells those at this end apart? Rows that agree in it are taken for one account; \
             a name alone may be several people's"
                .to_owned(),
        ),
        taken: None,
        others,
    });
}

/// Amounts below zero beside two ends: which of the two paid is then not what the columns say.
fn signed_beside_ends(draft: &mut Draft<'_>) {
    let amounts = draft.columns.iter().position(|one| one.role == Some(Role::Amount));
    let Some(profile) = amounts.map(|at| draft.profile(at)).filter(|one| one.negative > 0) else {
        return;
    };
    let below = counted_as(profile.negative as usize, "amount is", "amounts are");
    let Some(entry) = draft.entry("amount") else { return };
    entry.ask = Some(format!(
        "{below} below zero, though the columns say who paid whom. Where this is one account's own \
         list, whose sign says which way, it is to be read as record = \"bank-statement\" with that \
         account; read as it is, rows below zero are set aside, and who paid in the others has to \
         be as the columns say"
    ));
    let taken = entry.taken.take();
    entry.others.splice(0..0, taken);
}
