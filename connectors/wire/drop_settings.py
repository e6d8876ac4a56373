"""How a partner's drop is described: the settings of `csv_drop`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.base import STREAMS
from connectors.wire.drop_encodings import ENCODINGS
from connectors.wire.drop_rows import DELIMITERS
from connectors.wire.field_rules import FieldRule, check_mapping

_KEY = r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( [^\n]*)?"
_HOST_KEY = re.compile(rf"^(SHA256:[A-Za-z0-9+/]{{43}}=?|{_KEY})\s*\Z")
_SFTP = ("host", "username", "host_key")


def _name(**options: Any) -> fields.String:
    """The name of one file or folder, which leads nowhere else."""
    return fields.String(validate=validate.Regexp(r"^(?!\.)[^/\\\x00-\x1f]{1,100}\Z"), **options)


def _column(**options: Any) -> fields.String:
    return fields.String(validate=validate.Length(min=1, max=200), **options)


def _choice(*choices: str, **options: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(choices), **options)


class Tombstone(Schema):
    """The column that marks a deleted record, and what stands in it then, in whatever case."""

    column = _column(required=True)
    values = fields.List(fields.String(), load_default=lambda: ["1", "true", "yes", "evet", "delete", "deleted"])


class DropStream(Schema):
    """One stream's files. `columns` names the columns of files without a header row.

    `snapshot`: each file lists every living record; otherwise each holds what changed. `fields` is empty when the
    columns have our names.
    """

    pattern = _name(required=True)
    format = _choice("csv", "tsv", "jsonl", load_default="csv")
    encoding = _choice(*ENCODINGS, load_default="auto")
    delimiter = _choice("auto", *DELIMITERS, load_default="auto")
    quote = _choice('"', "'", "", load_default='"')
    columns = fields.List(_column(), load_default=list)
    snapshot = fields.Boolean(load_default=False)
    tombstone = fields.Nested(Tombstone, allow_none=True, load_default=None)
    rules = fields.List(fields.Nested(FieldRule), data_key="fields", load_default=list)


class DropDescription(Schema):
    """One partner's drop: where it is, what lies in it, when a file is whole, and what becomes of it then."""

    place = _choice("sftp", "folder", required=True)
    folder = fields.String(required=True, validate=validate.Length(min=1, max=1000))
    host = fields.String(validate=validate.Regexp(r"^[^\s/@]{1,253}\Z"))
    port = fields.Integer(load_default=22, validate=validate.Range(min=1, max=65_535))
    username = fields.String(validate=validate.Length(min=1, max=200))
    password = fields.String(load_only=True)
    private_key = fields.String(load_only=True)
    passphrase = fields.String(load_only=True)
    host_key = fields.String(validate=validate.Regexp(_HOST_KEY, error="Like 'ssh-ed25519 AAAA…' or 'SHA256:…'."))
    streams = fields.Dict(
        fields.String(validate=validate.OneOf(STREAMS)),
        fields.Nested(DropStream),
        load_default=lambda: {name: DropStream().load({"pattern": f"{name}_*.csv"}) for name in STREAMS},
        validate=validate.Length(min=1),
    )
    order = _choice("mtime", "name", load_default="mtime")
    ready = _choice("settled", "marker", "checksum", load_default="settled")
    settle_seconds = fields.Float(load_default=5.0, validate=validate.Range(min=0, max=30))
    marker_suffix = _column(load_default=None, allow_none=True)
    repeats = _choice("skip", "take", load_default="skip")
    archive = _choice("leave", "ack", "move", load_default="leave")
    ack_folder = _name(load_default=None, allow_none=True)
    done_folder = _name(load_default="done")
    out_folder = _name(load_default="out", allow_none=True)
    reference = _column(load_default="reference")
    op = _column(load_default="op")
    changed = _column(load_default="changed")
    quote_formulas = fields.Boolean(load_default=False)
    page_size = fields.Integer(load_default=500, validate=validate.Range(min=1, max=10_000))
    max_megabytes = fields.Integer(load_default=512, validate=validate.Range(min=1, max=16_384))

    @validates_schema(skip_on_field_errors=True)
    def maps_what_there_is(self, data: Mapping[str, Any], **_: Any) -> None:
        """Rules lead to places that exist."""
        wrong: dict[str, Any] = {name: _problem(name, stream["rules"]) for name, stream in data["streams"].items()}
        found = {name: {"value": {"fields": problems}} for name, problems in wrong.items() if problems}
        if found:
            raise ValidationError({"streams": found})

    @validates_schema(skip_on_field_errors=True)
    def knows_its_server(self, data: Mapping[str, Any], **_: Any) -> None:
        """SFTP needs a host, its key, a user and one way to prove it."""
        if data["place"] != "sftp":
            return
        missing = {name: ["place is sftp, which needs it."] for name in _SFTP if not data.get(name)}
        if not data.get("password") and not data.get("private_key"):
            missing["private_key"] = ["A private_key or a password is needed."]
        if missing:
            raise ValidationError(missing)

    @validates_schema(skip_on_field_errors=True)
    def keeps_folders_apart(self, data: Mapping[str, Any], **_: Any) -> None:
        """What we write must never be read as the partner's."""
        if data["out_folder"] is not None and data["out_folder"] in (data["done_folder"], data["ack_folder"]):
            raise ValidationError("Must be another folder than done_folder and ack_folder.", "out_folder")
        if ".." in data["folder"].split("/"):
            raise ValidationError("Must not hold '..'.", "folder")


def _problem(stream: str, rules: Sequence[Mapping[str, Any]]) -> Any:
    if rules and "external_id" not in {rule["ours"] for rule in rules}:
        return ["One field has to be our `external_id`."]
    return check_mapping(stream, rules)
