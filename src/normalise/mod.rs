//! Records to the words of the model: one meaning for each value.

mod placeholders;

pub use placeholders::placeholder;
