-- A page of an account's notices, newest first. $1 account, $2 organ or null, $3 role, $4 region, $5 $6 region interval it sees,
-- $7 organ, $8 reporter and $9 source or null that its view is bound to, $10 after id, $11 before id, $12 bits of kinds, $13 unread only,
-- $14 limit. Indexes: notice_account_idx, notice_organ_idx, notice_region_idx.
select
    i.id, i.kind, i.case_id, i.event_version, i.at, i.approval, i.due_at, i.through_number, i.number, i.state, i.case_due_at,
    i.description, i.is_read, i.action, i.actor_id, i.actor_name, i.actor_role, i.actor_organ_id
from inbox($1::uuid, $2::integer, $3::integer, $4::bigint, $5::bigint, $6::bigint, $7::integer, $8::uuid, $9::integer, $10::bigint, $11::bigint) i
where ($12::integer >> i.kind) & 1 = 1 and not ($13::boolean and i.is_read)
order by i.id desc
limit $14::integer
