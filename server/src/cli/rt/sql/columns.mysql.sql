SELECT CONVERT(lower(concat(c.TABLE_NAME, '.', c.COLUMN_NAME)) USING utf8mb4)
FROM information_schema.COLUMNS c WHERE c.TABLE_SCHEMA = database();
