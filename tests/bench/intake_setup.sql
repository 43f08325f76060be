-- SPDX-License-Identifier: MIT
-- What the opponent of the intake benchmark needs beside the schema: grids by number, a sequence for case numbers (cheaper than
-- the counter row an application would update), an id of the kind the server makes. Harmless when run again.
create table if not exists bench_grid (
    n integer primary key,
    code bigint not null
);
truncate bench_grid;
insert into bench_grid (n, code)
select row_number() over (order by code), code
from region
where level = 5;
analyze bench_grid;
create sequence if not exists bench_number start 1000000 cache 32;

create or replace function bench_uuid7() returns uuid
language sql
volatile
as $$
    select (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
        || '7' || substr(r, 14, 3) || '8' || substr(r, 18, 15))::uuid
    from (select replace(gen_random_uuid()::text, '-', '') as r) u
$$;
