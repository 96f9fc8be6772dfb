//! Whose record a reading is.

/// Whose record a reading of a transfer or call is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Side {
    /// The sender's or caller's own statement or return.
    Sender,
    /// The receiver's or called one's own.
    Receiver,
    /// A list that is nobody's own.
    List,
}

impl Side {
    /// The word for it in files and output.
    pub fn word(self) -> &'static str {
        match self {
            Side::Sender => "sender",
            Side::Receiver => "receiver",
            Side::List => "list",
        }
    }
}

impl std::str::FromStr for Side {
    type Err = String;

    fn from_str(text: &str) -> Result<Side, String> {
        [Side::Sender, Side::Receiver, Side::List]
            .into_iter()
            .find(|side| side.word() == text)
            .ok_or_else(|| format!("{text:?} is not a side"))
    }
}
