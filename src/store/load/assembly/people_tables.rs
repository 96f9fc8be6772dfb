//! Leases, holdings and ties as tables, in their stated order.

use super::Assembly;
use crate::model::EntityKind;
use crate::store::load::entities::EntityRows;
use crate::store::tables::*;

impl Assembly {
    pub(in crate::store::load) fn lease_table(
        &self,
        rows: &EntityRows,
        sources: &Sources,
    ) -> Leases {
        let mut table = Leases::default();
        for lease in &self.people.leases {
            let place =
                format!("{}:{}", sources.source.get(lease.at.source as usize), lease.at.line);
            table.lease.push(if lease.lease.is_empty() { &place } else { &lease.lease });
            table.premises.push(rows.row(EntityKind::Premises, lease.premises));
            table.tenants.push(&lease.tenants.join("; "));
            table.landlord.push(&lease.landlord);
            table.guarantors.push(&lease.guarantors.join("; "));
            table.rent_minor.push(lease.rent);
            table.currency.push(Some(lease.currency));
            table.period.push(&lease.period);
            table.start.push(lease.start);
            table.end.push(lease.end);
            table.amends.push(&lease.amends);
            table.amended_from.push(lease.amended_from);
            let further: Vec<String> = lease
                .further
                .iter()
                .map(|at| match at.source == lease.at.source {
                    true => at.line.to_string(),
                    false => format!("{}:{}", at.source, at.line),
                })
                .collect();
            table.further_lines.push(&further.join(";"));
            table.bedrooms.push(lease.bedrooms);
            table.deposit_minor.push(lease.deposit);
            table.paid_from.push(rows.row(EntityKind::Account, lease.paid_from));
            table.source.push(lease.at.source);
            table.line.push(lease.at.line);
        }
        table
    }

    pub(in crate::store::load) fn holding_table(&self, rows: &EntityRows) -> Holdings {
        let mut sorted: Vec<_> = self
            .people
            .holdings
            .iter()
            .map(|one| {
                let account = rows.row(EntityKind::Account, one.account);
                (account, rows.row(EntityKind::Party, one.party), &one.role, one)
            })
            .collect();
        sorted.sort_by(|left, right| {
            (left.0, left.1, left.2, left.3.at).cmp(&(right.0, right.1, right.2, right.3.at))
        });
        let mut table = Holdings::default();
        for (account, party, role, one) in sorted {
            table.account.push(account);
            table.party.push(party);
            table.role.push(role);
            table.opened.push(one.opened);
            table.closed.push(one.closed);
            table.source.push(one.at.source);
            table.line.push(one.at.line);
        }
        table
    }

    pub(in crate::store::load) fn tie_table(&self, rows: &EntityRows) -> Ties {
        let end = |(kind, number)| (kind, rows.row(kind, number));
        let mut sorted: Vec<_> =
            self.people.ties.iter().map(|one| (end(one.from), end(one.to), one)).collect();
        sorted.sort_by(|left, right| {
            let by_ends = (left.0, left.1, &left.2.relation, left.2.at);
            by_ends.cmp(&(right.0, right.1, &right.2.relation, right.2.at))
        });
        let mut table = Ties::default();
        for (from, to, one) in sorted {
            table.from_kind.push(from.0);
            table.from_row.push(from.1);
            table.relation.push(&one.relation);
            table.to_kind.push(to.0);
            table.to_row.push(to.1);
            table.start.push(one.start);
            table.start_ms.push(one.start_ms);
            table.end.push(one.end);
            table.amount_minor.push(one.amount.map(|amount| amount.0));
            table.currency.push(one.amount.map(|amount| amount.1));
            table.weight.push(one.weight);
            table.found.push(&one.found);
            table.source.push(one.at.source);
            table.line.push(one.at.line);
        }
        table
    }
}
