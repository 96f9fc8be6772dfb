//! One block of the invented town: its people and firms, their accounts, phones and leases, and
//! what passes between them. Writing it down as returns belongs to the files named after them.

use crate::generate::calendar::{DAYS, Day, banking_day, civil, is_weekend};
use crate::generate::draws::Draws;
use crate::generate::harbor_street::names;
use crate::generate::harbor_street::numbers;

/// The two banks that produced returns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Bank {
    /// Statements with running balances.
    Merrow,
    /// Lists of payments, and the rest of the activity without balances.
    Castellan,
}

impl Bank {
    /// As its layouts and the other bank's rows call it.
    pub fn name(self) -> &'static str {
        match self {
            Bank::Merrow => "Merrow Harbor Bank",
            Bank::Castellan => "Castellan Trust",
        }
    }
}

/// A person or a firm.
pub struct Party {
    /// Differs from every other party's.
    pub name: String,
    /// Born, for a person.
    pub born: Option<String>,
    /// Where the cards say it lives or trades.
    pub address: String,
    /// Row of `World::phones`.
    pub phone: Option<usize>,
    /// Empty when not stated.
    pub email: String,
}

/// One name on a signature card, with what was written beside it.
pub struct Holding {
    /// Row of `World::parties`.
    pub party: usize,
    /// The closed list's own word.
    pub role: &'static str,
    /// Stands on this card in place of the party's own address.
    pub address: Option<&'static str>,
    /// Stands on this card in place of the party's own phone; ten digits.
    pub phone: Option<String>,
    /// Stands on this card in place of the party's own e-mail.
    pub email: Option<&'static str>,
}

impl Holding {
    /// A card that states the party's own particulars.
    pub fn plain(party: usize, role: &'static str) -> Holding {
        Holding { party, role, address: None, phone: None, email: None }
    }
}

/// An account at one of the two banks.
pub struct Account {
    /// Where it is kept.
    pub bank: Bank,
    /// Unique within the bank.
    pub number: String,
    /// The names on the card, the owner first.
    pub holders: Vec<Holding>,
    /// Of a household rather than a firm.
    pub retail: bool,
}

/// One end of a payment.
#[derive(Clone)]
pub enum End {
    /// Row of `World::accounts`.
    Held(usize),
    /// Someone whose bank produced nothing: name, and bank and number where they are stated.
    Outside(String, Option<(&'static str, String)>),
}

impl End {
    /// A name without an account.
    pub fn named(name: impl Into<String>) -> End {
        End::Outside(name.into(), None)
    }
}

/// How a payment moved.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// Clearing house.
    Ach,
    /// Wire.
    Wire,
    /// Person to person.
    P2p,
    /// Inside one bank.
    Book,
    /// Card at a shop.
    Card,
    /// Machine or counter.
    Cash,
    /// Paper; states no account.
    Cheque,
    /// The bank's own.
    Fee,
}

/// Which planted story a payment belongs to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Story {
    /// None: ordinary life.
    Background,
    /// From one storefront to the next.
    Ring,
    /// Into the facilitator's account.
    PassIn,
    /// Out of it again.
    PassOut,
    /// Wages of the cleaning company.
    Wage,
    /// The same wages on their way back.
    SweptBack,
    /// Equal payments within days of each other, by group.
    Ambiguous(u8),
    /// The amount cannot be read.
    DamagedAmount,
    /// The date cannot be read.
    DamagedDate,
    /// Absent from the statement, although the balance moved.
    Missing,
    /// Rent to the property manager.
    ManagedRent,
    /// Rent passed on to an owner, less the fee.
    OwnerShare,
    /// An employer's money to the payroll company.
    PayrollFunding,
    /// Wages paid by the payroll company.
    Payroll,
}

/// Money from one end to the other.
pub struct Payment {
    /// Who pays.
    pub from: End,
    /// Who is paid.
    pub to: End,
    /// Booked at the payer's bank.
    pub sent: Day,
    /// Booked at the payee's bank, 0 to 2 days later.
    pub received: Day,
    /// Second of the day at either bank.
    pub second: u32,
    /// Cents, positive.
    pub minor: i64,
    /// How it moved.
    pub way: Way,
    /// What it was said to be for.
    pub memo: String,
    /// What it was planted for.
    pub story: Story,
}

