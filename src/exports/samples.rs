//! Invented charts that the tests of every format share.

use crate::exports::{Chart, ChartEntity, ChartRow, ChartTie, ChartTieKind, TracedTotal};
use crate::model::{EntityKind, Role};

/// Every sample: usual, empty, alone, hostile, a star, and traced money.
pub fn all() -> Vec<Chart> {
    vec![harbor(), empty(), alone(), hostile(), star(40), traced()]
}

/// An entity without role.
pub fn entity(id: &str, label: &str, kind: EntityKind) -> ChartEntity {
    ChartEntity {
        id: id.to_owned(),
        label: label.to_owned(),
        kind,
        unidentified: false,
        role: None,
        centre: false,
        captions: vec![],
        details: vec![],
    }
}

/// A tie of transfers with one row for each amount in minor units.
pub fn transfers(id: &str, from: usize, to: usize, amounts_minor: &[i64]) -> ChartTie {
    let total: i64 = amounts_minor.iter().sum();
    let text = |minor: i64| format!("{}.{:02}", minor / 100, minor % 100);
    let rows = amounts_minor.iter().enumerate().map(|(at, &minor)| ChartRow {
        when: format!("2024-01-{:02}", at + 3),
        amount: text(minor),
        traced: String::new(),
        traced_by: String::new(),
        what: "wire".to_owned(),
        text: format!("WIRE OUT REF {}", 4400 + at),
        source_refs: vec![
            format!("bank/harbor_1001.csv:{}", at + 14),
            format!("bank/mole_wires.csv:{}", at + 203),
        ],
    });
    ChartTie {
        id: id.to_owned(),
        from,
        to,
        kind: ChartTieKind::Transfers,
        label: format!(
            "{} transfer{}, {} USD, 2024-01-03 to 2024-01-{:02}",
            amounts_minor.len(),
            if amounts_minor.len() == 1 { "" } else { "s" },
            text(total),
            amounts_minor.len() + 2
        ),
        total: Some(text(total)),
        currency: Some("USD".to_owned()),
        records: amounts_minor.len() as u64,
        first: "2024-01-03".to_owned(),
        last: format!("2024-01-{:02}", amounts_minor.len() + 2),
        traced: None,
        weight: (total as f64 / 2_000_000.0).min(1.0),
        rows: rows.collect(),
    }
}

/// A tie that carries no money.
pub fn tie(id: &str, from: usize, to: usize, kind: ChartTieKind, label: &str) -> ChartTie {
    let (kind_word, amount) = match kind {
        ChartTieKind::Calls => ("voice", "61"),
        ChartTieKind::Transfers | ChartTieKind::Traced | ChartTieKind::Relation(_) => {
            ("recorded", "")
        }
    };
    ChartTie {
        id: id.to_owned(),
        from,
        to,
        kind,
        label: label.to_owned(),
        total: None,
        currency: None,
        records: 1,
        first: "2023-11-01".to_owned(),
        last: "2024-06-30".to_owned(),
        traced: None,
        weight: 0.3,
        rows: vec![ChartRow {
            when: "2023-11-01".to_owned(),
            amount: amount.to_owned(),
            traced: String::new(),
            traced_by: String::new(),
            what: kind_word.to_owned(),
            text: "as recorded".to_owned(),
            source_refs: vec!["records/cards.csv:9".to_owned()],
        }],
    }
}

fn framed(name: &str, title: &str) -> Chart {
    Chart {
        name: name.to_owned(),
        title: title.to_owned(),
        period: "2024-01-01 to 2024-06-30".to_owned(),
        banner: "INTERNAL".to_owned(),
        notes: vec![
            "3 of 5,012 records were rejected; rejects.csv lists them.".to_owned(),
            "Account HB/1002 does not prove in 2024-03: its statement page is missing.".to_owned(),
        ],
        sources: vec![
            ("bank/harbor_1001.csv".to_owned(), "9f2c".repeat(16)),
            ("bank/mole_wires.csv".to_owned(), "01ab".repeat(16)),
        ],
        ..Chart::default()
    }
}

