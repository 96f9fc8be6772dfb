//! One order out of several: Borda's count over measures, ties averaged.
//!
//! No weight is chosen by hand: each measure is one voter, and only its order counts, so that
//! units do not matter and no single extreme value carries a candidate.
//!
//! Source: J.-C. de Borda, Mémoire sur les élections au scrutin (1781); for rankings with ties
//! and gaps, C. Dwork and others, Rank aggregation methods for the web, WWW 10 (2001) 613–622.

/// For each candidate the mean over measures of the share of other candidates it stands above,
/// equals counted half: 0 to 1, larger first.
///
/// `measures` holds one column a measure, one value a candidate, larger first; a candidate
/// without a value stands below all that have one. A measure in which all are equal says
/// nothing and has no vote. Cost: a sort of each column.
pub(super) fn borda(measures: &[Vec<Option<f64>>], candidates: usize) -> Vec<f64> {
    let mut scores = vec![0.0; candidates];
    let mut votes = 0;
    for column in measures {
        assert_eq!(column.len(), candidates, "a measure has a value for each candidate");
        let value = |at: usize| column[at].unwrap_or(f64::NEG_INFINITY);
        let mut order: Vec<usize> = (0..candidates).collect();
        order.sort_by(|left, right| value(*left).total_cmp(&value(*right)));
        if candidates < 2 || value(order[0]) == value(order[candidates - 1]) {
            continue;
        }
        votes += 1;
        let mut below = 0;
        for equals in order.chunk_by(|left, right| value(*left) == value(*right)) {
            let points = below as f64 + (equals.len() - 1) as f64 / 2.0;
            for at in equals {
                scores[*at] += points / (candidates - 1) as f64;
            }
            below += equals.len();
        }
    }
    if votes > 0 {
        scores.iter_mut().for_each(|score| *score /= f64::from(votes));
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(measures: &[&[Option<f64>]], scores: &[f64]) {
        let columns: Vec<Vec<Option<f64>>> =
            measures.iter().map(|column| column.to_vec()).collect();
        assert_eq!(borda(&columns, scores.len()), scores);
    }

    #[test]
    fn orders_are_averaged_and_equals_share_their_places() {
        check(&[&[Some(3.0), Some(1.0), Some(2.0)]], &[1.0, 0.0, 0.5]);
        check(&[&[Some(9.0), Some(9.0), None]], &[0.75, 0.75, 0.0]);
        check(
            &[&[Some(2.0), Some(1.0), Some(0.0)], &[Some(0.0), Some(100.0), Some(1.0)]],
            &[0.5, 0.75, 0.25],
        );
        check(&[&[Some(5.0), Some(5.0)]], &[0.0, 0.0]); // No vote.
        check(&[], &[0.0, 0.0]);
        check(&[&[Some(1.0)]], &[0.0]);
    }
}
