select id, code, name, kind, region_code, region_level, initials, active
from organ
order by code
