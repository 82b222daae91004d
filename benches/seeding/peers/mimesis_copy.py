"""Users by mimesis, through psycopg's COPY."""

import os
import random
import sys
import uuid
from datetime import datetime, timedelta, timezone

import psycopg
from mimesis import Person
from mimesis.locales import Locale

COLUMNS = (
    "id, email, full_name, display_name, password_hash, status, is_system, "
    "last_login_at, created_at, updated_at"
)
STATUSES = ["active", "invited", "suspended", "disabled"]
TODAY = datetime(2026, 3, 2, tzinfo=timezone.utc)

person = Person(Locale.EN, seed=42)
draw = random.Random(42)


def user(row):
    given, family = person.first_name(), person.last_name()
    since = TODAY - timedelta(minutes=draw.randrange(60 * 24 * 700))
    seen = TODAY - timedelta(minutes=draw.randrange(60 * 24 * 21))
    email = f"{given}.{family}{row}@example.com".lower().replace(" ", "")
    status = draw.choice(STATUSES)
    return (uuid.uuid4(), email, f"{given} {family}", given, "!", status, False, seen, since, since)


with psycopg.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
    with cursor.copy(f"COPY users ({COLUMNS}) FROM STDIN") as copy:
        for row in range(int(sys.argv[1])):
            copy.write_row(user(row))
