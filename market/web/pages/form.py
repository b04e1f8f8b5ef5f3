"""A form as it was sent: fields of text."""

from litestar.params import URLEncodedBody

Form = URLEncodedBody[dict[str, str]]
