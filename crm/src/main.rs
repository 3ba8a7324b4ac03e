//! The komek-crm binary.

fn main() {}
