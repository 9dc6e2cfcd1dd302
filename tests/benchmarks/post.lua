-- Posts the presigned `requests`, each thread its own share of them, none twice.
local threads = 0

function setup(thread)
  thread:set("share", threads)
  threads = threads + 1
end

function init(args)
  position = share - 1
end

function request()
  position = position + 2
  local row = requests[position % #requests + 1]
  local headers = {
    ["Content-Type"] = "application/x-www-form-urlencoded",
    ["X-Twilio-Signature"] = row[3],
  }
  return wrk.format("POST", row[1], headers, row[2])
end
