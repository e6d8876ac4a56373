"""Tables that hold a person and are not told of, with the reason why each is left out of an answer."""

from __future__ import annotations

_DERIVED = "made out of the record, to find it or to compare it"
_PASSING = "a copy of what is told, on its way for hours or days"
_MARK = "a mark of what lets somebody in, which tells nothing and must not be given away"
_ERASED = "speaks of those who were erased, who have no record to ask about"
_ANSWER = "the answers themselves"
_WORK = "what our staff has to do; what came of it is told as an interaction"

UNTOLD: dict[str, str] = {
    "customer_keys": _DERIVED,
    "attribute_keys": _DERIVED,
    "search_words": _DERIVED,
    "identity_profiles": _DERIVED,
    "identity_blocks": _DERIVED,
    "identity_terms": _DERIVED,
    "identity_pairs": "a guess whether two records are one person's, and so perhaps about somebody else",
    "merge_moves": "what it takes to undo a merge: copies of what is told",
    "events": _PASSING,
    "webhook_attempts": _PASSING,
    "idempotency_keys": _PASSING,
    "operations": "work that was asked for; what came of it is told where it belongs",
    "sync_operations": _PASSING,
    "sync_rejected": "refused, and so nobody's record: whose it may be is not known",
    "sync_received": _PASSING,
    "sync_runs": _PASSING,
    "sync_links": _PASSING,
    "sync_listed": _PASSING,
    "sync_previewed": _PASSING,
    "sync_requests": _PASSING,
    "sync_traffic": _PASSING,
    "sync_vanished": _PASSING,
    "transfers": _PASSING,
    "transfer_pieces": _PASSING,
    "access_archives": _ANSWER,
    "access_archive_pieces": _ANSWER,
    "issued_tokens": _MARK,
    "refresh_families": _MARK,
    "refresh_tokens": _MARK,
    "authorization_codes": _MARK,
    "erasures": _ERASED,
    "erasure_notices": _ERASED,
    "tombstones": _ERASED,
    "desk_items": _WORK,
    "desk_item_steps": _WORK,
}
