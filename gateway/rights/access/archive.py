"""An answer as a ZIP: `data.json` for a machine, `report.html` to read, and a file for each section."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from gateway.customers.telling import Section
from gateway.json_body import write_json
from gateway.rights.access import report

FORMAT, VERSION = "kopru.subject-access", 1


def packed(sections: list[tuple[Section, list[dict[str, Any]]]], customer_ids: list[UUID], made_at: datetime) -> bytes:
    """The archive of what each section told."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _files(sections, customer_ids, made_at):
            archive.writestr(zipfile.ZipInfo(name, made_at.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _files(
    sections: list[tuple[Section, list[dict[str, Any]]]], customer_ids: list[UUID], made_at: datetime
) -> Iterator[tuple[str, bytes]]:
    about = {"format": FORMAT, "version": VERSION, "made_at": made_at, "customer_ids": customer_ids}
    yield "data.json", write_json({**about, "sections": {section.name: rows for section, rows in sections}})
    yield "report.html", report.written(sections, made_at.isoformat(timespec="seconds"))
    for section, rows in sections:
        yield f"sections/{section.name}.json", write_json(rows)
