-- A page of cases by filter among candidates of the search index. $1 to $20 as case_list; $21 cases by id, of them those of the days $22
-- to $23; $24 $25 $26 places of the index: segments, slots, days since 1970-01-01.
select :case_columns
from case_list_found($1::smallint[], $2::bigint, $3::bigint, $4::smallint[], $5::integer, $6::timestamptz, $7::timestamptz,
    $8::timestamptz, $9::text, $10::uuid, $11::integer, $12::integer, $13::integer, $14::integer, $15::uuid, $16::integer, $17::date,
    $18::timestamptz, $19::uuid, $20::integer, $21::uuid[], $22::date, $23::date, $24::integer[], $25::smallint[], $26::integer[]) c
