"""Real orders of the past in the form of `ambidex import orders`, and their busiest days laid over one another.

Reads the Olist and Online Retail tables of a folder (`--past`, or AMBIDEX_SHARED_DATA) that is not part of the
project; nothing of it is ever shipped. Needs pyarrow (the dependency group "past"). Credit notes, write-offs and
postage are no orders and are counted as left out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Order = dict[str, Any]
Row = dict[str, Any]
FOLDER = "AMBIDEX_SHARED_DATA"
STORES = [f"store-{n:02}" for n in range(1, 7)]
DAY = 86_400
LINES_MAX = 400
OVER = {"delivered": "closed", "shipped": "closed", "canceled": "canceled", "unavailable": "canceled"}
NO_GOODS = frozenset(
    {"POST", "DOT", "M", "D", "BANK CHARGES", "AMAZONFEE", "CRUK", "S", "PADS", "C2", "ADJUST"}
)
NAMES = (
    "Ama Owusu", "Ζωή Παπαδοπούλου", "佐藤 さくら", "Łukasz Wiśniewski", "Мария Соколова", "José Álvarez", "Nguyễn Thị Hoa",
    "فاطمة الزهراء", "אבי כהן", "Åsa Lindqvist", "Siobhán Ní Bhriain", "김민준", "अनन्या शर्मा", "Ömer Yıldız", "Tamar Gelashvili",
)  # fmt: skip


class NotThere(Exception):
    """The folder of real orders is not there, or cannot be read."""


@dataclass
class Past:
    """Orders by the time they were placed, and what was left out and why."""

    orders: list[Order] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def folder_of(given: Path | None) -> Path:
    """The folder with the tables. Raises NotThere with what to do."""
    named = given or (Path(os.environ[FOLDER]) if os.environ.get(FOLDER) else None)
    if named is None or not (named / "olist_orders.parquet").is_file():
        raise NotThere(
            f"No real orders: name their folder with --past or {FOLDER}. The made-up sample is used."
        )
    return named


def read_past(folder: Path) -> Past:
    """Everything of both, by time. Raises NotThere without pyarrow."""
    past = Past()
    past.orders += _olist(folder, past.left_out)
    past.orders += _retail(folder, past.left_out)
    past.orders.sort(key=lambda one: (one["placed_at"], one["reference"]))
    return past


def items_of(orders: Iterable[Order]) -> list[Row]:
    """The catalogue that these orders need."""
    found: dict[str, Row] = {}
    for order in orders:
        for line in order["lines"]:
            found.setdefault(
                line["item"],
                {
                    "sku": line["item"],
                    "name": line.get("title") or line["item"],
                    "price": line["unit_price"],
                    "currency": order["currency"],
                    "barcodes": [f"B-{line['item']}"],
                },
            )
    return list(found.values())


def peak_day(orders: Iterable[Order], *, days: int) -> list[Row]:
    """The busiest days of each source laid over one day: what happens at which second, through which channel."""
    rows: list[Row] = []
    by_source: dict[str, dict[str, list[Order]]] = defaultdict(lambda: defaultdict(list))
    for order in orders:
        by_source[order["source"]][order["placed_at"][:10]].append(order)
    for of_days in by_source.values():
        for day in sorted(of_days, key=lambda one: -len(of_days[one]))[:days]:
            rows += [_moment(order) for order in of_days[day]]
    return sorted(rows, key=lambda row: row["at"])


def _moment(order: Order) -> Row:
    """An order of the past as it would come today: at a till, or through one of four other channels."""
    at = datetime.fromisoformat(order["placed_at"])
    second = at.hour * 3600 + at.minute * 60 + at.second
    chance = zlib.crc32(order["reference"].encode()) % 100
    place = STORES[zlib.crc32(order["customer"]["name"].encode()) % len(STORES)]
    if order["source"] == "till:uk" and chance >= 25:
        lines = [
            {"line": n, "item": line["item"], "quantity": line["quantity"]}
            for n, line in enumerate(order["lines"], start=1)
        ]
        till = {
            "place": place,
            "register": str(chance % 3 + 1),
            "transaction": order["reference"],
            "kind": "sale",
        }
        return {"at": second, "channel": "pos", "till": till | {"lines": lines}}
    channel = "chat" if order["source"] == "till:uk" else _channel(chance)
    pickup = channel == "chat" or (channel == "web" and chance % 2 == 0)
    how = {"method": "pickup", "location": place} if pickup else {"method": "ship"}
    kept = ("item", "quantity", "unit_price", "title")
    return {
        "at": second,
        "channel": channel,
        "order": {
            "source": f"{channel}:past",
            "reference": order["reference"],
            "channel": channel,
            "currency": order["currency"],
            "customer": order["customer"],
            "lines": [{name: line[name] for name in kept} | how for line in order["lines"]],
            "payment": {"status": "authorized", "amount": order["payment"]["amount"]},
        },
    }


def _channel(chance: int) -> str:
    return "marketplace" if chance < 45 else "web" if chance < 85 else "phone"


def _olist(folder: Path, left_out: Counter[str]) -> Iterator[Order]:
    items: dict[str, list[Row]] = defaultdict(list)
    for row in _table(folder / "olist_items.parquet"):
        items[row["order_id"]].append(row)
    for row in _table(folder / "olist_orders.parquet"):
        lines = _olist_lines(items.get(row["order_id"], []))
        if not lines or row["order_purchase_timestamp"] is None:
            left_out["olist: nothing was bought"] += 1
            continue
        status = OVER.get(row["order_status"], "open")
        freight = round(sum(one["freight_brl"] or 0 for one in items[row["order_id"]]), 2)
        placed = row["order_purchase_timestamp"]
        ended = row["order_delivered_customer_date"] or row["order_delivered_carrier_date"] or placed
        order = _order(
            "marketplace:olist",
            row["order_id"],
            currency="BRL",
            who=str(row["customer_unique_id"]),
            placed=placed,
            lines=lines,
        )
        order |= {"channel": "marketplace", "shipping": f"{freight:.2f}", "status": status}
        order["payment"] = _payment(status, _total(lines) + freight)
        order["address"] = {
            "city": row["customer_city"],
            "region": row["customer_state"],
            "postcode": f"{row['customer_zip_prefix']:05}",
            "country": "BR",
        }
        if status != "open":
            order["ended_at"] = _time(max(ended, placed))
        yield order


def _olist_lines(rows: list[Row]) -> list[Row]:
    units = Counter((row["product_id"], f"{row['price_brl']:.2f}", row["category"] or "") for row in rows)
    return [
        {
            "item": f"OL-{product[:12]}",
            "quantity": count,
            "unit_price": price,
            "title": f"{category.replace('_', ' ').capitalize() or 'Thing'} {product[:4]}",
            "method": "ship",
        }
        for (product, price, category), count in units.items()
    ]


def _retail(folder: Path, left_out: Counter[str]) -> Iterator[Order]:
    invoices: dict[str, list[Row]] = defaultdict(list)
    wanted = (
        "invoice",
        "stock_code",
        "description",
        "quantity",
        "invoice_ts",
        "unit_price_gbp",
        "customer_id",
    )
    for row in _table(folder / "online_retail_lines.parquet", columns=wanted):
        if not row["invoice"] or row["quantity"] <= 0 or (row["unit_price_gbp"] or 0) <= 0:
            left_out["retail: credit notes and write-offs"] += 1
        elif not row["stock_code"] or row["stock_code"].upper() in NO_GOODS:
            left_out["retail: postage and fees"] += 1
        else:
            invoices[row["invoice"]].append(row)
    for number, rows in invoices.items():
        placed, who = rows[0]["invoice_ts"], str(rows[0]["customer_id"] or number)
        for part in range(0, len(rows), LINES_MAX):
            lines = [_retail_line(row) for row in rows[part : part + LINES_MAX]]
            reference = f"UK-{number}" + (f"-{part // LINES_MAX + 1}" if part else "")
            order = _order("till:uk", reference, currency="GBP", who=who, placed=placed, lines=lines)
            order |= {"channel": "pos", "status": "closed", "ended_at": _time(placed)}
            order["payment"] = _payment("closed", _total(lines))
            yield order


def _retail_line(row: Row) -> Row:
    return {
        "item": f"UK-{row['stock_code'].upper().strip()}",
        "quantity": int(row["quantity"]),
        "unit_price": f"{row['unit_price_gbp']:.2f}",
        "title": (row["description"] or row["stock_code"]).strip().capitalize(),
        "method": "ship",
    }


def _order(
    source: str, reference: str, *, currency: str, who: str, placed: datetime, lines: list[Row]
) -> Order:
    """The names are made up; who bought twice keeps one."""
    name = NAMES[zlib.crc32(who.encode()) % len(NAMES)]
    return {
        "source": source,
        "reference": reference,
        "currency": currency,
        "customer": {"name": f"{name} {who[:6]}", "email": f"{who[:12].lower()}@example.com"},
        "placed_at": _time(placed),
        "lines": lines,
    }


def _payment(status: str, amount: float) -> Row:
    last = {"closed": "captured", "canceled": "voided"}.get(status, "authorized")
    return {"status": last, "amount": f"{amount:.2f}"}


def _total(lines: list[Row]) -> float:
    return sum(float(line["unit_price"]) * line["quantity"] for line in lines)


def _time(at: datetime) -> str:
    return at.replace(tzinfo=UTC).isoformat()


def _table(path: Path, columns: Iterable[str] | None = None) -> Iterator[Row]:
    try:
        from pyarrow import parquet  # only those who have the tables need it
    except ImportError as cause:
        raise NotThere(
            "Real orders need pyarrow: uv sync --group past. The made-up sample is used."
        ) from cause
    for batch in parquet.ParquetFile(path).iter_batches(columns=list(columns) if columns else None):
        yield from batch.to_pylist()


def write_lines(path: Path, rows: Iterable[Row]) -> int:
    """JSON lines; how many."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def main() -> int:
    """`python -m bench.past --out FOLDER`: items, orders and the peak day as files for `ambidex import`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--past", type=Path, help="the folder of the tables")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--days", type=int, default=20)
    asked = parser.parse_args()
    try:
        past = read_past(folder_of(asked.past))
    except NotThere as refused:
        print(refused, file=sys.stderr)
        return 2
    asked.out.mkdir(parents=True, exist_ok=True)
    print(write_lines(asked.out / "items.jsonl", items_of(past.orders)), "items")
    print(write_lines(asked.out / "orders.jsonl", past.orders), "orders")
    print(
        write_lines(asked.out / "peak-day.jsonl", peak_day(past.orders, days=asked.days)), "of the peak day"
    )
    print(dict(past.left_out), "left out")
    return 0


if __name__ == "__main__":
    sys.exit(main())
