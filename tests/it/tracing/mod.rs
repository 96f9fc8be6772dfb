//! Fund tracing written a second time, slowly and plainly, for the fast engine to be held against.
//!
//! `world` is the input and `naive` the answer; `order`, `openings`, `gaps`, `posting`, `rules`
//! and `bounds` are its parts, and `networks` draws the random worlds it runs on. The rest are
//! tests that hold on the slow version alone.

mod bounds;
mod equal;
mod gaps;
mod naive;
mod networks;
mod openings;
mod order;
mod posting;
mod properties;
mod rules;
mod small_cases;
mod splits;
mod variety;
mod worked;
mod world;
