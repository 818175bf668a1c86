//! Rebuilds when a translation changes: the compile-time check of messages reads them.
fn main() {
    println!("cargo:rerun-if-changed=locales");
    println!("cargo:rerun-if-changed=migration");
}
