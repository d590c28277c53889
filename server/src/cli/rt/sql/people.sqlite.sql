SELECT json_object(
  'id', u.id, 'name', u.Name, 'real_name', u.RealName, 'email', u.EmailAddress,
  'password', nullif(nullif(u.Password, ''), '*NO-PASSWORD*'), 'disabled', p.Disabled,
  'privileged', (SELECT count(*) FROM GroupMembers m JOIN Groups g ON g.id = m.GroupId
    WHERE g.Domain = 'SystemInternal' AND g.Name = 'Privileged' AND m.MemberId = u.id),
  'created', u.Created)
FROM Users u JOIN Principals p ON p.id = u.id
WHERE u.Name NOT IN ('RT_System', 'Nobody') ORDER BY u.id;
