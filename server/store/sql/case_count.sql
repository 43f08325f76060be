-- How many cases a filter finds, counted up to $16. Parameters as case_list's $1 to $15.
select case_count($1::smallint[], $2::bigint, $3::bigint, $4::smallint[], $5::integer, $6::timestamptz, $7::timestamptz,
    $8::timestamptz, $9::text, $10::uuid, $11::integer, $12::integer, $13::integer, $14::integer, $15::uuid, $16::integer) as total
