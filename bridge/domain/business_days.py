"""Business days: weekdays that are no federal holidays."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.domain.hours import Holidays, next_business_day

_SATURDAY = 5


def a_business_day_after(moment: datetime, zone: ZoneInfo, holidays: Holidays) -> datetime:
    """The same time of day on the next business day, in the firm's zone.

    What comes on a weekend or a holiday counts from the first minute of the business day after it.
    """
    there = moment.astimezone(zone)
    is_business_day = there.weekday() < _SATURDAY and not holidays(there.date(), None)
    start = moment if is_business_day else next_business_day(moment, zone, holidays)
    following = next_business_day(start, zone, holidays).astimezone(zone)
    time = start.astimezone(zone).timetz().replace(tzinfo=None)
    return datetime.combine(following.date(), time, zone).astimezone(moment.tzinfo)
