"""Counts what an import of the UCI Online Retail file must come to, with nothing but csv, gzip and decimal.

Usage: onlineretail_counts.py onlineretail.csv.gz      prints one JSON object
"""

import csv
import gzip
import json
import sys
from collections import Counter, OrderedDict
from decimal import Decimal


def customer(text):
    """The file has the numbers as floats: 17850.0 is customer 17850."""
    return str(int(Decimal(text))) if text else ""


def happened(number, rows, total):
    """What an invoice is: sold, given back by a counter-invoice (C and digits), or given back otherwise."""
    quantities = [Decimal(row["Quantity"]) for row in rows]
    gives_back = total < 0 or (total == 0 and all(quantity < 0 for quantity in quantities))
    if not gives_back:
        return "purchase"
    return "order_cancelled" if number[0] == "C" and number[1:].isdigit() else "refund"


def main(path):
    invoices = OrderedDict()
    scattered, before = set(), None
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            number = row["InvoiceNo"]
            if number in invoices and number != before:
                scattered.add(number)
            before = number
            invoices.setdefault(number, []).append(row)

    events, sums, anonymous, lines = Counter(), Counter(), Counter(), Counter()
    people, by_country = set(), Counter()
    spent = Counter()
    for number, rows in invoices.items():
        total = sum(Decimal(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in rows)
        name = happened(number, rows, total)
        who = customer(rows[0]["CustomerID"])
        events[name] += 1
        sums[name] += abs(total)
        lines[name] += len(rows)
        by_country[rows[0]["Country"]] += 1
        if who:
            people.add(who)
            spent[who] += total
        else:
            anonymous[name] += 1
    best = sorted(spent.items(), key=lambda pair: (-pair[1], pair[0]))[:5]
    print(json.dumps({
        "rows": sum(lines.values()),
        "orders": len(invoices),
        "events": dict(sorted(events.items())),
        "lines": dict(sorted(lines.items())),
        "sums": {name: str(value) for name, value in sorted(sums.items())},
        "anonymous": dict(sorted(anonymous.items())),
        "people": len(people),
        "net": str(sum(value if name == "purchase" else -value for name, value in sums.items())),
        "countries": dict(sorted(by_country.items())),
        "most_spent": [[who, str(value)] for who, value in best],
        "scattered": sorted(scattered),
        "longest": max(len(rows) for rows in invoices.values()),
    }))


if __name__ == "__main__":
    main(sys.argv[1])
