SELECT CAST(JSON_OBJECT(
  'id', u.id, 'name', CONVERT(u.Name USING utf8mb4),
  'real_name', CONVERT(u.RealName USING utf8mb4),
  'email', CONVERT(u.EmailAddress USING utf8mb4),
  'password', nullif(nullif(CONVERT(u.Password USING utf8mb4), ''), '*NO-PASSWORD*'),
  'disabled', p.Disabled,
  'privileged', (SELECT count(*) FROM GroupMembers m JOIN `Groups` g ON g.id = m.GroupId
    WHERE g.Domain = 'SystemInternal' AND g.Name = 'Privileged' AND m.MemberId = u.id),
  'created', DATE_FORMAT(u.Created, '%Y-%m-%d %H:%i:%s')) AS CHAR)
FROM Users u JOIN Principals p ON p.id = u.id
WHERE u.Name NOT IN ('RT_System', 'Nobody') ORDER BY u.id;