/// The carriers that produced records.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Carrier {
    /// Caller and called, local time.
    Bayline,
    /// Target and other party, UTC.
    Kestrel,
}

/// A number in service.
pub struct Phone {
    /// Ten digits, of a range reserved for fiction.
    pub digits: String,
    /// Who produced its records.
    pub carrier: Carrier,
    /// Name and address the carrier has, if any.
    pub subscriber: Option<(String, String)>,
    /// First and last day in service.
    pub service: (Day, Day),
    /// The handset.
    pub imei: String,
}

/// A call or text.
pub struct Call {
    /// Its day.
    pub day: Day,
    /// Its local second.
    pub second: u32,
    /// Who calls, a row of `World::phones`.
    pub from: usize,
    /// Who is called, a row of `World::phones`.
    pub to: usize,
    /// Seconds; none for a text.
    pub seconds: Option<u32>,
}

/// A tenancy.
#[derive(Default)]
pub struct Lease {
    /// What is let.
    pub premises: String,
    /// By name.
    pub tenants: Vec<String>,
    /// By name.
    pub landlord: String,
    /// By name.
    pub guarantors: Vec<String>,
    /// Cents a month.
    pub rent_minor: i64,
    /// Cents held.
    pub deposit_minor: i64,
    /// First day, `2023-09-01`.
    pub start: String,
    /// Last day.
    pub end: String,
    /// Bedrooms; 0 for a shop.
    pub bedrooms: u8,
    /// Bank and number of the account the rent is paid from, if stated.
    pub paid_from: String,
}

/// A block.
pub struct World {
    /// 0 holds the planted stories.
    pub block: u32,
    /// Referred to by row.
    pub parties: Vec<Party>,
    /// Referred to by row.
    pub accounts: Vec<Account>,
    /// In the order in which they were thought of.
    pub payments: Vec<Payment>,
    /// Referred to by row.
    pub phones: Vec<Phone>,
    /// In no order.
    pub calls: Vec<Call>,
    /// In order of signing.
    pub leases: Vec<Lease>,
    people: usize,
    homes: usize,
}

impl World {
    /// An empty block.
    pub fn new(block: u32) -> World {
        World {
            block,
            parties: Vec::new(),
            accounts: Vec::new(),
            payments: Vec::new(),
            phones: Vec::new(),
            calls: Vec::new(),
            leases: Vec::new(),
            people: 0,
            homes: 0,
        }
    }

