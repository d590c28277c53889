SELECT json_object(
  'id', u.id, 'name', CAST(u.Name AS TEXT), 'real_name', CAST(u.RealName AS TEXT),
  'email', CAST(u.EmailAddress AS TEXT),
  'password', nullif(nullif(CAST(u.Password AS TEXT), ''), '*NO-PASSWORD*'),
  'disabled', p.Disabled,
  'privileged', (SELECT count(*) FROM GroupMembers m JOIN Groups g ON g.id = m.GroupId
    WHERE g.Domain = 'SystemInternal' AND g.Name = 'Privileged' AND m.MemberId = u.id),
  'created', CAST(u.Created AS TEXT))
FROM Users u JOIN Principals p ON p.id = u.id
WHERE u.Name NOT IN ('RT_System', 'Nobody') ORDER BY u.id;
