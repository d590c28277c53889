SELECT json_object(
  'id', t.id, 'owner', t.Owner, 'hash', t.Token, 'description', t.Description,
  'created', t.Created, 'created_by', t.Creator, 'last_used', t.LastUsed)
FROM AuthTokens t JOIN Users u ON u.id = t.Owner
WHERE u.Name NOT IN ('RT_System', 'Nobody') ORDER BY t.id;
