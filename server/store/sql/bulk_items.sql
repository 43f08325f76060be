-- Items after a position. $1 run, $2 position, $3 how many. Index: bulk_item_pkey.
select i.case_id
from bulk_item i
where i.bulk_id = $1::uuid and i.position > $2::integer
order by i.position
limit $3::integer
