-- Empties the search index.
select search_reset() is null as done
