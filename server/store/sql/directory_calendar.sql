select day, working, name
from calendar_day
order by day
