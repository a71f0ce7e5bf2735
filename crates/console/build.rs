//! The console is compiled in again when it was built again, also when it was not there before.

const BUILT: &str = "../../web/console/dist";

fn main() -> std::io::Result<()> {
    // An empty folder can be watched, an absent one cannot.
    std::fs::create_dir_all(BUILT)?;
    println!("cargo::rerun-if-changed={BUILT}");
    Ok(())
}
