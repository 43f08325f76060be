select day, working, name, region_code, shifts
from calendar_day
order by region_code, day
