//! The workshop's door: `cargo run -p xtask -- check` and `-- generate`.

use std::process::ExitCode;

use xtask::{Findings, Result, all, map, root};

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let done = match asked.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["check"] => check(),
        ["generate"] => map::generate(&root()).map(|()| ExitCode::SUCCESS),
        _ => {
            eprintln!("cargo run -p xtask -- check      is the house as its papers say?");
            eprintln!("cargo run -p xtask -- generate   write the table of rooms into ARCHITECTURE.md");
            return ExitCode::FAILURE;
        }
    };
    done.unwrap_or_else(|why| {
        eprintln!("✗ {why}");
        ExitCode::FAILURE
    })
}

fn check() -> Result<ExitCode> {
    let mut is_sound = true;
    for (name, run) in all() {
        let Findings { wrong, remarks } = run(&root())?;
        println!("{} {name}", if wrong.is_empty() { "✓" } else { "✗" });
        wrong.iter().for_each(|line| println!("    ✗ {line}"));
        remarks.iter().for_each(|line| println!("    · {line}"));
        is_sound &= wrong.is_empty();
    }
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
