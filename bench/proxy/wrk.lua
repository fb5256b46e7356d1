-- What wrk counted, as one line of JSON.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n#JSON {"requests":%d,"failed":%d,"us":%d,"p50":%.3f,"p99":%.3f}\n',
    summary.requests,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
