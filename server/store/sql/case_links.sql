-- Cases merged into this one now, oldest merge first. $1 lead case, $2 limit. Index: case_link_lead_idx.
select l.case_id, f.number, l.merged_at
from case_link l
join case_file f on f.id = l.case_id
where l.lead_id = $1::uuid and l.split_version is null
order by l.merged_at, l.case_id
limit $2::integer
