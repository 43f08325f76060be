-- How many whole attachments a case has. $1 case. Index: attachment_case_idx.
select count(*)::integer as n
from attachment a
where a.case_id = $1::uuid and a.complete
