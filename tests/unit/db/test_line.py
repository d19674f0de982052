"""An address is read alike by whoever opens a connection."""

import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url

from db import line


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:secret@there:5432/sessions",
        "postgresql://me:a/b+c=@there:5432/sessions",
        "postgresql://me:a%2Fb%40c@there:5432/sessions",
        "postgresql://me:a:b?c#d@there:5432/sessions",
        "postgresql://me@there/sessions?sslmode=require",
        "postgresql://there/sessions",
        "postgresql:///sessions?host=/run/postgresql",
        "postgresql://there/sessions?application_name=me@home",
    ],
)
def test_a_connection_without_an_engine_goes_where_the_engine_goes(address: str) -> None:
    [], wanted = make_url(address).get_dialect()().create_connect_args(make_url(address))

    read = conninfo_to_dict(line.as_libpq_reads(address))

    assert {name: str(value) for name, value in read.items()} == {name: str(value) for name, value in wanted.items()}
