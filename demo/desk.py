"""A dealer's service desk that only knows files: it reads what the hub drops for it and lists its own numbers for it.

Files are CSV as such programs write it: semicolons, Windows-1254, Turkish columns. One that is not whole yet ends in
`.part`. A file is read when its answer is written, so a desk that is killed answers it again, with the same numbers.
"""

import csv
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

NUMBER, REFERENCE, OPERATION = "No", "Referans", "İşlem"
ENCODING, DELIMITER = "cp1254", ";"
_LOOK_SECONDS = 5.0
Row = dict[str, str]


class Desk(Thread):
    """Answers in the background what stands in `folder/out`, until ended."""

    def __init__(self, folder: Path) -> None:
        super().__init__(name="desk", daemon=True)
        self._folder = folder
        self._over = Event()
        (folder / "out" / "okundu").mkdir(parents=True, exist_ok=True)

    def run(self) -> None:
        """Work until `end` is called."""
        while not self._over.wait(_LOOK_SECONDS):
            self.work()

    def end(self) -> None:
        """Stop before the next file."""
        self._over.set()
        self.join(timeout=2)

    def work(self) -> None:
        """Answer the files that wait, the oldest first."""
        for path in sorted((self._folder / "out").glob("*.csv")):
            self._answer(path)

    def _answer(self, path: Path) -> None:
        with path.open(encoding=ENCODING, newline="") as file:
            rows = list(csv.DictReader(file, delimiter=DELIMITER))
        answers = [row | {NUMBER: _number(row[REFERENCE])} for row in rows if row[OPERATION] == "create"]
        if answers:
            self._drop(answers)
        path.rename(path.parent / "okundu" / path.name)

    def _drop(self, rows: list[Row]) -> None:
        name = f"musteri_{datetime.now(UTC):%Y%m%dT%H%M%S%f}.csv"
        part = self._folder / f"{name}.part"
        columns = [each for each in rows[0] if each not in (OPERATION, "changed")]
        with part.open("w", encoding=ENCODING, newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore", delimiter=DELIMITER)
            writer.writeheader()
            writer.writerows(rows)
        part.rename(self._folder / name)


def _number(reference: str) -> str:
    """The desk's own number, always the same for one reference."""
    return f"SRV-{reference[-12:]}"
