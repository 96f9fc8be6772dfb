//! One binary for everything that runs the program or the library from outside.

mod balances;
mod flows;
