-- Sends the requests of a file, one a line: method, path, authorization, content type, body, separated by tabs.
-- Each thread begins elsewhere in the file. "@KEY@" becomes an idempotency key that was never used before.
local threads = 0
local ready = {}
local sent = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  for line in io.lines(args[1]) do
    local method, path, authorization, kind, body = line:match("^(.-)\t(.-)\t(.-)\t(.-)\t(.*)$")
    local headers = { ["Authorization"] = authorization }
    if kind ~= "" then headers["Content-Type"] = kind end
    if kind == "application/json" then headers["Idempotency-Key"] = "@KEY@" end
    local text = wrk.format(method, path, headers, body ~= "" and body or nil)
    local before, after = text:match("^(.-)@KEY@(.*)$")
    ready[#ready + 1] = before and { before, after } or text
  end
  run = args[2]
  sent = math.floor(number * #ready / 2)
end

function request()
  sent = sent + 1
  local next = ready[sent % #ready + 1]
  if type(next) == "string" then return next end
  return next[1] .. run .. "-" .. number .. "-" .. sent .. next[2]
end

function done(summary, latency)
  local errors = summary.errors
  local refused = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format(
    "RESULT %d %f %d %f %f %f\n",
    summary.requests, summary.duration / 1e6, refused, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    latency:percentile(95) / 1000
  ))
end
