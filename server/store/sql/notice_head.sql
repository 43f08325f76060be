-- The newest notice: where "from now on" begins. Index: notice_pkey.
select coalesce(max(id), 0) as id from notice
