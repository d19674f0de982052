"""What nobody can ask for any more is forgotten, and nothing else."""

from datetime import timedelta

from sqlalchemy import select

from db import engine as database
from db.models import IdempotencyKey, LedgerBatch
from services import changes, repeats
from services.repeats import Asked, Told
from services.sweep import sweep
from tests.integration.conftest import Studio

TOLD = Told(status=201, headers={}, body=b"{}")


def test_old_answers_and_old_places_in_the_ledger_go_and_young_ones_stay(studio: Studio) -> None:
    with database.transaction(studio.engine) as (tx, now):
        for hours in (23, 25):
            asked = Asked(tenant_id=studio.tenant_id, scope=bytes([hours]), asked=b"")
            tx.add(
                IdempotencyKey(
                    tenant_id=asked.tenant_id, scope=asked.scope, asked=asked.asked, status=TOLD.status,
                    headers=TOLD.headers, body=TOLD.body, created_at=now - timedelta(hours=hours),
                )
            )  # fmt: skip
        for days in (1, 40):
            tx.add(LedgerBatch(transaction_id=days, applied_at=now - timedelta(days=days), sessions=1))

    first, again = sweep(studio.engine), sweep(studio.engine)

    assert (first, again) == ({"answers": 1, "ledger_batches": 1}, {})
    with database.transaction(studio.engine) as (tx, _):
        assert list(tx.scalars(select(IdempotencyKey.scope))) == [bytes([23])]
        assert list(tx.scalars(select(LedgerBatch.transaction_id))) == [1]


def test_what_is_swept_is_what_is_not_good_any_more() -> None:
    assert timedelta(hours=24) == repeats.KEPT
    assert timedelta(days=30) == changes.KEPT
