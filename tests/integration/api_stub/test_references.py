"""What sessions refer to: six kinds, one way."""

from uuid import uuid4

import httpx
import pytest

from api_stub import roles
from tests.integration.api_stub.conftest import Make, checked, pointers


@pytest.mark.parametrize("kind", roles.KINDS)
def test_one_is_made_read_changed_and_deleted(admin: httpx.Client, kind: str) -> None:
    own = {"email": f"{uuid4().hex}@example.org"} if kind == "users" else {"description": "d", "type": "t"}

    made = admin.post(f"/{kind}", json={"name": "first"} | own)

    path = f"/{kind}/{checked(made, 201)['id']}"
    assert made.headers["Location"] == f"/api/v1{path}"
    assert checked(admin.get(path), 200) == made.json()
    assert own.items() <= made.json().items()
    changed = checked(admin.patch(path, json={"name": "second"}), 200)
    assert (changed["name"], own.items() <= changed.items()) == ("second", True)
    assert (admin.delete(path).status_code, admin.get(path).status_code) == (204, 404)


def test_a_page_follows_a_page_in_the_order_of_making(admin: httpx.Client, make: Make) -> None:
    made = [make("subjects")["id"] for _ in range(5)]
    seen: list[str] = []
    params: dict[str, str | int] = {"limit": 2}

    while True:
        page = checked(admin.get("/subjects", params=params), 200)
        seen += [one["id"] for one in page["data"]]
        if page["nextCursor"] is None:
            break
        params["cursor"] = page["nextCursor"]

    assert [id_ for id_ in seen if id_ in made] == made
    assert len(seen) == len(set(seen))
    assert pointers(checked(admin.get("/spaces", params=params), 422)) == {"/cursor"}


def test_an_address_is_one_persons(admin: httpx.Client, make: Make) -> None:
    ada = make("users")

    taken = admin.post("/users", json={"name": "Bob", "email": ada["email"]})

    assert pointers(checked(taken, 422)) == {"/email"}
    assert pointers(checked(admin.post("/users", json={"name": "Bob", "email": "nowhere"}), 422)) == {"/email"}
    assert pointers(checked(admin.post("/users", json={"email": "a@b"}), 422)) == {"/name"}
    assert pointers(checked(admin.patch(f"/users/{ada['id']}", json={"name": None}), 422)) == {"/name"}
    assert pointers(checked(admin.patch(f"/users/{ada['id']}", json={"role": "king"}), 422)) == {"/role"}


def test_what_is_referred_to_stays(admin: httpx.Client, make: Make, plan: Make) -> None:
    space = make("spaces")["id"]
    plan(spaceId=space)

    assert checked(admin.delete(f"/spaces/{space}"), 409)["code"] == "conflict"
    assert admin.get(f"/spaces/{space}").status_code == 200


def test_an_address_is_one_persons_in_whatever_case(admin: httpx.Client, stranger: httpx.Client, make: Make) -> None:
    local = uuid4().hex
    ada, bob = make("users", email=f"{local}@Example.org"), make("users")
    shouted = f"{local.upper()}@EXAMPLE.org"

    made = admin.post("/users", json={"name": "Eve", "email": shouted})
    changed = admin.patch(f"/users/{bob['id']}", json={"email": shouted})
    own = admin.patch(f"/users/{ada['id']}", json={"email": shouted})

    assert pointers(checked(made, 422)) == pointers(checked(changed, 422)) == {"/email"}
    assert checked(own, 200)["email"] == shouted
    assert stranger.post("/users", json={"name": "Ada", "email": shouted}).status_code == 201


@pytest.mark.parametrize("kind", ["spaces", "users"])
def test_if_match_refuses_a_change_of_what_somebody_else_changed(admin: httpx.Client, make: Make, kind: str) -> None:
    path = f"/{kind}/{make(kind)['id']}"
    tag = admin.get(path).headers["ETag"]

    first = admin.patch(path, json={"name": "first"}, headers={"If-Match": f'"x", {tag}'})
    second = admin.patch(path, json={"name": "second"}, headers={"If-Match": tag})
    deleted = admin.delete(path, headers={"If-Match": tag})

    assert first.status_code == 200
    assert [checked(answer, 412)["code"] for answer in (second, deleted)] == ["version_mismatch"] * 2
    assert checked(admin.get(path), 200)["name"] == "first"
    assert admin.patch(path, json={"name": "any"}, headers={"If-Match": "*"}).status_code == 200
    assert admin.delete(path, headers={"If-Match": admin.get(path).headers["ETag"]}).status_code == 204


def test_a_parameter_that_a_deletion_does_not_have_is_refused(admin: httpx.Client, make: Make) -> None:
    path = f"/users/{make('users')['id']}"

    assert pointers(checked(admin.delete(path, params={"foo": "1"}), 422)) == {"/foo"}
    assert admin.delete(path).status_code == 204
