"""Counts who satisfies each of some conditions in the UCI Online Retail file, with nothing but the standard library.

Usage: onlineretail_conditions.py onlineretail.csv.gz      prints one JSON object:
{"customers": [number, …], "counts": {name: how many}, "sleeping": [number, …],
 "buyers_abroad_by_week": {Monday: how many}, "orders_of_sleeping_by_day": {day: how many}}

The conditions are written down twice: here, and as trees in crates/stories/tests/retail.rs. Where a tree looks back from
now, its window begins on Saturday 10 September 2011, when the shop was closed: at which moment of that day does not matter.
"""

import csv
import gzip
import json
import sys
from collections import Counter, OrderedDict, defaultdict
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
SINCE = datetime(2011, 9, 10, 12, tzinfo=timezone.utc)
WEEK = timedelta(days=7)


class Order(NamedTuple):
    local: datetime
    moment: datetime
    place: int
    kind: str
    value: Decimal
    country: str


def orders_by_customer(path):
    """Customer number → orders, oldest first."""
    invoices = OrderedDict()
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for place, row in enumerate(csv.DictReader(file)):
            rows, _ = invoices.get(row["InvoiceNo"], ([], place))
            rows.append(row)
            # An order counts as told when its last line is read.
            invoices[row["InvoiceNo"]] = (rows, place)
    customers = defaultdict(list)
    for number, (rows, place) in invoices.items():
        first = rows[0]
        if not first["CustomerID"]:
            continue
        total = sum(Decimal(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in rows)
        local = datetime.fromisoformat(first["InvoiceDate"])
        moment = local.replace(tzinfo=LONDON).astimezone(timezone.utc)
        order = Order(local, moment, place, kind(number, rows, total), abs(total), first["Country"])
        customers[int(Decimal(first["CustomerID"]))].append(order)
    for orders in customers.values():
        orders.sort(key=lambda order: (order.moment, order.place))
    return customers


def kind(number, rows, total):
    """What an invoice is: sold, given back by a counter-invoice (C and digits), or given back otherwise."""
    gives_back = total < 0 or (total == 0 and all(Decimal(row["Quantity"]) < 0 for row in rows))
    if not gives_back:
        return "purchase"
    return "order_cancelled" if number[0] == "C" and number[1:].isdigit() else "refund"


def day(text):
    return datetime.fromisoformat(text)


class Customer:
    """What the conditions ask of one customer."""

    def __init__(self, orders):
        self.orders = orders
        self.bought = [order for order in orders if order.kind == "purchase"]
        self.cancelled = [order for order in orders if order.kind == "order_cancelled"]
        self.spent = sum((order.value for order in self.bought), Decimal(0))

    def is_recent(self):
        return any(order.moment > SINCE for order in self.bought)

    def bought_between(self, start, end):
        return [order for order in self.bought if day(start) <= order.local < day(end)]

    def is_sleeping(self):
        return len(self.bought) >= 3 and self.spent >= 500 and not self.is_recent()

    def gave_back_soon(self):
        pairs = ((a, b) for a in self.bought for b in self.cancelled)
        return any((a.moment, a.place) < (b.moment, b.place) and b.moment - a.moment <= WEEK for a, b in pairs)


CONDITIONS = {
    "bought_three_times": lambda c: len(c.bought) >= 3,
    "recent": lambda c: c.is_recent(),
    "spent_1000": lambda c: c.spent >= 1000,
    "champion": lambda c: c.is_recent() and len(c.bought_between("2011-01-01", "2011-12-10")) >= 5 and c.spent >= 2000,
    "sleeping": lambda c: c.is_sleeping(),
    "once_and_gone": lambda c: len(c.bought) == 1 and not c.is_recent(),
    "gave_back_soon": lambda c: c.gave_back_soon(),
    "cancelled_abroad": lambda c: any(order.country != "United Kingdom" for order in c.cancelled),
    "mean_order_over_500": lambda c: bool(c.bought) and c.spent / len(c.bought) > 500,
    "from_two_countries": lambda c: len({order.country for order in c.orders}) >= 2,
    "began_big": lambda c: bool(c.bought) and c.bought[0].value >= 1000,
    "new_in_november": lambda c: bool(c.bought_between("2011-11-01", "2011-12-01")) and not c.bought_between("2010-12-01", "2011-11-01"),
}


def buyers_abroad_by_week(customers):
    """How many customers bought from abroad, by week of London."""
    buyers = defaultdict(set)
    for number, customer in customers.items():
        for order in customer.bought:
            if order.country != "United Kingdom":
                monday = order.local.date() - timedelta(days=order.local.weekday())
                buyers[monday.isoformat()].add(number)
    return {monday: len(numbers) for monday, numbers in sorted(buyers.items())}


def orders_of_sleeping_by_day(customers):
    return Counter(order.local.date().isoformat() for customer in customers.values() if customer.is_sleeping() for order in customer.bought)


def main(path):
    customers = {number: Customer(orders) for number, orders in sorted(orders_by_customer(path).items())}
    print(json.dumps({
        "customers": list(customers),
        "counts": {name: sum(1 for customer in customers.values() if holds(customer)) for name, holds in CONDITIONS.items()},
        "sleeping": [number for number, customer in customers.items() if customer.is_sleeping()],
        "buyers_abroad_by_week": buyers_abroad_by_week(customers),
        "orders_of_sleeping_by_day": orders_of_sleeping_by_day(customers),
    }))


if __name__ == "__main__":
    main(sys.argv[1])
