"""What a check of a broker finds."""

from enum import StrEnum


class Problem(StrEnum):
    """What keeps plugs from using the broker; the values are translation keys."""

    NOT_CONNECTED = "not_connected"
    HOST_UNKNOWN = "host_unknown"
    UNREACHABLE = "unreachable"
    NO_TLS = "no_tls"
    TLS_TOO_NEW = "tls_too_new"
    CLIENT_CERTIFICATE = "client_certificate"
    NOT_RSA = "not_rsa"
    NO_MQTT = "no_mqtt"
    MQTT_REFUSED = "mqtt_refused"
    LOGIN_REFUSED = "login_refused"
    MAY_NOT_SUBSCRIBE = "may_not_subscribe"
    MAY_NOT_PUBLISH = "may_not_publish"
    OTHER_BROKER = "other_broker"
