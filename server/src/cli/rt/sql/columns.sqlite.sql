SELECT lower(m.name || '.' || c.name) FROM sqlite_master m JOIN pragma_table_info(m.name) c
WHERE m.type = 'table';
