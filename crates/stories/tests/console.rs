//! The console in a real browser against a real house: its own end-to-end tests, with nothing behind them made up.
#![allow(clippy::unwrap_used, reason = "a story tells by panicking")]

mod outside;

use outside::{browser, or_skip, packages, run};
use tokio::process::Command;
use weft_stories::{EMAIL, PASSWORD, WRITE_KEY, Weft, repository};

#[tokio::test]
async fn the_console_works_in_a_browser() {
    let (Some(browser), Some(folder)) = (browser(), packages("web/console")) else { return };
    let built = repository().join("web/console/dist/index.html");
    if or_skip(built.exists().then_some(()), "the built console (`scripts/console`)").is_none() {
        return;
    }
    let weft = Weft::start().await;
    let mut tests = Command::new("npm");
    tests
        .args(["run", "--silent", "e2e"])
        .current_dir(folder)
        .env("WEFT_URL", &weft.url)
        .env("WEFT_EMAIL", EMAIL)
        .env("WEFT_PASSWORD", PASSWORD)
        .env("WEFT_WRITE_KEY", WRITE_KEY)
        .env("CHROMIUM", browser);
    let ran = run(tests).await;
    assert!(ran.is_ok, "{}\n{}", ran.said, ran.complained);
    println!("{}", ran.said.trim_end().lines().last().unwrap_or_default());
    assert!(weft.stop().await, "weft leaves in order");
}
