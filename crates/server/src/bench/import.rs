//! Import of a million rows: rows per second and peak memory, beside only reading the same file as CSV.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::child::Weft;
use super::report::{Report, rounded};

const MAP: &str = "order_id=order,user_id=customer,time=time,item_id=sku,item_name=name,quantity=quantity,price=price";

pub(super) async fn run(is_small: bool) -> anyhow::Result<Report> {
    let rows = if is_small { 100_000 } else { 1_000_000 };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("orders.csv");
    write_orders(&file, rows)?;
    let reading = read_only(&file, rows)?;
    let data = folder.path().join("data");
    let (seconds, memory_mb, summary) = import(&data, &file).await?;
    if summary["rows"] != rows || summary["rejected"] != 0 {
        bail!("{rows} rows were written, and this came of them: {summary}");
    }
    let detail = json!({
        "rows": rows, "seconds": rounded(seconds), "reading_seconds": rounded(reading), "events": summary["events"], "people": summary["people_created"],
        "file_mb": rounded(std::fs::metadata(&file)?.len() as f64 / 1e6),
    });
    let Value::Object(detail) = detail else { bail!("no detail") };
    let value = f64::from(rows) / seconds;
    Ok(Report { bench: "import", value, unit: "rows/s", against: "only reading the file as CSV", ratio: reading / seconds, memory_mb, detail })
}

/// Lines of orders: five lines to an order, twenty orders to a customer.
pub(super) fn write_orders(file: &Path, rows: u32) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
    writeln!(out, "order,customer,time,sku,name,quantity,price")?;
    for row in 0..rows {
        let order = row / 5;
        let customer = order % (rows / 100).max(1);
        let (day, hour, minute) = (order % 28 + 1, order % 24, order % 60);
        let month = order / 28 % 12 + 1;
        writeln!(
            out,
            "o{order},c{customer},2025-{month:02}-{day:02} {hour:02}:{minute:02}:00,s{},\"Spring tea, no. {}\",{},{}.{:02}",
            row % 4_000,
            row % 4_000,
            row % 9 + 1,
            row % 90 + 5,
            row % 100
        )?;
    }
    out.flush()?;
    Ok(())
}

fn read_only(file: &Path, rows: u32) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let mut reader = csv::Reader::from_path(file)?;
    let mut record = csv::StringRecord::new();
    let mut count = 0;
    while reader.read_record(&mut record)? {
        count += 1;
    }
    if count != rows {
        bail!("{count} rows of {rows}");
    }
    Ok(begun.elapsed().as_secs_f64())
}

/// Seconds, peak memory in megabytes, and what it said last.
pub(super) async fn import(data: &Path, file: &Path) -> anyhow::Result<(f64, f64, Value)> {
    let file = file.to_str().context("the folder's name is not text")?;
    let begun = Instant::now();
    let mut weft = Weft::start(data, &["import", "orders", file, "--map", MAP])?;
    let (mut peak, mut last) = (0.0f64, Value::Null);
    let mut every = tokio::time::interval(Duration::from_millis(20));
    loop {
        tokio::select! {
            said = weft.said() => match said? {
                Some(line) => last = line,
                None => break,
            },
            _ = every.tick() => peak = peak.max(weft.memory_mb("VmHWM")),
        }
    }
    weft.ended().await?;
    Ok((begun.elapsed().as_secs_f64(), peak, last))
}
