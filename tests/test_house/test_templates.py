"""Templates that a strict content security policy lets live, and files without a trace of one machine."""

import re
from pathlib import Path

from tests.test_house.source import ROOT

INLINE = {
    "style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\b(?:src|nonce|type=\"application/json\")\b)[^>]*>", re.IGNORECASE),
    "event attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "javascript address": re.compile(r"(?:href|action)\s*=\s*[\"']?javascript:", re.IGNORECASE),
}
COMMENTS = re.compile(r"{#.*?#}|{% comment.*?{% endcomment %}|<!--.*?-->", re.DOTALL)
# A sheet for WeasyPrint and a mail are no pages: they never meet the policy of our own answers.
NO_PAGES = ("pdf", "print", "mail")


def templates() -> list[Path]:
    folders = [
        ROOT / "templates",
        *(ROOT / app / "templates" for app in ("calls", "applications", "evaluation", "monitoring")),
    ]
    return sorted(path for folder in folders for path in folder.rglob("*.html"))


def offences(text: str) -> list[str]:
    text = COMMENTS.sub("", text)
    return [name for name, pattern in INLINE.items() if pattern.search(text)]


def test_no_template_needs_an_exception_to_the_policy():
    found = {
        str(path.relative_to(ROOT)): wrong
        for path in templates()
        if not any(part in path.parts for part in NO_PAGES)
        if (wrong := offences(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_the_guard_sees_what_it_forbids():
    assert offences('<p style="color:red">') == ["style attribute"]
    assert offences("<script>alert(1)</script>") == ["inline script"]
    assert offences('<a onclick="x()">') == ["event attribute"]
    assert offences('<script src="/static/x.js" defer></script><p data-style="x">') == []


def test_no_file_names_a_folder_of_one_machine():
    pattern = re.compile(r"(?<![\w.])/(?:home/\w|Users/\w|root/\w|work/\w)")
    suffixes = {".py", ".html", ".toml", ".md", ".yml", ".yaml", ".js", ".css", ".conf", ".cfg", ".csv", ".lock", ""}
    skipped = {".git", ".venv", ".data", "vendor", "node_modules", "staticfiles", "screenshots"}
    found = [
        str(path.relative_to(ROOT))
        for path in sorted(ROOT.rglob("*"))
        if not skipped & set(path.relative_to(ROOT).parts)
        and not any(part.endswith("_cache") or part in {"__pycache__", ".hypothesis"} for part in path.parts)
        and path.is_file()
        and path.suffix in suffixes
        and path != Path(__file__)
        and pattern.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


def test_every_icon_that_is_named_is_drawn():
    """An icon outside the sprite shows as nothing, and no browser complains."""
    drawn = set(re.findall(r'id="([^"]+)"', (ROOT / "static/vendor/icons/icons.svg").read_text(encoding="utf-8")))
    named = re.compile(r"""\{% icon "([^"]+)"|\bicon="([a-z0-9-]+)\"""")
    missing = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "templates").rglob("*.html")
        for pair in named.findall(path.read_text(encoding="utf-8"))
        for name in pair
        if name and name not in drawn
    }
    assert missing == set()


def test_a_key_is_never_written_as_an_amount():
    """From the thousandth row on `{{ row.pk }}` reads "1.000": a field's name, a value or an anchor that no longer matches."""
    bare = re.compile(r"\{\{ *([a-z_.0-9]*\bpk|(?:[a-z_]*file|letter|row|item)\.id|call\.year) *\}\}")
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in templates()
        for name in bare.findall(COMMENTS.sub("", path.read_text(encoding="utf-8")))
    }
    assert found == set()


KEPT = re.compile(r"{% once %}(.*?){% endonce %}", re.DOTALL)
INCLUDED = re.compile(r'{% include "([^"]+)" %}')
SAME_FOR_ALL = {"static", "url", "icon", "include", "load"}


def personal(text: str) -> list[str]:
    """What could differ from one reader or moment to the next: variables, and every tag but addresses, files and icons."""
    text = COMMENTS.sub("", text)
    found = re.findall(r"{{.*?}}", text) + [tag for tag in re.findall(r"{% (\w+)", text) if tag not in SAME_FOR_ALL]
    for name in INCLUDED.findall(text):
        found += personal((ROOT / "templates" / name).read_text(encoding="utf-8"))
    return found


def test_what_is_rendered_once_says_nothing_of_a_person_or_a_moment():
    """It is kept as the first reader got it."""
    kept = {path: KEPT.findall(path.read_text(encoding="utf-8")) for path in templates()}
    assert any(kept.values())
    assert {str(path): wrong for path, parts in kept.items() for part in parts if (wrong := personal(part))} == {}
    assert personal("{{ user }}{% if a %}{% icon 'x' %}{% url 'a' %}") == ["{{ user }}", "if"]
