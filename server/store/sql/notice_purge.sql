-- Deletes notices older than $1, at most $2, with what was marked of them. One row: how many. Index: notice_pkey (age follows id).
with old as (
    select n.id from notice n where n.at < $1::timestamptz and n.id < (select min(k.id) + $2::bigint from notice k)
),
gone as (
    delete from notice where id in (select id from old) returning id
),
marks as (
    delete from notice_exception where notice_id in (select id from old)
)
select count(*)::integer as gone from gone
