"""Business days: weekdays that are no federal holidays."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bridge.domain.hours import Holidays, next_business_day

_SATURDAY = 5


def a_business_day_after(moment: datetime, zone: ZoneInfo, holidays: Holidays) -> datetime:
    """The same time of day on the next business day, in the firm's zone.

    What comes on a weekend or a holiday counts from the first minute of the business day after it.
    """
    there = moment.astimezone(zone)
    is_business_day = _is_business_day(there.date(), holidays)
    start = moment if is_business_day else next_business_day(moment, zone, holidays)
    following = next_business_day(start, zone, holidays).astimezone(zone)
    time_of_day = start.astimezone(zone).timetz().replace(tzinfo=None)
    return datetime.combine(following.date(), time_of_day, zone).astimezone(moment.tzinfo)


def a_business_day_before(now: datetime, zone: ZoneInfo, holidays: Holidays) -> datetime:
    """What came at this moment or before has waited for a business day by now.

    The last moment for which `a_business_day_after` isn't later than `now`.
    """
    there = now.astimezone(zone)
    if _is_business_day(there.date(), holidays):
        day, time_of_day = _previous(there.date(), holidays), there.time()
    else:
        day, time_of_day = _previous(_previous(there.date(), holidays), holidays), time.max
    return datetime.combine(day, time_of_day, zone).astimezone(now.tzinfo)


def _previous(day: date, holidays: Holidays) -> date:
    day -= timedelta(days=1)
    while not _is_business_day(day, holidays):
        day -= timedelta(days=1)
    return day


def _is_business_day(day: date, holidays: Holidays) -> bool:
    return day.weekday() < _SATURDAY and not holidays(day, None)