/// A payer, a trust account that holds some of it at the end, and a payee.
pub fn traced() -> Chart {
    let mut chart = framed("traced", "Harbor Street: traced flow of Victim A");
    chart.entities = ["HB 1001", "HB 2002", "HB 3003"]
        .iter()
        .map(|label| entity(label, label, EntityKind::Account))
        .collect();
    chart.entities[1].centre = true;
    chart.entities[1].captions =
        vec!["Mole & Sons <trust>".to_owned(), "holds 5.00 USD".to_owned()];
    chart.ties = vec![transfers("t1", 0, 1, &[1_500]), transfers("t2", 1, 2, &[700, 800])];
    for tie in &mut chart.ties {
        tie.kind = ChartTieKind::Traced;
        tie.label = format!("0.00 to 10.00 USD, traced in {}", tie.label);
        tie.traced = Some(TracedTotal {
            rule: String::new(),
            minor_text: "10.00".to_owned(),
            floor: "0.00".to_owned(),
            ceiling: "10.00".to_owned(),
        });
        for row in &mut tie.rows {
            row.traced = "0.00 to 5.00".to_owned();
            row.traced_by = "libr 5.00, fifo 0.00".to_owned();
        }
    }
    chart
}

/// A usual chart: kinds, roles, parallel ties both ways, a loop, an unidentified end.
pub fn harbor() -> Chart {
    use EntityKind::{Account, Party, Phone, Premises};
    let mut chart = framed("harbor", "Harbor Street: Lena Ortiz, two hops");
    chart.entities = vec![
        entity("party-0000000000000001", "Lena Ortiz", Party),
        entity("account-0000000000000002", "HB/1001", Account),
        entity("account-0000000000000003", "MO/77 Quayside Nails LLC", Account),
        entity("party-0000000000000004", "Quayside Nails LLC", Party),
        entity("phone-0000000000000005", "+1 212 555 0142", Phone),
        entity("premises-0000000000000006", "14 Harbor Street, Unit 3, New York", Premises),
        entity("account-0000000000000007", "unidentified: CASH DEPOSIT", Account),
        entity("phone-0000000000000008", "+1 212 555 0177", Phone),
        entity("party-0000000000000009", "Mara Quill", Party),
    ];
    chart.entities[0].centre = true;
    chart.entities[0].role = Some(Role::Target);
    chart.entities[0].details = vec![("born".to_owned(), "1984-02-11".to_owned())];
    chart.entities[6].unidentified = true;
    chart.entities[8].role = Some(Role::Protected);
    let relation = |word: &str| ChartTieKind::Relation(word.to_owned());
    chart.ties = vec![
        tie("t1", 0, 1, relation("holds"), "holds, since 2023-11-01"),
        tie("t2", 3, 2, relation("holds"), "holds"),
        transfers("t3", 1, 2, &[480_000, 475_000, 475_000]),
        transfers("t4", 2, 1, &[120_000]),
        transfers("t5", 6, 1, &[90_000, 85_050]),
        tie("t6", 0, 4, relation("subscribes"), "subscribes"),
        tie("t7", 4, 7, ChartTieKind::Calls, "41 calls, 2024-01-03 to 2024-06-21"),
        tie("t8", 7, 4, ChartTieKind::Calls, "17 calls, 2024-01-09 to 2024-06-20"),
        tie("t9", 0, 5, relation("tenant-of"), "tenant-of, 2024-01-01 to 2024-12-31"),
        tie("t10", 8, 7, relation("subscribes"), "subscribes"),
        tie("t11", 8, 5, relation("lives-at"), "lives-at"),
        transfers("t12", 1, 1, &[5_000]),
        tie("t13", 3, 5, relation("guarantees"), "guarantees"),
    ];
    chart
}

/// Nothing met the conditions.
pub fn empty() -> Chart {
    framed("empty", "Harbor Street: nothing found")
}

