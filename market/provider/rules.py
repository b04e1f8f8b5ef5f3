from enum import StrEnum


class Sector(StrEnum):
    STATE = "state"
    NGO = "ngo"
    BUSINESS = "business"


class OrganisationType(StrEnum):
    """The network's types, with the branches counted in 2016."""

    GENERAL_HOME = "general-home"
    PSYCHONEUROLOGICAL_HOME = "psychoneurological-home"
    CHILDREN_LOCOMOTOR_HOME = "children-locomotor-home"
    CHILDREN_PSYCHONEUROLOGICAL_HOME = "children-psychoneurological-home"
    DAY_STAY = "day-stay"
    REHABILITATION_CENTRE = "rehabilitation-centre"
    ADAPTATION_CENTRE = "adaptation-centre"
    HOME_CARE_PSYCHONEUROLOGICAL = "home-care-psychoneurological"
    HOME_CARE_ELDERLY = "home-care-elderly"
    HOME_CARE_MIXED = "home-care-mixed"
    HOME_CARE_WITHOUT_BRANCHES = "home-care-without-branches"
    NGO = "ngo"


class ProviderStatus(StrEnum):
    REGISTERED = "registered"
    ADMITTED = "admitted"
    SUSPENDED = "suspended"


class OfferStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
