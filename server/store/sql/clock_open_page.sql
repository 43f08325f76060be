-- Open cases of a region in the order of grid and id. $1, $2 region, $3 grid and $4 id after which to go on, $5 how many; columns as case_get.
-- Index: case_file_open_idx.
select :case_columns
from case_file c
where c.state <= 9 and c.grid_code between $1::bigint and $2::bigint and (c.grid_code, c.id) > ($3::bigint, $4::uuid)
order by c.grid_code, c.id
limit $5::integer
