-- All dispatch rules.
select
    r.id, r.category_prefix, r.region_code, r.weekdays, r.from_minute, r.to_minute, r.organ_id,
    array_to_string(r.co_organ_ids, ',') as co_organs, r.priority, r.note
from dispatch_rule r
order by r.id
