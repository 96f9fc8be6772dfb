//! `truth.toml`: what was planted and where it stands, for tests to hold an answer against.

use std::fmt::Write as _;

use crate::generate::harbor_street::cast::{Cast, Player};
use crate::generate::harbor_street::identifiers::{NO_ADDRESS, NO_EMAIL};
use crate::generate::harbor_street::phones::{LAST_DAY_OF_OLD_PHONE, NO_SUBSCRIBER};
use crate::generate::harbor_street::returns::Returns;
use crate::generate::harbor_street::world::{Call, Carrier, Payment, Story, World};
use crate::generate::{calendar, harbor_street::ambiguous};

/// The first block's truth, worded as soon as its lines are known.
pub struct Planted {
    stories: String,
    pairs: String,
}

impl Planted {
    /// Words the stories of the first block, whose rows have just been written.
    pub fn tell(world: &World, cast: &Cast, returns: &Returns) -> Planted {
        let teller = Teller { world, cast, returns };
        let mut stories = String::new();
        stories += &teller.people();
        stories += &teller.sweep();
        stories += &teller.identifiers();
        stories += &teller.lookalikes();
        stories += &teller.calls();
        Planted { stories, pairs: teller.pairs() }
    }

    /// The whole file; `returns` are finished.
    pub fn text(&self, (seed, blocks): (u64, u64), returns: &Returns) -> String {
        let mut text = String::from(
            "# What was planted in this invented case, and where it stands. `path:line` counts\n\
             # physical lines from 1, preamble and header included. Amounts are cents.\n\n",
        );
        let _ = writeln!(text, "seed = {seed}\nscale = {blocks}\n");
        text += &self.stories;
        text += &rejects(returns);
        text += &missing_row(returns);
        text += &counts(returns);
        text += &self.pairs;
        text
    }
}

struct Teller<'a> {
    world: &'a World,
    cast: &'a Cast,
    returns: &'a Returns,
}

impl Teller<'_> {
    fn name(&self, party: usize) -> String {
        quoted(&self.world.parties[party].name)
    }

    fn account(&self, player: &Player) -> String {
        let account = &self.world.accounts[player.account];
        quoted(&format!("{}/{}", account.bank.name(), account.number))
    }

    fn names(&self, players: &[Player]) -> String {
        list(players.iter().map(|player| self.name(player.party)))
    }

    fn accounts(&self, players: &[Player]) -> String {
        list(players.iter().map(|player| self.account(player)))
    }

    fn phone(&self, row: usize) -> String {
        quoted(&format!("+1{}", self.world.phones[row].digits))
    }

    /// Lines of every leg of the payments of a story.
    fn refs(&self, wanted: impl Fn(&Payment) -> bool) -> String {
        let rows = self.world.payments.iter().enumerate();
        lines(rows.filter(|(_, payment)| wanted(payment)).flat_map(|(row, _)| {
            self.returns.legs[row].iter().flatten().map(|place| quoted(&place.shown()))
        }))
    }

    fn people(&self) -> String {
        let cast = self.cast;
        let nominees = list(cast.nominees.iter().map(|party| self.name(*party)));
        let guaranteed = list(
            self.world
                .leases
                .iter()
                .filter(|lease| lease.guarantors.iter().any(|name| name == "Lena Ortiz"))
                .map(|lease| quoted(&lease.premises)),
        );
        let tenant = list(
            self.world
                .leases
                .iter()
                .filter(|lease| lease.tenants.iter().any(|name| name == "Lena Ortiz"))
                .map(|lease| quoted(&lease.premises)),
        );
        format!(
            "# Signs leases for others, signs for three storefronts; what they pay her leaves her\n\
             # account within three days, for the holding company and an account elsewhere.\n\
             [facilitator]\nparty = {}\naccount = {}\nguarantees = {guaranteed}\n\
             tenant_of = {tenant}\npasses_to = {}\nin = {}\nout = {}\n\n\
             # Whose hands it ends in.\n[controller]\nparty = {}\naccount = {}\nholding = {}\n\
             holding_account = {}\n\n\
             # Each storefront pays the next, the fifth the first, every two weeks.\n\
             [ring]\nparties = {}\naccounts = {}\nowners_on_paper = {nominees}\ntransfers = {}\n\n",
            self.name(cast.facilitator.party),
            self.account(&cast.facilitator),
            self.account(&cast.holding),
            self.refs(|payment| payment.story == Story::PassIn),
            self.refs(|payment| payment.story == Story::PassOut),
            self.name(cast.controller.party),
            self.account(&cast.controller),
            self.name(cast.holding.party),
            self.account(&cast.holding),
            self.names(&cast.storefronts),
            self.accounts(&cast.storefronts),
            self.refs(|payment| payment.story == Story::Ring),
        )
    }

    fn sweep(&self) -> String {
        format!(
            "# Wages paid to eight workers; 86 to 95 percent of each is back within two days,\n\
             # with the controller or with the employer.\n\
             [payroll_sweep]\nemployer = {}\nemployer_account = {}\nworkers = {}\n\
             worker_accounts = {}\nback_to = [{}, {}]\nwages = {}\nswept_back = {}\n\n",
            self.name(self.cast.employer.party),
            self.account(&self.cast.employer),
            self.names(&self.cast.workers),
            self.accounts(&self.cast.workers),
            self.account(&self.cast.controller),
            self.account(&self.cast.employer),
            self.refs(|payment| payment.story == Story::Wage),
            self.refs(|payment| payment.story == Story::SweptBack),
        )
    }

    fn identifiers(&self) -> String {
        let sharing = self
            .world
            .parties
            .iter()
            .filter(|party| party.phone == Some(self.cast.shared_phone))
            .map(|party| quoted(&party.name));
        let (old, new) = self.cast.replaced_phone;
        let changed = calendar::dashed(LAST_DAY_OF_OLD_PHONE);
        format!(
            "# One prepaid phone on the cards of account holders who do not live together.\n\
             [shared_phone]\nphone = {}\nparties = {}\n\n\
             # Same user, same contacts, new number on the day after.\n\
             [replaced_phone]\nparty = {}\nold = {}\nnew = {}\nlast_day_of_old = {changed}\n\n\
             # On many cards, and no reason to join anyone. The branch's number is the bank's\n\
             # own: the carrier names the bank as its subscriber.\n\
             [placeholder]\nphones = [\"000-000-0000\", \"(000) 000-0000\"]\naddresses = [{}]\n\
             emails = [{}]\nsubscribers = [{}]\nbranch_phone = {}\n\n",
            self.phone(self.cast.shared_phone),
            list(sharing),
            self.name(self.cast.controller.party),
            self.phone(old),
            self.phone(new),
            quoted(NO_ADDRESS),
            quoted(NO_EMAIL),
            quoted(NO_SUBSCRIBER),
            self.phone(self.cast.branch_phone),
        )
    }

    fn lookalikes(&self) -> String {
        let mut text = String::new();
        let pair = [
            (self.cast.property_manager, "collects rent for owners and passes it on"),
            (self.cast.payroll_company, "pays the wages of other firms"),
        ];
        for (player, why) in pair {
            let _ = writeln!(
                text,
                "# Passes on what it receives, and nothing is wrong with it.\n[[lookalike]]\n\
                 party = {}\naccount = {}\nwhy = {}\n",
                self.name(player.party),
                self.account(&player),
                quoted(why),
            );
        }
        text
    }

    fn calls(&self) -> String {
        let kestrel = |row: usize| self.world.phones[row].carrier == Carrier::Kestrel;
        let ends = |call: &&Call| [kestrel(call.from), kestrel(call.to)];
        let calls = &self.world.calls;
        let twice = calls.iter().filter(|call| ends(call) != [false, false]);
        let at_both = twice.clone().filter(|call| ends(call) != [true, true]).count();
        let at_kestrel = twice.filter(|call| ends(call) == [true, true]).count();
        format!(
            "# Calls and texts that took place in the first block, and those with two records:\n\
             # one of each carrier, or both sides at Kestrel under one event.\n\
             [calls]\nplaced = {}\nrecorded_by_both_carriers = {at_both}\n\
             recorded_on_both_sides = {at_kestrel}\n\n",
            calls.len(),
        )
    }

    fn pairs(&self) -> String {
        let mut text = String::from(
            "# Two records at two places that are one transfer: the payer's, the payee's.\n\
             [both_legs]\npairs = [\n",
        );
        for (payment, legs) in self.world.payments.iter().zip(&self.returns.legs) {
            if let ([Some(out), Some(into)], false) = (legs, is_ambiguous(payment)) {
                let (out, into) = (quoted(&out.shown()), quoted(&into.shown()));
                let _ = writeln!(text, "    [{out}, {into}],");
            }
        }
        text += "]\n\n# Equal payments within days: nobody can say which arrival is whose, so no\n\
                 # two of a group may be merged.\n";
        for group in 0..ambiguous::GROUPS {
            let story = Story::Ambiguous(group);
            let refs = self.refs(|payment| payment.story == story);
            let _ = writeln!(text, "[[ambiguous]]\nrecords = {refs}\n");
        }
        text
    }
}

