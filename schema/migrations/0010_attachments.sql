-- Purpose: evidence: files of cases, in chunks.
-- Locks: none on existing data. Backfill: none. Rollback: drop the two tables.
--
-- An attachment may arrive before its case does (a worker reports with photos), so there is no foreign key to case_file. It becomes the
-- evidence of a step by carrying that step's request_id: it counts once an event with that id exists, and is free again if none ever does.

create table attachment (
    id uuid not null,
    case_id uuid not null,
    grid_code bigint not null default 0,
    uploader_id uuid not null,
    uploader_name text not null,
    uploader_role smallint not null,
    name text not null,
    sent_size integer not null,
    sent_sha256 bytea not null,
    received integer not null default 0,
    complete boolean not null default false,
    kind smallint not null default 0,
    size integer not null default 0,
    sha256 bytea,
    taken_at timestamptz,
    latitude double precision,
    longitude double precision,
    uploaded_at timestamptz not null,
    request_id uuid,
    constraint attachment_pkey primary key (id),
    constraint attachment_name_check check (char_length(name) between 1 and 120),
    constraint attachment_size_check check (sent_size between 1 and 8388608 and received between 0 and sent_size and size between 0 and 8389632),
    constraint attachment_hash_check check (octet_length(sent_sha256) = 32 and octet_length(sha256) = 32),
    constraint attachment_complete_check check (not complete or (received = sent_size and kind > 0 and sha256 is not null))
);
comment on table attachment is 'Files of cases. Rows are never deleted; what was sent is replaced by what is kept once it is whole.';
comment on column attachment.id is 'UUIDv7 given by the uploader.';
comment on column attachment.case_id is 'The case; it may not exist yet.';
comment on column attachment.grid_code is 'Of the case, 15 digits; 0 until the case exists.';
comment on column attachment.uploader_id is 'Account that sends it.';
comment on column attachment.uploader_name is 'Display name at the time.';
comment on column attachment.uploader_role is 'As wangge.v1.Role.';
comment on column attachment.name is 'File name without a path.';
comment on column attachment.sent_size is 'Bytes as sent.';
comment on column attachment.sent_sha256 is 'SHA-256 of the bytes as sent.';
comment on column attachment.received is 'Bytes that are durable.';
comment on column attachment.complete is 'Whole, checked and stripped.';
comment on column attachment.kind is '1 JPEG, 2 PNG, 3 WebP, 4 PDF, 5 MP4, 6 MP3, by content.';
comment on column attachment.size is 'Bytes as kept.';
comment on column attachment.sha256 is 'SHA-256 of the bytes as kept.';
comment on column attachment.taken_at is 'When a photo says it was taken.';
comment on column attachment.latitude is 'Where it says so, degrees north.';
comment on column attachment.longitude is 'Where it says so, degrees east.';
comment on column attachment.uploaded_at is 'When the upload began.';
comment on column attachment.request_id is 'The request it is evidence of; it counts if an event has this id.';

create index attachment_case_idx on attachment (case_id, id);
-- The same photo as evidence of two cases is found by it.
create index attachment_sha256_idx on attachment (sha256) where complete;

create table attachment_chunk (
    attachment_id uuid not null,
    kept boolean not null,
    at integer not null,
    data bytea not null,
    constraint attachment_chunk_pkey primary key (attachment_id, kept, at),
    constraint attachment_chunk_attachment_fkey foreign key (attachment_id) references attachment (id),
    constraint attachment_chunk_data_check check (octet_length(data) between 1 and 262144)
);
-- Photos do not compress: asking PostgreSQL to try costs time and gains nothing.
alter table attachment_chunk alter column data set storage external;
comment on table attachment_chunk is 'Their bytes.';
comment on column attachment_chunk.attachment_id is 'The attachment.';
comment on column attachment_chunk.kept is 'False: as sent, until it is whole. True: as kept.';
comment on column attachment_chunk.at is 'Offset of the first byte.';
comment on column attachment_chunk.data is 'At most 256 KiB.';
