"""Tidy rules about texts: pages, READMEs, and words that belong to one machine."""

import re
from collections.abc import Iterator

from tests.repo import ratchets
from tests.repo.sources import Source

# Spelled so that this file does not break its own rule.
MACHINE = re.compile(
    r"(?<![\w.~$}{:/-])/(?:home|Users|root|work|farm|opt|mnt)/[\w.-]+|"
    + "|".join(re.escape(host) for host in ("pypi" + ".org", "files.python" + "hosted.org"))
)
SCRIPT_WITHIN = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)[^>]*>"
    r"|\son(?:click|load|error|change|input|submit|focus|blur|key\w+|mouse\w+|pointer\w+|touch\w+)=",
    re.IGNORECASE,
)


def no_word_of_one_machine(source: Source) -> Iterator[str]:
    for number, line in enumerate(source.text.splitlines(), 1):
        for found in MACHINE.finditer(line):
            yield f"{number}: {found.group()} belongs to one machine"


def pages_carry_no_script(source: Source) -> Iterator[str]:
    if source.path.suffix != ".html" or source.path.parts[0] != "src":
        return
    for number, line in enumerate(source.text.splitlines(), 1):
        if SCRIPT_WITHIN.search(line):
            yield f"{number}: a script inside the page, which the content-security-policy refuses"


def domains_have_known_files(source: Source) -> Iterator[str]:
    if not source.is_in_domain:
        return
    inner = source.path.parts[4:]
    known = inner[0] in ratchets.DOMAIN_FILES if len(inner) == 1 else inner[0] in ratchets.DOMAIN_FOLDERS
    if not known:
        yield f"{'/'.join(inner)} is no file name of a domain"


def domains_tell_their_words(source: Source) -> Iterator[str]:
    if not (source.is_in_domain and source.path.name == "README.md"):
        return
    found = re.findall(r"^## (.+?)\s*$", source.text, re.MULTILINE)
    missing = [heading for heading in ratchets.README_HEADINGS if heading not in found]
    if missing:
        yield f"has no heading {', '.join(missing)}"
