"""Canaille on a port of this machine, with two people, a client and a group.

`make openid` fetches what runs it. Told on standard input, a line each: ``sign in NAME``,
``into finance NAME``, ``out of finance NAME``, ``new key``. Answers each with a line.
"""

import datetime as dt
import sys
import threading
import uuid

import pytest_iam
from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.backends.memory.backend import MemoryBackend
from joserfc.jwk import JWKRegistry


def key():
    made = JWKRegistry.generate_key("RSA", 2048)
    made.ensure_kid()
    return made.as_dict(private=True)


def found_by_all(self, model, *args, **kwargs):
    """What is asked for by several attributes has all of them: Canaille takes what has any one."""
    found = [by_any(self, model, **{name: value}) for name, value in kwargs.items()] or [by_any(self, model)]
    ids = set.intersection(*({each.id for each in some} for some in found))
    return [each for each in found[0] if each.id in ids]


by_any, MemoryBackend.do_query = MemoryBackend.do_query, found_by_all
port, client, secret, callback = int(sys.argv[1]), *sys.argv[2:5]
configuration = {
    "TESTING": True, "SECRET_KEY": str(uuid.uuid4()), "WTF_CSRF_ENABLED": False,
    "PREFERRED_URL_SCHEME": "http", "SERVER_NAME": f"localhost:{port}",
    "CANAILLE": {"DATABASE": "memory", "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}}},
    "CANAILLE_OIDC": {"ACTIVE_JWKS": [key()]},
}  # fmt: skip
app = create_app(config=configuration, env_file=".no-such-env", env_prefix="NO_SUCH_")
server = pytest_iam.Server(app, port, Backend.instance)
people, finance = {}, None
with app.app_context():
    for name in ("ada", "bo"):
        people[name] = models.User(
            user_name=name, family_name=name, emails=[f"{name}@example.org"], formatted_name=name
        )
        Backend.instance.save(people[name])
    finance = models.Group(display_name="finance", members=[people["ada"]])
    Backend.instance.save(finance)
    registered = models.Client(
        client_id=client, client_secret=secret, client_name="phasegate", client_uri="http://localhost",
        client_id_issued_at=dt.datetime.now(dt.UTC), redirect_uris=[callback],
        grant_types=["authorization_code"], response_types=["code"], scope=["openid", "groups"],
        token_endpoint_auth_method="client_secret_basic",
    )  # fmt: skip
    Backend.instance.save(registered)
    Backend.instance.update(registered, audience=[registered])
    Backend.instance.save(registered)
    for person in people.values():
        server.consent(person)
threading.Thread(target=server.httpd.serve_forever, daemon=True).start()
print("ready", flush=True)
for line in sys.stdin:
    match line.split():
        case ["sign", "in", name]:
            server.login(people[name])
        case ["into" | "out", *_, name]:
            with app.app_context():
                members = [each for each in finance.members if each.user_name != name]
                finance.members = [*members, *([people[name]] if line.startswith("into") else [])]
                Backend.instance.save(finance)
        case ["new", "key"]:
            app.config["CANAILLE_OIDC"]["ACTIVE_JWKS"] = [key()]
    print("done", flush=True)
