//! How long a link chart takes to lay out and to draw, at the sizes a case shows.
//!
//! The charts are invented: a few hubs and many ties, from a seed, so that every run draws the
//! same ones.

use divan::Bencher;

use moneytrail::exports::{Chart, ChartEntity, ChartTie, ChartTieKind, lay_out, write_svg};
use moneytrail::model::EntityKind;

fn main() {
    divan::main();
}

/// A chart of `entities` with half as many ties again.
fn chart(entities: usize) -> Chart {
    let mut state = 88_172_645_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        ((state >> 33) as usize) % below
    };
    let mut chart = Chart { title: "Harbor Street".to_owned(), ..Chart::default() };
    for at in 0..entities {
        chart.entities.push(ChartEntity {
            id: format!("account-{at}"),
            label: format!("MO/{at} Quayside Nails LLC"),
            kind: EntityKind::ALL[next(EntityKind::ALL.len())],
            unidentified: false,
            role: None,
            centre: at == 0,
            captions: vec![],
            details: vec![],
        });
    }
    for at in 0..entities * 3 / 2 {
        let hub = next(entities / 6);
        let other = next(entities);
        let (from, to) = if next(2) == 0 { (hub, other) } else { (other, hub) };
        chart.ties.push(ChartTie {
            id: format!("t{at}"),
            from,
            to,
            kind: ChartTieKind::Transfers,
            label: "12 transfers, 14,300.00 USD, 2024-01-03 to 2024-05-30".to_owned(),
            total: Some("14300.00".to_owned()),
            currency: Some("USD".to_owned()),
            records: 12,
            first: "2024-01-03".to_owned(),
            last: "2024-05-30".to_owned(),
            traced: None,
            weight: next(1_000) as f64 / 1_000.0,
            rows: vec![],
        });
    }
    chart
}

#[divan::bench(args = [60, 500])]
fn layout(bencher: Bencher, entities: usize) {
    let chart = chart(entities);
    bencher.bench(|| lay_out(&chart));
}

#[divan::bench(args = [60, 500])]
fn svg(bencher: Bencher, entities: usize) {
    let chart = chart(entities);
    bencher.bench(|| {
        let mut out = vec![];
        write_svg(&chart, &mut out).expect("a vector takes every byte");
        out
    });
}
