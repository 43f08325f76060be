-- The whole directory, read when a worker starts and after directory_changed.
select code, level, name, initials, valid_from, valid_to, array_to_string(boundary, ',') as boundary
from region
order by code, level
