-- How often the search index was emptied.
select p.generation
from search_position p
