//! Which accounts of a block stand on a record that was taken.

use super::*;

#[test]
fn an_account_of_rejected_records_only_is_no_account_of_the_case() {
    let mut batch = BankBatch::default();
    for number in ["1", "2", "3"] {
        Seen::default().accounts.account(&mut batch.accounts, "Harbor Bank", number, false);
    }
    batch.from.push(0);
    batch.to.push(2);
    assert_eq!(batch.accounts_of_records(), [true, false, true]);
}
