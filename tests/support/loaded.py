"""What nearly every process of the bridge loads: ahead of the fork by `forking.py`."""

import pkgutil
from importlib import import_module

from bridge import checking, commands
from bridge.adapters import geography

_PROGRAMS = (
    "bridge.cli",
    "bridge.dialing.dialer",
    "bridge.server",
    "bridge.store.migrate",
    "bridge.worker",
    "sqlalchemy.dialects.postgresql",
    "twilio.rest",
)

for name in _PROGRAMS:
    import_module(name)
for package in (checking, commands):
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        import_module(module.name)
geography.load()
