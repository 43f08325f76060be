-- Writes one batch into the search index: $1 $2 the position it began at, $3 $4 where it ends, $5 to $7 new places, $8 to $10
-- segments, $11 to $13 postings. False if another worker was first.
select search_fold($1::text::xid8, $2::bigint, $3::text::xid8, $4::bigint, $5::uuid[], $6::integer[], $7::smallint[], $8::integer[],
    $9::smallint[], $10::bytea[], $11::integer[], $12::integer[], $13::bytea[]) as folded
