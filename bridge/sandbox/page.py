"""The stand-in's page: its cases as a firm would see them, fresh every two seconds."""

from collections.abc import Sequence
from html import escape

from bridge.sandbox.casebook import Case

_STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 16%, transparent); }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem }
h1 { font-size: 1.3rem; margin: 0 } p { margin: .2rem 0 1.4rem; opacity: .7 }
table { border-collapse: collapse; width: 100% }
th { text-align: left; font-weight: 600; font-size: .8rem; opacity: .65 }
th, td { padding: .5rem .7rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td.n { font-variant-numeric: tabular-nums; white-space: nowrap }
.s { white-space: nowrap } .s::before { content: "●"; margin-right: .45em }
.todial::before { color: #c98a00 } .inthedialer::before { color: #2f7ed8 }
.donotdial::before { color: #3a9b52 } ul { margin: 0; padding-left: 1.1em } li { margin: 0 }
"""
_HEAD = ("Case", "Phones", "Dialer status", "Next call", "Attempts", "Disposition", "Notes")


def render(cases: Sequence[Case]) -> str:
    """The page as HTML. Notes are HTML in SmartAdvocate, so here too they stand as they came."""
    head = "".join(f"<th>{name}</th>" for name in _HEAD)
    rows = "".join(map(_row, cases))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="refresh" content="2"><title>Pretend SmartAdvocate</title>'
        f"<style>{_STYLE}</style></head><body><h1>Pretend SmartAdvocate</h1>"
        f"<p>{len(cases)} cases. This page is what the firm would see in its case system.</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></body></html>"
    )


def _row(case: Case) -> str:
    phones = "<br>".join(escape(one["Phone"]) for one in case.phones)
    notes = "".join(f"<li>{note}</li>" for note in case.notes)
    kind = escape("".join(case.status.lower().split()))
    return (
        f'<tr><td class="n">{case.case_id}</td><td class="n">{phones}</td>'
        f'<td class="s {kind}">{escape(case.status)}</td>'
        f'<td class="n">{escape(case.dial_at.replace("T", " "))}</td>'
        f'<td class="n">{escape(case.attempts or "0")}</td>'
        f'<td class="n">{escape(case.disposition)}</td><td><ul>{notes}</ul></td></tr>'
    )
