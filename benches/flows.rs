//! Flow totals over seeded random transfers; the number of rows is in each bench's name.

use moneytrail::analyses::Inputs;
use moneytrail::analyses::flows::{Params, Period, groups, totals};
use moneytrail::model::{Channel, Currency};
use moneytrail::store::{Accounts, Case, Manifest, Side, Transfers};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const ROWS: usize = 1_000_000;
const ACCOUNTS: u64 = 50_000;

fn main() {
    divan::main();
}

/// A million transfers among 50,000 accounts over two years. The ends are drawn by a square, so
/// that few accounts have many partners, as in real returns.
fn case() -> Case {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut transfers = Transfers::default();
    for row in 0..ROWS {
        let mut account = || {
            let draw = random.next_u64() % (ACCOUNTS * ACCOUNTS);
            draw.isqrt() as u32
        };
        transfers.from_account.push(account());
        transfers.to_account.push(account());
        let day = 19_000 + (row * 730 / ROWS) as i32;
        transfers.day.push(day);
        transfers.booked_ms.push(i64::from(day) * 86_400_000);
        transfers.timed.push(false);
        transfers.amount_minor.push((random.next_u64() % 5_000_000) as i64 + 1);
        transfers.currency.push(Currency::USD);
        transfers.channel.push(Channel::ALL[(random.next_u64() % 11) as usize]);
        transfers.side.push(Side::List);
        transfers.source.push(0);
        transfers.line.push(row as u32 + 2);
    }
    let accounts = Accounts {
        account: (0..ACCOUNTS).map(|account| format!("TEST/{account:06}")).collect(),
        ..Accounts::default()
    };
    Case::in_memory(Manifest::default()).with(transfers).with(accounts)
}

fn by_account(bencher: divan::Bencher, period: Period) {
    let case = case();
    let inputs = Inputs::new(&case);
    let params = Params { period, ..Params::default() };
    bencher.counter(divan::counter::ItemsCount::new(ROWS)).bench_local(|| {
        let groups = groups(&inputs, params.by).unwrap();
        totals(&inputs, &params, &groups).unwrap()
    });
}

#[divan::bench(name = "flows/1m_rows/by_account", sample_count = 10)]
fn all_days(bencher: divan::Bencher) {
    by_account(bencher, Period::All);
}

#[divan::bench(name = "flows/1m_rows/by_account_and_month", sample_count = 10)]
fn months(bencher: divan::Bencher) {
    by_account(bencher, Period::Month);
}