    /// A party of a given name.
    pub fn party(&mut self, name: &str, born: Option<String>, address: &str) -> usize {
        let handle =
            name.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "");
        self.parties.push(Party {
            name: name.to_owned(),
            born,
            address: address.to_owned(),
            phone: None,
            email: format!("{handle}@post.example"),
        });
        self.parties.len() - 1
    }

    /// A person of the town, with the next free name.
    pub fn person(&mut self, address: &str, draws: &mut Draws) -> usize {
        let name = names::person(self.block as usize * 160 + self.people);
        self.people += 1;
        assert!(self.people <= 160, "a block has names for its people");
        self.someone(&name, address, draws)
    }

    /// A person of a given name.
    pub fn someone(&mut self, name: &str, address: &str, draws: &mut Draws) -> usize {
        let year = draws.between(1950, 2003);
        let day = civil(draws.below(usize::from(DAYS)) as Day);
        let born = format!("{year}-{:02}-{:02}", day.month(), day.day().min(28));
        self.party(name, Some(born), address)
    }

    /// A home that no one else of the block has.
    pub fn home(&mut self) -> String {
        let street = names::STREETS[self.homes % names::STREETS.len()];
        let house = 11 + 2 * (self.homes / names::STREETS.len()) + 40 * self.block as usize;
        let unit = 1 + self.homes % 3;
        self.homes += 1;
        format!("{house} {street}, Apt {unit}, Eastmarsh")
    }

    /// An account; its number follows from block and row.
    pub fn account(&mut self, bank: Bank, retail: bool, holders: Vec<Holding>) -> usize {
        let number = numbers::account(bank, self.block, self.accounts.len());
        self.accounts.push(Account { bank, number, holders, retail });
        self.accounts.len() - 1
    }

    /// A phone for a party, if the ranges reserved for fiction still have one.
    pub fn phone(&mut self, party: Option<usize>, draws: &mut Draws) -> Option<usize> {
        let digits = numbers::phone(self.block, self.phones.len())?;
        let subscriber =
            party.map(|row| (self.parties[row].name.clone(), self.parties[row].address.clone()));
        self.phones.push(Phone {
            digits,
            carrier: *draws.pick(&[Carrier::Bayline, Carrier::Kestrel]),
            subscriber,
            service: (0, DAYS - 1),
            imei: numbers::imei(self.block, self.phones.len()),
        });
        let row = self.phones.len() - 1;
        if let Some(party) = party {
            self.parties[party].phone = Some(row);
        }
        Some(row)
    }

    /// The party that owns an account.
    pub fn owner(&self, account: usize) -> usize {
        self.accounts[account].holders[0].party
    }

    /// What the other bank's rows call an end.
    pub fn name<'a>(&'a self, end: &'a End) -> &'a str {
        match end {
            End::Held(account) => &self.parties[self.owner(*account)].name,
            End::Outside(name, _) => name,
        }
    }

    /// Bank and number of an end, where the records state them.
    pub fn place<'a>(&'a self, end: &'a End) -> Option<(&'a str, &'a str)> {
        match end {
            End::Held(row) => {
                let account = &self.accounts[*row];
                Some((account.bank.name(), &account.number))
            }
            End::Outside(_, account) => account.as_ref().map(|(bank, number)| (*bank, &number[..])),
        }
    }

    /// The bank that keeps an end, if it is one of the two.
    pub fn bank(&self, end: &End) -> Option<Bank> {
        match end {
            End::Held(row) => Some(self.accounts[*row].bank),
            End::Outside(..) => None,
        }
    }

    /// Adds a payment; between the two banks it arrives up to two days later, never on a weekend.
    pub fn pay(&mut self, payment: Paying<'_>, draws: &mut Draws) -> usize {
        let Paying { day, from, to, minor, way, memo, story } = payment;
        assert!(minor > 0, "money moves from payer to payee");
        let weekday_only = matches!(way, Way::Ach | Way::Wire | Way::Book | Way::Cheque);
        let sent = if weekday_only { banking_day(day) } else { day };
        let second = draws.office_second();
        let mut received = sent;
        if let (Some(payer), Some(payee)) = (self.bank(&from), self.bank(&to))
            && payer != payee
        {
            let float = draws.below(3) as Day;
            received = (sent + float).min(DAYS - 1);
            while received > sent && is_weekend(received) {
                received -= 1;
            }
        }
        let memo = memo.to_owned();
        self.payments.push(Payment { from, to, sent, received, second, minor, way, memo, story });
        self.payments.len() - 1
    }
}

/// What `World::pay` is told.
pub struct Paying<'a> {
    /// Asked for; on a weekend the bank books it on the Friday before.
    pub day: Day,
    /// Who pays.
    pub from: End,
    /// Who is paid.
    pub to: End,
    /// Cents.
    pub minor: i64,
    /// How.
    pub way: Way,
    /// For what.
    pub memo: &'a str,
    /// Planted for what.
    pub story: Story,
}

impl<'a> Paying<'a> {
    /// A payment of ordinary life.
    pub fn new(day: Day, from: End, to: End, minor: i64, way: Way, memo: &'a str) -> Paying<'a> {
        Paying { day, from, to, minor, way, memo, story: Story::Background }
    }

    /// The same as part of a planted story.
    pub fn planted(self, story: Story) -> Paying<'a> {
        Paying { story, ..self }
    }
}
