-- The first and the last segment; null in an empty index.
select min(s.segment) as lo, max(s.segment) as hi
from search_segment s
