select id, clock, category_prefix, urgency, region_code, unit, amount, valid_from, valid_to
from limit_rule
order by id
