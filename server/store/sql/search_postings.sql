-- The postings of the pairs of term $1 and segment $2 that exist. Index: search_posting_pkey.
select p.term, p.segment, p.hits
from unnest($1::integer[], $2::integer[]) u (term, segment)
join search_posting p on p.term = u.term and p.segment = u.segment
