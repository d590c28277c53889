-- For wrk: sends one request after the other from a list.
-- usage: wrk -s tools/bench.lua URL -- METHOD PATH FILE
-- Each line of FILE is the value of Authorization, and after a tab a body, if any. All requests are
-- made beforehand, so that making them costs the same whatever is measured. Prints one line of
-- JSON.
local requests, place = {}, 0

function init(args)
  local method, path, file = args[1], args[2], args[3]
  for line in io.lines(file) do
    local authorization, body = line:match("^([^\t]*)\t?(.*)$")
    local headers = { ["Host"] = "127.0.0.1" }
    if authorization ~= "" then headers["Authorization"] = authorization end
    if body ~= "" then
      headers["Content-Type"] = "application/x-www-form-urlencoded"
      headers["Sec-Fetch-Site"] = "same-origin"
    else
      body = nil
    end
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
end

function request()
  place = place % #requests + 1
  return requests[place]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"refused":%d,"lost":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
