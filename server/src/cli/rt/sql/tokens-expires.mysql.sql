SELECT CAST(JSON_OBJECT(
  'id', t.id, 'owner', t.Owner, 'hash', CONVERT(t.Token USING utf8mb4),
  'description', CONVERT(t.Description USING utf8mb4),
  'created', DATE_FORMAT(t.Created, '%Y-%m-%d %H:%i:%s'), 'created_by', t.Creator,
  'last_used', DATE_FORMAT(t.LastUsed, '%Y-%m-%d %H:%i:%s'),
  'expires', DATE_FORMAT(t.Expires, '%Y-%m-%d %H:%i:%s')) AS CHAR)
FROM AuthTokens t JOIN Users u ON u.id = t.Owner
WHERE u.Name NOT IN ('RT_System', 'Nobody') ORDER BY t.id;
