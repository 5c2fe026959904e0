"""The numbers and word lists of the tidy rules, in one place. A number may only become tighter."""

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 40
IMPORTS_MAX = 20
DOOR_NAMES_MAX = 25

BANNED_WORDS = frozenset(["data", "info", "manager", "helper", "util", "utils", "process", "handle", "misc"])
BANNED_FIRST_WORDS = frozenset({"do"})
# Names that a library looks for, so that we cannot choose them.
THEIR_NAMES = frozenset(
    {"data_received", "handle_DATA", "handle_RCPT", "process_bind_param", "process_result_value"}
)

DOMAIN_FILES = frozenset(
    [
        "__init__.py",
        "README.md",
        "model.py",
        "rules.py",
        "problems.py",
        "events.py",
        "ports.py",
        "tables.py",
        "store.py",
        "queries.py",
        "commands.py",
        "jobs.py",
    ]
)
# "rules" stands in place of rules.py where pure decisions fill more than one file (decision 0017)
DOMAIN_FOLDERS = frozenset({"templates", "rules"})
README_HEADINGS = ("Words", "States", "Invariants", "Events")

# Below the edge time, chance and identity are arguments.
BELOW_THE_EDGE = ("kernel", "domains", "flows", "reads")
CHANCE_MODULES = frozenset({"random", "secrets", "time"})
CHANCE_CALLS = frozenset(
    [
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "uuid.uuid1",
        "uuid.uuid4",
        "uuid.uuid7",
        "uuid1",
        "uuid4",
        "uuid7",
        "os.urandom",
    ]
)
SQL_MODULES = frozenset({"sqlalchemy", "asyncpg", "alembic"})
# Besides tables, store, queries, reads and runtime: the list of all tables, and what makes them.
SQL_FILES = frozenset(f"src/ambidex/entry/{name}.py" for name in ("tables", "migrate", "schema_sql"))
# Ids are drawn here when no simulator passes the chance in.
CHANCE_FILES = frozenset({"src/ambidex/kernel/ids.py"})
