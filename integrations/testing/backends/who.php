<?php // What a PHP program knows of its request.
header('Content-Type: application/json');
$headers = function_exists('getallheaders') ? array_change_key_case(getallheaders()) : [];
echo json_encode(array_filter($_SERVER, 'is_scalar') + $headers);
