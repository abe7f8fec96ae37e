//! Room in the making.
fn main() {}