fn is_ambiguous(payment: &Payment) -> bool {
    matches!(payment.story, Story::Ambiguous(_))
}

fn rejects(returns: &Returns) -> String {
    let mut text = String::from(
        "# Records that cannot be read; `kept` ones lose a value that is not required.\n",
    );
    for damage in &returns.damages {
        let _ = writeln!(
            text,
            "[[rejects]]\nat = {}\ncolumn = {}\nfound = {}\nkind = {}\nkept = {}\n",
            quoted(&damage.place.shown()),
            quoted(damage.column),
            quoted(&damage.found),
            quoted(damage.kind),
            damage.kept,
        );
    }
    text
}

fn missing_row(returns: &Returns) -> String {
    let missing = returns.missing.as_ref().expect("a statement row was left out");
    format!(
        "# A deposit of this size was left out of the statement: the month does not prove.\n\
         [missing_row]\naccount = {}\nmonth = {}\namount_minor = {}\nafter = {}\n\n",
        quoted(&missing.account),
        quoted(&missing.month),
        missing.minor,
        quoted(&missing.after.shown()),
    )
}

fn counts(returns: &Returns) -> String {
    let mut text = String::from("# What reading each source must come to.\n");
    for (file, count) in &returns.counts {
        let _ = writeln!(
            text,
            "[[counts]]\nsource = {}\nrecords = {}\nrejects = {}\n",
            quoted(file),
            count.records,
            count.rejects,
        );
    }
    text += "# What the readable records of each account of the first block add up to, both\n\
             # sides of every transfer counted where its own bank shows it.\n";
    for ((bank, number), totals) in &returns.totals {
        let _ = writeln!(
            text,
            "[[totals]]\naccount = {}\nrecords = {}\ndebits_minor = {}\ncredits_minor = {}\n",
            quoted(&format!("{bank}/{number}")),
            totals.records,
            totals.debits_minor,
            totals.credits_minor,
        );
    }
    text
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

fn lines(items: impl Iterator<Item = String>) -> String {
    let mut text = String::from("[\n");
    for item in items {
        let _ = writeln!(text, "    {item},");
    }
    text + "]"
}
