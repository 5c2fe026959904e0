"""Identity: who signs in, which roles they hold where, sessions of people and tokens of programs."""

from ambidex.domains.identity.commands import (
    create_token,
    lock,
    open_session,
    put_accounts,
    revoke_token,
    sign_out,
    touch,
    try_once,
)
from ambidex.domains.identity.model import (
    Account,
    Device,
    Grant,
    NewAccount,
    NewToken,
    Role,
    SessionKeys,
    SignedIn,
)
from ambidex.domains.identity.problems import WrongCredentials
from ambidex.domains.identity.queries import (
    account_by_login,
    accounts_at,
    actor_for_session,
    actor_for_token,
    tokens_list,
)
from ambidex.domains.identity.rules import check_secrets

__all__ = [
    "Account",
    "Device",
    "Grant",
    "NewAccount",
    "NewToken",
    "Role",
    "SessionKeys",
    "SignedIn",
    "WrongCredentials",
    "account_by_login",
    "accounts_at",
    "actor_for_session",
    "actor_for_token",
    "check_secrets",
    "create_token",
    "lock",
    "open_session",
    "put_accounts",
    "revoke_token",
    "sign_out",
    "tokens_list",
    "touch",
    "try_once",
]
