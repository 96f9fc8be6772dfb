"""Returns that the comparisons read: generated in the layout `ibm-aml`, with their case files."""

from pathlib import Path

HEADER = ("Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,"
          "Amount Paid,Payment Currency,Payment Format,Is Laundering")
# The second column named Account has no name of its own, so the peers name all eleven.
COLUMNS = ["booked", "from_bank", "sender", "to_bank", "receiver", "received", "received_in",
           "paid", "paid_in", "channel", "marked"]
CASE = """title = "Peers"
currency = "USD"
timezone = "UTC"

[[source]]
path = "transfers.csv"
layout = "ibm-aml"
"""


def generate(path, rows, parts=1):
    """A return in the layout `ibm-aml`, in order of time: half of all ends fall on few accounts.

    Of several parts each is the same transfers between accounts of its own, so that a return of
    twice the rows and twice the parts has the same number of transfers at each account in the same
    ten days, and twice as many instances of every pattern. Drawing more would not do: what is
    found hangs on the few accounts and pairs that are drawn most often.
    """
    import numpy as np
    import polars as pl
    draw = np.random.Generator(np.random.PCG64(1848))
    rows //= parts
    accounts = max(10, rows // 10)
    number = np.array([f"8{at * 97 + 11:08X}" for at in range(accounts)])
    bank = np.array([f"{at:03d}" for at in draw.integers(1, max(100, accounts // 20), accounts)])
    pairs = max(10, rows // 2)

    skewed = lambda over, power, drawn: (over * draw.random(drawn) ** power).astype(np.int64)
    few = lambda: skewed(accounts, 4, pairs)
    many = lambda: draw.integers(0, accounts, pairs)
    either = lambda: np.where(draw.random(pairs) < 0.5, few(), many())
    from_pool, to_pool = either(), either()
    picked = skewed(pairs, 2, rows)
    sender, receiver = from_pool[picked], to_pool[picked]
    minute = np.sort(draw.integers(0, 10 * 24 * 60, rows))
    clock = np.array([f"2022/09/{1 + at // 1440:02d} {at // 60 % 24:02d}:{at % 60:02d}"
                      for at in range(10 * 24 * 60)])
    amount = np.round(np.exp(draw.normal(6.5, 2.0, rows)) + 0.01, 2)
    words = lambda listed: np.array(listed)[draw.integers(0, len(listed), rows)]
    currency = words(["US Dollar", "US Dollar", "Euro", "Yen", "Yuan", "UK Pound", "Swiss Franc"])
    channel = words(["Cheque", "Credit Card", "ACH", "Cash", "Wire"])
    frame = pl.DataFrame({
        "booked": clock[minute], "from_bank": bank[sender], "sender": number[sender],
        "to_bank": bank[receiver], "receiver": number[receiver], "received": amount,
        "received_in": currency, "paid": amount, "paid_in": currency, "channel": channel,
        "marked": np.zeros(rows, dtype=np.int8),
    })
    of_part = lambda part: frame.with_columns(
        pl.col("sender", "receiver").str.replace("^8", f"{8 + part}"))
    if parts > 1:
        frame = pl.concat([of_part(part) for part in range(parts)])
        frame = frame.sort("booked", maintain_order=True)
    with open(path, "wb") as out:
        out.write(HEADER.encode() + b"\n")
        frame.write_csv(out, include_header=False, float_precision=2)


def scan(path):
    import polars as pl
    texts = {name: pl.String for name in ["from_bank", "to_bank"]}
    floats = {name: pl.Float64 for name in ["received", "paid"]}
    return pl.scan_csv(path, new_columns=COLUMNS, schema_overrides=texts | floats)


def write_links(path):
    """The two accounts of each transfer by number, 32 bits each."""
    import numpy as np
    import polars as pl
    rows = scan(path).select("sender", "receiver").collect()
    names = pl.concat([rows["sender"], rows["receiver"].alias("sender")])
    number = (names.rank("dense") - 1).to_numpy().astype("<u4")
    np.stack([number[:len(rows)], number[len(rows):]], 1).tofile(Path(path).with_name("links"))
