-- Calendars with their weekly patterns, the one that holds the rest of the year first; a calendar without patterns has one row of nulls.
select c.region_code, c.code, c.name, c.utc_offset_minutes, s.from_month_day, s.to_month_day, s.weekdays, s.shifts
from calendar c
left join calendar_season s on s.region_code = c.region_code
order by c.region_code, s.from_month_day nulls first, s.seq
