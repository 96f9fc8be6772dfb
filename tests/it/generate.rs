//! The generator: the fixture is its output, byte for byte.
