"""The words of the catalogue: kinds of service, care settings, units, organisation types, categories."""

from enum import StrEnum


class ServiceKind(StrEnum):
    """The eight kinds of special social services (each "social-...")."""

    DOMESTIC = "domestic"
    MEDICAL = "medical"
    PSYCHOLOGICAL = "psychological"
    PEDAGOGICAL = "pedagogical"
    LABOUR = "labour"
    CULTURAL = "cultural"
    ECONOMIC = "economic"
    LEGAL = "legal"


class CareSetting(StrEnum):
    IN_PATIENT = "in-patient"
    SEMI_IN_PATIENT = "semi-in-patient"
    HOME = "home"
    TEMPORARY_STAY = "temporary-stay"


class Unit(StrEnum):
    PERSON_DAY = "person-day"
    VISIT = "visit"
    HOUR = "hour"
    SESSION = "session"
    NIGHT = "night"


class CapacityUnit(StrEnum):
    PLACES = "places"
    MINUTES = "minutes"  # a week


class Category(StrEnum):
    """Who is served: the five categories of home care, and the grounds beside disability and age."""

    CHILD_PSYCHONEUROLOGICAL = "child-psychoneurological"  # 1.5 to 18
    CHILD_LOCOMOTOR = "child-locomotor"  # 1.5 to 18
    ADULT_PSYCHONEUROLOGICAL = "adult-psychoneurological"  # over 18
    DISABILITY_1_2 = "disability-1-2"  # groups I and II
    ELDERLY = "elderly"  # unable to care for themselves
    DIFFICULT_SITUATION = "difficult-situation"  # maladjustment, deprivation, difficult environment


class Language(StrEnum):
    KAZAKH = "kk"
    RUSSIAN = "ru"
    ENGLISH = "en"
