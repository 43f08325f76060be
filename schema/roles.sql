-- The two group roles behind every connection of the server: read lanes switch to wangge_read, write lanes to wangge_write. Neither can
-- log in, owns anything or can make anything. Roles belong to the whole PostgreSQL server; several databases may share them.
-- Run again whenever it changes. Whoever migrates needs CREATEROLE, or an administrator makes the two roles before.
-- Locks: none that others wait for.
do $$
declare
    name text;
begin
    foreach name in array array['wangge_read', 'wangge_write'] loop
        if not exists (select from pg_roles where rolname = name) then
            begin
                execute format('create role %I nologin', name);
            exception
                when duplicate_object or unique_violation then null; -- another database migrates at the same time
                when insufficient_privilege then
                    raise exception 'the role % is missing; let an administrator run: create role % nologin', name, name
                        using errcode = 'WG902';
            end;
        end if;
    end loop;
end
$$;