/// One entity without ties.
pub fn alone() -> Chart {
    let mut chart = framed("alone", "Harbor Street: one account");
    chart.entities = vec![entity("account-1", "HB/1001", EntityKind::Account)];
    chart
}

/// Texts that would break a careless writer.
pub fn hostile() -> Chart {
    let mut chart = framed("hostile", "</title><script>alert(1)</script> \"' ]]> & {{ x }}");
    let texts = [
        "<script>alert(1)</script>".to_owned(),
        "</script><!-- \"double\" 'single' ]]> &amp; \\N \\".to_owned(),
        "\u{202e}desrever \u{1f3e6}\u{1f469}\u{200d}\u{1f4bb} \u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{200f}"
            .to_owned(),
        "long name ".repeat(30),
        "X".repeat(300),
        "control \u{0}\u{1b}[31m\r\nline".to_owned(),
        String::new(),
    ];
    for (at, text) in texts.iter().enumerate() {
        let mut hostile = entity(&format!("e{at}\"<"), text, EntityKind::ALL[at]);
        hostile.details = vec![(text.clone(), text.clone())];
        chart.entities.push(hostile);
        let mut bound =
            tie(&format!("t{at}\"<"), at, 0, ChartTieKind::Relation(text.clone()), text);
        bound.weight = [f64::NAN, f64::INFINITY, -3.0, 9.0, 0.5, 0.0, 1.0][at];
        bound.rows[0].text = text.clone();
        bound.rows[0].source_refs = vec![text.clone()];
        chart.ties.push(bound);
    }
    chart.notes.extend(texts.clone());
    chart.sources.push((texts[0].clone(), texts[1].clone()));
    chart
}

/// One account and `leaves` counterparts, payers and paid by turns.
pub fn star(leaves: usize) -> Chart {
    let mut chart = framed("star", "Harbor Street: account HB/1001, one hop");
    chart.entities = vec![entity("account-hub", "HB/1001 Ortiz Holdings LLC", EntityKind::Account)];
    chart.entities[0].centre = true;
    for leaf in 0..leaves {
        let id = format!("account-{leaf}");
        chart.entities.push(entity(&id, &format!("MO/{}", 2000 + leaf), EntityKind::Account));
        let (from, to) = if leaf % 3 == 0 { (leaf + 1, 0) } else { (0, leaf + 1) };
        let amounts: Vec<i64> = (0..=leaf % 5).map(|at| 45_000 + 9_150 * at as i64).collect();
        chart.ties.push(transfers(&format!("t{leaf}"), from, to, &amounts));
    }
    chart
}

/// Any chart of this size: a few hubs and many ties, from a seed.
pub fn tangle(entities: usize, ties: usize, seed: u64) -> Chart {
    let mut state = seed.wrapping_mul(2_654_435_769).wrapping_add(88_172_645);
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        ((state >> 33) as usize) % below
    };
    let mut chart = framed("tangle", "Harbor Street: a tangle");
    for at in 0..entities {
        let kind = EntityKind::ALL[next(9)];
        let label = format!("{} {}", kind.word(), "ab c".repeat(1 + next(12)));
        chart.entities.push(entity(&format!("{}-{at}", kind.word()), &label, kind));
    }
    for at in 0..if entities == 0 { 0 } else { ties } {
        let hub = entities.div_ceil(6);
        let (from, to) = (next(hub), next(entities));
        let (from, to) = if next(2) == 0 { (from, to) } else { (to, from) };
        let id = format!("t{at}");
        chart.ties.push(match next(3) {
            0 => tie(&id, from, to, ChartTieKind::Calls, "12 calls, 2024-01-03 to 2024-02-11"),
            1 => tie(&id, from, to, ChartTieKind::Relation("holds".to_owned()), "holds"),
            _ => transfers(&id, from, to, &[100 * next(9_000) as i64 + 1]),
        });
    }
    if entities > 0 && !seed.is_multiple_of(3) {
        let centre = next(entities);
        chart.entities[centre].centre = true;
    }
    chart
}
