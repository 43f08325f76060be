-- Cases that the search index does not hold as they are now, of the newest $1 events behind it: one row a case, or one without;
-- events is more than $1 if that is not all. Run with the scope of the server itself.
select b.generation, b.events, b.case_id
from search_behind($1::integer) b
