SELECT json_object(
  'id', t.id, 'owner', t.Owner, 'hash', CAST(t.Token AS TEXT),
  'description', CAST(t.Description AS TEXT),
  'created', CAST(t.Created AS TEXT), 'created_by', t.Creator,
  'last_used', CAST(t.LastUsed AS TEXT))
FROM AuthTokens t JOIN Users u ON u.id = t.Owner
WHERE u.Name NOT IN ('RT_System', 'Nobody') ORDER BY t.id;
