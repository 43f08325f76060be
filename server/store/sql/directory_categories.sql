select id, code, name, name_en, top_name, group_name, initials, array_to_string(aliases, e'\x1f') as aliases, settle_allowed, counted,
    check_waived, active, array_to_string(handle_limit_minutes, ',') as handle_limit_minutes, evidence_settle, evidence_feedback
from category
order by code
