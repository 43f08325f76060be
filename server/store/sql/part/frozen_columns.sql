-- A frozen report as frozen_read (report_frozen.c) takes it; f is frozen_report.
f.id, f.request_id, f.request_hash, f.request, f.region_code, f.title, f.title_en, f.as_of, f.frozen_at, f.frozen_by_name, f.note,
f.rows, f.digest, f.code
