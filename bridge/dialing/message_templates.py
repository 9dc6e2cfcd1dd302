"""The firm's own words, with its name and number fill_in in."""

from bridge.domain.message_wording import fill_in
from bridge.domain.phones import display
from bridge.settings import Settings


def firm_words(settings: Settings, template: str) -> str:
    """A text or voicemail of the settings as people get it."""
    phone = display(settings.firm_phone) if settings.firm_phone else ""
    return fill_in(template, firm=settings.firm_name or "", phone=phone)
