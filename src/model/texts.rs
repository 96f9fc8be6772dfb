//! Many short texts in one allocation.

/// A column of texts: one buffer and the end of each, so that a million names are two
/// allocations and not a million.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Texts {
    buffer: String,
    ends: Vec<u64>,
}

impl Texts {
    /// An empty column.
    pub fn new() -> Texts {
        Texts::default()
    }

    /// Appends one text. Cost: its length.
    pub fn push(&mut self, text: &str) {
        self.buffer.push_str(text);
        self.ends.push(self.buffer.len() as u64);
    }

    /// Makes room for so many texts more, whatever their length.
    pub fn reserve(&mut self, more: usize) {
        self.ends.reserve_exact(more);
    }

    /// Appends every text of another column. Cost: one copy of its bytes.
    pub fn append(&mut self, more: &Texts) {
        let shift = self.buffer.len() as u64;
        self.buffer.push_str(&more.buffer);
        self.ends.extend(more.ends.iter().map(|end| end + shift));
    }

    /// The text of row `at`; an absent value is the empty text.
    ///
    /// # Panics
    ///
    /// If `at` is not a row.
    #[inline]
    pub fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.buffer[start..self.ends[at] as usize]
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of all texts together.
    pub fn bytes(&self) -> usize {
        self.buffer.len()
    }

    /// True when there is no row.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Every text in row order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }
}

impl<'a> FromIterator<&'a str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Texts {
        let mut column = Texts::new();
        texts.into_iter().for_each(|text| column.push(text));
        column
    }
}

impl FromIterator<String> for Texts {
    fn from_iter<I: IntoIterator<Item = String>>(texts: I) -> Texts {
        let mut column = Texts::new();
        texts.into_iter().for_each(|text| column.push(&text));
        column
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_in_order_empty_ones_included() {
        let texts: Texts = ["", "Harbor", "", "é"].into_iter().collect();
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["", "Harbor", "", "é"]);
        assert_eq!(texts.len(), 4);
        let mut twice = texts.clone();
        twice.append(&texts);
        assert_eq!(
            twice.iter().collect::<Vec<_>>(),
            ["", "Harbor", "", "é", "", "Harbor", "", "é"]
        );
    }
}
