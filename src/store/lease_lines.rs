//! Which records tell of a lease: its own lines, and those of other sources.

use crate::store::tables::Leases;

impl Leases {
    /// Every line that tells of a lease, with the lease's row: (row, source, line). A lease whose
    /// people stand in a row each has several. Cost: one pass.
    pub fn lines(&self) -> Vec<(u32, u32, u32)> {
        let mut lines = Vec::with_capacity(self.line.len());
        for row in 0..self.line.len() {
            lines.push((row as u32, self.source[row], self.line[row]));
            for further in self.further_lines.get(row).split(';').filter(|one| !one.is_empty()) {
                let (source, line) = match further.split_once(':') {
                    Some((source, line)) => (source.parse().ok(), line),
                    None => (Some(self.source[row]), further),
                };
                lines
                    .extend(source.zip(line.parse().ok()).map(|(of, line)| (row as u32, of, line)));
            }
        }
        lines
    }
}
