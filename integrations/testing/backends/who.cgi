#!/usr/bin/env python3
"""What a CGI program knows of its request."""

import json
import os

print("Content-Type: application/json\n")
print(json.dumps(dict(os.environ)))
