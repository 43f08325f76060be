-- The cursor of "from now on": everything visible lies below it, everything later above.
select pg_snapshot_xmin(pg_current_snapshot())::text as feed_xid, 0::bigint as seq
