-- New notices with their audiences, in the order of their ids, for the workers' watchers. $1 after id, $2 limit. Index: notice_pkey.
select n.id, n.account_id, n.organ_id, n.region_code, n.roles
from notice n
where n.id > $1::bigint
order by n.id
limit $2::integer
