-- Cases a light of which has changed, the longest due first. $1 now, $2 limit. Index: case_file_light_idx.
select c.id, c.next_light_at as due_at
from case_file c
where c.next_light_at <= $1::timestamptz
order by c.next_light_at
limit $2::integer
