SELECT json_build_object(
  'id', t.id, 'owner', t.Owner, 'hash', t.Token, 'description', t.Description,
  'created', to_char(t.Created, 'YYYY-MM-DD HH24:MI:SS'), 'created_by', t.Creator,
  'last_used', to_char(t.LastUsed, 'YYYY-MM-DD HH24:MI:SS'))::text
FROM AuthTokens t JOIN Users u ON u.id = t.Owner
WHERE u.Name NOT IN ('RT_System', 'Nobody') ORDER BY t.id;
