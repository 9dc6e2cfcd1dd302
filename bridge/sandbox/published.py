"""Twilio's published parameter names, version 2010-04-01.

Facts of its OpenAPI description, github.com/twilio/twilio-oai at d50069b (14 April 2026),
spec/json/twilio_api_v2010.json.
"""


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


CREATE_CALL = _names(
    """
    ApplicationSid AsyncAmd AsyncAmdStatusCallback AsyncAmdStatusCallbackMethod Byoc CallReason
    CallToken CallerId ClientNotificationUrl FallbackMethod FallbackUrl From MachineDetection
    MachineDetectionSilenceTimeout MachineDetectionSpeechEndThreshold
    MachineDetectionSpeechThreshold MachineDetectionTimeout Method Record RecordingChannels
    RecordingStatusCallback RecordingStatusCallbackEvent RecordingStatusCallbackMethod
    RecordingTrack SendDigits SipAuthPassword SipAuthUsername StatusCallback StatusCallbackEvent
    StatusCallbackMethod TimeLimit Timeout To Trim Twiml Url
    """
)
UPDATE_CALL = _names(
    """
    FallbackMethod FallbackUrl Method Status StatusCallback StatusCallbackMethod TimeLimit Twiml
    Url
    """
)
LIST_CALLS = _names(
    """
    EndTime EndTime< EndTime> From Page PageSize PageToken ParentCallSid StartTime StartTime<
    StartTime> Status To
    """
)
CREATE_MESSAGE = _names(
    """
    AddressRetention ApplicationSid Attempt Body ContentRetention ContentSid ContentVariables
    FallbackFrom ForceDelivery From MaxPrice MediaUrl MessagingServiceSid PersistentAction
    ProvideFeedback RiskCheck ScheduleType SendAsMms SendAt ShortenUrls SmartEncoded
    StatusCallback To TrafficType ValidityPeriod
    """
)
LIST_MESSAGES = _names(
    """
    DateSent DateSent< DateSent> From Page PageSize PageToken To
    """
)
