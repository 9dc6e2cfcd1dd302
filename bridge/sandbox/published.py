"""Twilio's published parameter names, version 2010-04-01.

Facts of its OpenAPI description, github.com/twilio/twilio-oai at d50069b (14 April 2026),
spec/json/twilio_api_v2010.json.
"""

# fmt: off
CREATE_CALL = frozenset({
    "ApplicationSid", "AsyncAmd", "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod", "Byoc",
    "CallReason", "CallToken", "CallerId", "ClientNotificationUrl", "FallbackMethod", "FallbackUrl",
    "From", "MachineDetection", "MachineDetectionSilenceTimeout",
    "MachineDetectionSpeechEndThreshold", "MachineDetectionSpeechThreshold",
    "MachineDetectionTimeout", "Method", "Record", "RecordingChannels", "RecordingStatusCallback",
    "RecordingStatusCallbackEvent", "RecordingStatusCallbackMethod", "RecordingTrack",
    "SendDigits", "SipAuthPassword", "SipAuthUsername", "StatusCallback", "StatusCallbackEvent",
    "StatusCallbackMethod", "TimeLimit", "Timeout", "To", "Trim", "Twiml", "Url",
})
UPDATE_CALL = frozenset({
    "FallbackMethod", "FallbackUrl", "Method", "Status", "StatusCallback", "StatusCallbackMethod",
    "TimeLimit", "Twiml", "Url",
})
LIST_CALLS = frozenset({
    "EndTime", "EndTime<", "EndTime>", "From", "Page", "PageSize", "PageToken", "ParentCallSid",
    "StartTime", "StartTime<", "StartTime>", "Status", "To",
})
CREATE_MESSAGE = frozenset({
    "AddressRetention", "ApplicationSid", "Attempt", "Body", "ContentRetention", "ContentSid",
    "ContentVariables", "FallbackFrom", "ForceDelivery", "From", "MaxPrice", "MediaUrl",
    "MessagingServiceSid", "PersistentAction", "ProvideFeedback", "RiskCheck", "ScheduleType",
    "SendAsMms", "SendAt", "ShortenUrls", "SmartEncoded", "StatusCallback", "To", "TrafficType",
    "ValidityPeriod",
})
LIST_MESSAGES = frozenset({
    "DateSent", "DateSent<", "DateSent>", "From", "Page", "PageSize", "PageToken", "To",
})
# fmt: on
