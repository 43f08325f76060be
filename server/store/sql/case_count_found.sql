-- How many cases a filter finds among candidates of the search index, counted up to $16. $1 to $15 as case_list; $17 to $22 as
-- case_list_found's $21 to $26.
select case_count_found($1::smallint[], $2::bigint, $3::bigint, $4::smallint[], $5::integer, $6::timestamptz, $7::timestamptz,
    $8::timestamptz, $9::text, $10::uuid, $11::integer, $12::integer, $13::integer, $14::integer, $15::uuid, $16::integer, $17::uuid[],
    $18::date, $19::date, $20::integer[], $21::smallint[], $22::integer[]) as total
