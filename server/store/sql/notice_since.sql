-- An account's notices after one, oldest first, for those who watch. Parameters $1 to $11 as in notice_list.sql, $12 limit.
-- Indexes: notice_account_idx, notice_organ_idx, notice_region_idx.
select
    i.id, i.kind, i.case_id, i.event_version, i.at, i.approval, i.due_at, i.through_number, i.number, i.state, i.case_due_at,
    i.description, i.is_read, i.action, i.actor_id, i.actor_name, i.actor_role, i.actor_organ_id, i.grid_code
from inbox($1::uuid, $2::integer, $3::integer, $4::bigint, $5::bigint, $6::bigint, $7::integer, $8::uuid, $9::integer, $10::bigint, $11::bigint) i
order by i.id
limit $12::integer
