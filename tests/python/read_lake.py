"""Reads a Delta table of events with deltalake and with duckdb and prints what each of them sees, as JSON.

    python read_lake.py PATH_OF_TABLE
"""

import json
import sys

import duckdb
import pyarrow.compute as pc
from deltalake import DeltaTable

QUERIES = {
    "rows": "SELECT count(*) FROM events",
    "positions": "SELECT CAST(sum(position) AS BIGINT) FROM events",
    "first_ts": "SELECT epoch_ms(min(ts)) FROM events",
    "last_ts": "SELECT epoch_ms(max(ts)) FROM events",
}


def with_deltalake(path):
    """deltalake reads log and files by itself."""
    table = DeltaTable(path)
    data = table.to_pyarrow_table()
    counts = lambda column: {
        str(row["values"]): row["counts"] for row in data[column].value_counts().to_pylist()
    }
    millis = lambda scalar: int(scalar.as_py().timestamp() * 1000)
    return {
        "version": table.version(),
        "rows": data.num_rows,
        "positions": pc.sum(data["position"]).as_py(),
        "first_ts": millis(pc.min(data["ts"])),
        "last_ts": millis(pc.max(data["ts"])),
        "by_name": dict(sorted(counts("name").items())),
        "by_workspace": dict(sorted(counts("workspace").items())),
    }


def with_duckdb(path):
    """duckdb has its own reader of Delta where the extension is installed; else it reads the files the log names."""
    connection = duckdb.connect()
    try:
        connection.execute("LOAD delta")
        source = f"delta_scan('{path}')"
    except duckdb.Error:
        files = DeltaTable(path).file_uris()
        source = f"read_parquet({files!r}, hive_partitioning = true)"
    connection.execute(f"CREATE VIEW events AS SELECT * FROM {source}")
    seen = {name: connection.execute(sql).fetchone()[0] for name, sql in QUERIES.items()}
    for column in ("name", "workspace"):
        rows = connection.execute(f"SELECT {column}, count(*) FROM events GROUP BY 1 ORDER BY 1").fetchall()
        seen[f"by_{column}"] = {str(value): count for value, count in rows}
    return seen


if __name__ == "__main__":
    path = sys.argv[1]
    print(json.dumps({"deltalake": with_deltalake(path), "duckdb": with_duckdb(path)}))
