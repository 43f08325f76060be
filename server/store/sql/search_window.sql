-- Postings of the terms $1 in the segments from $2 up to, not including, $3; and, as term null, the segments themselves with their
-- days if $4. Newest segment first. Index: search_posting_pkey.
select p.segment, p.term, p.hits, 0::smallint as slots
from search_posting p
where p.term = any ($1::integer[]) and p.segment >= $2::integer and p.segment < $3::integer
union all
select s.segment, null, null, s.slots
from search_segment s
where $4::boolean and s.segment >= $2::integer and s.segment < $3::integer
order by 1 desc
