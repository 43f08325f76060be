-- The days of the places of the segments $1. Index: search_segment_pkey.
select s.segment, s.days
from search_segment s
where s.segment = any ($1::integer[])
